"""The policy file as values: guardrails first, then the policies inside of them.

Every model is frozen and refuses keys it does not know. Durations are held in seconds and sizes in bytes, though only
read with their unit. What a policy may never do whatever it says stands in `Guardrails`; what contradicts them is
found by `contradictions` before a `PolicyFile` exists.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from functions.retention.core import ContradictionsError, Key, Problem, did_you_mean
from functions.retention.policy.fields import (
    PROTECT_TAG,
    Hours,
    SomeFileSystemIds,
    Tag,
    is_protect_key,
    known_time_zone,
    whole_number,
)
from functions.retention.policy.selection import (
    FileSystems,
    Match,
    Model,
    Policy,
    Protect,
    ScopedProtect,
    SizeRange,
    select_everything,
)
from functions.retention.policy.units import (
    Duration,
    JobLimit,
    ShareLimit,
    SizeLimit,
    format_duration,
    format_size,
)

__all__ = [
    "MAX_CAPACITY_RULES",
    "MESSAGE_VERSION",
    "FileSystems",
    "Guardrails",
    "Limits",
    "Match",
    "Model",
    "Policy",
    "PolicyFile",
    "SizeRange",
    "Window",
    "contradictions",
    "enforcing",
]

MESSAGE_VERSION = 2
"""The version of the messages between slices; part of the digest, so that no run outlives a change of their meaning."""

MAX_CAPACITY_RULES = 4
"""Policies with ``keep_bin_below`` in one file: what a walk weighs for each travels in the run's message."""

_LONGEST_CLOSED = 3 * 24 * 60
"""Minutes within which every window opens: a day, and one more when the change of clocks leaves its hours out."""


class Limits(Model):
    """What one run on one file system may take; a run that would take more takes nothing and says so.

    The defaults are on. ``unlimited`` has to be written out; 0 is a number and means that none may go.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    jobs: JobLimit = 10_000
    """Deletion jobs; at one to two seconds a job the default is half a night's work."""
    bytes: SizeLimit = 10 << 40
    """Bytes that go, those in directories included; 10TiB unless set."""
    share: ShareLimit = 0.5
    """Part of the entries looked at, from 0 to 1: a rule that takes most of a bin is more often a mistake than a plan.

    What no policy of the run can select is not looked at, so rules for a part of the bin have a higher share.
    """

    def broken_by(self, *, jobs: int, size: int, share: float) -> tuple[str, ...]:
        """One sentence for each limit that a run of so many jobs, bytes and such a share (0 to 1) would break."""
        broken = []
        if self.jobs != "unlimited" and jobs > self.jobs:
            broken.append(f"guardrails.limits.jobs: {jobs} jobs, {jobs - self.jobs} over the limit of {self.jobs}")
        if self.bytes != "unlimited" and size > self.bytes:
            over, limit = format_size(size - self.bytes), format_size(self.bytes)
            broken.append(f"guardrails.limits.bytes: {format_size(size)}, {over} over the limit of {limit}")
        if self.share != "unlimited" and share > self.share:
            looked_at = f"{share:.3f} of the entries looked at"
            broken.append(f"guardrails.limits.share: {looked_at}, the limit is {self.share}")
        return tuple(broken)


class Window(Model):
    """The hours of the day in which jobs may start; a running job is not stopped when they end."""

    hours: Hours
    """From (included) to (excluded) by the clock on the wall, ``22:00-06:00``; it may cross midnight."""
    time_zone: Annotated[str, AfterValidator(known_time_zone)]
    """IANA name, like ``Asia/Shanghai``."""

    @model_validator(mode="after")
    def _is_some_of_the_day(self) -> "Window":
        start, end = self._minutes()
        if start == end:
            raise ValueError(f"hours {self.hours} start and end together: leave window out for the whole day")
        return self

    def open_at(self, epoch: float) -> bool:
        """Whether jobs may start at this instant (seconds since 1970)."""
        start, end = self._minutes()
        wall = datetime.fromtimestamp(epoch, tz=ZoneInfo(self.time_zone))
        minute = wall.hour * 60 + wall.minute
        return start <= minute < end if start < end else minute >= start or minute < end

    def next_open(self, epoch: float) -> float:
        """The first instant from `epoch` on at which jobs may start: `epoch` itself when they may now.

        Looked for minute by minute, so it is right on the days on which clocks are changed as well.
        """
        if self.open_at(epoch):
            return epoch
        following = (epoch // 60 + 1) * 60
        minutes = (following + 60 * minute for minute in range(_LONGEST_CLOSED))
        return next(filter(self.open_at, minutes))

    def _minutes(self) -> tuple[int, int]:
        start, end = self.hours.split("-")
        return int(start[:2]) * 60 + int(start[3:]), int(end[:2]) * 60 + int(end[3:])


class Guardrails(Model):
    """What no policy and no event can loosen."""

    file_systems: SomeFileSystemIds
    """Ids of the file systems that may be touched; nothing else ever is."""
    min_age: Duration = 86_400
    """Nothing goes that was deleted more recently than this; one day unless set."""
    protect: Protect = ()
    """Path globs of what never goes, with keys for some file systems or policies only. A directory that matches is
    protected with everything in it."""
    limits: Limits = Limits()
    """What one run may take."""
    hold_tag: Tag = "nas-retention=hold"
    """``key=value``: a file system with this tag is left alone."""
    keep_cancelled: Duration = 7 * 86_400
    """An entry whose deletion job a person cancelled stays for so long after that; seven days unless set."""
    pause: StrictBool = False
    """True stops everything, reviewed and written down."""
    window: Window | None = None
    """When jobs may start; at any time unless set."""

    def holds(self, tags: Mapping[str, str] | None) -> bool:
        """Whether a file system's tags stop everything on it; None, tags that cannot be read, does.

        The value is compared without regard to case and surrounding blanks: someone who wrote Hold meant it.
        """
        key, _, value = self.hold_tag.partition("=")
        return tags is None or (key in tags and tags[key].strip().casefold() == value.strip().casefold())


class PolicyFile(Model):
    """A whole policy file."""

    version: Annotated[Literal[1], BeforeValidator(whole_number, json_schema_input_type=Literal[1])]
    """The version of this language."""
    guardrails: Guardrails
    policies: Annotated[tuple[Policy, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> "PolicyFile":
        problems = contradictions(self.guardrails, dict(enumerate(self.policies)))
        if problems:
            raise ContradictionsError(problems)
        return self

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of all that is deployed: guardrails, policies, version of the messages.

        Comments, the order of keys, and the unit in which a duration or size is written make no difference.
        """
        content = {"message_version": MESSAGE_VERSION, **self.model_dump(mode="json", by_alias=True)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def for_file_system(self, file_system_id: str, tags: Mapping[str, str] | None) -> tuple[Policy, ...]:
        """The policies that apply to a file system, in the order of the file; tags are None when not known.

        None applies to a file system that the guardrails do not name.
        """
        if file_system_id not in self.guardrails.file_systems:
            return ()
        return tuple(policy for policy in self.policies if policy.file_systems.include(file_system_id, tags))


def enforcing(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """Those of the policies that may delete; the others only tell what they would."""
    return tuple(policy for policy in policies if policy.mode == "enforce")


def contradictions(guardrails: Guardrails | None, policies: Mapping[int, Policy]) -> list[Problem]:
    """All that cannot stand together, of what could be read: no guardrails are None, unreadable policies left out."""
    problems = []
    allowed = guardrails.file_systems if guardrails else ()
    for index, file_system_id in enumerate(allowed):
        if file_system_id in allowed[:index]:
            problems.append(Problem(("guardrails", "file_systems", index), f"{file_system_id!r} is there already"))
    if guardrails and is_protect_key(guardrails.hold_tag.partition("=")[0]):
        problems.append(
            Problem(("guardrails", "hold_tag"), f"the key {PROTECT_TAG} adds protected paths: write another")
        )
    names: dict[str, int] = {}
    for index, policy in policies.items():
        where: tuple[Key, ...] = ("policies", index)
        first = names.setdefault(policy.name, index)
        if first != index:
            problems.append(Problem((*where, "name"), f"{policy.name!r} is the name of policies[{first}] already"))
        problems += _against_guardrails(guardrails, policy, where) if guardrails else ()
    problems += _unknown_in_protect(guardrails, list(names)) if guardrails else ()
    problems += select_everything(guardrails.min_age if guardrails else 0, policies)
    capacity_rules = [index for index, policy in policies.items() if policy.keep_bin_below]
    for index in capacity_rules[MAX_CAPACITY_RULES:]:
        what = f"{MAX_CAPACITY_RULES} policies have keep_bin_below already, and no more cut-offs fit a run's message"
        problems.append(Problem(("policies", index, "keep_bin_below"), what))
    return problems


def _unknown_in_protect(guardrails: Guardrails, names: list[str]) -> Iterable[Problem]:
    for index, each in enumerate(guardrails.protect):
        if isinstance(each, ScopedProtect):
            scopes = {"file_systems": (each.file_systems, guardrails.file_systems), "policies": (each.policies, names)}
            for key, (named, allowed) in scopes.items():
                for position, name in enumerate(named):
                    if name not in allowed:
                        what = f"{name!r} is not in the file; {did_you_mean(name, allowed)}"
                        yield Problem(("guardrails", "protect", index, key, position), what)


def _against_guardrails(guardrails: Guardrails, policy: Policy, where: tuple[Key, ...]) -> Iterable[Problem]:
    if policy.older_than is not None and policy.older_than < guardrails.min_age:
        age, floor = format_duration(policy.older_than), format_duration(guardrails.min_age)
        yield Problem((*where, "older_than"), f"{age} is under guardrails.min_age: write {floor} or more")
    for index, file_system_id in enumerate(policy.file_systems.ids):
        if file_system_id not in guardrails.file_systems:
            named = ", ".join(guardrails.file_systems)
            what = f"{file_system_id!r} is not in guardrails.file_systems, which allows {named}"
            yield Problem((*where, "file_systems", "ids", index), what)
