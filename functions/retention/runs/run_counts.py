"""How far a run came, as its records tell it. What is not known is left out of a record, never written as 0."""

from functions.retention.audit import as_json
from functions.retention.core import EndReason, RunEnd
from functions.retention.runs.message import RunMessage


def so_far(message: RunMessage) -> dict[str, object]:
    """Fields of every record about how far a run came."""
    progress = message.progress
    return {
        "selected": message.tally.selected if message.phase == "survey" else None,
        "jobs": progress.jobs,
        "jobs_done": progress.succeeded,
        "bytes": progress.size,
        "unknown_sizes": progress.unknown,
        "entries": progress.entries,
        "failed": progress.failed + progress.unretried,
        "skipped": as_json(progress.skipped),
        "list_calls": progress.list_calls,
    }


def at_end(message: RunMessage) -> dict[str, object]:
    """Fields of an ``ended`` record: `so_far`, and what became of all that was due."""
    return {
        **so_far(message),
        "due": message.due,
        "deleted": message.progress.entries,
        "kept_by_rule": message.kept,
        "not_reached": not_reached(message),
    }


def not_reached(message: RunMessage) -> int | None:
    """Entries that were due, and that the run neither deleted nor left; None while it is not known what is due."""
    if message.due is None:
        return None
    return max(message.due - message.progress.entries - message.progress.left, 0)


def end_of(message: RunMessage) -> RunEnd:
    """The end of a run that dealt with all it could: its targets may have failed all the same."""
    progress = message.progress
    failed = progress.failed + progress.unretried
    if not failed:
        return RunEnd(EndReason.COMPLETED)
    if not progress.succeeded:
        return RunEnd(EndReason.ALL_FAILED, f"{failed} targets failed and no job succeeded")
    return RunEnd(EndReason.PARTIAL, f"{failed} targets failed; {progress.succeeded} jobs succeeded")
