"""What the audit log says about a run and its file system. Pure: records in, answers out.

The log may hold a record more than once. Nothing here is a lock: duplicates of a run stop by what
the log shows. A wrong answer costs calls, never data.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from functions.retention.core import MAX_DELAY, Job, Record, parse_service_time

LONGEST_SLICE = 300.0
"""Longest slice in seconds (documented: queue-triggered invocations end after 5 minutes)."""

VISIBILITY = 1_200.0
"""Visibility timeout of the work queue in seconds. All attempts at a message fit in (the retries are in s.yaml)."""

MARGIN = 60.0
"""Seconds that `alive_until` adds for delays."""


def alive_until(due: float) -> float:
    """Until when a run counts as alive if its next slice is due at `due`; both in epoch seconds."""
    return due + LONGEST_SLICE + VISIBILITY + MARGIN


LONGEST_ALIVE = alive_until(MAX_DELAY)
"""Seconds for which one record can keep a run alive: the longest delay of a hand-over is included."""


@dataclass(frozen=True, slots=True)
class Intent:
    """An announced deletion job.

    Attributes:
        file_id: id of the entry.
        delete_time: DeleteTime of the entry, as listed.
        client_token: idempotency token of the job.
        at: when it was announced, epoch seconds.
        size: bytes that the job deletes; None when they are not known.
        entries: entries that the job deletes.
        path: path of the entry, for people.
        directory_id: id of the directory whose listing shows the entry; "" when it is not known.
        run: the run that announced it; "" for the one at work.
    """

    file_id: str
    delete_time: str
    client_token: str
    at: float
    size: int | None
    entries: int
    path: str
    directory_id: str = ""
    run: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        """Id and DeleteTime: an entry that is restored and deleted again is another one."""
        return self.file_id, self.delete_time


def _intent(record: Record) -> Intent:
    size = record.get("size", "")
    return Intent(
        record.get("file_id", ""),
        record.get("delete_time", ""),
        record.get("client_token", ""),
        parse_service_time(record.get("at", "")) or 0.0,
        int(size) if size.isdecimal() else None,
        _number(record.get("entries", "")),
        record.get("path", ""),
        record.get("directory_id", ""),
        record.get("run", ""),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def open_intents(records: Sequence[Record], slice_number: int = 0) -> list[Intent]:
    """Announced jobs of this slice and later ones whose outcome is not known.

    Earlier slices recorded the outcomes of theirs before the hand-over, although the log may not show them yet. The
    message carries the one job that was still running.
    """
    return [intent for intent, status in _statuses(records, slice_number) if not status]


def created_by(records: Sequence[Record], job_id: str) -> Intent | None:
    """The intent whose create returned a job id, whatever its outcome; None when no record has that id."""
    token = next((each.get("client_token") for each in records if _names_created(each, job_id)), None)
    return next((intent for intent, _ in _statuses(records, 0) if token and intent.client_token == token), None)


def _names_created(record: Record, job_id: str) -> bool:
    return record["event"] == "created" and record.get("job_id") == job_id


PERSON_GRACE = 3_600.0
"""Seconds for which no run works on a file system after a person cancelled a job there."""


@dataclass(frozen=True, slots=True)
class Cancels:
    """What people cancelled on a file system.

    Attributes:
        jobs: ids of the jobs that a record names: seen cancelled by us, or cancelled by the console.
        rests_until: until when no run works here, epoch seconds; a moment long ago when nothing makes it rest.
        entries: ids of the entries whose deletion job a person cancelled, each with the last such moment.
    """

    jobs: frozenset[str]
    rests_until: float
    entries: Mapping[str, float]

    def kept(self, now: float, keep: float) -> frozenset[str]:
        """The entries that stay now, when each stays for so many seconds after its cancel."""
        return frozenset(file_id for file_id, at in self.entries.items() if now < at + keep)


def cancels_in(records: Iterable[Record]) -> Cancels:
    """What the records of `queries.CANCEL_EVENTS` say, in the log's order.

    Whoever lifts the rest ends that of all cancels before. A cancel counts from the first record of its job, so that a
    copy of a slice that records it too, only later, does not bring the rest back.
    """
    jobs, entries, rests_until = set(), {}, 0.0
    for record in records:
        at = parse_service_time(record.get("at", "")) or 0.0
        if record["event"] == "rest-lifted":
            rests_until = 0.0
            continue
        job_id = record.get("job_id", "")
        is_new = not job_id or job_id not in jobs
        jobs.add(job_id)
        if record["event"] == "cancel" or record.get("reason") == "person":
            entries[record.get("file_id", "")] = at
        if record["event"] == "cancel-seen" and record.get("reason") == "person" and is_new:
            rests_until = max(rests_until, at + PERSON_GRACE)
    return Cancels(frozenset(jobs - {""}), rests_until, {name: at for name, at in entries.items() if name})


def announced_targets(records: Sequence[Record], slice_number: int) -> list[Intent]:
    """Targets that this slice and later ones announced, each once, without those for which no job was created."""
    announced = _statuses(records, slice_number)
    created = (intent for intent, status in announced if status not in ("not-created", "vanished"))
    return list({intent.identity: intent for intent in created}.values())


def _statuses(records: Iterable[Record], slice_number: int) -> list[tuple[Intent, str]]:
    """Jobs announced by this slice and later ones, each with its outcome; "" when that is not known.

    An outcome belongs to the intent before it: a job that was not created can be announced again under its token.
    """
    found: dict[str, tuple[Intent, str]] = {}
    for record in records:
        token = record.get("client_token", "")
        if _number(record.get("slice_number", "")) < slice_number:
            continue
        if record["event"] == "intent":
            found[token] = (_intent(record), "")
        elif record["event"] == "outcome" and token in found:
            found[token] = (found[token][0], record.get("status") or "unknown")
    return list(found.values())


def is_duplicate(records: Iterable[Record], slice_number: int, send_id: str) -> bool:
    """Whether another slice carries the run on: a later one, or one of this number with a smaller send id."""
    handed = (
        (_number(record.get("slice_number", "")), record.get("send_id", ""))
        for record in records
        if record["event"] == "handed-over"
    )
    return any(number > slice_number or (number == slice_number and other < send_id) for number, other in handed)


def by_run(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each run, in the order given; those of no run are left out."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if run := record.get("run"):
            found.setdefault(run, []).append(record)
    return found


def is_alive(records: Iterable[Record], now: float) -> bool:
    """Whether the run of these records has not ended and its next slice may still come.

    Args:
        records: of one run, in any order: its slices and what began it.
        now: epoch seconds.
    """
    known = list(records)
    return all(record["event"] != "ended" for record in known) and any(_keeps_alive(record, now) for record in known)


def _keeps_alive(record: Record, now: float) -> bool:
    """Whether a record says that its run is alive; a request does until its first slice must have begun."""
    if record["event"] == "asked":
        return alive_until(parse_service_time(record.get("at", "")) or 0.0) > now
    return float(record.get("alive_until") or 0) > now


@dataclass(frozen=True, slots=True)
class AliveRun:
    """A run that is alive; each attribute is the field of its records.

    Attributes:
        run: run id.
        trigger: ``sweep`` or ``console``.
        digest: digest of the policies it works under.
        file_system: file system id.
        as_of: the moment ages are measured at, as recorded.
    """

    run: str
    trigger: str
    digest: str
    file_system: str
    as_of: str


def alive_runs(records: Iterable[Record], now: float) -> list[AliveRun]:
    """Enforcing runs that are alive; see `is_alive`.

    A run that has not begun counts if the records of the sweep (``swept``) or of the request (``asked``) are included.
    """
    alive = (
        next(record for record in reversed(of_run) if _keeps_alive(record, now))
        for of_run in by_run(records).values()
        if is_alive(of_run, now)
    )
    names = [field.name for field in fields(AliveRun)]
    return [AliveRun(*(record.get(name, "") for name in names)) for record in alive if record.get("mode") == "enforce"]


def superseded_by(mine: AliveRun, others: Iterable[AliveRun]) -> AliveRun | None:
    """The run because of which this one has to end, or None.

    Only a run of a sweep ends for another: for a person's run, or for the older run of a sweep. Runs under other
    policies than this one's, which are the deployed ones, do not count: they end by themselves.
    """
    if mine.trigger != "sweep":
        return None
    rivals = (
        other
        for other in others
        if (other.file_system, other.digest) == (mine.file_system, mine.digest) and other.run != mine.run
    )
    older = (other for other in rivals if other.trigger != "sweep" or (other.as_of, other.run) < (mine.as_of, mine.run))
    return next(older, None)


ROUNDING = 2.0
"""Seconds by which two service times can differ because they are cut to whole seconds."""


def was_created_after(job: Job, intent: Intent, ahead: float) -> bool:
    """Whether a job can be the one that an intent announced, by their times.

    Args:
        job: from the job list; one without a creation time is none.
        intent: announced under our clock.
        ahead: seconds by which the service's clock is ahead of ours.
    """
    return (job.created_at or 0.0) >= intent.at + ahead - ROUNDING
