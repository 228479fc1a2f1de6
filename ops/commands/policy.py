"""``python -m ops policy validate``: whether a policy file can be used. It calls nobody and needs no credentials."""

from pathlib import Path
from typing import Annotated

import typer

from functions.retention.policy import lint, read_policies
from ops.commands.common import add_command
from ops.environment import Environment
from ops.exit_codes import DONE, PARTIAL
from ops.screen import Screen
from ops.session import Session
from ops.text import shown

_CONNECTION = ("account_id", "s_yaml", "policies", "endpoint_url", "seal_key_file")

File = Annotated[Path, typer.Argument(help="The policy file.")]


def register(app: typer.Typer, environment: Environment) -> None:
    """Add the commands under ``policy``."""
    policy = typer.Typer(help="Policy files.", no_args_is_help=True)
    app.add_typer(policy, name="policy")
    add_command(policy, environment, "validate", validate, without=_CONNECTION)


def validate(session: Session, screen: Screen, file: File) -> int:  # noqa: ARG001 - a command's signature
    """Check a policy file. Exit code 2 when it cannot be used, 3 when some rule of it can never act.

    Raises:
        PolicyError: it cannot be used; names each line.
    """
    read = read_policies(file)
    findings = list(lint(read, {}, {}))
    if screen.as_json:
        policies = {policy.name: policy.mode for policy in read.policies}
        told = [finding._asdict() for finding in findings]
        screen.json({"file": str(file), "digest": read.digest, "policies": policies, "findings": told})
    else:
        armed = sum(policy.mode == "enforce" for policy in read.policies)
        screen.say(f"{shown(file)} can be used: {len(read.policies)} policies, {armed} of them enforcing.")
        screen.say(*(f"  {finding.where}: {shown(finding.why)}" for finding in findings), meaning="care")
    return PARTIAL if findings else DONE
