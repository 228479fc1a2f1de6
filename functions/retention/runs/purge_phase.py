"""The walks of a run that delete: one slice of them, put together from the walk, the slot and the guards."""

from contextlib import suppress
from dataclasses import replace

from functions.retention.audit import Intent, Journal, RunLedger
from functions.retention.core import CloudError, EndReason, RecycleBin, RunEnd, RunOver
from functions.retention.jobs import (
    ActiveJob,
    CanaryGuard,
    CancelWatch,
    CapacityGuard,
    JobMonitor,
    JobTracker,
    LastJobWait,
    Progress,
    PurgeLoop,
    RunningJob,
    SliceBounds,
    Slot,
)
from functions.retention.runs.context import RunContext, SliceServices, judge_for
from functions.retention.runs.message import THROTTLE_PAUSE, RunMessage
from functions.retention.runs.preflight import count_stuck
from functions.retention.runs.selection import load
from functions.retention.walk import Failures, Prefetch, TargetSet, TargetWalk


class PurgePhase:
    """One slice of a purge.

    Args:
        recycle_bin: what is purged.
        services: what the slice works with.
        journal: for intents and outcomes.
        ledger: what the log says of the run.
        began_at: when the run began, epoch seconds.
        open_intents: announced jobs of earlier slices whose outcome is not known.
        announced: targets announced by an earlier try at this very slice; they count as this one's.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        services: SliceServices,
        journal: Journal,
        ledger: RunLedger,
        *,
        began_at: float,
        open_intents: list[Intent],
        announced: list[Intent],
    ) -> None:
        self._bin, self._services, self._journal, self._ledger = recycle_bin, services, journal, ledger
        self._began_at, self._open_intents, self._announced = began_at, open_intents, announced

    def run(self, message: RunMessage, context: RunContext) -> tuple[RunMessage, float | None]:
        """Purge on from a run's position.

        Args:
            message: the position.
            context: what the slice works on.

        Returns:
            The position reached, and seconds until the next slice; None when nothing is left and nothing runs.

        Raises:
            CloudError: nothing could be done.
        """
        capacity, walk = self._capacity(message, context), self._walk(message, context)
        message, slot, tracker, jobs = self._begin(message, capacity, context.failures)
        loop = PurgeLoop(
            self._bin,
            walk,
            slot=slot,
            tracker=tracker,
            jobs=jobs,
            journal=self._journal,
            clock=self._services.clock,
            bounds=self._bounds(context),
            capacity=capacity,
            canary=CanaryGuard(context.canary, message.progress),
            scope=f"{message.run}/{message.slice_number}",
            failures=context.failures,
            watch=context.watch.check,
            participant=self._services.participant,
        )
        before, now = message.progress.ended, self._services.clock.now()
        after = _carry_out(loop, jobs)
        message = _reached(message, jobs, slot, loop.stopping)
        progress = replace(message.progress, list_calls=message.progress.list_calls + walk.list_calls)
        is_waiting = message.running is not None or slot.ends_at is not None or slot.paused_until > now
        has_listed = walk.list_calls > 0 and not walk.is_resuming
        progress = count_stuck(progress, moved=has_listed or is_waiting or progress.ended != before)
        return replace(message, progress=progress, cursor=walk.cursor(), sees_inside=walk.sees_inside), after

    def wait(self, message: RunMessage) -> tuple[RunMessage, float | None]:
        """Wait for the last job of a run that is over; see `run`."""
        message, slot, tracker, jobs = self._begin(message)
        waiting = LastJobWait(
            slot, tracker, jobs=jobs, clock=self._services.clock, participant=self._services.participant
        )
        after = _carry_out(waiting, jobs)
        return _reached(message, jobs, slot, message.stopping), after

    def _begin(
        self, message: RunMessage, capacity: CapacityGuard | None = None, failures: Failures | None = None
    ) -> tuple[RunMessage, Slot, JobTracker, JobMonitor]:
        """The position with what an earlier try announced, and what knows the slot and its jobs."""
        message = replace(message, progress=self._counted(message.progress))
        slot, tracker = self._slot(message), self._tracker(message)
        jobs = JobMonitor(
            self._bin,
            slot,
            tracker,
            journal=self._journal,
            ledger=self._ledger,
            clock=self._services.clock,
            progress=message.progress,
            failures=failures,
            stop_for=CancelWatch(self._ledger, self._journal, self._services.clock).stop,
            sees_others=None if capacity is None else capacity.sees_others,
        )
        return message, slot, tracker, jobs

    def _counted(self, progress: Progress) -> Progress:
        """The run's progress and what an earlier try at this slice announced."""
        return replace(progress, jobs=progress.jobs + len(self._announced))

    def _tracker(self, message: RunMessage) -> JobTracker:
        tracker = JobTracker(self._open_intents)
        if message.running is not None:
            tracker.open(message.running.job_id, _intent(message.running))
        return tracker

    def _slot(self, message: RunMessage) -> Slot:
        running = message.running
        active_job = None
        if running is not None:
            active_job = ActiveJob(
                running.job_id, running.entries, running.started_at, running.ends_at, running.started_at
            )
        return Slot(message.pace, self._services.deadline, active_job, message.paused_until)

    def _chosen(self, message: RunMessage) -> TargetSet:
        """What this walk may take.

        Raises:
            RunOver: nobody knows.
            NoAnswer: the log does not tell.
        """
        if message.selection is None:
            raise RunOver(EndReason.SELECTION_LOST, "the message of the purge names no set")
        return load(self._ledger, message.selection, message.progress.walks)

    def _capacity(self, message: RunMessage, context: RunContext) -> CapacityGuard:
        reported = context.state.attributes.all_bytes
        going = [intent.size for intent in self._open_intents]
        going += [message.running.size] if message.running is not None else []
        rules = context.capacity.values()
        left = {rule.number: _left(reported, rule.limit, going) for rule in rules}
        since = message.selection.since if message.selection is not None else self._began_at
        return CapacityGuard(self._ledger, since=since, left=left)

    def _walk(self, message: RunMessage, context: RunContext) -> TargetWalk:
        prefetch = Prefetch([self._bin, *self._services.more_listings()], self._services.clock)
        walk = TargetWalk(
            prefetch,
            context.recents,
            judge_for(context, message),
            self._chosen(message),
            cursor=message.cursor,
            sees_inside=message.sees_inside,
            failures=context.failures,
        )
        prefetch.upcoming = walk.upcoming
        return walk

    def _bounds(self, context: RunContext) -> SliceBounds:
        return SliceBounds(
            deadline=self._services.deadline,
            began_at=self._began_at,
            reserved_days=context.state.attributes.reserved_days,
            announced=frozenset(intent.identity for intent in self._announced),
        )


def _left(reported: int | None, limit: int, going: list[int | None]) -> int | None:
    """Bytes by which the bin is over a limit without what jobs are just taking; None when its size is not told.

    A job that takes nobody knows how much may take all that is left.
    """
    if reported is None:
        return None
    known = [size for size in going if size is not None]
    return reported - limit - sum(known) if len(known) == len(going) else 0


def _carry_out(work: PurgeLoop | LastJobWait, jobs: JobMonitor) -> float | None:
    """Look at the jobs, then work until the slice is over.

    Raises:
        CloudError: no job was created before a service refused or kept silent.
    """
    created = jobs.progress.jobs
    try:
        jobs.look()
        jobs.close_forgotten()
        return work.run()
    except CloudError:  # if it lasts, the next slice meets it before it has done anything
        if jobs.progress.jobs == created:
            raise
        with suppress(CloudError):
            work.wind_up()
        return THROTTLE_PAUSE


def _reached(message: RunMessage, jobs: JobMonitor, slot: Slot, stopping: RunEnd | None) -> RunMessage:
    return replace(
        message,
        progress=replace(jobs.progress, unretried=jobs.progress.unretried + jobs.waiting),
        running=jobs.running,
        pace=slot.pace,
        paused_until=slot.paused_until,
        stopping=stopping or jobs.cancelled,
    )


def _intent(running: RunningJob) -> Intent:
    return Intent(
        running.file_id,
        running.delete_time,
        running.client_token,
        running.started_at,
        running.size,
        running.entries,
        path="",
        directory_id=running.directory_id,
    )
