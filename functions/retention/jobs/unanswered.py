"""A create without an answer: the service may have made the job, or may still make it, so the job list decides.

The slice does not wait for that: it hands over, and the message carries the create. The next slice reads the job list
once it can show the job no more.
"""

from dataclasses import replace

from functions.retention.audit import Intent
from functions.retention.core import Clock
from functions.retention.jobs.monitor import JobMonitor
from functions.retention.jobs.progress import SilentCreate
from functions.retention.jobs.tracker import JobTracker
from functions.retention.walk import Target

ANSWER_WITHIN = 60.0
"""Seconds after a create without an answer in which the job list may still come to show its job. Assumed: no page says
how late the service can execute a request whose reply was lost."""

LOOK_EVERY = 5.0
"""Seconds between readings of the job list while the answer is missing."""

MAX_UNANSWERED = 3
"""How often a job is submitted for one target without an answer, before the target is left for this run."""


class UnansweredCreate:
    """Keeps one create at a time that got no answer. Never sends it again.

    Args:
        tracker: adopts the job once the list shows it.
        jobs: reads the list, and has the progress that names the create.
        clock: time.
        deadline: end of the slice, epoch seconds; no wait goes beyond it.
    """

    def __init__(self, tracker: JobTracker, jobs: JobMonitor, clock: Clock, deadline: float) -> None:
        self._tracker, self._jobs, self._clock, self._deadline = tracker, jobs, clock, deadline

    def expect(self, intent: Intent, asked_at: float) -> None:
        """A create was sent at a moment (epoch seconds) and got no answer.

        Raises:
            CloudError: the job list cannot be had.
        """
        before = self._jobs.progress.unanswered
        times = 1 + (before.times if before is not None and before.identity == intent.identity else 0)
        silent = SilentCreate(
            intent.file_id,
            intent.delete_time,
            intent.client_token,
            size=intent.size,
            entries=intent.entries,
            asked_at=asked_at,
            times=times,
        )
        self._tracker.expect(replace(intent, at=asked_at))
        self._remember(silent)
        self._jobs.look()

    def found(self) -> tuple[SilentCreate, str] | None:
        """The create and its job, once the list shows the job; then it has its answer."""
        silent = self._jobs.progress.unanswered
        job_id = self._tracker.job_of(intent_of(silent)) if silent is not None and silent.is_open else ""
        if silent is None or not job_id:
            return None
        self._remember(None)
        return silent, job_id

    def wait(self) -> float | None:
        """Seconds until the job list can tell; None when no answer is missing any more.

        An intent is settled as not created once a list that was read late enough shows no job for it.
        """
        silent = self._jobs.progress.unanswered
        if silent is None or not silent.is_open:
            return None
        if self._jobs.looked_at < silent.asked_at + ANSWER_WITHIN:
            return max(silent.asked_at + ANSWER_WITHIN - self._clock.now(), 0.0)
        intent = intent_of(silent)
        if self._tracker.knows(intent):
            self._tracker.forget(intent)
            self._jobs.note_outcome(intent, "", "not-created", "no answer, and the job list shows no job for it")
        self._remember(replace(silent, is_open=False))
        return None

    def is_too_often(self, target: Target) -> bool:
        """Whether the creates for a target had no answer so often that it is left for this run."""
        silent = self._jobs.progress.unanswered
        return silent is not None and silent.identity == target.identity and silent.times >= MAX_UNANSWERED

    def may_show(self, target: Target) -> bool:
        """Whether an earlier create for the target, of any slice, may still get a job."""
        return self._jobs.looked_at < self._tracker.open_since(*target.identity) + ANSWER_WITHIN

    def pause_and_look(self) -> None:
        """Wait a little and read the job list.

        Raises:
            CloudError: the job list cannot be had.
        """
        self._clock.sleep(min(LOOK_EVERY, max(self._deadline - self._clock.now(), 0.0)))
        self._jobs.look()

    def _remember(self, silent: SilentCreate | None) -> None:
        self._jobs.progress = replace(self._jobs.progress, unanswered=silent)


def intent_of(silent: SilentCreate) -> Intent:
    """The intent of a create without an answer. It counts from the request, before which no job can be its own."""
    return Intent(
        silent.file_id,
        silent.delete_time,
        silent.client_token,
        silent.asked_at,
        silent.size,
        silent.entries,
        path="",
    )
