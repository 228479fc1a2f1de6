"""A recycle bin with jobs in memory, and what every call to it goes through: time, and what may go wrong."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal, TypeVar

from msgspec import structs

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.core.errors import NoAnswer, NotFound, Refused, SlotBusy, Throttled
from functions.retention.core.job import HISTORY, Job
from functions.retention.core.recycle_bin import BinAttributes, JobList, Page, RecentDirectory
from functions.retention.core.service_time import format_service_time
from tests.unit.retention.bins import TreeBin

T = TypeVar("T")
Mishap = Literal[
    "crash-before", "crash-after", "silence-before", "silence-after", "throttle", "refuse", "slow-before", "slow-after"
]
FILE_SYSTEM = "fs"
ROOMY = BinAttributes(enabled=True, reserved_days=180, size=10**9)


class Crash(BaseException):
    """The instance died."""


@dataclass
class Line:
    """What every call of every service goes through: it takes time and may go wrong.

    Attributes:
        clock: time.
        calls: so many were made.
        slowness: seconds more that a slow call takes, before or after its effect.
        mishaps: what happens to which call, counted from 1.
    """

    clock: VirtualClock
    calls: int = 0
    slowness: float = 20.0
    mishaps: dict[int, Mishap] = field(default_factory=dict)

    def after(self, calls: int, mishap: Mishap) -> None:
        """Let it happen to the call after so many others."""
        self.mishaps[self.calls + calls + 1] = mishap

    def call(self, operation: str, seconds: float, effect: Callable[[], T]) -> T:
        """One call."""
        self.calls += 1
        mishap = self.mishaps.pop(self.calls, None)
        self.clock.sleep(seconds + self.slowness * (mishap == "slow-before"))
        if mishap == "crash-before":
            raise Crash(operation)
        if mishap == "throttle":
            raise Throttled(operation, "Throttling", "slow down")
        if mishap == "refuse":
            raise Refused(operation, "Forbidden", "no")
        if mishap == "silence-before":
            raise NoAnswer(operation, "Timeout", "nothing")
        result = effect()
        self.clock.sleep(self.slowness * (mishap == "slow-after"))
        if mishap == "crash-after":
            raise Crash(operation)
        if mishap == "silence-after":
            raise NoAnswer(operation, "Timeout", "nothing")
        return result


@dataclass
class Work:
    """A job in the bin.

    Attributes:
        job: as it is listed.
        token: its idempotency token.
        ends_at: when it ends by itself, epoch seconds.
        then: what it does at its end.
        end: its status then.
    """

    job: Job
    token: str
    ends_at: float
    then: Callable[[], object]
    end: str = "success"


@dataclass
class JobBin:
    """A `TreeBin` with jobs, one at a time; satisfies `RecycleBin`.

    Attributes:
        line: of all calls.
        tree: what is in it.
        base: seconds a job takes.
        per_entry: seconds more for each entry.
        ends: how the next of our jobs end; success when it is empty.
        unlisted_for: seconds until a new job shows in the list.
        timeless: the list gives no CreateTime.
        works: all jobs, oldest first.
        by_token: jobs by idempotency token.
        ours: ids of the jobs that were created through the API for us.
        cancelled_by_us: ids of jobs that code of ours cancelled.
        watcher: told of every job of ours before it is created: file id and token.
        silent: asked for every deletion, operation and file id; whether the call gets no answer and no effect.
        listings: asked for every listing, by the id of the directory; the error that it gets.
        refusals: asked for every deletion, by file id; the error that it gets.
        attributes_now: of the bin.
        told_size: what the service tells of its size; None for the one in `attributes_now`.
        tags_now: of the file system.
        skew: seconds by which the service's clock is ahead.
    """

    line: Line
    tree: TreeBin = field(default_factory=TreeBin)
    base: float = 10.0
    per_entry: float = 0.01
    ends: list[str] = field(default_factory=list)
    unlisted_for: float = 0.0
    timeless: bool = False
    works: list[Work] = field(default_factory=list)
    by_token: dict[str, Work] = field(default_factory=dict)
    ours: set[str] = field(default_factory=set)
    cancelled_by_us: list[str] = field(default_factory=list)
    watcher: Callable[[str, str], object] = lambda _file_id, _token: None
    silent: Callable[[str, str], bool] = lambda _operation, _file_id: False
    listings: Callable[[str], Exception | None] = lambda _file_id: None
    refusals: Callable[[str], Exception | None] = lambda _file_id: None
    attributes_now: BinAttributes = ROOMY
    told_size: Callable[[], int | None] | None = None
    tags_now: Mapping[str, str] = field(default_factory=dict)
    skew: float = 0.0

    def __post_init__(self) -> None:
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count(1)

    @property
    def now(self) -> float:
        """By our clock."""
        return self.line.clock.now()

    # What people do.

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Have somebody do something."""
        heapq.heappush(self._agenda, (self.now + seconds, next(self._numbers), act))

    def restore(self, file_id: str, seconds: float, *, delete_again: bool = False) -> None:
        """A person restores an entry if the slot is free, and may delete it again as soon as it is back."""
        if self.holder() is None and file_id in self.tree.all_entries():
            then = self._again if delete_again else self.tree.delete
            self._begin("Restore", file_id, "", seconds, lambda: then(file_id))

    def remove(self, file_id: str, seconds: float) -> None:
        """A person deletes an entry for good if the slot is free."""
        if self.holder() is None and file_id in self.tree.all_entries():
            self._begin("Delete", file_id, "", seconds, lambda: self.tree.delete(file_id))

    def stop(self) -> None:
        """A person cancels whatever job runs."""
        holder = self.holder()
        if holder is not None:
            holder.job = replace(holder.job, status="cancelled")

    def _again(self, file_id: str) -> None:
        """Everything at and below an entry was restored and deleted again: the same ids, another DeleteTime."""
        pending = {file_id}
        while pending:
            below = {entry.file_id for each in pending for entry in self.tree.entries.get(each, [])}
            for members in self.tree.entries.values():
                for number, entry in enumerate(members):
                    if entry.file_id in pending:
                        members[number] = structs.replace(entry, delete_time=format_service_time(self.now))
            pending = below

    # How time passes in it.

    def holder(self) -> Work | None:
        """The running job."""
        last = self.works[-1] if self.works else None
        return last if last is not None and last.job.is_active else None

    def catch_up(self) -> None:
        """Let happen what was due."""
        while True:
            holder = self.holder()
            ends_at = holder.ends_at if holder is not None else float("inf")
            acts_at = self._agenda[0][0] if self._agenda else float("inf")
            if min(ends_at, acts_at) > self.now:
                return
            if holder is not None and ends_at <= acts_at:
                self._end(holder)
            else:
                heapq.heappop(self._agenda)[2]()

    def _end(self, work: Work) -> None:
        code = "" if work.end in ("success", "cancelled") else "InternalError"
        work.job = replace(work.job, status=work.end, progress=100, error_code=code)
        if work.end == "success" and work.job.file_id in self.tree.all_entries():
            work.then()

    def _begin(self, kind: str, file_id: str, token: str, seconds: float, then: Callable[[], object]) -> Work:
        created_at = float(int(self.now + self.skew))
        job = Job(f"rb-{len(self.works) + 1}", kind, file_id, "running", 1, created_at)
        self.works.append(Work(job, token, self.now + seconds, then))
        return self.works[-1]

    # What the service does.

    @property
    def file_system_id(self) -> str:
        """See `RecycleBin`."""
        return FILE_SYSTEM

    def attributes(self) -> BinAttributes:
        """See `RecycleBin`."""
        return self._call("attributes", self._attributes)

    def _attributes(self) -> BinAttributes:
        size = self.attributes_now.size if self.told_size is None else self.told_size()
        return replace(self.attributes_now, size=size, service_time=self._date())

    def tags(self) -> Mapping[str, str]:
        """See `RecycleBin`."""
        return self._call("tags", lambda: self.tags_now)

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        """See `RecycleBin`."""
        del token
        return self._call("recents", lambda: (self._recents(), ""))

    def _recents(self) -> list[RecentDirectory]:
        return [RecentDirectory(each, self.tree.paths[each]) for each in self.tree.entries if each in self.tree.paths]

    def page(self, file_id: str, token: str = "") -> Page:
        """See `RecycleBin`."""
        asked_at = self.now
        if (error := self.listings(file_id)) is not None:
            self.line.call("page", 10.0, lambda: None)
            raise error
        return replace(self._call("page", lambda: self.tree.page(file_id, token)), listed_at=asked_at)

    def jobs(self) -> JobList:
        """See `RecycleBin`."""
        asked_at = self.now
        return replace(self._call("jobs", self._jobs), asked_at=asked_at)

    def job(self, job_id: str) -> Job:
        """See `RecycleBin`; the service knows the newest jobs only."""
        return self._call("job", lambda: self._job(job_id))

    def _job(self, job_id: str) -> Job:
        for job in self._jobs().newest:
            if job.id == job_id:
                return job
        raise NotFound("job", "InvalidJobId.NotFound", job_id)

    def _jobs(self) -> JobList:
        shown = [work.job for work in self.works if self._is_listed(work.job)]
        shown = [replace(job, created_at=None) for job in shown] if self.timeless else shown
        return JobList(shown[: -HISTORY - 1 : -1], self._date(), self.now)

    def _date(self) -> float:
        return float(int(self.now + self.skew))

    def _is_listed(self, job: Job) -> bool:
        return (job.created_at or 0.0) - self.skew + self.unlisted_for <= self.now

    def delete(self, file_id: str, client_token: str, *, before: float) -> str:
        """See `RecycleBin`."""
        assert self.now <= before
        if self.silent("delete", file_id):
            raise NoAnswer("delete", "Timeout", file_id)
        if (error := self.refusals(file_id)) is not None:
            raise error
        return self._call("delete", lambda: self._delete(file_id, client_token))

    def _delete(self, file_id: str, token: str) -> str:
        known = self.by_token.get(token)
        if known is not None:
            return known.job.id
        if self.holder() is not None:
            raise SlotBusy("delete", "OperationDenied.TooManyRunningJobs", file_id)
        if file_id not in self.tree.all_entries():
            raise NotFound("delete", "InvalidFileId.NotFound", file_id)
        self.watcher(file_id, token)
        entries = sum(1 for _ in subtree(self.tree, file_id))
        work = self._begin(
            "Delete", file_id, token, self.base + self.per_entry * entries, lambda: self.tree.delete(file_id)
        )
        work.end = self.ends.pop(0) if self.ends else "success"
        self.by_token[token] = work
        self.ours.add(work.job.id)
        return work.job.id

    def cancel(self, job_id: str) -> None:
        """See `RecycleBin`."""
        self.cancelled_by_us.append(job_id)

    def _call(self, operation: str, effect: Callable[[], T]) -> T:
        def on_time() -> T:
            self.catch_up()
            return effect()

        return self.line.call(operation, 0.1, on_time)


def subtree(tree: TreeBin, file_id: str) -> Sequence[str]:
    """The ids of an entry and of all below it."""
    below = [each for entry in tree.entries.get(file_id, []) for each in subtree(tree, entry.file_id)]
    return [file_id, *below]
