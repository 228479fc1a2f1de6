"""Durations and sizes as people write them in a policy file: ``7d``, ``10GiB``.

A number without a unit is refused everywhere: ``older_than: 7`` has cost people their data in tools that took it
for seconds.
"""

import re

DURATION_PATTERN = "^[1-9][0-9]{0,4}[mhdw]$"
"""What a duration looks like: a whole number from 1 to 99999 and its unit."""

SIZE_PATTERN = "^[0-9]{1,15} ?([KMGTP]i?)?B$"
"""What a size looks like: a whole number and its unit."""

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60}

_BYTES = {"PiB": 1 << 50, "TiB": 1 << 40, "GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10}

_ALL_BYTES = {**_BYTES, "PB": 10**15, "TB": 10**12, "GB": 10**9, "MB": 10**6, "KB": 10**3, "B": 1}


def parse_duration(text: object) -> int:
    """The seconds of a duration: minutes ``m``, hours ``h``, days ``d`` (24 hours) or weeks ``w``.

    Raises:
        ValueError: for anything else, so for 0, negative or broken numbers, and numbers without a unit.
    """
    if not isinstance(text, str) or not re.fullmatch(DURATION_PATTERN, text):
        raise ValueError(f"{text!r} is not a duration: write a whole number from 1 to 99999 and m, h, d or w, like 7d")
    return int(text[:-1]) * _SECONDS[text[-1]]


def format_duration(seconds: int) -> str:
    """The shortest duration that says exactly these seconds, a multiple of 60: 172800 is ``2d``.

    Raises:
        ValueError: for seconds that no duration of a policy file can say.
    """
    for unit, length in _SECONDS.items():
        if seconds >= length and seconds % length == 0:
            return f"{seconds // length}{unit}"
    raise ValueError(f"{seconds!r} seconds are no whole number of minutes above 0")


def parse_size(text: object) -> int:
    """The bytes of a size in ``B``, ``KiB`` … ``PiB`` (powers of 1024) or ``KB`` … ``PB`` (powers of 1000).

    Raises:
        ValueError: for anything else, so for negative or broken numbers, and numbers without a unit.
    """
    if not isinstance(text, str) or not re.fullmatch(SIZE_PATTERN, text):
        raise ValueError(
            f"{text!r} is not a size: write a whole number and B, KiB, MiB, GiB, TiB, PiB (powers of 1024) "
            "or KB, MB, GB, TB, PB (powers of 1000), like 10GiB"
        )
    number = text.rstrip("KMGTPiB ")
    return int(number) * _ALL_BYTES[text[len(number) :].lstrip()]


def format_size(size: int) -> str:
    """The size in the largest unit of 1024 that says these bytes exactly: 1048576 is ``1MiB``, 1000 is ``1000B``."""
    for unit, length in _BYTES.items():
        if size >= length and size % length == 0:
            return f"{size // length}{unit}"
    return f"{size}B"
