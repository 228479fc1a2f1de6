"""Ranks, histograms and passes."""

import json
import random
from dataclasses import dataclass
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from functions.retention.core.entry import Entry
from functions.retention.core.service_time import format_service_time
from functions.retention.walk.order import CLASSES, Histogram, Order, Pass, front, passes, rank
from tests.unit.retention.bins import NOW, OLD

RANKS = st.lists(st.integers(-252, 500_000), min_size=1, max_size=200)


@dataclass(frozen=True)
class Thing:
    """A target as far as order goes."""

    size: int
    entry: Entry


def thing(size: int = 0, deleted: float = NOW) -> Thing:
    return Thing(size, Entry("3", "File", "n", format_service_time(deleted), OLD, OLD, OLD, size, "3"))


def counted(order: Order, things: list[Thing]) -> Histogram:
    histogram = Histogram()
    for each in things:
        histogram.add(rank(order, each.size, each.entry.delete_time))
    return histogram


@given(ranks=RANKS)
def test_a_histogram_stays_small_and_loses_no_job(ranks: list[int]) -> None:
    histogram = Histogram()
    for each in ranks:
        histogram.add(each, 1_000_000)
    assert len(histogram.jobs) <= CLASSES
    assert sum(histogram.jobs.values()) == len(ranks) * 1_000_000
    adapter = TypeAdapter(Histogram)
    wire = adapter.dump_json(histogram)
    assert len(wire) <= 700
    assert adapter.validate_json(json.dumps(json.loads(wire))) == histogram


@given(ranks=RANKS, share=st.floats(0.01, 1))
def test_the_class_that_reaches_an_amount_holds_its_last_job(ranks: list[int], share: float) -> None:
    histogram = Histogram()
    for each in ranks:
        histogram.add(each)
    wanted = max(int(len(ranks) * share), 1)
    last = histogram.reaching(wanted)
    nth = sorted(ranks)[wanted - 1]
    assert last is None or nth <= last < nth + histogram.width


def test_larger_and_older_rank_first() -> None:
    assert rank("largest-first", 10**9, OLD) < rank("largest-first", 10**6, OLD) < rank("largest-first", 0, OLD)
    assert rank("oldest-first", 0, OLD) < rank("oldest-first", 0, format_service_time(NOW))


def test_largest_first_takes_nine_tenths_of_the_bytes_with_nearly_the_fewest_jobs() -> None:
    chance = random.Random(7)
    things = [thing(int(chance.lognormvariate(9, 2.5))) for _ in range(20_000)]
    first, rest = passes("largest-first", counted("largest-first", things))
    front = [each for each in things if first.takes(each)]
    nine_tenths = 0.9 * sum(each.size for each in things)
    running = accumulate(sorted((each.size for each in things), reverse=True))
    fewest = next(number for number, so_far in enumerate(running, start=1) if so_far >= nine_tenths)
    assert sum(each.size for each in front) >= 0.98 * nine_tenths
    assert len(front) <= 1.15 * fewest < 0.15 * len(things)
    assert all(rest.takes(each) for each in things)


def test_oldest_first_takes_the_older_half_first() -> None:
    chance = random.Random(7)
    things = [thing(1, NOW - chance.random() * 180 * 86_400) for _ in range(5_000)]
    first, _ = passes("oldest-first", counted("oldest-first", things))
    front = [each.entry.delete_time for each in things if first.takes(each)]
    assert 0.45 < len(front) / len(things) < 0.6
    assert max(front) <= min(each.entry.delete_time for each in things if not first.takes(each))


@pytest.mark.parametrize("order", ["as-found", "largest-first", "oldest-first"])
def test_what_is_all_alike_goes_in_one_pass(order: Order) -> None:
    things = [thing(5)] * 10
    assert passes(order, counted(order, things)) == [Pass(order)]
    assert passes(order, Histogram()) == [Pass(order)]


@given(sizes=st.lists(st.integers(0, 10**12), max_size=200).map(lambda sizes: sorted(sizes, reverse=True)))
def test_the_front_of_a_set_has_its_share_of_bytes_or_of_targets_and_no_more(sizes: list[int]) -> None:
    assert front("as-found", sizes) == 0
    assert front("oldest-first", sizes) == (len(sizes) + 1) // 2
    number = front("largest-first", sizes)
    assert sum(sizes[:number]) >= 0.9 * sum(sizes)
    assert not number or sum(sizes[: number - 1]) <= 0.9 * sum(sizes)
