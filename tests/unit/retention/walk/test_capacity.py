"""Which candidates of capacity rules have to go: the first that bring the bin to the size, and none more."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.recycle_bin import BinAttributes
from functions.retention.walk.bin_size import BinSize
from functions.retention.walk.capacity import CapacityRule, capacity_rules, reclaim
from functions.retention.walk.selection import Row
from tests.examples import examples
from tests.unit.retention.policies import policy

RULE = CapacityRule(1, 100, "as-found")
ATTRIBUTES = BinAttributes(enabled=True, reserved_days=180, size=None)


def row(number: int, size: int | None = 10, rule: int = 1) -> Row:
    return Row(rule, 0, number, number.to_bytes(8, "big"), size, 0, 0)


def bin_of(listed: int, reported: int | None) -> BinSize:
    return BinSize(replace(ATTRIBUTES, size=reported), listed)


@pytest.mark.parametrize(("count", "limit", "going"), [(10, 95, 1), (290, 1_890, 101), (10, 100, 0), (10, 99, 1)])
def test_no_more_go_than_have_to(count: int, limit: int, going: int) -> None:
    rows = [row(number) for number in range(count)]
    found, taken = reclaim(rows, {"below": replace(RULE, limit=limit)}, bin_of(10 * count, 10 * count), 0)
    assert found == rows[:going]
    assert taken["below"].targets == going


def test_what_others_take_anyway_counts_first() -> None:
    aged = [row(number, rule=0) for number in range(4)]
    found, taken = reclaim([*aged, row(8), row(9)], {"below": RULE}, bin_of(145, 145), 40)
    assert found == [*aged, row(8)]
    assert taken["below"].surplus == 5


def test_each_rule_counts_what_the_rules_before_it_take() -> None:
    rules = {"first": RULE, "second": CapacityRule(2, 95, "as-found")}
    found, _ = reclaim([row(1), row(2), row(3, rule=2), row(4, rule=2)], rules, bin_of(110, 110), 0)
    assert found == [row(1), row(3, rule=2)]


def test_what_is_of_unknown_size_is_passed_over() -> None:
    found, _ = reclaim([row(1, None), row(2)], {"below": RULE}, bin_of(105, 105), 0)
    assert found == [row(2)]


def test_without_a_size_from_the_service_what_was_listed_counts_and_that_is_told() -> None:
    found, taken = reclaim([row(1), row(2)], {"below": RULE}, bin_of(105, None), 0)
    assert found == [row(1)]
    assert (taken["below"].bin_size, taken["below"].is_reported) == ("listed", False)
    _, taken = reclaim([row(1)], {"below": RULE}, bin_of(120, 105), 0)
    assert (taken["below"].bin_size, taken["below"].is_reported, taken["below"].surplus) == ("reported", True, 5)


def test_rules_are_numbered_in_the_order_of_the_file() -> None:
    policies = [policy(name="a"), policy(name="b", keep_bin_below="1TiB"), policy(name="c", keep_bin_below="2TiB")]
    assert {name: rule.number for name, rule in capacity_rules(policies).items()} == {"b": 1, "c": 2}


@dataclass
class Month:
    """A bin over many days.

    Attributes:
        entries: (day of deletion, bytes, whether a listing shows the size).
        sizes: of the bin at the end of each day.
    """

    entries: list[tuple[int, int, bool]]
    sizes: list[int]

    @property
    def size(self) -> int:
        return sum(size for _, size, _ in self.entries)

    def reported(self, how: str) -> int | None:
        """What the service says of the size."""
        late = self.sizes[-1] if self.sizes else self.size
        return {"exact": self.size, "late": late, "partial": self.size // 2, "none": None}[how]


@examples(60)
@given(
    days=st.lists(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=4), min_size=60, max_size=60),
    how=st.sampled_from(["exact", "late", "partial", "none"]),
    limit=st.integers(20, 300),
)
def test_over_sixty_days_no_run_goes_on_once_the_bin_is_at_its_size(
    days: list[list[tuple[int, bool]]], how: str, limit: int
) -> None:
    month = Month([], [])
    for today, deleted in enumerate(days):
        month.entries += [(today, size, is_known) for size, is_known in deleted]
        candidates = {n: each for n, each in enumerate(month.entries) if each[0] < today and each[2]}
        rows = sorted(Row(1, 0, day, n.to_bytes(8, "big"), size, 0, 0) for n, (day, size, _) in candidates.items())
        listed = sum(size for _, size, is_known in month.entries if is_known)
        going, _ = reclaim(rows, {"b": replace(RULE, limit=limit)}, bin_of(listed, month.reported(how)), 0)
        month.sizes.append(month.size)
        for each in going:
            assert month.size > limit, "the bin was at its size already"
            month.entries[int.from_bytes(each.key, "big")] = (today, 0, True)
        month.entries = [each for each in month.entries if each[1]]
