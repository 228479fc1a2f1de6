"""What the fake of the queue service's management API covers, row by row; a test holds it against the code.

A row about an error begins with its HTTP status and code.
"""

from collections.abc import Iterator

from aliyun_fakes.core.coverage import Behaviour, Mark
from aliyun_fakes.smq import errors
from aliyun_fakes.smq.errors import Problem
from aliyun_fakes.smq_control.parameters import MISSING_QUEUE_NAME

_SDK = "alibabacloud-mns-open20220119 1.4.1"
_GET = "GetQueueAttributes page, API 2022-01-19, 2025-11"
_CREATE = "CreateQueue page, API 2022-01-19, 2026-01"
_NOWHERE = "no page says"
_AS_DATA_PLANE = "as the message API answers"

_NAMED = ("CreateQueue", "SetQueueAttributes", "GetQueueAttributes", "DeleteQueue")
_WRITING = ("CreateQueue", "SetQueueAttributes")

ERRORS_OF: tuple[tuple[Problem, tuple[str, ...]], ...] = (
    (errors.INVALID_QUEUE_NAME, ("CreateQueue",)),
    (errors.QUEUE_NAME_LENGTH_ERROR, ("CreateQueue",)),
    (errors.QUEUE_DELETED_RECENTLY, ("CreateQueue",)),
    (errors.QUEUE_ALREADY_EXIST, ("CreateQueue",)),
    (errors.QUEUE_NOT_EXIST, (*_WRITING, "GetQueueAttributes")),
    (errors.INVALID_SCHEMA, _WRITING),
    (errors.INVALID_VALUE, (*_WRITING, "ListQueue")),
)
"""Which errors belong to which operations, beside the gateway's own."""

_Row = tuple[tuple[str, ...], str, Mark, str]
_BEHAVIOURS: tuple[_Row, ...] = (
    (("*",), "the gateway's signatures, formats and errors", "observed", f"{_SDK}; as NAS"),
    (("*",), "Action and Version in headers or parameters", "observed", _SDK),
    (("*",), "Code, Status, Success, Message and Data in the answer", "documented", _GET),
    (("*",), "duration as that of the message API", "assumed", "same region"),
    (_WRITING, "attributes and their ranges", "documented", _CREATE),
    (_WRITING, "DlqPolicy is a JSON object in one parameter", "observed", _SDK),
    (_WRITING, "the dead-letter queue must exist", "assumed", _NOWHERE),
    (("CreateQueue",), "again with the same attributes is fine", "assumed", _AS_DATA_PLANE),
    (("CreateQueue",), "QueueType fifo is refused", "assumed", "some regions have none: sequential messages page"),
    (("SetQueueAttributes",), "what is not named stays", "assumed", _AS_DATA_PLANE),
    (("GetQueueAttributes",), "attributes, counts and DlqPolicy", "documented", _GET),
    (("DeleteQueue",), "messages go along; an unknown queue is fine", "assumed", _AS_DATA_PLANE),
    (("ListQueue",), "QueueName is any part of the name; PageNum, PageSize", "assumed", f"{_SDK}: names only"),
)


def _rows() -> Iterator[Behaviour]:
    for operations, what, mark, source in _BEHAVIOURS:
        for operation in operations:
            yield Behaviour("smq_control", operation, what, mark, source)
    for problem, operations in ERRORS_OF:
        what = f"{problem.status} {problem.code}: {problem.message}"
        for operation in operations:
            yield Behaviour("smq_control", operation, what, "assumed", f"{_AS_DATA_PLANE}: {problem.source}")
    kind = MISSING_QUEUE_NAME
    for operation in _NAMED:
        yield Behaviour("smq_control", operation, f"{kind.status} {kind.code}: {kind.message}", kind.mark, kind.source)


COVERAGE: tuple[Behaviour, ...] = tuple(_rows())
"""Every row."""
