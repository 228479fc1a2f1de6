"""The tag that the action `pause` sets on a file system; nobody else's, so `resume` knows what it may lift.

Its value is ``until 2026-12-02T06:00:00Z by ann``, or ``by ann`` for a pause that lasts until `resume`. Why is in the
audit log. Its key does not follow from the policy file, so a pause needs none that can be read.
"""

import re
from collections.abc import Mapping

from functions.retention.core import MAX_SKEW, format_service_time, parse_service_time

PAUSE_TAG = "nas-retention-pause"

_UNTIL = re.compile(r"until (\S+) by \S+")

_LONGEST_NAME = 60


def pause_value(by: str | None, until: float | None) -> str:
    """The tag's value.

    Args:
        by: who pauses, in any text; what a tag may not hold is replaced.
        until: when the pause ends by itself, epoch seconds; None: it does not.
    """
    name = re.sub(r"[^A-Za-z0-9_.@-]+", "-", by or "")[:_LONGEST_NAME].strip("-") or "unknown"
    return f"by {name}" if until is None else f"until {format_service_time(until)} by {name}"


def paused_by(tags: Mapping[str, str], now: float) -> str | None:
    """What the tag says, None while nothing is paused by it.

    A pause ends by itself only when its value is just what `pause` writes; any other value pauses until it is removed.

    Args:
        tags: of the file system.
        now: epoch seconds; the end counts when it is past by more than clocks may differ.
    """
    values = [value for key, value in tags.items() if is_pause_key(key)]
    lasting = next((value for value in values if not _is_over(value, now)), None)
    return None if lasting is None else f"paused {lasting} (tag {PAUSE_TAG})"


def is_pause_key(key: str) -> bool:
    """Whether a tag's key is the one that pauses; keys are compared without regard to case and surrounding blanks."""
    return key.strip().casefold() == PAUSE_TAG


def _is_over(value: str, now: float) -> bool:
    written = _UNTIL.fullmatch(value)
    until = parse_service_time(written[1]) if written else None
    return until is not None and now > until + MAX_SKEW
