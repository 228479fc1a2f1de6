"""The bytes that triggers and destinations send.

Documented: FC "trigger event formats" page, and the result callback page for destinations.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timezone

from aliyun_fakes.core.ids import Ids
from aliyun_fakes.fc.results import InvocationResult
from aliyun_fakes.smq.values import Message


def service_time(moment: float, *, milliseconds: bool = False) -> str:
    """``2021-04-08T06:28:17Z``, or with milliseconds, of seconds since the epoch."""
    spec = "milliseconds" if milliseconds else "seconds"
    return datetime.fromtimestamp(moment, timezone.utc).replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def timer_event(trigger_name: str, payload: str, moment: float) -> bytes:
    """What a timer sends; `payload` is always text, JSON or not."""
    return json.dumps({"triggerTime": service_time(moment), "triggerName": trigger_name, "payload": payload}).encode()


def plain_body(message: Message, *, base64_decode: bool) -> str:
    """A message's text for an event: decoded when the source says so and it can be, else as on the wire (assumed)."""
    if not base64_decode:
        return message.body
    try:
        return base64.b64decode(message.body, validate=True).decode()
    except ValueError:  # binascii.Error, UnicodeDecodeError, or what b64decode says of text beyond ASCII
        return message.body


class StreamEvents:
    """CloudEvents of one event stream.

    Args:
        bus: ``MNS-<function>-<trigger>``, the name FC gives to what it creates.
        queue_name: where messages come from.
        region: of queue and function.
        account_id: their owner's.
        base64_decode: whether bodies are decoded.
        ids: event ids.
    """

    def __init__(
        self, bus: str, queue_name: str, *, region: str, account_id: str, base64_decode: bool, ids: Ids
    ) -> None:
        self._bus, self._region, self._account_id = bus, region, account_id
        self._subject = f"acs:mns:{region}:{account_id}:queues/{queue_name}"
        self._base64_decode, self._ids = base64_decode, ids

    def array(self, messages: Sequence[Message], now: float) -> bytes:
        """The event of a batch: an array, also of one."""
        return json.dumps([self._event(message, now) for message in messages], ensure_ascii=False).encode()

    def _event(self, message: Message, now: float) -> dict[str, object]:
        return {
            "id": self._ids.request_id().lower(),
            "source": self._bus,
            "specversion": "1.0",
            "type": "mns:Queue:SendMessage",
            "datacontenttype": "application/json; charset=utf-8",
            "subject": self._subject,
            "time": service_time(message.enqueued_at, milliseconds=True),
            "aliyunaccountid": self._account_id,
            "aliyunoriginalaccountid": self._account_id,
            "aliyunpublishtime": service_time(now, milliseconds=True),
            "aliyuneventbusname": self._bus,
            "aliyunregionid": self._region,
            "aliyunpublishaddr": "42.120.0.1",
            "data": {
                "requestId": self._ids.hex(20).upper(),
                "messageId": message.id,
                "messageBody": plain_body(message, base64_decode=self._base64_decode),
            },
        }


def destination_body(
    result: InvocationResult, event: bytes, *, function_arn: str, condition: str, attempts: int, now: float
) -> str:
    """What a destination gets about an asynchronous invocation, as JSON text.

    The fields are documented; that `timestamp` is in milliseconds, and what `condition` says, is assumed.
    """
    return json.dumps(
        {
            "timestamp": round(now * 1000),
            "requestContext": {
                "requestId": result.request_id,
                "functionArn": function_arn,
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": event.decode(errors="replace"),
            "responseContext": {"statusCode": 200, "functionError": result.error_type},
            "responsePayload": result.payload.decode(errors="replace"),
        },
        ensure_ascii=False,
    )
