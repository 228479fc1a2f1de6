"""What an invocation's context says, as far as it says anything."""

from types import SimpleNamespace

import pytest

from functions.retention.core.invocation import DEFAULT_TIMEOUT, LAST_CALL, WRAP_UP, read_invocation
from tests.unit.retention.bins import NOW


def context(timeout: object = 300, **fields: object) -> SimpleNamespace:
    return SimpleNamespace(function=SimpleNamespace(timeout=timeout, name="purge"), request_id="q1", **fields)


def test_time_is_left_to_wrap_up_before_the_platform_ends_it() -> None:
    invocation = read_invocation(context(), NOW)
    assert (invocation.request_id, invocation.function) == ("q1", "purge")
    assert (invocation.deadline, invocation.last_call) == (NOW + 300 - WRAP_UP, NOW + 300 - LAST_CALL)


@pytest.mark.parametrize(("said", "read"), [("0", 0), ("2", 2), (3, 3), (None, 0), ("many", 0), ("-1", 0)])
def test_a_retry_count_is_read_in_whatever_type_it_comes(said: object, read: int) -> None:
    assert read_invocation(context(retry_count=said), NOW).retry_count == read


@pytest.mark.parametrize("timeout", [1, 10, 60, 86_400])
def test_a_deadline_is_ahead_and_before_the_time_out(timeout: int) -> None:
    invocation = read_invocation(context(timeout), NOW)
    assert NOW < invocation.deadline <= invocation.last_call < NOW + timeout


def test_a_context_that_says_nothing_gives_a_short_invocation() -> None:
    invocation = read_invocation(object(), NOW)
    assert (invocation.request_id, invocation.function, invocation.retry_count) == ("", "", 0)
    assert invocation.last_call < NOW + DEFAULT_TIMEOUT
