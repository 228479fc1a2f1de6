"""The schema of the audit log: its events and the fields of its records.

The log is also the ledger. A run reads back from it what it may still do, and whose an active job is.
"""

import json
from collections.abc import Mapping

from functions.retention.core import Record

SCHEMA_VERSION = "3"

FIELDS: Mapping[str, str] = {
    "schema": "version of this schema",
    "event_id": "unique id of the record; the log may hold copies of a record, so count distinct ids",
    "event": "what happened; one of the events",
    "at": "when the record was made, yyyy-MM-ddTHH:mm:ssZ",
    "run": "run id, the same in every slice of a run",
    "slice_number": "number of the slice in its run, from 0; in `handed-over`, the number of the slice that follows",
    "send_id": "random id of one send of a slice's message; of duplicates, the one with the smallest id goes on",
    "request": "request id of the invocation that made the record",
    "trigger": "what began the run: sweep, console or request",
    "mode": "dry-run or enforce",
    "phase": "survey or purge",
    "digest": "digest of the deployed policy file",
    "policies": "names of the policies that apply to the file system, given its tags",
    "tags": "tags that decide which policies apply and what is protected, sealed JSON",
    "tag_effect": "digest of the policies that apply and the paths that are protected, given the tags",
    "as_of": "moment at which ages are measured, yyyy-MM-ddTHH:mm:ssZ",
    "alive_until": "until when the run counts as alive unless it ends before, epoch seconds",
    "file_system": "file system id",
    "file_id": "id of the entry",
    "delete_time": "DeleteTime of the entry, as listed",
    "directory_id": "id of the directory whose listing shows the entry",
    "path": "path of the entry before it was deleted, as the listings show it",
    "type": "type of the entry: File or Directory",
    "size": "size of the entry in bytes; of a directory, with everything in it; absent when it is not known",
    "entries": "number of entries; of a directory, with everything in it",
    "policy": "name of the policy that selected the entry",
    "rule": "key of the policy that decided",
    "job_id": "id of the deletion job",
    "client_token": "idempotency token of the deletion job",
    "status": "result of a job: success, partialsuccess, fail, cancelled, not-created, vanished or unknown",
    "reason": "why, as a stable code; in `ended`, and in `surveyed` of a run that may not purge, why runs end",
    "detail": "why, as a sentence",
    "listed": "entries listed so far",
    "selected": "entries selected so far",
    "kept": "entries kept so far by reason, JSON",
    "jobs": "deletion jobs: planned in a survey, created in a purge",
    "bytes": "bytes: selected in a survey, deleted in a purge; without what is of unknown size",
    "unknown_sizes": "how much is of unknown size: files selected in a survey, targets deleted in a purge",
    "bin_bytes": "bytes in the bin, of which `guardrails.limits.share` is a part",
    "failed": "targets whose jobs failed so far: given up, or to be tried again in the next walk",
    "due": "in `ended`: entries that the complete survey selected; absent when no survey was completed",
    "deleted": "in `ended`: entries deleted; of a directory, all in it",
    "kept_by_rule": "in `ended`: entries that a rule keeps; absent when no survey was completed",
    "not_reached": "in `ended`: entries that were due and that no job and no skip dealt with; absent when unknown",
    "set_aside": "in `ended`: directories and entries that are set aside, so they stay with all in them",
    "by_error": "in `ended`: the same by error, JSON",
    "operation": "what fails of a thing: list or delete",
    "tries": "how often a thing failed",
    "failed_request": "the service's id of the request that failed",
    "next_at": "when the next slice is due, epoch seconds",
    "message": "body of a message that was not worked on, unchanged",
    "plan_id": "id of the plan that the run makes or carries out",
    "set": "where the set of a run is, JSON; `head` is the id of its last part, `walks` how many targets a walk takes",
    "seal": "seal of the functions on the record: a plan or a set without it counts for nothing",
    "part": "id of a part of a set: a hash of all that is in it and in the parts before it",
    "previous": "id of the part before",
    "targets": "targets of a part, base64; no search asks for them",
    "capacity": "by policy with `keep_bin_below`: bytes over it, what goes, the figure that counts, JSON",
    "beyond_set": "targets left to the next run, since a set takes 50000; absent when there are none",
    "globs": "globs of `protect`, `path` and `name` that met `nothing`, and how to write those whose brackets stand "
    "in `names` that were seen, JSON",
    "narrowing": "how the request narrows the policies, JSON",
    "jobs_done": "jobs that succeeded so far",
    "skipped": "targets left alone so far by reason, JSON",
    "list_calls": "listings made so far",
    "requested_by": "who asked for the run, as the request says",
    "until": "when a pause ends by itself, yyyy-MM-ddTHH:mm:ssZ",
    "request_digest": "hash of all that a request says, hex",
    "candidate": "`yes` when a plan counts under a policy file that is only tried; it counts for nothing else",
    "by_policy": "by policy that selects: entries, bytes and entries of unknown size, JSON",
}

NOT_INDEXED = frozenset({"globs", "targets"})
"""Fields that no search asks for. A search by other fields returns them."""

EVENTS: Mapping[str, str] = {
    "started": "A slice began.",
    "tags-changed": "Other policies or protected paths follow from the file system's tags than when the run began.",
    "surveyed": "The survey is complete. The record is the plan.",
    "targets": "Targets that a survey found, or a part of a run's set of targets.",
    "intent": "A deletion job is about to be created. The log acknowledges the record first.",
    "created": "A create of ours returned the id of its job.",
    "outcome": "The result of an intent.",
    "skipped": "A selected entry was left alone: it is gone, has changed since the survey, is about to "
    "expire, or its jobs failed too often.",
    "failing": "A directory cannot be listed or an entry not be deleted. It is tried again, ten minutes later or more.",
    "set-aside": "A directory cannot be listed or an entry not be deleted, and is tried no more in this run.",
    "recovered": "What failed before answers again.",
    "handed-over": "The slice sent the message of the next slice.",
    "duplicate": "The slice stopped because a duplicate of it carries the run on.",
    "ended": "The run is over, for the reason given.",
    "asked": "A person or a program asked for a plan, a purge or a sweep, or for pause or resume; `reason` says which. "
    "Of a pause or resume there is one for each file system.",
    "cancel": "A person cancelled the run with the console; `job_id` names the job that the console cancels with it.",
    "cancel-seen": "The job list shows a cancelled deletion job that no record named; `reason` is person or "
    "before-first-run. A file system rests for an hour after a person's.",
    "rest-lifted": "A person lets runs work on the file system before the hour after a cancel is over.",
    "unsealed": "A message claims to be of a run, and its seal does not verify or it was replayed; `reason` says "
    "which. It is in the dead-letter queue.",
    "poison": "A message could not be read. Its body is in the dead-letter queue.",
    "refused": "A sweep, the console or the purge function refused to start a run, for the reason given.",
    "swept": "A sweep started a run, or did not because one is at work, all work is paused or the file system rests; "
    "`reason` says which.",
}


def record(event: str, fields: Mapping[str, object]) -> Record:
    """Make a record, with all values as text.

    Args:
        event: one of `EVENTS`.
        fields: values by names of `FIELDS`; None and "" are left out.

    Raises:
        ValueError: the schema has no such event or field.
    """
    if event not in EVENTS:
        raise ValueError(f"event {event!r} is not one of {sorted(EVENTS)}")
    unknown = fields.keys() - FIELDS.keys()
    if unknown:
        raise ValueError(f"fields {sorted(unknown)} are not in the schema of {sorted(FIELDS)}")
    texts = {name: str(value) for name, value in fields.items() if value is not None and value != ""}
    return {"schema": SCHEMA_VERSION, "event": event} | texts


def as_json(value: object) -> str:
    """Return a mapping as text for a record; "" when it is empty, so that the field is left out."""
    return json.dumps(value, sort_keys=True) if value else ""
