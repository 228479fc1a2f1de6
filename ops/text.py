"""Text from elsewhere, made safe for a terminal, a log line, CSV and Markdown. Pure.

A file name is data: it can hold line feeds, escape sequences of terminals and characters that reverse the direction of
writing. Two functions hold this in one place. `shown` writes a value so that no two values look alike; `printable`
keeps a whole line from doing more than showing characters.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence

_NAMED = {"\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that a terminal does not show as one character of its own: control and format characters, with
the bidirectional overrides among them, halves of surrogate pairs, private and unassigned code points, line ends."""

_FORMULA = ("=", "+", "-", "@")
"""Beginnings of a cell that spreadsheets calculate (documented: OWASP, CSV injection)."""


def shown(value: object) -> str:
    """A value from elsewhere as ``ls --quoting-style=escape`` writes it, except that blanks stay as they are."""
    return printable(str(value).replace("\\", "\\\\"))


def printable(text: str, encoding: str = "utf-8") -> str:
    """A line without characters that steer a terminal or cannot be written in an encoding; they become escapes."""
    return "".join(character if _is_seen(character, encoding) else _escape(character) for character in text)


def json_text(value: object, encoding: str = "utf-8", *, indent: int | None = None) -> str:
    """A value as JSON that means the same and whose text is `printable`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "".join(each if each == "\n" or _is_seen(each, encoding) else json.dumps(each)[1:-1] for each in text)


def csv_cell(value: object) -> str:
    """A value for a cell of CSV, which no spreadsheet takes for a formula. The `csv` module quotes it."""
    text = value if isinstance(value, int | float) else shown("" if value is None else value)
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else str(text)


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a Markdown table whose cells show their values and mean nothing else."""
    lines = [list(map(_markdown, columns)), ["---"] * len(columns), *(list(map(_markdown, row)) for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _markdown(value: object) -> str:
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&$-])", r"\\\1", shown("" if value is None else value))


def _is_seen(character: str, encoding: str) -> bool:
    if " " <= character <= "~":
        return True
    if unicodedata.category(character) in _UNSEEN:
        return False
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escape(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 1 << 8 else f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"
