"""What can stop a run between two jobs: the hold tag, the window, a person's cancel."""

from collections.abc import Callable, Mapping

from functions.retention.core import CloudError, EndReason, RecycleBin, RunEnd, end_if
from functions.retention.policy import Guardrails, is_open, odd_protect_tag, paused_by, when_open

LOOK_EVERY = 55.0
"""Seconds between looks within a slice at the tags and whether the run was cancelled."""

IN_FORCE_AFTER = 60.0
"""Seconds after which no job is created on what a person stopped: a look, and the five that a decision may be old."""

_SHOWN_WINDOWS = 3

CANCELLED = RunEnd(EndReason.CANCELLED, "a person cancelled the run")


def read_tags(recycle_bin: RecycleBin) -> Mapping[str, str] | None:
    """The file system's tags; None when they cannot be read."""
    try:
        return recycle_bin.tags()
    except CloudError:
        return None


def held_by(guardrails: Guardrails, tags: Mapping[str, str] | None, now: float) -> RunEnd | None:
    """The end that the hold tag or a pause puts to runs now (epoch seconds); None when neither does."""
    if tags is None:
        return RunEnd(EndReason.TAGS_UNREADABLE, "the tags cannot be read, so the hold tag may be set")
    held = f"it carries the tag {guardrails.hold_tag}" if guardrails.holds(tags) else None
    found = "; ".join(filter(None, (held, paused_by(tags, now))))
    return RunEnd(EndReason.HELD, found) if found else None


def stopped_by(guardrails: Guardrails, tags: Mapping[str, str] | None, now: float) -> RunEnd | None:
    """The end that tags put to runs now (epoch seconds): a hold, a pause, or paths to protect that cannot be read."""
    odd = odd_protect_tag(tags) if tags is not None else None
    return held_by(guardrails, tags, now) or (RunEnd(EndReason.PROTECT_TAG_UNREADABLE, odd) if odd else None)


def outside_window(guardrails: Guardrails, now: float) -> RunEnd | None:
    """The end that the window puts to runs now (epoch seconds); None while it is open."""
    windows = guardrails.window
    if is_open(windows, now):
        return None
    allowed = "; ".join(map(str, windows[:_SHOWN_WINDOWS]))
    return RunEnd(EndReason.WINDOW_CLOSED, f"{when_open(windows, now)}; jobs may start {allowed}")


def _unchanged(_: Mapping[str, str]) -> None:
    """Nobody asked what follows from the tags."""


class Watch:
    """Looks every minute at the tags and whether a person cancelled the run, and at the window always.

    Args:
        recycle_bin: whose tags are read.
        guardrails: which tag, which window.
        looked_at: when that was last looked at, epoch seconds.
        enforcing: a dry run is not bound to the window.
        is_cancelled: whether a person cancelled the run; None when the log does not answer.
        changed: the end that changed tags put to the run.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        guardrails: Guardrails,
        *,
        looked_at: float,
        enforcing: bool,
        is_cancelled: Callable[[], bool | None],
        changed: Callable[[Mapping[str, str]], RunEnd | None] = _unchanged,
    ) -> None:
        self._bin, self._guardrails, self._looked_at, self._enforcing = recycle_bin, guardrails, looked_at, enforcing
        self._is_cancelled, self._changed = is_cancelled, changed

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
        tags = read_tags(self._bin)
        end_if(stopped_by(self._guardrails, tags, now))  # first: the log may take its time
        end_if(self._changed(tags or {}))
        if self._is_cancelled():
            end_if(CANCELLED)
