"""A cloud in memory for tests of the run core: a bin with jobs, a log, queues, and what may go wrong with them.

Time is a `VirtualClock`; every call takes some, so what people do comes between any two calls.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.core.errors import CloudError, ConfigurationError, NotFound, Refused
from functions.retention.core.seal import Seal, SealKey
from functions.retention.core.sealed_queue import NO_KEY, SealedQueue
from functions.retention.core.services import SIDE_BY_SIDE, Record, Terms, matches, values_of
from functions.retention.policy.model import Guardrails, Policy, PolicyFile
from functions.retention.runs.context import Report
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import RunMessage, new_message, parse_message
from functions.retention.runs.services import Tags
from functions.retention.runs.worker import Worker
from tests.unit.retention.job_bin import FILE_SYSTEM, JobBin, Line

T = TypeVar("T")
SLICE = 255.0
"""Seconds until an invocation begins nothing new."""

MOST_INVOCATIONS = 400

MOST_VALUES = 30
"""Values of one search (documented)."""


@dataclass
class MemoryLog:
    """A log that finds what it took after a while, and reads it without a lag; satisfies `ReadableLog`.

    Attributes:
        line: of all calls.
        lag: seconds until a record can be found.
        writes: whether it takes records.
        reads: whether it answers.
        pulls: whether its shards can be read; also not when it does not answer at all.
        indexed: whether it can be searched.
        records: what it took, with the moment of it.
    """

    line: Line
    lag: float = 0.0
    writes: bool = True
    reads: bool = True
    pulls: bool = True
    indexed: bool = True
    records: list[tuple[float, Record]] = field(default_factory=list)

    def has_index(self) -> bool:
        """Whether what is put can be found again."""
        return self.indexed

    def put(self, records: Sequence[Record]) -> None:
        """See `AuditLog`."""
        if not self.writes:
            raise Refused("PutLogs", "Unauthorized", "no")
        copies = [dict(each) for each in records]
        self.line.call("put", 0.02, lambda: self.records.extend((self.line.clock.now(), each) for each in copies))

    def find(self, terms: Terms, since: float, limit: int = 1000) -> list[Record]:
        """See `AuditLog`."""
        if sum(len(values_of(wanted)) for wanted in terms.values()) > MOST_VALUES:
            raise Refused("GetLogs", "ParameterInvalid", "too many search conditions")
        if not self.reads:
            raise Refused("GetLogs", "Unauthorized", "no")
        if not self.indexed:
            raise NotFound("GetLogs", "IndexConfigNotExist", "no")
        return self.line.call("find", 0.05, lambda: self._find(terms, since, limit))

    def _find(self, terms: Terms, since: float, limit: int) -> list[Record]:
        now = self.line.clock.now()
        shown = {
            each["event_id"]: each
            for at, each in self.records
            if since <= at <= now - self.lag and matches(each, terms)
        }
        if len(shown) > limit:  # as the log's client: a ledger read in part misleads
            raise CloudError("GetLogs", "Incomplete", f"more than {limit} records")
        return list(shown.values())

    def written_since(self, moment: float) -> list[Record]:
        """See `RecentRecords`; one shard."""
        if not (self.reads and self.pulls):
            raise Refused("PullLogs", "Unauthorized", "no")
        return self.line.call("written_since", 0.05, lambda: self._written_since(int(moment)))

    def _written_since(self, second: int) -> list[Record]:
        kept: dict[str, Record] = {}
        for number, (at, each) in enumerate(self.records):
            if at >= second:
                kept.setdefault(each.get("event_id") or f"without one: {number}", dict(each))
        return list(kept.values())

    def events(self, event: str, **terms: str) -> list[Record]:
        """Every record of an event, each once, as the test sees it."""
        unique = {each["event_id"]: each for _, each in self.records}
        return [each for each in unique.values() if each["event"] == event and terms.items() <= each.items()]


@dataclass
class QueuedMessage:
    """A message on a queue.

    Attributes:
        due: when it may be delivered, epoch seconds.
        body: its text.
        tries: how often it was.
    """

    due: float
    body: str
    tries: int = 0


@dataclass
class MemoryQueue:
    """The two queues; satisfies `WorkQueue`.

    Attributes:
        line: of all calls.
        queued_messages: on the work queue.
        dead: bodies on the dead-letter queue.
        longest: bytes of the longest message so far.
        open: whether it takes messages.
        room: how many letters it takes; None for any number.
    """

    line: Line
    queued_messages: list[QueuedMessage] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    longest: int = 0
    open: bool = True
    room: int | None = None

    def send(self, body: str, delay_seconds: int = 0) -> str:
        """See `WorkQueue`."""
        self._check("SendMessage")
        self.longest = max(self.longest, len(body.encode()))
        self.line.call(
            "send",
            0.02,
            lambda: self.queued_messages.append(QueuedMessage(self.line.clock.now() + delay_seconds, body)),
        )
        return "id"

    def dead_letter(self, body: str) -> str:
        """See `WorkQueue`."""
        self._check("SendMessage")
        self.line.call("dead-letter", 0.02, lambda: self.dead.append(body))
        return "id"

    def _check(self, operation: str) -> None:
        if not self.open or (self.room is not None and len(self.queued_messages) >= self.room):
            raise Refused(operation, "AccessDenied", "no")


SEAL = Seal(SealKey(bytes(range(32))), region="cn-hangzhou", account_id="1234567890123456", queue="work")
"""Of the messages on `MemoryQueue`."""


def sealed(message: RunMessage) -> str:
    """The body that carries a message."""
    return SEAL.seal(message.to_body())


def opened(body: str) -> RunMessage:
    """The message that a body carries."""
    return parse_message(Delivery(SEAL.open(body)).wire())


class MemoryCloud:
    """Hands the doubles out where handlers get clients of the services; `sealing` is None without a key."""

    def __init__(self, file: PolicyFile, start: float) -> None:
        self.clock = VirtualClock(start)
        self.file = file
        self.line = Line(self.clock)
        self.bin = JobBin(self.line)
        self.log = MemoryLog(self.line)
        self.queues = MemoryQueue(self.line)
        self.requests = 0
        self.account_id, self.sweep_pace = "1234567890123456", 6
        self.sealing: Seal | None = SEAL

    @property
    def policies(self) -> PolicyFile:
        """See `Services`."""
        return self.file

    @property
    def file_systems(self) -> tuple[str, ...]:
        """See `Services`."""
        return self.file.guardrails.file_systems

    def recycle_bin(self, file_system_id: str) -> JobBin:
        """See `Services`; other file systems have nothing in their bins."""
        return self.bin if file_system_id == FILE_SYSTEM else JobBin(self.line)

    def audit(self) -> MemoryLog:
        """See `Services`."""
        return self.log

    def listings(self, file_system_id: str) -> list[JobBin]:
        """See `Services`."""
        return [self.recycle_bin(file_system_id)] * (SIDE_BY_SIDE - 1)

    def queue(self) -> SealedQueue:
        """See `Services`."""
        return SealedQueue(self.queues, self.sealing)

    def seal(self) -> Seal:
        """See `Services`."""
        if self.sealing is None:
            raise ConfigurationError(NO_KEY)
        return self.sealing

    def nas(self, file_system_id: str) -> Tags:
        """See `Services`."""
        raise NotImplementedError(file_system_id)

    def invoke(self, queued: QueuedMessage, seconds: float = SLICE) -> list[Report]:
        """One invocation of the purge function with one message."""
        return self.worker(seconds, redelivered=queued.tries > 0).work([Delivery(queued.body)])

    def worker(self, seconds: float = SLICE, *, redelivered: bool = False) -> Worker:
        """The worker of a new invocation."""
        self.requests += 1
        return Worker(
            self,
            self.clock,
            random.Random(self.requests),
            request_id=f"purge-{self.requests}",
            deadline=self.clock.now() + seconds,
            redelivered=redelivered,
        )

    def survey(self) -> None:
        """Invoke with the message at hand, which ends a survey; the message of the purge comes due."""
        self.invoke(self.queues.queued_messages.pop())
        self.clock.sleep(max(self.queues.queued_messages[-1].due - self.clock.now(), 0.0))

    def play(self, seconds: float = SLICE) -> list[Report]:
        """Deliver messages, the earliest first, until none is left; what became of each."""
        reports: list[Report] = []
        for _ in range(MOST_INVOCATIONS):
            if not self.queues.queued_messages:
                return reports
            queued = min(self.queues.queued_messages, key=lambda each: each.due)
            self.queues.queued_messages.remove(queued)
            self.clock.sleep(queued.due - self.clock.now())
            reports += self.invoke(queued, seconds)
        raise AssertionError(f"messages go on after {MOST_INVOCATIONS} invocations")

    def begin(self, **fields: object) -> RunMessage:
        """Send the first message of a run."""
        now = self.clock.now()
        first = new_message(FILE_SYSTEM, digest=self.file.digest, trigger="sweep", mode="enforce", at=now, now=now)
        message = replace(first, **fields)  # type: ignore[arg-type]
        self.queues.queued_messages.append(QueuedMessage(now, sealed(message)))
        return message


def deployed(*, older_than: str = "7d", protect: tuple[str, ...] = (), **limits: object) -> PolicyFile:
    """A policy file that is small and real; no limits but those given."""
    unlimited = {"jobs": "unlimited", "bytes": "unlimited", "share": "unlimited"}
    guards = {"file_systems": FILE_SYSTEM, "protect": protect, "limits": unlimited | limits}
    policy = {"name": "aged", "file_systems": FILE_SYSTEM, "older_than": older_than, "mode": "enforce"}
    return PolicyFile(
        version=1, guardrails=Guardrails.model_validate(guards), policies=(Policy.model_validate(policy),)
    )
