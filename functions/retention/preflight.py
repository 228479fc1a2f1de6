"""What has to be true for a slice to work: looked at when it starts, and what can change, every minute within it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.retention.core import BinAttributes, Clock, CloudError, NotFound, RecycleBin, Stop, format_service_time
from functions.retention.message import RunMessage
from functions.retention.policy import Guardrails, PolicyFile

MAX_SKEW = 120.0
"""Seconds by which our clock and the ``Date`` of the service may differ."""

MAX_HOPS = 5_000
"""Hand-overs of one run: a million jobs of a second each take about so many slices."""

LONGEST_RUN = 7 * 86_400.0
"""Seconds a run may take; the next sweep resumes what is left."""

LOOK_EVERY = 60.0
"""Seconds between looks within a slice at the hold tag and whether the run was cancelled."""

CANCELLED = Stop("cancelled", "a person cancelled the run")


def stop_before_asking(message: RunMessage, file: PolicyFile, now: float) -> Stop | None:
    """What ends a run without asking the cloud anything.

    Args:
        message: the run.
        file: the deployed policies.
        now: epoch seconds.
    """
    if message.digest != file.digest:
        return Stop("policy-changed", f"began under digest {message.digest[:12]}, deployed is {file.digest[:12]}")
    if message.file_system not in file.guardrails.file_systems:
        allowed = ", ".join(file.guardrails.file_systems)
        return Stop("not-allowed", f"{message.file_system} is not in guardrails.file_systems: {allowed}")
    if now > message.not_after:
        return Stop("expired", f"not after {format_service_time(message.not_after)}")
    if message.hop > MAX_HOPS:
        return Stop("too-many-hops", f"hop {message.hop}; at most {MAX_HOPS}")
    return Stop("paused", "guardrails.pause is true") if file.guardrails.pause else None


@dataclass(frozen=True, slots=True)
class FileSystemState:
    """What a slice learns of its file system before it walks.

    Attributes:
        attributes: of the recycle bin.
        tags: of the file system.
        service_time: by the service's clock, epoch seconds; None when no reply said.
    """

    attributes: BinAttributes
    tags: Mapping[str, str]
    service_time: float | None


def look_at_file_system(recycle_bin: RecycleBin, guardrails: Guardrails, clock: Clock) -> FileSystemState | Stop:
    """Ask for the bin's attributes and the tags.

    Raises:
        CloudError: the attributes cannot be had.
    """
    try:
        attributes = recycle_bin.attributes()
    except NotFound as error:
        return Stop("not-allowed", f"there is no file system {recycle_bin.file_system_id}: {error.message}")
    if not attributes.enabled:
        return Stop("bin-disabled", f"the recycle bin of {recycle_bin.file_system_id} is off")
    service_time = recycle_bin.service_time
    if service_time is None or abs(clock.now() - service_time) > MAX_SKEW:
        theirs = "unknown" if service_time is None else format_service_time(service_time)
        ours = format_service_time(clock.now())
        return Stop("clock-skew", f"our clock says {ours}, the service's {theirs}; at most {MAX_SKEW:.0f} s apart")
    tags = read_tags(recycle_bin)
    held = held_by(guardrails, tags)
    return held or FileSystemState(attributes, tags or {}, service_time)


def read_tags(recycle_bin: RecycleBin) -> Mapping[str, str] | None:
    """The file system's tags; None when they cannot be read."""
    try:
        return recycle_bin.tags()
    except CloudError:
        return None


def held_by(guardrails: Guardrails, tags: Mapping[str, str] | None) -> Stop | None:
    """Whether the hold tag stops everything on the file system."""
    if not guardrails.holds(tags):
        return None
    if tags is None:
        return Stop("tags-unreadable", "the tags cannot be read, so the hold tag may be set")
    return Stop("held", f"it carries the tag {guardrails.hold_tag}")


def outside_window(guardrails: Guardrails, now: float) -> Stop | None:
    """Whether jobs may not start now."""
    window = guardrails.window
    if window is None or window.open_at(now):
        return None
    return Stop("window-closed", f"jobs may start {window.hours} {window.time_zone}")


class Watch:
    """Looks every minute at the hold tag and whether a person cancelled the run, and at the window always.

    Args:
        recycle_bin: whose tags are read.
        guardrails: which tag, which window.
        looked_at: when that was last looked at, epoch seconds.
        enforcing: a dry run is not bound to the window.
        is_cancelled: whether a person cancelled the run.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        guardrails: Guardrails,
        *,
        looked_at: float,
        enforcing: bool,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._bin, self._guardrails, self._looked_at, self._enforcing = recycle_bin, guardrails, looked_at, enforcing
        self._is_cancelled = is_cancelled

    def stop(self, now: float) -> Stop | None:
        """Whether the run has to end now (epoch seconds)."""
        if self._enforcing and (closed := outside_window(self._guardrails, now)):
            return closed
        if now - self._looked_at < LOOK_EVERY:
            return None
        self._looked_at = now
        if self._is_cancelled():
            return CANCELLED
        return held_by(self._guardrails, read_tags(self._bin))
