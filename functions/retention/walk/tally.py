"""What a walk counts: entries, bytes and jobs, by policy and reason."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import Field

from functions.retention.walk.order import Histogram

OTHER_POLICIES = "(others)"
"""Stands for policies that are not counted by name; no policy can be called so."""


@dataclass
class Counts:
    """What was counted.

    Attributes:
        selected: entries that go.
        size: their bytes.
        jobs: deletion jobs that takes, without directories that may still take all.
        kept: entries that stay, by the verdict's reason or why a selected directory stays.
        by_policy: [entries, bytes] by the policy that selects them.
    """

    selected: Annotated[int, Field(ge=0)] = 0
    size: Annotated[int, Field(ge=0)] = 0
    jobs: Annotated[int, Field(ge=0)] = 0
    kept: Counter[str] = field(default_factory=Counter)
    by_policy: dict[str, list[int]] = field(default_factory=dict)

    def select(self, policy: str | None, size: int, entries: int = 1) -> None:
        """Count entries that go."""
        self.selected += entries
        self.size += size
        self.count_for(policy or "", size, entries)

    def count_for(self, policy: str, size: int, entries: int) -> None:
        """Count entries by the policy that selects them."""
        counts = self.by_policy.setdefault(policy, [0, 0])
        counts[0] += entries
        counts[1] += size

    def add(self, other: "Counts") -> None:
        """Add other counts."""
        self.selected += other.selected
        self.size += other.size
        self.jobs += other.jobs
        self.kept.update(other.kept)
        for policy, (entries, size) in other.by_policy.items():
            self.count_for(policy, size, entries)


@dataclass
class Tally(Counts):
    """Counts of a survey, to be handed from slice to slice together with the cursor.

    Attributes:
        ranks: jobs by rank in the survey's order. Those of a directory in which something stays are counted as
            if they were all of the same size and age.
        unproven: empty directories, by policy, met before this file system showed that it can look into recycled ones.
        partial: what the directory holds that is just being read.
    """

    ranks: Histogram = field(default_factory=Histogram)
    unproven: dict[str, int] = field(default_factory=dict)
    partial: Counts = field(default_factory=Counts)

    def shortened(self, named: int) -> "Tally":
        """The same, with so many policies counted by name and the smaller others together."""
        sizes = sorted(((size, entries, policy) for policy, (entries, size) in self.by_policy.items()), reverse=True)
        if len(self.by_policy.keys() | self.partial.by_policy.keys() | self.unproven.keys()) <= named:
            return self
        names = {policy for _, _, policy in sizes[:named]}
        short = replace(self, by_policy={}, unproven={}, partial=replace(self.partial, by_policy={}))
        for counts, before in ((short, self), (short.partial, self.partial)):
            for policy, (entries, size) in before.by_policy.items():
                counts.count_for(policy if policy in names else OTHER_POLICIES, size, entries)
        for policy, directories in self.unproven.items():
            known_as = policy if policy in names else OTHER_POLICIES
            short.unproven[known_as] = short.unproven.get(known_as, 0) + directories
        return short


@dataclass(slots=True)
class Weights:
    """Bytes that policies select.

    Attributes:
        by_hour: of each policy with ``keep_bin_below``, by name: bytes by hour of deletion, whatever has to go.
        others: bytes that other policies take anyway.
    """

    by_hour: dict[str, Histogram] = field(default_factory=dict)
    others: int = 0
