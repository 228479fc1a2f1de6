"""The jobs of one file system as a slice knows them: which are ours, what became of them, what people do."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from functions.retention.audit import ROUNDING, Intent, was_created_after
from functions.retention.core import HISTORY, Job

LISTED_AFTER = 60.0
"""Seconds after which a job that is not in the list will not show up any more (assumed; nothing is documented)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an intent.

    Attributes:
        intent: the intent.
        job_id: the job's id.
        status: success, partialsuccess, fail, cancelled, or unknown when nobody knows the job any more.
        error: the job's error, for the first two failures.
        cancelled: whether a person may have stopped it, see `Job.is_cancelled`.
    """

    intent: Intent
    job_id: str
    status: str
    error: str
    cancelled: bool = False


class JobTracker:
    """Keeps track.

    Args:
        open_intents: intents of this run without an outcome, from the ledger.

    Attributes:
        opened: jobs without a known outcome, by id.
        foreign_at: when the newest job that is not ours was created (service clock); 0 when none was seen.
        restore_at: the newest moment a restoration was seen active or created; 0 when none was seen.
        active: the job that held the slot in the newest list, if any.
        shows_all: whether the newest list showed every job in `opened`.
    """

    def __init__(self, open_intents: Iterable[Intent] = ()) -> None:
        self.opened: dict[str, Intent] = {}
        self.foreign_at = 0.0
        self.restore_at = 0.0
        self.active: Job | None = None
        self.shows_all = True
        self._reaches_to = math.inf
        self._unmatched = {intent.client_token: intent for intent in open_intents}
        self._ours: dict[str, Intent] = {}
        self._failed: dict[str, dict[str, float]] = {}
        self._over: set[str] = set()

    def expect(self, intent: Intent) -> None:
        """A job for this intent may have been created: the service did not say."""
        self._unmatched[intent.client_token] = intent

    def open(self, job_id: str, intent: Intent) -> None:
        """A job of ours was created."""
        self.opened[job_id] = intent
        self._ours[job_id] = intent
        self._unmatched.pop(intent.client_token, None)

    def knows(self, intent: Intent) -> bool:
        """Whether a job for an intent was created, or may have been."""
        return intent.client_token in self._unmatched or bool(self.job_of(intent))

    def job_of(self, intent: Intent) -> str:
        """The job that carries an intent out; "" when none is known."""
        mine = (job_id for job_id, known in self._ours.items() if known.client_token == intent.client_token)
        return next(mine, "")

    def job_for(self, file_id: str, delete_time: str) -> str:
        """The job of ours that is at an entry right now; "" when there is none."""
        at_it = (job_id for job_id, intent in self.opened.items() if intent.identity == (file_id, delete_time))
        return next(at_it, "")

    def is_over(self, job_id: str) -> bool:
        """Whether a job was seen ended: a create that answers it was a repetition."""
        return job_id in self._over

    def failures(self, file_id: str, since: float = 0.0) -> int:
        """How many ended jobs for an entry did not succeed, of those created since a moment (service clock).

        The list reaches back 50 jobs; with one job at a time a retried target's are among them.
        """
        return sum(created >= since for created in self._failed.get(file_id, {}).values())

    def is_ours(self, job: Job) -> bool:
        """Whether a listed job is of this run."""
        return job.id in self._ours

    def entries_of(self, job: Job) -> int:
        """How many entries a job of ours deletes; 0 for somebody else's."""
        intent = self._ours.get(job.id)
        return intent.entries if intent else 0

    def read(self, jobs: list[Job], now: float, ahead: float = 0.0) -> list[Outcome]:
        """Take in the job list; the outcomes that it settles.

        Args:
            jobs: the newest 50, and those of `missing` that were asked for.
            now: epoch seconds.
            ahead: seconds by which the service's clock is ahead of ours.
        """
        self.active = next((job for job in jobs if job.is_active), None)
        for job in jobs:
            self._adopt(job, ahead)
            self._notice(job, now)
        outcomes = [self._settle(job) for job in jobs if job.id in self.opened and not job.is_active]
        self.shows_all = self.opened.keys() <= {job.id for job in jobs}
        oldest = min((job.created_at or math.inf for job in jobs), default=0.0)
        self._reaches_to = oldest - ahead + ROUNDING if len(jobs) >= HISTORY else -math.inf
        return outcomes

    def missing(self, jobs: list[Job], now: float) -> list[tuple[str, Intent]]:
        """Jobs of ours that a list should show by now (epoch seconds) and does not."""
        listed = {job.id for job in jobs}
        return [
            (job_id, intent)
            for job_id, intent in self.opened.items()
            if job_id not in listed and now > intent.at + LISTED_AFTER
        ]

    def may_be_hidden(self, intent: Intent) -> bool:
        """Whether 50 newer jobs may keep the job of an intent out of the newest list."""
        return intent.at < self._reaches_to

    def unmatched(self) -> list[Intent]:
        """Intents for which no job is listed: they were announced and never created, or ended long ago."""
        return list(self._unmatched.values())

    def open_since(self, file_id: str, delete_time: str) -> float:
        """When the newest intent for an entry began for which no job is listed; minus infinity when there is none."""
        mine = (each.at for each in self._unmatched.values() if each.identity == (file_id, delete_time))
        return max(mine, default=-math.inf)

    def forget(self, intent: Intent) -> None:
        """An intent without a job has been reported."""
        self._unmatched.pop(intent.client_token, None)

    def _adopt(self, job: Job, ahead: float) -> None:
        """A deletion job is ours when it was created after an intent of ours for its entry that has no outcome."""
        if job.id in self._ours or job.id in self._over or not job.is_delete:
            return
        for intent in list(self._unmatched.values()):
            if intent.file_id == job.file_id and was_created_after(job, intent, ahead):
                self.open(job.id, intent)
                return

    def _notice(self, job: Job, now: float) -> None:
        created = job.created_at or 0.0
        if not job.is_active:
            self._over.add(job.id)
            if job.is_delete and job.status != "success":
                self._failed.setdefault(job.file_id, {})[job.id] = created
        if not job.is_delete:
            self.restore_at = max(self.restore_at, now if job.is_active else created)
        if job.id not in self._ours:
            self.foreign_at = max(self.foreign_at, created)

    def _settle(self, job: Job) -> Outcome:
        return Outcome(self.opened.pop(job.id), job.id, job.status, job.error, job.is_cancelled)


def client_token(scope: str, file_id: str, delete_time: str, number: int) -> str:
    """The idempotency token of a deletion job: 64 ASCII characters (documented limit: CreateRecycleBinDeleteJob).

    Args:
        scope: file system, run and slice number; a job that ended in an earlier slice is never answered again.
        file_id: the entry.
        delete_time: its DeleteTime; an entry that was restored and deleted again is another one.
        number: how many jobs for it ended without success, so that a retry after a failure is a new job and a retry
            after a lost reply is the same.
    """
    return hashlib.sha256("\x00".join((scope, file_id, delete_time, str(number))).encode()).hexdigest()
