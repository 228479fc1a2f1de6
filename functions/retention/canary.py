"""The canary: after the first jobs of a run it is verified that they did what they were for."""

from collections.abc import Callable

from functions.retention.core import Stop
from functions.retention.message import Progress
from functions.retention.walk import Target


class Canary:
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

    def verify(self, failures: int, still_there: Callable[[Target], bool]) -> Stop | None:
        """Why the run has to end, or None when it may go on. All outcomes have to be known.

        Args:
            failures: jobs that did not succeed, also those that were tried again since.
            still_there: lists again and says whether a target is still in the bin.
        """
        if failures > 0:
            return Stop("canary-failed", f"{failures} of the first jobs did not succeed")
        left = next((target for target in self._targets if still_there(target)), None)
        if left is not None:
            return Stop("canary-failed", f"the job for {left.path} succeeded, and it is still in the bin")
        self._passed = True
        return None
