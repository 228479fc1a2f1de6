"""``python -m ops doctor``: what is wrong with a deployment, and what to do about it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import typer
from fastcrc import crc64

from deployment.s_yaml import FunctionProps
from functions.retention.audit import VISIBILITY
from functions.retention.core import CloudError, ConfigurationError, Record
from ops.commands.common import add_command
from ops.commands.setup import export_command, sweep_period, sweep_schedules
from ops.doctor import functions, live, static
from ops.doctor.finding import Finding
from ops.doctor.instances import instances
from ops.doctor.seal import seal_key
from ops.environment import Environment
from ops.exit_codes import DONE, PARTIAL
from ops.names import ROOT
from ops.provision.desired import desired
from ops.provision.plan import make_plan
from ops.screen import Screen
from ops.seal_key import read_key_file
from ops.session import Session

_SWEPT = ("swept", "refused", "surveyed")
_LONGEST_LOOK_BACK = 7 * 86_400.0


def register(app: typer.Typer, environment: Environment) -> None:
    """Add the command ``doctor``."""
    add_command(app, environment, "doctor", doctor, without=())


def doctor(session: Session, screen: Screen) -> int:
    """Check a deployment; changes nothing. Exit code 3 when anything is wrong or could not be looked at.

    Raises:
        ConfigurationError: s.yaml cannot be used.
        PolicyError: the policy file cannot be used.
    """
    findings = [*_versions(), *_live(session)]
    if screen.as_json:
        screen.json({"findings": [asdict(finding) for finding in findings]})
    elif findings:
        rows = [(each.level, each.check, each.what, each.remedy) for each in findings]
        screen.table("Findings", ("", "check", "what", "remedy"), rows)
    else:
        screen.say("Nothing found.")
    return PARTIAL if any(finding.level == "wrong" for finding in findings) else DONE


def _versions() -> Iterable[Finding]:
    """Of a source tree; an installed distribution has no such files, and its installer held the same pins."""
    for pins in (ROOT / "requirements.txt", ROOT / "ops" / "requirements.txt"):
        if pins.is_file():
            yield from static.versions(pins, _installed)


def _live(session: Session) -> Iterable[Finding]:
    yield from _check("resources", partial(_resources, session))
    yield from _check("log order", partial(_log_order, session))
    yield from _functions(session)
    yield from _check("dead letters", partial(_dead_letters, session))
    yield from _check("sweeps", partial(_sweeps, session))
    guardrails = session.policies.guardrails
    reserved_days: dict[str, int] = {}
    for file_system in guardrails.file_systems:
        yield from _check("file systems", partial(_file_system, session, file_system, reserved_days))
    yield from _check("policies", lambda: list(static.policies(session.policies, reserved_days, _surveys(session))))
    yield from static.windows(session.policies, sweep_schedules(session.deployment), session.environment.clock.now())
    yield from instances(session.deployment, session.policies)


def _check(check: str, look: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
    """What a check finds; that it cannot be made when a service does not say."""
    try:
        return look()
    except CloudError as error:
        remedy = "mend what the message says (permission, key, network), then look again"
        return [Finding("wrong", check, f"could not look: {error}", remedy)]


def _resources(session: Session) -> Sequence[Finding]:
    period = sweep_period(session.deployment, session.environment.clock.now())
    steps = make_plan(desired(session.deployment, sweep_period=period), session.resources())
    return list(live.resources(steps))


def _log_order(session: Session) -> Sequence[Finding]:
    logstore = session.deployment.audit_logstore
    return list(live.one_order(session.log_service().writable_shards(logstore), logstore))


def _functions(session: Session) -> Iterable[Finding]:
    """What is deployed, and what follows from it."""
    deployed: dict[str, functions.Deployed] = {}
    for props in session.deployment.functions.values():
        yield from _check("functions", partial(_function, session, props, deployed))
        yield from _check("triggers", partial(_triggers, session, props))
    yield from _seal_key(session, deployed)
    yield from _time_outs(session, deployed)
    package = session.deployment.package
    checksum = str(crc64.xz(package.read_bytes())) if deployed and package.is_file() else None
    yield from functions.code(deployed, package.name, checksum)


def _function(session: Session, props: FunctionProps, deployed: dict[str, functions.Deployed]) -> Sequence[Finding]:
    found = session.functions().read(props.function_name)
    if found is None:
        return [functions.missing(props)]
    deployed[props.function_name] = found
    return list(functions.differences(props, found))


def _triggers(session: Session, props: FunctionProps) -> Sequence[Finding]:
    """Those of a function that is missing are not worth a word."""
    found = session.functions().triggers(props.function_name)
    return [] if found is None else list(functions.triggers(props, found))


def _time_outs(session: Session, deployed: Mapping[str, functions.Deployed]) -> Iterable[Finding]:
    """By what is deployed and by s.yaml. A queue that cannot be read counts as set up: `_resources` tells of it."""
    purge = session.deployment.function("purge")
    found = deployed.get(purge.function_name)
    try:
        queue = session.queues().read(session.deployment.work_queue) or {}
    except CloudError:
        queue = {}
    visibility = float(queue.get("VisibilityTimeout") or VISIBILITY)
    told = found.settings.get("timeout") if found else None
    for timeout in sorted({purge.timeout, told or purge.timeout}):
        yield from static.time_outs(timeout, visibility)


def _seal_key(session: Session, deployed: Mapping[str, functions.Deployed]) -> Iterable[Finding]:
    """Also when the file cannot be used: then only whether the functions have a key at all."""
    file = session.seal_key_file
    environments = {name: function.environment for name, function in deployed.items()}
    try:
        key = read_key_file(file)
    except ConfigurationError as error:
        yield Finding("wrong", "seal key", str(error), "mend what the message says, then look again")
        key = None
    yield from seal_key(environments, key, export_command(file))


def _dead_letters(session: Session) -> Sequence[Finding]:
    name = session.deployment.dead_letter_queue
    return list(live.dead_letters(session.queues().read(name), name))


def _sweeps(session: Session) -> Sequence[Finding]:
    now = session.environment.clock.now()
    period = sweep_period(session.deployment, now)
    audit, since = session.audit(), now - min(2 * period, _LONGEST_LOOK_BACK)
    records: list[Record] = []
    for event in _SWEPT:
        records += audit.find({"event": event}, since)
    return list(live.matches_all_below(records, now=now, period=period, digest=session.policies.digest))


def _surveys(session: Session) -> list[Record]:
    since = session.environment.clock.now() - _LONGEST_LOOK_BACK
    return session.audit().find({"event": "surveyed", "digest": session.policies.digest}, since)


def _file_system(session: Session, name: str, reserved_days: dict[str, int]) -> Sequence[Finding]:
    recycle_bin = session.nas().recycle_bin(name)
    findings, days = live.file_system(recycle_bin, session.policies.guardrails, session.environment.clock)
    if days is not None:
        reserved_days[name] = days
    return findings


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
