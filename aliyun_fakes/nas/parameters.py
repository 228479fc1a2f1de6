"""An operation's parameters, read and checked as its page has them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aliyun_fakes.core.gateway import ErrorKind
from aliyun_fakes.nas.errors import (
    ILLEGAL_CHARACTERS,
    INVALID_CLIENT_TOKEN,
    INVALID_MAX_RESULTS,
    INVALID_PAGE_NUMBER,
    INVALID_PAGE_SIZE,
    INVALID_RESERVED_DAYS,
)

LONGEST_CLIENT_TOKEN = 64
_ILLEGAL = re.compile(r"[\x00-\x1f\x7f<>\"'`\\]")
_WHOLE = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True)
class Number:
    """A whole-number parameter.

    Attributes:
        name: as sent.
        low: the least allowed.
        high: the greatest allowed.
        default: when it is not given.
        refusal: outside the range, or no whole number.
    """

    name: str
    low: int
    high: int
    default: int
    refusal: ErrorKind


RESERVED_DAYS = Number("ReservedDays", 1, 180, 3, INVALID_RESERVED_DAYS)
MAX_RESULTS = Number("MaxResults", 10, 1000, 100, INVALID_MAX_RESULTS)
PAGE_NUMBER = Number("PageNumber", 1, 2**31 - 1, 1, INVALID_PAGE_NUMBER)
PAGE_SIZE = Number("PageSize", 1, 100, 10, INVALID_PAGE_SIZE)


class Parameters:
    """What a call gives. A parameter that is sent empty counts as not given (assumed).

    Args:
        given: by name, lists as ``Name.1``, ``Name.2.Field``.
        clamps: numbers outside their range are moved to the nearest allowed instead of refused.
    """

    def __init__(self, given: Mapping[str, str], *, clamps: bool = False) -> None:
        self._given = given
        self._clamps = clamps

    def refuse_illegal(self) -> None:
        """Look at all of them.

        Which characters are illegal is nowhere said; assumed: controls, quotes, angle brackets and backslashes.

        Raises:
            ApiError: 400 IllegalCharacters.
        """
        if any(_ILLEGAL.search(value) for value in self._given.values()):
            raise ILLEGAL_CHARACTERS.error()

    def text(self, name: str) -> str:
        """A text, "" when not given."""
        return self._given.get(name, "")

    def demand(self, name: str, refusal: ErrorKind) -> str:
        """A text that must be given.

        Raises:
            ApiError: `refusal`: it is not.
        """
        value = self.text(name)
        if not value:
            raise refusal.error()
        return value

    def number(self, number: Number) -> int:
        """A whole number in its range.

        Raises:
            ApiError: it is not.
        """
        value = self.text(number.name)
        if not value:
            return number.default
        if not _WHOLE.fullmatch(value):
            raise number.refusal.error()
        nearest = min(max(int(value), number.low), number.high)
        if nearest != int(value) and not self._clamps:
            raise number.refusal.error()
        return nearest

    def client_token(self) -> str:
        """The ClientToken, "" when not given (documented: ASCII, at most 64 characters; the refusals are assumed).

        Raises:
            ApiError: 400 IllegalCharacters or InvalidClientToken.
        """
        token = self.text("ClientToken")
        if not token.isascii():
            raise ILLEGAL_CHARACTERS.error()
        if len(token) > LONGEST_CLIENT_TOKEN:
            raise INVALID_CLIENT_TOKEN.error()
        return token

    def texts(self, name: str) -> list[str]:
        """The list ``name.1``, ``name.2``, ... in the order of its numbers."""
        return [fields.get("", "") for fields in self._numbered(name)]

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """Key and value of the list ``name.1.Key``, ``name.1.Value``, ...; "" for what is left out."""
        return [(fields.get("Key", ""), fields.get("Value", "")) for fields in self._numbered(name)]

    def _numbered(self, name: str) -> Iterator[dict[str, str]]:
        items: dict[int, dict[str, str]] = {}
        for key, value in self._given.items():
            number, _, part = key.removeprefix(f"{name}.").partition(".")
            if key.startswith(f"{name}.") and number.isascii() and number.isdigit():
                items.setdefault(int(number), {})[part] = value
        return (items[number] for number in sorted(items))
