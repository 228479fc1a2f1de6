"""Settle what crashed or lost slices left open: every intent of a file system, by one reading of its job list."""

import math
from collections.abc import Collection, Sequence

from functions.retention.audit import Journal, RunLedger
from functions.retention.core import Clock, Job, RecycleBin, RunEnd
from functions.retention.jobs.monitor import JobMonitor
from functions.retention.jobs.people import CancelWatch
from functions.retention.jobs.progress import Pace, Progress
from functions.retention.jobs.slot import Slot
from functions.retention.jobs.tracker import JobTracker


def reconcile(
    recycle_bin: RecycleBin,
    ledger: RunLedger,
    journal: Journal,
    clock: Clock,
    *,
    since: float,
    spared: Collection[str] = (),
) -> RunEnd | None:
    """Record the outcome of every open intent, of whatever run and slice. Return why no job may be created, if so.

    Args:
        recycle_bin: of the file system; only read.
        ledger: what the log says of it; intents are left for later when it does not answer.
        journal: for outcomes.
        clock: time.
        since: from when on intents are looked for, epoch seconds.
        spared: runs, and client tokens, that somebody else takes care of.

    Raises:
        CloudError: the job list cannot be had, or the log did not take the record of a cancelled job.
    """
    cancels, stops = CancelWatch(ledger, journal, clock), list[RunEnd]()

    def stop_for(jobs: Sequence[Job]) -> RunEnd | None:
        stops.extend(filter(None, [cancels.stop(jobs)]))
        return stops[-1] if stops else None

    monitor = JobMonitor(
        *(recycle_bin, Slot(Pace(), math.inf), _tracker(ledger, since, spared)),
        journal=journal,
        ledger=ledger,
        clock=clock,
        progress=Progress(),
        stop_for=stop_for,
    )
    monitor.look()
    monitor.close_forgotten()
    return stops[0] if stops else None


def _tracker(ledger: RunLedger, since: float, spared: Collection[str]) -> JobTracker:
    """What knows the open intents, and the jobs of those whose create is known to have returned one."""
    found = [
        (intent, job_id)
        for intent, job_id in ledger.open_intents(since) or ()
        if intent.run not in spared and intent.client_token not in spared
    ]
    tracker = JobTracker(intent for intent, job_id in found if not job_id)
    for intent, job_id in found:
        if job_id:
            tracker.open(job_id, intent)
    return tracker
