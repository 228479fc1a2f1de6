"""``python -m ops setup``: everything a deployment needs beside its functions, shown first, made on order."""

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from deployment.schedules import Schedule, parse_schedule
from deployment.triggers import TimerTrigger
from ops.commands.common import Apply, add_command
from ops.environment import Environment
from ops.exit_codes import DONE
from ops.names import Deployment
from ops.provision.alerts import longest_period
from ops.provision.desired import desired
from ops.provision.plan import apply_plan, make_plan
from ops.provision.resource import Change, Step
from ops.ram import GRANTS, deployer_policy, function_policy
from ops.screen import Screen
from ops.seal_key import KEY_VARIABLE, make_key_file, read_key_file
from ops.session import Session
from ops.text import shown

_CELL = 60
"""Characters of a value in a table."""

ActionPolicy = Annotated[str, typer.Option(help="The log service's action policy that tells somebody of alerts.")]


def register(app: typer.Typer, environment: Environment) -> None:
    """Add the commands ``setup`` and ``ram``."""
    add_command(app, environment, "setup", setup, without=())
    add_command(app, environment, "ram", ram, without=("endpoint_url", "seal_key_file"))


def setup(session: Session, screen: Screen, apply: Apply = False, action_policy: ActionPolicy = "") -> int:  # noqa: FBT002 - a flag
    """Make queues, log, index, dashboard, searches and alerts. Without --apply, only show what would be done.

    The seal key is made first and once: a file that is there is checked and kept.

    Raises:
        CloudError: no resource was changed.
        ConfigurationError: others may read the file of the seal key, or it holds none.
        Partial: some of it was done.
    """
    deployment, by_kind, policies = session.deployment, session.resources(), _policies(session)
    file = session.seal_key_file
    key_action = "create" if read_key_file(file) is None else "keep"
    period = sweep_period(deployment, session.environment.clock.now())
    steps = make_plan(desired(deployment, sweep_period=period, action_policy=action_policy), by_kind)
    if not screen.as_json:
        _show(screen, steps)
        screen.say("", f"Seal key: {key_action} {shown(file)}")
    if apply and key_action == "create":
        make_key_file(file, session.environment.random_bytes)
    if apply:
        apply_plan(steps, by_kind, lambda step: _report(screen, step))
    if screen.as_json:
        key = {"seal_key": {"file": str(file), "action": key_action, "export": export_command(file)}}
        screen.json({"applied": apply, "steps": [_as_json(step) for step in steps], "policies": policies, **key})
        return DONE
    for name, policy in policies.items():
        screen.say("", f"RAM policy of the {name}; `ops ram` says why:")
        screen.json(policy)
    screen.say("", "Before each `s deploy`, in the shell that deploys:", export_command(file))
    screen.say("", "Done." if apply else "Nothing was changed; add --apply to do it.")
    return DONE


def export_command(file: Path) -> str:
    """The shell command that passes the key in a file on to ``s deploy``; it does not hold the key itself."""
    return f'export {KEY_VARIABLE}="$(cat {shlex.quote(str(file))})"'


def ram(session: Session, screen: Screen) -> int:
    """Show the RAM policies for the functions' role and for the deployer, and why each action is in."""
    policies = _policies(session)
    if screen.as_json:
        screen.json(policies)
        return DONE
    screen.table("Actions of the functions' role", ("action", "for"), [(grant.action, grant.why) for grant in GRANTS])
    for name, policy in policies.items():
        screen.say("", f"RAM policy of the {name}:")
        screen.json(policy)
    return DONE


def sweep_period(deployment: Deployment, now: float) -> float:
    """The longest time between two sweeps, seconds, from now on; infinite without a timer.

    Raises:
        ConfigurationError: s.yaml has no sweep function.
    """
    return min((longest_period(schedule, now) for schedule in sweep_schedules(deployment)), default=float("inf"))


def sweep_schedules(deployment: Deployment) -> list[Schedule]:
    """When the timers sweep.

    Raises:
        ConfigurationError: s.yaml has no sweep function.
    """
    timers = [trigger for trigger in deployment.function("sweep").triggers if isinstance(trigger, TimerTrigger)]
    return [parse_schedule(timer.trigger_config.cron_expression) for timer in timers]


def _policies(session: Session) -> dict[str, object]:
    return {
        "functions' role": function_policy(session.deployment, session.policies),
        "deployer": deployer_policy(session.deployment),
    }


def _show(screen: Screen, steps: list[Step]) -> None:
    rows = [
        (step.resource.kind, step.resource.name, step.action, "; ".join(map(_line, step.changes))) for step in steps
    ]
    screen.table("Plan", ("what", "name", "action", "changes"), rows)


def _report(screen: Screen, step: Step) -> None:
    if not screen.as_json and step.action != "keep":
        screen.say(f"{step.action}d {step.resource.kind} {step.resource.name}")


def _line(change: Change) -> str:
    return f"{change.field}: {_short(change.now)} -> {_short(change.wanted)}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _CELL else f"{text[: _CELL - 3]}..."


def _as_json(step: Step) -> dict[str, object]:
    return {
        "kind": step.resource.kind,
        "name": step.resource.name,
        "action": step.action,
        "changes": [asdict(change) for change in step.changes],
    }
