"""One queue: messages move between waiting (delayed or received) and ready by heaps, never by scans."""

import base64
import binascii
import functools
import heapq
import itertools
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.values import Draft, Message, Property, QueueAttributes, check_range

P = ParamSpec("P")
R = TypeVar("R")
HeapItem: TypeAlias = tuple[int, float, int, str]
"""Priority (0 when waiting), time of becoming visible, place, message id."""


def _locked(method: Callable[Concatenate["Queue", P], R]) -> Callable[Concatenate["Queue", P], R]:
    """Hold the lock of the queue's account, since on a real clock requests come on many threads."""

    @functools.wraps(method)
    def locked(queue: "Queue", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with queue.lock:
            return method(queue, *args, **kwargs)

    return locked


@dataclass(frozen=True)
class DeadLetter:
    """A queue's dead-letter policy.

    Attributes:
        queue: where messages go.
        max_receive_count: how often a message is received at most; becoming visible once more, it moves.
    """

    queue: "Queue"
    max_receive_count: int


class Queue:
    """A standard queue.

    Args:
        name: as in its URL.
        attributes: how it behaves.
        clock: time.
        ids: source of message ids.
        arn: its resource name, as dead letters name it.
        lock: shared by all queues of an account, since dead letters move between them.

    Attributes:
        dead_letter: where messages go that were received too often; None keeps them.
        created_at: seconds since the epoch.
        modified_at: when its attributes changed last.
        on_change: called after a message was sent, became a dead letter of here, or changed its visibility; must not
            wait for anything.

    A message whose receive count has reached the policy's limit moves when it would become visible again: at the
    first look at either queue after that moment (documented: Dead-letter queue page; retention runs on).
    """

    def __init__(
        self, name: str, attributes: QueueAttributes, *, clock: Clock, ids: Ids, arn: str, lock: threading.RLock
    ) -> None:
        self.name, self.arn, self.lock = name, arn, lock
        self.attributes = attributes
        self.dead_letter: DeadLetter | None = None
        self.on_change: list[Callable[[], None]] = []
        self.created_at = self.modified_at = clock.now()
        self._clock, self._ids = clock, ids
        self._numbers = itertools.count(1)
        self._messages: dict[str, Message] = {}
        self._by_handle: dict[str, str] = {}
        self._ready: list[HeapItem] = []
        self._waiting: list[HeapItem] = []
        self._expiring: list[tuple[float, str]] = []
        self._states: Counter[str] = Counter()
        self._sources: list[Queue] = []

    @_locked
    def set_attributes(self, attributes: QueueAttributes) -> None:
        """Change how it behaves; messages already in it keep their times (assumed)."""
        self.attributes, self.modified_at = attributes, self._clock.now()

    @_locked
    def set_dead_letter(self, policy: DeadLetter | None) -> None:
        """Choose where messages go that were received too often.

        Raises:
            SmqError: InvalidArgument: the queue itself, or a count out of range.
        """
        if policy is not None:
            check_range("MaxReceiveCount", policy.max_receive_count)
            if policy.queue is self:
                raise SmqError("InvalidSchema", element="DeadLetterTargetQueue")
            policy.queue._sources.append(self)  # noqa: SLF001 - another object of this very class
        if self.dead_letter is not None:
            self.dead_letter.queue._sources.remove(self)  # noqa: SLF001 - as above
        self.dead_letter = policy

    def send(self, body: str, delay_seconds: int | None = None, *, priority: int = 8) -> str:
        """Put a message in; its id. `body` is the text on the wire, which the official SDKs expect to be base64.

        Raises:
            SmqError: InvalidArgument: body too long or empty, delay or priority out of range.
        """
        return self.put(Draft(body, delay_seconds, priority)).id

    @_locked
    def put(self, draft: Draft) -> Message:
        """Put a message in. A delayed one has a receipt handle (observed: SDKs read one from a send's reply).

        Raises:
            SmqError: as `send`.
        """
        delay = self.check(draft)
        now = self._clock.now()
        message = Message(
            id=self._new_id(),
            body=draft.body,
            priority=draft.priority,
            enqueued_at=now,
            expires_at=now + self.attributes.message_retention_period,
            visible_at=now + delay,
            group_id=draft.group_id,
            user_properties=draft.user_properties,
            system_properties=draft.system_properties,
        )
        heapq.heappush(self._expiring, (message.expires_at, message.id))
        message = self._hide(message, "delayed") if delay else self._show(message)
        self._changed()
        return message

    def check(self, draft: Draft) -> int:
        """The delay in seconds that a draft would get.

        Raises:
            SmqError: as `send`.
        """
        size, highest = len(draft.body.encode()), self.attributes.maximum_message_size
        if not 1 <= size <= highest:
            raise SmqError("ValueOutOfRange", element="MessageBody", low=1, high=highest)
        check_range("Priority", draft.priority)
        delay = self.attributes.delay_seconds if draft.delay_seconds is None else draft.delay_seconds
        return check_range("DelaySeconds", delay)

    @_locked
    def receive(self, limit: int = 1, *, visibility_timeout: int | None = None) -> list[Message]:
        """Take up to `limit` active messages: highest priority first, then longest visible. They become inactive."""
        self._settle()
        now = self._clock.now()
        hidden_until = now + (self.attributes.visibility_timeout if visibility_timeout is None else visibility_timeout)
        return [
            self._hide(
                replace(
                    message,
                    visible_at=hidden_until,
                    dequeue_count=message.dequeue_count + 1,
                    first_dequeued_at=message.first_dequeued_at or now,
                ),
                "inactive",
            )
            for message in self._take(limit)
        ]

    @_locked
    def peek(self, limit: int = 1) -> list[Message]:
        """Look at up to `limit` active messages without changing anything about them."""
        self._settle()
        seen = self._take(limit)
        for message in seen:
            self._push_ready(message)
        return seen

    @_locked
    def delete(self, receipt_handle: str) -> None:
        """Remove the message with this handle.

        Raises:
            SmqError: ReceiptHandleError: the handle is unknown, superseded, or its time is over.
        """
        self._settle()
        message_id = self._by_handle.get(receipt_handle)
        if message_id is None:
            raise SmqError("ReceiptHandleError")
        self._forget(self._messages[message_id])

    @_locked
    def change_visibility(self, receipt_handle: str, visibility_timeout: int) -> Message:
        """Hide a message for so many seconds from now; it gets a new handle and the old one dies.

        Raises:
            SmqError: InvalidArgument: out of range; ReceiptHandleError: unknown or superseded handle;
                MessageNotExist: the handle's time is over.
        """
        check_range("VisibilityTimeout", visibility_timeout)
        self._settle()
        message_id = self._by_handle.get(receipt_handle)
        if message_id is None:
            over = _handle_time(receipt_handle) <= self._clock.now()
            raise SmqError("MessageNotExist" if over else "ReceiptHandleError")
        message = self._messages[message_id]
        changed = self._hide(replace(message, visible_at=self._clock.now() + visibility_timeout), message.state)
        self._changed()
        return changed

    @_locked
    def messages(self) -> list[Message]:
        """Every message in it now, in the order they came; a brute-force reading for tests."""
        for source in self._sources:
            source.messages()
        self._settle()
        return list(self._messages.values())

    @_locked
    def counts(self) -> dict[str, int]:
        """How many messages are ``active``, ``inactive`` and ``delayed``."""
        self._settle()
        return {state: self._states[state] for state in ("active", "inactive", "delayed")}

    @_locked
    def next_visible_at(self) -> float | None:
        """When a message can be received: now if one is active, else the earliest moment one becomes so; None: never.

        At that moment the message may also turn out to be a dead letter.
        """
        self._settle()
        if self._states["active"]:
            return self._clock.now()
        self._drop_stale(self._waiting)
        return self._waiting[0][1] if self._waiting else None

    def _settle(self) -> None:
        """Let everything happen that time has brought: ends of retention, of delays and of visibility timeouts."""
        now = self._clock.now()
        while self._expiring and self._expiring[0][0] <= now:
            message = self._messages.get(heapq.heappop(self._expiring)[1])
            if message is not None:
                self._forget(message)
        while self._waiting and self._waiting[0][1] <= now:
            *_, place, message_id = heapq.heappop(self._waiting)
            if self._is_current(place, message_id):
                self._come_back(self._messages[message_id])

    def _come_back(self, message: Message) -> None:
        policy = self.dead_letter
        if policy is None or message.dequeue_count < policy.max_receive_count:
            self._show(message)
            return
        self._forget(message)
        policy.queue._bury(message, self.arn)  # noqa: SLF001 - another object of this very class

    def _bury(self, message: Message, source: str) -> None:
        """Take over a dead letter; it gets a new id, keeps its retention and names its source (observed in the SDK)."""
        about = (
            Property("DLQMessageType", "MaxReceiveCountExceeded"),
            Property("DLQSourceArn", source),
            Property("DLQOriginMessageId", message.id),
        )
        dead = replace(
            message,
            id=self._new_id(),
            dequeue_count=0,
            first_dequeued_at=0.0,
            system_properties=message.system_properties + about,
        )
        heapq.heappush(self._expiring, (dead.expires_at, dead.id))
        self._show(dead)
        self._changed()

    def _take(self, limit: int) -> list[Message]:
        taken: list[Message] = []
        self._drop_stale(self._ready)
        while self._ready and len(taken) < limit:
            taken.append(self._messages[heapq.heappop(self._ready)[-1]])
            self._drop_stale(self._ready)
        return taken

    def _drop_stale(self, heap: list[HeapItem]) -> None:
        while heap and not self._is_current(*heap[0][-2:]):
            heapq.heappop(heap)

    def _is_current(self, place: int, message_id: str) -> bool:
        message = self._messages.get(message_id)
        return message is not None and message.place == place

    def _show(self, message: Message) -> Message:
        return self._push_ready(self._store(replace(message, state="active", receipt_handle="")))

    def _push_ready(self, message: Message) -> Message:
        heapq.heappush(self._ready, (message.priority, message.visible_at, message.place, message.id))
        return message

    def _hide(self, message: Message, state: str) -> Message:
        handle = self._new_handle(message)
        message = self._store(replace(message, state=state, receipt_handle=handle))
        self._by_handle[handle] = message.id
        heapq.heappush(self._waiting, (0, message.visible_at, message.place, message.id))
        return message

    def _store(self, message: Message) -> Message:
        self._let_go(self._messages.get(message.id))
        message = replace(message, place=next(self._numbers))
        self._messages[message.id] = message
        self._states[message.state] += 1
        return message

    def _forget(self, message: Message) -> None:
        self._let_go(self._messages.pop(message.id))

    def _let_go(self, message: Message | None) -> None:
        if message is not None:
            self._states[message.state] -= 1
            self._by_handle.pop(message.receipt_handle, None)

    def _changed(self) -> None:
        for watcher in self.on_change:
            watcher()

    def _new_id(self) -> str:
        return f"{self._ids.hex(16).upper()}-1-{int(self._clock.now() * 1000):X}-{next(self._numbers):09X}"

    def _new_handle(self, message: Message) -> str:
        """A handle in the documented shape ``<priority>-<base64>``; SDKs put it into URLs unescaped (observed)."""
        raw = f"{message.id.split('-')[0]}-{message.visible_at:.3f}-{next(self._numbers)}"
        return f"{message.priority}-{base64.b64encode(raw.encode()).decode()}"


def _handle_time(receipt_handle: str) -> float:
    """When a handle's message becomes visible again; infinity for what is no handle of ours."""
    try:
        return float(base64.b64decode(receipt_handle.partition("-")[2], validate=True).split(b"-")[1])
    except (binascii.Error, IndexError, ValueError):
        return float("inf")
