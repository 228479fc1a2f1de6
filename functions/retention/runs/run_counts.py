"""How far a run came, as its records tell it. What is not known is left out of a record, never written as 0."""

from collections.abc import Mapping

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
        "failed": failed(message),
        "skipped": as_json(progress.skipped),
        "list_calls": progress.list_calls,
    }


def failed(message: RunMessage) -> int:
    """Targets that failed so far: given up, or to be tried again in the next walk."""
    progress = message.progress
    return progress.failed + progress.unretried + progress.deferred


def at_end(message: RunMessage, set_aside: Mapping[str, int] | None = None) -> dict[str, object]:
    """Fields of an ``ended`` record: `so_far`, and what became of all that was due.

    Args:
        message: the run's position.
        set_aside: how many things it set aside, by error; None when that is not known.
    """
    return {
        **so_far(message),
        "due": message.due,
        "deleted": message.progress.entries,
        "kept_by_rule": message.kept,
        "not_reached": not_reached(message),
        "set_aside": None if set_aside is None else sum(set_aside.values()),
        "by_error": as_json(set_aside),
    }


def not_reached(message: RunMessage) -> int | None:
    """Entries that were due, and that the run neither deleted nor left; None while it is not known what is due."""
    if message.due is None:
        return None
    return max(message.due - message.progress.entries - message.progress.left, 0)


def end_of(message: RunMessage, set_aside: Mapping[str, int]) -> RunEnd:
    """The end of a run that dealt with all it could: something may have failed all the same.

    Args:
        message: the run's position.
        set_aside: how many things it set aside, by error.
    """
    failures, aside, done = failed(message), sum(set_aside.values()), message.progress.succeeded
    if not failures and not aside:
        return RunEnd(EndReason.COMPLETED)
    what = f"{failures} targets failed, {aside} directories and entries are set aside, {done} jobs succeeded"
    return RunEnd(EndReason.ALL_FAILED if failures and not done else EndReason.PARTIAL, what)
