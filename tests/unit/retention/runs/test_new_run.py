"""A run is named after what it is, so that a request that is repeated is the same run."""

from hypothesis import given
from hypothesis import strategies as st

from functions.retention.runs.message import LONGEST_RUN, RunMessage, new_message
from tests.unit.retention.bins import NOW

ORDERS = st.tuples(
    st.sampled_from(["fs1", "fs2"]),
    st.sampled_from(["d", "e"]),
    st.sampled_from(["sweep", "console"]),
    st.sampled_from(["dry-run", "enforce"]),
    st.sampled_from([NOW, NOW + 1]),
    st.sampled_from([{}, {"path": "/a"}, {"path": "/b"}]),
)
Order = tuple[str, str, str, str, float, dict[str, str]]


def message(order: Order, now: float = NOW) -> RunMessage:
    file_system, digest, trigger, mode, at, narrowing = order
    return new_message(
        file_system, digest=digest, trigger=trigger, mode=mode, at=at, now=now, narrowing=narrowing  # type: ignore[arg-type]
    )  # fmt: skip


@given(ORDERS, ORDERS, st.floats(0, 900))
def test_two_requests_are_one_run_exactly_when_they_ask_for_the_same(one: Order, other: Order, later: float) -> None:
    assert (message(one).run == message(other, NOW + later).run) == (one == other)


@given(ORDERS)
def test_a_run_begins_at_its_moment_with_all_its_time_ahead(order: Order) -> None:
    first = message(order)
    assert first.as_of == min(order[4], NOW)
    assert (first.slice_number, first.attempt, first.phase, first.cursor) == (0, 0, "survey", None)
    assert first.not_after == NOW + LONGEST_RUN


def test_a_run_measures_ages_at_a_moment_of_its_own_if_it_is_given_one_and_never_in_the_future() -> None:
    common = {"digest": "d", "trigger": "console", "mode": "enforce", "at": NOW, "now": NOW}
    assert new_message("fs", **common, as_of=NOW - 5).as_of == NOW - 5  # type: ignore[arg-type]
    assert new_message("fs", **common, as_of=NOW + 5).as_of == NOW  # type: ignore[arg-type]
