"""The clocks: one thread at a time, time that jumps, signals, kills and deadlocks."""

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliyun_fakes.core.clock import Clock, Deadlock, Killed, VirtualClock
from aliyun_fakes.core.real_clock import RealClock
from tests.patience import PATIENCE

START = 1_000.0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture(params=["virtual", "real"])
def any_clock(request: pytest.FixtureRequest) -> Clock:
    return VirtualClock() if request.param == "virtual" else RealClock(speed=1000)


# What holds for every clock


def test_results_come_in_the_order_of_the_functions_whoever_ends_first(any_clock: Clock) -> None:
    def after(seconds: float) -> float:
        any_clock.sleep(seconds)
        return seconds

    assert any_clock.gather([lambda: after(30), lambda: after(10), lambda: after(20)]) == [30, 10, 20]


def test_gathering_nothing_is_nothing(any_clock: Clock) -> None:
    assert any_clock.gather([]) == []


def test_the_first_error_in_order_comes_out_after_all_have_ended(any_clock: Clock) -> None:
    ended: list[str] = []

    def fail(name: str, seconds: float) -> None:
        any_clock.sleep(seconds)
        ended.append(name)
        raise ValueError(name)

    with pytest.raises(ValueError, match="slow"):
        any_clock.gather([lambda: fail("slow", 20), lambda: fail("quick", 10)])
    assert sorted(ended) == ["quick", "slow"]


def test_a_task_keeps_its_result_or_its_error(any_clock: Clock) -> None:
    def fail() -> None:
        raise ValueError("no")

    good, bad = any_clock.spawn(lambda: 7), any_clock.spawn(fail)
    for _ in range(int(PATIENCE) * 1000):
        if good.done and bad.done:
            break
        any_clock.sleep(1)
    assert (good.done, good.result, good.error) == (True, 7, None)
    assert (bad.done, bad.result, str(bad.error)) == (True, None, "no")


def test_a_signal_wakes_whoever_waits_and_stays_set_until_it_is_cleared(any_clock: Clock) -> None:
    signal = any_clock.signal()

    def set_later() -> None:
        any_clock.sleep(10)
        signal.set()

    any_clock.spawn(set_later)
    assert any_clock.wait(signal) is True
    assert any_clock.wait(signal) is True
    signal.clear()
    assert any_clock.wait(signal, any_clock.now() + 10) is False


@pytest.mark.parametrize("seconds", [0.0, -5.0])
def test_no_time_or_less_is_not_slept(any_clock: Clock, seconds: float) -> None:
    before = any_clock.now()
    any_clock.sleep(seconds)
    assert any_clock.now() - before < PATIENCE * 1000
    if isinstance(any_clock, VirtualClock):
        assert any_clock.now() == before


@pytest.mark.parametrize("other", [VirtualClock(), RealClock()])
def test_a_signal_of_another_kind_of_clock_is_refused(any_clock: Clock, other: Clock) -> None:
    signal = other.signal()
    if type(other) is type(any_clock):
        signal.set()
        assert any_clock.wait(signal)
    else:
        with pytest.raises(TypeError, match="use one this clock made"):
            any_clock.wait(signal, any_clock.now())


# The real clock


def test_a_real_clock_shows_its_start_and_runs_at_its_speed() -> None:
    began_at = time.monotonic()
    clock = RealClock(speed=1000, start=START)
    shown = clock.now()
    assert START <= shown <= START + (time.monotonic() - began_at) * 1000
    clock.sleep(20)
    assert clock.now() >= shown + 20


# The virtual clock


def test_time_stands_still_while_somebody_works(clock: VirtualClock) -> None:
    sum(range(100_000))
    assert clock.now() == START


def test_sleeping_takes_exactly_as_long_as_asked(clock: VirtualClock) -> None:
    clock.sleep(2.5)
    clock.advance(1.5)
    assert clock.now() == START + 4


def test_threads_wake_in_the_order_of_their_moments(clock: VirtualClock) -> None:
    woken: list[tuple[float, str]] = []

    def note(name: str, *naps: float) -> None:
        for nap in naps:
            clock.sleep(nap)
            woken.append((clock.now() - START, name))

    clock.gather([lambda: note("a", 3, 3), lambda: note("b", 1, 4), lambda: note("c", 2)])
    assert woken == [(1, "b"), (2, "c"), (3, "a"), (5, "b"), (6, "a")]


def test_who_came_first_wakes_first_at_the_same_moment(clock: VirtualClock) -> None:
    woken: list[int] = []

    def note(number: int) -> None:
        clock.sleep(5)
        woken.append(number)

    clock.gather([lambda: note(1), lambda: note(2), lambda: note(3)])
    assert woken == [1, 2, 3]


def test_never_two_threads_run_at_once(clock: VirtualClock) -> None:
    running = most = 0

    def work() -> None:
        nonlocal running, most
        for _ in range(50):
            running += 1
            most = max(most, running)
            running -= 1
            clock.sleep(1)

    clock.gather([work] * 8)
    assert most == 1


@given(st.lists(st.lists(st.integers(0, 5), max_size=5), min_size=1, max_size=5))
def test_a_gathering_takes_as_long_as_its_longest(naps: list[list[int]]) -> None:
    clock = VirtualClock(START)

    def nap(many: list[int]) -> None:
        for each in many:
            clock.sleep(each)

    clock.gather([partial(nap, many) for many in naps])
    assert clock.now() == START + max(map(sum, naps))


def test_waiters_wake_at_the_moment_of_the_signal_in_the_order_they_came(clock: VirtualClock) -> None:
    signal = clock.signal()
    woken: list[tuple[str, float]] = []

    def wait(name: str, until: float | None) -> None:
        clock.wait(signal, until)
        woken.append((name, clock.now() - START))

    def set_it() -> None:
        clock.sleep(4)
        signal.set()

    clock.gather([lambda: wait("a", None), lambda: wait("b", START + 100), lambda: wait("c", START + 1), set_it])
    assert woken == [("c", 1), ("a", 4), ("b", 4)]


def test_a_signal_that_is_cleared_at_once_still_came(clock: VirtualClock) -> None:
    signal = clock.signal()

    def pulse() -> None:
        signal.set()
        signal.clear()

    clock.spawn(pulse)
    assert clock.wait(signal, START + 10) is True
    assert clock.now() == START


def test_a_killed_task_ends_at_its_moment_wherever_it_is_parked(clock: VirtualClock) -> None:
    signal = clock.signal()
    ended: list[float] = []

    def parked(park: Callable[[], object]) -> None:
        try:
            park()
        finally:
            ended.append(clock.now() - START)

    parks: list[Callable[[], object]] = [
        lambda: clock.sleep(100),
        lambda: clock.wait(signal),
        lambda: clock.wait(signal, START + 50),
        lambda: clock.gather([lambda: clock.sleep(100)]),
    ]
    tasks = [clock.spawn(partial(parked, park), kill_at=START + 10) for park in parks]
    clock.sleep(11)
    assert [type(task.error) for task in tasks] == [Killed] * 4
    assert ended == [10] * 4


def test_a_task_that_parks_for_less_is_not_killed(clock: VirtualClock) -> None:
    task = clock.spawn(lambda: clock.sleep(9), kill_at=START + 10)
    clock.sleep(20)
    assert (task.done, task.error) == (True, None)


def test_a_kill_reaches_the_tasks_that_the_killed_one_started(clock: VirtualClock) -> None:
    children = []

    def parent() -> None:
        children.append(clock.spawn(lambda: clock.sleep(100)))
        children.append(clock.spawn(lambda: clock.sleep(100), kill_at=START + 50))
        children.append(clock.spawn(lambda: clock.sleep(100), kill_at=START + 5))
        clock.sleep(100)

    clock.spawn(parent, kill_at=START + 10)
    clock.sleep(6)
    assert [child.done for child in children] == [False, False, True]
    clock.sleep(5)
    assert all(isinstance(child.error, Killed) for child in children)


def test_a_kill_comes_once_so_that_the_killed_can_clear_up(clock: VirtualClock) -> None:
    cleared: list[float] = []

    def work() -> None:
        try:
            clock.sleep(100)
        finally:
            clock.sleep(5)
            cleared.append(clock.now() - START)

    task = clock.spawn(work, kill_at=START + 10)
    clock.sleep(20)
    assert cleared == [15]
    assert isinstance(task.error, Killed)


def test_a_signal_does_not_wake_who_was_killed_while_waiting_for_it(clock: VirtualClock) -> None:
    signal = clock.signal()
    cleared: list[float] = []

    def work() -> None:
        try:
            clock.wait(signal)
        finally:
            clock.sleep(50)
            cleared.append(clock.now() - START)

    clock.spawn(work, kill_at=START + 10)
    clock.sleep(20)
    signal.set()
    clock.sleep(100)
    assert cleared == [60]


def test_waiting_for_what_nobody_can_set_is_a_deadlock_and_no_hang(clock: VirtualClock) -> None:
    with pytest.raises(Deadlock):
        clock.wait(clock.signal())
    clock.sleep(1)
    assert clock.now() == START + 1


def test_a_thread_that_ends_without_setting_the_signal_leaves_a_deadlock_and_no_hang(clock: VirtualClock) -> None:
    clock.spawn(lambda: clock.sleep(5))
    with pytest.raises(Deadlock):
        clock.wait(clock.signal())
    assert clock.now() == START + 5


def test_a_deadlock_among_gathered_threads_comes_out_of_the_gathering(clock: VirtualClock) -> None:
    signal = clock.signal()
    with pytest.raises(Deadlock):
        clock.gather([lambda: clock.wait(signal), lambda: clock.wait(signal)])


def test_joining_tells_whether_a_task_ended_in_time(clock: VirtualClock) -> None:
    task = clock.spawn(lambda: clock.sleep(10))
    assert clock.join(task, START + 5) is False
    assert clock.join(task) is True
    assert clock.now() == START + 10
    with pytest.raises(TypeError, match="use one this clock spawned"):
        clock.join(RealClock().spawn(lambda: None))


def in_a_thread_from_elsewhere(function: Callable[[], None]) -> None:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_thread_from_elsewhere_moves_time_on_by_what_it_sleeps_and_cannot_wait(clock: VirtualClock) -> None:
    refused: list[RuntimeError] = []

    def elsewhere() -> None:
        clock.sleep(7)
        try:
            clock.wait(clock.signal())
        except RuntimeError as error:
            refused.append(error)

    in_a_thread_from_elsewhere(elsewhere)
    assert clock.now() == START + 7
    assert "only the clock's own threads can wait" in str(refused[0])


def test_a_guest_lets_others_run_while_it_sleeps(clock: VirtualClock) -> None:
    seen: list[float] = []

    def note_after_three() -> None:
        clock.sleep(3)
        seen.append(clock.now() - START)

    def elsewhere() -> None:
        with clock.guest():
            clock.spawn(note_after_three)
            clock.sleep(10)
            seen.append(clock.now() - START)

    in_a_thread_from_elsewhere(elsewhere)
    assert seen == [3, 10]


def test_a_guest_acts_for_a_thread_that_works_for_another_guest(clock: VirtualClock) -> None:
    answered: list[float] = []
    ended: list[float] = []

    def ask(seconds: float) -> None:
        def answer() -> None:
            with clock.guest():
                clock.sleep(seconds)
                answered.append(clock.now() - START)

        in_a_thread_from_elsewhere(answer)

    def serve() -> None:
        with clock.guest():
            clock.gather([lambda: ask(5), lambda: ask(3)])
            ended.append(clock.now() - START)

    in_a_thread_from_elsewhere(serve)
    assert (answered, ended) == ([3, 5], [5])


def test_guests_take_turns(clock: VirtualClock) -> None:
    spans: list[tuple[float, float]] = []

    def stay() -> None:
        with clock.guest():
            came = clock.now()
            clock.sleep(10)
            spans.append((came - START, clock.now() - START))

    threads = [threading.Thread(target=stay, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert spans == [(0, 10), (10, 20), (20, 30)]
