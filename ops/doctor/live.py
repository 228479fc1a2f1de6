"""Checks of what is deployed: read, compared, never changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from functions.retention.core import Clock, Record, RecycleBin, RunOver, parse_service_time
from functions.retention.policy import Guardrails
from functions.retention.runs import look_at_file_system
from ops.doctor.finding import Finding, Level
from ops.provision.resource import Step


def resources(steps: Sequence[Step]) -> Iterator[Finding]:
    """What is missing or not as `setup` makes it."""
    for step in steps:
        if step.action == "keep":
            continue
        fields = ", ".join(f"{change.field} is {change.now}, not {change.wanted}" for change in step.changes)
        what = f"{step.resource.kind} {step.resource.name} {fields or 'is missing'}"
        yield Finding("wrong", "resources", what, "python -m ops setup, then with --apply")


def one_order(writable_shards: int | None, logstore: str) -> Iterator[Finding]:
    """Whether the audit log has one order of writing.

    Args:
        writable_shards: of the logstore; None when it does not exist, which `resources` tells.
        logstore: its name.
    """
    if writable_shards not in (None, 1):
        what = (
            f"logstore {logstore} writes to {writable_shards} shards, so its records have no common order; 1 is needed"
        )
        yield Finding(
            "wrong", "log order", what, "merge its shards in the log service's console; records stay readable"
        )


def dead_letters(queue: Mapping[str, Any] | None, name: str) -> Iterator[Finding]:
    """Whether anything waits in the dead-letter queue.

    Args:
        queue: as the management API describes it; None when there is none.
        name: its name.
    """
    waiting = int((queue or {}).get("ActiveMessages") or 0)
    if waiting:
        yield Finding("wrong", "dead letters", f"about {waiting} messages wait in {name}", "python -m ops dlq list")


def file_system(recycle_bin: RecycleBin, guardrails: Guardrails, clock: Clock) -> tuple[list[Finding], int | None]:
    """What keeps a file system from being worked on, and its bin's ReservedDays where they are known.

    Raises:
        CloudError: NAS does not say.
    """
    try:
        found = look_at_file_system(recycle_bin, guardrails, clock)
    except RunOver as over:
        level: Level = "notice" if over.end.reason == "held" else "wrong"
        name = recycle_bin.file_system_id
        return [Finding(level, "file systems", f"{name}: {over.end.detail}", over.end.reason.remedy, name)], None
    return [], found.attributes.reserved_days


def matches_all_below(records: Sequence[Record], *, now: float, period: float, digest: str) -> Iterator[Finding]:
    """Whether sweeps come, and whether they follow the policies that lie here.

    Args:
        records: what sweeps wrote, and surveys for their digest, of two periods.
        now: epoch seconds.
        period: the longest time between two sweeps, seconds.
        digest: of the policy file here.
    """
    moments = [parse_service_time(line.get("at", "")) or 0.0 for line in records if line.get("trigger") == "sweep"]
    if not moments or now - max(moments) > 2 * period:
        hours = f"{2 * period / 3600:.0f} h"
        yield Finding("wrong", "sweeps", f"no sweep in the last {hours}", "look at sweep's timer and its last errors")
    digests = [line["digest"] for line in sorted(records, key=lambda line: line.get("at", "")) if line.get("digest")]
    if digests and digests[-1] != digest:
        what = f"the newest run follows policies {digests[-1][:12]}, the file here is {digest[:12]}"
        yield Finding("notice", "policies", what, "s deploy, or look at the file that is deployed")
