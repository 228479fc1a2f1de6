"""The machine's clock and threads, as the deployed functions use them."""

import threading
import time

import pytest

from functions.retention.cloud.system_clock import SystemClock
from tests.patience import PATIENCE


def test_its_time_is_the_machines() -> None:
    assert time.time() <= SystemClock().now() <= time.time()


def test_it_sleeps_as_long_as_asked_and_not_at_all_for_nothing() -> None:
    clock, before = SystemClock(), time.monotonic()
    clock.sleep(0)
    clock.sleep(-5)
    clock.sleep(0.02)
    assert 0.02 <= time.monotonic() - before < PATIENCE


def test_functions_run_side_by_side_and_their_results_come_in_order() -> None:
    meeting = threading.Barrier(3, timeout=PATIENCE)

    def meet(number: int) -> int:
        meeting.wait()
        return number

    assert SystemClock().gather([lambda: meet(1), lambda: meet(2), lambda: meet(3)]) == [1, 2, 3]
    assert SystemClock().gather([]) == []


def test_an_error_is_raised_after_all_have_ended() -> None:
    ended: list[int] = []

    def fail() -> None:
        raise KeyError("first")

    def end() -> None:
        time.sleep(0.02)
        ended.append(1)

    with pytest.raises(KeyError):
        SystemClock().gather([fail, end])
    assert ended == [1]
