"""A policy as a value, and whether policies select everything: judged by what they take together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    Tag,
    WithJsonSchema,
    model_validator,
)

from functions.retention.core import Problem
from functions.retention.policy.fields import (
    Model,
    PolicyName,
    SomeFileSystemIds,
    SomePolicyNames,
    ids_alone,
    one_or_many,
)
from functions.retention.policy.globs import GlobList, check_name_glob, check_path_glob, probe_names, probe_paths
from functions.retention.policy.spelling import odd_sign
from functions.retention.policy.units import Duration, Size, format_duration, format_size

_LARGER_THAN_ANY_FILE = 1 << 50
"""1PiB. Assumed."""

EMPTY_BIN = 1 << 30
"""Bytes. A capacity rule for less than this keeps nothing that a person would miss. Assumed."""


def plainly_spelled(value: object) -> object:
    """A glob as it is.

    Raises:
        ValueError: as it is written it can only be a mistake, see `functions.retention.policy.spelling`.
    """
    if isinstance(value, str) and (odd := odd_sign(value)):
        raise ValueError(f"{value!r} {odd}")
    return value


_ONE_GLOB: dict[str, object] = {"type": "string", "minLength": 1}

_SOME_GLOBS = WithJsonSchema({"anyOf": [_ONE_GLOB, {"type": "array", "items": _ONE_GLOB, "minItems": 1}]})

PathGlob = Annotated[str, BeforeValidator(check_path_glob), BeforeValidator(plainly_spelled)]

NameGlob = Annotated[str, BeforeValidator(check_name_glob), BeforeValidator(plainly_spelled)]

PathGlobs = Annotated[tuple[PathGlob, ...], BeforeValidator(one_or_many), Field(min_length=1), _SOME_GLOBS]

NameGlobs = Annotated[tuple[NameGlob, ...], BeforeValidator(one_or_many), Field(min_length=1), _SOME_GLOBS]


class FileSystems(Model):
    """The file systems a policy is for, out of those the guardrails name; a plain list stands for ``ids``."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    ids: SomeFileSystemIds = ()
    """Any of these."""
    tags: Annotated[Mapping[str, str], Field(min_length=1)] = Field(default_factory=dict)
    """All of these; with ``ids`` as well, both have to hold."""

    @model_validator(mode="after")
    def _names_some(self) -> "FileSystems":
        if not self.ids and not self.tags:
            raise ValueError("names no file system: give ids, tags or both")
        return self

    def include(self, file_system_id: str, tags: Mapping[str, str] | None) -> bool:
        """Whether the file system is one of them; by unknown tags none is."""
        if self.ids and file_system_id not in self.ids:
            return False
        return not self.tags or (tags is not None and self.tags.items() <= tags.items())


class SizeRange(Model):
    """Bytes of a file, both ends included. Directories have no size of their own and are never in it."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    min: Size | None = None
    max: Size | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> "SizeRange":
        if self.min is None and self.max is None:
            raise ValueError("has neither min nor max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {format_size(self.min)} is above max {format_size(self.max)}")
        return self

    @property
    def is_any(self) -> bool:
        """Whether every file is in it: from nothing to more than any file has."""
        return not self.min and (self.max is None or self.max >= _LARGER_THAN_ANY_FILE)


class Match(Model):
    """What an entry must be like, all of it; lists are alternatives. Globs: see ``policy.globs``."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    path: PathGlobs = ()
    """The entry's path before deletion matches one of these."""
    name: NameGlobs = ()
    """The entry's own name matches one of these."""
    not_path: PathGlobs = ()
    """Neither the path nor a directory above it matches any of these."""
    not_name: NameGlobs = ()
    """The entry's own name matches none of these (what is in a directory of that name is not left out)."""
    type: Literal["file", "directory"] | None = None
    """Only files, or only directories."""
    size: SizeRange | None = None
    """Only files of such a size."""
    not_accessed_for: Duration | None = None
    """The last access was at least so long before the run's ``as_of``; an unknown access time keeps."""
    not_modified_for: Duration | None = None
    """The last modification was at least so long before the run's ``as_of``; an unknown modification time keeps."""


class Policy(Model):
    """One reviewed rule: on which file systems what may go, how old it must be, and in which manner."""

    removed_keys: ClassVar[Mapping[str, str]] = {
        "directories": "is no key any more: a directory goes whole only when every entry in it was looked at, since "
        "what was not counted is within no limit; leave it out"
    }
    """Keys of earlier versions, and why they are refused."""

    name: PolicyName
    """Names the policy in records and answers; unique in the file."""
    file_systems: Annotated[
        FileSystems, BeforeValidator(ids_alone, json_schema_input_type=SomeFileSystemIds | FileSystems)
    ]
    """Where it applies."""
    older_than: Duration | None = None
    """Time since the entry's own deletion, measured at the run's ``as_of``; never under ``guardrails.min_age``."""
    match: Match = Match()
    """What it selects; everything old enough unless set."""
    order: Literal["as-found", "largest-first", "oldest-first"] = "as-found"
    """What goes first. A run that takes only some of what it selects takes the oldest unless this says otherwise."""
    keep_bin_below: Size | None = None
    """Takes, in ``order``, only while the bin holds more than this; besides ``older_than``, not instead."""
    mode: Literal["dry-run", "enforce"] = "dry-run"
    """``dry-run`` tells what would go."""
    canary: Annotated[int, Field(ge=1, strict=True)] | None = None
    """After so many jobs the outcome is verified before the run goes on."""
    unsafe_select_everything: StrictBool = Field(default=False, alias="unsafe-select-everything")
    """Has to be true for a policy that takes all that ``guardrails.min_age`` lets go, alone or with others."""

    @property
    def matches(self) -> tuple[Match, ...]:
        """What an entry must match, each of them: the policy's own, and those of a narrowing event."""
        return (self.match,)


class ScopedProtect(Model):
    """Path globs that are protected on some file systems, from some policies, or both."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["file_systems"]}, {"required": ["policies"]}]})

    paths: PathGlobs
    """What is kept; a directory that matches is protected with everything in it."""
    file_systems: SomeFileSystemIds = ()
    """Only on these file systems; on all unless set."""
    policies: SomePolicyNames = ()
    """Only from these policies: another policy may still take it. From all unless set."""

    @model_validator(mode="after")
    def _is_scoped(self) -> "ScopedProtect":
        if not self.file_systems and not self.policies:
            raise ValueError("has no scope: give file_systems, policies or both, or write the globs without keys")
        for key, values in (("paths", self.paths), ("file_systems", self.file_systems), ("policies", self.policies)):
            twice = next((value for index, value in enumerate(values) if value in values[:index]), None)
            if twice is not None:
                raise ValueError(f"{key} names {twice!r} twice")
        return self


def _kind(value: object) -> str:
    return "\0scoped" if isinstance(value, Mapping | ScopedProtect) else "\0glob"


_Entry = Annotated[
    Annotated[PathGlob, WithJsonSchema(_ONE_GLOB), Tag("\0glob")] | Annotated[ScopedProtect, Tag("\0scoped")],
    Discriminator(_kind),
]

_Some = Annotated[str, WithJsonSchema(_ONE_GLOB)] | Annotated[tuple[_Entry, ...], Field(min_length=1)]

Protect = Annotated[tuple[_Entry, ...], BeforeValidator(one_or_many, json_schema_input_type=_Some)]


class _Kind(NamedTuple):
    """A kind of entry that may be in a bin.

    Attributes:
        type: ``file`` or ``directory``.
        size: bytes.
    """

    type: str
    size: int


def is_bounded(policy: Policy, min_age: int) -> bool:
    """Whether an age or a size of the bin bounds what a policy takes, more than ``guardrails.min_age`` (seconds) does.

    An age at or below ``min_age`` bounds nothing. Neither does such an age for the last change or
    access, which is at least as old as the deletion: nothing in the bin can be opened (inferred).
    """
    ages = (policy.older_than, policy.match.not_modified_for, policy.match.not_accessed_for)
    return any((age or 0) > min_age for age in ages) or (policy.keep_bin_below or 0) >= EMPTY_BIN


def take_everything(matches: Sequence[Match]) -> bool:
    """Whether matches take all there is to expect, together or one of them alone; what they exclude does not count.

    Tried on thousands of paths, each as a directory and as files of the sizes that matter. Only together do
    ``[!x]*`` and ``x*``, or files and directories, leave nothing out.
    """
    found = [(GlobList(each.path).find, GlobList(each.name).find) for each in matches]
    names = (f"/{name}" for name in probe_names())
    known: dict[tuple[int, ...], bool] = {}
    for path in probe_paths() if any(each.path for each in matches) else names:
        name = path.rpartition("/")[2]
        meeting = tuple(
            index
            for index, (each, (in_path, in_name)) in enumerate(zip(matches, found, strict=True))
            if (not each.path or in_path(path)) and (not each.name or in_name(name))
        )
        if meeting not in known:
            known[meeting] = _take_every_kind([matches[index] for index in meeting])
        if not known[meeting]:
            return False
    return True


def select_everything(min_age: int, policies: Mapping[int, Policy]) -> Iterator[Problem]:
    """A problem for each policy, and each group of policies on one file system, that takes everything unsaid.

    Args:
        min_age: of the guardrails, in seconds; 0 when they cannot be read.
        policies: those that can be read, by their index in the file.
    """
    least = f"all that guardrails.min_age{f' ({format_duration(min_age)})' if min_age else ''} lets go"
    unsaid = {
        index: policy
        for index, policy in policies.items()
        if not (
            policy.unsafe_select_everything or is_bounded(policy, min_age) or 0 < (policy.older_than or 0) < min_age
        )
    }
    alone = {index for index, policy in unsaid.items() if take_everything([policy.match])}
    for index in sorted(alone):
        yield Problem(("policies", index), f"selects everything, {least}: {_REMEDY}")
    rest = {index: policy for index, policy in unsaid.items() if index not in alone}
    for group in sorted(_groups(rest)):
        if len(group) > 1 and take_everything([rest[index].match for index in group]):
            others = ", ".join(rest[index].name for index in group[:-1])
            what = f"selects everything, {least}, together with {others}: {_REMEDY}"
            yield Problem(("policies", group[-1]), what)


_REMEDY = (
    "give it an older_than above min_age, a keep_bin_below of 1GiB or more, or a match that leaves something out, or "
    "write unsafe-select-everything: true"
)


def _groups(policies: Mapping[int, Policy]) -> set[tuple[int, ...]]:
    """The policies that may meet on one file system: they name it, or none, and want no tag with two values."""
    ids = {each for policy in policies.values() for each in policy.file_systems.ids} | {""}
    return {
        tuple(index for index, other in policies.items() if _is_for(other, each) and _agree(policy, other))
        for each in ids
        for policy in policies.values()
        if _is_for(policy, each)
    }


def _is_for(policy: Policy, file_system: str) -> bool:
    return not policy.file_systems.ids or file_system in policy.file_systems.ids


def _agree(one: Policy, other: Policy) -> bool:
    theirs = other.file_systems.tags
    return all(theirs.get(key, value) == value for key, value in one.file_systems.tags.items())


def _take_every_kind(matches: Sequence[Match]) -> bool:
    return all(any(_takes(match, kind) for match in matches) for kind in _kinds(matches))


def _kinds(matches: Iterable[Match]) -> set[_Kind]:
    """A directory, and files of every size at which a match begins or ends."""
    sizes = {0, 1, _LARGER_THAN_ANY_FILE}
    for match in matches:
        if match.size:
            low, high = match.size.min or 0, match.size.max or 0
            sizes |= {low - 1, low, high, high + 1}
    return {_Kind("directory", 0)} | {_Kind("file", size) for size in sizes if 0 <= size <= _LARGER_THAN_ANY_FILE}


def _takes(match: Match, kind: _Kind) -> bool:
    if match.type not in (None, kind.type):
        return False
    if match.size is None or match.size.is_any:
        return True
    high = _LARGER_THAN_ANY_FILE if match.size.max is None else match.size.max
    return kind.type == "file" and (match.size.min or 0) <= kind.size <= high
