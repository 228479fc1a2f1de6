"""File names are data: whatever is in one, it shows as itself and steers nothing."""

import csv
import json
from io import StringIO

import pytest

from ops.text import csv_cell, json_text, markdown_table, printable, shown

HOSTILE = (
    "\\[/x]",
    "/logs/a:bomb:b",
    "a\x1b[31mred",
    "a\nended reason=completed",
    "\u202egpj.exe",
    "a\u2028b",
    "\x9b2J",
    "half \ud800",
    "📁.txt",
    "=HYPERLINK(1)",
    "a|b`c`<script>&amp;",
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a b", "a b"),
        ("\\[", "\\\\["),
        ("a\nb", "a\\nb"),
        ("a\\nb", "a\\\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("a\u2028b", "a\\u2028b"),
        ("\U000e0001", "\\U000e0001"),
        ("\ud800", "\\ud800"),
        ("/a:bomb:b", "/a:bomb:b"),
        ("文件 é 📁", "文件 é 📁"),
    ],
)
def test_a_name_shows_as_ls_would_escape_it(name: str, text: str) -> None:
    assert shown(name) == text


def test_no_two_names_look_alike() -> None:
    assert len({shown(name) for name in (*HOSTILE, "a\nb", "a\\nb", "a\\\\nb")}) == len(HOSTILE) + 3


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252", "utf-8"])
@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_can_be_written_in_every_encoding(name: str, encoding: str) -> None:
    assert printable(name, encoding).encode(encoding)
    assert json.loads(json_text({"path": name}, encoding).encode(encoding)) == {"path": name}


def test_json_for_a_terminal_that_lacks_characters_is_ascii_where_it_has_to_be() -> None:
    assert json_text(["文📁"], "ascii") == '["\\u6587\\ud83d\\udcc1"]'
    assert json_text(["文📁"], "gbk") == '["文\\ud83d\\udcc1"]'
    assert json_text(["\u202e"], "utf-8") == '["\\u202e"]'


@pytest.mark.parametrize("name", HOSTILE)
def test_a_markdown_cell_holds_a_name_and_nothing_else(name: str) -> None:
    *_, row = markdown_table(["path", "size"], [(name, 1)])
    plain = row.replace("\\|", "")
    assert plain.count("|") == 3
    assert "<" not in row.replace("\\<", "")
    assert row.isprintable()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_cell_of_csv_is_no_formula_and_no_second_row(name: str) -> None:
    out = StringIO()
    csv.writer(out).writerow([csv_cell(name), csv_cell(-5)])
    ((text, number),) = csv.reader(StringIO(out.getvalue()))
    assert text[0] not in "=+-@"
    assert text.isprintable()
    assert number == "-5"
