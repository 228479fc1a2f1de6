"""``python -m ops doctor``: what is wrong with a deployment, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import typer
from fastcrc import crc64

from deployment.s_yaml import FunctionProps
from functions.retention.audit import VISIBILITY
from functions.retention.core import CloudError, ConfigurationError, NoAnswer, Record
from ops.commands.common import add_command
from ops.commands.setup import export_command, sweep_period, sweep_schedules
from ops.doctor import functions, live, static
from ops.doctor.finding import Finding, together
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
from ops.text import shown

_SWEPT = ("swept", "refused", "surveyed")
_LONGEST_LOOK_BACK = 7 * 86_400.0

FIRST_PATIENCE = 5.0
"""Seconds for which the first check tries again: an endpoint that is dead is told of within ten."""

PATIENCE = 20.0
"""Seconds for which further checks do; a search of the log is not sent when there are less than 15 s for it."""


def register(app: typer.Typer, environment: Environment) -> None:
    """Add the command ``doctor``."""
    add_command(app, environment, "doctor", doctor, without=())


def doctor(session: Session, screen: Screen) -> int:
    """Check a deployment; changes nothing. Exit code 3 when anything is wrong or could not be looked at.

    Raises:
        ConfigurationError: s.yaml cannot be used.
        PolicyError: the policy file cannot be used.
    """
    session.patience = FIRST_PATIENCE
    findings: list[Finding] = []
    for check, found in _checks(session):
        listed = list(found)
        findings += listed
        session.patience = PATIENCE
        if not screen.as_json:
            _report(screen, check, together(listed))
    wrong = sum(each.level == "wrong" for each in findings)
    if screen.as_json:
        screen.json({"findings": [asdict(finding) for finding in findings]})
    elif findings:
        screen.say(f"{wrong} wrong, {len(findings) - wrong} for knowing.", meaning="bad" if wrong else "care")
    else:
        screen.say("Nothing found.", meaning="good")
    return PARTIAL if wrong else DONE


def _report(screen: Screen, check: str, findings: Sequence[Finding]) -> None:
    """One line for a check that found nothing; else two for each finding."""
    if not findings:
        screen.say(f"{'ok':7} {check}", meaning="good")
    for each in findings:
        screen.say(
            f"{each.level:7} {each.check}: {shown(each.what)}", meaning="bad" if each.level == "wrong" else "care"
        )
        screen.say(f"{'':7} to mend: {shown(each.remedy)}")


def _versions() -> Iterable[Finding]:
    """Of a source tree; an installed distribution has no such files, and its installer held the same pins."""
    for pins in (ROOT / "requirements.txt", ROOT / "ops" / "requirements.txt"):
        if pins.is_file():
            yield from static.versions(pins, _installed)


def _checks(session: Session) -> Iterator[tuple[str, Iterable[Finding]]]:
    """Each check by name, with what it finds; a check is made when it is asked for."""
    yield "versions", _versions()
    policies, now = session.policies, session.environment.clock.now()
    yield "resources", _check(session, "resources", partial(_resources, session))
    yield "log order", _check(session, "log order", partial(_log_order, session))
    yield "functions", _functions(session)
    yield "dead letters", _check(session, "dead letters", partial(_dead_letters, session))
    yield "sweeps", _check(session, "sweeps", partial(_sweeps, session))
    reserved_days: dict[str, int] = {}
    yield "file systems", _file_systems(session, reserved_days)
    yield (
        "policies",
        _check(session, "policies", lambda: list(static.policies(policies, reserved_days, _surveys(session)))),
    )
    yield "window", static.windows(policies, sweep_schedules(session.deployment), now)
    yield "instances", instances(session.deployment, policies)


def _file_systems(session: Session, reserved_days: dict[str, int]) -> Iterator[Finding]:
    for name in session.policies.guardrails.file_systems:
        yield from _check(session, "file systems", partial(_file_system, session, name, reserved_days), name)


def _check(session: Session, check: str, look: Callable[[], Sequence[Finding]], subject: str = "") -> Sequence[Finding]:
    """What a check finds; that it cannot be made when a service does not say.

    Once a service gave no answer, what is left of the same check tries each call once.
    """
    try:
        return look()
    except CloudError as error:
        if isinstance(error, NoAnswer):
            session.patience = 0.0
        remedy = "mend what the message says (permission, key, network), then look again"
        return [Finding("wrong", check, f"could not look: {error}", remedy, subject)]


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
        yield from _check(session, "functions", partial(_function, session, props, deployed))
        yield from _check(session, "triggers", partial(_triggers, session, props))
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
        records += [each for each in audit.find({"event": event}, since) if "candidate" not in each]
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
