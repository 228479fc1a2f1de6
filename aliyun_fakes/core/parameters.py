"""The parameters of an RPC-style call, read and checked as the operation's page has them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from aliyun_fakes.core.tables import ServiceError

_WHOLE = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True)
class Number:
    """A whole-number parameter.

    Attributes:
        name: as sent.
        low: the least allowed.
        high: the greatest allowed.
        default: when it is not given.
    """

    name: str
    low: int
    high: int
    default: int


class RpcParameters:
    """What a call gives. A parameter that is sent empty counts as not given (assumed).

    Args:
        given: by name, lists as ``Name.1``, ``Name.2.Field``.
        clamps: numbers outside their range are moved to the nearest allowed instead of refused.

    Attributes:
        errors: the service's errors, among them ``Missing{Name}`` and ``Invalid{Name}`` of its parameters.
    """

    errors: ClassVar[type[ServiceError]]

    def __init__(self, given: Mapping[str, str], *, clamps: bool = False) -> None:
        self._given = given
        self._clamps = clamps

    def text(self, name: str) -> str:
        """A text, "" when not given."""
        return self._given.get(name, "")

    def demand(self, name: str) -> str:
        """A text that must be given.

        Raises:
            ServiceError: ``Missing{Name}``: it is not.
        """
        value = self.text(name)
        if not value:
            raise self.errors(f"Missing{name}")
        return value

    def number(self, number: Number) -> int:
        """A whole number in its range.

        Raises:
            ServiceError: it is not; see `invalid`.
        """
        value = self.text(number.name)
        if not value:
            return number.default
        if not _WHOLE.fullmatch(value):
            raise self.invalid(number, is_whole=False)
        nearest = min(max(int(value), number.low), number.high)
        if nearest != int(value) and not self._clamps:
            raise self.invalid(number, is_whole=True)
        return nearest

    def invalid(self, number: Number, *, is_whole: bool) -> ServiceError:  # noqa: ARG002 - subclasses tell these apart
        """The refusal of a value that is no whole number, or outside the range."""
        return self.errors(f"Invalid{number.name}")

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
