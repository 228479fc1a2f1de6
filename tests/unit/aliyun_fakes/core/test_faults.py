"""The fault schedule: which call is struck, and what counts as a call."""

from typing import Any

import pytest

from aliyun_fakes.core.faults import Fault, Faults, Kind

CREATE, LIST = "CreateRecycleBinDeleteJob", "ListRecycleBinJobs"


def drop(**more: Any) -> Fault:  # noqa: ANN401 - a fault's own fields
    return Fault(**({"service": "nas", "operation": CREATE, "kind": "drop"} | more))


def struck(faults: Faults, calls: int, operation: str = CREATE) -> list[int]:
    """The numbers, from 1, of the calls that were struck."""
    return [number for number in range(1, calls + 1) if faults.strike("nas", operation, {}, 0.0) is not None]


@pytest.mark.parametrize(
    ("nth", "times", "expected"),
    [(1, 1, [1]), (3, 1, [3]), (2, 2, [2, 3]), (4, 0, [4, 5, 6]), (1, 0, [1, 2, 3, 4, 5, 6]), (9, 1, [])],
)
def test_the_nth_call_and_those_after_it_are_struck(nth: int, times: int, expected: list[int]) -> None:
    assert struck(Faults([drop(nth=nth, times=times)]), 6) == expected


def test_only_calls_of_the_service_and_operation_count() -> None:
    faults = Faults([drop(nth=2)])
    assert faults.strike("nas", LIST, {}, 0.0) is None
    assert faults.strike("sls", CREATE, {}, 0.0) is None
    assert struck(faults, 3) == [2]


def test_a_star_is_any_operation_of_the_service() -> None:
    faults = Faults([drop(operation="*", nth=2)])
    assert faults.strike("nas", LIST, {}, 0.0) is None
    assert faults.strike("smq", "SendMessage", {}, 0.0) is None
    assert faults.strike("nas", CREATE, {}, 0.0) is not None


def test_only_calls_with_the_parameters_count() -> None:
    faults = Faults([drop(matching={"FileId": "12"}, nth=2)])
    calls = [{"FileId": "12"}, {"FileId": "13"}, {}, {"FileId": "12", "ClientToken": "x"}]
    assert [faults.strike("nas", CREATE, parameters, 0.0) is not None for parameters in calls] == [False] * 3 + [True]


def test_only_calls_within_its_time_count() -> None:
    faults = Faults([drop(since=10.0, until=20.0, times=0)])
    assert [faults.strike("nas", CREATE, {}, now) is not None for now in (9.9, 10.0, 19.9, 20.0)] == [
        False,
        True,
        True,
        False,
    ]


def test_the_first_of_several_strikes_and_all_of_them_count() -> None:
    first, second = drop(nth=1), drop(nth=2, kind="throttle")
    faults = Faults([first, second])
    assert faults.strike("nas", CREATE, {}, 0.0) is first
    assert faults.strike("nas", CREATE, {}, 0.0) is second
    assert faults.strike("nas", CREATE, {}, 0.0) is None


def test_a_fault_counts_from_when_it_was_added() -> None:
    faults = Faults()
    assert struck(faults, 5) == []
    faults.add(drop(nth=2))
    assert struck(faults, 3) == [2]


def test_a_schedule_can_be_used_twice_for_the_counts_are_not_in_it() -> None:
    schedule = [drop(nth=2)]
    assert struck(Faults(schedule), 3) == struck(Faults(schedule), 3) == [2]


def test_forgotten_faults_strike_no_more() -> None:
    faults = Faults([drop(times=0)])
    faults.clear()
    assert struck(faults, 3) == []


@pytest.mark.parametrize(("name", "value"), [("kind", "explode"), ("when", "during")])
def test_a_kind_that_is_none_is_refused_with_those_that_are(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{value!r} is not one of"):
        drop(**{name: value})


@pytest.mark.parametrize("kind", ["drop", "timeout", "delay", "status", "throttle", "garbage", "crash"])
def test_every_documented_kind_is_taken(kind: Kind) -> None:
    assert drop(kind=kind).kind == kind
