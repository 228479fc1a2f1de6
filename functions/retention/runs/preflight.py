"""What has to be true for a slice to work: looked at when it starts, and what can change, every minute within it."""

from dataclasses import replace

from functions.retention.core import MAX_SKEW, Clock, FileSystemState, NotFound, RecycleBin, RunEnd, format_service_time
from functions.retention.jobs import Progress, held_by, read_tags
from functions.retention.policy import Guardrails, PolicyFile
from functions.retention.runs.message import RunMessage
from functions.retention.walk import Walk

MAX_SLICES = 5_000
"""Hand-overs of one run: a million jobs of a second each take about so many slices."""


def stop_before_asking(message: RunMessage, file: PolicyFile, now: float) -> RunEnd | None:
    """What ends a run without asking the cloud anything.

    Args:
        message: the run.
        file: the deployed policies.
        now: epoch seconds.
    """
    if message.digest != file.digest:
        return RunEnd("policy-changed", f"began under digest {message.digest[:12]}, deployed is {file.digest[:12]}")
    if message.file_system not in file.guardrails.file_systems:
        allowed = ", ".join(file.guardrails.file_systems)
        return RunEnd("not-allowed", f"{message.file_system} is not in guardrails.file_systems: {allowed}")
    if now > message.not_after:
        return RunEnd("expired", f"not after {format_service_time(message.not_after)}")
    if message.slice_number > MAX_SLICES:
        return RunEnd("too-many-slices", f"slice {message.slice_number}; at most {MAX_SLICES}")
    return stop_if_paused(file.guardrails)


def stop_if_paused(guardrails: Guardrails) -> RunEnd | None:
    """The end of every run while the policy file pauses all work."""
    return RunEnd("paused", "guardrails.pause is true") if guardrails.pause else None


def look_at_file_system(recycle_bin: RecycleBin, guardrails: Guardrails, clock: Clock) -> FileSystemState | RunEnd:
    """Ask for the bin's attributes and the tags.

    Raises:
        CloudError: the attributes cannot be had.
    """
    try:
        attributes = recycle_bin.attributes()
    except NotFound as error:
        return RunEnd("not-allowed", f"there is no file system {recycle_bin.file_system_id}: {error.message}")
    if not attributes.enabled:
        return RunEnd("bin-disabled", f"the recycle bin of {recycle_bin.file_system_id} is off")
    service_time = recycle_bin.service_time
    if service_time is None or abs(clock.now() - service_time) > MAX_SKEW:
        theirs = "unknown" if service_time is None else format_service_time(service_time)
        ours = format_service_time(clock.now())
        return RunEnd("clock-skew", f"our clock says {ours}, the service's {theirs}; at most {MAX_SKEW:.0f} s apart")
    tags = read_tags(recycle_bin)
    held = held_by(guardrails, tags)
    return held or FileSystemState(attributes, tags or {}, service_time)


CUT_SHORT = 10
"""With fewer listings a slice proves nothing: a lone one makes about 1 200, one of six in an invocation about 200."""

MOST_STUCK = 5
"""Such slices in a row after which the run ends; the next may be alone in its invocation, and come further."""


def count_stuck(progress: Progress, walk: Walk) -> Progress:
    """The progress after a slice's walk."""
    if not walk.is_resuming:
        return replace(progress, stuck=0)
    return replace(progress, stuck=progress.stuck + (walk.list_calls >= CUT_SHORT))


def stop_at_standstill(progress: Progress) -> RunEnd | None:
    """Whether the run has to end for it."""
    if progress.stuck < MOST_STUCK:
        return None
    again = "to find its place again after a hand-over took whole slices: a directory of very many pages"
    return RunEnd("standstill", f"{progress.stuck} slices in a row came no further; {again}")
