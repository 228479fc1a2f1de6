"""The operator's command line, put together."""

from typing import Annotated

import typer

from ops import __version__
from ops.commands import dlq, doctor, follow, invoke, policy, setup
from ops.environment import Environment
from ops.exit_codes import TABLE
from ops.screen import forgiving_output


def main(name: str = "nas-retention") -> None:
    """Run the command line on this process's arguments.

    Args:
        name: how a person called it, for help texts.
    """
    with forgiving_output():
        build_app(Environment())(prog_name=name)


def build_app(environment: Environment) -> typer.Typer:
    """Return the command line over an environment."""
    app = typer.Typer(
        name="ops",
        help="Provision, check and mend a deployment of NAS recycle-bin retention.",
        epilog=TABLE,
        no_args_is_help=True,
        add_completion=False,
        # A pretty trace shows local variables, and those can hold keys.
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for commands in (setup, policy, doctor, dlq, invoke, follow):
        commands.register(app, environment)
    return app


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - a callback of typer's
    if wanted:
        typer.echo(f"nas-retention {__version__}")
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Provision, check and mend a deployment of NAS recycle-bin retention."""
