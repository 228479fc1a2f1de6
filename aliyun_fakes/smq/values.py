"""The queue service's values: settings, a queue's attributes, a message."""

from dataclasses import dataclass, fields

from aliyun_fakes.smq.errors import SmqError

LIMITS = {
    "VisibilityTimeout": (1, 43_200),
    "MaximumMessageSize": (1_024, 65_536),
    "MessageRetentionPeriod": (60, 604_800),
    "DelaySeconds": (0, 604_800),
    "PollingWaitSeconds": (0, 30),
    "waitseconds": (0, 30),
    "numOfMessages": (1, 16),
    "Priority": (1, 16),
    "MaxReceiveCount": (1, 1_000),
    "x-mns-ret-number": (1, 1_000),
}
"""Lowest and highest value by parameter name, in seconds, bytes or pieces.

Documented: SMQ CreateQueue, SendMessage, ReceiveMessage, BatchReceiveMessage, ListQueue, Limits pages.
MaxReceiveCount's upper end is assumed.
"""

BATCH_LIMIT = 16
BATCH_BYTES = 65_536


def check_range(element: str, value: int) -> int:
    """The value, if the service takes it for that parameter.

    Raises:
        SmqError: InvalidArgument naming the range.
    """
    low, high = LIMITS[element]
    if not low <= value <= high:
        raise SmqError("ValueOutOfRange", element=element, low=low, high=high)
    return value


@dataclass(frozen=True)
class SmqSettings:
    """What can be chosen about the fake service.

    Attributes:
        latency: seconds from request to reply of any call (assumed).
        poll_step: how often a waiting long poll looks for new messages, seconds; the service wakes at once, so
            this is the error of the fake.
        long_polls: how many long polls may wait at the same time; beyond, an empty queue answers at once
            (documented without a number: ReceiveMessage page, 2026-03).
        deleted_recently: seconds for which a deleted queue's name cannot be used again (the error
            QueueDeletedRecently is documented, the time is assumed).
        partial_batches: a batch with invalid messages stores the valid ones and names the others; otherwise it is
            refused as a whole (assumed from the reply's documented shape).
    """

    latency: float = 0.03
    poll_step: float = 0.1
    long_polls: int = 100
    deleted_recently: float = 10.0
    partial_batches: bool = True


@dataclass(frozen=True)
class QueueAttributes:
    """A queue's settable attributes; seconds and bytes. Defaults are documented (SMQ CreateQueue page)."""

    visibility_timeout: int = 30
    maximum_message_size: int = 65_536
    message_retention_period: int = 345_600
    delay_seconds: int = 0
    polling_wait_seconds: int = 0
    logging_enabled: bool = False

    def __post_init__(self) -> None:
        for element, name in ATTRIBUTE_NAMES.items():
            if element in LIMITS:
                check_range(element, getattr(self, name))


ATTRIBUTE_NAMES = {
    "".join(part.capitalize() for part in field.name.split("_")): field.name for field in fields(QueueAttributes)
}
"""Python name by XML element, e.g. ``VisibilityTimeout`` to ``visibility_timeout``."""


@dataclass(frozen=True)
class Property:
    """A property of a message, of the user's or the system's own.

    Attributes:
        name: e.g. ``DLQSourceArn``.
        value: text as on the wire; binary is base64.
        type: ``STRING``, ``NUMBER``, ``BOOLEAN`` or ``BINARY``.
    """

    name: str
    value: str
    type: str = "STRING"


@dataclass(frozen=True)
class Draft:
    """A message to be sent.

    Attributes:
        body: text as on the wire; the official SDKs put base64 there.
        delay_seconds: until it can be received; the queue's own delay when None.
        priority: 1 is the highest, 16 the lowest.
        group_id: passed through.
        user_properties: passed through.
        system_properties: passed through.
    """

    body: str
    delay_seconds: int | None = None
    priority: int = 8
    group_id: str = ""
    user_properties: tuple[Property, ...] = ()
    system_properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Message:
    """A message at one moment; every change makes a new one.

    Attributes:
        id: unique in the account.
        body: text as on the wire, usually base64.
        priority: 1 is the highest.
        enqueued_at: seconds since the epoch; unchanged when it becomes a dead letter.
        expires_at: when its retention ends.
        visible_at: when it can be received next.
        state: ``active``, ``delayed`` or ``inactive`` (received, not deleted yet).
        dequeue_count: how often it was received.
        first_dequeued_at: when for the first time; 0.0 when never.
        receipt_handle: deletes or changes it until `visible_at`; "" when it has none.
        place: number of its newest change in the queue; older ones are stale.
        group_id: as sent.
        user_properties: as sent.
        system_properties: as sent, or about the dead letter.
    """

    id: str
    body: str
    priority: int
    enqueued_at: float
    expires_at: float
    visible_at: float
    state: str = "active"
    dequeue_count: int = 0
    first_dequeued_at: float = 0.0
    receipt_handle: str = ""
    place: int = 0
    group_id: str = ""
    user_properties: tuple[Property, ...] = ()
    system_properties: tuple[Property, ...] = ()
