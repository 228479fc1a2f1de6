"""``python -m ops follow``, and what ``--follow`` does: shows what runs write down, as they do, until they end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.progress import BarColumn, TextColumn

from functions.retention.core import AuditLog, CloudError, ConfigurationError, EndReason, Record, parse_service_time
from ops.commands.common import add_command
from ops.environment import Environment
from ops.exit_codes import INTERRUPTED, PARTIAL
from ops.screen import Screen
from ops.session import Session
from ops.text import shown

LOOK_EVERY = 10.0
"""Seconds between two looks; the log shows records late anyway."""

LOOK_BACK = 7 * 86_400.0
"""Seconds: as long as a run can take."""

MOST_RECORDS = 20_000
"""Records of one search, the oldest first."""

MOST_SEARCHES = 100
"""Of one look: a run of a million jobs writes two million records."""

LATE = 300.0
"""Seconds by which a record may show up later than a younger one (assumed; the index lags a minute, typically)."""

_SHOWN = ("phase", "path", "status", "reason", "selected", "jobs", "jobs_done", "bytes", "failed", "size", "detail")

PATIENCE = 3600.0

_RUN_ID = re.compile("[0-9a-f]{32}")

For = Annotated[float, typer.Option("--for", min=0, help="Seconds to wait for a run's end; 0 looks once.")]


def register(app: typer.Typer, environment: Environment) -> None:
    """Add the command ``follow``."""
    add_command(app, environment, "follow", _follow_command, without=("policies",))


def _follow_command(
    session: Session,
    screen: Screen,
    run_id: Annotated[str, typer.Argument(help="The run's id.")],
    patience: For = PATIENCE,
) -> int:
    """Show what a run writes down until it ends. Exit code 3 when it did not end in time, or ended badly.

    Raises:
        ConfigurationError: what is given is no run's id.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise ConfigurationError(f"{shown(run_id)!s:.80} is no run id: takes 32 characters, each 0 to 9 or a to f")
    return follow(session, screen, [run_id], patience)


def follow(session: Session, screen: Screen, run_ids: Sequence[str], patience: float) -> int:
    """Show records until all runs ended or patience did; whether all completed, as an exit code.

    Raises:
        CloudError: the log could not be read, up to the end.
    """
    clock, runs = session.environment.clock, [Followed(run_id) for run_id in run_ids]
    until = clock.now() + patience
    view = _View(screen, runs)
    try:
        with view.bars:
            while True:  # bounded by `until`
                _look(session, runs, view, until)
                if all(run.end for run in runs) or clock.now() >= until:
                    break
                clock.sleep(min(LOOK_EVERY, max(until - clock.now(), 0.0)))
    except KeyboardInterrupt:
        for run in runs:
            screen.error(f"run {run.id} goes on; follow it: ops follow {run.id}; stop it: ops cancel --run {run.id}")
        return INTERRUPTED
    for followed in runs:
        _report_unended(screen, followed)
    return max(run.exit_code for run in runs)


@dataclass
class Followed:
    """A run that is followed.

    Attributes:
        id: its id.
        seen: the records shown so far, by their ids.
    """

    id: str
    seen: dict[str, Record] = field(default_factory=dict)

    @property
    def end(self) -> Record | None:
        """The record of its end; None while it goes on."""
        return next((record for record in self.seen.values() if record["event"] == "ended"), None)

    @property
    def exit_code(self) -> int:
        """The exit code of its end, or that of a command that did a part while it goes on."""
        known = {reason.value: reason.exit_code for reason in EndReason}
        return PARTIAL if self.end is None else known.get(self.end.get("reason", ""), PARTIAL)

    @property
    def planned(self) -> int | None:
        """Jobs that it is going to create; None before they are counted, and for a dry run."""
        plans = [record for record in self.seen.values() if record["event"] == "surveyed"]
        return int(plans[-1].get("jobs", 0)) if plans and plans[-1].get("mode") == "enforce" else None

    @property
    def done(self) -> int:
        """Jobs that succeeded: by their outcomes, or by a total where that is known earlier."""
        outcomes = sum(_is_success(record) for record in self.seen.values())
        return max([outcomes, *(int(record.get("jobs_done", 0)) for record in self.seen.values())])

    def fresh(self, audit: AuditLog, since: float) -> list[Record]:
        """Records that were not shown yet, in the order of their times; the end comes last.

        Args:
            audit: the log.
            since: epoch seconds before which nothing of it was written.

        Raises:
            CloudError: the log cannot be read.
        """
        fresh: dict[str, Record] = {}
        for _ in range(MOST_SEARCHES):
            found = audit.find({"run": self.id}, max(since, self._newest - LATE), MOST_RECORDS)
            more = {record["event_id"]: record for record in found if record["event_id"] not in self.seen}
            self.seen |= more
            fresh |= more
            if len(found) < MOST_RECORDS or not more:
                break
        return sorted(fresh.values(), key=lambda record: (record.get("at", ""), record["event"] == "ended"))

    @property
    def _newest(self) -> float:
        """When the newest record shown was written, epoch seconds; 0 before the first."""
        newest = max((record.get("at", "") for record in self.seen.values()), default="")
        return parse_service_time(newest) or 0.0

    def progress(self) -> str:
        """How far the run is, for a person."""
        jobs = "" if self.planned is None else f"{self.done} of {self.planned} jobs"
        if self.end is not None:
            return f"{jobs} {self.end.get('reason', 'ended')}".strip()
        return jobs or ("counting" if self.seen else "not in the log yet")


class _View:
    """Shows records: lines of JSON, lines, or on a terminal a bar for each run below lines of what no bar counts.

    Bars are drawn at each look, without a thread of their own.

    Attributes:
        bars: to be entered while there is something to show; nothing is drawn where there is no terminal.
    """

    def __init__(self, screen: Screen, runs: Sequence[Followed]) -> None:
        self._screen = screen
        self._shown = _SHOWN if len(runs) == 1 else (*_SHOWN, "run")
        self.bars = screen.bars(TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.fields[progress]}"))
        self._tasks = {run.id: self.bars.add_task(run.id, total=None, progress=run.progress()) for run in runs}

    def show(self, run: Followed, fresh: Sequence[Record]) -> None:
        """Show a run's new records, and where it stands with them."""
        for record in fresh:
            if self._screen.as_json:
                self._screen.line(record)
            elif self.bars.disable or not _is_counted(record):
                self._screen.say(self._line(record), console=self.bars.console)
        total = 0 if run.planned is None and run.end else run.planned
        self.bars.update(self._tasks[run.id], total=total, completed=run.done, progress=run.progress(), refresh=True)

    def _line(self, record: Record) -> str:
        known = " ".join(f"{name}={shown(record[name])}" for name in self._shown if record.get(name))
        first = " ".join(shown(record.get(name, "")) for name in ("at", "file_system", "event"))
        return f"{first} {known}"


def _look(session: Session, runs: Sequence[Followed], view: _View, until: float) -> None:
    """Show what is new of the runs that go on.

    Raises:
        CloudError: time is up, and nothing is known of a run.
    """
    clock = session.environment.clock
    for followed in runs:
        if followed.end:
            continue
        try:
            fresh = followed.fresh(session.audit(), clock.now() - LOOK_BACK)
        except CloudError:
            if not followed.seen and clock.now() >= until:
                raise
            fresh = []
        view.show(followed, fresh)


def _report_unended(screen: Screen, run: Followed) -> None:
    if run.end is None:
        what = "has not ended yet" if run.seen else "is not in the log, which shows records late"
        screen.error(f"run {run.id} {what}")


def _is_success(record: Record) -> bool:
    return record["event"] == "outcome" and record.get("status") == "success"


def _is_counted(record: Record) -> bool:
    """Whether a bar tells what the record does."""
    return record["event"] == "intent" or _is_success(record)
