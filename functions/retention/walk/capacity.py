"""Capacity rules: which candidates of a policy with ``keep_bin_below`` have to go for the bin to get below its size.

A survey collects what such a policy may take as rows of a set, in the policy's order. At its end the first rows whose
bytes reach the surplus stay in the set. All others are kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from functions.retention.policy import Policy
from functions.retention.walk.bin_size import BinSize
from functions.retention.walk.order import Order
from functions.retention.walk.selection import Row

BIN_IS_BELOW = "bin-is-below"
"""Why a candidate of a capacity rule is kept: without it the bin is below the size already."""


@dataclass(frozen=True, slots=True)
class CapacityRule:
    """A policy with ``keep_bin_below``.

    Attributes:
        number: position among such policies, from 1; the `Row.rule` of its candidates.
        limit: bytes.
        order: in which its candidates go.
    """

    number: int
    limit: int
    order: Order


def capacity_rules(policies: Iterable[Policy]) -> Mapping[str, CapacityRule]:
    """The capacity rules among policies, by name of the policy."""
    found = ((each.name, each.keep_bin_below, each.order) for each in policies if each.keep_bin_below)
    return {name: CapacityRule(number, limit, order) for number, (name, limit, order) in enumerate(found, start=1)}


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """What a capacity rule takes.

    Attributes:
        surplus: bytes by which the bin is over the rule's size once all that goes before is gone.
        bytes: that it takes; more than the surplus by a part of its last target, or less when it has no more targets.
        targets: how many it takes.
        bin_size: which figure counts: ``reported`` by the service or ``listed`` by the survey, the smaller one.
        is_reported: whether the service told a size.
    """

    surplus: int
    bytes: int
    targets: int
    bin_size: str
    is_reported: bool

    def wire(self) -> Mapping[str, object]:
        """As JSON for a record."""
        return asdict(self)


def reclaim(
    rows: Sequence[Row], rules: Mapping[str, CapacityRule], bin_size: BinSize, freed: int
) -> tuple[list[Row], Mapping[str, Reclaimed]]:
    """The rows that go, and what each capacity rule takes.

    Args:
        rows: in order.
        rules: by policy.
        bin_size: by the survey.
        freed: bytes that other policies take in any case.
    """
    going, found = [row for row in rows if not row.rule], dict[str, Reclaimed]()
    for policy, rule in rules.items():
        surplus = max(bin_size.surplus(rule.limit) - freed, 0)
        first = _reaching(surplus, (row for row in rows if row.rule == rule.number))
        going += first
        taken = sum(row.size or 0 for row in first)
        freed += taken
        is_reported = bin_size.reported.size is not None
        found[policy] = Reclaimed(surplus, taken, len(first), bin_size.counted, is_reported)
    return going, found


def _reaching(amount: int, rows: Iterable[Row]) -> list[Row]:
    """The first rows whose bytes reach an amount, without those of unknown size."""
    found: list[Row] = []
    for row in rows:
        if amount <= 0:
            break
        if row.size is not None:
            found.append(row)
            amount -= row.size
    return found
