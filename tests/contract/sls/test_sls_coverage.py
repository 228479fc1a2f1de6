"""The coverage table of the log service names everything the code has, and nothing it has not."""

from dataclasses import fields

from aliyun_fakes.sls import COVERAGE, SlsSettings
from aliyun_fakes.sls.coverage import ERRORS_OF
from aliyun_fakes.sls.errors import KINDS
from aliyun_fakes.sls.responses_meta import HANDLERS


def test_every_operation_has_rows_and_every_row_an_operation() -> None:
    assert {row.operation for row in COVERAGE} == {*HANDLERS, "PutLogs", "GetLogs", "*"}


def test_every_error_has_a_row_and_every_row_about_an_error_is_one() -> None:
    assert {name for names in ERRORS_OF.values() for name in names} == KINDS.keys()


def test_every_switch_has_a_row_and_every_row_names_a_real_switch() -> None:
    assert {row.switch for row in COVERAGE} - {""} == {field.name for field in fields(SlsSettings)}


def test_no_row_is_there_twice_and_every_row_has_a_source() -> None:
    assert len({(row.operation, row.what) for row in COVERAGE}) == len(COVERAGE)
    assert all(row.source and row.service == "sls" for row in COVERAGE)
