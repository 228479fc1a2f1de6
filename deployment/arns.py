"""Resource names (ARNs) in s.yaml: queues, in both of their forms, and roles."""

import re
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

_QUEUE_ARN = re.compile(r"acs:mns:([a-z0-9-]+):(\d*):/queues/([A-Za-z0-9][A-Za-z0-9-]*)(/messages)?")
_ROLE_ARN = re.compile(r"acs:ram::(\d{16}):role/[\w.-]+")


class QueueArn(NamedTuple):
    """The parts of an SMQ ARN; the account may be empty (observed: fc3's own samples)."""

    region: str
    account: str
    name: str


def parse_queue_arn(arn: str) -> QueueArn:
    """The parts of an SMQ ARN, in the form of destinations or of dead-letter queues.

    Raises:
        ValueError: it is not one.
    """
    found = _QUEUE_ARN.fullmatch(arn)
    if not found:
        raise ValueError(f"{arn!r} is not the ARN of a queue: acs:mns:<region>:<account>:/queues/<name>[/messages]")
    return QueueArn(found[1], found[2], found[3])


def _destination(arn: str) -> str:
    parse_queue_arn(arn)
    if not arn.endswith("/messages"):
        raise ValueError(f"{arn!r}: the ARN of a destination ends in /messages")
    return arn


def _dead_letters(arn: str) -> str:
    parse_queue_arn(arn)
    if arn.endswith("/messages"):
        raise ValueError(f"{arn!r}: the ARN of a dead-letter queue ends with the queue's name")
    return arn


def _role(arn: str) -> str:
    if not _ROLE_ARN.fullmatch(arn):
        raise ValueError(f"{arn!r} is not the ARN of a role: acs:ram::<account of 16 digits>:role/<name>")
    return arn


def account_of_role(arn: str) -> str:
    """The account of a role's ARN, "" for what is none."""
    found = _ROLE_ARN.fullmatch(arn)
    return found[1] if found else ""


DestinationArn = Annotated[str, AfterValidator(_destination)]
DeadLetterArn = Annotated[str, AfterValidator(_dead_letters)]
RoleArn = Annotated[str, AfterValidator(_role)]
