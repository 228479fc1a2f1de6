"""From what Function Compute hands a function to the messages inside, whatever they came wrapped in.

Shapes as documented: Function Compute, trigger event formats page; the queue trigger of a function delivers an array of
CloudEvents also for a single message, other modes one object.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.retention.core import EventError, RepeatingObject, parse_envelope, parse_json, parse_service_time


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message or order inside an event.

    Attributes:
        body: its text; a body that arrived as JSON and not as text is written as text again.
        at: when its timer fired, epoch seconds; None for anything but a timer.
    """

    body: str
    at: float | None = None

    def wire(self) -> Mapping[str, Any]:
        """The body as a JSON object; no text at all counts as an empty one.

        Raises:
            EventError: it is none, or an object in it gives a key twice.
        """
        try:
            wire = parse_json(self.body) if self.body else {}
        except (ValueError, RecursionError) as error:
            raise EventError(f"body: not JSON ({error}); takes a JSON object") from error
        if not isinstance(wire, dict):
            raise EventError(f"body: is a JSON {_kind(wire)}; takes a JSON object")
        return wire


def unwrap(event: bytes) -> list[Delivery]:
    """The messages in an event: of a timer, a queue (an array of CloudEvents, or one), a topic, or a person.

    What has none of the known shapes is a body itself, and so is an envelope that gives a key twice: which of the two
    counts is nobody's to guess. Never raises: whether a body is any good is for its reader.
    """
    text = event.decode("utf-8", "backslashreplace")
    try:
        content = parse_envelope(text)
    except (ValueError, RecursionError):
        return [Delivery(text)]
    if isinstance(content, list):
        return [_unwrap_one(each) for each in content]
    return [_unwrap_one(content, text)]


def unwrap_one(event: bytes) -> Delivery:
    """The one message or order in an event.

    Raises:
        EventError: there are none or several.
    """
    deliveries = unwrap(event)
    if len(deliveries) != 1:
        raise EventError(f"event: holds {len(deliveries)} messages; takes one")
    return deliveries[0]


def _unwrap_one(content: object, text: str | None = None) -> Delivery:
    if isinstance(content, dict) and not isinstance(content, RepeatingObject):
        if "triggerTime" in content and "triggerName" in content:
            return Delivery(_payload(content.get("payload")), _moment(content["triggerTime"]))
        if _is_event(content):
            return Delivery(_data(content["data"] if "data" in content else content.get("detail")))
        if "TopicName" in content and "Message" in content:
            return Delivery(_as_text(content["Message"]))
        if content.keys() == {"body", "attrs"}:
            return Delivery(_as_text(content["body"]))
        if "messageBody" in content:
            return Delivery(_data(content))
    return Delivery(_as_text(content) if text is None else text)


def _data(data: object) -> str:
    """What a CloudEvent of a queue carries; with another schema it is the body itself."""
    enveloped = isinstance(data, dict) and "messageBody" in data and not isinstance(data, RepeatingObject)
    return _published(_as_text(data["messageBody"] if enveloped and isinstance(data, dict) else data))


def _is_event(content: Mapping[str, Any]) -> bool:
    return "specversion" in content or ("source" in content and "detail" in content)


def _published(text: str) -> str:
    """What a topic in its JSON format, or an event rule, forwarded to the queue; the text itself for anything else.

    Documented: Simple Message Queue, notification content formats of a subscription. That a rule without a transformer
    forwards the whole event is assumed.
    """
    try:
        content = parse_envelope(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        return text
    if not isinstance(content, dict) or isinstance(content, RepeatingObject):
        return text
    if {"TopicName", "Message"} <= content.keys():
        return _as_text(content["Message"])
    if _is_event(content):
        return _as_text(content["data"] if "data" in content else content.get("detail"))
    return text


def _payload(payload: object) -> str:
    """What a timer brings along; "" when its trigger has no payload."""
    return "" if payload is None else _as_text(payload)


def _as_text(body: object) -> str:
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def _moment(text: object) -> float | None:
    return parse_service_time(text) if isinstance(text, str) else None


def _kind(value: object) -> str:
    names: dict[type, str] = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")
