"""A target: one entry that a run deletes by one job, and what hands targets out."""

from dataclasses import dataclass
from typing import Protocol

from functions.retention.core import Entry
from functions.retention.policy import Verdict
from functions.retention.walk.cursor import Cursor
from functions.retention.walk.directory import join


@dataclass(frozen=True, slots=True)
class Target:
    """One entry that goes, by one deletion job.

    Attributes:
        entry: as listed.
        verdict: why it goes.
        directory_id: the directory whose listing named it.
        directory: that directory's path.
        token: of the page that named it.
        listed_at: when that directory was listed, epoch seconds.
        size: bytes, of a directory with everything below; None when that, or a part of it, is not known.
        entries: how many entries go with it, itself included.
        cursor: where a walk finds it again.
        rule: number of the capacity rule that takes it, see `selection.Row`; 0 when any other policy does.
    """

    entry: Entry
    verdict: Verdict
    directory_id: str
    directory: str
    token: str
    listed_at: float
    size: int | None
    entries: int
    cursor: Cursor
    rule: int = 0

    @property
    def path(self) -> str:
        """Its absolute path before it was deleted."""
        return join(self.directory, self.entry.name)

    @property
    def identity(self) -> tuple[str, str]:
        """What must not change until its job is created."""
        return self.entry.file_id, self.entry.delete_time


class TargetSource(Protocol):
    """What hands out targets one after the other; `targets.TargetWalk` finds them in a bin."""

    @property
    def finished(self) -> bool:
        """Whether there are no more targets."""

    def peek(self) -> Target | None:
        """The next target, if one is at hand; `step` finds more."""

    def take(self) -> Target:
        """Remove and return the target that `peek` shows."""

    def take_changed(self) -> list[Target]:
        """Remove and return what is of the run's set and may not go any more, since it changed."""

    def step(self) -> None:
        """Look for more targets, by one listing at most. Raises `CloudError`, `RunOver`."""

    def recheck(self) -> None:
        """List the target at hand again and drop it unless it is still there and selected. Raises `CloudError`."""

    def look_again(self, target: Target) -> Target | None:
        """The target as it is now; None when it is gone, changed or no longer selected. Raises `CloudError`."""
