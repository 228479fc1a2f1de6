"""What the fake queue service covers, row by row; a test holds it against the code, the errors and the switches.

A row about an error begins with its HTTP status and code.
"""

from collections.abc import Iterator

from aliyun_fakes.core.coverage import Behaviour, Mark
from aliyun_fakes.smq import errors
from aliyun_fakes.smq.errors import Problem

_SDK = "aliyun-mns-sdk 1.3.0, wire"
_SIGN = "Sign requests page"
_SEND = "SendMessage page"
_BATCH = "BatchSendMessage page"
_RECEIVE = "ReceiveMessage page, 2026-03"
_CREATE = "CreateQueue page"
_LIMITS = "Limits page"
_DEAD = "Dead-letter queue page"
_ORDER = "Queue page: no order across the service's own slices"
_NOWHERE = "no page says"

_SENDING = ("SendMessage", "BatchSendMessage")
_RECEIVING = ("ReceiveMessage", "BatchReceiveMessage")
_PEEKING = ("PeekMessage", "BatchPeekMessage")
_BATCHES = ("BatchSendMessage", "BatchReceiveMessage", "BatchPeekMessage", "BatchDeleteMessage")
_OF_A_QUEUE = (
    "SetQueueAttributes",
    "GetQueueAttributes",
    *_SENDING,
    *_RECEIVING,
    *_PEEKING,
    "DeleteMessage",
    "BatchDeleteMessage",
    "ChangeMessageVisibility",
)
_WITH_BODY = ("CreateQueue", "SetQueueAttributes", *_SENDING, "BatchDeleteMessage")
_WITH_NUMBERS = ("CreateQueue", "SetQueueAttributes", "ListQueue", *_SENDING, *_RECEIVING, *_BATCHES[2:])

ERRORS_OF: tuple[tuple[Problem, tuple[str, ...]], ...] = (
    (errors.MISSING_AUTHORIZATION_HEADER, ("*",)),
    (errors.INVALID_AUTHORIZATION_HEADER, ("*",)),
    (errors.MISSING_DATE_HEADER, ("*",)),
    (errors.INVALID_DATE_HEADER, ("*",)),
    (errors.TIME_EXPIRED, ("*",)),
    (errors.INVALID_ACCESS_KEY_ID, ("*",)),
    (errors.SIGNATURE_DOES_NOT_MATCH, ("*",)),
    (errors.INVALID_DEGIST, ("*",)),
    (errors.ACCESS_DENIED, ("*",)),
    (errors.INVALID_REQUEST_URL, ("*",)),
    (errors.INVALID_QUERY_STRING, ("*",)),
    (errors.TOO_MANY_REQUESTS, ("*",)),
    (errors.INVALID_QUEUE_NAME, ("CreateQueue",)),
    (errors.QUEUE_NAME_LENGTH_ERROR, ("CreateQueue",)),
    (errors.QUEUE_DELETED_RECENTLY, ("CreateQueue",)),
    (errors.QUEUE_ALREADY_EXIST, ("CreateQueue",)),
    (errors.QUEUE_NOT_EXIST, _OF_A_QUEUE),
    (errors.MALFORMED_XML, _WITH_BODY),
    (errors.INVALID_SCHEMA, _WITH_BODY),
    (errors.INVALID_VALUE, (*dict.fromkeys(_WITH_NUMBERS), "ChangeMessageVisibility")),
    (errors.MESSAGE_NOT_EXIST, (*_RECEIVING, *_PEEKING, "ChangeMessageVisibility")),
    (errors.RECEIPT_HANDLE_ERROR, ("DeleteMessage", "BatchDeleteMessage", "ChangeMessageVisibility")),
    (errors.MISSING_RECEIPT_HANDLE, ("DeleteMessage", "ChangeMessageVisibility")),
    (errors.MISSING_VISIBILITY_TIMEOUT, ("ChangeMessageVisibility",)),
)
"""Which errors belong to which operations; ``*`` for all of them."""

_MARKS: dict[Problem, Mark] = {
    errors.TOO_MANY_REQUESTS: "assumed"
}  # its wording is in no source; the rest are documented

_Row = tuple[tuple[str, ...], str, Mark, str, str]
_BEHAVIOURS: tuple[_Row, ...] = (
    (("*",), "signature: HMAC-SHA1, x-mns-* headers, resource as sent", "documented", _SIGN, ""),
    (("*",), "security-token is sent along and not signed", "observed", _SDK, ""),
    (("*",), "Content-MD5 is base64 of the hex digest or of the digest", "observed", f"{_SDK}; {_SIGN}", ""),
    (("*",), "dates are compared with the machine's clock, 15 minutes", "documented", "Error codes page, 2026-02", ""),
    (("*",), "a wrong or missing security-token is AccessDenied", "assumed", _NOWHERE, ""),
    (("*",), "names in a query in any case, + stays +", "observed", f"{_SDK}; the pages spell both ways", ""),
    (("*",), "error XML has Code, Message, RequestId and HostId", "observed", _SDK, ""),
    (("*",), "duration", "assumed", "same region", "latency"),
    (("CreateQueue",), "201 with Location; with the same attributes again 204", "observed", _SDK, ""),
    (("CreateQueue", "SetQueueAttributes"), "the six attributes and their ranges", "documented", _CREATE, ""),
    (("CreateQueue",), "QueueType fifo is not there", "assumed", "the data-plane SDK cannot ask for it", ""),
    (
        ("CreateQueue",),
        "how long a deleted name rests",
        "assumed",
        "that it rests: Error codes page",
        "deleted_recently",
    ),
    (("SetQueueAttributes",), "what is not named stays; messages keep their times", "assumed", _NOWHERE, ""),
    (("GetQueueAttributes",), "attributes and the three counts", "observed", _SDK, ""),
    (("DeleteQueue",), "messages go along; an unknown queue is fine", "assumed", _NOWHERE, ""),
    (("ListQueue",), "x-mns-prefix, x-mns-ret-number, x-mns-marker", "documented", "ListQueue page", ""),
    (_SENDING, "MessageBody up to MaximumMessageSize on the wire, so as base64", "documented", _LIMITS, ""),
    (_SENDING, "DelaySeconds of the message before the queue's", "documented", _SEND, ""),
    (_SENDING, "Priority 1 to 16", "documented", _SEND, ""),
    (_SENDING, "MessageGroupId and properties are handed on", "observed", _SDK, ""),
    (("SendMessage",), "a delayed one answers with a handle that deletes it", "observed", _SDK, ""),
    (_BATCHES, "up to 16 messages", "documented", _LIMITS, ""),
    (("BatchSendMessage",), "64 KB in all", "documented", _BATCH, ""),
    (("BatchSendMessage",), "valid messages are kept when others are not", "assumed", _BATCH, "partial_batches"),
    (("BatchSendMessage",), "status 400 when some were refused", "assumed", "not 201: documented", ""),
    (_RECEIVING, "waitseconds before the queue's PollingWaitSeconds", "documented", _RECEIVE, ""),
    (_RECEIVING, "a waiting poll looks again this often", "assumed", "the service wakes at once", "poll_step"),
    (_RECEIVING, "so many polls wait, others answer at once", "assumed", f"{_RECEIVE}, without a number", "long_polls"),
    (_RECEIVING, "hidden for VisibilityTimeout; DequeueCount grows", "documented", _RECEIVE, ""),
    (_RECEIVING, "by priority, then by time", "assumed", _ORDER, ""),
    (_RECEIVING, "everything visible is found, unlike by the service", "assumed", _ORDER, ""),
    (_PEEKING, "no handle, nothing changes", "documented", "PeekMessage page", ""),
    (("DeleteMessage",), "a handle is good until its message is visible again", "documented", "DeleteMessage page", ""),
    (("BatchDeleteMessage",), "status 404 when some were refused", "assumed", "not 204: documented", ""),
    (
        ("ChangeMessageVisibility",),
        "counts from the call; a new handle, the old one dies",
        "documented",
        "ChangeMessageVisibility page",
        "",
    ),
    (("*",), "a message received too often moves when it would be visible again", "documented", _DEAD, ""),
    (("*",), "a dead letter's retention runs on and it names its origin", "observed", f"{_DEAD}; {_SDK}", ""),
    (("*",), "messages end with MessageRetentionPeriod", "documented", _CREATE, ""),
)


def _rows() -> Iterator[Behaviour]:
    for operations, what, mark, source, switch in _BEHAVIOURS:
        for operation in operations:
            yield Behaviour("smq", operation, what, mark, source, switch)
    for problem, operations in ERRORS_OF:
        what = f"{problem.status} {problem.code}: {problem.message}"
        for operation in operations:
            yield Behaviour("smq", operation, what, _MARKS.get(problem, "documented"), problem.source)


COVERAGE: tuple[Behaviour, ...] = tuple(_rows())
"""Every row."""
