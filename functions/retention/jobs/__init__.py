"""The one job slot of a file system: when to submit, whose job it is, what became of it.

May know `core`, `policy`, `audit` and `walk`.
Start reading at `purge_loop`.
"""

from functions.retention.jobs.actions import ActiveJob
from functions.retention.jobs.capacity_guard import CapacityGuard
from functions.retention.jobs.guards import CanaryGuard, SliceBounds
from functions.retention.jobs.last_job_wait import LastJobWait
from functions.retention.jobs.monitor import JobMonitor
from functions.retention.jobs.people import CancelWatch, stop_at_rest
from functions.retention.jobs.progress import Count, Moment, Pace, Progress, RunningJob
from functions.retention.jobs.purge_loop import PurgeLoop
from functions.retention.jobs.reconciliation import reconcile
from functions.retention.jobs.shared_invocation import Participant, SharedInvocation
from functions.retention.jobs.slot import Slot
from functions.retention.jobs.tracker import JobTracker
from functions.retention.jobs.watch import (
    CANCELLED,
    IN_FORCE_AFTER,
    LOOK_EVERY,
    Watch,
    held_by,
    outside_window,
    read_tags,
    stopped_by,
)

__all__ = [
    "CANCELLED",
    "IN_FORCE_AFTER",
    "LOOK_EVERY",
    "ActiveJob",
    "CanaryGuard",
    "CancelWatch",
    "CapacityGuard",
    "Count",
    "JobMonitor",
    "JobTracker",
    "LastJobWait",
    "Moment",
    "Pace",
    "Participant",
    "Progress",
    "PurgeLoop",
    "RunningJob",
    "SharedInvocation",
    "SliceBounds",
    "Slot",
    "Watch",
    "held_by",
    "outside_window",
    "read_tags",
    "reconcile",
    "stop_at_rest",
    "stopped_by",
]
