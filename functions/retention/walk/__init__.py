"""The traversal of a recycle bin: listings, position, survey, targets and their order.

May know `core` and `policy`. Reads through the protocol `core.Listings`; creates no job.
Start reading at `walk`.
"""

from functions.retention.walk.bin_size import BinSize, share_of
from functions.retention.walk.capacity import Weigher, all_they_may, cut_offs, has_capacity_rule
from functions.retention.walk.cursor import Cursor
from functions.retention.walk.directory import join
from functions.retention.walk.failures import Failure, Failures, NotCounted
from functions.retention.walk.order import Order, Pass, front, passes
from functions.retention.walk.prefetch import Prefetch
from functions.retention.walk.recent_directories import Recents, fetch
from functions.retention.walk.selection import MOST_TARGETS, Collector, Row, TargetSet, payloads_of, rows_of
from functions.retention.walk.survey import Survey, SurveyObserver
from functions.retention.walk.tally import OTHER_POLICIES, Tally, Weights
from functions.retention.walk.target import Target, TargetSource
from functions.retention.walk.targets import TargetWalk
from functions.retention.walk.walk import Walk

__all__ = [
    "MOST_TARGETS",
    "OTHER_POLICIES",
    "BinSize",
    "Collector",
    "Cursor",
    "Failure",
    "Failures",
    "NotCounted",
    "Order",
    "Pass",
    "Prefetch",
    "Recents",
    "Row",
    "Survey",
    "SurveyObserver",
    "Tally",
    "Target",
    "TargetSet",
    "TargetSource",
    "TargetWalk",
    "Walk",
    "Weigher",
    "Weights",
    "all_they_may",
    "cut_offs",
    "fetch",
    "front",
    "has_capacity_rule",
    "join",
    "passes",
    "payloads_of",
    "rows_of",
    "share_of",
]
