"""The policy file as values: guardrails first, then the policies inside of them.

Every model is frozen and refuses keys it does not know. Durations are held in seconds and sizes in bytes, though only
read with their unit. What a policy may never do whatever it says stands in `Guardrails`; what contradicts them is
found by `contradictions` before a `PolicyFile` exists.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from functions.retention.core import ContradictionsError, Key, Problem, did_you_mean
from functions.retention.policy.fields import (
    PROTECT_TAG,
    Model,
    SomeFileSystemIds,
    Tag,
    is_protect_key,
    whole_number,
)
from functions.retention.policy.pause_tag import PAUSE_TAG, is_pause_key
from functions.retention.policy.selection import (
    FileSystems,
    Match,
    Policy,
    Protect,
    ScopedProtect,
    SizeRange,
    select_everything,
)
from functions.retention.policy.units import (
    Duration,
    DurationOrNone,
    FactorLimit,
    JobLimit,
    ShareLimit,
    SizeLimit,
    format_duration,
    format_size,
)
from functions.retention.policy.window import Windows

__all__ = [
    "MESSAGE_VERSION",
    "FileSystems",
    "Guardrails",
    "Limits",
    "Match",
    "Model",
    "Policy",
    "PolicyFile",
    "SizeRange",
    "contradictions",
    "enforcing",
]

MESSAGE_VERSION = 3
"""The version of the messages between slices; part of the digest, so that no run outlives a change of their meaning."""


class Limits(Model):
    """What one run on one file system may take; a run that would take more takes nothing and says so.

    The defaults are on. ``unlimited`` has to be written out; 0 is a number and means that none may go.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    jobs: JobLimit = 10_000
    """Deletion jobs; at one to two seconds a job the default is half a night's work."""
    bytes: SizeLimit = 10 << 40
    """Bytes that go, those in directories included; 10TiB unless set. A file of unknown size is never within it."""
    share: ShareLimit = 0.5
    """Part of the bytes in the bin, from 0 to 1: a rule that takes most of a bin is more often a mistake than a plan.

    The bin's bytes are those that the service tells. A run that looks at the whole bin counts them too, and the smaller
    figure counts. When the service tells none, only what the run lists counts. A file of unknown size is never within
    the limit.
    """

    def broken_by(self, *, jobs: int, size: int, share: float | None, unknown: int = 0) -> tuple[str, ...]:
        """One sentence for each limit that a run would break.

        Args:
            jobs: how many it takes.
            size: bytes it takes, without what is of unknown size.
            share: the part of the bin's bytes, 0 to 1; None when it is not known.
            unknown: how many files or targets it takes are of unknown size.
        """
        broken = []
        if self.jobs != "unlimited" and jobs > self.jobs:
            broken.append(f"guardrails.limits.jobs: {jobs} jobs, {jobs - self.jobs} over the limit of {self.jobs}")
        if self.bytes != "unlimited" and size > self.bytes:
            over, limit = format_size(size - self.bytes), format_size(self.bytes)
            broken.append(f"guardrails.limits.bytes: {format_size(size)}, {over} over the limit of {limit}")
        elif self.bytes != "unlimited" and unknown:
            broken.append(f"guardrails.limits.bytes: {_unknown(unknown)}, the limit is {format_size(self.bytes)}")
        if self.share != "unlimited" and (share is None or share > self.share or (jobs and not self.share)):
            taken = _unknown(unknown) if share is None else f"{share:.3f} of the bytes in the bin"
            broken.append(f"guardrails.limits.share: {taken}, the limit is {self.share}")
        return tuple(broken)


def _unknown(count: int) -> str:
    return f"the sizes of {count} of the entries that would go are not known"


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
    tags_unchanged_for: DurationOrNone = 86_400
    """Where tags let more be deleted than before, runs only survey until the tags are the same for so long; 24h
    unless set. 0 switches it off."""
    times_usual: FactorLimit = 10.0
    """A run that selects more than so many times the usual entries or bytes only surveys; 10 unless set. A person lets
    it go by its plan. ``unlimited`` switches it off.

    The usual is the median of the file system's last five days, each with its largest survey. Without three such days,
    nothing is usual and no run stops. Up to 1,000 entries and 10GiB are never unusual.
    """
    keep_cancelled: Duration = 7 * 86_400
    """An entry whose deletion job a person cancelled stays for so long after that; seven days unless set."""
    pause: StrictBool = False
    """True stops everything, reviewed and written down."""
    window: Windows = ()
    """When jobs may start: while any of these is open; at any time unless set."""

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
    if guardrails and is_pause_key(guardrails.hold_tag.partition("=")[0]):
        problems.append(Problem(("guardrails", "hold_tag"), f"the key {PAUSE_TAG} is of ops pause: write another"))
    names: dict[str, int] = {}
    for index, policy in policies.items():
        where: tuple[Key, ...] = ("policies", index)
        first = names.setdefault(policy.name, index)
        if first != index:
            problems.append(Problem((*where, "name"), f"{policy.name!r} is the name of policies[{first}] already"))
        problems += _against_guardrails(guardrails, policy, where) if guardrails else ()
    problems += _unknown_in_protect(guardrails, list(names)) if guardrails else ()
    problems += select_everything(guardrails.min_age if guardrails else 0, policies)
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
