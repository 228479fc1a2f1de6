"""What the audit log says about a run and about its file system. Pure: records in, answers out.

The log shows records late (index lag) and may hold one more than once. Nothing here is a lock: duplicates of a run
thin out by it, and being wrong costs calls, never data.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.retention.core import MAX_DELAY, Job, Record, parse_service_time

INDEX_LAG = 90.0
"""Seconds after which a record is taken to be readable (documented: a minute is typical after indexing is set up)."""

LONGEST_SLICE = 300.0
"""Seconds a slice can last (documented: queue-triggered invocations end after 5 minutes)."""

VISIBILITY = 1_200.0
"""Visibility time-out of the work queue in seconds: every attempt at a message fits in (s.yaml says which they are)."""

MARGIN = 60.0
"""Seconds of slack in ``alive_until``."""


def alive_until(due: float) -> float:
    """Until when a run counts as alive whose next slice is due at a moment (epoch seconds)."""
    return due + LONGEST_SLICE + VISIBILITY + MARGIN


LONGEST_ALIVE = MAX_DELAY + LONGEST_SLICE + VISIBILITY + MARGIN
"""How far back a record can keep a run alive: the longest delay of a hand-over on top."""


@dataclass(frozen=True, slots=True)
class Intent:
    """An announced deletion job.

    Attributes:
        file_id: the entry.
        delete_time: its DeleteTime.
        client_token: the job's idempotency token.
        at: when it was announced, epoch seconds.
        size: bytes that go with it.
        entries: entries that go with it.
        path: for people.
    """

    file_id: str
    delete_time: str
    client_token: str
    at: float
    size: int
    entries: int
    path: str

    @property
    def identity(self) -> tuple[str, str]:
        """The entry as it was deleted then: restored and deleted again it is another one."""
        return self.file_id, self.delete_time


def _intent(line: Record) -> Intent:
    return Intent(
        line.get("file_id", ""),
        line.get("delete_time", ""),
        line.get("client_token", ""),
        parse_service_time(line.get("at", "")) or 0.0,
        _number(line.get("size", "")),
        _number(line.get("entries", "")),
        line.get("path", ""),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def open_intents(records: Sequence[Record], slice_number: int = 0) -> list[Intent]:
    """Announced jobs without a definite outcome, of slices of this number or later.

    Earlier slices settled theirs before the hand-over, except the one that the message carries. The log may not show
    that yet.
    """
    return [intent for intent, status in _statuses(_since(records, slice_number)) if not status]


def announced_targets(records: Sequence[Record], slice_number: int) -> list[Intent]:
    """Targets announced by slices of this number or later, each once; those left out for which no job was created."""
    announced = _statuses(_since(records, slice_number))
    alive = (intent for intent, status in announced if status not in ("not-created", "vanished"))
    return list({intent.identity: intent for intent in alive}.values())


def _statuses(records: Iterable[Record]) -> list[tuple[Intent, str]]:
    """Announced jobs by their tokens, and what became of them; "" when that is not known.

    An outcome is of the intent before it: what was not created can be announced again under the same token.
    """
    found: dict[str, tuple[Intent, str]] = {}
    for line in records:
        token = line.get("client_token", "")
        if line["event"] == "intent":
            found[token] = (_intent(line), "")
        elif line["event"] == "outcome" and token in found:
            found[token] = (found[token][0], line.get("status") or "unknown")
    return list(found.values())


def _since(records: Iterable[Record], slice_number: int) -> list[Record]:
    return [line for line in records if _number(line.get("slice_number", "")) >= slice_number]


def is_duplicate(records: Iterable[Record], slice_number: int, line: str) -> bool:
    """Whether another slice carries the run on: a later one was handed over to, or this one with a smaller send id."""
    handed = [(_number(record.get("slice_number", "")), record.get("send_id", "")) for record in records
              if record["event"] == "handed-over"]  # fmt: skip
    return any(
        their_slice > slice_number or (their_slice == slice_number and their_send_id < line)
        for their_slice, their_send_id in handed
    )


def was_started(records: Iterable[Record], slice_number: int, line: str, request: str) -> bool:
    """Whether an earlier invocation already worked on this very message."""
    return any(
        record["event"] == "started"
        and (record.get("slice_number"), record.get("send_id", "")) == (str(slice_number), line)
        and record.get("request") != request
        for record in records
    )


@dataclass(frozen=True, slots=True)
class AliveRun:
    """A run that has not ended.

    Attributes:
        run: its id.
        trigger: ``sweep`` or ``console``.
        digest: of the policies it works under.
        file_system: where.
        as_of: its moment, as recorded.
    """

    run: str
    trigger: str
    digest: str
    file_system: str
    as_of: str


def alive_runs(records: Iterable[Record], now: float) -> list[AliveRun]:
    """Enforcing runs that are alive: an ``alive_until`` is ahead and no record says that they ended.

    Given what sweeps wrote too, those count that are about to begin.
    """
    lines = list(records)
    ended = {line.get("run") for line in lines if line["event"] == "ended"}
    alive = {
        line["run"]: AliveRun(
            line["run"],
            line.get("trigger", ""),
            line.get("digest", ""),
            line.get("file_system", ""),
            line.get("as_of", ""),
        )
        for line in lines
        if line.get("mode") == "enforce"
        and line.get("run", "") not in ended
        and line["event"] in ("swept", "started", "handed-over")
        and float(line.get("alive_until") or 0) > now
    }
    return list(alive.values())


def superseded_by(mine: AliveRun, others: Iterable[AliveRun]) -> AliveRun | None:
    """The run this one makes way for: of two live runs only a sweep's retires, of two sweeps' the younger.

    A run under other policies than the deployed ones, which this one's are, is about to end and no reason to.
    """
    if mine.trigger != "sweep":
        return None
    rivals = [
        other
        for other in others
        if (other.file_system, other.digest) == (mine.file_system, mine.digest) and other.run != mine.run
    ]
    mine_since = (mine.as_of, mine.run)
    older = (other for other in rivals if other.trigger != "sweep" or (other.as_of, other.run) < mine_since)
    return next(older, None)


def rests_until(records: Iterable[Record], grace: float) -> float:
    """Until when a file system rests because a person stopped a run on it (epoch seconds; 0 when none did)."""
    stops = [
        parse_service_time(line.get("at", "")) or 0.0
        for line in records
        if line["event"] == "ended" and line.get("reason") == "stopped-by-person"
    ]
    return max(stops, default=-grace) + grace


ROUNDING = 2.0
"""Seconds by which service times, cut to seconds, may mislead."""


def was_created_after(job: Job, intent: Intent, ahead: float) -> bool:
    """Whether a job can carry an intent out, by their times; the service's clock is so many seconds ahead of ours."""
    return (job.created_at or 0.0) >= intent.at + ahead - ROUNDING
