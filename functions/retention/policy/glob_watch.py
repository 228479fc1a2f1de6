"""Which globs of a policy file meet something, and which of them look like a name with brackets that was seen.

A glob that meets nothing is a mistake that nothing else shows: a path under the mount point, a name that is spelled
otherwise, ``[final]`` for a directory that is called so.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from functions.retention.core import Entry
from functions.retention.policy.globs import GlobList, composed
from functions.retention.policy.protection import ProtectRule
from functions.retention.policy.selection import Policy
from functions.retention.policy.spelling import as_name

MOST_WATCHED = 256
"""Globs that are watched; which of them met something travels in a run's message. Nothing is told of further ones."""


class _Watched(NamedTuple):
    """One glob that is watched.

    Attributes:
        label: where it stands, for a person.
        instead: the glob that takes brackets for a part of a name; "" for the glob as it is written.
        by_name: it is compared with names, not with paths.
        globs: finds what it matches.
    """

    label: str
    instead: str
    by_name: bool
    globs: GlobList


def label_of(policy: str, key: str, glob: str) -> str:
    """How a glob of a policy is called in records and answers."""
    return f"policies.{policy}.match.{key}: {glob}"


def _all_of(policies: Sequence[Policy], protected: Sequence[ProtectRule]) -> Iterator[_Watched]:
    written = [(rule.text, rule.glob, False, True) for rule in protected]
    for policy in policies:
        written += [(label_of(policy.name, "path", glob), glob, False, False) for glob in policy.match.path]
        written += [(label_of(policy.name, "name", glob), glob, True, False) for glob in policy.match.name]
    yield from (_Watched(label, "", by_name, GlobList([glob], trees=trees)) for label, glob, by_name, trees in written)
    for label, glob, by_name, _ in written:
        if (instead := as_name(glob)) != glob:
            yield _Watched(label, instead, by_name, GlobList([instead], trees=not by_name))


class GlobWatch:
    """Sees what a survey sees, and notes the globs that meet something.

    Args:
        policies: those that the run carries out.
        protected: what is protected on the file system.
        met: which globs an earlier slice saw meet something, one bit each.

    Attributes:
        met: which globs met something so far. One that could match in a directory that was left out counts.
    """

    def __init__(self, policies: Sequence[Policy], protected: Sequence[ProtectRule], *, met: int = 0) -> None:
        self._watched = list(_all_of(policies, protected))[:MOST_WATCHED]
        self.met = met
        self._unmet = self._still_unmet()

    def see_page(self, directory: str, entries: Sequence[Entry]) -> None:
        """Note what the entries of a directory (its path) meet."""
        if not self._unmet:
            return
        prefix = composed(directory).rstrip("/") + "/"
        names = {composed(entry.name) for entry in entries}
        for number, watched in self._unmet.items():
            find, before = watched.globs.find, "" if watched.by_name else prefix
            if any(find(before + name) is not None for name in names):
                self.met |= 1 << number
        self._unmet = self._still_unmet()

    def see_left_out(self, directory: str) -> None:
        """Note what could be in a directory (its path) that is not looked into: nobody knows, so it counts as met."""
        path = composed(directory)
        for number, watched in self._unmet.items():
            unknown = not watched.instead and (watched.by_name or watched.globs.may_match_below(path))
            if unknown or (not watched.by_name and watched.globs.find(path) is not None):
                self.met |= 1 << number
        self._unmet = self._still_unmet()

    def nothing(self) -> list[str]:
        """The globs that met nothing."""
        return [watched.label for watched in self._unmet.values() if not watched.instead]

    def names(self) -> dict[str, str]:
        """By glob: how to write it, because a name was seen that has its brackets."""
        watched = enumerate(self._watched)
        return {each.label: each.instead for number, each in watched if each.instead and self._is_met(number)}

    def summary(self) -> dict[str, object]:
        """What a record tells of the globs, without what is empty."""
        found: dict[str, object] = {"nothing": self.nothing(), "names": self.names()}
        return {key: value for key, value in found.items() if value}

    def _is_met(self, number: int) -> bool:
        return bool(self.met >> number & 1)

    def _still_unmet(self) -> Mapping[int, _Watched]:
        return {number: each for number, each in enumerate(self._watched) if not self._is_met(number)}
