"""The traversal of a recycle bin: listings, position, survey, targets and their order.

May know `core` and `policy`. Reads through the protocol `core.Listings`; creates no job.
Start reading at `walk`.
"""

from functions.retention.walk.bin_size import BinSize, share_of
from functions.retention.walk.capacity import BIN_IS_BELOW, CapacityRule, Reclaimed, capacity_rules, reclaim
from functions.retention.walk.cursor import Cursor
from functions.retention.walk.directory import join
from functions.retention.walk.failures import Failure, Failures, NotCounted
from functions.retention.walk.order import Order, front
from functions.retention.walk.prefetch import Prefetch
from functions.retention.walk.recent_directories import Recents, fetch
from functions.retention.walk.selection import MOST_TARGETS, Collector, Row, TargetSet, payloads_of, rows_of
from functions.retention.walk.survey import Survey, SurveyObserver
from functions.retention.walk.tally import OTHER_POLICIES, Tally
from functions.retention.walk.target import Target, TargetSource
from functions.retention.walk.targets import TargetWalk
from functions.retention.walk.walk import Walk

__all__ = [
    "BIN_IS_BELOW",
    "MOST_TARGETS",
    "OTHER_POLICIES",
    "BinSize",
    "CapacityRule",
    "Collector",
    "Cursor",
    "Failure",
    "Failures",
    "NotCounted",
    "Order",
    "Prefetch",
    "Recents",
    "Reclaimed",
    "Row",
    "Survey",
    "SurveyObserver",
    "Tally",
    "Target",
    "TargetSet",
    "TargetSource",
    "TargetWalk",
    "Walk",
    "capacity_rules",
    "fetch",
    "front",
    "join",
    "payloads_of",
    "reclaim",
    "rows_of",
    "share_of",
]
