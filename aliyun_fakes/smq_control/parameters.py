"""An operation's parameters, read and checked as its page has them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aliyun_fakes.core.gateway import ErrorKind, missing
from aliyun_fakes.smq.errors import INVALID_SCHEMA, SmqError
from aliyun_fakes.smq.models import SmqModel
from aliyun_fakes.smq.queues import DeadLetter
from aliyun_fakes.smq.values import QueueAttributes, check_range

MISSING_QUEUE_NAME: ErrorKind = missing("QueueName")
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_NUMBERS = {
    "VisibilityTimeout": "visibility_timeout",
    "MaximumMessageSize": "maximum_message_size",
    "MessageRetentionPeriod": "message_retention_period",
    "DelaySeconds": "delay_seconds",
    "PollingWaitSeconds": "polling_wait_seconds",
}
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class DlqPolicy:
    """A dead-letter policy as asked for.

    Attributes:
        enabled: whether messages move at all.
        target: name of the queue they move to.
        max_receive_count: how often a message is received at most.
    """

    enabled: bool
    target: str = ""
    max_receive_count: int = 0

    def resolve(self, model: SmqModel) -> DeadLetter | None:
        """The policy with its queue, which must exist (assumed).

        Raises:
            SmqError: QueueNotExist, or InvalidArgument for a count out of range.
        """
        if not self.enabled:
            return None
        check_range("MaxReceiveCount", self.max_receive_count)
        return DeadLetter(model.queue(self.target), self.max_receive_count)


def queue_name(given: Mapping[str, str]) -> str:
    """The queue a call is about.

    Raises:
        ApiError: 400 MissingQueueName.
    """
    name = given.get("QueueName", "")
    if not name:
        raise MISSING_QUEUE_NAME.error()
    return name


def attributes(given: Mapping[str, str], base: QueueAttributes) -> QueueAttributes:
    """`base` with what the call names.

    Raises:
        SmqError: InvalidArgument: no whole number or boolean, or out of range.
    """
    numbers: dict[str, Any] = {field: number(given, name) for name, field in _NUMBERS.items() if given.get(name)}
    changed = replace(base, **numbers)
    if given.get("EnableLogging"):
        changed = replace(changed, logging_enabled=_boolean("EnableLogging", given["EnableLogging"]))
    return changed


def number(given: Mapping[str, str], name: str, default: int = 0) -> int:
    """A whole number.

    Raises:
        SmqError: InvalidArgument: it is none.
    """
    text = given.get(name, "")
    if text and not _WHOLE.fullmatch(text):
        raise SmqError(INVALID_SCHEMA, element=name)
    return int(text) if text else default


def dlq_policy(given: Mapping[str, str]) -> DlqPolicy | None:
    """The dead-letter policy of a call, a JSON object in one parameter; None when the call names none.

    Raises:
        SmqError: InvalidArgument: not such an object.
    """
    text = given.get("DlqPolicy", "")
    if not text:
        return None
    try:
        wire = json.loads(text)
        enabled = wire["Enabled"]
        target, count = wire.get("DeadLetterTargetQueue", ""), wire.get("MaxReceiveCount", 0)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SmqError(INVALID_SCHEMA, element="DlqPolicy") from error
    if not (isinstance(enabled, bool) and isinstance(target, str) and type(count) is int):
        raise SmqError(INVALID_SCHEMA, element="DlqPolicy")
    return DlqPolicy(enabled, target, count)


def _boolean(name: str, text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise SmqError(INVALID_SCHEMA, element=name)
    return _BOOLEANS[text.lower()]
