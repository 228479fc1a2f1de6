"""What is asked before the next job: did the first jobs do what they were for, and do the limits allow it?"""

from collections.abc import Callable
from dataclasses import dataclass

from functions.retention.core import EndReason, RunOver
from functions.retention.jobs.progress import Progress
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

    def verify(self, failures: int, still_there: Callable[[Target], bool]) -> None:
        """Let the run go on if the first jobs did what they were for. All outcomes have to be known.

        Args:
            failures: jobs that did not succeed, also those that were tried again since.
            still_there: lists again and says whether a target is still in the bin.

        Raises:
            RunOver: they did not.
        """
        if failures > 0:
            raise RunOver(EndReason.CANARY_FAILED, f"{failures} of the first jobs did not succeed")
        left = next((target for target in self._targets if still_there(target)), None)
        if left is not None:
            raise RunOver(EndReason.CANARY_FAILED, f"the job for {left.path} succeeded, and it is still in the bin")
        self._passed = True


@dataclass(frozen=True, slots=True)
class SliceBounds:
    """What bounds one slice of a purge.

    Attributes:
        deadline: epoch seconds after which nothing is begun in this slice.
        began_at: when the run began, epoch seconds.
        reserved_days: days after which entries expire by themselves; 0 when unknown.
        announced: targets (file id, DeleteTime) that an earlier try at this very slice announced, and that are counted.
    """

    deadline: float
    began_at: float
    reserved_days: int = 0
    announced: frozenset[tuple[str, str]] = frozenset()
