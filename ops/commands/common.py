"""What all commands share: options, how an answer is shown, how an error becomes an exit code."""

import inspect
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table

from functions.retention.core import RetentionError
from ops.environment import Environment
from ops.exit_codes import DONE, code_of
from ops.session import ACCOUNT_VARIABLE, ENDPOINT_VARIABLE, Session, Target

AccountId = Annotated[str, typer.Option(help=f"The account's number; else from {ACCOUNT_VARIABLE}.")]
SYaml = Annotated[Path | None, typer.Option("--s-yaml", help="The deployment; else s.yaml in this folder.")]
Policies = Annotated[Path | None, typer.Option("--policies", help="The policy file; else the one s.yaml names.")]
EndpointUrl = Annotated[
    str | None,
    typer.Option(help=f"One URL for every service, e.g. of the fakes' server. Default: {ENDPOINT_VARIABLE}."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Apply = Annotated[bool, typer.Option("--apply", help="Do it; without, only show what would be done.")]

WIDTH = 120
"""Columns of a table that goes into a file."""


@dataclass(frozen=True)
class Screen:
    """Where a command answers.

    Attributes:
        environment: its output.
        as_json: JSON instead of tables.
    """

    environment: Environment
    as_json: bool

    def json(self, value: object) -> None:
        """Write a value as JSON."""
        self.environment.out.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def line(self, value: object) -> None:
        """Write a value as one line of JSON, at once: for a pipe that reads as it comes."""
        self.environment.out.write(json.dumps(value, ensure_ascii=False) + "\n")
        self.environment.out.flush()

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
            get_time=self.environment.clock.now,
            disable=self.as_json or not self.environment.out.isatty(),
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
        return Console(file=self.environment.out, width=None if self.environment.out.isatty() else WIDTH)


def add_command(
    app: typer.Typer, environment: Environment, name: str, command: Callable[..., int], without: Collection[str] = ()
) -> None:
    """Add a command to a command line.

    Args:
        app: the command line.
        environment: what the command gets from outside.
        name: what a person types.
        command: takes a `Session`, a `Screen` and its own options, and returns its exit code. The first paragraph of
            its docstring is the help text.
        without: names of the options of `_target` that it does not use.
    """
    common = [each for each in inspect.signature(_target).parameters.values() if each.name not in without]
    output = inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=AsJson)

    def parsed(**given: Any) -> None:  # noqa: ANN401 - whatever the options hold
        target = _target(**{each.name: given.pop(each.name) for each in common})
        as_json = given.pop("as_json")
        run(environment, target, as_json, lambda session, screen: command(session, screen, **given))

    own = list(inspect.signature(command).parameters.values())[2:]
    text = inspect.cleandoc(command.__doc__ or "").partition("\n\n")[0]
    app.command(name, help=text)(with_parameters(parsed, [*own, *common, output]))


def with_parameters(function: Callable[..., Any], parameters: Sequence[inspect.Parameter]) -> Callable[..., Any]:
    """Make a function that takes keywords declare them, as typer reads them."""
    keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    function.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]  # read by typer
    function.__annotations__ = {each.name: each.annotation for each in parameters}
    return function


def run(
    environment: Environment,
    target: Target,
    as_json: bool,  # noqa: FBT001 - an option passed on
    command: Callable[[Session, Screen], int],
) -> None:
    """Run a command to its exit code.

    Raises:
        typer.Exit: the code is not 0.
    """
    screen = Screen(environment, as_json)
    try:
        code = command(Session(environment, target), screen)
    except RetentionError as error:
        code = code_of(error)
        environment.err.write(f"{type(error).__name__}: {error}\n")
        if as_json:
            screen.json({"error": type(error).__name__, "message": str(error), "exit": code})
    if code != DONE:
        raise typer.Exit(code)


def _target(
    account_id: AccountId = "", s_yaml: SYaml = None, policies: Policies = None, endpoint_url: EndpointUrl = None
) -> Target:
    return Target(account_id, s_yaml, policies, endpoint_url)


def _plain(cell: Any) -> str:  # noqa: ANN401 - any JSON value
    """A cell's text; brackets in it are no markup."""
    text = "" if cell is None else cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return text.replace("[", "\\[")
