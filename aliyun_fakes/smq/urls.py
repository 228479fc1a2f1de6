"""Which requests are the queue service's, and which operation each one is."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from aliyun_fakes.core.http import Request

_PATH = re.compile(r"/queues(?:/(?P<queue>[^/]+)(?P<messages>/messages)?)?/?")
_TOPIC_PATH = re.compile(
    r"/topics(?:/(?P<topic>[^/]+)(?:/(?P<below>messages|subscriptions)(?:/(?P<subscription>[^/]+))?)?)?/?"
)
_TOPIC_OPERATIONS = {
    ("PUT", "topic"): "CreateTopic",
    ("GET", "topic"): "GetTopicAttributes",
    ("DELETE", "topic"): "DeleteTopic",
    ("GET", "topics"): "ListTopic",
    ("POST", "messages"): "PublishMessage",
    ("GET", "subscriptions"): "ListSubscriptionByTopic",
    ("PUT", "subscription"): "Subscribe",
    ("GET", "subscription"): "GetSubscriptionAttributes",
    ("DELETE", "subscription"): "Unsubscribe",
}
"""By method and what the path names."""
_OVERRIDES = {"CreateTopic": "SetTopicAttributes", "Subscribe": "SetSubscriptionAttributes"}
"""With the parameter ``metaoverride``."""

_QUEUE_OPERATIONS = {"PUT": "CreateQueue", "GET": "GetQueueAttributes", "DELETE": "DeleteQueue"}

OPERATIONS = (
    "CreateQueue",
    "SetQueueAttributes",
    "GetQueueAttributes",
    "DeleteQueue",
    "ListQueue",
    "SendMessage",
    "BatchSendMessage",
    "ReceiveMessage",
    "BatchReceiveMessage",
    "PeekMessage",
    "BatchPeekMessage",
    "DeleteMessage",
    "BatchDeleteMessage",
    "ChangeMessageVisibility",
    *_TOPIC_OPERATIONS.values(),
    *_OVERRIDES.values(),
)
UNKNOWN = "Unknown"

PARAMETERS = frozenset(
    {"waitseconds", "numofmessages", "peekonly", "receipthandle", "visibilitytimeout", "metaoverride"}
)
"""Every name a query may have, lower case (documented per operation; that others are refused is assumed)."""


@dataclass(frozen=True)
class Call:
    """What a request asks for.

    Attributes:
        request: the request itself.
        operation: one of `OPERATIONS`, or ``Unknown``.
        queue: the queue's name, "" when none is named.
        query: parameters by lower-case name.
        topic: the topic's name, "" when none is named.
        subscription: the subscription's name, "" when none is named.
    """

    request: Request
    operation: str
    queue: str
    query: dict[str, str]
    topic: str = ""
    subscription: str = ""


def owns(request: Request) -> bool:
    """Whether a request is for the queue service: by its version header, signature scheme, host or path."""
    return (
        "x-mns-version" in request.headers
        or request.headers.get("authorization", "").startswith("MNS ")
        or ".mns." in request.host
        or request.raw_path.startswith(("/queues", "/topics"))
    )


def to_call(request: Request) -> Call:
    """What a request asks for."""
    query = parse_query(request.raw_query)
    if (of_topics := _TOPIC_PATH.fullmatch(request.raw_path)) is not None:
        return _to_topic_call(request, of_topics, query)
    match = _PATH.fullmatch(request.raw_path)
    if match is None:
        return Call(request, UNKNOWN, "", query)
    queue = unquote(match["queue"] or "")
    if match["messages"]:
        return Call(request, _message_operation(request, query), queue, query)
    if queue:
        metaoverride = query.get("metaoverride", "").lower() == "true"
        named = "SetQueueAttributes" if request.method == "PUT" and metaoverride else None
        return Call(request, named or _QUEUE_OPERATIONS.get(request.method, UNKNOWN), queue, query)
    return Call(request, "ListQueue" if request.method == "GET" else UNKNOWN, queue, query)


def _to_topic_call(request: Request, match: re.Match[str], query: dict[str, str]) -> Call:
    topic, below, subscription = (unquote(match[name] or "") for name in ("topic", "below", "subscription"))
    what = "subscription" if subscription and below == "subscriptions" else below or ("topic" if topic else "topics")
    operation = _TOPIC_OPERATIONS.get((request.method, what), UNKNOWN)
    if query.get("metaoverride", "").lower() == "true":
        operation = _OVERRIDES.get(operation, operation)
    return Call(request, operation, "", query, topic, subscription)


def parse_query(raw: str) -> dict[str, str]:
    """Query parameters by lower-case name.

    Receipt handles arrive unescaped and hold ``+``, ``/`` and ``=`` (observed: aliyun-mns-sdk 1.3.0), and the
    vendor's pages spell names both ``ReceiptHandle`` and ``receiptHandle``; so names are folded and a plus is a plus.
    """
    pairs = (item.partition("=") for item in raw.split("&") if item)
    return {unquote(name).lower(): unquote(value) for name, _, value in pairs}


def _message_operation(request: Request, query: dict[str, str]) -> str:
    if request.method == "POST":
        return "BatchSendMessage" if b"<Messages" in request.body[:512] else "SendMessage"
    if request.method == "GET":
        kind = "PeekMessage" if query.get("peekonly", "").lower() == "true" else "ReceiveMessage"
        return f"Batch{kind}" if "numofmessages" in query else kind
    if request.method == "DELETE":
        return "BatchDeleteMessage" if request.body else "DeleteMessage"
    return "ChangeMessageVisibility" if request.method == "PUT" else UNKNOWN
