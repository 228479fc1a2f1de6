"""The one job slot of a file system: when to submit, whose job it is, what became of it.

May know `core`, `policy`, `audit` and `walk`.
Start reading at `slot`.
"""

from functions.retention.jobs.guards import Canary, Terms
from functions.retention.jobs.monitor import Jobs
from functions.retention.jobs.progress import Count, Moment, Pace, Progress, RunningJob
from functions.retention.jobs.purge_loop import Driver
from functions.retention.jobs.shared_invocation import Company, Seat
from functions.retention.jobs.slot import Occupant, Slot
from functions.retention.jobs.tracker import JobBook
from functions.retention.jobs.watch import CANCELLED, LOOK_EVERY, Watch, held_by, outside_window, read_tags

__all__ = [
    "CANCELLED",
    "LOOK_EVERY",
    "Canary",
    "Company",
    "Count",
    "Driver",
    "JobBook",
    "Jobs",
    "Moment",
    "Occupant",
    "Pace",
    "Progress",
    "RunningJob",
    "Seat",
    "Slot",
    "Terms",
    "Watch",
    "held_by",
    "outside_window",
    "read_tags",
]
