"""The one job slot of a file system: jobs that live on the clock and take effect when somebody looks.

Documented: one job, delete or restore, at a time; states Running, Defragmenting (after a restore), Success,
PartialSuccess, Fail, Cancelled; Progress "1" to "100"; only Running jobs can be cancelled, and what was purged or
restored by then stays so (API metadata; CancelRecycleBinJob page). Assumed: durations, and in which order a
subtree is worked through (deletes from the leaves up, restores from the top down).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from aliyun_fakes.nas.entries import Node, entry_of, recycled_below
from aliyun_fakes.nas.job_behaviour import DurationModel, JobFault
from aliyun_fakes.nas.settings import JobType
from aliyun_fakes.nas.tree import Tree

JobStatus = Literal["Running", "Defragmenting", "PartialSuccess", "Success", "Fail", "Cancelled"]
STATUSES: tuple[JobStatus, ...] = ("Running", "Defragmenting", "PartialSuccess", "Success", "Fail", "Cancelled")


@dataclass(slots=True, eq=False)
class Job:
    """One job.

    Attributes:
        id: as the API shows it; opaque.
        file_id: of its object.
        start: when it was created, seconds since the epoch.
        work_ends: when its work is due to be done.
        ends: when it is due to end, later than `work_ends` when it defragments.
        end: when it did end; None while it has not.
        status: of the moment it was last looked at.
        node: its object.
        target: the directory a restore restores to.
        fault: how it will go wrong, if so.
        work: what is to be processed, in order; emptied at the end.
        done: how much of `work` is processed.
    """

    id: str
    type: JobType
    file_id: str
    file_name: str
    start: float
    work_ends: float
    ends: float
    node: Node = field(repr=False)
    target: Node | None = field(default=None, repr=False)
    fault: JobFault | None = None
    work: list[Node] = field(default_factory=list, repr=False)
    done: int = 0
    status: JobStatus = "Running"
    end: float | None = None
    error_code: str = ""
    error_message: str = ""
    final_progress: int = 100

    def share(self, now: float) -> float:
        """How much of the work time is over, 0 to 1."""
        length = self.work_ends - self.start
        return min(1.0, (now - self.start) / length) if length > 0 else 1.0

    def progress(self, now: float) -> int:
        """Per cent, 1 to 100: 100 from the end of the work on, what it had come to if it ended badly."""
        if self.end is not None or self.status == "Defragmenting":
            return self.final_progress
        return max(1, min(99, int(100 * self.share(now))))

    @property
    def next_change(self) -> float:
        """When something is due to happen to it by itself."""
        if self.end is not None:
            return inf
        return self.work_ends if self.status == "Running" else self.ends


class JobSlot:
    """Jobs of one file system.

    Args:
        tree: what they work on.

    Attributes:
        durations: of the jobs from now on.
        faults: of the jobs from now on.
        log: every job ever, oldest first; the API shows only the newest.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.durations = DurationModel()
        self.faults: list[JobFault] = []
        self.log: list[Job] = []
        self._open: list[Job] = []

    @property
    def holder(self) -> Job | None:
        """The job that keeps others from starting, if any."""
        blocks = self._tree.settings.defragmenting_blocks
        return next((job for job in self._open if blocks or job.status == "Running"), None)

    def start(self, kind: JobType, node: Node, target: Node | None, job_id: str, now: float) -> Job:
        """Start a job on a node; the caller has checked that it may."""
        work = _work_of(kind, node)
        fault = self._fault(str(node.inode))
        seconds = self._seconds(node, work)
        defragments = kind == "Restore" and fault is None
        job = Job(
            id=job_id,
            type=kind,
            file_id=str(node.inode),
            file_name=node.name,
            start=now,
            work_ends=now + seconds,
            ends=now + seconds + (self._tree.settings.defragment_seconds if defragments else 0.0),
            node=node,
            target=target,
            fault=fault,
            work=work,
        )
        self.log.append(job)
        self._open.append(job)
        return job

    def cancel(self, job: Job, now: float) -> bool:
        """Stop a Running job now; what it has done stays done. False if it is not Running."""
        if job.status != "Running":
            return False
        self._work(job, job.share(now))
        job.final_progress = job.progress(now)
        self._end(job, "Cancelled", now)
        return True

    def next_change(self) -> float:
        """When the next job is due to end or to go on to its next state."""
        return min((job.next_change for job in self._open), default=inf)

    def change(self, now: float) -> None:
        """Let every job come to the state it has at a moment no later than the next change."""
        for job in list(self._open):
            if job.status == "Running" and now < job.work_ends:
                if self._tree.settings.removal == "progressive":
                    self._work(job, job.share(now))
            elif job.status == "Running":
                self._finish_work(job)
            elif now >= job.ends:
                self._end(job, "Success", job.ends)

    def _finish_work(self, job: Job) -> None:
        self._work(job, 1.0 if job.fault is None else job.fault.removes_share)
        if job.target is not None and not self._exists(job.target):
            job.error_code, job.error_message = "InvalidTargetFileId.NotFound", "The target directory was deleted."
            self._end(job, "Fail", job.work_ends)
        elif job.fault is not None:
            job.error_code, job.error_message = job.fault.error_code, job.fault.error_message
            job.final_progress = max(1, int(100 * job.fault.removes_share))
            self._end(job, job.fault.status, job.work_ends)
        elif job.ends > job.work_ends:
            job.status = "Defragmenting"
        else:
            self._end(job, "Success", job.work_ends)

    def _end(self, job: Job, status: JobStatus, now: float) -> None:
        job.status, job.end = status, now
        job.work = []
        self._open.remove(job)

    def _work(self, job: Job, share: float) -> None:
        """Process the work up to a share of it."""
        upto = int(share * len(job.work))
        whole = job.done == 0 and upto == len(job.work)
        if whole and job.type == "Delete" and not job.node.is_live:
            self._tree.purge(job.node)
        else:
            for node in job.work[job.done : upto]:
                self._process(job, node)
        job.done = max(job.done, upto)

    def _process(self, job: Job, node: Node) -> None:
        """One node; one that has left the bin meanwhile, or whose parent is not back, is passed over."""
        if node.is_live:
            return
        if job.type == "Delete":
            self._tree.purge(node)
            return
        target = job.target if node is job.node else node.parent
        if target is not None and self._exists(target):
            self._tree.restore(node, target)

    def _exists(self, node: Node) -> bool:
        return node.is_live and self._tree.nodes.get(node.inode) is node

    def _seconds(self, node: Node, work: Sequence[Node]) -> float:
        if node.is_live:
            return self.durations.base + self.durations.per_entry * len(work)
        return self.durations.seconds(entry_of(node), len(work), sum(below.size for below in work))

    def _fault(self, file_id: str) -> JobFault | None:
        number = len(self.log) + 1
        for fault in self.faults:
            if fault.strikes(number, file_id) and self._used(fault) < fault.times:
                return fault
        return None

    def _used(self, fault: JobFault) -> int:
        return sum(job.fault is fault for job in self.log) if fault.nth is None else 0


def _work_of(kind: JobType, node: Node) -> list[Node]:
    below = list(recycled_below(node))
    if kind == "Restore":
        return [node, *below]
    return below[::-1] if node.is_live else [*below[::-1], node]


def related(one: Node, other: Node) -> bool:
    """Whether two nodes are the same or one is above the other."""
    return _is_above(one, other) or _is_above(other, one)


def _is_above(upper: Node, lower: Node) -> bool:
    while lower is not upper:
        if lower.parent is lower:
            return False
        lower = lower.parent
    return True
