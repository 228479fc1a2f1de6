"""Deployed functions and triggers against s.yaml and the package that lies here. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deployment.s_yaml import FunctionProps
from ops.doctor.finding import Finding
from ops.doctor.seal import VARIABLE

DEPLOY = "s deploy; or write into s.yaml what it should be"
SETTINGS = ("runtime", "handler", "timeout", "memorySize", "cpu")
"""What is compared of a function beside its environment, by its names in s.yaml and on the wire."""


@dataclass(frozen=True)
class Deployed:
    """A function as Function Compute describes it.

    Attributes:
        settings: by name in `SETTINGS`; None for what was not told.
        environment: its variables.
        code_checksum: of its package, in decimal (see `aliyun_fakes.fc.package`).
        modified: when it was changed last, in ISO format.
    """

    settings: Mapping[str, Any]
    environment: Mapping[str, str] = field(repr=False)
    code_checksum: str
    modified: str


@dataclass(frozen=True)
class DeployedTrigger:
    """A trigger as Function Compute describes it; `config` is its configuration as parsed."""

    name: str
    config: Mapping[str, Any]


def missing(props: FunctionProps) -> Finding:
    """That a function of s.yaml is not deployed."""
    return Finding("wrong", "functions", f"{props.function_name} is not deployed", "s deploy")


def differences(props: FunctionProps, deployed: Deployed) -> Iterator[Finding]:
    """Where a deployed function is not as s.yaml has it; values of variables s.yaml does not set are never shown.

    The seal key is left to `ops.doctor.seal`, which shows no value at all.
    """
    settings = props.model_dump(by_alias=True, include=_FIELDS)
    for name, wanted in settings.items():
        if deployed.settings.get(name) != wanted:
            yield _divergence(props, f"{name} is {deployed.settings.get(name)}, not {wanted}")
    wanted_variables = props.environment_variables
    for name in sorted((wanted_variables.keys() | deployed.environment.keys()) - {VARIABLE}):
        if name not in wanted_variables:
            yield _divergence(props, f"variable {name} is set, which s.yaml does not set")
        elif name not in deployed.environment:
            yield _divergence(props, f"variable {name} is not set")
        elif deployed.environment[name] != wanted_variables[name]:
            yield _divergence(props, f"variable {name} is {deployed.environment[name]}, not {wanted_variables[name]}")


def triggers(props: FunctionProps, deployed: Sequence[DeployedTrigger]) -> Iterator[Finding]:
    """Where a function's triggers are not as s.yaml has them; what the service does not tell is not compared."""
    found = {trigger.name: trigger.config for trigger in deployed}
    for trigger in props.triggers:
        where = f"trigger {trigger.trigger_name} of {props.function_name}"
        if trigger.trigger_name not in found:
            yield Finding("wrong", "triggers", f"{where} is not deployed", "s deploy")
            continue
        wanted = trigger.trigger_config.model_dump(by_alias=True, exclude_none=True)
        for name, now, then in _unequal(wanted, found.pop(trigger.trigger_name)):
            yield _disabled(where) if name in _SWITCHES and then else _changed(where, name, now, then)
    for name in sorted(found):
        what = f"{props.function_name} has a trigger {name}, which s.yaml does not have"
        yield Finding("notice", "triggers", what, "remove it in the console of Function Compute, if it is not wanted")


def code(deployed: Mapping[str, Deployed], package: str, checksum: str | None) -> Iterator[Finding]:
    """Whether functions run one code, and that of the package here.

    Args:
        deployed: by name; those that could be read.
        package: where it should lie here, for messages.
        checksum: of what lies here; None when there is no such file.
    """
    by_checksum: dict[str, list[str]] = {}
    for name, function in deployed.items():
        by_checksum.setdefault(function.code_checksum, []).append(f"{name} ({function.modified})")
    if "" in by_checksum:
        what = f"Function Compute tells no checksum of {', '.join(by_checksum.pop(''))}"
        yield Finding("notice", "code", what, "look at the code in the console of Function Compute")
    if len(by_checksum) > 1:
        groups = "; ".join(f"{', '.join(names)}: {told}" for told, names in by_checksum.items())
        yield Finding("wrong", "code", f"functions run different packages: {groups}", "s deploy")
    if deployed and checksum is None:
        what = f"no file {package} here: whether that is what is deployed cannot be told"
        yield Finding("notice", "code", what, "make package, from the sources that were deployed")
    for other, names in by_checksum.items():
        if checksum not in (None, other):
            what = f"{package} here is not what is deployed: {', '.join(names)}"
            yield Finding("notice", "code", what, "s deploy, if what lies here is to run")


_FIELDS = {name for name, field in FunctionProps.model_fields.items() if field.alias in SETTINGS}
_SWITCHES = ("enable", "triggerEnable")


def _divergence(props: FunctionProps, what: str) -> Finding:
    return Finding("wrong", "functions", f"{props.function_name}: {what}", DEPLOY)


def _disabled(where: str) -> Finding:
    """A queue trigger reads so too until its stream has started (documented: FC3 prose docs)."""
    return Finding("wrong", "triggers", f"{where} is disabled", "enable it in the console of Function Compute")


def _changed(where: str, name: str, now: object, then: object) -> Finding:
    return Finding("wrong", "triggers", f"{where}: {name} is {now}, not {then}", DEPLOY)


def _unequal(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """Names of values that are in both and differ, with what is found and what is wanted; JSON in text is JSON."""
    for name, value in wanted.items():
        if name not in found:
            continue
        if isinstance(value, Mapping) and isinstance(found[name], Mapping):
            yield from _unequal(value, found[name])
        elif _plain(value) != _plain(found[name]):
            yield name, found[name], value


def _plain(value: object) -> object:
    try:
        plain: object = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
    return plain
