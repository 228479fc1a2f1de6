"""The tables of the services against the code: nothing without a row, no row about nothing, no page out of date."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import get_args

import pytest

from aliyun_fakes.core.gateway import GatewayError
from aliyun_fakes.core.tables import Behaviour, Mark, ServiceError
from aliyun_fakes.coverage import FOLDER, PAGE, page, render, rows_of, services
from aliyun_fakes.fc import urls as fc_urls
from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.settings import FcSettings
from aliyun_fakes.nas import urls as nas_urls
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.settings import NasSettings
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.responses import OPERATIONS as SLS_OPERATIONS
from aliyun_fakes.sls.settings import SlsSettings
from aliyun_fakes.smq import urls as smq_urls
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.values import SmqSettings
from aliyun_fakes.smq_control import urls as smq_control_urls
from aliyun_fakes.smq_control.parameters import SmqControlError
from tests.unit.architecture import Source, sources

OPERATIONS = {
    "nas": set(nas_urls.OPERATIONS),
    "smq": set(smq_urls.OPERATIONS),
    "sls": set(SLS_OPERATIONS),
    "fc": set(fc_urls.OPERATIONS),
    "smq_control": set(smq_control_urls.OPERATIONS),
    "gateway": set(),
}
SETTINGS: dict[str, type] = {
    "nas": NasSettings,
    "smq": SmqSettings,
    "smq_control": SmqSettings,
    "sls": SlsSettings,
    "fc": FcSettings,
    "gateway": NasSettings,
}
ERRORS: dict[str, type[ServiceError]] = {
    each.__name__: each for each in (NasError, SlsError, SmqError, SmqControlError, FcError, GatewayError)
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


def _switches(settings: object, prefix: str = "") -> Iterator[str]:
    """Dotted paths of all fields, those of nested settings in place of the field that holds them."""
    assert is_dataclass(settings)
    for field in fields(settings):
        value = getattr(settings, field.name)
        yield from _switches(value, f"{field.name}.") if is_dataclass(value) else [prefix + field.name]


def _named_errors(source: Source) -> Iterator[tuple[str, str]]:
    """Class and literal name of each error that a module makes; names chosen between two literals count both."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS and node.args:
            choices = [node.args[0].body, node.args[0].orelse] if isinstance(node.args[0], ast.IfExp) else node.args[:1]
            for each in choices:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield node.func.id, each.value


def test_every_service_has_rows() -> None:
    assert services() == sorted(OPERATIONS)
    assert {path.parent.name for path in FOLDER.glob("*/urls.py")} == set(services()) - {"gateway"}


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


@pytest.mark.parametrize("service", ["nas", "smq", "sls", "fc"])
def test_every_field_of_the_settings_is_a_switch(service: str) -> None:
    switches = {row.switch for row in [*rows_of(service), *rows_of("gateway")]}
    assert set(_switches(SETTINGS[service]())) - switches == set()


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_every_mark_is_one_of_three(name: str) -> None:
    assert {row.mark for row in ERRORS[name].table.rows()} <= set(get_args(Mark))


def test_every_error_that_the_code_names_is_in_its_table() -> None:
    named = [each for source in sources("aliyun_fakes") for each in _named_errors(source)]
    assert {error for error, _ in named} == set(ERRORS) - {"SmqControlError"}  # its one name is made: Missing{Name}
    assert [(error, name) for error, name in named if name not in ERRORS[error].table.errors] == []


@pytest.mark.parametrize("service", sorted(OPERATIONS))
def test_every_row_names_its_source_and_stands_once(service: str) -> None:
    rows = rows_of(service)
    assert [row for row in rows if not row.source] == []
    assert len({(row.operation, row.what) for row in rows}) == len(rows)


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m aliyun_fakes.coverage"


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
