"""Runs as the audit log shows them to a person."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.retention.audit import INDEX_LAG, LIVE_EVENTS, LONGEST_ALIVE, MOST_RECORDS, Journal, alive_until
from functions.retention.console.context import ConsoleContext
from functions.retention.console.refusal import Refusal
from functions.retention.core import (
    REASONS,
    AuditLog,
    CloudError,
    NoAnswer,
    Record,
    format_service_time,
    parse_service_time,
)
from functions.retention.runs import LONGEST_RUN, RunMessage

_OF_RUNS = ("asked", "swept", *LIVE_EVENTS)

LOOK_BACK = LONGEST_RUN
"""Seconds for which ends are shown."""

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
    "listed_again",
)

_SO_FAR = ("phase", *_NUMBERS)


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        id: run id.
        file_system: where.
        trigger: sweep or console.
        mode: dry-run or enforce.
        records: what the log has of it, oldest first: its slices, and the order or the sweep that began it.
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
        """Whether it has not ended and its next slice may still come (epoch seconds)."""
        return self.newest("ended") is None and any(_alive_until(record) > now for record in self.records)

    def began_at(self) -> float:
        """When its first record was written, epoch seconds."""
        return min((_at(record) for record in self.records), default=0.0)

    def summary(self, now: float) -> dict[str, object]:
        """For an answer."""
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
    """Send a run's first message, which the journal has announced.

    Raises:
        Refusal: the queue did not say whether it took it.
        CloudError: it did not; the run is written down as ended.
    """
    try:
        context.services.queue().send(message.to_body())
    except NoAnswer as error:
        what = f"the queue gave no answer, so run {message.run} may have started or not: {error}"
        allowed = "look with the action status, stop it with the action cancel"
        raise Refusal(what, where="run", allowed=allowed, code="unclear") from error
    except CloudError as error:
        journal.note("ended", reason="failed", detail=str(error))
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


def _end(record: Record) -> dict[str, object]:
    reason = record.get("reason", "")
    return {"ended_at": record.get("at", ""), "reason": reason, "means": REASONS.get(reason, reason),
            "detail": record.get("detail", "")}  # fmt: skip


def _at(record: Record) -> float:
    return parse_service_time(record.get("at", "")) or 0.0


def _alive_until(record: Record) -> float:
    """A run that was asked for is alive until its first slice had every chance to begin."""
    if record["event"] == "asked":
        return alive_until(_at(record))
    return float(record.get("alive_until") or 0)


def _is_of_another_sweep(record: Record) -> bool:
    """Whether it says of a run that a later sweep found it at work."""
    return record["event"] == "swept" and record.get("reason") != "started"


def group(records: Iterable[Record]) -> list[Run]:
    """The runs that the records are of, the one with the newest record last."""
    by_run: dict[str, list[Record]] = {}
    for record in sorted(records, key=_at):
        if record.get("run") and not _is_of_another_sweep(record):
            by_run.setdefault(record["run"], []).append(record)
    runs = [
        Run(run, lines[0].get("file_system", ""), lines[0].get("trigger", ""), lines[0].get("mode", ""), tuple(lines))
        for run, lines in by_run.items()
    ]
    return sorted(runs, key=lambda run: _at(run.records[-1]))


def runs_on(audit: AuditLog, file_system: str, now: float) -> list[Run]:
    """Runs on a file system that are alive or ended lately.

    Raises:
        CloudError: the log cannot answer.
    """
    terms: Mapping[str, str] = {"file_system": file_system}
    records: list[Record] = []
    for event in _OF_RUNS:
        since = now - (LOOK_BACK if event == "ended" else LONGEST_ALIVE)
        records += audit.find({**terms, "event": event}, since, MOST_RECORDS)
    return group(records)


def enforcing_runs(audit: AuditLog, file_system: str, now: float) -> list[Run]:
    """Runs on a file system that are alive and delete.

    Raises:
        CloudError: the log cannot answer.
    """
    return [run for run in runs_on(audit, file_system, now) if run.mode == "enforce" and run.is_alive(now)]


def find_run(audit: AuditLog, run: str, now: float) -> Run | None:
    """One run; None when the log has nothing of it.

    Raises:
        CloudError: the log cannot answer.
    """
    records: list[Record] = []
    for event in (*_OF_RUNS, "surveyed"):
        records += audit.find({"run": run, "event": event}, now - LOOK_BACK - INDEX_LAG, MOST_RECORDS)
    return next(iter(group(records)), None)
