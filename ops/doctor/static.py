"""Checks of what lies here: s.yaml, the policy file, installed versions. Nothing is called."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from functions.retention.audit import LONGEST_SLICE
from functions.retention.policy import PolicyFile, lint
from ops.doctor.finding import Finding

ATTEMPTS = 4
"""Deliveries of one batch: one and three repetitions (documented: BACKOFF_RETRY, advanced features of triggers)."""

BETWEEN_ATTEMPTS = 20
"""Seconds between two of them at most (documented: the same page)."""

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


def policies(file: PolicyFile, reserved_days: dict[str, int]) -> Iterator[Finding]:
    """What in the policy file can never act, given the bins that are known."""
    for found in lint(file, reserved_days, {}):
        yield Finding(
            "notice", "policies", f"{found.where}: {found.why}", "change the policy, or the bin's ReservedDays"
        )
