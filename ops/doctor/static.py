"""Checks of what lies here: s.yaml, the policy file, installed versions. Nothing is called."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from deployment.schedules import Schedule
from functions.retention.audit import LONGEST_SLICE
from functions.retention.core import Record
from functions.retention.policy import PolicyFile, lint, unmet_globs
from ops.doctor.finding import Finding

ATTEMPTS = 4
"""Deliveries of one batch: one and three repetitions (documented: BACKOFF_RETRY, advanced features of triggers)."""

BETWEEN_ATTEMPTS = 20
"""Seconds between two of them at most (documented: the same page)."""

_FORTNIGHT = 14 * 86_400

_PIN = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s#]+)", re.MULTILINE)


def time_outs(timeout: int, visibility: float) -> Iterator[Finding]:
    """Whether a message stays hidden for as long as anybody may work on it.

    Args:
        timeout: of purge, seconds.
        visibility: of the work queue, seconds.
    """
    remedy = "lower purge's timeout in s.yaml, and s deploy"
    needed = ATTEMPTS * timeout + (ATTEMPTS - 1) * BETWEEN_ATTEMPTS
    if needed > visibility:
        attempts = f"{ATTEMPTS} attempts of purge at {timeout} s take {needed} s"
        what = f"{attempts}; a message is hidden for {visibility:.0f} s"
        yield Finding("wrong", "time-outs", what, remedy)
    if timeout >= LONGEST_SLICE:
        what = f"purge may run {timeout} s; an event stream waits for {LONGEST_SLICE:.0f} s"
        yield Finding("wrong", "time-outs", what, remedy)


def versions(requirements: Path, installed: Callable[[str], str | None]) -> Iterator[Finding]:
    """Whether what is installed here is what is pinned.

    Args:
        requirements: a file of pins.
        installed: the installed version of a distribution, or None.
    """
    for name, wanted in _PIN.findall(requirements.read_text(encoding="utf-8")):
        found = installed(name)
        if found != wanted:
            what = f"{name} is {found or 'not installed'} here, {requirements.name} pins {wanted}"
            yield Finding("notice", "versions", what, f"pip install -r {requirements.parent.name}/{requirements.name}")


def windows(file: PolicyFile, schedules: Sequence[Schedule], now: float) -> Iterator[Finding]:
    """Whether a sweep begins in each window: without one, only requests and plans of persons use it.

    Args:
        file: the policy file.
        schedules: of the timers that sweep.
        now: epoch seconds, from which on a fortnight is looked at.
    """
    for index, window in enumerate(file.guardrails.window):
        if not any(window.open_at(moment) for schedule in schedules for moment in _firings(schedule, now)):
            what = f"guardrails.window[{index}], {window}: no sweep of the next 14 days begins in it"
            yield Finding("wrong", "window", what, "change the window, or sweep_schedule in s.yaml")


def _firings(schedule: Schedule, now: float) -> Iterator[float]:
    moment = schedule.next_after(now)
    while moment is not None and moment < now + _FORTNIGHT:
        yield moment
        moment = schedule.next_after(moment)


def policies(file: PolicyFile, reserved_days: dict[str, int], surveys: Sequence[Record]) -> Iterator[Finding]:
    """What in the policy file can never act, given the bins that are known and the surveys of the last days."""
    for found in [*lint(file, reserved_days, {}), *unmet_globs(file, surveys)]:
        yield Finding(
            "notice", "policies", f"{found.where}: {found.why}", "change the policy, or the bin's ReservedDays"
        )
