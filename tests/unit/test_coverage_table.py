"""The coverage table against the code: nothing without a row, no row about nothing, no page out of date."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from itertools import product

import pytest

from aliyun_fakes.core.coverage import Behaviour
from aliyun_fakes.core.http import Request
from aliyun_fakes.coverage import FOLDER, PAGE, page, render, rows_of, services
from aliyun_fakes.fc import urls as fc_urls
from aliyun_fakes.fc.settings import FcSettings
from aliyun_fakes.nas import urls as nas_urls
from aliyun_fakes.nas.settings import NasSettings
from aliyun_fakes.sls import urls as sls_urls
from aliyun_fakes.sls.settings import SlsSettings
from aliyun_fakes.smq import urls as smq_urls
from aliyun_fakes.smq.values import SmqSettings
from aliyun_fakes.smq_control import urls as smq_control_urls


def _log_operations() -> set[str]:
    """What the log service's routes lead to, for every method on every shape of path."""
    hosts = ("cn-hangzhou.log.aliyuncs.com", "a-project.cn-hangzhou.log.aliyuncs.com")
    collections = ("logstores", "dashboards", "savedsearches", "jobs")
    below = ("", "/logs", "/index", "/shards", "/shards/lb", "/shards/route")
    paths = [
        "/",
        *(f"/{name}" for name in collections),
        *(f"/{name}/one{rest}" for name in collections for rest in below),
    ]
    queries = ("", "type=log", "action=enable", "action=disable")
    requests = (
        Request(method, host, path, query)
        for method, host, path, query in product(("GET", "POST", "PUT", "DELETE"), hosts, paths, queries)
    )
    return {sls_urls.route(request).operation for request in requests} - {""}


OPERATIONS = {
    "nas": set(nas_urls.OPERATIONS),
    "smq": set(smq_urls.OPERATIONS),
    "sls": _log_operations(),
    "fc": set(fc_urls.OPERATIONS.values()),
    "smq_control": set(smq_control_urls.OPERATIONS),
}
SETTINGS: dict[str, type] = {
    "nas": NasSettings,
    "smq": SmqSettings,
    "smq_control": SmqSettings,
    "sls": SlsSettings,
    "fc": FcSettings,
}


def _without_a_row(operations: Iterable[str], rows: Sequence[Behaviour]) -> set[str]:
    return set(operations) - {row.operation for row in rows}


def _about_nothing(operations: set[str], rows: Sequence[Behaviour]) -> list[Behaviour]:
    return [row for row in rows if row.operation not in {*operations, "*"}]


def _is_switch(settings: object, path: str) -> bool:
    """Whether a dotted path leads through fields of dataclasses."""
    name, _, rest = path.partition(".")
    if not is_dataclass(settings) or name not in {field.name for field in fields(settings)}:
        return False
    return not rest or _is_switch(getattr(settings, name), rest)


def test_every_service_has_rows() -> None:
    assert services() == sorted(OPERATIONS) == sorted(path.parent.name for path in FOLDER.glob("*/urls.py"))


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_every_operation_has_a_row(service: str) -> None:
    assert _without_a_row(OPERATIONS[service], rows_of(service)) == set()


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_every_row_is_about_an_operation_of_its_service(service: str) -> None:
    assert _about_nothing(OPERATIONS[service], rows_of(service)) == []
    assert {row.service for row in rows_of(service)} == {service}


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_every_switch_exists(service: str) -> None:
    settings = SETTINGS[service]()
    assert [row for row in rows_of(service) if row.switch and not _is_switch(settings, row.switch)] == []


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_every_row_names_its_source_and_stands_once(service: str) -> None:
    rows = rows_of(service)
    assert [row for row in rows if not row.source] == []
    assert len({(row.operation, row.what) for row in rows}) == len(rows)


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: python -m aliyun_fakes.coverage"


_ROW = Behaviour("nas", "EnableRecycleBin", "a|b", "assumed", "a page", "history_length")


def test_a_missing_row_and_a_row_about_nothing_are_seen() -> None:
    assert _without_a_row(["EnableRecycleBin", "Other"], [_ROW]) == {"Other"}
    assert _about_nothing({"Other"}, [_ROW]) == [_ROW]


def test_a_switch_that_does_not_exist_is_seen() -> None:
    assert _is_switch(NasSettings(), "history_length")
    assert _is_switch(FcSettings(), "delivery_faults.drop")
    assert not _is_switch(NasSettings(), "no_such_field")
    assert not _is_switch(NasSettings(), "history_length.deeper")


def test_rows_become_lines_that_no_cell_breaks() -> None:
    text = render([_ROW])
    assert "| EnableRecycleBin | a\\|b | assumed | a page | `history_length` |" in text
    assert "0 documented, 0 observed, 1 assumed" in text
