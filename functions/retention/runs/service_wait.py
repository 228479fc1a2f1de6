"""Waiting for a service that answers nobody: ever longer, and not for ever."""

from dataclasses import replace

from functions.retention.core import CloudError, EndReason, RunOver
from functions.retention.runs.message import RunMessage

FIRST_WAIT = 300.0

LONGEST_WAIT = 1_800.0
"""Seconds. With these waits a silent service is asked at most 60 times an hour: a slice asks six times and gives up."""

PATIENCE = 6 * 3_600.0
"""Seconds without any answer after which the run ends."""


def is_of_bin(error: CloudError) -> bool:
    """Whether it was NAS that did not answer, not the log or the queue; all operations on bins have that name."""
    return "Recycle" in error.operation


def wait_for(message: RunMessage, error: CloudError, now: float) -> tuple[RunMessage, float]:
    """The position with the silence counted, and seconds until the same slice is tried again.

    Args:
        message: of the slice, which did nothing.
        error: what it got instead of an answer.
        now: epoch seconds.

    Raises:
        RunOver: it waited long enough.
    """
    progress = message.progress
    since = progress.silent_since or now
    if now - since >= PATIENCE:
        raise RunOver(EndReason.SERVICE_UNAVAILABLE, f"no answer for {(now - since) / 3600:.1f} h; the last: {error}")
    progress = replace(progress, silent_since=since, silences=progress.silences + 1)
    return replace(message, progress=progress), min(FIRST_WAIT * 2 ** min(progress.silences - 1, 8), LONGEST_WAIT)
