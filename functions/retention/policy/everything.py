"""Finds policies that select everything, judged by what they take together and not by how they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.retention.core import Problem
from functions.retention.policy.globs import GlobList, probe_names, probe_paths
from functions.retention.policy.units import format_duration

if TYPE_CHECKING:
    from functions.retention.policy.model import Guardrails, Match, Policy

EMPTY_BIN = 1 << 30
"""Bytes. A capacity rule for less than this keeps nothing that a person would miss. Assumed."""

_LARGEST_FILE = 1 << 50
"""1PiB. Assumed."""


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

    An age at or below ``min_age`` bounds nothing. Neither does such an age for the last change or access: nothing is
    changed or read after its deletion (inferred: the bin cannot be opened), so it is at least as old as the deletion.
    """
    ages = (policy.older_than, policy.match.not_modified_for, policy.match.not_accessed_for)
    return any((age or 0) > min_age for age in ages) or (policy.keep_bin_below or 0) >= EMPTY_BIN


def take_everything(matches: Sequence[Match]) -> bool:
    """Whether matches take all there is to expect, together or one of them alone; what they exclude does not count.

    Tried on thousands of paths, each as a directory and as files of the sizes that matter, since only together do
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


def select_everything(guardrails: Guardrails | None, policies: Mapping[int, Policy]) -> Iterator[Problem]:
    """A problem for each policy, and each group of policies on one file system, that takes everything unsaid.

    Args:
        guardrails: None when they cannot be read.
        policies: those that can be read, by their index in the file.
    """
    min_age = guardrails.min_age if guardrails else 0
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
    sizes = {0, 1, _LARGEST_FILE}
    for match in matches:
        if match.size:
            low, high = match.size.min or 0, match.size.max or 0
            sizes |= {low - 1, low, high, high + 1}
    return {_Kind("directory", 0)} | {_Kind("file", size) for size in sizes if 0 <= size <= _LARGEST_FILE}


def _takes(match: Match, kind: _Kind) -> bool:
    if match.type not in (None, kind.type):
        return False
    if match.size is None or match.size.is_any:
        return True
    high = _LARGEST_FILE if match.size.max is None else match.size.max
    return kind.type == "file" and (match.size.min or 0) <= kind.size <= high
