"""What a walk counts: entries, bytes and jobs, by policy and reason."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import Field

from functions.retention.core import Entry

OTHER_POLICIES = "(others)"
"""Stands for policies that are not counted by name; no policy can be called so."""


@dataclass
class Counts:
    """What was counted.

    Attributes:
        selected: entries that go.
        size: their bytes, without files of unknown size.
        unknown: those of unknown size.
        jobs: deletion jobs that takes, without directories that may still take all.
        kept: entries that stay, by the verdict's reason or why a selected directory stays.
        listed_size: bytes of all files listed, without those of unknown size.
        listed_unknown: files listed without a size, and directories not looked into.
        by_policy: [entries, bytes, entries of unknown size] by the policy that selects them.
    """

    selected: Annotated[int, Field(ge=0)] = 0
    size: Annotated[int, Field(ge=0)] = 0
    unknown: Annotated[int, Field(ge=0)] = 0
    jobs: Annotated[int, Field(ge=0)] = 0
    kept: Counter[str] = field(default_factory=Counter)
    listed_size: Annotated[int, Field(ge=0)] = 0
    listed_unknown: Annotated[int, Field(ge=0)] = 0
    by_policy: dict[str, list[int]] = field(default_factory=dict)

    def select(self, policy: str | None, size: int, entries: int = 1, unknown: int = 0) -> None:
        """Count entries that go, `unknown` of them of unknown size."""
        self.selected += entries
        self.size += size
        self.unknown += unknown
        self.count_for(policy or "", entries, size, unknown)

    def see(self, entries: Iterable[Entry]) -> None:
        """Count the bytes of listed entries; those in a directory are its own."""
        sizes = [entry.size for entry in entries if not entry.is_directory]
        known = [size for size in sizes if size is not None]
        self.listed_size += sum(known)
        self.listed_unknown += len(sizes) - len(known)

    def count_for(self, policy: str, *numbers: int) -> None:
        """Count entries, bytes and entries of unknown size by the policy that selects them."""
        before = self.by_policy.get(policy, (0, 0, 0))
        self.by_policy[policy] = [old + new for old, new in zip(before, numbers, strict=True)]

    def add(self, other: "Counts") -> None:
        """Add other counts."""
        self.selected += other.selected
        self.size += other.size
        self.unknown += other.unknown
        self.jobs += other.jobs
        self.kept.update(other.kept)
        self.listed_size += other.listed_size
        self.listed_unknown += other.listed_unknown
        for policy, numbers in other.by_policy.items():
            self.count_for(policy, *numbers)


@dataclass
class Tally(Counts):
    """Counts of a survey, to be handed from slice to slice together with the cursor.

    Attributes:
        unproven: empty directories, by policy, met before this file system showed that it can look into recycled ones.
        partial: what the directory holds that is just being read.
    """

    unproven: dict[str, int] = field(default_factory=dict)
    partial: Counts = field(default_factory=Counts)

    def shortened(self, named: int) -> "Tally":
        """The same, with so many policies counted by name and the smaller others together."""
        numbered = ((size, entries, policy) for policy, (entries, size, _) in self.by_policy.items())
        sizes = sorted(numbered, reverse=True)
        if len(self.by_policy.keys() | self.partial.by_policy.keys() | self.unproven.keys()) <= named:
            return self
        names = {policy for _, _, policy in sizes[:named]}
        short = replace(self, by_policy={}, unproven={}, partial=replace(self.partial, by_policy={}))
        for counts, before in ((short, self), (short.partial, self.partial)):
            for policy, numbers in before.by_policy.items():
                counts.count_for(policy if policy in names else OTHER_POLICIES, *numbers)
        for policy, directories in self.unproven.items():
            known_as = policy if policy in names else OTHER_POLICIES
            short.unproven[known_as] = short.unproven.get(known_as, 0) + directories
        return short
