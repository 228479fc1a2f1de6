"""What a person is shown is whole, and says what it says: nothing is cut, nothing is taken for markup."""

import json
from io import StringIO

import pytest

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
