"""The types of the fields of a policy file: how each is read, refused, written and described in the JSON Schema."""

import re
from difflib import get_close_matches
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from functions.retention.core import spelled
from functions.retention.policy.globs import check_name_glob, check_path_glob
from functions.retention.policy.spelling import odd_sign
from functions.retention.policy.units import (
    DURATION_PATTERN,
    SIZE_PATTERN,
    format_duration,
    format_size,
    parse_duration,
    parse_size,
)

Unlimited = Literal["unlimited"]

_TAG_LENGTH = 128


def one_or_many(value: object) -> object:
    """A list as it is, one text as a list of it."""
    return (value,) if isinstance(value, str) else value


def plainly_spelled(value: object) -> object:
    """A glob as it is.

    Raises:
        ValueError: as it is written it can only be a mistake, see `functions.retention.policy.spelling`.
    """
    if isinstance(value, str) and (odd := odd_sign(value)):
        raise ValueError(f"{value!r} {odd}")
    return value


def whole_number(value: object) -> object:
    """A whole number as it is; ``true`` and ``1.0`` are none, although they count as equal to 1.

    Raises:
        ValueError: for anything else.
    """
    if type(value) is not int:
        raise ValueError(f"{value!r:.80} is no whole number")
    return value


def ids_alone(value: object) -> object:
    """A mapping as it is, a list or one text as the ``ids`` of a mapping."""
    return {"ids": value} if isinstance(value, list | tuple | str) else value


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


def known_time_zone(name: str) -> str:
    """The name of an IANA time zone.

    Raises:
        ValueError: when this system's time zone database has none of that name.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        near = get_close_matches(name, available_timezones(), n=1)
        hint = f"did you mean {near[0]}?" if near else "write an IANA name like Asia/Shanghai or UTC"
        raise ValueError(f"{name!r} is no time zone of this system: {hint}") from error
    return name


NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

HOURS_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


def check_tag(text: str) -> str:
    """A tag as ``key=value``.

    Documented (TagResources page): key and value are at most 128 characters, do not start with ``aliyun`` or ``acs:``
    and hold neither ``http://`` nor ``https://``.

    Raises:
        ValueError: for anything else.
    """
    for part in text.split("=", maxsplit=1) if "=" in text else ("",):
        if not 1 <= len(part) <= _TAG_LENGTH or part.startswith(("aliyun", "acs:")) or re.search("https?://", part):
            raise ValueError(
                f"{text!r} is no tag: write key=value, each of 1 to {_TAG_LENGTH} characters, not starting with aliyun "
                "or acs: and without http:// or https://"
            )
    return text


def _size_text(value: int | Unlimited) -> str:
    return value if value == "unlimited" else format_size(value)


def _unlimited_or(schema: dict[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [schema, {"const": "unlimited"}]})


_DURATION_SCHEMA: dict[str, object] = {"type": "string", "pattern": DURATION_PATTERN}

_SIZE_SCHEMA: dict[str, object] = {"type": "string", "pattern": SIZE_PATTERN}

Duration = Annotated[
    int, BeforeValidator(parse_duration), PlainSerializer(format_duration), WithJsonSchema(_DURATION_SCHEMA)
]

Size = Annotated[int, BeforeValidator(parse_size), PlainSerializer(format_size), WithJsonSchema(_SIZE_SCHEMA)]

JobLimit = Annotated[int | Unlimited, PlainValidator(_job_limit), _unlimited_or({"type": "integer", "minimum": 0})]

SizeLimit = Annotated[
    int | Unlimited, PlainValidator(_size_limit), PlainSerializer(_size_text), _unlimited_or(_SIZE_SCHEMA)
]

ShareLimit = Annotated[
    float | Unlimited, PlainValidator(_share_limit), _unlimited_or({"type": "number", "minimum": 0, "maximum": 1})
]

_ID_PATTERN = "^[A-Za-z0-9-]{1,64}$"

_ONE_ID: dict[str, object] = {"type": "string", "pattern": _ID_PATTERN}

_ID_LIST: dict[str, object] = {"type": "array", "items": _ONE_ID}

_ONE_GLOB: dict[str, object] = {"type": "string", "minLength": 1}

_SOME_GLOBS = WithJsonSchema({"anyOf": [_ONE_GLOB, {"type": "array", "items": _ONE_GLOB, "minItems": 1}]})

PolicyName = Annotated[
    str,
    AfterValidator(spelled(NAME_PATTERN, "old-logs: at most 64 letters, digits, '.', '_' and '-', no sign first")),
    WithJsonSchema({"type": "string", "pattern": NAME_PATTERN}),
]

Hours = Annotated[
    str,
    AfterValidator(spelled(HOURS_PATTERN, "22:00-06:00")),
    WithJsonSchema({"type": "string", "pattern": HOURS_PATTERN}),
]

PathGlob = Annotated[str, BeforeValidator(check_path_glob), BeforeValidator(plainly_spelled)]

NameGlob = Annotated[str, BeforeValidator(check_name_glob), BeforeValidator(plainly_spelled)]

ProtectGlobs = Annotated[tuple[PathGlob, ...], BeforeValidator(one_or_many), _SOME_GLOBS]

PathGlobs = Annotated[tuple[PathGlob, ...], BeforeValidator(one_or_many), Field(min_length=1), _SOME_GLOBS]

NameGlobs = Annotated[tuple[NameGlob, ...], BeforeValidator(one_or_many), Field(min_length=1), _SOME_GLOBS]

FileSystemId = Annotated[
    str,
    AfterValidator(spelled(_ID_PATTERN, "1ca404a5e2, the id of a file system: letters, digits and -")),
    WithJsonSchema(_ONE_ID),
]

SomeFileSystemIds = Annotated[
    tuple[FileSystemId, ...],
    Field(min_length=1),
    BeforeValidator(one_or_many),
    WithJsonSchema({"anyOf": [_ONE_ID, {**_ID_LIST, "minItems": 1}]}),
]

Tag = Annotated[str, AfterValidator(check_tag)]
