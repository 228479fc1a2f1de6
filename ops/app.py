"""The operator's command line, put together."""

import typer

from ops.commands import dlq, doctor, follow, invoke, setup
from ops.environment import Environment
from ops.exit_codes import TABLE


def build_app(environment: Environment) -> typer.Typer:
    """The command line over a environment."""
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
    for commands in (setup, doctor, dlq, invoke, follow):
        commands.register(app, environment)
    return app


def _root() -> None:
    """Provision, check and mend a deployment of NAS recycle-bin retention."""
