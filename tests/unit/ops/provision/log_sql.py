"""Answers the questions of `ops.provision.queries` here: the fake log searches, SQLite does the SQL.

SQLite is given the few functions of the log service's SQL that the queries use; the rest is common to both.
"""

import math
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import TypeAlias

from aliyun_fakes.sls.index import IndexConfig
from aliyun_fakes.sls.logstore import NANOSECONDS, Search
from aliyun_fakes.sls.models import SlsModel
from ops.provision.queries import Query

Value: TypeAlias = str | int | float | None
TYPES = {"long": "INTEGER", "double": "REAL", "text": "TEXT"}
FAR_AWAY = (1 << 31) * NANOSECONDS


class MaxBy:
    """The first argument of the row whose second is greatest."""

    def __init__(self) -> None:
        self._best: tuple[Value, Value] | None = None

    def step(self, value: Value, by: Value, /) -> None:
        if by is not None and (self._best is None or str(by) > str(self._best[1])):
            self._best = (value, by)

    def finalize(self) -> Value:
        return self._best[0] if self._best else None


class Percentile:
    """The nearest-rank percentile."""

    def __init__(self) -> None:
        self._values: list[float] = []
        self._share = 0.5

    def step(self, value: Value, share: float, /) -> None:
        self._share = share
        if isinstance(value, int | float):
            self._values.append(value)

    def finalize(self) -> Value:
        place = max(math.ceil(len(self._values) * self._share) - 1, 0)
        return sorted(self._values)[place] if self._values else None


def answer(sls: SlsModel, project: str, logstore: str, query: Query) -> list[dict[str, Value]]:
    """The rows of a query over everything in a logstore."""
    _, numbers = sls.find(project, logstore, Search(query.search, 0, FAR_AWAY))
    everything = sls.records(project, logstore)
    return run_sql(query.sql, [everything[number] for number in numbers], columns_of(sls, project, logstore))


def columns_of(sls: SlsModel, project: str, logstore: str) -> Mapping[str, str]:
    """The columns SQL has, with their types: the indexed fields whose values are kept, and the reserved ones."""
    index = sls.logstore(project, logstore).index
    config: IndexConfig = index.config if index is not None else IndexConfig()
    keys = config.sent.get("keys", {})
    kept = {name: TYPES[key["type"]] for name, key in keys.items() if key.get("doc_value")}
    return {"__time__": "INTEGER", "__topic__": "TEXT", "__source__": "TEXT"} | kept


def run_sql(sql: str, records: Iterable[Mapping[str, str]], columns: Mapping[str, str]) -> list[dict[str, Value]]:
    """The rows of a statement over records."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.create_function("from_iso8601_timestamp", 1, lambda text: text)
    connection.create_function("to_unixtime", 1, _unixtime)
    # typeshed knows aggregates of one whole number only
    connection.create_aggregate("max_by", 2, MaxBy)  # type: ignore[arg-type]
    connection.create_aggregate("approx_percentile", 2, Percentile)  # type: ignore[arg-type]
    names = list(columns)
    declared = ", ".join(f'"{name}" {columns[name]}' for name in names)
    connection.execute(f"CREATE TABLE log ({declared})")
    places = ", ".join("?" * len(names))
    rows = [[record.get(name) for name in names] for record in records]
    connection.executemany(f"INSERT INTO log VALUES ({places})", rows)  # noqa: S608 - a test's own names
    found = [dict(row) for row in connection.execute(sql)]
    connection.close()
    return found


def _unixtime(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()
