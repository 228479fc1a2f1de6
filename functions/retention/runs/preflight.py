"""What has to be true for a slice to work: looked at when it starts, and what can change, every minute within it."""

from collections.abc import Sequence
from dataclasses import replace

from functions.retention.core import (
    MAX_SKEW,
    Clock,
    EndReason,
    FileSystemState,
    NotFound,
    RecycleBin,
    RunEnd,
    RunOver,
    did_you_mean,
    end_if,
    format_service_time,
)
from functions.retention.jobs import Progress, read_tags, stopped_by
from functions.retention.policy import Guardrails, Policy, PolicyFile
from functions.retention.runs.message import Mode, RunMessage

MAX_SLICES = 5_000
"""Hand-overs of one run: a million jobs of a second each take about so many slices."""


def check_message(message: RunMessage, file: PolicyFile, now: float) -> None:
    """Let a run go on as far as its message and the policies say; the cloud is not asked.

    Args:
        message: the run.
        file: the deployed policies.
        now: epoch seconds.

    Raises:
        RunOver: the run has to end.
    """
    if message.digest != file.digest:
        what = f"began under digest {message.digest[:12]}, deployed is {file.digest[:12]}"
        raise RunOver(EndReason.POLICY_CHANGED, what)
    end_if(stop_if_not_allowed(file.guardrails, message.file_system))
    if now > message.not_after:
        raise RunOver(EndReason.EXPIRED, f"not after {format_service_time(message.not_after)}")
    if message.slice_number > MAX_SLICES:
        raise RunOver(EndReason.TOO_MANY_SLICES, f"slice {message.slice_number}; at most {MAX_SLICES}")
    end_if(stop_if_paused(file.guardrails))


def stop_if_not_allowed(guardrails: Guardrails, file_system: str) -> RunEnd | None:
    """The end of every run on a file system that the policy file does not allow."""
    allowed = guardrails.file_systems
    if file_system in allowed:
        return None
    what = f"{file_system} is not in guardrails.file_systems; {did_you_mean(file_system, allowed)}"
    return RunEnd(EndReason.NOT_ALLOWED, what)


def stop_if_no_policy(policies: Sequence[Policy], file_system: str, mode: Mode | None = None) -> RunEnd | None:
    """The end of a run, perhaps in a mode, to which no policy applies."""
    if policies:
        return None
    what = f"no policy applies to {file_system}"
    return RunEnd(EndReason.NOT_ALLOWED, what if mode is None else f"{what} in mode {mode}")


def stop_if_paused(guardrails: Guardrails) -> RunEnd | None:
    """The end of every run while the policy file pauses all work."""
    return RunEnd(EndReason.PAUSED, "guardrails.pause is true") if guardrails.pause else None


def look_at_file_system(recycle_bin: RecycleBin, guardrails: Guardrails, clock: Clock) -> FileSystemState:
    """Ask for the bin's attributes and the tags.

    Raises:
        RunOver: nothing may be done on the file system now.
        CloudError: the attributes cannot be had.
    """
    try:
        attributes = recycle_bin.attributes()
    except NotFound as error:
        what = f"there is no file system {recycle_bin.file_system_id}: {error.message}"
        raise RunOver(EndReason.NOT_ALLOWED, what) from error
    if not attributes.enabled:
        raise RunOver(EndReason.BIN_DISABLED, f"the recycle bin of {recycle_bin.file_system_id} is off")
    service_time = attributes.service_time
    if service_time is None or abs(clock.now() - service_time) > MAX_SKEW:
        theirs = "unknown" if service_time is None else format_service_time(service_time)
        ours = format_service_time(clock.now())
        what = f"our clock says {ours}, the service's {theirs}; at most {MAX_SKEW:.0f} s apart"
        raise RunOver(EndReason.CLOCK_SKEW, what)
    tags = read_tags(recycle_bin)
    end_if(stopped_by(guardrails, tags, clock.now()))
    return FileSystemState(attributes, tags or {}, service_time)


MOST_STUCK = 20
"""Slices in a row without progress after which the run ends. A slice may be one of six in an invocation; a later one
may be alone in it, and come further."""


def count_stuck(progress: Progress, *, moved: bool) -> Progress:
    """The progress after a slice.

    Args:
        progress: before it.
        moved: it read a new listing, a job ended, or it waits for something known.
    """
    return replace(progress, stuck=0 if moved else progress.stuck + 1)


def check_progress(progress: Progress) -> None:
    """Let a run go on that makes progress.

    Raises:
        RunOver: it does not.
    """
    if progress.stuck >= MOST_STUCK:
        what = f"{progress.stuck} slices in a row read no new listing, ended no job and waited for nothing"
        again = "it may be that to reach the old position takes whole slices: a directory of very many pages"
        raise RunOver(EndReason.STANDSTILL, f"{what}, so the run came no further; {again}")
