"""The environment of a stateful history: fakes of one deployment, and a note of every deletion job as it is created."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from functions.retention.audit.journal import Journal
from functions.retention.core.entry import Entry
from functions.retention.core.errors import RetentionError
from functions.retention.core.recycle_bin import BinAttributes, JobList, Page
from functions.retention.core.services import Record
from functions.retention.runs.sweep import Sweep, SweepRequest
from tests.stateful.rules import Rules, full_path
from tests.unit.retention.bins import NOW
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage
from tests.unit.retention.job_bin import Crash, JobBin, Line, subtree

TRIES = 3
"""How often the platform delivers a message whose invocation ends badly."""


LONG_SLICE = 900.0
"""Seconds until an invocation begins nothing new, longer than the platform allows: in 255 s no listing gets too old."""

SLICES = (255.0, 255.0, 255.0, LONG_SLICE)
"""Such seconds, of which each invocation has one."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A deletion job at the moment of its creation. All moments are epoch seconds.

    Attributes:
        file_id: of the target.
        token: idempotency token.
        asked_at: when the request was sent.
        at: when the service carried it out.
        jobs_asked_at: when its slice last asked for the job list before.
        listed_at: when the directory that holds the target was last asked for.
        held_since: when the hold tag was set that was on the file system at `asked_at`; None: it was not.
        entries: what goes: the target and everything in it, with paths.
        held: bytes in the bin, the target's among them.
        intents: records of this intent that the log had acknowledged.
        rules: the policies that are deployed.
        forged: the slice worked on a message that the functions did not send as it is.
        began_at: when the slice began.
    """

    file_id: str
    token: str
    asked_at: float
    at: float
    jobs_asked_at: float
    listed_at: float
    held_since: float | None
    entries: tuple[tuple[Entry, str], ...]
    held: int
    intents: tuple[Record, ...]
    rules: Rules
    forged: bool
    began_at: float

    @property
    def intent(self) -> Record:
        """The newest intent; empty when there is none."""
        return self.intents[-1] if self.intents else {}

    @property
    def target(self) -> Entry:
        """The entry that the job was created for."""
        return self.entries[0][0]

    @property
    def run(self) -> str:
        """The run that created it."""
        return self.intent.get("run", "")


@dataclass
class _Request:
    asked_at: float
    jobs_asked_at: float


@dataclass(frozen=True, slots=True)
class _Invocation:
    body: str = ""
    began_at: float = 0.0


NONE = _Invocation()

HIDDEN = 5
"""Bytes of a file whose size the listing lacks."""


class ObservedBin(JobBin):
    """A bin that notes when it was asked for what, by which slice.

    A slice is a thread, and so are those that list ahead of it.
    """

    def __init__(self, line: Line) -> None:
        super().__init__(line)
        self.here = threading.local()
        self.listed_at: dict[str, float] = {}
        self.asked_for: dict[str, int] = Counter()
        self.late: list[float] = []
        """Seconds until the next creates are carried out, whose replies are lost."""
        self.silent = self._is_lost
        self.hides_its_size = False
        self.earlier_size: int | None = None
        """Bytes that the service tells while it is behind; None while it tells those of the moment."""

    def attributes(self) -> BinAttributes:
        """See `RecycleBin`. The size is the bin's at the moment or at an earlier one, or missing."""
        size = self.bytes() if self.earlier_size is None else self.earlier_size
        return replace(super().attributes(), size=None if self.hides_its_size else size)

    def bytes(self) -> int:
        """Bytes in the bin; a file whose size the listing lacks has `HIDDEN`."""
        sizes = (HIDDEN if each.size is None else each.size for each, _ in self.tree.all_entries().values())
        return sum(sizes)

    def jobs(self) -> JobList:
        """See `RecycleBin`."""
        asked_at = self.now
        listed = super().jobs()
        self.here.jobs_asked_at = asked_at
        return listed

    def page(self, file_id: str, token: str = "") -> Page:
        """See `RecycleBin`."""
        asked_at = self.now
        page = super().page(file_id, token)
        self.listed_at[file_id] = asked_at
        return page

    def delete(self, file_id: str, client_token: str, *, before: float) -> str:
        """See `RecycleBin`."""
        self.here.request = _Request(self.now, getattr(self.here, "jobs_asked_at", 0.0))
        self.here.token = client_token
        return super().delete(file_id, client_token, before=before)

    def request(self) -> _Request:
        """The create that is being carried out."""
        return self.here.request  # type: ignore[no-any-return]  # of a thread

    def _is_lost(self, _operation: str, file_id: str) -> bool:
        if not self.late:
            return False
        request, token = self.here.request, self.here.token

        def carry_out() -> None:
            self.here.request = request
            with suppress(RetentionError):
                self._delete(file_id, token)

        self.later(self.late.pop(), carry_out)
        return True


@dataclass
class Environment:
    """One file system and all that happens to it.

    Attributes:
        rules: what is deployed.
        rng: whatever is drawn.
        met: how often each adversary was met.
        creations: every deletion job of ours, oldest first.
        broken: what broke a promise: its name and what happened.
        cancels: moments at which a person cancelled a deletion job.
        cancelled_entries: entries whose deletion job a person cancelled, by id, with the moment.
        up_to: of runs that have one.
        plans: the record of the plan that a run carries out, by the run.
        sizes: bytes in the bin at the beginning of each invocation, with the moment.
        known_since: when an entry, by its id, was first in the bin at the beginning of an invocation.
        cancelled_runs: runs that a person cancelled by the console, with the moment.
        restores: moments at which somebody restored something.
        held_since: when the hold tag was set; None while it is not.
        tag_protects: paths that the tag protects, with the moment from which on, oldest first; "" for none.
        unsized: part of what is deleted that is listed without a size.
        sent: every body that was on the work queue.
        forged: bodies that the functions never sent.
        slices: seconds until an invocation begins nothing new, of which each has one.
    """

    rules: Rules
    rng: random.Random
    check: Callable[["Environment", Creation], Mapping[str, str]]
    met: Counter[str] = field(default_factory=Counter)
    creations: list[Creation] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    cancels: list[float] = field(default_factory=list)
    cancelled_entries: dict[str, float] = field(default_factory=dict)
    up_to: dict[str, int] = field(default_factory=dict)
    plans: dict[str, Record] = field(default_factory=dict)
    sizes: list[tuple[float, int]] = field(default_factory=list)
    known_since: dict[str, float] = field(default_factory=dict)
    cancelled_runs: dict[str, float] = field(default_factory=dict)
    restores: list[float] = field(default_factory=list)
    held_since: float | None = None
    tag_protects: list[tuple[float, str]] = field(default_factory=lambda: [(0.0, "")])
    unsized: float = 0.0
    sent: list[str] = field(default_factory=list)
    forged: set[str] = field(default_factory=set)
    slices: tuple[float, ...] = SLICES

    def __post_init__(self) -> None:
        self.cloud = MemoryCloud(self.rules.file(), NOW)
        self.bin = ObservedBin(self.cloud.line)
        self.cloud.bin = self.bin
        self.bin.watcher = self._created
        self.clock, self.log, self.queue = self.cloud.clock, self.cloud.log, self.cloud.queues
        self._invocations: dict[str, _Invocation] = {}

    # What is observed.

    def _created(self, file_id: str, token: str) -> None:
        everything, request = self.bin.tree.all_entries(), self.bin.request()
        holding = next(at for at, members in self.bin.tree.entries.items() if file_id in {e.file_id for e in members})
        going = (everything[each] for each in subtree(self.bin.tree, file_id))
        intents = tuple(self.log.events("intent", file_id=file_id, client_token=token))
        held = self.held_since if self.held_since is not None and self.held_since <= request.asked_at else None
        invocation = self._invocations.get(intents[-1].get("request", ""), NONE) if intents else NONE
        creation = Creation(
            file_id,
            token,
            asked_at=request.asked_at,
            at=self.clock.now(),
            jobs_asked_at=request.jobs_asked_at,
            listed_at=self.bin.listed_at.get(holding, 0.0),
            held_since=held,
            entries=tuple((entry, full_path(entry, directory)) for entry, directory in going),
            held=self.bin.bytes(),
            intents=intents,
            rules=self.rules,
            forged=invocation.body in self.forged,
            began_at=invocation.began_at,
        )
        self.creations.append(creation)
        self.broken += self.check(self, creation).items()

    def broke(self, promise: str, what: str) -> None:
        """Note a broken promise that is no creation's."""
        self.broken.append((promise, what))

    # What happens by itself.

    def sweep(self) -> None:
        """The timer fires."""
        self.cloud.requests += 1
        rng = random.Random(self.cloud.requests)
        journal = Journal(self.log, self.clock, rng, {"request": f"sweep-{self.cloud.requests}"})
        with suppress(RetentionError, Crash):
            Sweep(self.cloud, self.clock, journal, at=self.clock.now(), pace=6).run(SweepRequest())

    def deliver(self, copies: int = 1, apart: float = 0.0) -> None:
        """Deliver the message that is due next, perhaps more than once (seconds apart)."""
        if not self.queue.queued_messages:
            return
        self.sizes.append((self.clock.now(), self.bin.bytes()))
        for file_id in self.bin.tree.all_entries():
            self.known_since.setdefault(file_id, self.clock.now())
        self.sent += [each.body for each in self.queue.queued_messages if each.body not in self.sent]
        queued = min(self.queue.queued_messages, key=lambda each: each.due)
        self.queue.queued_messages.remove(queued)
        self.clock.sleep(queued.due - self.clock.now())
        self.clock.gather([self._invocation(queued, number * apart) for number in range(copies)])

    def _invocation(self, queued: QueuedMessage, after: float) -> Callable[[], None]:
        def invoke() -> None:
            self.clock.sleep(after)
            began = _Invocation(queued.body, self.clock.now())
            self._invocations[f"purge-{self.cloud.requests + 1}"] = began
            try:
                self.cloud.invoke(queued, self.rng.choice(self.slices))
            except (Crash, RetentionError):
                again = QueuedMessage(self.clock.now() + 60, queued.body, queued.tries + 1)
                if again.tries < TRIES:
                    self.queue.queued_messages.append(again)

        return invoke

    def pass_time(self, seconds: float) -> None:
        """Nothing of ours happens for a while."""
        self.clock.sleep(seconds)
        self.bin.catch_up()
