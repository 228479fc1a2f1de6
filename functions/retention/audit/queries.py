"""The questions that are asked of the audit log, which is a `CompleteLog` for whoever decides by the answer.

The log can refuse to answer. Functions raise `CloudError` then; methods of `RunLedger` return None, which is never an
empty answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from functions.retention.audit.ledger import (
    LONGEST_ALIVE,
    PERSON_GRACE,
    AliveRun,
    Cancels,
    Intent,
    alive_runs,
    cancels_in,
    created_by,
    open_intents,
    was_created_after,
)
from functions.retention.core import AuditLog, CloudError, Job, Record, Terms

LOOK_BACK = 330.0
"""Seconds before the sending of a message from which the run's records are read: one slice and 30 s."""

MOST_RECORDS = 80_000
"""Records that one search may find; a search that finds more raises."""

HISTORY_KEPT = 366 * 86_400.0
"""Seconds for which a run that ended shows that a file system is not new."""

CANCEL_EVENTS = ("cancel", "cancel-seen", "rest-lifted")
"""Events that tell what people cancelled, and that they want work to go on all the same."""

_DAY = 86_400.0

FAILURE_EVENTS = ("failing", "set-aside", "recovered")
"""Events that tell what fails."""

LIVE_EVENTS = ("started", "handed-over", "ended")
"""Events whose records tell whether a run that has begun is alive."""


def find_alive_runs(
    audit: AuditLog, now: float, file_system: str | None = None, *, begun_by: Sequence[str] = ()
) -> list[AliveRun]:
    """Enforcing runs that are alive.

    Args:
        audit: the log.
        now: epoch seconds.
        file_system: file system id; None for all.
        begun_by: further events to look at: ``swept`` and ``asked`` find the runs that are about to begin.

    Raises:
        CloudError: the log cannot answer; `NotFound` when it has no index.
    """
    where = {} if file_system is None else {"file_system": file_system}
    terms: Terms = {**where, "mode": "enforce", "event": (*begun_by, *LIVE_EVENTS)}
    return alive_runs(audit.find(terms, now - LONGEST_ALIVE, MOST_RECORDS), now)


def rests(audit: AuditLog, now: float) -> Mapping[str, float]:
    """Until when file systems rest after a person's cancel, epoch seconds; those that do not rest are left out.

    Raises:
        CloudError: the log cannot answer.
    """
    return rests_in(audit.find({"event": CANCEL_EVENTS}, now - PERSON_GRACE - LOOK_BACK, MOST_RECORDS), now)


def rests_in(records: Iterable[Record], now: float) -> Mapping[str, float]:
    """What `rests` answers, from records that include those of the last hour of `CANCEL_EVENTS`."""
    by_file_system: dict[str, list[Record]] = {}
    for record in records:
        if record["event"] in CANCEL_EVENTS:
            by_file_system.setdefault(record.get("file_system", ""), []).append(record)
    found = {file_system: cancels_in(each).rests_until for file_system, each in by_file_system.items()}
    return {file_system: until for file_system, until in found.items() if until > now}


def announced_as(
    audit: AuditLog, job: Job, file_system: str, *, since: float, ahead: float, request: str = ""
) -> Intent | None:
    """The intent of ours that a job carries out; None when the log has none, so that the job is a person's.

    Args:
        audit: the log.
        job: a deletion job.
        file_system: file system id.
        since: when it was created at the earliest, if the job list does not tell; epoch seconds.
        ahead: seconds by which the service's clock is ahead of ours.
        request: request id of an invocation whose intents do not count.

    Raises:
        CloudError: the log cannot answer.
    """
    since = (job.created_at or since) - ahead - LOOK_BACK
    records = audit.find({"file_system": file_system, "file_id": job.file_id}, since, MOST_RECORDS)
    if (recorded := created_by(records, job.id)) is not None:
        return recorded
    others = [record for record in records if record["event"] != "intent" or record.get("request") != request]
    matching = [intent for intent in open_intents(others) if was_created_after(job, intent, ahead)]
    return matching[-1] if matching else None


def intent_of(job: Job, audit: AuditLog, file_system: str, *, now: float, ahead: float) -> Intent | None:
    """The intent of ours that an active job carries out; None when the job is a person's.

    Args:
        job: from the job list.
        audit: the log.
        file_system: file system id.
        now: epoch seconds.
        ahead: seconds by which the service's clock is ahead of ours, from the same job list.

    Raises:
        CloudError: the log cannot answer, so nobody knows whose job it is.
    """
    if not job.is_delete:
        return None
    return announced_as(audit, job, file_system, since=now, ahead=ahead)


class RunLedger:
    """What the log says of one run and its file system. Every answer is None when the log does not answer.

    Args:
        audit: the log.
        run: run id.
        file_system: file system id.
        began_at: when the run began, epoch seconds.
        request: request id of the invocation that asks; it knows its own intents better than the log.

    Attributes:
        file_system: as the argument.
    """

    def __init__(self, audit: AuditLog, run: str, file_system: str, began_at: float, *, request: str = "") -> None:
        self._audit, self._run, self.file_system, self._began_at = audit, run, file_system, began_at
        self._request = request

    def records(self, sent_at: float) -> list[Record] | None:
        """The run's records around and since the sending of a message (epoch seconds)."""
        return self._find({"run": self._run}, sent_at - LOOK_BACK)

    def handed_over(self, sent_at: float) -> list[Record] | None:
        """The run's hand-overs and its end since the sending of a message (epoch seconds)."""
        return self._find({"run": self._run, "event": ("handed-over", "ended")}, sent_at - LOOK_BACK)

    def is_cancelled(self) -> bool | None:
        """Whether a person cancelled this run with the console."""
        found = self._find({"run": self._run, "event": "cancel"}, self._began_at - LOOK_BACK)
        return None if found is None else bool(found)

    def whose(self, job: Job, ahead: float = 0.0) -> Intent | None:
        """The intent of ours that an active job carries out; None also when it is a person's.

        Callers treat both alike: they leave the job alone and wait until it has ended.

        Args:
            job: a deletion job.
            ahead: seconds by which the service's clock is ahead of ours.
        """
        try:
            return announced_as(
                self._audit, job, self.file_system, since=self._began_at, ahead=ahead, request=self._request
            )
        except CloudError:
            return None

    def is_of_run(self, job: Job, ahead: float = 0.0) -> bool:
        """Whether an intent of this run is known that a job carries out; see `whose`."""
        intent = self.whose(job, ahead) if job.is_delete else None
        return intent is not None and intent.run == self._run

    def created_jobs(self, since: float) -> frozenset[str] | None:
        """Ids of the jobs that creates of this run returned since a moment (epoch seconds) and a little before."""
        records = self._find({"run": self._run, "event": "created"}, since - LOOK_BACK)
        return None if records is None else frozenset(filter(None, (each.get("job_id") for each in records)))

    def others_alive(self, now: float) -> list[AliveRun] | None:
        """Enforcing runs on this file system that have begun and are alive."""
        try:
            return find_alive_runs(self._audit, now, self.file_system)
        except CloudError:
            return None

    def cancels(self, since: float) -> Cancels | None:
        """What people cancelled on the file system, by records since a moment (epoch seconds) and a little before."""
        terms: Terms = {"file_system": self.file_system, "event": CANCEL_EVENTS}
        records = self._find(terms, since - LOOK_BACK)
        return None if records is None else cancels_in(records)

    def open_intents(self, since: float) -> list[tuple[Intent, str]] | None:
        """Intents of any run here since a moment (epoch seconds) that have no outcome, each with the id of its job.

        The id is "" when no create of ours is known to have returned one. Intents of the invocation that asks are
        left out.
        """
        terms: Terms = {"file_system": self.file_system, "event": ("intent", "created", "outcome")}
        records = self._find(terms, since)
        if records is None:
            return None
        jobs = {each.get("client_token"): each.get("job_id", "") for each in records if each["event"] == "created"}
        others = [each for each in records if each["event"] != "intent" or each.get("request") != self._request]
        return [(intent, jobs.get(intent.client_token, "")) for intent in open_intents(others)]

    def looks_at_tags(self, now: float, wait: float) -> Iterator[list[Record] | None]:
        """Records that hold the file system's tags, first of the last days, then of ever longer times.

        Args:
            now: epoch seconds.
            wait: seconds; the first records reach two days further back.
        """
        terms: Terms = {"file_system": self.file_system, "event": ("started", "tags-changed")}
        yield self._find(terms, now - wait - 2 * _DAY)
        first: Terms = {"file_system": self.file_system, "event": "started", "slice_number": "0"}
        for days in (32, 366):
            yield self._find(first, now - wait - days * _DAY)

    def has_history(self, now: float) -> bool | None:
        """Whether the log has an enforcing run on the file system, or a cancelled job that one saw."""
        terms: Terms = {"file_system": self.file_system, "event": ("cancel-seen", "started"), "mode": "enforce"}
        records = self._find(terms, now - HISTORY_KEPT)
        return None if records is None else bool(records)

    def failing(self, since: float) -> list[Record] | None:
        """What failed, was set aside or recovered on the file system since a moment (epoch seconds), in order."""
        return self._find({"file_system": self.file_system, "event": FAILURE_EVENTS}, since)

    def surveys(self) -> list[Record] | None:
        """The run's `surveyed` records, in the log's order."""
        return self._find({"run": self._run, "event": "surveyed"}, self._began_at - LOOK_BACK)

    def surveys_let_go(self, since: float) -> list[Record] | None:
        """The `surveyed` records since a moment (epoch seconds) whose run went on, or whose plan a person purged."""
        terms: Terms = {"file_system": self.file_system, "event": ("surveyed", "asked")}
        records = self._find(terms, since)
        if records is None:
            return None
        purged = {each.get("plan_id") for each in records if each["event"] == "asked" and each.get("reason") == "purge"}
        surveys = (each for each in records if each["event"] == "surveyed" and not each.get("detail"))
        return [each for each in surveys if each.get("mode") == "enforce" or each.get("plan_id") in purged]

    def parts(self, run: str, since: float) -> dict[str, Record] | None:
        """Parts of the sets that a run wrote down since a moment (epoch seconds), by their ids."""
        records = self._find({"run": run, "event": "targets"}, since - LOOK_BACK)
        return None if records is None else {record.get("part", ""): record for record in records}

    def _find(self, terms: Terms, since: float) -> list[Record] | None:
        try:
            return self._audit.find(terms, since, MOST_RECORDS)
        except CloudError:
            return None
