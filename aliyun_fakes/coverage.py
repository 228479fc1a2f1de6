"""Write ``aliyun_fakes/COVERAGE.md``, the table of what the fakes cover: ``python -m aliyun_fakes.coverage``."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from aliyun_fakes.core.tables import EVERY_OPERATION, Behaviour, Mark, read_table

FOLDER = Path(__file__).parent
PAGE = FOLDER / "COVERAGE.md"
_TABLES = {path.parent.name: path for path in FOLDER.glob("*/table.yaml")} | {"gateway": FOLDER / "core/gateway.yaml"}

_PREFACE = """# What the fakes cover

Written by `python -m aliyun_fakes.coverage` from the `table.yaml` of each service. A test fails when it is out of date.

Each behaviour is *documented* by the vendor, *observed* in an SDK or on its wire, or *assumed*; the source says where,
or what an assumption rests on. A switch is the field of the service's settings that changes the behaviour.
"""


def services() -> list[str]:
    """The names of the services, sorted; ``gateway`` is what stands in front of several of them."""
    return sorted(_TABLES)


def rows_of(service: str) -> Sequence[Behaviour]:
    """The rows of one service."""
    return tuple(read_table(_TABLES[service]).rows())


def render(rows: Iterable[Behaviour]) -> str:
    """The page: for each service how many rows of which mark, then a table, grouped by operation."""
    by_service: dict[str, list[Behaviour]] = {}
    for row in rows:
        by_service.setdefault(row.service, []).append(row)
    return _PREFACE + "".join(_section(service, found) for service, found in by_service.items())


def _section(service: str, rows: list[Behaviour]) -> str:
    counts = Counter(row.mark for row in rows)
    summary = ", ".join(f"{counts[mark]} {mark}" for mark in get_args(Mark))
    head = f"\n## {service}\n\n{summary}\n\n| operation | behaviour | mark | source | switch |\n|---|---|---|---|---|\n"
    return head + "".join(_line(row) for row in sorted(rows, key=lambda row: row.operation))


def _line(row: Behaviour) -> str:
    switch = f"`{row.switch}`" if row.switch else ""
    operation = "(all)" if row.operation == EVERY_OPERATION else row.operation
    cells = (operation, row.what, row.mark, row.source, switch)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def page() -> str:
    """The page as it should be."""
    return render(row for service in services() for row in rows_of(service))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
