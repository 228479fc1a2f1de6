"""Drives one file system's slot through one slice of a purge.

`slot.Slot` says what to do next; this does it: walks to the next target, announces it, creates its job, reads the job
list. A target's verdict is never older than this slice.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from functions.retention.audit import ROUNDING, Intent, Journal
from functions.retention.core import (
    Clock,
    NoAnswer,
    NotFound,
    RecycleBin,
    Refused,
    RetentionError,
    RunEnd,
    SlotBusy,
    Throttled,
    parse_service_time,
)
from functions.retention.jobs.guards import CanaryGuard, LimitGuard
from functions.retention.jobs.monitor import RETRY_AFTER, JobMonitor, of_target
from functions.retention.jobs.shared_invocation import Participant
from functions.retention.jobs.slot import LONGEST_SLEEP, Action, Finished, HandOver, Poll, Search, Slot, Submit, Wait
from functions.retention.jobs.tracker import JobTracker, client_token
from functions.retention.walk import Target, TargetWalk

STALE_AFTER = 300.0
"""Seconds after which a listing is not trusted any more and a target is looked at again."""

UNWATCHED_FOR = 5.0
"""Seconds after which the job list is read again before a job is created: a person's job could come and go in them,
also while we think that our last one still runs."""

LONGEST_BUSY_PAUSE = 60.0
"""Seconds waited at most between refusals for which the job list shows no reason."""

ANSWER_WITHIN = 60.0
"""Seconds after a create without an answer, in which the job list may still come to show its job (assumed; no page
says how late a request whose reply was lost can be executed)."""

LOOK_AGAIN = 5.0
"""Seconds between readings of the job list while the answer to a create is missing."""

MAX_UNANSWERED = 3
"""How often a job is submitted for one target without an answer, before the target is left for this run."""

FRESH = 1.0
"""Seconds a round may take before its decision is taken anew: a slow log or job list makes it old."""

MAX_REFUSALS = 3
"""Entries in a row for which the service refuses a job, after which it is not the entries' doing."""

MAX_REFUSALS_ALONE = 5
"""How often a job may be refused for another one that nobody sees, before its target is left for this run."""

MAX_ROUNDS = 200_000
"""Far more than a slice has time for; no loop is without a bound."""


class PurgeLoop:
    """One slice of one purge.

    Args:
        recycle_bin: where.
        walk: finds targets; None when the run only waits for its last job.
        slot: the slot's machine.
        tracker: which jobs are ours.
        jobs: what became of them.
        journal: for intents.
        clock: time.
        limits: what bounds it.
        canary: verifies the first jobs.
        watch: asked every round whether the run has to end.
        participant: this slice's place among those of its invocation.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        walk: TargetWalk | None,
        *,
        slot: Slot,
        tracker: JobTracker,
        jobs: JobMonitor,
        journal: Journal,
        clock: Clock,
        limits: LimitGuard,
        canary: CanaryGuard,
        watch: Callable[[float], RunEnd | None],
        participant: Participant,
    ) -> None:
        self._bin, self._walk, self._slot, self._tracker, self._jobs = recycle_bin, walk, slot, tracker, jobs
        self._journal, self._clock, self._limits, self._watch = journal, clock, limits, watch
        self._canary, self._participant = canary, participant
        self._announced: Intent | None = None
        self._taken = set(limits.announced)
        self._repetitions: Counter[str] = Counter()
        self._refusals = self._alone = 0
        self._unanswered: tuple[Target, Intent, float] | None = None
        self._silences: Counter[tuple[str, str]] = Counter()
        self._refused = False
        self._busy_pause = 0.0

    def run(self) -> float | None:
        """Work until the slice is over.

        Returns:
            Seconds after which the next slice should begin, or None when the run is over: see `JobMonitor.stop`.

        Raises:
            CloudError: a service refused or kept silent; `JobMonitor.progress` says how far it came.
        """
        self._jobs.look()
        self._jobs.close_forgotten()
        for _ in range(MAX_ROUNDS):
            now = self._clock.now()
            exhausted = self._is_exhausted(now)
            self._find_answer()
            if self._clock.now() > now + FRESH:
                continue
            action = self._slot.step(
                now,
                has_target=self._next(now) is not None,
                exhausted=exhausted,
                unsettled=bool(self._tracker.opened),
                others_busy=self._participant.others_busy(),
                comes_along=self._participant.is_shared(),
            )
            if isinstance(action, HandOver):
                self.wind_up()
                return action.after
            if isinstance(action, Finished):
                self.wind_up()
                return None
            self._do(action, now)
        raise RetentionError(f"a slice took more than {MAX_ROUNDS} rounds")

    def wind_up(self) -> None:
        """Leave nothing open but the job that runs, the only one that the next slice is told of.

        Raises:
            CloudError: the job list cannot be had.
        """
        self._drop_announced()
        if len(self._tracker.opened) > 1:
            self._jobs.look()
        self._jobs.close_forgotten()

    def _is_exhausted(self, now: float) -> bool:
        """Whether no target is left, or the run has to end."""
        jobs = self._jobs
        jobs.stop = jobs.stop or self._watch(now) or jobs.too_many_failures()
        if jobs.stop is not None:
            self._drop_announced()
            return True
        return self._walk is None or (self._walk.finished and not jobs.waiting)

    def _next(self, now: float) -> Target | None:
        """The target at hand: one that is due for another try, or the walk's next."""
        if self._jobs.stop is not None or self._walk is None:
            return None
        return self._jobs.due(now) or self._walk.peek()

    def _do(self, action: Action, now: float) -> None:
        if isinstance(action, Search):
            self._search(now)
        elif isinstance(action, Submit):
            self._submit(now)
        elif isinstance(action, Poll):
            self._poll()
        elif isinstance(action, Wait):
            self._wait(action.until, now)

    def _poll(self) -> None:
        """Read the job list; a slot that is refused though nobody is seen in it is tried again later and later."""
        self._jobs.look()
        if self._slot.ends_at is not None:
            self._busy_pause, self._alone = 0.0, 0
        elif self._refused:
            self._meet_refusal()
        self._refused = False

    def _meet_refusal(self) -> None:
        """Nobody holds the slot and a job was refused: wait, and after a few times do without its target."""
        now = self._clock.now()
        self._alone += 1
        target = self._next(now)
        if self._alone > MAX_REFUSALS_ALONE and target is not None:
            self._alone = 0
            self._give_up(target, "conflict")
            return
        self._clock.sleep(min(self._busy_pause, max(self._limits.deadline - now, 0.0)))
        self._busy_pause = min(2 * self._busy_pause + 1, LONGEST_BUSY_PAUSE)

    def _search(self, now: float) -> None:
        if self._walk is None or self._walk.finished:
            self._clock.sleep(max(min(self._jobs.due_at, self._limits.deadline) - now, 0.0))
            return
        self._walk.step()
        self._slot.searched(self._clock.now() - now, found=self._walk.peek() is not None)

    def _wait(self, until: float, now: float) -> None:
        """Use the wait to announce the next target, so that its job can be created the moment the slot is free."""
        target = self._next(now)
        if target is None or self._unanswered is not None or self._is_announced(target):
            self._participant.set_busy(busy=self._slot.frees_within(LONGEST_SLEEP, now))
            self._clock.sleep(until - now)
            self._participant.set_busy(busy=True)
        elif self._is_ready(target, now):
            self._announce(target)

    def _submit(self, now: float) -> None:
        target = self._next(now)
        if self._unanswered is not None:
            self._await_answer(*self._unanswered, now)
            return
        if target is None:
            return
        unwatched = now - self._jobs.looked_at > UNWATCHED_FOR
        canary_due = self._canary.is_due(self._jobs.progress)
        if unwatched or self._tracker.must_settle or (canary_due and self._tracker.opened):
            self._jobs.look()
        elif canary_due:
            self._verify_canary()
        elif not self._is_ready(target, now):
            return
        elif self._announced is not None and self._is_announced(target):
            self._create(target, self._announced, before=min(now, self._jobs.looked_at) + UNWATCHED_FOR)
        else:  # the job list may be too old by the time the log answers
            self._announce(target)

    def _verify_canary(self) -> None:
        jobs = self._jobs
        jobs.stop = self._canary.verify(jobs.failures, self._is_still_there)
        jobs.progress = replace(jobs.progress, canary_passed=jobs.stop is None)

    def _is_still_there(self, target: Target) -> bool:
        return self._walk is not None and self._walk.look_again(target) is not None

    # Is it still right?

    def _is_ready(self, target: Target, now: float) -> bool:
        """Whether a job may be created for the target; if not, it was dropped or looked at again."""
        job_id = self._tracker.job_for(*target.identity)
        if job_id:
            self._take(target)
            self._jobs.opened(job_id, target)
            return False
        if self._jobs.looked_at < self._tracker.open_since(*target.identity) + ANSWER_WITHIN:
            self._pause_and_look(now)
            return False
        if now > target.listed_at + STALE_AFTER or self._jobs.foreign_at >= target.listed_at - ROUNDING:
            self._look_again(target)
            return False
        if reason := self._reason_to_leave(target, now):
            self._leave(target, reason)
        elif target.identity not in self._taken and (stop := self._limits.stop_before(self._jobs.progress, target)):
            self._jobs.stop = stop
        else:
            return True
        return False

    def _look_again(self, target: Target) -> None:
        self._drop_announced()
        if self._walk is None:
            return
        if target is self._walk.peek():
            self._walk.recheck()
            return
        fresh = self._walk.look_again(target)
        self._jobs.replace_due(fresh)
        if fresh is None:
            self._jobs.skip("vanished", target)

    def _reason_to_leave(self, target: Target, now: float) -> str:
        entry, days = target.entry, self._limits.reserved_days
        expires_at = (parse_service_time(entry.delete_time) or 0.0) + days * 86_400.0
        if days and expires_at <= now + self._slot.pace.seconds(target.entries):
            return "expires-itself"
        failures = self._tracker.failures(entry.file_id, self._limits.began_at)
        return "quarantined" if failures > len(RETRY_AFTER) else ""

    def _leave(self, target: Target, reason: str) -> None:
        """Do without this target."""
        self._drop_announced()
        self._take(target)
        self._jobs.skip(reason, target)

    def _take(self, target: Target) -> None:
        if self._walk is None or target is not self._walk.peek():
            self._jobs.replace_due(None)
        else:
            self._walk.take()

    # Intent, then job.

    def _is_announced(self, target: Target) -> bool:
        intent = self._announced
        return intent is not None and intent.identity == target.identity

    def _announce(self, target: Target) -> None:
        """Put the intent; only after this returns may the job be created.

        Raises:
            CloudError: the log did not acknowledge it.
        """
        self._drop_announced()
        entry, verdict = target.entry, target.verdict
        number = self._tracker.failures(entry.file_id) + self._repetitions[entry.file_id]
        token = client_token(self._bin.file_system_id, entry.file_id, entry.delete_time, number)
        now = self._clock.now()
        self._journal.put(
            "intent",
            client_token=token,
            policy=verdict.policy,
            rule=verdict.rule,
            type=entry.type,
            **of_target(target),
        )
        self._announced = Intent(entry.file_id, entry.delete_time, token, now, target.size, target.entries, target.path)

    def _drop_announced(self) -> None:
        """What was announced will not be created by this slice, unless it was and nobody said so."""
        intent, self._announced = self._announced, None
        if intent is not None and not self._tracker.knows(intent):
            self._jobs.note_outcome(intent, "", "not-created", "the slice did without it")

    def _create(self, target: Target, intent: Intent, *, before: float) -> None:
        asked_at = self._clock.now()
        try:
            job_id = self._bin.delete(intent.file_id, intent.client_token, before=before)
        except Throttled:
            self._jobs.look()  # waits until calls are let through again; the next round decides anew
        except SlotBusy:
            self._refused = True
            self._slot.busy()
        except NotFound:
            self._announced = None
            self._jobs.note_outcome(intent, "", "vanished")
            self._leave(target, "vanished")
        except NoAnswer:
            self._tracker.expect(intent)
            self._unanswered = (target, intent, asked_at)
            self._announced = None
            self._jobs.look()
        except Refused as error:
            self._be_refused(target, intent, error)
        else:
            self._created(target, intent, job_id, asked_at)

    def _be_refused(self, target: Target, intent: Intent, error: Refused) -> None:
        """The service will not: for this entry, or for all of them, which a few in a row tell.

        Raises:
            Refused: it is so for all of them.
        """
        self._announced = None
        self._jobs.note_outcome(intent, "", "not-created", str(error))
        self._refusals += 1
        if self._refusals >= MAX_REFUSALS:
            raise error
        self._give_up(target, "refused")

    def _give_up(self, target: Target, reason: str) -> None:
        self._drop_announced()
        self._take(target)
        self._jobs.give_up(reason, target)

    def _created(self, target: Target, intent: Intent, job_id: str, asked_at: float) -> None:
        if self._tracker.is_over(job_id):
            self._announced = None
            self._repetitions[intent.file_id] += 1
            self._jobs.note_outcome(intent, job_id, "not-created", "the service repeated its answer for an ended job")
            return
        self._tracker.open(job_id, intent)
        self._journal.note("created", job_id=job_id, client_token=intent.client_token, file_id=intent.file_id)
        self._slot.created(intent.entries, asked_at, self._clock.now())
        self._count(target, job_id)

    def _count(self, target: Target, job_id: str) -> None:
        """The target has its job."""
        self._announced = None
        self._alone = self._refusals = 0
        self._busy_pause = 0.0
        self._take(target)
        self._jobs.opened(job_id, target)
        if target.identity not in self._taken:
            self._taken.add(target.identity)
            progress = self._jobs.progress
            self._canary.keep(target)
            self._jobs.progress = replace(
                progress,
                jobs=progress.jobs + 1,
                announced_size=progress.announced_size + target.size,
                announced_entries=progress.announced_entries + target.entries,
            )

    # A create without an answer: look for its job, never just repeat it.

    def _find_answer(self) -> None:
        """Count the target of an unanswered create once the job list shows its job."""
        if self._unanswered is not None:
            target, intent, _ = self._unanswered
            if job_id := self._tracker.job_of(intent):
                self._unanswered = None
                self._count(target, job_id)

    def _await_answer(self, target: Target, intent: Intent, asked_at: float, now: float) -> None:
        """Look again until the job list shows the job, or can show it no more: then none was created."""
        if self._jobs.looked_at < asked_at + ANSWER_WITHIN:
            self._pause_and_look(now)
            return
        self._unanswered = None
        self._tracker.forget(intent)
        self._jobs.note_outcome(intent, "", "not-created", "no answer, and the job list shows no job for it")
        self._repetitions[intent.file_id] += 1
        self._silences[intent.identity] += 1
        if self._silences[intent.identity] >= MAX_UNANSWERED:
            self._give_up(target, "unanswered")

    def _pause_and_look(self, now: float) -> None:
        self._clock.sleep(min(LOOK_AGAIN, max(self._limits.deadline - now, 0.0)))
        self._jobs.look()
