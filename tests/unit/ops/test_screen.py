"""What a person is shown is whole, and says what it says: nothing is cut, nothing is taken for markup."""

import json
from io import StringIO

import pytest

from ops.commands.answers import tables
from ops.commands.common import Screen
from ops.environment import Environment

LONG = "x" * 300


@pytest.fixture
def out() -> StringIO:
    return StringIO()


@pytest.fixture
def screen(out: StringIO) -> Screen:
    return Screen(Environment(out=out), as_json=False)


def shown(out: StringIO) -> str:
    """The letters of what was shown, without frames and line ends."""
    return "".join(character for character in out.getvalue() if character.isascii() and not character.isspace())


def test_a_line_stays_one_line_however_long(screen: Screen, out: StringIO) -> None:
    screen.say(f"[red]{LONG}[/red]")
    assert out.getvalue() == f"[red]{LONG}[/red]\n"


def test_a_cell_is_folded_and_not_cut(screen: Screen, out: StringIO) -> None:
    screen.table("title", ("id", "why"), [(LONG, "[bold]a b[/bold]")])
    assert shown(out).count("x") == 300
    assert "[bold]" in out.getvalue()
    assert "…" not in out.getvalue()


def test_json_is_json_whatever_is_in_it(screen: Screen, out: StringIO) -> None:
    screen.json({"path": "/a/ü[b]", "n": None})
    assert json.loads(out.getvalue()) == {"path": "/a/ü[b]", "n": None}


def test_an_answer_becomes_a_table_for_each_object_in_it() -> None:
    answer = {
        "ok": True,
        "bin": {"bytes": 3},
        "runs": [{"run": "a"}, {"run": "b", "mode": "enforce"}],
        "kept": {"protected": {"entries": 1}, "too-young": {"entries": 2}},
        "none": [],
    }
    assert list(tables("Answer", answer)) == [
        ("Answer", ("", ""), [["ok", True], ["none", []]]),
        ("Answer: bin", ("", ""), [["bytes", 3]]),
        ("Answer: runs", ["run", "mode"], [["a", None], ["b", "enforce"]]),
        ("Answer: kept", ["", "entries"], [["protected", 1], ["too-young", 2]]),
    ]


def test_objects_within_rows_have_tables_of_their_own() -> None:
    bins = {"1ca404a5e2": {"held": False, "bin": {"bytes": 3}, "ended": [{"run": "a"}]}, "1ca404a5e3": {"held": True}}
    assert list(tables("Answer", {"file_systems": bins})) == [
        ("Answer: file_systems", ["", "held"], [["1ca404a5e2", False], ["1ca404a5e3", True]]),
        ("Answer: file_systems: 1ca404a5e2: bin", ("", ""), [["bytes", 3]]),
        ("Answer: file_systems: 1ca404a5e2: ended", ["run"], [["a"]]),
    ]


def test_an_object_of_many_values_is_a_table_of_its_own() -> None:
    entry = {f"value {n}": n for n in range(9)}
    titles = [title for title, *_ in tables("Answer", {"entries": [{**entry, "rules": [{"rule": "r"}]}, entry]})]
    assert titles == ["Answer: entries: 1", "Answer: entries: 1: rules", "Answer: entries: 2"]
