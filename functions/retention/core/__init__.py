"""Values and protocols that every other package uses.

Knows nothing of the project but itself: no SDK, no environment, no clock, no policy.
Start reading at `recycle_bin`.
"""

from functions.retention.core.clock import Clock
from functions.retention.core.entry import Entry, entry_from_wire, is_component
from functions.retention.core.errors import (
    CloudError,
    ConfigurationError,
    ContradictionsError,
    EventError,
    Key,
    ListsRecursively,
    NarrowingRefused,
    NoAnswer,
    NotFound,
    PolicyError,
    Problem,
    Refused,
    RetentionError,
    SlotBusy,
    StaleToken,
    Throttled,
)
from functions.retention.core.invocation import Invocation, read_invocation
from functions.retention.core.recycle_bin import (
    HISTORY,
    ROOT_ID,
    BinAttributes,
    DryRunBin,
    FileSystemState,
    Job,
    Listings,
    Page,
    RecentDirectory,
    RecycleBin,
)
from functions.retention.core.run_end import REASONS, RunEnd, RunOver
from functions.retention.core.seal import Seal, SealKey, Unsealed, is_sealed, parse_seal_key, without_seal
from functions.retention.core.sealed_queue import NO_KEY, SealedQueue
from functions.retention.core.service_time import SURELY_KNOWN, format_service_time, is_known_time, parse_service_time
from functions.retention.core.services import (
    MAX_DELAY,
    SIDE_BY_SIDE,
    AuditLog,
    RecentRecords,
    Record,
    Terms,
    WorkQueue,
    matches,
    values_of,
)
from functions.retention.core.validation import did_you_mean, key_path, problems_in, validated

__all__ = [
    "HISTORY",
    "MAX_DELAY",
    "NO_KEY",
    "REASONS",
    "ROOT_ID",
    "SIDE_BY_SIDE",
    "SURELY_KNOWN",
    "AuditLog",
    "BinAttributes",
    "Clock",
    "CloudError",
    "ConfigurationError",
    "ContradictionsError",
    "DryRunBin",
    "Entry",
    "EventError",
    "FileSystemState",
    "Invocation",
    "Job",
    "Key",
    "Listings",
    "ListsRecursively",
    "NarrowingRefused",
    "NoAnswer",
    "NotFound",
    "Page",
    "PolicyError",
    "Problem",
    "RecentDirectory",
    "RecentRecords",
    "Record",
    "RecycleBin",
    "Refused",
    "RetentionError",
    "RunEnd",
    "RunOver",
    "Seal",
    "SealKey",
    "SealedQueue",
    "SlotBusy",
    "StaleToken",
    "Terms",
    "Throttled",
    "Unsealed",
    "WorkQueue",
    "did_you_mean",
    "entry_from_wire",
    "format_service_time",
    "is_component",
    "is_known_time",
    "is_sealed",
    "key_path",
    "matches",
    "parse_seal_key",
    "parse_service_time",
    "problems_in",
    "read_invocation",
    "validated",
    "values_of",
    "without_seal",
]
