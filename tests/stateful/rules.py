"""The policies of a stateful history, and what they mean, told without any code of the functions.

A promise must not be judged by the code that is to keep it. So ages, paths and hours are compared here again, for the
few shapes of policies that the histories use.
"""

import random
from dataclasses import dataclass, replace

from functions.retention.core.entry import Entry
from functions.retention.policy.model import Guardrails, Policy, PolicyFile
from tests.unit.retention.job_bin import FILE_SYSTEM

CAPACITY = "full"
"""Name of the policy with `keep_bin_below`."""

DAY = 86_400
HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take; None: no limit."""

    jobs: int | None = None
    bytes: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The policies of one moment of a history: one that enforces, and one in dry run that selects more.

    Attributes:
        older_than: days, of the policy that enforces; the other one takes what is older than `min_age`.
        below: the policy that enforces selects what is below this path; "" selects everywhere.
        min_age: days.
        protect: directories that are protected, with everything in them.
        open_from: hour of the day (UTC) at which jobs may start; None: at any hour.
        open_for: hours for which they may.
        limits: of one run.
        order: what goes first.
        canary: after how many jobs their outcome is verified; None: never.
        pause: the policy file stops all work.
        keep_below: another policy that enforces takes what is older than `min_age`, only while the bin holds more than
            so many bytes; None: there is no such policy.
    """

    older_than: int = 7
    below: str = ""
    min_age: int = 1
    protect: tuple[str, ...] = ("/keep",)
    open_from: int | None = None
    open_for: int = 2
    limits: Limits = Limits()
    order: str = "as-found"
    canary: int | None = None
    pause: bool = False
    keep_below: int | None = None

    def file(self) -> PolicyFile:
        """The policy file that says so."""
        return PolicyFile(
            version=1,
            guardrails=Guardrails.model_validate(self._guardrails()),
            policies=(
                Policy.model_validate(self._policy()),
                *([Policy.model_validate(self._capacity_policy())] if self.keep_below is not None else []),
                Policy.model_validate({**self._policy(), "name": "trial", "mode": "dry-run", "match": {"path": "/**"}}),
            ),
        )

    def _capacity_policy(self) -> dict[str, object]:
        return {
            "name": CAPACITY,
            "file_systems": FILE_SYSTEM,
            "keep_bin_below": f"{self.keep_below}B",
            "mode": "enforce",
            "unsafe-select-everything": True,
        }

    def _policy(self) -> dict[str, object]:
        match = {"match": {"path": f"{self.below}/**"}} if self.below else {}
        canary = {"canary": self.canary} if self.canary is not None else {}
        return {
            "name": "aged",
            "file_systems": FILE_SYSTEM,
            "older_than": f"{self.older_than}d",
            "mode": "enforce",
            "order": self.order,
            **match,
            **canary,
        }

    def _guardrails(self) -> dict[str, object]:
        limits = {
            "jobs": "unlimited" if self.limits.jobs is None else self.limits.jobs,
            "bytes": "unlimited" if self.limits.bytes is None else f"{self.limits.bytes}B",
            "share": "unlimited" if self.limits.share is None else self.limits.share,
        }
        shut = {} if self.open_from is None else {"window": {"hours": self._hours(), "time_zone": "Etc/UTC"}}
        globs = [glob for each in self.protect for glob in (each, f"{each}/**")]
        return {
            "file_systems": FILE_SYSTEM,
            "min_age": f"{self.min_age}d",
            "protect": globs,
            "limits": limits,
            "pause": self.pause,
            **shut,
        }

    def _hours(self) -> str:
        start = self.open_from or 0
        return f"{start:02}:00-{(start + self.open_for) % 24:02}:00"

    # What they mean.

    def selects(self, path: str, age: float) -> bool:
        """Whether a policy that enforces selects an entry of a path (absolute) and an age (seconds)."""
        if self.keep_below is not None and age >= self.min_age * DAY:
            return True
        return age >= self.older_than * DAY and path.startswith(f"{self.below}/")

    def protects(self, path: str) -> bool:
        """Whether a directory that is protected is or holds the path."""
        return any(f"{path}/".startswith(f"{each}/") for each in self.protect)

    def is_open(self, moment: float) -> bool:
        """Whether jobs may start at a moment (epoch seconds)."""
        if self.open_from is None:
            return True
        return (moment % DAY // HOUR - self.open_from) % 24 < self.open_for


def full_path(entry: Entry, directory: str) -> str:
    """The path of an entry that was deleted from a directory."""
    return f"{directory.rstrip('/')}/{entry.name}"


def drawn(rng: random.Random) -> Rules:
    """The rules that a history begins with; where capacity counts, the other policy leaves most of the bin to it."""
    keep_below = rng.choice([None, None, None, 100, 130, 160])
    return Rules(
        older_than=rng.choice([7, 7, 20]),
        min_age=rng.choice([1, 1, 4]),
        below=rng.choice(["", "", "/a"]) if keep_below is None else "/c",
        open_from=rng.choice([None, None, None, 12, 13]),
        limits=_drawn_limits(rng),
        order=rng.choice(["as-found", "as-found", "oldest-first", "largest-first"]),
        canary=rng.choice([None, None, 2]),
        keep_below=keep_below,
    )


def _drawn_limits(rng: random.Random) -> Limits:
    return rng.choice([Limits(), Limits(), Limits(jobs=20), Limits(bytes=90), Limits(share=0.7)])


def changed(rules: Rules, rng: random.Random) -> Rules:
    """The rules after somebody deployed another policy file; a pause is lifted by the next one."""
    rules = replace(rules, pause=False)
    return rng.choice(
        [
            replace(rules, older_than=rng.choice([7, 20, 60])),
            replace(rules, protect=rng.choice([("/keep",), ("/keep", "/a")])),
            replace(rules, pause=rng.random() < 0.3),
            replace(rules, min_age=rng.choice([1, 4])),
            replace(rules, limits=_drawn_limits(rng)),
            replace(rules, keep_below=rng.choice([None, 100])),
        ]
    )
