"""The one job slot of a file system: when to submit, whose job it is, what became of it.

May know `core`, `policy`, `audit` and `walk`.
Start reading at `purge_loop`.
"""

from functions.retention.jobs.actions import ActiveJob
from functions.retention.jobs.guards import CanaryGuard, LimitGuard
from functions.retention.jobs.last_job_wait import LastJobWait
from functions.retention.jobs.monitor import JobMonitor
from functions.retention.jobs.people import CancelWatch, stop_at_rest
from functions.retention.jobs.progress import Count, Moment, Pace, Progress, RunningJob
from functions.retention.jobs.purge_loop import PurgeLoop
from functions.retention.jobs.shared_invocation import Participant, SharedInvocation
from functions.retention.jobs.slot import Slot
from functions.retention.jobs.tracker import JobTracker
from functions.retention.jobs.watch import CANCELLED, LOOK_EVERY, Watch, outside_window, read_tags, stopped_by

__all__ = [
    "CANCELLED",
    "LOOK_EVERY",
    "ActiveJob",
    "CanaryGuard",
    "CancelWatch",
    "Count",
    "JobMonitor",
    "JobTracker",
    "LastJobWait",
    "LimitGuard",
    "Moment",
    "Pace",
    "Participant",
    "Progress",
    "PurgeLoop",
    "RunningJob",
    "SharedInvocation",
    "Slot",
    "Watch",
    "outside_window",
    "read_tags",
    "stop_at_rest",
    "stopped_by",
]
