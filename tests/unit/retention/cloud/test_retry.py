"""The retry layer: which errors are tried again, when, and how much of the slice that may cost."""

import math
import random
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.cloud.retry import MAX_ATTEMPTS, PAUSE_SPREAD, Retry, ThrottlePause, ThrottlePauses
from functions.retention.core.errors import (
    TOO_LATE,
    CloudError,
    NoAnswer,
    NotFound,
    Refused,
    SlotBusy,
    StaleToken,
    Throttled,
)

MINUTE = 1_790_000_040.0
"""A full minute of the epoch."""


class Service:
    """Answers with these outcomes in order and notes when it was called."""

    def __init__(self, clock: VirtualClock, *outcomes: CloudError | str, takes: float = 0.0) -> None:
        self._clock = clock
        self._outcomes: Iterator[CloudError | str] = iter(outcomes)
        self._takes = takes
        self.calls: list[float] = []

    def __call__(self) -> str:
        self.calls.append(self._clock.now())
        self._clock.sleep(self._takes)
        outcome = next(self._outcomes)
        if isinstance(outcome, CloudError):
            raise outcome
        return outcome


def retry(clock: VirtualClock, *, left: float = 240.0, pause: ThrottlePause | None = None) -> Retry:
    return Retry(clock, random.Random(4), clock.now() + left, pause)


def no_answer() -> NoAnswer:
    return NoAnswer("Op", "ReadTimeout", "no reply")


def throttled() -> Throttled:
    return Throttled("Op", "Throttling.User", "denied by flow control")


def test_an_answer_at_once_costs_one_call_and_no_time() -> None:
    clock = VirtualClock(MINUTE)
    service = Service(clock, "done")
    assert retry(clock).call("Op", service, repeatable=True) == "done"
    assert service.calls == [MINUTE]
    assert clock.now() == MINUTE


def test_silence_is_tried_again_after_growing_waits_with_jitter() -> None:
    clock = VirtualClock(MINUTE)
    service = Service(clock, no_answer(), no_answer(), no_answer(), "done")
    assert retry(clock).call("Op", service, repeatable=True) == "done"
    waits = [later - earlier for earlier, later in pairwise(service.calls)]
    assert all(0 < wait <= cap for wait, cap in zip(waits, (0.5, 1.0, 2.0), strict=True))


def test_silence_after_a_call_that_must_not_be_repeated_is_told_at_once() -> None:
    clock = VirtualClock(MINUTE)
    service = Service(clock, no_answer(), "done")
    with pytest.raises(NoAnswer):
        retry(clock).call("Op", service, repeatable=False)
    assert len(service.calls) == 1


@pytest.mark.parametrize("kind", [NotFound, StaleToken, SlotBusy, Refused, CloudError])
def test_a_definite_answer_is_never_asked_for_again(kind: type[CloudError]) -> None:
    clock = VirtualClock(MINUTE)
    service = Service(clock, kind("Op", "Code", "no"), "done")
    with pytest.raises(kind):
        retry(clock, pause=ThrottlePause(clock)).call("Op", service, repeatable=True)
    assert len(service.calls) == 1


def test_a_refusal_for_flow_control_pauses_until_the_next_minute() -> None:
    clock = VirtualClock(MINUTE + 12.5)
    service = Service(clock, throttled(), "done")
    assert retry(clock, pause=ThrottlePause(clock)).call("Op", service, repeatable=True) == "done"
    assert MINUTE + 60 <= service.calls[1] <= MINUTE + 60 + PAUSE_SPREAD


def test_a_call_that_may_not_be_repeated_is_refused_at_once_and_starts_the_pause() -> None:
    clock = VirtualClock(MINUTE + 12.5)
    pause, service = ThrottlePause(clock), Service(clock, throttled(), "done")
    with pytest.raises(Throttled):
        retry(clock, pause=pause).call("Op", service, repeatable=False)
    assert (clock.now(), pause.until) == (MINUTE + 12.5, MINUTE + 60)


def test_a_call_that_was_not_sent_in_time_starts_no_pause() -> None:
    clock = VirtualClock(MINUTE + 12.5)
    pause, service = ThrottlePause(clock), Service(clock, Throttled("Op", TOO_LATE, "not sent"))
    with pytest.raises(Throttled):
        retry(clock, pause=pause).call("Op", service, repeatable=False)
    assert pause.until < clock.now()


def test_a_call_that_may_not_be_repeated_does_not_wait_out_a_pause() -> None:
    clock = VirtualClock(MINUTE + 1)
    pause, service = ThrottlePause(clock), Service(clock, "done")
    pause.start()
    with pytest.raises(Throttled, match="not sent"):
        retry(clock, pause=pause).call("Op", service, repeatable=False)
    assert (service.calls, clock.now()) == ([], MINUTE + 1)


@pytest.mark.parametrize(("refused", "paused"), [("a", "a"), ("ab", "abc"), ("aa", "a")])
def test_one_refused_file_system_rests_alone_and_with_a_second_one_all_do(refused: str, paused: str) -> None:
    clock = VirtualClock(MINUTE + 1)
    rests = ThrottlePauses(clock)
    everybody = [rests.of(file_system) for file_system in "abc"]
    for file_system in refused:
        rests.of(file_system).start()
    clock.sleep(5)
    expected = [MINUTE + 60 if file_system in paused else -math.inf for file_system in "abc"]
    assert [pause.until for pause in everybody] == expected
    clock.sleep(60)
    rests.of("c").start()
    assert [pause.until > clock.now() for pause in everybody] == [False, False, True]


def test_all_callers_keep_the_rest_that_one_of_them_started() -> None:
    clock = VirtualClock(MINUTE + 1)
    pause = ThrottlePause(clock)
    refused, other = Service(clock, throttled(), "one"), Service(clock, "two")

    def later() -> str:
        clock.sleep(5)
        return retry(clock, pause=pause).call("Op", other, repeatable=True)

    results = clock.gather([lambda: retry(clock, pause=pause).call("Op", refused, repeatable=True), later])
    assert results == ["one", "two"]
    assert MINUTE + 60 <= other.calls[0] <= MINUTE + 60 + PAUSE_SPREAD


def test_a_caller_that_backs_off_joins_a_rest_that_began_meanwhile() -> None:
    clock = VirtualClock(MINUTE + 1)
    pause = ThrottlePause(clock)
    service = Service(clock, no_answer(), "done")

    def throttle_meanwhile() -> str:
        clock.sleep(0.01)
        pause.start()
        return "rest"

    clock.gather([lambda: retry(clock, pause=pause).call("Op", service, repeatable=True), throttle_meanwhile])
    assert service.calls[1] >= MINUTE + 60


def test_without_a_common_rest_flow_control_backs_off_like_silence() -> None:
    clock = VirtualClock(MINUTE + 1)
    service = Service(clock, throttled(), "done")
    retry(clock).call("Op", service, repeatable=True)
    assert service.calls[1] - service.calls[0] <= 0.5


def test_a_rest_that_outlasts_the_slice_is_not_waited_for() -> None:
    clock = VirtualClock(MINUTE + 1)
    service = Service(clock, throttled(), "done")
    with pytest.raises(Throttled, match=r"Throttling\.User"):
        retry(clock, left=30, pause=ThrottlePause(clock)).call("Op", service, repeatable=True)
    assert clock.now() == MINUTE + 1


def test_a_call_that_begins_in_a_rest_beyond_the_slice_is_not_made() -> None:
    clock = VirtualClock(MINUTE + 1)
    pause = ThrottlePause(clock)
    pause.start()
    service = Service(clock, "done")
    with pytest.raises(Throttled, match="Resting"):
        retry(clock, left=30, pause=pause).call("Op", service, repeatable=True)
    assert service.calls == []


def test_the_first_attempt_is_made_even_after_the_deadline() -> None:
    clock = VirtualClock(MINUTE)
    assert retry(clock, left=-1).call("Op", Service(clock, "done"), repeatable=True) == "done"


def test_a_call_that_does_not_fit_into_the_slice_is_not_made() -> None:
    clock = VirtualClock(MINUTE)
    service = Service(clock, "done")
    with pytest.raises(CloudError, match="TooLate"):
        retry(clock, left=14).call("Op", service, repeatable=True, takes=15)
    assert service.calls == []


def test_the_next_attempt_too_has_to_fit_and_else_the_last_error_is_told() -> None:
    clock = VirtualClock(MINUTE)
    service = Service(clock, no_answer(), "done", takes=10)
    with pytest.raises(NoAnswer):
        retry(clock, left=20).call("Op", service, repeatable=True, takes=15)
    assert len(service.calls) == 1


def test_attempts_are_counted_and_the_last_error_is_told() -> None:
    clock = VirtualClock(MINUTE)
    errors = [NoAnswer("Op", f"Try{number}", "no reply") for number in range(1, 20)]
    service = Service(clock, *errors)
    with pytest.raises(NoAnswer, match=f"Try{MAX_ATTEMPTS}:"):
        retry(clock).call("Op", service, repeatable=True)
    assert len(service.calls) == MAX_ATTEMPTS


def test_a_rest_is_never_made_shorter() -> None:
    clock = VirtualClock(MINUTE + 59.9)
    pause = ThrottlePause(clock)
    pause.start()
    assert pause.until == MINUTE + 60
    clock.sleep(0.1)
    pause.start()
    assert pause.until == MINUTE + 120


@given(
    outcomes=st.lists(st.sampled_from(["silence", "throttled"]), max_size=10),
    left=st.floats(0, 600),
    habits=st.fixed_dictionaries({"repeatable": st.booleans(), "resting": st.booleans()}),
    seed=st.integers(0, 1000),
)
def test_no_wait_ever_goes_past_the_deadline(
    outcomes: list[str], left: float, habits: dict[str, bool], seed: int
) -> None:
    clock = VirtualClock(MINUTE + 7)
    deadline = clock.now() + left
    errors = [no_answer() if outcome == "silence" else throttled() for outcome in outcomes]
    service = Service(clock, *errors, "done")
    layer = Retry(clock, random.Random(seed), deadline, ThrottlePause(clock) if habits["resting"] else None)
    try:
        layer.call("Op", service, repeatable=habits["repeatable"])
    except CloudError:
        assert len(service.calls) <= MAX_ATTEMPTS
    assert clock.now() <= deadline
