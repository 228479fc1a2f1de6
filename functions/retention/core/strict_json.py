"""JSON in which nothing is lost: a key that an object gives twice is refused, or written out again as it came."""

import json
from typing import Any, NoReturn

_Pairs = list[tuple[str, Any]]


class RepeatingObject(dict[str, Any]):
    """A JSON object that gives a key twice. `json.dumps` writes every pair of it again.

    Args:
        pairs: as they stand in the text.
    """

    def __init__(self, pairs: _Pairs) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:  # noqa: ANN401 - a list where a dict has a view: a view cannot hold a key twice
        """Every pair, in the order of the text."""
        return self._pairs


def parse_json(text: str | bytes) -> object:
    """The value of a JSON text.

    Raises:
        ValueError: it is no JSON, holds NaN or Infinity, or an object in it gives a key twice.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)


def parse_envelope(text: str) -> object:
    """The value of a JSON text whose parts are read later, each object that gives a key twice a `RepeatingObject`.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_verbatim)


def _object(pairs: _Pairs) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r:.80} is given twice: write it once")
        found[key] = value
    return found


def _verbatim(pairs: _Pairs) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else RepeatingObject(pairs)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
