"""The audit log's records: one versioned schema, and the protocol of the log that keeps them.

The log is also the ledger: what a run may still do, and whose a running job is, is read back from it. `sls.py`
satisfies `AuditLog` over the official SDK.
"""

import json
from collections.abc import Mapping

from functions.retention.core import (
    Record,
)

SCHEMA_VERSION = "2"

FIELDS: Mapping[str, str] = {
    "schema": "version of this table",
    "event_id": "unique per record; the log may hold a record more than once, count distinct ids",
    "event": "what happened; see EVENTS",
    "at": "when, yyyy-MM-ddTHH:mm:ssZ",
    "run": "run id, the same in every slice of a run",
    "slice_number": "how many hand-overs before this slice; of a handed-over record, before the slice it sent for",
    "send_id": "random id of one hand-over's message; duplicates of a slice differ in it, and the smaller one goes on",
    "request": "request id of the invocation that wrote it",
    "trigger": "sweep or console",
    "mode": "dry-run or enforce",
    "phase": "capacity (weighing for keep_bin_below), survey or purge",
    "digest": "digest of the policies in force",
    "as_of": "the moment ages are measured at, yyyy-MM-ddTHH:mm:ssZ",
    "alive_until": "epoch seconds until which the run counts as alive unless it ended",
    "file_system": "file system id",
    "file_id": "the entry's id",
    "delete_time": "the entry's DeleteTime as listed",
    "path": "the entry's path as rebuilt while listing",
    "type": "File or Directory",
    "size": "bytes of the entry, for a directory of everything judged below it",
    "entries": "how many entries, for a directory with everything below it",
    "policy": "name of the policy that selected the entry",
    "rule": "the rule that decided",
    "job_id": "id of the deletion job",
    "client_token": "idempotency token of the deletion job",
    "status": "outcome of a job: success, partialsuccess, fail, cancelled, not-created, vanished, unknown",
    "reason": "why: a stable code; of an end, one of `stop.REASONS`",
    "detail": "why: a sentence for a person",
    "listed": "entries listed so far",
    "selected": "entries selected so far",
    "kept": "entries kept so far, by reason, as JSON",
    "jobs": "jobs: planned in a survey, created in a purge",
    "bytes": "bytes: selected in a survey, reclaimed in a purge",
    "failed": "targets given up, and those whose jobs failed and that are tried again in a later walk",
    "next_at": "when the next slice is due, epoch seconds",
    "message": "a message body that could not be used, as it came",
    "plan_id": "name of the plan a run carries out, or of the plan it made",
    "cut_offs": "the latest DeleteTime that has to go, by policy with keep_bin_below, as JSON of epoch seconds",
    "narrowing": "how a person narrowed the policies of the run, as JSON",
    "jobs_done": "jobs that succeeded so far",
    "skipped": "targets left alone, by reason, as JSON",
    "list_calls": "listings made so far",
    "listed_again": "directories listed again so far because something below them turned out to stay",
    "by_policy": "entries and bytes selected by policy, as JSON",
}

EVENTS: Mapping[str, str] = {
    "started": "a slice began",
    "surveyed": "the survey is complete: the plan",
    "intent": "a deletion job is about to be created; acknowledged before it is",
    "outcome": "what became of an intent",
    "skipped": "a selected target was left alone: it vanished, expires-itself soon, or is quarantined for failed jobs",
    "handed-over": "the slice sent its continuation",
    "duplicate": "a duplicate slice stopped; another one carries the run on",
    "ended": "the run is over; see reason",
    "asked": "a person started a run, paused or resumed: purge, plan, pause or resume is the reason",
    "cancel": "a person asked to cancel a job of ours",
    "poison": "a message that parses to nothing; its body is in the dead-letter queue",
    "refused": "what a sweep was for, or a person asked for, was not done; see reason",
    "swept": "a sweep sent the message of a run, or left that to a run at work or for a pause; see reason",
}


def record(event: str, fields: Mapping[str, object]) -> Record:
    """One record: known fields only, values as text, empty ones left out.

    Args:
        event: one of `EVENTS`.
        fields: by name of `FIELDS`; None and "" are dropped.

    Raises:
        ValueError: an unknown event or field; the schema is closed so that the log stays readable.
    """
    if event not in EVENTS:
        raise ValueError(f"event {event!r} is not one of {sorted(EVENTS)}")
    unknown = fields.keys() - FIELDS.keys()
    if unknown:
        raise ValueError(f"fields {sorted(unknown)} are not in the schema of {sorted(FIELDS)}")
    texts = {name: str(value) for name, value in fields.items() if value is not None and value != ""}
    return {"schema": SCHEMA_VERSION, "event": event} | texts


def as_json(value: object) -> str:
    """A mapping in a record; nothing when it is empty."""
    return json.dumps(value, sort_keys=True) if value else ""
