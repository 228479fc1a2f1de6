"""The coverage rows against the code they are about."""

from dataclasses import fields

from aliyun_fakes.fc import DeliveryFaults, FcSettings, errors
from aliyun_fakes.fc.coverage import COVERAGE
from aliyun_fakes.fc.errors import ErrorKind


def test_every_setting_is_the_switch_of_a_row() -> None:
    settings = {field.name for field in fields(FcSettings)} - {"delivery_faults"}
    faults = {f"delivery_faults.{field.name}" for field in fields(DeliveryFaults)}
    assert {row.switch for row in COVERAGE} - {""} == settings | faults


def test_every_error_has_a_row() -> None:
    kinds = [value for value in vars(errors).values() if isinstance(value, ErrorKind)]
    told = {row.what.partition(":")[0] for row in COVERAGE}
    assert len(kinds) == 12
    assert {f"{kind.status} {kind.code}" for kind in kinds} <= told
