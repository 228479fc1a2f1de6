"""The token bucket: what passes in any stretch of time, and that waiting blocks nobody else."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.cloud.rate_limit import BURST, REQUESTS_PER_SECOND, TokenBucket


def passages(bucket: TokenBucket, clock: VirtualClock, pauses: list[float]) -> list[float]:
    """The moments at which requests pass that are made after these pauses."""
    moments = []
    for pause in pauses:
        clock.sleep(pause)
        bucket.take()
        moments.append(clock.now())
    return moments


def test_a_burst_passes_at_once_and_then_requests_come_at_the_rate() -> None:
    clock = VirtualClock(start=0.0)
    moments = passages(TokenBucket(clock), clock, [0.0] * 16)
    assert moments[:10] == pytest.approx([0.0] * 10, abs=1e-6)
    gaps = [later - earlier for earlier, later in pairwise(moments[9:])]
    assert all(abs(gap - 1 / 6) < 1e-6 for gap in gaps)


def test_a_pause_earns_no_more_than_one_burst() -> None:
    clock = VirtualClock(start=0.0)
    moments = passages(TokenBucket(clock), clock, [3600.0] + [0.0] * 10)
    assert moments[:10] == pytest.approx([3600.0] * 10)
    assert moments[10] > 3600.1


def test_invocations_that_share_the_rate_divide_it() -> None:
    clock = VirtualClock(start=0.0)
    moments = passages(TokenBucket(clock, share=20), clock, [0.0, 0.0, 0.0])
    assert moments[0] == 0.0
    assert abs(moments[2] - 2 * 20 / 6) < 1e-6


def test_threads_wait_side_by_side_in_the_order_they_asked() -> None:
    clock = VirtualClock(start=0.0)
    bucket = TokenBucket(clock, rate=1.0, burst=1.0)

    def moment() -> float:
        bucket.take()
        return clock.now()

    assert clock.gather([moment] * 5) == [0.0, 1.0, 2.0, 3.0, 4.0]


@given(
    pauses=st.lists(st.floats(0, 30) | st.just(0.0), min_size=2, max_size=60),
    share=st.integers(1, 30),
)
def test_no_stretch_of_time_sees_more_than_a_burst_and_the_rate(pauses: list[float], share: int) -> None:
    clock = VirtualClock(start=0.0)
    moments = passages(TokenBucket(clock, share=share), clock, pauses)
    burst, rate = max(1.0, BURST / share), REQUESTS_PER_SECOND / share
    for first in range(len(moments)):
        for last in range(first, len(moments)):
            allowed = burst + rate * (moments[last] - moments[first])
            assert last - first + 1 <= allowed + 1e-6


def test_a_token_that_comes_too_late_is_neither_taken_nor_waited_for() -> None:
    clock = VirtualClock(0.0)
    bucket = TokenBucket(clock, rate=1.0, burst=1.0)
    assert bucket.take()
    assert not bucket.take(before=0.5)
    assert clock.now() == 0.0
    assert bucket.take(before=1.0)
    assert clock.now() == 1.0
