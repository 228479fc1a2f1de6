"""s.yaml as the host understands it: strict, frozen models of what this project deploys.

Documented: FC3 component 0.1.22 (schema of 2026-05-24) and the API 2023-03-30 struct pages. Stricter than the
component, which passes misspelt keys and any trigger configuration on: unknown keys are refused here.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from deployment.arns import DestinationArn, QueueArn, RoleArn, account_of_role, parse_queue_arn
from deployment.triggers import EventBridgeTrigger, Part, TimerTrigger, Trigger
from deployment.variables import Resolver

_RESERVED = frozenset({"accessKeyID", "accessKeySecret", "securityToken"})
_ENVIRONMENT_BYTES = 4096
_CPU_STEP = 0.05


class SYamlError(ValueError):
    """s.yaml is not what Function Compute, or this host, takes: every problem with its path."""


class Destination(Part):
    """Where the outcome of an asynchronous invocation is reported."""

    destination: DestinationArn


class DestinationConfig(Part):
    """Destinations by outcome."""

    on_success: Destination | None = None
    on_failure: Destination | None = None


class AsyncInvokeConfig(Part):
    """How asynchronous invocations are retried; the defaults are documented (PutAsyncInvokeConfigInput, 2026-08)."""

    async_task: bool = False
    max_async_retry_attempts: int = Field(default=3, ge=0, le=8)
    max_async_event_age_in_seconds: int = Field(default=86_400, ge=1, le=604_800)
    destination_config: DestinationConfig = DestinationConfig()


class ConcurrencyConfig(Part):
    """How many instances are kept for a function, which are also its most."""

    reserved_concurrency: int = Field(ge=0)


class LogConfig(Part):
    """Where standard output goes."""

    project: str
    logstore: str
    enable_request_metrics: bool = False
    enable_instance_metrics: bool = False
    log_begin_rule: Literal["DefaultRegex", "None"] = "None"


class FunctionProps(Part):
    """One function."""

    region: str
    function_name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")
    description: str = ""
    runtime: Literal["python3.10", "python3.12"]
    handler: str
    code: str
    cpu: float = Field(default=0.35, ge=0.05, le=16)
    memory_size: int = Field(default=512, ge=128, le=32_768, multiple_of=64)
    disk_size: Literal[512, 10_240] = 512
    timeout: int = Field(ge=1, le=86_400)
    role: RoleArn
    log_config: LogConfig | Literal["auto"] | None = None
    internet_access: bool = True
    environment_variables: Mapping[str, str] = {}
    async_invoke_config: AsyncInvokeConfig = AsyncInvokeConfig()
    concurrency_config: ConcurrencyConfig | None = None
    triggers: Annotated[tuple[Trigger, ...], Field(strict=False, max_length=50)] = ()

    @field_validator("environment_variables")
    @classmethod
    def _environment(cls, variables: Mapping[str, str]) -> Mapping[str, str]:
        """Documented: limits page, 2026-02."""
        for name in variables:
            taken = name.upper().startswith("FC_") or name in _RESERVED
            if taken or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
                raise ValueError(
                    f"{name!r}: names are letters, digits and _, begin with a letter and not with FC_; "
                    f"{', '.join(sorted(_RESERVED))} are the platform's"
                )
        if sum(len(name.encode()) + len(value.encode()) for name, value in variables.items()) > _ENVIRONMENT_BYTES:
            raise ValueError(f"all variables together exceed {_ENVIRONMENT_BYTES} bytes")
        return variables

    @model_validator(mode="after")
    def _proportions(self) -> "FunctionProps":
        """Documented: limits page, 2026-02: vCPU to GB from 1:1 to 1:4, in steps of 0.05 vCPU."""
        gigabytes = self.memory_size / 1024
        if not self.cpu <= gigabytes <= 4 * self.cpu:
            raise ValueError(f"cpu {self.cpu} with {self.memory_size} MB: one vCPU goes with 1 to 4 GB")
        if abs(self.cpu / _CPU_STEP - round(self.cpu / _CPU_STEP)) > 1e-9:  # noqa: PLR2004 - floating point's own error
            raise ValueError(f"cpu {self.cpu}: it goes in steps of {_CPU_STEP}")
        return self

    @property
    def timers(self) -> tuple[TimerTrigger, ...]:
        """Its timers."""
        return tuple(trigger for trigger in self.triggers if isinstance(trigger, TimerTrigger))

    @property
    def streams(self) -> tuple[EventBridgeTrigger, ...]:
        """Its event streams."""
        return tuple(trigger for trigger in self.triggers if isinstance(trigger, EventBridgeTrigger))

    @property
    def letter_queues(self) -> tuple[QueueArn, ...]:
        """Where the platform writes on its behalf: destinations and dead letters."""
        outcomes = self.async_invoke_config.destination_config
        arns = [place.destination for place in (outcomes.on_success, outcomes.on_failure) if place is not None]
        buried = (stream.trigger_config.run_options.dead_letter_queue for stream in self.streams)
        return tuple(parse_queue_arn(arn) for arn in [*arns, *(queue.arn for queue in buried if queue is not None)])

    @model_validator(mode="after")
    def _at_home(self) -> "FunctionProps":
        """Queues are the function's neighbours (documented: SMQ queue trigger page); filters let its stream pass."""
        account = account_of_role(self.role)
        for arn in self.letter_queues:
            if arn.region != self.region or arn.account not in ("", account):
                raise ValueError(f"queue {arn.name} is in {arn.region} of {arn.account}, the function is elsewhere")
        for stream in self.streams:
            if stream.source.region_id != self.region:
                raise ValueError(f"queue {stream.queue_name} is in {stream.source.region_id}, the function elsewhere")
            own = f"MNS-{self.function_name}-{stream.trigger_name}"
            if json.loads(stream.trigger_config.event_rule_filter_pattern).get("source", [own]) != [own]:
                raise ValueError(f"eventRuleFilterPattern of {stream.trigger_name}: its source is {own!r}")
        return self


class _Resource(Part):
    component: Literal["fc3"]
    props: FunctionProps


class Deployment(Part):
    """A whole s.yaml, variables resolved."""

    edition: Literal["3.0.0"]
    name: str
    access: str
    vars: Mapping[str, object] = {}
    resources: Mapping[str, _Resource]

    @model_validator(mode="after")
    def _distinct(self) -> "Deployment":
        functions = [resource.props for resource in self.resources.values()]
        for kind, names in (
            ("functionName", [function.function_name for function in functions]),
            ("triggerName", [trigger.trigger_name for function in functions for trigger in function.triggers]),
            ("QueueName", [stream.queue_name for function in functions for stream in function.streams]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind} {', '.join(twice)}: used twice; a queue feeds one stream, names are unique")
        read = {stream.queue_name for function in functions for stream in function.streams}
        written = {arn.name for function in functions for arn in function.letter_queues}
        if read & written:
            raise ValueError(f"queue {', '.join(sorted(read & written))}: its dead letters would be taken for work")
        return self

    @property
    def functions(self) -> Mapping[str, FunctionProps]:
        """Functions by name."""
        return {resource.props.function_name: resource.props for resource in self.resources.values()}


def load_deployment(path: Path, *, environ: Mapping[str, str], account_id: str) -> Deployment:
    """Read an s.yaml and resolve its variables.

    Args:
        path: the file.
        environ: for ``${env(…)}``.
        account_id: for ``${config('AccountID')}``.

    Raises:
        SYamlError: every problem with its path in the file.
        OSError: the file cannot be read.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SYamlError(f"{path.name}: not YAML: {error}") from error
    if not isinstance(document, dict):
        raise SYamlError(f"{path.name}: holds a {type(document).__name__}, not a mapping")
    try:
        return Deployment.model_validate(Resolver(document, environ, account_id).resolve(document, path.name))
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise SYamlError(f"{path.name}: " + "; ".join(problems)) from error
    except ValueError as error:
        raise SYamlError(str(error)) from error
