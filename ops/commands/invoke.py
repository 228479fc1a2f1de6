"""``python -m ops invoke`` and the console's actions by name: one call of a function, and its answer."""

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from functions.retention.core import ConfigurationError, parse_json
from ops.commands.answers import show
from ops.commands.common import add_command, with_parameters
from ops.commands.follow import PATIENCE, For, follow
from ops.environment import Environment
from ops.invoke.invocation import Invoker
from ops.screen import Screen
from ops.session import Session


class Api(str, Enum):
    """How functions are reached."""

    FC3 = "fc3"
    FC2 = "fc2"


@dataclass(frozen=True)
class Call:
    """One call as asked for.

    Attributes:
        function: short name, e.g. ``console``.
        event: what its handler gets.
        api: version of the API.
        service: of an FC 2.0 deployment; "" for the deployment's name.
        local: run it here instead.
        queued: only queue it.
        tail: show the end of its log.
        patience: seconds to follow the runs that go on after the answer; None does not follow.
    """

    function: str
    event: bytes
    api: Api = Api.FC3
    service: str = ""
    local: bool = False
    queued: bool = False
    tail: bool = False
    patience: float | None = None


ApiOption = Annotated[Api, typer.Option("--api", help="Function Compute 3.0, or a 2.0 service.")]
Service = Annotated[str, typer.Option(help="The service of an FC 2.0 deployment; else the deployment's name.")]
Here = Annotated[bool, typer.Option("--local", help="Run the function in this process, under your own identity.")]
Event = Annotated[str | None, typer.Option("--event", help="A file with the event; - reads standard input.")]
Queued = Annotated[bool, typer.Option("--async", help="Only queue it.")]
Tail = Annotated[bool, typer.Option("--tail", help="Show the end of what it printed.")]
Follow = Annotated[bool, typer.Option("--follow", help="Then follow the runs that go on, as `follow` does.")]
FileSystem = Annotated[str, typer.Argument(help="A file system's id.")]
MaybeFileSystem = Annotated[str | None, typer.Option("--file-system", help="Only this file system.")]
RunId = Annotated[str | None, typer.Option("--run", help="Only this run.")]
PlanId = Annotated[str | None, typer.Option(help="The plan to carry out, as `plan` named it.")]
Confirm = Annotated[str | None, typer.Option(help="The file system's id again.")]
EntryPath = Annotated[str | None, typer.Option("--path", help="Where the entry was, from the file system's root.")]
FileId = Annotated[str | None, typer.Option(help="The entry's id.")]
FileSystems = Annotated[list[str] | None, typer.Argument(help="Ids of file systems; left out, all.")]
Why = Annotated[str | None, typer.Option("--reason", help="Why, for the audit log.")]
By = Annotated[str | None, typer.Option("--by", envvar="USER", help="Who asks; your login name unless given.")]
Until = Annotated[str | None, typer.Option(help="When it ends by itself: 4h, or 2026-12-02T06:00:00Z.")]
AlsoLift = Annotated[
    list[str] | None, typer.Option(help="End this too: the hold tag, nas-retention=hold, or rest after a cancel.")
]
Narrow = Annotated[str | None, typer.Option(help='Narrow the policies, as JSON: {"path": "/logs/**"}.')]


def register(app: typer.Typer, environment: Environment) -> None:
    """Add ``invoke`` and a command for each action of the console."""
    add_command(app, environment, "invoke", _invoke_command)
    for action, ask in CONSOLE.items():
        add_command(app, environment, action, _console_command(action, ask))


def _invoke_command(  # noqa: PLR0917 - one parameter for each option
    session: Session,
    screen: Screen,
    function: Annotated[str, typer.Argument(help="sweep, purge or console.")],
    event: Event = None,
    api: ApiOption = Api.FC3,
    service: Service = "",
    local: Here = False,  # noqa: FBT002 - a flag
    queued: Queued = False,  # noqa: FBT002 - a flag
    tail: Tail = False,  # noqa: FBT002 - a flag
    following: Follow = False,  # noqa: FBT002 - a flag
    patience: For = PATIENCE,
) -> int:
    """Invoke a function with an event of your own."""
    seconds = patience if following else None
    return invoke(session, screen, Call(function, read_event(event), api, service, local, queued, tail, seconds))


def invoke(session: Session, screen: Screen, call: Call) -> int:
    """Invoke a function, show its answer and follow its runs if asked to. Return the worse exit code.

    Raises:
        CloudError: refused, or no answer; or the log of a run could not be read.
        ConfigurationError: no such function, or no answer to follow.
    """
    if call.queued and call.patience is not None:
        raise ConfigurationError("--follow needs the answer, which --async does not wait for: take one of them")
    if session.target.policies is not None and not call.local:
        raise ConfigurationError(
            "--policies: a deployed function follows the policy file that was deployed with it; "
            "add --local to try another one, or leave --policies out"
        )
    name = session.deployment.function(call.function).function_name
    outcome = invoker(session, call).invoke(name, call.event, queued=call.queued, tail=call.tail)
    code = show(screen, outcome, in_lines=call.patience is not None)
    if call.patience is None:
        return code
    runs = outcome.going_on()
    if not runs:
        session.environment.err.write("nothing to follow: the answer names no run that goes on\n")
        return code
    return max(code, follow(session, screen, runs, call.patience))


def invoker(session: Session, call: Call) -> Invoker:
    """Return what makes a call. SDKs are imported when needed.

    Raises:
        ConfigurationError: no credentials were found.
    """
    settings, timeout = session.settings, session.deployment.function(call.function).timeout
    if call.local:
        from ops.invoke.local import Local  # noqa: PLC0415 - see above

        file = session.target.policies or session.deployment.policies_file
        return Local(session.deployment, replace(settings, policies_file=file.resolve()), session.environment)
    if call.api is Api.FC2:
        from ops.invoke.fc2 import Fc2  # noqa: PLC0415 - see above

        return Fc2(settings, timeout, call.service or session.deployment.name, session.endpoint_url)
    from ops.invoke.fc3 import Fc3  # noqa: PLC0415 - see above

    return Fc3(settings, timeout, session.endpoint_url)


def read_event(source: str | None) -> bytes:
    """The event in a file, on standard input for ``-``; ``{}`` when none is named.

    Raises:
        ConfigurationError: the name is empty, the file cannot be read, or there is nothing in it.
    """
    if source is None:
        return b"{}"
    if not source.strip():
        raise ConfigurationError(f"--event: {_EMPTY}")
    try:
        event = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"--event {source}: {error.strerror}") from error
    if not event.strip():
        raise ConfigurationError(f"--event {source}: there is nothing in it; write {{}} to ask for everything")
    return event


def read_narrow(text: str | None) -> Mapping[str, Any] | None:
    """A narrowing given as JSON, None when there is none; the console checks what is in it.

    Raises:
        ConfigurationError: not a JSON object, an empty one, or one that gives a key twice.
    """
    if text is None:
        return None
    try:
        value = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"--narrow: not JSON ({error})") from error
    if not isinstance(value, dict):
        raise ConfigurationError(f"--narrow: {text} is no JSON object")
    if not value:
        raise ConfigurationError(f"--narrow: {_EMPTY}")
    return value


_EMPTY = "is empty: give a value, or leave the option out (is a variable of the shell not set?)"


Request = Mapping[str, Any]


def _plan(file_system: FileSystem, narrow: Narrow = None) -> Request:
    """Show what would be deleted and print a plan id."""
    return {"file_system": file_system, "narrow": read_narrow(narrow)}


def _purge(file_system: FileSystem, plan_id: PlanId = None, confirm: Confirm = None, narrow: Narrow = None) -> Request:
    """Start a run that deletes: exactly a plan, or what the policies say when --confirm names the file system again."""
    return {"file_system": file_system, "plan_id": plan_id, "confirm": confirm, "narrow": read_narrow(narrow)}


def _status(file_system: MaybeFileSystem = None, run_id: RunId = None) -> Request:
    """Show the state of all file systems, of one, or of one run."""
    return {"file_system": file_system, "run": run_id}


def _explain(file_system: FileSystem, path: EntryPath = None, file_id: FileId = None) -> Request:
    """Show why an entry is deleted or kept, or how it was deleted."""
    return {"file_system": file_system, "path": path, "file_id": file_id}


def _cancel(file_system: MaybeFileSystem = None, run_id: RunId = None) -> Request:
    """Stop a run, or every run on a file system."""
    return {"file_system": file_system, "run": run_id}


def _lint() -> Request:
    """Show which rules of the deployed policy file can never act."""
    return {}


def _pause(file_systems: FileSystems = None, reason: Why = None, until: Until = None, by: By = None) -> Request:
    """Stop all work within a minute: on the file systems named, or on all that the guardrails name."""
    return {"file_systems": file_systems or None, "reason": reason, "until": until, "requested_by": by}


def _resume(file_systems: FileSystems = None, reason: Why = None, also_lift: AlsoLift = None, by: By = None) -> Request:
    """End what pause began: on the file systems named, or on all. A hold and the rest after a cancel stay."""
    return {"file_systems": file_systems or None, "reason": reason, "also_lift": also_lift or None, "requested_by": by}


CONSOLE: Mapping[str, Callable[..., Request]] = {
    "plan": _plan,
    "purge": _purge,
    "status": _status,
    "explain": _explain,
    "cancel": _cancel,
    "lint": _lint,
    "pause": _pause,
    "resume": _resume,
}
"""Makes the console's request of a command's own options, by action."""

_FOLLOWED = frozenset({"plan", "purge"})
"""Actions after which a run may go on."""


def _console_call(
    following: Follow = False,  # noqa: FBT002 - a flag
    patience: For = PATIENCE,
    api: ApiOption = Api.FC3,
    service: Service = "",
    local: Here = False,  # noqa: FBT002 - a flag
) -> Call:
    return Call("console", b"", api, service, local, patience=patience if following else None)


def _refuse_empty(own: Mapping[str, inspect.Parameter], given: Mapping[str, object]) -> None:
    """Refuse an argument or option without a value: left out, it would ask for more than was meant.

    Raises:
        ConfigurationError: naming it.
    """
    for name, parameter in own.items():
        value = given[name]
        values = value if isinstance(value, list | tuple) else (value,)
        if any(isinstance(each, str) and not each.strip() for each in values):
            (option,) = parameter.annotation.__metadata__
            declared = option.default if isinstance(option.default, str) else f"--{name.replace('_', '-')}"
            raise ConfigurationError(f"{name.upper() if parameter.default is parameter.empty else declared}: {_EMPTY}")


def _console_command(action: str, ask: Callable[..., Request]) -> Callable[..., int]:
    """Return a command with the options of `ask` and of `_console_call`; some actions have nothing to follow."""
    own = inspect.signature(ask).parameters
    unused = () if action in _FOLLOWED else ("following", "patience")

    def command(session: Session, screen: Screen, **given: Any) -> int:  # noqa: ANN401 - whatever the options hold
        _refuse_empty(own, given)
        request = {"action": action, **ask(**{name: given.pop(name) for name in own})}
        if action == "plan" and session.target.policies is not None:
            request["candidate"] = True
        event = json.dumps({name: value for name, value in request.items() if value is not None}).encode()
        return invoke(session, screen, replace(_console_call(**given), event=event))

    first = list(inspect.signature(command).parameters.values())[:2]
    shared = [each for each in inspect.signature(_console_call).parameters.values() if each.name not in unused]
    command.__doc__ = ask.__doc__
    return with_parameters(command, [*first, *own.values(), *shared])
