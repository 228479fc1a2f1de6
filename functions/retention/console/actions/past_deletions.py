"""Past deletions of an entry as the audit log has them: each intent with its outcome."""

from collections.abc import Iterator, Sequence
from unicodedata import normalize

from functions.retention.audit import MOST_RECORDS
from functions.retention.console.requests import ExplainRequest
from functions.retention.core import AuditLog, Record
from functions.retention.policy import composed

REACH = 366 * 86_400.0
"""Seconds that are searched. The logstore's own retention can be shorter."""

_MOST_VALUES = 25
"""Values of one search; with the other terms, the 30 that the log takes."""


def deletions(audit: AuditLog, request: ExplainRequest, now: float) -> list[dict[str, object]]:
    """Our jobs for the entry and, if it is named by path, for directories it may have been in; oldest first.

    Raises:
        CloudError: the log cannot answer.
    """

    def find(event: str, field: str, values: Sequence[str]) -> Iterator[Record]:
        for first in range(0, len(values), _MOST_VALUES):
            some = values[first : first + _MOST_VALUES]
            yield from audit.find(
                {"file_system": request.file_system, "event": event, field: some}, now - REACH, MOST_RECORDS
            )

    field, values = ("path", _paths(request.path)) if request.path else ("file_id", [request.file_id or ""])
    named = find("intent", field, values)
    intents = {record.get("client_token", ""): record for record in named if _could_take(record, request)}
    outcomes = {record.get("client_token", ""): record for record in find("outcome", "client_token", list(intents))}
    described = [_describe(intent, outcomes.get(token, {}), request) for token, intent in intents.items()]
    return sorted(described, key=lambda deletion: str(deletion["at"]))


def _could_take(intent: Record, request: ExplainRequest) -> bool:
    """Whether the job deleted the entry itself or a directory above it."""
    return _is_itself(intent, request) or intent.get("type") == "Directory"


def _is_itself(intent: Record, request: ExplainRequest) -> bool:
    return request.path is None or composed(intent.get("path", "")) == composed(request.path)


def _paths(path: str) -> list[str]:
    """A path and those of the directories above it, in each Unicode form that a record may have."""
    found: dict[str, None] = {}
    for form in (path, normalize("NFC", path), normalize("NFD", path)):
        above = form
        while above:
            found[above] = None
            above = above.rpartition("/")[0]
    return list(found)


def _describe(intent: Record, outcome: Record, request: ExplainRequest) -> dict[str, object]:
    path = intent.get("path", "")
    return {
        "path": path,
        "took": "the entry itself" if _is_itself(intent, request) else f"the directory {path}, with all that was in it",
        **{name: intent.get(name, "") for name in ("at", "run", "policy", "rule", "delete_time", "entries")},
        "outcome": outcome.get("status", "unknown"),
        "job": outcome.get("job_id", ""),
    }
