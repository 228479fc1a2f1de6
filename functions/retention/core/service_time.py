"""Times as the services write them, e.g. ``2026-11-30T08:00:00Z``, and epoch seconds."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

_DAY = 86_400

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the service writes UTC and nothing else; plain values keep it quick

_TIME = re.compile(
    "([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])Z"
)

_FIRST_KNOWN = "1971"

SURELY_KNOWN = re.compile(
    "(?:197[1-9]|19[89][0-9]|[2-9][0-9]{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
).fullmatch
"""Says at once what `is_known_time` says of days that every month has; for who asks a million times."""


def parse_service_time(text: str) -> float | None:
    """Seconds since 1970 of a service time, or None for anything but a real ``yyyy-MM-ddTHH:mm:ssZ``.

    Documented: every time of the recycle bin is UTC in this form, to the second (ListRecycledDirectoriesAndFiles
    page, 2024-03).
    """
    found = _TIME.fullmatch(text)
    midnight = _midnight(found[1]) if found else None
    if not found or midnight is None:
        return None
    return midnight + int(found[2]) * 3600.0 + int(found[3]) * 60 + int(found[4])


@lru_cache(maxsize=512)
def _midnight(day: str) -> int | None:
    """Seconds since 1970 at the start of a day; a bin spans 180 days at most, so nearly all are remembered."""
    try:
        return (date(int(day[:4]), int(day[5:7]), int(day[8:])) - _EPOCH.date()).days * _DAY
    except ValueError:
        return None


def format_service_time(epoch: float) -> str:
    """The last full second at or before `epoch` (seconds since 1970) the way the service writes it.

    Raises:
        ValueError: when `epoch` is no number or outside the years 1 to 9999.
    """
    try:
        return (_EPOCH + timedelta(seconds=epoch // 1)).isoformat() + "Z"
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{epoch!r} is no time between the years 1 and 9999") from error


def is_known_time(text: str) -> bool:
    """Whether a service time says when something happened.

    Times that are not written as documented do not, nor do those before 1971: they are zero values (of Unix, Go,
    Windows) that stand for "not recorded". Assumed, not documented; the bin itself exists since 2021. Known times
    compare as strings.
    """
    return bool(SURELY_KNOWN(text)) or (text >= _FIRST_KNOWN and parse_service_time(text) is not None)
