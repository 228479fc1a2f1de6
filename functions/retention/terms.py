"""What bounds a purge: limits, time, and what was announced already."""

from dataclasses import dataclass

from functions.retention.core import Stop
from functions.retention.message import Progress
from functions.retention.policy import Limits
from functions.retention.walk import Target


@dataclass(frozen=True, slots=True)
class Terms:
    """What bounds a purge.

    Attributes:
        limits: of jobs and bytes for the whole run.
        deadline: epoch seconds after which nothing is begun in this slice.
        began_at: when the run began, epoch seconds.
        reserved_days: days after which entries expire by themselves; 0 when unknown.
        announced: targets (file id, DeleteTime) that an earlier try at this very hop announced, and that are counted.
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

    def stop_before(self, progress: Progress, target: Target) -> Stop | None:
        """Why this target may not go for what went before it; not asked of one that is tried again."""
        jobs = progress.jobs + 1
        if self.up_to is not None and jobs > self.up_to:
            return Stop("completed", f"the first {self.up_to}, as asked")
        size = progress.announced_size + target.size
        share = (progress.announced_entries + target.entries) / self.listed if self.listed else 0.0
        broken = self.limits.broken_by(jobs=jobs, size=size, share=min(share, 1.0))
        return Stop("limits-exceeded", "; ".join(broken)) if broken else None
