"""From a queue to its function: the EventBridge event stream behind a queue trigger.

Documented: EventBridge event-source limits, advanced features of triggers, SMQ queue trigger page. A message is deleted
only when its batch was delivered; one not processed within the queue's visibility timeout comes again. The two
documented readings of ``asyncInvocationType`` are `Serial` and `Concurrent` delivery.
"""

import random
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.fc.agenda import Agenda
from aliyun_fakes.fc.asynchronous import AsyncInvocations
from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.events import StreamEvents
from aliyun_fakes.fc.mailbox import Mailbox
from aliyun_fakes.fc.runner import OnEnd
from aliyun_fakes.fc.settings import FcSettings, strikes
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.queues import Queue
from aliyun_fakes.smq.values import BATCH_LIMIT, Message
from deployment.arns import parse_queue_arn
from deployment.s_yaml import FunctionProps
from deployment.triggers import EventBridgeTrigger

_BACKOFF_TRIES = 3
_DECAY_TRIES = 176
_DECAY_LONGEST = 512.0
_EMPTY_HANDED = 0.05  # seconds; a queue that said "now" and gave nothing is not asked again at the same moment

Fate = Literal["delivered", "failed"]
Report = Callable[[Fate], None]


class Push(Protocol):
    """Hands an event to a function and reports, once, whether that succeeded.

    Attributes:
        waits: whether the next batch has to wait for the report on this one.
    """

    waits: bool

    def __call__(self, event: bytes, label: str, report: Report) -> None:
        """Push; `label` goes into the invocation's record."""


class SerialPush:
    """Synchronous invocation: the answer decides, and is waited for no longer than `timeout` seconds.

    Args:
        start: starts the invocation of an event under a label; raises FcError when it cannot.
        agenda: what is to be done when.
        clock: time.
        timeout: seconds.
    """

    waits = True

    def __init__(
        self, start: Callable[[bytes, str, OnEnd], object], agenda: Agenda, clock: Clock, timeout: float
    ) -> None:
        self._start, self._agenda, self._clock, self._timeout = start, agenda, clock, timeout

    def __call__(self, event: bytes, label: str, report: Report) -> None:
        """See `Push`."""
        once = _Once(report)
        try:
            self._start(event, label, lambda result: once("failed" if result.error_type else "delivered"))
        except FcError:
            once("failed")
            return
        self._agenda.at(self._clock.now() + self._timeout, lambda: once("failed"))


class ConcurrentPush:
    """Asynchronous invocation: accepted is delivered; what becomes of it is the invocation's own matter."""

    waits = False

    def __init__(self, function: FunctionProps, invocations: AsyncInvocations) -> None:
        self._function, self._invocations = function, invocations

    def __call__(self, event: bytes, label: str, report: Report) -> None:
        """See `Push`."""
        try:
            self._invocations.submit(self._function, event, trigger=label)
        except FcError:
            report("failed")
            return
        report("delivered")


class _Once:
    """A report that is heard the first time only."""

    def __init__(self, report: Report) -> None:
        self._report: Report | None = report

    def __call__(self, fate: Fate) -> None:
        report, self._report = self._report, None
        if report is not None:
            report(fate)


class QueueStream:
    """One event stream: collects messages into batches, pushes them one after the other, deletes or gives up.

    Args:
        trigger: its configuration.
        queue: where messages come from.
        push: delivers a batch.
        events: makes the event of a batch.
        agenda: what is to be done when.
        clock: time.
        mailbox: for dead letters.
        settings: latencies and faults.
        source: of randomness.

    Attributes:
        stopped: it gave up under ``errorsTolerance: NONE`` and blocks (documented).
        deliveries: batches pushed so far, tries again and duplicates not counted.
        late: messages whose delivery succeeded after their visibility had ended, so that they come again.
    """

    def __init__(
        self,
        trigger: EventBridgeTrigger,
        queue: Queue,
        push: Push,
        events: StreamEvents,
        *,
        agenda: Agenda,
        clock: Clock,
        mailbox: Mailbox,
        settings: FcSettings,
        source: random.Random,
    ) -> None:
        self._name, self._options = trigger.trigger_name, trigger.trigger_config.run_options
        self._queue, self._push, self._events = queue, push, events
        self._agenda, self._clock, self._mailbox = agenda, clock, mailbox
        self._settings, self._faults, self._random = settings, settings.delivery_faults, source
        self._window: list[Message] = []
        self._held = 0
        self._seen = 0
        self._on_the_way = 0
        self._windows = 0
        self._not_before = 0.0
        self.stopped = not trigger.trigger_config.trigger_enable
        self.deliveries = 0
        self.late = 0

    @property
    def idle(self) -> bool:
        """Nothing in hand and nothing in the queue, now or later; a stopped stream never moves."""
        in_hand = self._on_the_way or self._window or self._held
        return self.stopped or not (in_hand or self._queue.next_visible_at() is not None)

    @property
    def _busy(self) -> bool:
        return self._push.waits and self._on_the_way > 0

    def next_at(self) -> float | None:
        """When it has something to receive."""
        if self.stopped or self._busy:
            return None
        visible = self._queue.next_visible_at()
        return None if visible is None else max(visible, self._not_before)

    def receive(self) -> None:
        """Take what is visible into the window, and push the window when it is full or its time is over."""
        if self.stopped or self._busy or self._clock.now() < self._not_before:
            return
        room = self._options.batch_window.count - len(self._window)
        messages = self._queue.receive(min(room, BATCH_LIMIT))
        if not messages:
            self._not_before = self._clock.now() + _EMPTY_HANDED
            return
        was_empty = not self._window
        for message in messages:
            self._admit(message)
        if was_empty and self._window:
            number = self._windows
            self._agenda.at(self._clock.now() + self._options.batch_window.seconds, lambda: self._time_over(number))
        if len(self._window) >= self._options.batch_window.count:
            self._close()

    def _admit(self, message: Message) -> None:
        self._seen += 1
        if not strikes(self._faults.reorder, self._seen, self._random):
            self._window.append(message)
            return
        self._held += 1
        self._agenda.at(self._clock.now() + self._faults.reorder_hold, lambda: self._release(message))

    def _release(self, message: Message) -> None:
        self._held -= 1
        self._window.append(message)
        self._agenda.soon(self._close)

    def _time_over(self, number: int) -> None:
        if number == self._windows:
            self._close()

    def _close(self) -> None:
        """The window becomes a batch on its way; behind a batch that has to be waited for, that one closes it."""
        if self._busy or not self._window:
            return
        self._on_the_way += 1
        self._windows += 1
        batch, self._window = self._window, []
        self.deliveries += 1
        number, latency = self.deliveries, self._random.uniform(*self._settings.queue_latency)
        arrives = self._clock.now() + latency
        if strikes(self._faults.drop, number, self._random):
            self._agenda.at(arrives, lambda: self._delivered(batch))
            return
        self._agenda.at(arrives, lambda: self._try(batch, 1))
        if strikes(self._faults.duplicate, number, self._random):
            self._agenda.at(arrives + self._faults.duplicate_after, lambda: self._push_duplicate(batch))

    def _try(self, batch: Sequence[Message], tries: int) -> None:
        event = self._events.array(batch, self._clock.now())
        self._push(event, f"queue:{self._name}", lambda fate: self._reported(batch, tries, fate))

    def _push_duplicate(self, batch: Sequence[Message]) -> None:
        event = self._events.array(batch, self._clock.now())
        self._push(event, f"duplicate:{self._name}", lambda _fate: None)

    def _reported(self, batch: Sequence[Message], tries: int, fate: Fate) -> None:
        if fate == "delivered":
            self._delivered(batch)
            return
        wait = self._wait_after(tries)
        if wait is not None:
            self._agenda.at(self._clock.now() + wait, lambda: self._try(batch, tries + 1))
        elif self._options.errors_tolerance == "NONE":
            self.stopped = True
            self._on_the_way -= 1
        else:
            self._bury(batch)

    def _wait_after(self, tries: int) -> float | None:
        """Seconds until the next try, None when there is none (documented: advanced features of triggers)."""
        if self._options.retry_strategy.push_retry_strategy == "BACKOFF_RETRY":
            return self._random.uniform(*self._settings.push_retry_delay) if tries <= _BACKOFF_TRIES else None
        return min(2.0 ** min(tries - 1, 9), _DECAY_LONGEST) if tries <= _DECAY_TRIES else None

    def _bury(self, batch: Sequence[Message]) -> None:
        """Given up: the original bodies go to the dead-letter queue as they came, if there is one (form: assumed)."""
        if self._options.dead_letter_queue is not None:
            for message in batch:
                self._mailbox.forward(parse_queue_arn(self._options.dead_letter_queue.arn).name, message.body)
        self._delivered(batch)

    def _delivered(self, batch: Sequence[Message]) -> None:
        for message in batch:
            self._delete(message)
        self._on_the_way -= 1
        self._close()
        self._agenda.wake()

    def _delete(self, message: Message) -> None:
        try:
            self._queue.delete(message.receipt_handle)
        except SmqError:
            self.late += 1
