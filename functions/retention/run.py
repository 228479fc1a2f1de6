"""One slice of one run: from its message to its continuation or its end.

A run is a survey and then a purge, each a chain of slices. A slice begins by making sure that it is the one to do it,
and that its run may go on; it ends by handing over, or by a record that says why the run is over.
"""

import copy
from dataclasses import dataclass, replace

from functions.retention.chain import Chain, Report, Tools, common_fields
from functions.retention.driver import Driver, Terms
from functions.retention.entry import format_service_time
from functions.retention.errors import NoAnswer, PolicyError, Refused, Throttled
from functions.retention.job_book import JobBook
from functions.retention.jobs import Jobs
from functions.retention.journal import Journal
from functions.retention.judge import Judge
from functions.retention.ledger import (
    AliveRun,
    Intent,
    alive_until,
    must_retire,
)
from functions.retention.message import RunMessage, RunningJob
from functions.retention.narrow import narrow
from functions.retention.plan import Plan
from functions.retention.policy import Policy, PolicyFile, enforcing
from functions.retention.preflight import (
    LONGEST_RUN,
    FileSystemState,
    Watch,
    look_at_file_system,
    outside_window,
    stop_before_asking,
)
from functions.retention.purge import Purge
from functions.retention.recents import Recents, fetch
from functions.retention.recycle_bin import DryRunBin
from functions.retention.run_ledger import RunLedger
from functions.retention.slot import Occupant, Slot
from functions.retention.stop import Stop
from functions.retention.survey import Survey
from functions.retention.walk import ListsRecursively

MAX_WALKS = 2
"""Purge walks of a run: a second one takes what failed in a slice that ended before it could try again."""

REST = 60.0
"""Seconds until the next slice when a service throttled this one or kept silent."""


class RunSlice:
    """One slice.

    Args:
        message: the run's position.
        tools: what to work with.
    """

    def __init__(self, message: RunMessage, tools: Tools) -> None:
        self._message, self._tools = message, tools
        self._clock, self._deadline = tools.clock, tools.deadline
        self._bin = tools.recycle_bin if message.mode == "enforce" else DryRunBin(tools.recycle_bin)
        self._journal = Journal(tools.audit, tools.clock, tools.rng, common_fields(message, tools.request_id))
        self._began_at = message.not_after - LONGEST_RUN
        self._ledger = RunLedger(tools.audit, message.run, message.file_system, self._began_at)
        self._chain = Chain(tools, self._journal, self._ledger)

    def work(self) -> Report:
        """Do it.

        Raises:
            CloudError: what is needed to go on, or to say that the run is over, cannot be had.
            PolicyError: the message narrows the policies in a way that is not allowed.
        """
        retired = self._chain.makes_way(self._message)
        if retired is not None:
            return retired
        try:
            return self._stopping() or self._pass(self._look())
        except _Over as over:
            return self._end_or_wait(over.stop)
        except ListsRecursively as error:
            return self._end_or_wait(Stop("lists-recursively", str(error)))
        except (Refused, PolicyError) as error:
            return self._end_or_wait(Stop("refused", str(error)))

    def _stopping(self) -> Report | None:
        """A run that only waits for its last job goes on waiting."""
        if self._message.stopping is None:
            return None
        return self._drive(None, Terms(self._tools.file.guardrails.limits, self._deadline, self._began_at))

    def _look(self) -> "_Scene":
        """Make sure that the run may go on.

        Raises:
            _Over: it may not.
        """
        message, file, now = self._message, self._tools.file, self._clock.now()
        _raise(stop_before_asking(message, file, now))
        state = look_at_file_system(self._bin, file.guardrails, self._clock)
        if isinstance(state, Stop):
            raise _Over(state)
        _raise(self._stop_by_ledger(now))
        if state.service_time is not None and message.as_of > state.service_time:
            self._message = message = replace(message, as_of=state.service_time)
        self._journal.put("started", alive_until=round(alive_until(now)))
        narrowed = narrow(file, message.narrowing, now=now) if message.narrowing else file
        policies = _policies(message, narrowed, state)
        if not policies:
            raise _Over(Stop("not-allowed", f"no policy applies to {message.file_system} for {message.mode}"))
        judge = Judge(policies, narrowed.guardrails, as_of=message.as_of, now=now)
        watch = Watch(self._bin, narrowed.guardrails, looked_at=now, enforcing=message.mode == "enforce")
        recents = Recents(fetch(self._bin.recent_directories))
        return _Scene(narrowed, state, judge, recents, watch)

    def _stop_by_ledger(self, now: float) -> Stop | None:
        message = self._message
        if self._ledger.is_cancelled():
            return Stop("cancelled", "a person cancelled the run")
        if message.mode != "enforce":
            return None
        if closed := outside_window(self._tools.file.guardrails, now):
            return closed
        rests_until = self._ledger.rests_until(now)
        if rests_until > now:
            return Stop("resting", f"a person stopped a run; it rests until {format_service_time(rests_until)}")
        as_of = format_service_time(message.as_of)
        mine = AliveRun(message.run, message.trigger, message.digest, message.file_system, as_of)
        other = must_retire(mine, self._ledger.others_alive(now))
        return Stop("superseded", f"run {other.run} works on it") if other else None

    # The two passes.

    def _pass(self, scene: "_Scene") -> Report:
        if self._message.phase == "survey":
            report = self._survey(scene)
            if report is not None:
                return report
        message = self._message
        walk = Purge(self._bin, scene.recents, scene.judge, cursor=message.cursor, sees_inside=message.sees_inside)
        limits, reserved_days = scene.file.guardrails.limits, scene.state.attributes.reserved_days
        terms = Terms(limits, self._deadline, self._began_at, reserved_days, self._chain.others_jobs)
        return self._drive(walk, terms, scene.watch)

    def _survey(self, scene: "_Scene") -> Report | None:
        """Survey on; None when it is complete and the purge may begin."""
        message = self._message
        survey = Survey(
            self._bin,
            scene.recents,
            scene.judge,
            cursor=message.cursor,
            sees_inside=message.sees_inside,
            tally=copy.deepcopy(message.tally),
        )
        after = self._walk_on(survey, scene.watch)
        progress = replace(message.progress, list_calls=message.progress.list_calls + survey.list_calls)
        self._message = message = replace(
            message,
            cursor=survey.cursor(),
            sees_inside=survey.sees_inside,
            tally=survey.tally,
            planned_jobs=survey.jobs,
            progress=progress,
        )
        return self._chain.hand_over(self._message, after) if after is not None else self._judge_survey(scene)

    def _walk_on(self, survey: Survey, watch: Watch) -> float | None:
        """Survey until it is complete (None) or the slice is over (seconds until the next one).

        Raises:
            _Over: the run has to end.
            CloudError: no listing succeeded at all.
        """
        while not survey.finished:  # bounded: every step lists once or finishes something, and the deadline ends it
            now = self._clock.now()
            _raise(watch.stop(now))
            if now >= self._deadline:
                return 0.0
            calls = survey.list_calls
            try:
                survey.step()
            except (Throttled, NoAnswer):
                if calls == 0:
                    raise
                return REST
        return None

    def _judge_survey(self, scene: "_Scene") -> Report | None:
        """The survey is complete: write the plan down, judge the limits."""
        message = self._message
        plan = Plan(
            message.digest,
            message.file_system,
            message.as_of,
            message.narrowing,
            message.tally,
            message.planned_jobs,
            scene.file.guardrails.limits,
        )
        self._journal.put("surveyed", **plan.record(), list_calls=message.progress.list_calls)
        if plan.broken:
            raise _Over(Stop("limits-exceeded", "; ".join(plan.broken)))
        if message.mode == "dry-run" or message.planned_jobs == 0:
            raise _Over(Stop("completed"))
        self._message = replace(message, phase="purge", cursor=None)
        self._journal.set(phase="purge")
        return None

    def _drive(self, walk: Purge | None, terms: Terms, watch: Watch | None = None) -> Report:
        message = self._message
        book = JobBook(self._chain.open_intents)
        slot = Slot(message.pace, self._deadline, rest_until=message.rest_until)
        if message.running is not None:
            book.open(message.running.job_id, _intent(message.running))
            slot = Slot(message.pace, self._deadline, _occupant(message.running), message.rest_until)
        jobs = Jobs(
            self._bin,
            slot,
            book,
            journal=self._journal,
            ledger=self._ledger,
            clock=self._clock,
            progress=message.progress,
        )
        jobs.stop = message.stopping
        driver = Driver(
            self._bin,
            walk,
            slot=slot,
            book=book,
            jobs=jobs,
            journal=self._journal,
            clock=self._clock,
            terms=terms,
            watch=watch.stop if watch is not None else _never,
        )
        try:
            after = driver.run()
        except (Throttled, NoAnswer):
            if jobs.progress.jobs == message.progress.jobs:
                raise
            after = REST
        self._message = self._after(jobs, walk, slot)
        return self._chain.hand_over(self._message, after) if after is not None else self._finish()

    def _after(self, jobs: Jobs, walk: Purge | None, slot: Slot) -> RunMessage:
        """The run's position after its jobs were driven."""
        progress = replace(jobs.progress, unretried=jobs.progress.unretried + jobs.waiting)
        message = replace(
            self._message,
            progress=progress,
            running=jobs.running,
            pace=slot.pace,
            rest_until=slot.rest_until,
            stopping=jobs.stop,
        )
        if walk is None:
            return message
        progress = replace(progress, list_calls=progress.list_calls + walk.list_calls)
        return replace(message, progress=progress, cursor=walk.cursor(), sees_inside=walk.sees_inside)

    def _finish(self) -> Report:
        """Nothing is left and nothing runs: end, or walk once more for what failed and was not tried again."""
        stop, progress = self._message.stopping, self._message.progress
        if stop is None and progress.unretried and progress.walks + 1 < MAX_WALKS:
            again = replace(progress, unretried=0, walks=progress.walks + 1)
            self._message = replace(self._message, cursor=None, progress=again)
            return self._chain.hand_over(self._message, REST)
        return self._chain.end(self._message, stop or Stop("completed"))

    def _end_or_wait(self, stop: Stop) -> Report:
        """End the run; if a job of its still runs, wait for it first, submitting nothing more."""
        if self._message.running is None or self._message.stopping is not None:
            return self._chain.end(self._message, stop)
        self._message = replace(self._message, stopping=stop)
        return self._drive(None, Terms(self._tools.file.guardrails.limits, self._deadline, self._began_at))

@dataclass(frozen=True, slots=True)
class _Scene:
    """What a slice needs for a walk."""

    file: PolicyFile
    state: FileSystemState
    judge: Judge
    recents: Recents
    watch: Watch


class _Over(Exception):  # no error: the run's end on its way out
    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.reason)
        self.stop = stop


def _raise(stop: Stop | None) -> None:
    if stop is not None:
        raise _Over(stop)


def _never(_: float) -> None:
    """A run that only waits for its last job has been stopped already."""


def _policies(message: RunMessage, file: PolicyFile, state: FileSystemState) -> tuple[Policy, ...]:
    """The policies a run carries out: those that enforce, or in a sweep's dry run the others; a person sees all."""
    policies = file.for_file_system(message.file_system, state.tags)
    if message.mode == "enforce":
        return enforcing(policies)
    if message.trigger == "console":
        return policies
    armed = enforcing(policies)
    return tuple(policy for policy in policies if policy not in armed)


def _intent(running: RunningJob) -> Intent:
    return Intent(
        running.file_id,
        running.delete_time,
        running.client_token,
        running.started_at,
        running.size,
        running.entries,
        path="",
    )


def _occupant(running: RunningJob) -> Occupant:
    return Occupant(running.entries, running.started_at, running.ends_at, running.started_at)
