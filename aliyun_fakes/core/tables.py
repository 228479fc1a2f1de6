"""The table of a service: what its fake covers, and every error it answers.

A table is a YAML file beside the code, so that facts about the vendor are data::

    service: smq
    sources: {sdk: "aliyun-mns-sdk 1.3.0, wire"}        # `$sdk` below stands for the text
    groups: {sending: [SendMessage, BatchSendMessage]}  # a group's name stands for its operations
    behaviours:
      sending, ListQueue:
      - [what holds for these operations, observed, $sdk, field_of_the_settings]   # the last one only if there is one
    errors:
      QueueNotExist: {status: 404, message: "Queue {0} does not exist.", source: $sdk, of: sending}
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, ClassVar, Literal

import yaml

Mark = Literal["documented", "observed", "assumed"]
EVERY_OPERATION = "*"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Behaviour:
    """One covered behaviour.

    Attributes:
        service: e.g. ``nas``.
        operation: e.g. ``CreateRecycleBinDeleteJob``; ``*`` for what holds for all of them.
        what: a parameter, an error code, or a behaviour in a few words.
        mark: documented by the vendor, observed (in an SDK or on its wire), or assumed.
        source: page and date, or where it was seen; for an assumption, what it is inferred from.
        switch: the settings field that changes it; "" when nothing does.
    """

    service: str
    operation: str
    what: str
    mark: Mark
    source: str
    switch: str = ""


@dataclass(frozen=True)
class ErrorKind:
    """One error that a service answers.

    Attributes:
        code: on the wire; several kinds can share one.
        status: HTTP status.
        message: on the wire; ``{name}`` and ``{0}`` are places that the service fills.
        mark, source, switch: as of a `Behaviour`; the weakest part of code, status and message decides the mark.
        of: the operations that answer it.
    """

    code: str
    status: int
    message: str
    source: str
    mark: Mark = "documented"
    switch: str = ""
    of: tuple[str, ...] = (EVERY_OPERATION,)


@dataclass(frozen=True)
class Table:
    """What one service covers.

    Attributes:
        service: its name.
        behaviours: one row for each operation of each behaviour.
        errors: by name; the name is the code unless several kinds share the code.
    """

    service: str
    behaviours: tuple[Behaviour, ...]
    errors: Mapping[str, ErrorKind]

    def rows(self) -> Iterator[Behaviour]:
        """Every row: the behaviours, then one row for each operation of each error."""
        yield from self.behaviours
        for kind in self.errors.values():
            what = f"{kind.status} {kind.code}: {kind.message}"
            for operation in kind.of:
                yield Behaviour(self.service, operation, what, kind.mark, kind.source, kind.switch)


class ServiceError(Exception):
    """A service refuses a request. Each service has a subclass with its own table.

    Args:
        name: of the error in the table.
        subjects: fill ``{0}``, ``{1}`` of the message.
        fields: fill ``{name}`` of the message.

    Attributes:
        kind: the row of the table.
        message: with everything filled in.
        details: further fields of the answer's body.

    Raises:
        KeyError: the table has no such error.
    """

    table: ClassVar[Table]

    def __init__(self, name: str, *subjects: object, **fields: object) -> None:
        self.kind = self.table.errors[name]
        self.message = self.kind.message.format(*subjects, **fields)
        self.details: dict[str, object] = {}
        super().__init__(f"{self.status} {self.code}: {self.message}")

    @property
    def code(self) -> str:
        """The error code on the wire."""
        return self.kind.code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status


def read_table(path: Path) -> Table:
    """Read a table.

    Raises:
        OSError: the file cannot be read.
        KeyError, TypeError, ValueError: it is not written as the module describes.
    """
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    groups, sources = document.get("groups", {}), document.get("sources", {})
    behaviours = (
        Behaviour(document["service"], operation, what, mark, _filled(source, sources), *switch)
        for names, rows in document.get("behaviours", {}).items()
        for what, mark, source, *switch in rows
        for operation in _operations(names.split(", "), groups)
    )
    errors = {
        name: ErrorKind(**{"code": name} | fields | _resolved(fields, groups, sources))
        for name, fields in document.get("errors", {}).items()
    }
    return Table(document["service"], tuple(behaviours), errors)


def _resolved(fields: Mapping[str, Any], groups: Mapping[str, list[str]], sources: Mapping[str, str]) -> dict[str, Any]:
    of = fields.get("of", EVERY_OPERATION)
    operations = _operations([of] if isinstance(of, str) else of, groups)
    return {"source": _filled(fields["source"], sources), "of": tuple(operations)}


def _operations(names: Iterable[str], groups: Mapping[str, list[str]]) -> Iterator[str]:
    for name in names:
        yield from groups.get(name, [name])


def _filled(text: str, sources: Mapping[str, str]) -> str:
    return Template(text).substitute(sources)
