"""How large a bin is, when the figures differ, are late or missing: the one counts with which less is deleted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.recycle_bin import BinAttributes
from functions.retention.policy.model import Limits
from functions.retention.walk.bin_size import BinSize

GIB = 1 << 30
BYTES = st.integers(0, 1 << 50)


def size(reported: int | None, listed: int, *, unknown: int = 0, taken: int = 0, colder: int = 0) -> BinSize:
    attributes = BinAttributes(enabled=True, reserved_days=30, size=reported, colder=colder)
    return BinSize(attributes, listed, unknown, taken)


@pytest.mark.parametrize(
    ("reported", "listed", "surplus"),
    [(100, 100, 50), (100, 80, 30), (80, 100, 30), (None, 100, 50), (40, 100, 0), (100, 40, 0), (0, 100, 0)],
)
def test_a_bin_is_over_its_limit_by_the_smaller_figure(reported: int | None, listed: int, surplus: int) -> None:
    assert size(reported, listed).surplus(50) == surplus


def test_what_our_jobs_took_since_the_walk_is_in_the_listing_no_more() -> None:
    assert size(100, 100, taken=60).surplus(30) == 10
    assert size(100, 100, taken=80).surplus(30) == 0


@given(st.none() | BYTES, BYTES, BYTES, BYTES, BYTES)
def test_no_surplus_is_larger_than_what_was_listed_and_not_taken(
    reported: int | None, listed: int, taken: int, limit: int, colder: int
) -> None:
    surplus = size(reported, listed, taken=taken, colder=colder).surplus(limit)
    assert 0 <= surplus <= max(listed - taken - limit, 0)


@given(st.none() | BYTES, BYTES, st.integers(1, 9), BYTES)
def test_a_share_is_not_known_when_a_selected_size_is_not(
    reported: int | None, listed: int, unknown: int, taken: int
) -> None:
    assert size(reported, listed).share(taken, unknown) is None


def test_a_share_is_of_the_bin_that_was_told_unless_the_whole_bin_was_listed_and_is_smaller() -> None:
    assert size(100, 60, unknown=1).share(30) == 0.3
    assert size(100, 60).share(30) == 0.5
    assert size(None, 60).share(30) == 0.5
    assert size(0, 0).share(1) == 1.0


def test_what_is_not_known_is_within_no_limit() -> None:
    limits = Limits.model_validate({"jobs": "unlimited", "bytes": "1GiB", "share": 0.9})
    assert limits.broken_by(jobs=1, size=5, share=0.1) == ()
    assert len(limits.broken_by(jobs=1, size=5, share=None, unknown=1)) == 2
    free = Limits.model_validate({"jobs": "unlimited", "bytes": "unlimited", "share": "unlimited"})
    assert free.broken_by(jobs=1, size=5, share=None, unknown=1) == ()
