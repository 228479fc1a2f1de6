"""The coverage table of the queue service names everything the code has, and nothing it has not."""

from dataclasses import fields

from aliyun_fakes.smq import COVERAGE, SmqSettings
from aliyun_fakes.smq.errors import ALL
from aliyun_fakes.smq.urls import OPERATIONS


def test_every_operation_has_rows_and_every_row_an_operation() -> None:
    assert {row.operation for row in COVERAGE} == {*OPERATIONS, "*"}


def test_every_error_has_a_row() -> None:
    told = {row.what for row in COVERAGE}
    assert {f"{problem.status} {problem.code}: {problem.message}" for problem in ALL} <= told


def test_every_switch_has_a_row_and_every_row_names_a_real_switch() -> None:
    assert {row.switch for row in COVERAGE} - {""} == {field.name for field in fields(SmqSettings)}


def test_no_row_is_there_twice_and_every_row_has_a_source() -> None:
    assert len({(row.operation, row.what) for row in COVERAGE}) == len(COVERAGE)
    assert all(row.source and row.service == "smq" for row in COVERAGE)
