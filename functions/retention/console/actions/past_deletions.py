"""How entries went, by the audit log: intents say what was meant, outcomes what became of it."""

from collections.abc import Iterator, Mapping
from unicodedata import normalize

from functions.retention.console.requests import ExplainRequest
from functions.retention.core import AuditLog, Record
from functions.retention.policy import composed

REACH = 366 * 86_400.0
"""Seconds that are searched; a logstore keeps its records as long as it is told to."""


def deletions(audit: AuditLog, request: ExplainRequest, now: float) -> list[dict[str, object]]:
    """Jobs of ours for the entry itself, and by path also for directories that it may have been in, oldest first.

    Raises:
        CloudError: the log cannot answer.
    """
    since, where = now - REACH, {"file_system": request.file_system}
    intents: dict[str, Record] = {}
    for terms in _names(request):
        for record in audit.find({**where, "event": "intent", **terms}, since):
            if _could_take(record, request):
                intents[record.get("client_token", "")] = record
    outcomes = {
        record.get("client_token", ""): record
        for token in intents
        for record in audit.find({**where, "event": "outcome", "client_token": token}, since)
    }
    described = [_describe(intent, outcomes.get(token, {}), request) for token, intent in intents.items()]
    return sorted(described, key=lambda deletion: str(deletion["at"]))


def _could_take(intent: Record, request: ExplainRequest) -> bool:
    """Whether its job took the entry: itself, or a directory above it."""
    return _is_itself(intent, request) or intent.get("type") == "Directory"


def _is_itself(intent: Record, request: ExplainRequest) -> bool:
    return request.path is None or composed(intent.get("path", "")) == composed(request.path)


def _names(request: ExplainRequest) -> Iterator[Mapping[str, str]]:
    """What the record of a job that took the entry may say."""
    if request.path is None:
        yield {"file_id": request.file_id or ""}
        return
    for form in dict.fromkeys((request.path, normalize("NFC", request.path), normalize("NFD", request.path))):
        path = form
        while path:
            yield {"path": path}
            path = path.rpartition("/")[0]


def _describe(intent: Record, outcome: Record, request: ExplainRequest) -> dict[str, object]:
    path = intent.get("path", "")
    return {
        "path": path,
        "took": "the entry itself" if _is_itself(intent, request) else f"the directory {path}, with all that was in it",
        "at": intent.get("at", ""),
        "run": intent.get("run", ""),
        "policy": intent.get("policy", ""),
        "rule": intent.get("rule", ""),
        "delete_time": intent.get("delete_time", ""),
        "entries": intent.get("entries", ""),
        "outcome": outcome.get("status", "unknown"),
        "job": outcome.get("job_id", ""),
    }
