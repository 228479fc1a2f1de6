"""The table of NAS against the official SDK: no parameter and no field without a row."""

import re

import pytest
from alibabacloud_nas20170626 import models

from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.responses import HANDLERS
from aliyun_fakes.nas.urls import OPERATIONS

COVERAGE = tuple(NasError.table.rows())
_ABBREVIATED = {"Atime": "ATime", "Mtime": "MTime", "Ctime": "CTime"}


def first_words(operation: str) -> set[str]:
    """What the rows of an operation are about."""
    words = (row.what.split()[0] for row in COVERAGE if row.operation == operation)
    return {re.sub(r"\.N$", "", word.rstrip(",")) for word in words}


def wire_names(model_name: str) -> set[str]:
    """The fields of an SDK model, as they travel."""
    pascal = ("".join(part.capitalize() for part in name.split("_")) for name in vars(getattr(models, model_name)()))
    return {_ABBREVIATED.get(name, name) for name in pascal}


def test_every_operation_is_answered_and_covered() -> None:
    assert set(OPERATIONS) == HANDLERS.keys() == {row.operation for row in COVERAGE} - {"*"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_parameter_that_the_sdk_sends_has_a_row(operation: str) -> None:
    assert wire_names(f"{operation}Request") <= first_words(operation)


@pytest.mark.parametrize(
    ("operation", "part"),
    [
        ("GetRecycleBinAttribute", "RecycleBinAttribute"),
        ("ListRecentlyRecycledDirectories", "Entries"),
        ("ListRecycledDirectoriesAndFiles", "Entries"),
        ("ListRecycleBinJobs", "Jobs"),
    ],
)
def test_every_field_that_the_sdk_understands_has_a_row(operation: str, part: str) -> None:
    assert {f"{part}.{name}" for name in wire_names(f"{operation}ResponseBody{part}")} <= first_words(operation)


def test_what_nobody_documents_is_not_called_documented() -> None:
    assert [row for row in COVERAGE if row.mark != "assumed" and row.source == "no page says"] == []
