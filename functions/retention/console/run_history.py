"""What the audit log knows of runs, as a person reads it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.retention.audit import LONGEST_ALIVE, MOST_RECORDS, Journal, by_run, is_alive
from functions.retention.console.context import ConsoleContext
from functions.retention.console.refusal import Refusal
from functions.retention.core import (
    AuditLog,
    CloudError,
    EndReason,
    NoAnswer,
    Record,
    Terms,
    format_service_time,
    parse_service_time,
)
from functions.retention.runs import LONGEST_RUN, RunMessage, at_end

_BEGUN = ("asked", "swept", "started", "handed-over")

LOOK_BACK = LONGEST_RUN
"""Seconds for which the ends of runs are shown."""

_NUMBERS = (
    "slice_number",
    "selected",
    "jobs",
    "jobs_done",
    "bytes",
    "entries",
    "failed",
    "skipped",
    "list_calls",
)

_SO_FAR = ("phase", *_NUMBERS)

_AT_END = ("due", "deleted", "kept_by_rule", "failed", "not_reached")


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        id: run id.
        file_system: file system id.
        trigger: sweep or console.
        mode: dry-run or enforce.
        records: its records, oldest first: of its slices, and of the sweep or the request that began it.
    """

    id: str
    file_system: str
    trigger: str
    mode: str
    records: tuple[Record, ...]

    def newest(self, event: str) -> Record | None:
        """Its last record of an event."""
        return next((record for record in reversed(self.records) if record["event"] == event), None)

    def is_alive(self, now: float) -> bool:
        """Whether it has not ended and its next slice may still come (`now` in epoch seconds)."""
        return is_alive(self.records, now)

    def began_at(self) -> float:
        """When its first record was written, epoch seconds."""
        return min((_at(record) for record in self.records), default=0.0)

    def summary(self, now: float) -> dict[str, object]:
        """How the run stands, for an answer (`now` in epoch seconds)."""
        last = self.records[-1]
        handed, ended = self.newest("handed-over") or self.newest("swept"), self.newest("ended")
        surveyed = self.newest("surveyed")
        answer: dict[str, object] = {
            "run": self.id,
            "file_system": self.file_system,
            "trigger": self.trigger,
            "mode": self.mode,
            "as_of": last.get("as_of", ""),
            "state": "ended" if ended else "at work" if self.is_alive(now) else "lost: the next sweep resumes the work",
            "so_far": _so_far(self.records),
        }
        if surveyed:
            answer["survey"] = _survey(surveyed)
        if ended:
            answer |= _end(ended)
        elif handed and self.is_alive(now):
            answer["next_at"] = format_service_time(float(handed.get("next_at") or 0))
        return answer


def send(context: ConsoleContext, journal: Journal, message: RunMessage) -> None:
    """Send the first message of a run.

    Args:
        context: with the queue.
        journal: in which the run was recorded before.
        message: the message.

    Raises:
        Refusal: the queue gave no answer, so the run may have started.
        CloudError: the queue refused the message; the run is recorded as ended.
    """
    try:
        context.services.queue().send(message.to_body())
    except NoAnswer as error:
        what = f"the queue gave no answer, so run {message.run} may have started or not: {error}"
        allowed = "look with the action status, stop it with the action cancel"
        raise Refusal(what, where="run", allowed=allowed, code="unclear") from error
    except CloudError as error:
        journal.note("ended", reason="failed", detail=str(error), **at_end(message))
        journal.flush()
        raise


def _so_far(records: Sequence[Record]) -> dict[str, object]:
    known: dict[str, str] = {}
    for record in records:
        known |= {name: record[name] for name in _SO_FAR if name in record}
    return {name: json.loads(text) if name in _NUMBERS else text for name, text in known.items()}


def _survey(record: Record) -> dict[str, object]:
    """A complete survey; its counts as numbers."""
    answer: dict[str, object] = {name: int(record.get(name, "0")) for name in ("listed", "selected", "jobs", "bytes")}
    answer |= {name: json.loads(record.get(name, "{}")) for name in ("kept", "by_policy")}
    return {**answer, "plan_id": record.get("plan_id", ""), "stopped_by": record.get("detail", "")}


_MEANINGS = {reason.value: reason.meaning for reason in EndReason}


def _end(record: Record) -> dict[str, object]:
    reason = record.get("reason", "")
    return {"ended_at": record.get("at", ""), "reason": reason, "means": _MEANINGS.get(reason, reason),
            "detail": record.get("detail", ""), "counts": _counts(record)}  # fmt: skip


def _counts(record: Record) -> dict[str, int | None]:
    """What became of all that was due; None is a count that nobody knows."""
    return {name: int(record[name]) if name in record else None for name in _AT_END}


def _at(record: Record) -> float:
    return parse_service_time(record.get("at", "")) or 0.0


def _is_of_another_sweep(record: Record) -> bool:
    """Whether a later sweep recorded that it found the run at work."""
    return record["event"] == "swept" and record.get("reason") != "started"


def group(records: Iterable[Record]) -> list[Run]:
    """The runs of some records, the one with the newest record last."""
    own = sorted((record for record in records if not _is_of_another_sweep(record)), key=_at)
    runs = [
        Run(run, first.get("file_system", ""), first.get("trigger", ""), first.get("mode", ""), (first, *others))
        for run, (first, *others) in by_run(own).items()
    ]
    return sorted(runs, key=lambda run: _at(run.records[-1]))


def runs_on(audit: AuditLog, file_system: str, now: float) -> list[Run]:
    """Runs on a file system that may be alive, and those that ended within `LOOK_BACK`.

    Raises:
        CloudError: the log cannot answer.
    """
    begun = audit.find({"file_system": file_system, "event": _BEGUN}, now - LONGEST_ALIVE, MOST_RECORDS)
    ended = audit.find({"file_system": file_system, "event": "ended"}, now - LOOK_BACK, MOST_RECORDS)
    return group([*begun, *ended])


def find_run(audit: AuditLog, run: str, now: float) -> Run | None:
    """One run; None when the log has no record of it.

    Raises:
        CloudError: the log cannot answer.
    """
    terms: Terms = {"run": run, "event": (*_BEGUN, "ended", "surveyed")}
    return next(iter(group(audit.find(terms, now - LOOK_BACK, MOST_RECORDS))), None)
