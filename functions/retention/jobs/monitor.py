"""The jobs of one slice: who holds the slot, what became of ours, what people did meanwhile."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from functions.retention.audit import Intent, Journal, RunLedger
from functions.retention.core import Clock, EndReason, Job, RecycleBin, RunEnd, RunOver, end_if
from functions.retention.jobs.lookup import ask_for, by_entry
from functions.retention.jobs.progress import Progress, RunningJob
from functions.retention.jobs.slot import Slot
from functions.retention.jobs.tracker import JobTracker, Outcome
from functions.retention.walk import Failure, Failures, NotCounted, Target

RESTORE_GRACE = 3_600.0
"""Seconds nothing is deleted after a person restored something."""

RETRY_AFTER = (5.0, 20.0, 60.0)
"""Seconds until a target whose job failed is tried again; after the last it is left for this run."""

MAX_FAILED_IN_ROW = 20

MAX_FAILED = 200

UNLISTED_PAUSE = 1.0
"""Seconds until the list is read again when it does not show a job that was created."""

DUPLICATE_MARGIN = 120.0
"""Seconds after which an intent without a job is settled as not created; a duplicate slice may create it until then."""


class JobMonitor:
    """Reads the job list and draws the conclusions.

    Args:
        recycle_bin: where.
        slot: learns who holds it.
        tracker: which jobs are ours.
        journal: for outcomes.
        ledger: what the log says of this run.
        clock: time.
        progress: of the run so far.
        failures: keeps account of entries whose jobs fail.
        stop_for: why no job may be created, as far as a job list just read tells; see `CancelWatch.stop`.
        sees_others: whether a list shows what others do to the bin; see `CapacityGuard.sees_others`.

    Attributes:
        progress: up to date.
        cancelled: the end of the run for which a job of ours was found cancelled; None when none was.
        looked_at: when the list was last asked for, epoch seconds; it may lack what happened while it was answered.
        foreign_at: when the newest job that is not ours was created, by our clock; 0 when none was seen.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        slot: Slot,
        tracker: JobTracker,
        *,
        journal: Journal,
        ledger: RunLedger,
        clock: Clock,
        progress: Progress,
        stop_for: Callable[[Sequence[Job]], RunEnd | None],
        failures: Failures | None = None,
        sees_others: Callable[[Sequence[Job], Callable[[Job], bool], float], bool] | None = None,
    ) -> None:
        self._bin, self._slot, self._tracker = recycle_bin, slot, tracker
        self._journal, self._ledger, self._clock = journal, ledger, clock
        self.progress = progress
        self.cancelled: RunEnd | None = None
        self._stop_for, self._sees_others = stop_for, sees_others
        self._failing = failures or NotCounted()
        self.looked_at = float("-inf")
        self.foreign_at = 0.0
        self._ahead = 0.0
        self._targets: dict[str, Target] = {}
        self._retries: list[tuple[float, Target]] = []
        self._failures: Counter[tuple[str, str]] = Counter()

    @property
    def running(self) -> RunningJob | None:
        """The job of ours that still runs, for the continuation."""
        if not self._tracker.opened:
            return None
        job_id, intent = list(self._tracker.opened.items())[-1]
        now = self._clock.now()
        return RunningJob(
            job_id,
            intent.file_id,
            intent.delete_time,
            intent.client_token,
            intent.size,
            intent.entries,
            directory_id=intent.directory_id,
            started_at=self._slot.started_at or now,
            ends_at=self._slot.ends_at or now,
        )

    def opened(self, job_id: str, target: Target) -> None:
        """A target has its job."""
        self._targets[job_id] = target

    def look(self) -> None:
        """Read the job list: settle outcomes, see who holds the slot, notice what people do.

        Raises:
            CloudError: the list cannot be had, or the log did not take the record of a cancelled job.
        """
        listed = self._bin.jobs()
        self.looked_at = listed.asked_at
        now = self._clock.now()
        self._ahead = ahead = listed.ahead_of(now)
        hidden = self._tracker.missing(listed.newest, now)
        jobs = [*listed.newest, *(ask_for(self._bin, job_id, intent, ahead) for job_id, intent in hidden)]
        self.cancelled = self.cancelled or self._stop_for(jobs)
        for outcome in self._tracker.read(jobs, now, ahead):
            self._settle(outcome, now)
        active = self._tracker.active
        if active is not None and active.is_delete and not self._tracker.is_ours(active):
            intent = self._ledger.whose(active, ahead)
            if intent is not None:
                self._tracker.open(active.id, intent)
        self._notice_people(ahead)
        if self._sees_others is not None and self._sees_others(jobs, self._tracker.is_ours, ahead):
            self.progress = replace(self.progress, others_at=now)
        if active is None:
            self._slot.idle(now)
            self._clock.sleep(UNLISTED_PAUSE if self._tracker.opened else 0.0)
        else:
            self._slot.seen(active, now, entries=self._tracker.entries_of(active))

    def close_forgotten(self) -> None:
        """Write down what became of intents of earlier slices for which the list shows no job.

        One that newer jobs may hide counts as cancelled while its entry is in the bin.

        Raises:
            CloudError: that cannot be told.
        """
        now = self._clock.now()
        for intent in self._tracker.unmatched():
            if now <= intent.at + DUPLICATE_MARGIN:
                continue
            status, detail = "not-created", "announced, and the job list shows no job for it"
            if self._tracker.may_be_hidden(intent):
                job = by_entry(self._bin, "", intent, self._ahead)
                status, detail = job.status, "newer jobs hide its job, if it had one"
                self.cancelled = self.cancelled or self._stop_for([job])
            self.note_outcome(intent, "", status, detail)
            self._tracker.forget(intent)

    # Targets whose job failed.

    @property
    def waiting(self) -> int:
        """How many targets wait to be tried again."""
        return len(self._retries)

    @property
    def due_at(self) -> float:
        """When the first of them is to be tried again, epoch seconds; never when there is none."""
        return self._retries[0][0] if self._retries else float("inf")

    @property
    def failures(self) -> int:
        """Jobs that did not succeed: those of this slice, and targets that earlier ones gave up or left."""
        return sum(self._failures.values()) + self.progress.failed + self.progress.unretried

    def due(self, now: float) -> Target | None:
        """The target that is to be tried again now, if any."""
        return self._retries[0][1] if self.due_at <= now else None

    def replace_due(self, fresh: Target | None) -> None:
        """The due target was looked at again, or (None) needs no more tries."""
        due, _ = self._retries.pop(0)
        if fresh is not None:
            self._retries.insert(0, (due, fresh))

    def check(self) -> None:
        """Let the run go on.

        Raises:
            RunOver: a job of ours was found cancelled, or too many targets failed.
        """
        end_if(self.cancelled)
        if self.progress.failed_in_row >= MAX_FAILED_IN_ROW:
            raise RunOver(EndReason.TOO_MANY_FAILURES, f"{self.progress.failed_in_row} targets failed in a row")
        if self.progress.failed >= MAX_FAILED:
            raise RunOver(EndReason.TOO_MANY_FAILURES, f"{self.progress.failed} targets failed")

    def give_up(self, reason: str, target: Target) -> None:
        """Leave a target for this run, as a failure."""
        self.skip(reason, target)
        progress = self.progress
        self.progress = replace(progress, failed=progress.failed + 1, failed_in_row=progress.failed_in_row + 1)

    def defer(self) -> None:
        """Leave a target for a later walk of this run."""
        self.progress = replace(self.progress, deferred=self.progress.deferred + 1)

    def skip(self, reason: str, target: Target) -> None:
        """Write down that a selected target is left alone."""
        skipped = dict(self.progress.skipped)
        skipped[reason] = skipped.get(reason, 0) + 1
        self.progress = replace(self.progress, skipped=skipped, left=self.progress.left + target.entries)
        self._journal.note("skipped", reason=reason, **of_target(target))

    def note_outcome(self, intent: Intent, job_id: str, status: str, detail: str = "") -> None:
        """Write down what became of an intent."""
        self._journal.note(
            "outcome",
            **({"run": intent.run} if intent.run else {}),
            file_id=intent.file_id,
            delete_time=intent.delete_time,
            client_token=intent.client_token,
            path=intent.path,
            size=intent.size,
            entries=intent.entries,
            job_id=job_id,
            status=status,
            detail=detail,
        )

    def _notice_people(self, ahead: float) -> None:
        if self._tracker.foreign_at:
            self.foreign_at = self._tracker.foreign_at - ahead
        if self._tracker.restore_at:
            self._slot.paused_until = max(self._slot.paused_until, self._tracker.restore_at + RESTORE_GRACE)

    def _settle(self, outcome: Outcome, now: float) -> None:
        intent, progress = outcome.intent, self.progress
        target = self._targets.pop(outcome.job_id, None)
        self.note_outcome(intent, outcome.job_id, outcome.status, outcome.error)
        if outcome.status == "success":
            self.progress = replace(
                progress,
                succeeded=progress.succeeded + 1,
                size=progress.size + (intent.size or 0),
                unknown=progress.unknown + (intent.size is None),
                entries=progress.entries + intent.entries,
                failed_in_row=0,
            )
        elif outcome.cancelled:
            reason = EndReason.CANCELLED if self._ledger.is_cancelled() else EndReason.STOPPED_BY_PERSON
            self.cancelled = self.cancelled or RunEnd(reason, f"job {outcome.job_id} was cancelled")
        else:
            self._failed(target, outcome, now)

    def _failed(self, target: Target | None, outcome: Outcome, now: float) -> None:
        tries = self._failures[outcome.intent.identity]
        self._failures[outcome.intent.identity] += 1
        progress = self.progress
        if target is not None and tries < len(RETRY_AFTER):
            self._retries.append((now + RETRY_AFTER[tries], replace(target, listed_at=0.0)))
            self._retries.sort(key=lambda retry: retry[0])
        elif target is not None:
            failure = Failure(outcome.error or outcome.status, f"job {outcome.job_id}: {outcome.status}")
            self._failing.cannot_delete(target.entry.file_id, target.path, failure, for_now=False)
            self.give_up("quarantined", target)
        else:
            self.progress = replace(
                progress, unretried=progress.unretried + 1, failed_in_row=progress.failed_in_row + 1
            )


def of_target(target: Target) -> dict[str, object]:
    """A target in a record."""
    return {
        "file_id": target.entry.file_id,
        "delete_time": target.entry.delete_time,
        "directory_id": target.directory_id,
        "path": target.path,
        "size": target.size,
        "entries": target.entries,
    }
