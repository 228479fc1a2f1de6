"""The loop of one slice of a purge.

`slot.Slot` says what to do next. The loop does it: it looks for the next target, announces it, creates its job and
reads the job list. A target's verdict is never older than this slice.
"""

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
    RunOver,
    SlotBusy,
    Throttled,
    is_denied,
    parse_service_time,
)
from functions.retention.jobs.actions import Action, Finished, HandOver, Poll, Search, Submit, Wait
from functions.retention.jobs.announcement import Announcer
from functions.retention.jobs.capacity_guard import CapacityGuard
from functions.retention.jobs.guards import CanaryGuard, SliceBounds
from functions.retention.jobs.last_job_wait import MAX_ROUNDS, LastJobWait
from functions.retention.jobs.monitor import RETRY_AFTER, JobMonitor
from functions.retention.jobs.shared_invocation import Participant
from functions.retention.jobs.slot import Slot
from functions.retention.jobs.tracker import JobTracker
from functions.retention.jobs.unanswered import UnansweredCreate
from functions.retention.walk import Failure, Failures, Target, TargetSource

STALE_AFTER = 300.0
"""Seconds after which a listing is not trusted any more and a target is looked at again."""

UNWATCHED_FOR = 5.0
"""Seconds after which the job list is read again before a job is created: a person's job could come and go in them,
also while we think that our last one still runs. It is also read between any two creates, so that at most one job
follows when a person cancels one."""

LONGEST_BUSY_PAUSE = 60.0
"""Seconds waited at most between refusals for which the job list shows no reason."""

MOST_SILENT = 3
"""Entries in a row for which a create gets no answer, after which it is not the entries' doing."""

FRESH = 1.0
"""Seconds a round may take before its decision is taken anew: a slow log or job list makes it old."""

MAX_REFUSALS_ALONE = 5
"""How often a job may be refused for another one that nobody sees, before its target is left for this run."""


class PurgeLoop:
    """One slice of one purge.

    Args:
        recycle_bin: where.
        walk: hands out targets.
        slot: says what to do next.
        tracker: which jobs are ours.
        jobs: what became of them.
        journal: for intents.
        clock: time.
        bounds: what bounds the slice.
        capacity: what bounds the targets of capacity rules.
        canary: verifies the first jobs.
        scope: run and slice number; a try at the same slice asks under the same tokens, nothing else does.
        failures: keeps account of entries for which no job can be had.
        watch: called every round with the time; raises `RunOver` when the run has to end.
        participant: this slice among those of its invocation.

    Attributes:
        stopping: why the run ends, once it has to; None before.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        walk: TargetSource,
        *,
        slot: Slot,
        tracker: JobTracker,
        jobs: JobMonitor,
        journal: Journal,
        clock: Clock,
        bounds: SliceBounds,
        capacity: CapacityGuard,
        canary: CanaryGuard,
        scope: str,
        failures: Failures,
        watch: Callable[[float], None],
        participant: Participant,
    ) -> None:
        self._bin, self._walk, self._slot, self._tracker, self._jobs = recycle_bin, walk, slot, tracker, jobs
        self._clock, self._bounds, self._watch = clock, bounds, watch
        self._capacity, self._canary, self._participant = capacity, canary, participant
        self._failures = failures
        self._announcer = Announcer(
            f"{recycle_bin.file_system_id}/{scope}", tracker, jobs=jobs, journal=journal, clock=clock
        )
        self._last = LastJobWait(slot, tracker, jobs=jobs, clock=clock, participant=participant)
        self.stopping: RunEnd | None = None
        self._taken = set(bounds.announced)
        self._unanswered = UnansweredCreate(tracker, jobs, clock, bounds.deadline)
        self._silent = self._alone = 0
        self._refused = False
        self._busy_pause = 0.0
        self._created_at = float("-inf")

    def run(self) -> float | None:
        """Work until the slice is over.

        Returns:
            Seconds after which the next slice should begin, or None when nothing is left and nothing runs.

        Raises:
            CloudError: a service refused or kept silent; `JobMonitor.progress` says how far it came.
        """
        try:
            return self._work()
        except RunOver as over:
            self.stopping = over.end
            self._announcer.drop()
            return self._last.run()

    def _work(self) -> float | None:
        for _ in range(MAX_ROUNDS):
            now = self._clock.now()
            self._jobs.check()
            self._watch(now)
            if answered := self._unanswered.found():
                self._count(*answered)
            if self._clock.now() > now + FRESH:
                continue
            action = self._slot.step(
                now,
                has_target=self._next(now) is not None,
                exhausted=self._walk.finished and not self._jobs.waiting,
                unsettled=bool(self._tracker.opened),
                others_busy=self._participant.others_busy(),
                comes_along=self._participant.is_shared(),
            )
            if isinstance(action, HandOver | Finished):
                self.wind_up()
                return action.after if isinstance(action, HandOver) else None
            self._do(action, now)
        raise RetentionError(f"a slice took more than {MAX_ROUNDS} rounds")

    def wind_up(self) -> None:
        """Leave nothing open but the job that runs, the only one that the message names.

        Raises:
            CloudError: the job list cannot be had.
        """
        self._announcer.drop()
        self._last.wind_up()

    def _next(self, now: float) -> Target | None:
        """The target at hand: one that is due for another try, or the walk's next."""
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
        self._clock.sleep(min(self._busy_pause, max(self._bounds.deadline - now, 0.0)))
        self._busy_pause = min(2 * self._busy_pause + 1, LONGEST_BUSY_PAUSE)

    def _search(self, now: float) -> None:
        if self._walk.finished:
            self._clock.sleep(max(min(self._jobs.due_at, self._bounds.deadline) - now, 0.0))
            return
        self._walk.step()
        for changed in self._walk.take_changed():
            self._jobs.skip("changed", changed)
        self._slot.searched(self._clock.now() - now, found=self._walk.peek() is not None)

    def _wait(self, until: float, now: float) -> None:
        """Use the wait to announce the next target, so that its job can be created the moment the slot is free."""
        target = self._next(now)
        if target is None or self._unanswered.is_open or self._announcer.intent_for(target) is not None:
            self._last.rest(until, now)
        elif self._is_ready(target, now):
            self._announcer.announce(target)

    def _submit(self, now: float) -> None:
        if self._unanswered.is_open:
            if silent := self._unanswered.look():
                self._be_silent(silent)
            return
        target = self._next(now)
        if target is None:
            return
        unwatched = self._jobs.looked_at < max(now - UNWATCHED_FOR, self._created_at) or not self._tracker.shows_all
        canary_due = self._canary.is_due(self._jobs.progress)
        if unwatched or (canary_due and self._tracker.opened):
            self._jobs.look()
        elif canary_due:
            self._verify_canary()
        elif not self._is_ready(target, now):
            return
        elif intent := self._announcer.intent_for(target):
            self._create(target, intent, before=min(now, self._jobs.looked_at) + UNWATCHED_FOR)
        else:  # the job list may be too old by the time the log answers
            self._announcer.announce(target)

    def _verify_canary(self) -> None:
        self._canary.verify(self._jobs.failures, self._is_still_there)
        self._jobs.progress = replace(self._jobs.progress, canary_passed=True)

    def _is_still_there(self, target: Target) -> bool:
        return self._walk.look_again(target) is not None

    # Is it still right?

    def _is_ready(self, target: Target, now: float) -> bool:
        """Whether a job may be created for the target; if not, it was dropped or looked at again."""
        job_id = self._tracker.job_for(*target.identity)
        if job_id:
            self._take(target)
            self._jobs.opened(job_id, target)
            return False
        if not self._failures.may_delete(target.entry.file_id):
            self._defer(target)
            return False
        if self._unanswered.may_show(target):
            self._unanswered.pause_and_look()
            return False
        if now > target.listed_at + STALE_AFTER or self._jobs.foreign_at >= target.listed_at - ROUNDING:
            self._look_again(target)
            return False
        if reason := self._reason_to_leave(target, now):
            self._leave(target, reason)
            return False
        self._capacity.check(target, self._jobs.progress.others_at)
        return True

    def _look_again(self, target: Target) -> None:
        self._announcer.drop()
        if target is self._walk.peek():
            self._walk.recheck()
            return
        fresh = self._walk.look_again(target)
        self._jobs.replace_due(fresh)
        if fresh is None:
            self._jobs.skip("vanished", target)

    def _reason_to_leave(self, target: Target, now: float) -> str:
        entry, days = target.entry, self._bounds.reserved_days
        expires_at = (parse_service_time(entry.delete_time) or 0.0) + days * 86_400.0
        if days and expires_at <= now + self._slot.pace.seconds(target.entries):
            return "expires-itself"
        failures = self._tracker.failures(entry.file_id, self._bounds.began_at)
        return "quarantined" if failures > len(RETRY_AFTER) else self._capacity.reason_to_leave(target)

    def _leave(self, target: Target, reason: str) -> None:
        """Do without this target."""
        self._announcer.drop()
        self._take(target)
        self._jobs.skip(reason, target)

    def _take(self, target: Target) -> None:
        if target is self._walk.peek():
            self._walk.take()
        else:
            self._jobs.replace_due(None)

    # Creating a job.

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
            self._announcer.close("vanished")
            self._leave(target, "vanished")
        except NoAnswer:
            self._announcer.expect_none(intent)
            self._unanswered.expect(target, intent, asked_at)
        except Refused as error:
            self._be_refused(target, error)
        else:
            self._created(target, intent, job_id, asked_at)

    def _be_refused(self, target: Target, error: Refused) -> None:
        """The service refuses a job: for this entry or, by its code, for all of them.

        Raises:
            Refused: for all of them.
        """
        self._announcer.close("not-created", str(error))
        if is_denied(error):
            raise error
        self._fail(target, "refused", Failure(error.code, str(error), error.request_id))

    def _be_silent(self, target: Target) -> None:
        """The create for a target got no answer and made no job.

        Raises:
            NoAnswer: so it was with a few different ones in a row.
        """
        operation, what = "CreateRecycleBinDeleteJob", "no answer, and the job list shows no job"
        self._fail(target, "unanswered", Failure("NoAnswer", f"{operation}: {what}"))
        self._silent += 1
        if self._silent >= MOST_SILENT:
            raise NoAnswer(operation, "Unknown", f"{what}, for {self._silent} entries in a row")

    def _fail(self, target: Target, reason: str, failure: Failure) -> None:
        """No job can be had for a target now; it is tried again in a later walk, or set aside."""
        if self._failures.cannot_delete(target.entry.file_id, target.path, failure, for_now=True):
            self._give_up(target, reason)
        else:
            self._announcer.drop()
            self._take(target)
            self._jobs.defer()

    def _defer(self, target: Target) -> None:
        """Leave a target that failed before for a later walk, unless this run is done with it."""
        self._announcer.drop()
        self._take(target)
        if not self._failures.is_done_with(target.entry.file_id):
            self._jobs.defer()

    def _give_up(self, target: Target, reason: str) -> None:
        self._announcer.drop()
        self._take(target)
        self._jobs.give_up(reason, target)

    def _created(self, target: Target, intent: Intent, job_id: str, asked_at: float) -> None:
        if self._tracker.is_over(job_id):
            self._announcer.repeat(intent, job_id)
            return
        self._tracker.open(job_id, intent)
        self._created_at = self._clock.now()
        self._announcer.note_created(intent, job_id)
        self._slot.created(job_id, intent.entries, asked_at, self._clock.now())
        self._count(target, job_id)

    def _count(self, target: Target, job_id: str) -> None:
        """The target has its job."""
        self._announcer.close()
        self._failures.has_job(target.entry.file_id)
        self._alone = self._silent = 0
        self._busy_pause = 0.0
        self._take(target)
        self._jobs.opened(job_id, target)
        if target.identity not in self._taken:
            self._taken.add(target.identity)
            self._canary.keep(target)
            self._capacity.count(target)
            self._jobs.progress = replace(self._jobs.progress, jobs=self._jobs.progress.jobs + 1)
