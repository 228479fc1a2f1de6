"""The slot machine alone, against a simulated service: how long the slot stands empty, and at what price."""

import random
from collections.abc import Sequence

import pytest

from functions.retention.core.job import Job
from functions.retention.jobs.actions import ActiveJob, HandOver
from functions.retention.jobs.progress import Pace
from functions.retention.jobs.slot import Slot
from tests.unit.retention.slots import Progress, Run, Service, even, silent, stuck

MINUTE, HOUR = 60.0, 3_600.0


def busy(durations: Sequence[float], run: Run) -> float:
    """The share of the time in which a job ran."""
    return sum(durations) / (sum(durations) + sum(run.gaps))


def spread(low: float, high: float, count: int) -> list[float]:
    """Durations that nothing foretells."""
    rng = random.Random(1)
    return [rng.uniform(low, high) for _ in range(count)]


@pytest.mark.parametrize(
    ("durations", "least"),
    [
        ([1.0] * 400, 0.93),
        (spread(1, 2, 400), 0.93),
        (spread(2, 20, 200), 0.95),
        (spread(MINUTE, 10 * MINUTE, 60), 0.97),
        ([HOUR] * 20, 0.99),
        (spread(HOUR, 6 * HOUR, 20), 0.99),
    ],
)
def test_a_slot_whose_jobs_tell_their_progress_is_kept_full(durations: list[float], least: float) -> None:
    assert busy(durations, Service(durations).play()) >= least


@pytest.mark.parametrize("progress", [silent, stuck])
@pytest.mark.parametrize(
    ("durations", "least"),
    [
        ([1.0] * 400, 0.86),
        (spread(1, 2, 400), 0.84),
        (spread(2, 20, 200), 0.89),
        (spread(MINUTE, 10 * MINUTE, 60), 0.91),
        (spread(HOUR, 6 * HOUR, 20), 0.93),
    ],
)
def test_it_stays_full_when_they_tell_nothing(durations: list[float], least: float, progress: Progress) -> None:
    assert busy(durations, Service(durations, progress).play()) >= least


@pytest.mark.parametrize("progress", [even, silent])
def test_jobs_that_become_a_hundred_times_quicker_are_noticed(progress: Progress) -> None:
    run = Service([100.0] * 10 + [1.0] * 100, progress).play()
    assert sum(gap > 20 for gap in run.gaps) <= 2
    assert sum(run.gaps[20:]) <= 30


def test_jobs_that_become_a_hundred_times_slower_cost_nothing() -> None:
    durations = [1.0] * 100 + [100.0] * 20
    assert busy(durations, Service(durations).play()) >= 0.99


def test_calls_that_take_different_times_make_little_difference() -> None:
    durations = spread(1, 2, 400)
    assert (
        busy(durations, Service(durations, round_trip=lambda call: 0.06 + 0.04 * (call * 7919 % 13) / 13).play())
        >= 0.92
    )


def test_a_short_job_costs_one_submission_and_one_look() -> None:
    run = Service(spread(1, 2, 400)).play()
    assert run.actions["Submit"] <= 410
    assert run.actions["Poll"] <= 410


def test_long_jobs_are_not_slept_through() -> None:
    run = Service(spread(HOUR, 6 * HOUR, 20)).play()
    assert run.awake <= 0.01 * run.ended_at
    assert run.actions["HandOver"] <= 8 * 20


def test_a_long_search_begins_before_the_slot_is_free() -> None:
    durations = [300.0] * 40
    run = Service(durations, search=15.0).play()
    assert max(run.gaps[10:]) <= 1


def handed_over(*, seconds_left: float, deadline_in: float, comes_along: bool) -> float | None:
    """After how long the next slice is to begin, or None when this one goes on."""
    slot = Slot(Pace(), deadline_in, ActiveJob("1", 1, 0.0, seconds_left, 0.0))
    action = slot.step(0.0, has_target=True, exhausted=False, unsettled=True, comes_along=comes_along)
    return action.after if isinstance(action, HandOver) else None


def test_another_job_than_the_one_handed_over_is_measured_from_its_own_start() -> None:
    slot = Slot(Pace(), 1_000.0, ActiveJob("1", 1, 0.0, 5.0, 0.0))
    slot.seen(Job("2", "Delete", "9", "running", 2, 126.0), 126.5, entries=1)
    assert slot.ends_at is not None
    assert slot.ends_at <= 160.0


@pytest.mark.parametrize("comes_along", [False, True])
def test_a_slice_that_others_share_hands_over_with_them_at_its_end(*, comes_along: bool) -> None:
    after = handed_over(seconds_left=100.0, deadline_in=0.0, comes_along=comes_along)
    assert after == (0.0 if comes_along else 88.0)
    assert handed_over(seconds_left=3_000.0, deadline_in=0.0, comes_along=comes_along) == 2_988.0


def test_a_slice_whose_job_outlasts_it_hands_over_to_its_end_where_others_share_it() -> None:
    assert handed_over(seconds_left=50.0, deadline_in=30.0, comes_along=True) == 30.0
    assert handed_over(seconds_left=50.0, deadline_in=30.0, comes_along=False) == 38.0


@pytest.mark.parametrize(("seconds_left", "alone", "shared"), [(15, None, None), (50, 38, None), (100, 88, 88)])
def test_a_slice_that_others_share_leaves_them_for_longer_waits_only(
    seconds_left: float, alone: float | None, shared: float | None
) -> None:
    assert handed_over(seconds_left=seconds_left, deadline_in=180.0, comes_along=False) == alone
    assert handed_over(seconds_left=seconds_left, deadline_in=180.0, comes_along=True) == shared
