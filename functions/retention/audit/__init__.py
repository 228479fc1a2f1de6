"""The audit log: its records, the journal that writes them, the queries that read them back.

May know `core`. Talks to the log only through the protocol `core.AuditLog`.
Start reading at `schema`.
"""

from functions.retention.audit.journal import Journal
from functions.retention.audit.ledger import (
    INDEX_LAG,
    LONGEST_ALIVE,
    LONGEST_SLICE,
    ROUNDING,
    VISIBILITY,
    AliveRun,
    Intent,
    alive_runs,
    alive_until,
    announced_targets,
    is_duplicate,
    open_intents,
    superseded_by,
    was_created_after,
    was_started,
)
from functions.retention.audit.queries import LIVE_EVENTS, MOST_RECORDS, RunLedger, holder
from functions.retention.audit.schema import FIELDS, as_json

__all__ = [
    "FIELDS",
    "INDEX_LAG",
    "LIVE_EVENTS",
    "LONGEST_ALIVE",
    "LONGEST_SLICE",
    "MOST_RECORDS",
    "ROUNDING",
    "VISIBILITY",
    "AliveRun",
    "Intent",
    "Journal",
    "RunLedger",
    "alive_runs",
    "alive_until",
    "announced_targets",
    "as_json",
    "holder",
    "is_duplicate",
    "open_intents",
    "superseded_by",
    "was_created_after",
    "was_started",
]
