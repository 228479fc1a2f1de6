"""Where a command answers: lines, tables, bars and JSON, on a terminal or in a pipe.

Everything that a command writes goes through `Screen`, which lets nothing but `ops.text.printable` text pass.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.text import Text

from ops.environment import Environment
from ops.text import json_text, printable, shown

GAP = 2
"""Blanks between two columns."""

STYLES: Mapping[str, str] = {"good": "green", "bad": "bold red", "care": "yellow", "faint": "dim", "head": "bold"}
"""Colours by what they mean. A terminal shows them; ``NO_COLOR`` and pipes turn them off."""


@dataclass(frozen=True)
class Screen:
    """Where a command answers.

    Attributes:
        environment: its output.
        as_json: JSON instead of text.
        is_verbose: details too.
    """

    environment: Environment
    as_json: bool
    is_verbose: bool = False

    def json(self, value: object) -> None:
        """Write a value as JSON."""
        self.environment.out.write(json_text(value, self._encoding, indent=2) + "\n")

    def line(self, value: object) -> None:
        """Write a value as one line of JSON, at once: for a pipe that reads as it comes."""
        self.environment.out.write(json_text(value, self._encoding) + "\n")
        self.environment.out.flush()

    def say(self, *lines: str, meaning: str = "", console: Console | None = None) -> None:
        """Write lines for a person; above the bars, when it is their console.

        Args:
            lines: each stays one line, however long.
            meaning: a key of `STYLES`.
            console: where the bars are drawn.
        """
        style = "" if self.environment.environ.get("NO_COLOR") else STYLES.get(meaning, "")
        for line in lines:
            text = Text(printable(line, self._encoding), style)
            (console or self.console()).print(text, soft_wrap=True, highlight=False)

    def error(self, line: str) -> None:
        """Write a line about what went wrong."""
        encoding = getattr(self.environment.err, "encoding", None) or "utf-8"
        self.environment.err.write(printable(line, encoding) + "\n")
        self.environment.err.flush()

    def bars(self, *columns: ProgressColumn) -> Progress:
        """Progress bars on a terminal, drawn when told to; they draw nothing anywhere else, nor beside JSON."""
        return Progress(
            *columns,
            console=self.console(),
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            get_time=self.environment.clock.now,
            disable=self.as_json or not self.environment.out.isatty(),
        )

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write a table for a person. No word of it is cut or folded.

        In a pipe each row is one line. On a terminal the widest column wraps between words. A table that does not fit
        even so has a line for each figure.
        """
        cells = [[_cell(cell) for cell in row] for row in rows]
        named = any(columns)
        widths = [
            max(map(cell_len, column), default=0) for column in zip(*([columns] if named else []), *cells, strict=True)
        ]
        if title:
            self.say(title, meaning="head")
        fitted = _fitted(widths, cells, self._width - GAP) if self.environment.out.isatty() else widths
        if fitted is None:
            self._blocks(columns, cells)
            return
        if named:
            self._row(columns, fitted, "faint")
        for row in cells:
            self._row(row, fitted)

    def console(self) -> Console:
        """The terminal or pipe, for rich."""
        return Console(
            file=self.environment.out,
            width=self._width,
            markup=False,
            emoji=False,
            highlight=False,
        )

    @property
    def _encoding(self) -> str:
        return getattr(self.environment.out, "encoding", None) or "utf-8"

    @property
    def _width(self) -> int:
        given = self.environment.environ.get("COLUMNS", "")
        return int(given) if given.isdecimal() and int(given) else Console(file=self.environment.out).width

    def _row(self, row: Sequence[str], widths: Sequence[int], meaning: str = "") -> None:
        """Write one row, over as many lines as its cells need."""
        console = self.console()
        parts = [
            [line.plain.rstrip() for line in Text(cell).wrap(console, max(width, 1), overflow="fold")] or [""]
            for cell, width in zip(row, widths, strict=True)
        ]
        for number in range(max(map(len, parts))):
            line = [part[number] if number < len(part) else "" for part in parts]
            padded = (text + " " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True))
            self.say((" " * GAP + (" " * GAP).join(padded)).rstrip(), meaning=meaning)

    def _blocks(self, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
        for row in cells:
            for name, cell in zip(columns, row, strict=True):
                if cell:
                    self.say(f"  {name}: {cell}" if name else f"  {cell}")
            self.say("")


def _fitted(widths: Sequence[int], cells: Sequence[Sequence[str]], room: int) -> Sequence[int] | None:
    """The widths of columns in so much room, the widest one narrower if it has to be; None when they do not fit."""
    room -= GAP * (len(widths) - 1)
    if sum(widths) <= room:
        return widths
    widest = max(range(len(widths)), key=widths.__getitem__)
    narrower = room - sum(widths) + widths[widest]
    longest = max((cell_len(word) for row in cells for word in row[widest].split(" ")), default=0)
    if narrower < max(longest, room // 3):
        return None
    return [narrower if column == widest else width for column, width in enumerate(widths)]


def _cell(cell: Any) -> str:  # noqa: ANN401 - any JSON value
    """A cell's text; what is neither text nor a number is JSON."""
    if cell is None:
        return ""
    return shown(cell) if isinstance(cell, str) else json_text(cell)


@contextmanager
def forgiving_output() -> Iterator[None]:
    """Let this process's output take any text, and let whoever reads it go away.

    Help texts and what libraries print can hold characters that the terminal's encoding does not have.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with suppress(BrokenPipeError):
            yield
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
