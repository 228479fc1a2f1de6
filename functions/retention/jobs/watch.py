"""What can stop a run between two jobs: the hold tag, the window, a person's cancel."""

from collections.abc import Callable, Mapping

from functions.retention.core import CloudError, EndReason, RecycleBin, RunEnd, end_if
from functions.retention.policy import Guardrails, odd_protect_tag

LOOK_EVERY = 60.0
"""Seconds between looks within a slice at the hold tag and whether the run was cancelled."""

CANCELLED = RunEnd(EndReason.CANCELLED, "a person cancelled the run")


def read_tags(recycle_bin: RecycleBin) -> Mapping[str, str] | None:
    """The file system's tags; None when they cannot be read."""
    try:
        return recycle_bin.tags()
    except CloudError:
        return None


def held_by(guardrails: Guardrails, tags: Mapping[str, str] | None) -> RunEnd | None:
    """The end that the hold tag puts to runs on the file system; None when it does not."""
    if not guardrails.holds(tags):
        return None
    if tags is None:
        return RunEnd(EndReason.TAGS_UNREADABLE, "the tags cannot be read, so the hold tag may be set")
    return RunEnd(EndReason.HELD, f"it carries the tag {guardrails.hold_tag}")


def stopped_by(guardrails: Guardrails, tags: Mapping[str, str] | None) -> RunEnd | None:
    """The end that tags put to runs on the file system: a hold, or paths to protect that cannot be read."""
    odd = odd_protect_tag(tags) if tags is not None else None
    return held_by(guardrails, tags) or (RunEnd(EndReason.PROTECT_TAG_UNREADABLE, odd) if odd else None)


def outside_window(guardrails: Guardrails, now: float) -> RunEnd | None:
    """The end that the window puts to runs now (epoch seconds); None while it is open."""
    window = guardrails.window
    if window is None or window.open_at(now):
        return None
    return RunEnd(EndReason.WINDOW_CLOSED, f"jobs may start {window.hours} {window.time_zone}")


class Watch:
    """Looks every minute at the hold tag and whether a person cancelled the run, and at the window always.

    Args:
        recycle_bin: whose tags are read.
        guardrails: which tag, which window.
        looked_at: when that was last looked at, epoch seconds.
        enforcing: a dry run is not bound to the window.
        is_cancelled: whether a person cancelled the run; None when the log does not answer.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        guardrails: Guardrails,
        *,
        looked_at: float,
        enforcing: bool,
        is_cancelled: Callable[[], bool | None],
    ) -> None:
        self._bin, self._guardrails, self._looked_at, self._enforcing = recycle_bin, guardrails, looked_at, enforcing
        self._is_cancelled = is_cancelled

    def check(self, now: float) -> None:
        """Let the run go on now (epoch seconds).

        Raises:
            RunOver: it has to end.
        """
        if self._enforcing:
            end_if(outside_window(self._guardrails, now))
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        if self._is_cancelled():
            end_if(CANCELLED)
        end_if(stopped_by(self._guardrails, read_tags(self._bin)))
