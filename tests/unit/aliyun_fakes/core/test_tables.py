"""How the table of a service is read, and how its errors are made from it."""

from pathlib import Path

import pytest

from aliyun_fakes.core.tables import Behaviour, ErrorKind, ServiceError, read_table

TEXT = """
service: toy
sources: {page: "Toy page, 2026"}
groups: {reading: [GetToy, ListToys]}
behaviours:
  "*":
  - [toys are kept, assumed, no page says]
  reading, DeleteToy:
  - [takes a name, documented, "$page; SDK 1.0", longest_name]
errors:
  ToyNotExist: {status: 404, message: "Toy {0} is not in {box}.", source: $page, of: [reading, DeleteToy]}
  TooLong: {code: InvalidArgument, status: 400, message: Too long., mark: assumed, source: $page, switch: longest_name}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "table.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_groups_and_sources_are_filled_in(path: Path) -> None:
    assert read_table(path).behaviours == (
        Behaviour("toy", "*", "toys are kept", "assumed", "no page says"),
        *(
            Behaviour("toy", operation, "takes a name", "documented", "Toy page, 2026; SDK 1.0", "longest_name")
            for operation in ("GetToy", "ListToys", "DeleteToy")
        ),
    )


def test_an_error_has_its_name_for_code_unless_it_says_otherwise(path: Path) -> None:
    assert read_table(path).errors == {
        "ToyNotExist": ErrorKind(
            "ToyNotExist", 404, "Toy {0} is not in {box}.", "Toy page, 2026", of=("GetToy", "ListToys", "DeleteToy")
        ),
        "TooLong": ErrorKind("InvalidArgument", 400, "Too long.", "Toy page, 2026", "assumed", "longest_name"),
    }


def test_every_error_is_a_row_of_each_of_its_operations(path: Path) -> None:
    rows = [row for row in read_table(path).rows() if row.what.startswith("4")]
    assert [(row.operation, row.what.partition(":")[0]) for row in rows] == [
        ("GetToy", "404 ToyNotExist"),
        ("ListToys", "404 ToyNotExist"),
        ("DeleteToy", "404 ToyNotExist"),
        ("*", "400 InvalidArgument"),
    ]


def test_an_error_is_made_by_its_name(path: Path) -> None:
    class ToyError(ServiceError):
        table = read_table(path)

    error = ToyError("ToyNotExist", "bear", box="the attic")
    assert (error.status, error.code, error.message) == (404, "ToyNotExist", "Toy bear is not in the attic.")
    with pytest.raises(KeyError):
        ToyError("NoSuchError")


@pytest.mark.parametrize("wrong", ["$nowhere", "$pages"])
def test_a_source_that_does_not_exist_is_refused(path: Path, wrong: str) -> None:
    path.write_text(TEXT.replace("$page,", f"{wrong},"), encoding="utf-8")
    with pytest.raises(KeyError):
        read_table(path)
