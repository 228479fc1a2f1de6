"""Which requests are the queue service's, and which operation each one is."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from aliyun_fakes.core.http import Request

_PATH = re.compile(r"/queues(?:/(?P<queue>[^/]+)(?P<messages>/messages)?)?/?")

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
    """

    request: Request
    operation: str
    queue: str
    query: dict[str, str]


def owns(request: Request) -> bool:
    """Whether a request is for the queue service: by its version header, signature scheme, host or path."""
    return (
        "x-mns-version" in request.headers
        or request.headers.get("authorization", "").startswith("MNS ")
        or ".mns." in request.host
        or request.raw_path.startswith("/queues")
    )


def to_call(request: Request) -> Call:
    """What a request asks for."""
    query = parse_query(request.raw_query)
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
