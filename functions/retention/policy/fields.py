"""Ids, tags and time zones in a policy file: how each is read, refused and described in the JSON Schema."""

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

_TAG_LENGTH = 128


def spelled(pattern: str, like: str) -> Callable[[str], str]:
    """A check that a text is written in one way, for an `AfterValidator`.

    Args:
        pattern: a regular expression that it matches as a whole.
        like: what that means, for a person, as in "is not written like …".
    """

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{text!r:.80} is not written like {like}")
        return text

    return check


def one_or_many(value: object) -> object:
    """A list as it is, one text as a list of it."""
    return (value,) if isinstance(value, str) else value


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


PROTECT_TAG = "nas-retention-protect"
"""Key of the tag that adds protected paths; keys are compared without regard to case and surrounding blanks."""


def is_protect_key(key: str) -> bool:
    """Whether a tag's key is the one that protects; who wrote Nas-Retention-Protect meant it."""
    return key.strip().casefold() == PROTECT_TAG


_ID_PATTERN = "^[A-Za-z0-9-]{1,64}$"

_ONE_ID: dict[str, object] = {"type": "string", "pattern": _ID_PATTERN}

_ID_LIST: dict[str, object] = {"type": "array", "items": _ONE_ID}

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

SomePolicyNames = Annotated[tuple[PolicyName, ...], Field(min_length=1), BeforeValidator(one_or_many)]

Tag = Annotated[str, AfterValidator(check_tag)]
