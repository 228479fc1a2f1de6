"""Intent first: the audit log acknowledges what a job will delete before the job may be created."""

from collections import Counter

from functions.retention.audit import Intent, Journal
from functions.retention.core import Clock
from functions.retention.jobs.monitor import JobMonitor, of_target
from functions.retention.jobs.tracker import JobTracker, client_token
from functions.retention.walk import Target


class Announcer:
    """Announces one target at a time.

    Args:
        scope: file system, run and slice number: where client tokens are the same for the same entry and try.
        tracker: which jobs are ours.
        jobs: writes down what became of intents.
        journal: for intents.
        clock: time.

    Attributes:
        intent: what is announced and has no job yet; None when nothing is.
    """

    def __init__(self, scope: str, tracker: JobTracker, *, jobs: JobMonitor, journal: Journal, clock: Clock) -> None:
        self._scope, self._tracker, self._jobs = scope, tracker, jobs
        self._journal, self._clock = journal, clock
        self._repetitions: Counter[str] = Counter()
        self.intent: Intent | None = None

    def intent_for(self, target: Target) -> Intent | None:
        """The intent of this target, if it is the one that is announced."""
        return self.intent if self.intent is not None and self.intent.identity == target.identity else None

    def announce(self, target: Target) -> None:
        """Put the intent; only after this returns may the job be created.

        Raises:
            CloudError: the log did not acknowledge it.
        """
        self.drop()
        entry, verdict = target.entry, target.verdict
        number = self._tracker.failures(entry.file_id) + self._repetitions[entry.file_id]
        token = client_token(self._scope, entry.file_id, entry.delete_time, number)
        now = self._clock.now()
        self._journal.put(
            "intent",
            client_token=token,
            policy=verdict.policy,
            rule=verdict.rule,
            type=entry.type,
            **of_target(target),
        )
        self.intent = Intent(
            entry.file_id,
            entry.delete_time,
            token,
            now,
            target.size,
            target.entries,
            target.path,
            directory_id=target.directory_id,
        )

    def drop(self) -> None:
        """Close the intent as not created, unless its job was created or may have been."""
        intent, self.intent = self.intent, None
        if intent is not None and not self._tracker.knows(intent):
            self._jobs.note_outcome(intent, "", "not-created", "the slice did without it")

    def close(self, status: str = "", detail: str = "", job_id: str = "") -> None:
        """The intent has its job or, with a status, is settled without one."""
        intent, self.intent = self.intent, None
        if intent is not None and status:
            self._jobs.note_outcome(intent, job_id, status, detail)

    def note_created(self, intent: Intent, job_id: str) -> None:
        """Write down which job a create returned: by this record alone a job is known as ours at once."""
        self._journal.note("created", job_id=job_id, client_token=intent.client_token, file_id=intent.file_id)

    def expect_none(self, intent: Intent) -> None:
        """The create got no answer: its intent stays open, and the next one for the entry gets another token."""
        self._repetitions[intent.file_id] += 1
        self.intent = None

    def repeat(self, intent: Intent, job_id: str) -> None:
        """The service answered with an ended job, so the next intent for the entry gets another token."""
        self._repetitions[intent.file_id] += 1
        self.close("not-created", "the service repeated its answer for an ended job", job_id)
