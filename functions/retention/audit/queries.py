"""The audit log asked about one run. A log that does not answer is never a reason to delete, nor to stop."""

from functions.retention.audit.ledger import (
    INDEX_LAG,
    LONGEST_ALIVE,
    AliveRun,
    Intent,
    alive_runs,
    open_intents,
    rests_until,
    was_created_after,
)
from functions.retention.core import AuditLog, CloudError, Job, Record, RecycleBin


def holder(recycle_bin: RecycleBin, audit: AuditLog, now: float) -> tuple[Job | None, Intent | None]:
    """The job that runs, and the intent of ours that it carries out; without one it is a person's.

    Args:
        recycle_bin: whose slot.
        audit: where intents are; one that does not answer has none.
        now: epoch seconds.

    Raises:
        CloudError: the job list cannot be had.
    """
    job = next((job for job in recycle_bin.jobs() if job.is_active), None)
    if job is None or not job.is_delete:
        return job, None
    ahead = (recycle_bin.service_time or now) - now
    return job, RunLedger(audit, "", recycle_bin.file_system_id, now).whose(job, ahead)


LOOK_BACK = 330.0
"""Seconds before a message was sent from which a run's records are read: a slice, and half a minute."""

MOST_RECORDS = 20_000

PERSON_GRACE = 3_600.0
"""Seconds a file system rests after a person cancelled a job of ours."""

LIVE_EVENTS = ("started", "handed-over", "ended")


class RunLedger:
    """Answers from the log.

    Args:
        audit: the log.
        run: run id.
        file_system: file system id.
        began_at: when the run began, epoch seconds.
        request: of the invocation that asks; what it announced itself it knows better than the log.
    """

    def __init__(self, audit: AuditLog, run: str, file_system: str, began_at: float, *, request: str = "") -> None:
        self._audit, self._run, self._file_system, self._began_at = audit, run, file_system, began_at
        self._request = request

    def records(self, sent_at: float) -> list[Record] | None:
        """The run's records around and since the sending of a message; None when the log does not answer."""
        return self._find({"run": self._run}, sent_at - LOOK_BACK)

    def handed_over(self, sent_at: float) -> list[Record]:
        """The run's hand-overs, and its end, since the sending of a message; none when the log does not answer."""
        since = sent_at - INDEX_LAG
        handed = self._find({"run": self._run, "event": "handed-over"}, since) or []
        return handed + (self._find({"run": self._run, "event": "ended"}, since) or [])

    def is_cancelled(self) -> bool:
        """Whether a person asked by the console to cancel this run."""
        return bool(self._find({"run": self._run, "event": "cancel"}, self._began_at - INDEX_LAG))

    def whose(self, job: Job, ahead: float = 0.0) -> Intent | None:
        """The intent of ours that a running job carries out; None when it is a person's, or the log does not say.

        Args:
            job: a deletion job.
            ahead: seconds by which the service's clock is ahead of ours.
        """
        since = (job.created_at or self._began_at) - ahead - LOOK_BACK
        records = self._find({"file_system": self._file_system, "file_id": job.file_id}, since) or []
        others = [line for line in records if line["event"] != "intent" or line.get("request") != self._request]
        mine = [intent for intent in open_intents(others) if was_created_after(job, intent, ahead)]
        return mine[-1] if mine else None

    def others_alive(self, now: float) -> list[AliveRun]:
        """Enforcing runs on this file system that have not ended; none when the log does not answer."""
        records: list[Record] = []
        for event in LIVE_EVENTS:
            terms = {"file_system": self._file_system, "mode": "enforce", "event": event}
            records += self._find(terms, now - LONGEST_ALIVE) or []
        return alive_runs(records, now)

    def rests_until(self, now: float) -> float | None:
        """Until when the file system rests because a person stopped us; epoch seconds, past when it does not.

        None when the log does not answer, so that nobody takes its silence for leave.
        """
        terms = {"file_system": self._file_system, "event": "ended", "reason": "stopped-by-person"}
        records = self._find(terms, now - PERSON_GRACE)
        return None if records is None else rests_until(records, PERSON_GRACE)

    def _find(self, terms: dict[str, str], since: float) -> list[Record] | None:
        try:
            return self._audit.find(terms, since, MOST_RECORDS)
        except CloudError:
            return None
