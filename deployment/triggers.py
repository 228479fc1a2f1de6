"""Triggers in s.yaml: timers, and queues through EventBridge.

Documented: see `deployment.s_yaml`.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from deployment.arns import DeadLetterArn
from deployment.schedules import parse_schedule


class Part(BaseModel):
    """A mapping of the file: camelCase keys, none unknown, values of their very type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, alias_generator=to_camel)


class TimerConfig(Part):
    """A timer's configuration."""

    cron_expression: str
    enable: bool
    payload: str = ""

    @field_validator("cron_expression")
    @classmethod
    def _parses(cls, expression: str) -> str:
        parse_schedule(expression)
        return expression


class MnsParameters(Part):
    """Which queue an event stream reads."""

    region_id: str = Field(alias="RegionId")
    queue_name: str = Field(alias="QueueName")
    is_base64_decode: bool = Field(default=True, alias="IsBase64Decode")


class EventSourceParameters(Part):
    """The parameters of the one kind of source this host plays."""

    source: MnsParameters = Field(alias="sourceMNSParameters")


class EventSourceConfig(Part):
    """The source of an event stream."""

    event_source_type: Literal["MNS"]
    event_source_parameters: EventSourceParameters


class DeliveryOption(Part):
    """In which form events are delivered; this host plays arrays of CloudEvents only."""

    mode: Literal["event-streaming"]
    event_schema: Literal["CloudEvents"]


class EventSinkConfig(Part):
    """The sink of an event stream: the function itself."""

    delivery_option: DeliveryOption


class RetryStrategy(Part):
    """How a failed push is repeated."""

    push_retry_strategy: Literal["BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY"] = Field(alias="PushRetryStrategy")


class DeadLetterQueue(Part):
    """Where an event stream puts what it gave up on."""

    arn: DeadLetterArn = Field(alias="Arn")


class BatchWindow(Part):
    """How many events make a batch, and how many seconds one is waited for (documented: advanced trigger features)."""

    count: int = Field(alias="CountBasedWindow", ge=1, le=10_000)
    seconds: int = Field(alias="TimeBasedWindow", ge=0, le=15)


class RunOptions(Part):
    """How an event stream runs. ``NONE`` blocks it once retries are exhausted: the API's default (documented)."""

    mode: Literal["event-streaming"]
    errors_tolerance: Literal["ALL", "NONE"] = "NONE"
    retry_strategy: RetryStrategy = RetryStrategy(PushRetryStrategy="BACKOFF_RETRY")
    dead_letter_queue: DeadLetterQueue | None = None
    batch_window: BatchWindow = BatchWindow(CountBasedWindow=1, TimeBasedWindow=0)


class EventBridgeConfig(Part):
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


class _Trigger(Part):
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
