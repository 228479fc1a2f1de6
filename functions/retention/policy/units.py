"""Durations, sizes and limits as people write them in a policy file: ``7d``, ``10GiB``, ``unlimited``.

A number without a unit is refused everywhere: ``older_than: 7`` has cost people their data in tools that took it
for seconds.
"""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema

Unlimited = Literal["unlimited"]

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


def _duration_or_none(value: object) -> int:
    if type(value) is int and value == 0:
        return 0
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ValueError(f"{error}, or 0") from error


def _duration_text(value: int) -> int | str:
    return format_duration(value) if value else 0


def _job_limit(value: object) -> int | Unlimited:
    if value == "unlimited":
        return "unlimited"
    if type(value) is int and value >= 0:
        return value
    raise ValueError(f"{value!r} is no limit of jobs: write a whole number (0 lets none go) or unlimited")


def _size_limit(value: object) -> int | Unlimited:
    try:
        return "unlimited" if value == "unlimited" else parse_size(value)
    except ValueError as error:
        raise ValueError(f"{error}, or unlimited") from error


def _share_limit(value: object) -> float | Unlimited:
    if value == "unlimited":
        return "unlimited"
    if type(value) in {int, float} and isinstance(value, int | float) and 0 <= value <= 1:
        return float(value)
    raise ValueError(f"{value!r} is no share: write a number from 0 (none may go) to 1 (all), like 0.5, or unlimited")


def _factor_limit(value: object) -> float | Unlimited:
    if value == "unlimited":
        return "unlimited"
    if type(value) in {int, float} and isinstance(value, int | float) and 1 <= value < float("inf"):
        return float(value)
    raise ValueError(f"{value!r} is no factor: write a number from 1, like 10, or unlimited")


def _size_text(value: int | Unlimited) -> str:
    return value if value == "unlimited" else format_size(value)


def _unlimited_or(schema: dict[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, {"const": "unlimited"}]})


_DURATION_SCHEMA: dict[str, object] = {"type": "string", "pattern": DURATION_PATTERN}

_SIZE_SCHEMA: dict[str, object] = {"type": "string", "pattern": SIZE_PATTERN}

Duration = Annotated[
    int, BeforeValidator(parse_duration), PlainSerializer(format_duration), WithJsonSchema(_DURATION_SCHEMA)
]

DurationOrNone = Annotated[
    int,
    PlainValidator(_duration_or_none),
    PlainSerializer(_duration_text),
    WithJsonSchema({"anyOf": [_DURATION_SCHEMA, {"const": 0}]}),
]

Size = Annotated[int, BeforeValidator(parse_size), PlainSerializer(format_size), WithJsonSchema(_SIZE_SCHEMA)]

JobLimit = Annotated[int | Unlimited, PlainValidator(_job_limit), _unlimited_or({"type": "integer", "minimum": 0})]

SizeLimit = Annotated[
    int | Unlimited, PlainValidator(_size_limit), PlainSerializer(_size_text), _unlimited_or(_SIZE_SCHEMA)
]

ShareLimit = Annotated[
    float | Unlimited, PlainValidator(_share_limit), _unlimited_or({"type": "number", "minimum": 0, "maximum": 1})
]

FactorLimit = Annotated[
    float | Unlimited, PlainValidator(_factor_limit), _unlimited_or({"type": "number", "minimum": 1})
]
