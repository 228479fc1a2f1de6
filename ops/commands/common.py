"""What all commands share: options, and how an error becomes an exit code."""

import inspect
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from functions.retention.core import RetentionError
from ops.environment import Environment
from ops.exit_codes import DONE, INTERRUPTED, code_of
from ops.screen import Screen
from ops.seal_key import FILE_VARIABLE
from ops.session import ACCOUNT_VARIABLE, ENDPOINT_VARIABLE, Session, Target

AccountId = Annotated[str, typer.Option(help=f"The account's number; else from {ACCOUNT_VARIABLE}.")]
SYaml = Annotated[Path | None, typer.Option("--s-yaml", help="The deployment; else s.yaml in this folder.")]
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


class OnceEach(TyperCommand):
    """A command that refuses an option given twice; without it the last one would win."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - a class of typer that it keeps private
        """See the base class.

        Raises:
            typer.BadParameter: an option is given twice.
        """
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for parameter in given:
            if given.count(parameter) > 1 and not parameter.multiple and parameter.nargs == 1:
                raise typer.BadParameter("is given twice: give it once", ctx=ctx, param_hint=parameter.opts[0])
        return super().parse_args(ctx, args)


def add_command(
    app: typer.Typer,
    environment: Environment,
    name: str,
    command: Callable[..., int],
    without: Collection[str] = ("seal_key_file",),
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
    app.command(name, cls=OnceEach, help=text)(with_parameters(parsed, [*own, *common, output]))


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
        for line in str(error).splitlines() or [type(error).__name__]:
            screen.error(line)
        if as_json:
            screen.json({"error": type(error).__name__, "message": str(error), "exit": code})
    except KeyboardInterrupt:
        code = INTERRUPTED
        screen.error("Interrupted. What was asked of the cloud may go on; see `ops status`, stop it with `ops cancel`.")
    if code != DONE:
        raise typer.Exit(code)


def _target(
    account_id: AccountId = "",
    s_yaml: SYaml = None,
    policies: Policies = None,
    endpoint_url: EndpointUrl = None,
    seal_key_file: SealKeyFile = None,
) -> Target:
    return Target(account_id, s_yaml, policies, endpoint_url, seal_key_file)
