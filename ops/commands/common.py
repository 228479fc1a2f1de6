"""What all commands share: options, how an answer is shown, how an error ends."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table

from functions.retention.core import RetentionError
from ops.environment import World
from ops.exit_codes import DONE, code_of
from ops.seal_key import FILE_VARIABLE
from ops.session import ACCOUNT_VARIABLE, ENDPOINT_VARIABLE, Session, Target

AccountId = Annotated[str, typer.Option(help=f"The account's number; else from {ACCOUNT_VARIABLE}.")]
SYaml = Annotated[Path | None, typer.Option("--s-yaml", help="The deployment; else the repository's own.")]
Policies = Annotated[Path | None, typer.Option("--policies", help="The policy file; else the one s.yaml names.")]
EndpointUrl = Annotated[
    str | None,
    typer.Option(help=f"One URL for every service, e.g. of the fakes' server. Default: {ENDPOINT_VARIABLE}."),
]
SealKeyFile = Annotated[
    Path | None, typer.Option(help=f"File of the seal key. Default: {FILE_VARIABLE}, or your configuration folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Apply = Annotated[bool, typer.Option("--apply", help="Do it; without, only show what would be done.")]

WIDTH = 120
"""Columns of a table that goes into a file."""


@dataclass(frozen=True)
class Screen:
    """Where a command answers.

    Attributes:
        world: its output.
        as_json: JSON instead of tables.
    """

    world: World
    as_json: bool

    def json(self, value: object) -> None:
        """Write a value as JSON."""
        self.world.out.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def line(self, value: object) -> None:
        """Write a value as one line of JSON, at once: for a pipe that reads as it comes."""
        self.world.out.write(json.dumps(value, ensure_ascii=False) + "\n")
        self.world.out.flush()

    def say(self, text: str, console: Console | None = None) -> None:
        """Write a line for a person; above the bars, when it is their console."""
        (console or self._console()).print(text, markup=False, highlight=False, soft_wrap=True)

    def bars(self, *columns: ProgressColumn) -> Progress:
        """Progress bars on a terminal, drawn when told to; they draw nothing anywhere else, nor beside JSON."""
        return Progress(
            *columns,
            console=self._console(),
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            get_time=self.world.clock.now,
            disable=self.as_json or not self.world.out.isatty(),
        )

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write a table for a person; nothing in it is cut off."""
        table = Table(title=title, title_justify="left", show_header=any(columns))
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(_plain(cell) for cell in row))
        self._console().print(table)

    def _console(self) -> Console:
        return Console(file=self.world.out, width=None if self.world.out.isatty() else WIDTH)


def run(world: World, target: Target, as_json: bool, command: Callable[[Session, Screen], int]) -> None:  # noqa: FBT001 - an option passed on
    """Run a command to its exit code.

    Raises:
        typer.Exit: unless the code is 0.
    """
    screen = Screen(world, as_json)
    try:
        code = command(Session(world, target), screen)
    except RetentionError as error:
        code = code_of(error)
        world.err.write(f"{type(error).__name__}: {error}\n")
        if as_json:
            screen.json({"error": type(error).__name__, "message": str(error), "exit": code})
    if code != DONE:
        raise typer.Exit(code)


def _plain(cell: Any) -> str:  # noqa: ANN401 - any JSON value
    """A cell's text; brackets in it are no markup."""
    text = "" if cell is None else cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return text.replace("[", "\\[")
