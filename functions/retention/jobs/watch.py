"""What can stop a run between two jobs: the hold tag, the window, a person's cancel."""

from collections.abc import Callable, Mapping

from functions.retention.core import CloudError, RecycleBin, RunEnd
from functions.retention.policy import Guardrails

LOOK_EVERY = 60.0
"""Seconds between looks within a slice at the hold tag and whether the run was cancelled."""

CANCELLED = RunEnd("cancelled", "a person cancelled the run")


def read_tags(recycle_bin: RecycleBin) -> Mapping[str, str] | None:
    """The file system's tags; None when they cannot be read."""
    try:
        return recycle_bin.tags()
    except CloudError:
        return None


def held_by(guardrails: Guardrails, tags: Mapping[str, str] | None) -> RunEnd | None:
    """Whether the hold tag stops everything on the file system."""
    if not guardrails.holds(tags):
        return None
    if tags is None:
        return RunEnd("tags-unreadable", "the tags cannot be read, so the hold tag may be set")
    return RunEnd("held", f"it carries the tag {guardrails.hold_tag}")


def outside_window(guardrails: Guardrails, now: float) -> RunEnd | None:
    """Whether jobs may not start now."""
    window = guardrails.window
    if window is None or window.open_at(now):
        return None
    return RunEnd("window-closed", f"jobs may start {window.hours} {window.time_zone}")


class Watch:
    """Looks every minute at the hold tag and whether a person cancelled the run, and at the window always.

    Args:
        recycle_bin: whose tags are read.
        guardrails: which tag, which window.
        looked_at: when that was last looked at, epoch seconds.
        enforcing: a dry run is not bound to the window.
        is_cancelled: whether a person cancelled the run.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        guardrails: Guardrails,
        *,
        looked_at: float,
        enforcing: bool,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._bin, self._guardrails, self._looked_at, self._enforcing = recycle_bin, guardrails, looked_at, enforcing
        self._is_cancelled = is_cancelled

    def stop(self, now: float) -> RunEnd | None:
        """Whether the run has to end now (epoch seconds)."""
        if self._enforcing and (closed := outside_window(self._guardrails, now)):
            return closed
        if now - self._looked_at < LOOK_EVERY:
            return None
        self._looked_at = now
        if self._is_cancelled():
            return CANCELLED
        return held_by(self._guardrails, read_tags(self._bin))
