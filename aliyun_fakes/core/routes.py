"""Which operation a request names, by a table of the vendor's operations: also of those that the fakes lack.

A table is a text file beside the code of a service, a line for each operation::

    GET    /logstores/*/shards/*?type=cursor GetCursor

``*`` stands for one part of the path; a parameter behind the path has to have its value. Lines with ``#`` are comments.
An API of the RPC style has one path, so its table holds names only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class _Row:
    """One line of a table.

    Attributes:
        parts: of the path; ``*`` stands for any.
        parameter: name and value of the query; None when the line names none.
        operation: its name.
    """

    parts: tuple[str, ...]
    parameter: tuple[str, str] | None
    operation: str

    def fits(self, parts: Sequence[str], query: Mapping[str, str]) -> bool:
        """Whether a request with such a path, of as many parts, and such a query is meant."""
        if self.parameter is not None and query.get(self.parameter[0], "").lower() != self.parameter[1].lower():
            return False
        return all(wanted in ("*", part) for wanted, part in zip(self.parts, parts, strict=True))


class Routes:
    """A table of operations by method, path and query.

    Args:
        file: where it is.

    Raises:
        OSError: it cannot be read.
        ValueError: a line has another form.
    """

    def __init__(self, file: Path) -> None:
        self._rows: dict[tuple[str, int], list[_Row]] = {}
        for line in _lines(file):
            method, target, operation = line.split()
            path, _, parameter = target.partition("?")
            parts = tuple(part for part in path.split("/") if part)
            name, _, value = parameter.partition("=")
            row = _Row(parts, (name, value) if name else None, operation)
            self._rows.setdefault((method, len(parts)), []).append(row)
        for rows in self._rows.values():
            rows.sort(key=lambda row: (row.parameter is None, row.parts.count("*")))

    def find(self, method: str, path: str, query: Mapping[str, str]) -> str:
        """The operation's name; "" when the table has none. The path is split before its parts are decoded."""
        parts = [part for part in path.split("/") if part]
        rows = self._rows.get((method, len(parts)), ())
        return next((row.operation for row in rows if row.fits(parts, query)), "")


def read_names(file: Path) -> frozenset[str]:
    """The names in the table of an API of the RPC style. Raises `OSError` when it cannot be read."""
    return frozenset(name for line in _lines(file) for name in line.split())


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
