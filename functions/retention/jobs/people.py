"""What people do to jobs, as the job list shows it: a cancelled deletion job stops all work for a while."""

from collections.abc import Sequence

from functions.retention.audit import HISTORY_KEPT, PERSON_GRACE, Journal, RunLedger
from functions.retention.core import Clock, EndReason, Job, RunEnd, format_service_time

DAY = 86_400.0
"""Seconds. A file system on which no run has ended yet can list older cancelled jobs; nobody means our runs by them.
While the log does not answer, only jobs created since then are in doubt. The list tells no time of a cancel."""


class CancelWatch:
    """Notices cancelled deletion jobs. One that no record names was cancelled by a person just now, whoever made it.

    Args:
        ledger: which cancelled jobs are known, and how long the file system rests.
        journal: takes a record of each job seen; the rest counts from it.
        clock: time.
    """

    def __init__(self, ledger: RunLedger, journal: Journal, clock: Clock) -> None:
        self._ledger, self._journal, self._clock = ledger, journal, clock
        self._known: frozenset[str] | None = None

    def stop(self, jobs: Sequence[Job]) -> RunEnd | None:
        """Why no job may be created, as far as the job list tells.

        Args:
            jobs: the newest 50, just read.

        Raises:
            CloudError: the log did not take the record of a cancelled job.
        """
        cancelled = [job for job in jobs if job.is_delete and job.is_cancelled]
        fresh = [job for job in cancelled if self._known is None or job.id not in self._known]
        if not fresh:
            return None
        now = self._clock.now()
        created = (now - HISTORY_KEPT if job.created_at is None else job.created_at for job in fresh)
        recorded = self._ledger.cancels(min([*created, now - PERSON_GRACE]))
        if recorded is None:
            return self._in_doubt(fresh, now)
        unseen = [job for job in fresh if job.id not in recorded.jobs]
        stop = self._record(unseen, now) if unseen else None
        self._known = frozenset(job.id for job in cancelled)
        return stop or stop_at_rest(recorded.rests_until, now)

    def _in_doubt(self, fresh: Sequence[Job], now: float) -> RunEnd | None:
        """The log is silent: at the first look an old cancelled job says nothing, later each is a new one."""
        if self._known is None and not any(_is_since(job, now - DAY) for job in fresh):
            return None
        return RunEnd(EndReason.RESTING, "a job was cancelled, and the log does not say by whom")

    def _record(self, unseen: Sequence[Job], now: float) -> RunEnd | None:
        old = [job for job in unseen if not _is_since(job, now - DAY)]
        if old and self._ledger.has_history(now) is not False:
            old = []
        for job in unseen:
            reason = "before-first-run" if job in old else "person"
            self._journal.put(
                "cancel-seen",
                file_system=self._ledger.file_system,
                mode="enforce",
                job_id=job.id,
                file_id=job.file_id,
                status=job.status,
                reason=reason,
            )
        new = [job.id for job in unseen if job not in old]
        if not new:
            return None
        return RunEnd(EndReason.STOPPED_BY_PERSON, f"cancelled, or ended for no known cause: job {', '.join(new)}")


def stop_at_rest(rests_until: float, now: float) -> RunEnd | None:
    """The end of a run on a file system that rests because a person stopped one; both moments in epoch seconds."""
    if rests_until <= now:
        return None
    return RunEnd(EndReason.RESTING, f"a person stopped a run; it rests until {format_service_time(rests_until)}")


def _is_since(job: Job, moment: float) -> bool:
    """Whether a job was created since a moment (epoch seconds), or at an unknown one."""
    return job.created_at is None or job.created_at > moment
