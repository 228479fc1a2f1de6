"""What bounds the targets of capacity rules in a purge: the size of the bin now, and what others do to the bin."""

from collections.abc import Callable, Mapping, Sequence

from functions.retention.audit import ROUNDING, RunLedger
from functions.retention.core import EndReason, Job, NoAnswer, RunOver
from functions.retention.walk import Target

REACHED = "bin-is-below"
"""Why a target of the run's set is left: the bin is below the rule's size already."""


class CapacityGuard:
    """Lets a target of a capacity rule go while nobody else changed the bin and the bin is over the rule's size.

    The set of the run is the other bound. It holds whatever the service says of the size, or how late.

    Args:
        ledger: tells which jobs are of this run.
        since: when the survey began, epoch seconds.
        left: by number of the rule, bytes by which the bin is over its size as this slice begins; None when the
            service does not tell, and then the set alone bounds. Empty for a run without such a rule.
    """

    def __init__(self, ledger: RunLedger, *, since: float, left: Mapping[int, int | None]) -> None:
        self._ledger, self._since, self._left = ledger, since, dict(left)
        self._known: set[str] = set()
        self._in_doubt = False

    def sees_others(self, jobs: Sequence[Job], is_ours: Callable[[Job], bool], ahead: float) -> bool:
        """Whether a list shows a job that is not of this run, and came since the survey began or runs now.

        Args:
            jobs: the list.
            is_ours: whether this slice knows a job as one of the run.
            ahead: seconds by which the service's clock is ahead of ours.
        """
        if not self._left:
            return False
        fresh = [job for job in jobs if job.id not in self._known and self._counts(job, ahead)]
        strange = [job for job in fresh if not job.is_delete or not is_ours(job)]
        others = self._of_others(strange, ahead) if strange else []
        self._in_doubt = others is None
        if others is None:
            return False
        self._known.update(job.id for job in fresh)
        return bool(others)

    def check(self, target: Target, others_at: float | None) -> None:
        """Let a target go unless a capacity rule takes it and the bin is not what the survey counted.

        Args:
            target: of the run's set.
            others_at: see `Progress.others_at`.

        Raises:
            RunOver: somebody else changed the bin.
            NoAnswer: the log does not say whether somebody else did.
        """
        if not target.rule:
            return
        if others_at is not None:
            what = "somebody else restored or deleted something since the survey began, so its sum counts no more"
            raise RunOver(EndReason.BIN_CHANGED, what)
        if self._in_doubt:
            raise NoAnswer("GetLogs", "Unknown", "the log does not say whose jobs changed the bin since the survey")

    def reason_to_leave(self, target: Target) -> str:
        """Why a target stays; "" when it may go."""
        left = self._left.get(target.rule) if target.rule else None
        return REACHED if left is not None and left <= 0 else ""

    def count(self, target: Target) -> None:
        """A target has its job. What is of unknown size may have been all that the bin was over."""
        size = target.size
        for rule, left in self._left.items():
            if left is not None:
                self._left[rule] = 0 if size is None else left - size

    def _counts(self, job: Job, ahead: float) -> bool:
        return job.is_active or job.created_at is None or job.created_at - ahead >= self._since - ROUNDING

    def _of_others(self, jobs: Sequence[Job], ahead: float) -> list[Job] | None:
        """The jobs that are not of this run; None when the log does not answer."""
        created = [job.created_at - ahead for job in jobs if job.created_at is not None]
        mine = self._ledger.created_jobs(min([self._since, *created]))
        if mine is None:
            return None
        return [job for job in jobs if job.id not in mine and not self._ledger.is_of_run(job, ahead)]
