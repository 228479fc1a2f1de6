"""Shows what a function answered, as tables for a person; any JSON will do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ops.invoke.invocation import Outcome
from ops.screen import Screen

_Table = tuple[str, Sequence[str], list[list[object]]]

_MOST_COLUMNS = 8
"""Of one table; beyond, each object has a table of its own, for columns of some letters cannot be read."""


def show(screen: Screen, outcome: Outcome, *, in_lines: bool = False) -> int:
    """Show an outcome, of JSON on one line when lines follow; its exit code."""
    answer = outcome.answer()
    if screen.as_json:
        told = {"request_id": outcome.request_id, "accepted": outcome.is_accepted, "error_type": outcome.error_type}
        (screen.line if in_lines else screen.json)({**told, "answer": answer, "log": outcome.log})
        return outcome.exit_code()
    if outcome.is_accepted:
        screen.say(f"Accepted as {outcome.request_id}; what becomes of it is in the logs.")
    elif isinstance(answer, Mapping):
        for title, columns, rows in tables("Answer", answer):
            screen.table(title, columns, rows)
    else:
        screen.say(*str(answer).splitlines())
    if outcome.error_type:
        screen.say(f"The function raised ({outcome.error_type}), request {outcome.request_id}.")
    if outcome.log:
        screen.say("", *outcome.log.splitlines())
    return outcome.exit_code()


def tables(title: str, answer: Mapping[str, Any]) -> Iterator[_Table]:
    """A table of an object's plain values, then one for each object, or list of objects, in it.

    Objects whose values are objects of one kind, like counts by policy, become one table with a row for each, unless
    it would be too wide.
    """
    plain = [[name, value] for name, value in answer.items() if not _has_own_table(value)]
    if plain:
        yield title, ("", ""), plain
    for name, value in answer.items():
        below = f"{title}: {name}"
        if isinstance(value, Mapping) and value and _all_objects(value.values()):
            yield from _rows(below, {key: {"": key, **row} for key, row in value.items()})
        elif isinstance(value, Mapping) and value:
            yield from tables(below, value)
        elif _has_own_table(value):
            yield from _rows(below, {str(number): row for number, row in enumerate(value, start=1)})


def _rows(title: str, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[_Table]:
    """One table with a row for each, or a table for each; then those of the objects in them."""
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    columns = [name for name in columns if not any(_has_own_table(row.get(name)) for row in rows.values())]
    if len(columns) > _MOST_COLUMNS:
        for key, row in rows.items():
            yield from tables(f"{title}: {key}", {name: value for name, value in row.items() if name})
        return
    yield title, columns, [[row.get(column) for column in columns] for row in rows.values()]
    for key, row in rows.items():
        nested = {name: value for name, value in row.items() if _has_own_table(value)}
        yield from tables(f"{title}: {key}", nested)


def _has_own_table(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return bool(value)
    return isinstance(value, list) and bool(value) and _all_objects(value)


def _all_objects(values: Iterable[object]) -> bool:
    return all(isinstance(value, Mapping) for value in values)
