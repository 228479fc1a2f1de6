"""A create without an answer: the service may have made the job, or may still make it, so the job list decides."""

from functions.retention.audit import Intent
from functions.retention.core import Clock
from functions.retention.jobs.monitor import JobMonitor
from functions.retention.jobs.tracker import JobTracker
from functions.retention.walk import Target

ANSWER_WITHIN = 60.0
"""Seconds after a create without an answer in which the job list may still come to show its job. Assumed: no page says
how late the service can execute a request whose reply was lost."""

LOOK_EVERY = 5.0
"""Seconds between readings of the job list while the answer is missing."""


class UnansweredCreate:
    """Waits for the answer to one create at a time. Never sends it again.

    Args:
        tracker: adopts the job once the list shows it.
        jobs: reads the list.
        clock: time.
        deadline: end of the slice, epoch seconds; no wait goes beyond it.
    """

    def __init__(self, tracker: JobTracker, jobs: JobMonitor, clock: Clock, deadline: float) -> None:
        self._tracker, self._jobs, self._clock, self._deadline = tracker, jobs, clock, deadline
        self._open: tuple[Target, Intent, float] | None = None

    @property
    def is_open(self) -> bool:
        """Whether a create waits for its answer."""
        return self._open is not None

    def expect(self, target: Target, intent: Intent, asked_at: float) -> None:
        """A create was sent at a moment (epoch seconds) and got no answer.

        Raises:
            CloudError: the job list cannot be had.
        """
        self._tracker.expect(intent)
        self._open = (target, intent, asked_at)
        self._jobs.look()

    def found(self) -> tuple[Target, str] | None:
        """The target and its job, once the list shows the job; then nothing is open any more."""
        if self._open is None:
            return None
        target, intent, _ = self._open
        job_id = self._tracker.job_of(intent)
        if not job_id:
            return None
        self._open = None
        return target, job_id

    def look(self) -> Target | None:
        """Look again, or settle the intent as not created once the list can show its job no more.

        Returns:
            The target, if it is settled that its create made no job.

        Raises:
            CloudError: the job list cannot be had.
        """
        if self._open is None:
            return None
        target, intent, asked_at = self._open
        if self._jobs.looked_at < asked_at + ANSWER_WITHIN:
            self.pause_and_look()
            return None
        self._open = None
        self._tracker.forget(intent)
        self._jobs.note_outcome(intent, "", "not-created", "no answer, and the job list shows no job for it")
        return target

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
