"""The canary: after the first jobs of a run it is verified that they did what they were for."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.retention.core import RunEnd
from functions.retention.jobs.progress import Progress
from functions.retention.policy import Limits
from functions.retention.walk import Target


class CanaryGuard:
    """Keeps the first targets of a run and verifies what became of them.

    Args:
        jobs: after how many of them; 0 never.
        progress: of the run so far; those of earlier slices count, though only their outcomes can be verified then.
    """

    def __init__(self, jobs: int, progress: Progress) -> None:
        self._jobs = jobs
        self._targets: list[Target] = []
        self._passed = progress.canary_passed

    def keep(self, target: Target) -> None:
        """A job was created for this target."""
        if len(self._targets) < self._jobs:
            self._targets.append(target)

    def is_due(self, progress: Progress) -> bool:
        """Whether no other job may be created before `verify`."""
        return 0 < self._jobs <= progress.jobs and not self._passed

    def verify(self, failures: int, still_there: Callable[[Target], bool]) -> RunEnd | None:
        """Why the run has to end, or None when it may go on. All outcomes have to be known.

        Args:
            failures: jobs that did not succeed, also those that were tried again since.
            still_there: lists again and says whether a target is still in the bin.
        """
        if failures > 0:
            return RunEnd("canary-failed", f"{failures} of the first jobs did not succeed")
        left = next((target for target in self._targets if still_there(target)), None)
        if left is not None:
            return RunEnd("canary-failed", f"the job for {left.path} succeeded, and it is still in the bin")
        self._passed = True
        return None


@dataclass(frozen=True, slots=True)
class LimitGuard:
    """What bounds a purge.

    Attributes:
        limits: of jobs and bytes for the whole run.
        deadline: epoch seconds after which nothing is begun in this slice.
        began_at: when the run began, epoch seconds.
        reserved_days: days after which entries expire by themselves; 0 when unknown.
        announced: targets (file id, DeleteTime) that an earlier try at this very slice announced, and that are counted.
        listed: entries the survey judged, for the limit on their share; 0 when there was none.
        up_to: only so many targets are to go; None: all.
    """

    limits: Limits
    deadline: float
    began_at: float
    reserved_days: int = 0
    announced: frozenset[tuple[str, str]] = frozenset()
    listed: int = 0
    up_to: int | None = None

    def stop_before(self, progress: Progress, target: Target) -> RunEnd | None:
        """Why this target may not go for what went before it; not asked of one that is tried again."""
        jobs = progress.jobs + 1
        if self.up_to is not None and jobs > self.up_to:
            return RunEnd("completed", f"the first {self.up_to}, as asked")
        size = progress.announced_size + target.size
        share = (progress.announced_entries + target.entries) / self.listed if self.listed else 0.0
        broken = self.limits.broken_by(jobs=jobs, size=size, share=min(share, 1.0))
        return RunEnd("limits-exceeded", "; ".join(broken)) if broken else None
