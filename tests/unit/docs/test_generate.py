"""The reference pages are those that the code makes, and the lists that people keep are complete."""

import re

import pytest

from docs.generate import FOLDER, audit_records, pages, policy_keys, run_ends
from functions.retention.core.run_end import EndReason
from tests.unit.architecture import ROOT

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], "write it anew: make reference"


def test_there_is_no_other_page_but_the_one_that_includes_the_coverage_of_the_fakes() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*PAGES, "fakes.md"}


def test_no_text_breaks_a_table() -> None:
    assert "| `a` | b\\|c &lt;d&gt; |\n" in audit_records({}, {"a": "b|c\n<d>"})


def test_each_end_has_a_row_with_what_to_do_its_exit_code_and_its_alert() -> None:
    (row,) = run_ends([EndReason.PARTIAL]).splitlines()[-1:]
    assert row.startswith("| `partial` |")
    assert row.endswith(f"| some or nothing | trouble | {EndReason.PARTIAL.remedy} | 3 | `refused` |")
    (row,) = run_ends([EndReason.COMPLETED]).splitlines()[-1:]
    assert row.endswith("| all | design | nothing | 0 | none |")


def test_events_and_fields_have_a_table_each() -> None:
    text = audit_records({"run": "its id"}, {"ended": "it is over"})
    assert text.index("| `ended` | it is over |") < text.index("## Fields") < text.index("| `run` | its id |")


def test_a_key_shows_what_it_takes_and_no_regular_expression() -> None:
    age = {"type": "string", "pattern": "^[1-9][0-9]{0,4}[mhdw]$", "description": "How ``old``."}
    choice = {"anyOf": [{"type": "integer", "minimum": 0}, {"const": "unlimited"}]}
    schema = {"description": "All.", "properties": {"age": age, "jobs": choice}, "required": ["age"], "$defs": {}}
    text = policy_keys(schema)
    assert "| `age` | duration | yes | How `old`. |" in text
    assert "| `jobs` | whole number from 0 or `unlimited` |  |  |" in text


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)) - {"help", "test-target", "lock"}
    assert targets == set(re.findall(r'echo "make ([a-z-]+) ', makefile))
