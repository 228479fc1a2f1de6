"""Values and protocols that every other package uses.

Knows nothing of the project but itself: no SDK, no environment, no clock, no policy.
Start reading at `recycle_bin`.
"""

from functions.retention.core.clock import MAX_SKEW, Clock
from functions.retention.core.entry import Entry, entry_from_wire, is_component
from functions.retention.core.errors import (
    TOO_LATE,
    CloudError,
    ConfigurationError,
    ContradictionsError,
    EventError,
    Key,
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
from functions.retention.core.job import HISTORY, Job
from functions.retention.core.recycle_bin import (
    ROOT_ID,
    BinAttributes,
    DryRunBin,
    FileSystemState,
    Listings,
    Page,
    RecentDirectory,
    RecycleBin,
)
from functions.retention.core.run_end import EndReason, RunEnd, RunOver, end_if
from functions.retention.core.seal import Seal, SealKey, Unsealed, is_sealed, parse_seal_key, without_seal
from functions.retention.core.sealed_queue import NO_KEY, SealedQueue
from functions.retention.core.service_time import SURELY_KNOWN, format_service_time, is_known_time, parse_service_time
from functions.retention.core.services import (
    MAX_DELAY,
    SIDE_BY_SIDE,
    AuditLog,
    ReadableLog,
    RecentRecords,
    Record,
    Terms,
    WorkQueue,
    matches,
    values_of,
)
from functions.retention.core.strict_json import RepeatingObject, parse_envelope, parse_json
from functions.retention.core.validation import (
    EMPTY,
    did_you_mean,
    key_path,
    problems_in,
    read_model,
    validated,
)

__all__ = [
    "EMPTY",
    "HISTORY",
    "MAX_DELAY",
    "MAX_SKEW",
    "NO_KEY",
    "ROOT_ID",
    "SIDE_BY_SIDE",
    "SURELY_KNOWN",
    "TOO_LATE",
    "AuditLog",
    "BinAttributes",
    "Clock",
    "CloudError",
    "ConfigurationError",
    "ContradictionsError",
    "DryRunBin",
    "EndReason",
    "Entry",
    "EventError",
    "FileSystemState",
    "Invocation",
    "Job",
    "Key",
    "Listings",
    "NarrowingRefused",
    "NoAnswer",
    "NotFound",
    "Page",
    "PolicyError",
    "Problem",
    "ReadableLog",
    "RecentDirectory",
    "RecentRecords",
    "Record",
    "RecycleBin",
    "Refused",
    "RepeatingObject",
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
    "end_if",
    "entry_from_wire",
    "format_service_time",
    "is_component",
    "is_known_time",
    "is_sealed",
    "key_path",
    "matches",
    "parse_envelope",
    "parse_json",
    "parse_seal_key",
    "parse_service_time",
    "problems_in",
    "read_invocation",
    "read_model",
    "validated",
    "values_of",
    "without_seal",
]
