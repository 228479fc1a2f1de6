"""The parameters of the management API: a queue's attributes and its dead-letter policy."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aliyun_fakes.core.http import read_json
from aliyun_fakes.core.parameters import Number, RpcParameters
from aliyun_fakes.core.tables import ServiceError, read_table
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.models import SmqModel
from aliyun_fakes.smq.queues import DeadLetter
from aliyun_fakes.smq.values import ATTRIBUTE_NAMES, LIMITS, QueueAttributes, check_range

PAGE_NUMBER = Number("PageNum", 1, 2**31 - 1, 1)
PAGE_SIZE = Number("PageSize", 1, 100, 10)
_BOOLEANS = {"true": True, "false": False}


class SmqControlError(ServiceError):
    """The management API refuses a request for a reason that the message API does not know."""

    table = read_table(Path(__file__).with_name("table.yaml"))


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


class Parameters(RpcParameters):
    """What a call to the management API gives."""

    errors = SmqControlError

    def invalid(self, number: Number, *, is_whole: bool) -> ServiceError:
        """See `RpcParameters`: InvalidArgument, as the message API answers (assumed)."""
        if is_whole:
            return SmqError("ValueOutOfRange", element=number.name, low=number.low, high=number.high)
        return SmqError("InvalidSchema", element=number.name)

    def attributes(self, base: QueueAttributes) -> QueueAttributes:
        """`base` with what the call names.

        Raises:
            SmqError: InvalidArgument: no whole number or boolean, or out of range.
        """
        changed: dict[str, Any] = {
            field: self.number(Number(name, *LIMITS[name], default=getattr(base, field)))
            for name, field in ATTRIBUTE_NAMES.items()
            if name in LIMITS
        }
        return replace(base, **changed, logging_enabled=self._boolean("EnableLogging", default=base.logging_enabled))

    def dlq_policy(self) -> DlqPolicy | None:
        """The dead-letter policy, a JSON object in one parameter; None when the call names none.

        Raises:
            SmqError: InvalidArgument: not such an object.
        """
        text = self.text("DlqPolicy")
        if not text:
            return None
        try:
            wire = read_json(text)
            enabled = wire["Enabled"]
            target, count = wire.get("DeadLetterTargetQueue", ""), wire.get("MaxReceiveCount", 0)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SmqError("InvalidSchema", element="DlqPolicy") from error
        if not (isinstance(enabled, bool) and isinstance(target, str) and type(count) is int):
            raise SmqError("InvalidSchema", element="DlqPolicy")
        return DlqPolicy(enabled, target, count)

    def _boolean(self, name: str, *, default: bool) -> bool:
        text = self.text(name).lower()
        if text and text not in _BOOLEANS:
            raise SmqError("InvalidSchema", element=name)
        return _BOOLEANS.get(text, default)
