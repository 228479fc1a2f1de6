"""``python -m ops follow``: shows what a run writes down, as it does, until it ends."""

from collections.abc import Mapping
from typing import Annotated

import typer

from functions.retention.audit import AuditLog, Record
from functions.retention.errors import CloudError
from ops.commands.common import AccountId, AsJson, EndpointUrl, Screen, SYaml, run
from ops.exits import DONE, PARTIAL
from ops.session import Session, Target
from ops.world import World

LOOK_EVERY = 10.0
"""Seconds between two looks; the log shows records late anyway."""

LOOK_BACK = 7 * 86_400.0
"""Seconds: as long as a run can take."""

MOST_RECORDS = 20_000

_SHOWN = ("phase", "path", "status", "reason", "selected", "jobs", "jobs_done", "bytes", "failed", "size", "detail")

For = Annotated[float, typer.Option("--for", min=0, help="Seconds to wait for its end; 0 looks once.")]


def register(app: typer.Typer, world: World) -> None:
    """Add the command ``follow``."""

    @app.command("follow")
    def follow_command(  # noqa: PLR0917 - one parameter for each option
        run_id: Annotated[str, typer.Argument(help="The run's id.")],
        patience: For = 3600.0,
        account_id: AccountId = "",
        s_yaml: SYaml = None,
        endpoint_url: EndpointUrl = None,
        as_json: AsJson = False,  # noqa: FBT002 - a flag
    ) -> None:
        """Show what a run writes down until it ends. Exit code 3 when it did not end in time, or ended badly."""
        target = Target(account_id, s_yaml, endpoint_url=endpoint_url)
        run(world, target, as_json, lambda session, screen: follow(session, screen, run_id, patience))


def follow(session: Session, screen: Screen, run_id: str, patience: float) -> int:
    """Show records until the run ends or patience does.

    Raises:
        CloudError: the log could not be read, up to the end.
    """
    clock, told = session.world.clock, dict[str, Record]()
    until = clock.now() + patience
    while True:  # bounded by `until`
        try:
            fresh = _fresh(session.audit(), run_id, clock.now() - LOOK_BACK, told)
        except CloudError:
            if not told and clock.now() >= until:
                raise
            fresh = []
        for record in fresh:
            _show(screen, record)
        end = next((record for record in told.values() if record["event"] == "ended"), None)
        if end is not None or clock.now() >= until:
            _tell_unended(session, run_id, told, end)
            return DONE if end is not None and end.get("reason") == "completed" else PARTIAL
        clock.sleep(min(LOOK_EVERY, max(until - clock.now(), 0.0)))


def _fresh(audit: AuditLog, run_id: str, since: float, told: dict[str, Record]) -> list[Record]:
    """Records that were not told yet, in the order of their times; the end comes last."""
    found = audit.find({"run": run_id}, since, MOST_RECORDS)
    fresh = [record for record in found if record["event_id"] not in told]
    told |= {record["event_id"]: record for record in fresh}
    return sorted(fresh, key=lambda record: (record.get("at", ""), record["event"] == "ended"))


def _tell_unended(session: Session, run_id: str, told: Mapping[str, Record], end: Record | None) -> None:
    if end is None:
        what = "has not ended yet" if told else "is not in the log, which shows records late"
        session.world.err.write(f"run {run_id} {what}\n")


def _show(screen: Screen, record: Mapping[str, str]) -> None:
    if screen.as_json:
        screen.line(record)
        return
    known = " ".join(f"{name}={record[name]}" for name in _SHOWN if record.get(name))
    screen.say(f"{record.get('at', '')} {record.get('file_system', '')} {record['event']} {known}")
