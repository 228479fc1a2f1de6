"""What a person is shown is whole, and says what it says: nothing is cut, nothing is taken for markup."""

import json
import subprocess
import sys
from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper

import pytest

from ops.environment import Environment
from ops.names import ROOT
from ops.screen import Screen
from tests.unit.ops.operator import Terminal
from tests.unit.ops.test_text import HOSTILE

LONG = "x" * 300
RUN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def out() -> StringIO:
    return StringIO()


@pytest.fixture
def screen(out: StringIO) -> Screen:
    return Screen(Environment(environ={}, out=out), as_json=False)


def on_terminal(columns: int, **environ: str) -> Screen:
    environment = Environment(environ={"COLUMNS": str(columns), "TERM": "xterm", **environ}, out=Terminal())
    return Screen(environment, as_json=False)


def written(screen: Screen) -> str:
    out = screen.environment.out
    assert isinstance(out, StringIO)
    return out.getvalue()


def test_a_line_stays_one_line_however_long(screen: Screen, out: StringIO) -> None:
    screen.say(f"[red]{LONG}[/red]\n:bomb:")
    assert out.getvalue() == f"[red]{LONG}[/red]\\n:bomb:\n"


def test_a_row_in_a_pipe_is_one_line_without_a_frame(screen: Screen, out: StringIO) -> None:
    screen.table("title", ("id", "why"), [(RUN, f"{LONG} a"), ("b", None)])
    assert out.getvalue() == f"title\n  {'id':32}  why\n  {RUN}  {LONG} a\n  b\n"


@pytest.mark.parametrize("columns", [30, 80, 140])
def test_no_word_of_a_table_is_cut_on_a_terminal(columns: int) -> None:
    screen = on_terminal(columns, NO_COLOR="1")
    sentence = " ".join(["word"] * 40)
    screen.table("runs", ("run", "path", "why"), [(RUN, f"/{LONG[:20]}", sentence)])
    lines = written(screen).splitlines()
    assert any(RUN in line for line in lines)
    assert any(LONG[:20] in line for line in lines)
    assert written(screen).count("word") == 40


def test_the_widest_column_wraps_between_words_within_the_columns_given() -> None:
    screen = on_terminal(80, NO_COLOR="1")
    screen.table("", ("run", "why"), [(RUN, " ".join(["word"] * 40))])
    lines = written(screen).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) > 4


def test_colour_is_for_terminals_that_want_it() -> None:
    coloured, plain = on_terminal(80), on_terminal(80, NO_COLOR="1")
    for screen in (coloured, plain):
        screen.say("BLOCKED", meaning="bad")
    assert "\x1b[1;31m" in written(coloured)
    assert "31" not in written(plain)


@pytest.mark.parametrize("screen", [on_terminal(80, NO_COLOR="1"), on_terminal(20, NO_COLOR="1")])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_forges_no_line_and_steers_no_terminal(screen: Screen, name: str) -> None:
    out = Terminal()
    screen = replace(screen, environment=replace(screen.environment, out=out))
    screen.table("names", ("path", "size"), [(name, 1)])
    assert all(line.isprintable() for line in out.getvalue().split("\n"))
    assert not any(line.startswith("ended") for line in out.getvalue().splitlines())


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252"])
def test_a_terminal_that_is_not_utf_8_gets_escapes(encoding: str) -> None:
    raw = BytesIO()
    out = TextIOWrapper(raw, encoding=encoding, errors="strict")
    environment = Environment(environ={}, out=out)
    Screen(environment, as_json=False).table("bin", ("path",), [("/emoji/📁.txt",)])
    Screen(environment, as_json=True).line({"path": "/emoji/📁.txt"})
    out.flush()
    *_, row, line = raw.getvalue().decode(encoding).splitlines()
    assert row == "  /emoji/\\U0001f4c1.txt"
    assert json.loads(line) == {"path": "/emoji/📁.txt"}


def test_json_is_json_whatever_is_in_it(screen: Screen, out: StringIO) -> None:
    screen.json({"path": "/a/ü[b]", "n": None})
    assert json.loads(out.getvalue()) == {"path": "/a/ü[b]", "n": None}


def test_whoever_reads_the_output_may_go_away() -> None:
    script = (
        "from ops.screen import Screen, forgiving_output\nfrom ops.environment import Environment\n"
        "with forgiving_output():\n  [Screen(Environment(), False).line('x' * 100) for _ in range(3000)]\n"
    )
    command, pipe = [sys.executable, "-c", script], subprocess.PIPE
    writer = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe)  # noqa: S603 - our own interpreter
    assert writer.stdout is not None
    assert writer.stderr is not None
    with writer, writer.stderr:
        writer.stdout.readline()
        writer.stdout.close()
        assert writer.stderr.read() == b""
