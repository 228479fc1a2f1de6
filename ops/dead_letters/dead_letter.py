"""Reads a dead letter in any of the forms that land in the queue. Pure.

- ``poison``: a body that parses to no message, put there verbatim by purge, or by the event stream;
- ``request``: what another program asked for and purge refused (docs/requests.md);
- ``unsealed``: any other JSON object without the functions' seal;
- ``message``: a run's message: put there by purge after its last attempt, by the event stream when its invocations kept
  failing, or by the queue itself when it was delivered too often (documented: dead-letter queue page);
- ``wrapper``: what an asynchronous invocation that was given up leaves (documented: destinations of asynchronous
  invocations): the event, the error, and how often it was tried.

Nothing here has the key of the seal. Messages are read to be shown; sent again, they go verbatim, and purge verifies.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from functions.retention.core import EventError, is_sealed, without_seal
from functions.retention.runs import MAX_ATTEMPTS, Delivery, RunMessage, parse_message, unwrap

Form = Literal["poison", "request", "unsealed", "message", "wrapper"]


@dataclass(frozen=True)
class DeadLetter:
    """One dead letter.

    Attributes:
        form: how it came to be there.
        body: its text.
        why: what is known from the letter itself.
        messages: the run messages in it, in order, as they claim to be.
        sealed: the bodies that carry them, verbatim, in the same order.
        requests: the bodies of requests in it, verbatim.
        is_settled: purge gave the run up and wrote so; sent again, its messages would end at once.
    """

    form: Form
    body: str
    why: str
    messages: tuple[RunMessage, ...] = ()
    sealed: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    is_settled: bool = False

    def obstacle(self, now: float) -> str:
        """Why sending it again would help nobody; "" when it may.

        Args:
            now: epoch seconds.
        """
        if self.form == "poison":
            return "there is no message in it; drop it once it is known where it came from"
        if self.form == "unsealed":
            return "it has no seal, so purge would refuse it again; drop it once it is known who sent it"
        return "" if self.requests else self._obstacle_of_runs(now)

    def _obstacle_of_runs(self, now: float) -> str:
        if not self.messages:
            return "holds no run's message; a sweep's work is done by the next sweep"
        if self.is_settled:
            return "its run is on record as failed and would end at once; the next sweep starts another"
        if all(message.not_after <= now for message in self.messages):
            return "its run's time is over; the next sweep starts another"
        return ""

    def live(self, now: float) -> list[tuple[str, str]]:
        """What is sent again: of each run that may go on and of each request its name, and the body verbatim."""
        runs = zip(self.messages, self.sealed, strict=True)
        going_on = [(message.run, body) for message, body in runs if message.not_after > now]
        return going_on + [(f"request {_json_object(body).get('id', '')}", body) for body in self.requests]


def plain_text(wire: str) -> str:
    """A body as it was meant: the SDKs and the event stream send base64, the platform may send plain text (assumed)."""
    try:
        return base64.b64decode(wire, validate=True).decode()
    except (binascii.Error, ValueError):
        return wire


def read_dead_letter(body: str, properties: Mapping[str, str] | None = None) -> DeadLetter:
    """What a dead letter is. Never raises: whatever it is, it is shown.

    Args:
        body: its text; see `plain_text`.
        properties: the queue's own notes on it, by name (observed: ``DLQMessageType`` and others).
    """
    content = _json_object(body)
    if "requestContext" in content and "requestPayload" in content:
        return _wrapper(body, content)
    if "request" in content:
        return DeadLetter("request", body, "a request that purge refused", requests=(body,))
    if content and not is_sealed(body):
        return DeadLetter("unsealed", body, "has no seal of the functions, so it is none of their messages")
    try:
        message = parse_message(Delivery(without_seal(body)).wire())
    except EventError as error:
        return DeadLetter("poison", body, f"parses to no message: {error}")
    if message.attempt >= MAX_ATTEMPTS:
        why = f"purge failed at it {message.attempt + 1} times; the audit log has the end of run {message.run}"
        return DeadLetter("message", body, why, (message,), (body,), is_settled=True)
    return DeadLetter("message", body, _why_original(properties or {}), (message,), (body,))


def _why_original(properties: Mapping[str, str]) -> str:
    if properties.get("DLQMessageType"):
        return f"the work queue delivered it too often ({properties['DLQMessageType']})"
    return "the event stream gave it up: every invocation with its batch raised, or was throttled"


def _wrapper(body: str, content: Mapping[str, Any]) -> DeadLetter:
    context, payload = _mapping(content["requestContext"]), content["requestPayload"]
    event = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    deliveries = unwrap(event.encode("utf-8", "backslashreplace"))
    found = [(message, each.body) for each in deliveries if (message := _message(each)) is not None]
    requests = tuple(each.body for each in deliveries if "request" in _json_object(each.body))
    function = str(context.get("functionArn", "")).rpartition("/")[2] or "a function"
    tried, condition = context.get("approximateInvokeCount", "?"), context.get("condition", "no condition told")
    why = f"{function} was given up after about {tried} tries ({condition}): {_error(content)}"
    others = len(deliveries) - len(found) - len(requests)
    if (found or requests) and others:
        why += f"; of its {len(deliveries)} bodies {others} parse to no message and would not be sent again"
    messages, bodies = tuple(each[0] for each in found), tuple(each[1] for each in found)
    return DeadLetter("wrapper", body, why, messages, bodies, requests)


def _message(delivery: Delivery) -> RunMessage | None:
    """The message that a sealed body seems to hold; None for any other body."""
    if not is_sealed(delivery.body):
        return None
    try:
        return parse_message(Delivery(without_seal(delivery.body)).wire())
    except EventError:
        return None


def _error(content: Mapping[str, Any]) -> str:
    """What the function raised, as its runtime tells it (documented: return values and errors)."""
    told = content.get("responsePayload")
    raised = _json_object(told) if isinstance(told, str) else _mapping(told)
    kind = raised.get("errorType") or _mapping(content.get("responseContext")).get("functionError") or "no error told"
    return ": ".join(filter(None, (str(kind), str(raised.get("errorMessage") or ""))))


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
