"""s.yaml as the host understands it: strict, frozen models of what this project deploys.

Documented: FC3 component 0.1.22 (schema of 2026-05-24) and the API 2023-03-30 struct pages. Stricter than the
component, which passes misspelt keys and any trigger configuration on: unknown keys are refused here.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from deployment.schedules import parse_schedule
from deployment.variables import Resolver

_QUEUE_ARN = re.compile(r"acs:mns:([a-z0-9-]+):(\d*):/queues/([A-Za-z0-9][A-Za-z0-9-]*)(/messages)?")
_ROLE_ARN = re.compile(r"acs:ram::(\d{16}):role/[\w.-]+")
_RESERVED = frozenset({"accessKeyID", "accessKeySecret", "securityToken"})
_ENVIRONMENT_BYTES = 4096
_CPU_STEP = 0.05


class SYamlError(ValueError):
    """s.yaml is not what Function Compute, or this host, takes: every problem with its path."""


class QueueArn(NamedTuple):
    """The parts of an SMQ ARN; the account may be empty (observed: fc3's own samples)."""

    region: str
    account: str
    name: str


def parse_queue_arn(arn: str) -> QueueArn:
    """The parts of an SMQ ARN, in the form of destinations or of dead-letter queues.

    Raises:
        ValueError: it is not one.
    """
    found = _QUEUE_ARN.fullmatch(arn)
    if not found:
        raise ValueError(f"{arn!r} is not the ARN of a queue: acs:mns:<region>:<account>:/queues/<name>[/messages]")
    return QueueArn(found[1], found[2], found[3])


def _destination(arn: str) -> str:
    parse_queue_arn(arn)
    if not arn.endswith("/messages"):
        raise ValueError(f"{arn!r}: the ARN of a destination ends in /messages")
    return arn


def _dead_letters(arn: str) -> str:
    parse_queue_arn(arn)
    if arn.endswith("/messages"):
        raise ValueError(f"{arn!r}: the ARN of a dead-letter queue ends with the queue's name")
    return arn


def _role(arn: str) -> str:
    if not _ROLE_ARN.fullmatch(arn):
        raise ValueError(f"{arn!r} is not the ARN of a role: acs:ram::<account of 16 digits>:role/<name>")
    return arn


DestinationArn = Annotated[str, AfterValidator(_destination)]
DeadLetterArn = Annotated[str, AfterValidator(_dead_letters)]
RoleArn = Annotated[str, AfterValidator(_role)]


class _Part(BaseModel):
    """A mapping of the file: camelCase keys, none unknown, values of their very type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)


class Destination(_Part):
    """Where the outcome of an asynchronous invocation is told."""

    destination: DestinationArn


class DestinationConfig(_Part):
    """Destinations by outcome."""

    on_success: Destination | None = None
    on_failure: Destination | None = None


class AsyncInvokeConfig(_Part):
    """How asynchronous invocations are retried; the defaults are documented (PutAsyncInvokeConfigInput, 2026-08)."""

    async_task: bool = False
    max_async_retry_attempts: int = Field(default=3, ge=0, le=8)
    max_async_event_age_in_seconds: int = Field(default=86_400, ge=1, le=604_800)
    destination_config: DestinationConfig = DestinationConfig()


class ConcurrencyConfig(_Part):
    """How many instances are kept for a function, which are also its most."""

    reserved_concurrency: int = Field(ge=0)


class LogConfig(_Part):
    """Where standard output goes."""

    project: str
    logstore: str
    enable_request_metrics: bool = False
    enable_instance_metrics: bool = False
    log_begin_rule: Literal["DefaultRegex", "None"] = "None"


class TimerConfig(_Part):
    """A timer's configuration."""

    cron_expression: str
    enable: bool
    payload: str = ""

    @field_validator("cron_expression")
    @classmethod
    def _parses(cls, expression: str) -> str:
        parse_schedule(expression)
        return expression


class MnsParameters(_Part):
    """Which queue an event stream reads."""

    region_id: str = Field(alias="RegionId")
    queue_name: str = Field(alias="QueueName")
    is_base64_decode: bool = Field(default=True, alias="IsBase64Decode")


class EventSourceParameters(_Part):
    """The parameters of the one kind of source this host plays."""

    source: MnsParameters = Field(alias="sourceMNSParameters")


class EventSourceConfig(_Part):
    """The source of an event stream."""

    event_source_type: Literal["MNS"]
    event_source_parameters: EventSourceParameters


class DeliveryOption(_Part):
    """In which form events are delivered; this host plays arrays of CloudEvents only."""

    mode: Literal["event-streaming"]
    event_schema: Literal["CloudEvents"]


class EventSinkConfig(_Part):
    """The sink of an event stream: the function itself."""

    delivery_option: DeliveryOption


class RetryStrategy(_Part):
    """How a failed push is repeated."""

    push_retry_strategy: Literal["BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY"] = Field(alias="PushRetryStrategy")


class DeadLetterQueue(_Part):
    """Where an event stream puts what it gave up on."""

    arn: DeadLetterArn = Field(alias="Arn")


class BatchWindow(_Part):
    """How many events make a batch, and how many seconds one is waited for (documented: advanced trigger features)."""

    count: int = Field(alias="CountBasedWindow", ge=1, le=10_000)
    seconds: int = Field(alias="TimeBasedWindow", ge=0, le=15)


class RunOptions(_Part):
    """How an event stream runs. ``NONE`` blocks it once retries are exhausted: the API's default (documented)."""

    mode: Literal["event-streaming"]
    errors_tolerance: Literal["ALL", "NONE"] = "NONE"
    retry_strategy: RetryStrategy = RetryStrategy(PushRetryStrategy="BACKOFF_RETRY")
    dead_letter_queue: DeadLetterQueue | None = None
    batch_window: BatchWindow = BatchWindow(CountBasedWindow=1, TimeBasedWindow=0)


class EventBridgeConfig(_Part):
    """An EventBridge trigger's configuration."""

    trigger_enable: bool
    async_invocation_type: bool
    event_rule_filter_pattern: str
    event_source_config: EventSourceConfig
    event_sink_config: EventSinkConfig
    run_options: RunOptions

    @field_validator("event_rule_filter_pattern")
    @classmethod
    def _is_json(cls, pattern: str) -> str:
        if not isinstance(json.loads(pattern), dict):
            raise ValueError(f"{pattern!r} is not a JSON object in a string")  # noqa: TRY004 - pydantic wants ValueError
        return pattern


class _Trigger(_Part):
    """What all triggers have."""

    trigger_name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$")
    qualifier: Literal["LATEST"] = "LATEST"
    description: str = ""


class TimerTrigger(_Trigger):
    """A timer."""

    trigger_type: Literal["timer"]
    trigger_config: TimerConfig


class EventBridgeTrigger(_Trigger):
    """A queue, through an event stream."""

    trigger_type: Literal["eventbridge"]
    trigger_config: EventBridgeConfig

    @property
    def source(self) -> MnsParameters:
        """The queue it reads."""
        return self.trigger_config.event_source_config.event_source_parameters.source

    @property
    def queue_name(self) -> str:
        """That queue's name."""
        return self.source.queue_name


Trigger = Annotated[TimerTrigger | EventBridgeTrigger, Field(discriminator="trigger_type")]


class FunctionProps(_Part):
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
        told = self.async_invoke_config.destination_config
        arns = [place.destination for place in (told.on_success, told.on_failure) if place is not None]
        buried = (stream.trigger_config.run_options.dead_letter_queue for stream in self.streams)
        return tuple(parse_queue_arn(arn) for arn in [*arns, *(queue.arn for queue in buried if queue is not None)])

    @model_validator(mode="after")
    def _at_home(self) -> "FunctionProps":
        """Queues are the function's neighbours (documented: SMQ queue trigger page); filters let its stream pass."""
        account = (_ROLE_ARN.fullmatch(self.role) or [""] * 2)[1]
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


class _Resource(_Part):
    component: Literal["fc3"]
    props: FunctionProps


class Deployment(_Part):
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
