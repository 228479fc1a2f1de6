"""Ranks, and what of a set goes in a first walk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.service_time import format_service_time
from functions.retention.walk.order import front, rank
from tests.unit.retention.bins import NOW, OLD


def test_larger_and_older_rank_first_and_what_is_of_unknown_size_last() -> None:
    by_size = [rank("largest-first", size, OLD) for size in (10**9, 10**6, 0, None)]
    assert by_size == sorted(set(by_size))
    assert rank("oldest-first", 0, OLD) < rank("oldest-first", 0, format_service_time(NOW))
    assert rank("as-found", None, OLD) == 0


@pytest.mark.parametrize("moment", ["", "soon"])
def test_an_unknown_moment_of_deletion_has_no_rank(moment: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        rank("oldest-first", 1, moment)


@given(sizes=st.lists(st.integers(0, 10**12), max_size=200).map(lambda sizes: sorted(sizes, reverse=True)))
def test_the_front_of_a_set_has_its_share_of_bytes_or_of_targets_and_no_more(sizes: list[int]) -> None:
    assert front("as-found", sizes) == 0
    assert front("oldest-first", sizes) == (len(sizes) + 1) // 2
    number = front("largest-first", sizes)
    assert sum(sizes[:number]) >= 0.9 * sum(sizes)
    assert not number or sum(sizes[: number - 1]) <= 0.9 * sum(sizes)
    assert front("largest-first", [*sizes, None]) == number
