"""``python -m demo``: a dry run, then the real thing, then a check by brute force; not 0 when anything is off."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from demo.stage import FILE_SYSTEM, OLDER_THAN_DAYS, PROTECTED, ROOT, Stage, python_installation, stage

AUDIT_LOG = ROOT / "build" / "demo" / "audit.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 when the bin is as it should be, 1 when it is not."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON and nothing else")
    as_json = parser.parse_args(arguments).json
    console = Console(quiet=as_json)
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)) as play:
        introduce(console, play)
        rehearse(console, play)
        enforce(console, play)
        faults = play.faults()
        records = play.write_log(AUDIT_LOG)
        conclude(console, play, faults, records)
        if as_json:
            print(json.dumps({"figures": asdict(play.figures()), "faults": faults, "audit_log": str(AUDIT_LOG)}))
    return 1 if faults else 0


def introduce(console: Console, play: Stage) -> None:
    """Say what is in the bin and what is to go."""
    filled = play.filled
    console.print(f"[bold]The bin[/] of {FILE_SYSTEM}, filled from {python_installation()}:")
    content = f"{filled.files} files, {filled.directories} directories, {megabytes(filled.size)}"
    console.print(f"  {content}, deleted over 28 days")
    console.print(f"[bold]The policy[/]: older than {OLDER_THAN_DAYS} days; {PROTECTED} is protected\n")


def rehearse(console: Console, play: Stage) -> None:
    """The dry run and its plan."""
    console.print("[bold]Dry run[/]: events/timer.json fires ...")
    play.fire()
    play.play(lambda: None)
    (plan,) = play.records("surveyed")
    table = Table(title="The plan", title_justify="left")
    for column in ("listed", "selected", "jobs", "bytes", "list calls"):
        table.add_column(column, justify="right")
    listed, selected, jobs = plan["listed"], plan["selected"], plan["jobs"]
    table.add_row(listed, selected, jobs, megabytes(int(plan["bytes"])), plan["list_calls"])
    console.print(table)
    for reason, count in json.loads(plan.get("kept", "{}")).items():
        console.print(f"  kept: {count} {reason}")
    protected = sum(entry.path.startswith(f"{PROTECTED}/") for entry in play.before.values())
    console.print(f"  not looked into: {PROTECTED}, which is protected ({protected} entries)")
    console.print(f"  jobs created: {len(play.file_system.job_log)}\n")


def enforce(console: Console, play: Stage) -> None:
    """The same policy, armed, with progress while it plays."""
    console.print("[bold]Enforcement[/]: the same policy with mode: enforce; the timer fires again")
    (plan,) = play.records("surveyed")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    play.arm()
    play.fire()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("deletion jobs", total=int(plan["jobs"]))
        created = len(play.file_system.job_log)

        def watch(_: object) -> None:
            nonlocal created
            if len(play.file_system.job_log) != created:
                created = len(play.file_system.job_log)
                at = play.cloud.clock.now() - play.began_at
                progress.update(task, completed=created, description=f"deletion jobs, {at:5.0f} s of virtual time")

        play.cloud.dispatcher.on_request.append(watch)
        play.play(lambda: None)


def conclude(console: Console, play: Stage, faults: list[str], records: int) -> None:
    """The figures and the verdict."""
    figures = play.figures()
    (end,) = [line for line in play.records("ended") if line["mode"] == "enforce"]
    table = Table(title="The run", title_justify="left", show_header=False)
    for name, value in (
        ("ended", end["reason"]),
        ("jobs", str(figures.jobs)),
        ("reclaimed", megabytes(figures.reclaimed)),
        ("hand-overs", str(figures.hand_overs)),
        ("slot busy", f"{figures.busy:.1%} of the time between first job and last"),
        ("virtual time", f"{figures.seconds:.0f} s"),
        ("billed", f"{figures.compute_units:.0f} CU"),
        ("calls to NAS", str(figures.calls)),
    ):
        table.add_row(name, value)
    console.print(table)
    console.print(f"{records} audit records: {AUDIT_LOG.relative_to(ROOT)}")
    for fault in faults:
        console.print(f"[red]WRONG[/] {fault}")
    if not faults:
        console.print("[green]Checked by brute force[/]: every aged unprotected entry is gone, and nothing else.")


def megabytes(size: int) -> str:
    """Bytes for a person."""
    return f"{size / 1e6:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
