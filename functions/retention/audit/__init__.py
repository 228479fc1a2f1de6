"""The audit log: its records, the journal that writes them, the queries that read them back.

May know `core`. Talks to the log only through the protocol `core.AuditLog`.
Start reading at `schema`.
"""

from functions.retention.audit.complete_log import RECENT, CompleteLog
from functions.retention.audit.journal import Journal
from functions.retention.audit.ledger import (
    LONGEST_ALIVE,
    LONGEST_SLICE,
    PERSON_GRACE,
    ROUNDING,
    VISIBILITY,
    AliveRun,
    Cancels,
    Intent,
    alive_runs,
    alive_until,
    announced_targets,
    by_run,
    cancels_in,
    is_alive,
    is_duplicate,
    open_intents,
    superseded_by,
    was_created_after,
)
from functions.retention.audit.queries import (
    CANCEL_EVENTS,
    HISTORY_KEPT,
    LIVE_EVENTS,
    LOOK_BACK,
    MOST_RECORDS,
    RunLedger,
    find_alive_runs,
    intent_of,
    rests,
    rests_in,
)
from functions.retention.audit.schema import FIELDS, NOT_INDEXED, as_json

__all__ = [
    "CANCEL_EVENTS",
    "FIELDS",
    "HISTORY_KEPT",
    "LIVE_EVENTS",
    "LONGEST_ALIVE",
    "LONGEST_SLICE",
    "LOOK_BACK",
    "MOST_RECORDS",
    "NOT_INDEXED",
    "PERSON_GRACE",
    "RECENT",
    "ROUNDING",
    "VISIBILITY",
    "AliveRun",
    "Cancels",
    "CompleteLog",
    "Intent",
    "Journal",
    "RunLedger",
    "alive_runs",
    "alive_until",
    "announced_targets",
    "as_json",
    "by_run",
    "cancels_in",
    "find_alive_runs",
    "intent_of",
    "is_alive",
    "is_duplicate",
    "open_intents",
    "rests",
    "rests_in",
    "superseded_by",
    "was_created_after",
]
