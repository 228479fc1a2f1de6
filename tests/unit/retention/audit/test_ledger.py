"""What the log's records say: which jobs are open, which slice is a duplicate, which runs are alive."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from functions.retention.audit.ledger import (
    LONGEST_SLICE,
    AliveRun,
    alive_runs,
    alive_until,
    announced_targets,
    is_duplicate,
    open_intents,
    superseded_by,
)
from functions.retention.audit.schema import record
from functions.retention.core.service_time import format_service_time
from functions.retention.core.services import Record
from tests.unit.retention.bins import NOW

MINE = AliveRun("r1", "sweep", "d", "fs", "2026-01-31T00:00:00Z")
RUNS = st.builds(
    AliveRun,
    st.sampled_from(["r1", "r2", "r3"]),
    st.sampled_from(["sweep", "console"]),
    st.sampled_from(["d", "e"]),
    st.sampled_from(["fs", "other"]),
    st.sampled_from(["2026-01-31T00:00:00Z", "2026-01-31T00:00:01Z"]),
)


def intent(token: str, *, slice_number: int = 0, file_id: str = "7", **fields: object) -> Record:
    common = {
        "slice_number": slice_number,
        "file_id": file_id,
        "delete_time": "t",
        "client_token": token,
        "size": 5,
        "entries": 2,
    }
    return record("intent", {**common, "at": format_service_time(NOW), "path": "/a", **fields})


def outcome(token: str, status: str = "success", slice_number: int = 0) -> Record:
    return record("outcome", {"client_token": token, "status": status, "slice_number": slice_number})


def test_an_intent_is_read_back_as_it_was_written() -> None:
    (found,) = open_intents([intent("x")])
    assert (found.file_id, found.delete_time, found.client_token) == ("7", "t", "x")
    assert (found.at, found.size, found.entries, found.path) == (NOW, 5, 2, "/a")


def test_a_record_that_says_nothing_is_no_trap() -> None:
    (found,) = open_intents([{"event": "intent", "size": "many", "at": "soon"}])
    assert (found.at, found.size, found.entries) == (0.0, None, 0)


def test_an_intent_is_open_until_its_outcome_is_written() -> None:
    assert [each.client_token for each in open_intents([intent("a"), intent("b"), outcome("a")])] == ["b"]


def test_what_was_not_created_is_open_again_when_it_is_announced_again() -> None:
    records = [intent("a", slice_number=1), outcome("a", "not-created", 1), intent("a", slice_number=1)]
    assert [each.client_token for each in open_intents(records)] == ["a"]
    assert [each.client_token for each in announced_targets(records, 1)] == ["a"]
    assert open_intents([*records, outcome("a", "fail", 1)]) == []


def test_intents_of_earlier_slices_are_settled_even_if_the_log_does_not_show_it_yet() -> None:
    records = [intent("a", slice_number=1), intent("b", slice_number=2), intent("c", slice_number=3)]
    assert [each.client_token for each in open_intents(records, 2)] == ["b", "c"]


def test_targets_are_counted_once_and_not_at_all_when_no_job_was_made() -> None:
    records = [
        intent("a", slice_number=1),
        intent("b", slice_number=1),
        intent("c", slice_number=1, file_id="8"),
        outcome("c", "not-created", 1),
        intent("d", slice_number=0, file_id="9"),
    ]
    assert [each.file_id for each in announced_targets(records, 1)] == ["7"]


def handed(slice_number: int, send_id: str) -> Record:
    return record("handed-over", {"slice_number": slice_number, "send_id": send_id})


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), min_size=1, max_size=6))
def test_of_all_that_were_handed_over_to_exactly_one_slice_goes_on(handed_to: list[tuple[int, str]]) -> None:
    records = [handed(*each) for each in handed_to]
    going_on = [each for each in set(handed_to) if not is_duplicate(records, *each)]
    latest = max(slice_number for slice_number, _ in handed_to)
    assert going_on == [(latest, min(send_id for slice_number, send_id in handed_to if slice_number == latest))]


def test_a_log_that_shows_nothing_makes_no_slice_a_duplicate() -> None:
    assert not is_duplicate([], 3, "a")
    assert not is_duplicate([record("started", {"slice_number": 9, "send_id": "a"})], 3, "a")


def alive(run: str, until: float, event: str = "started", mode: str = "enforce") -> Record:
    return record(event, {"run": run, "mode": mode, "alive_until": round(until), "file_system": "fs"})


def test_a_run_is_alive_until_its_newest_record_says() -> None:
    records = [alive("r1", NOW - 9), alive("r1", NOW + 9, "handed-over"), alive("r2", NOW - 1)]
    assert [each.run for each in alive_runs(records, NOW)] == ["r1"]
    assert alive_runs(records, NOW + 9) == []


def test_a_run_that_a_sweep_sent_for_is_alive_and_one_that_it_left_alone_only_by_its_own_records() -> None:
    left_alone = record("swept", {"run": "r2", "mode": "enforce", "file_system": "fs"})
    assert [each.run for each in alive_runs([alive("r1", NOW + 9, "swept"), left_alone], NOW)] == ["r1"]


def test_a_run_that_ended_is_not_alive_in_whatever_order_the_records_come() -> None:
    end = record("ended", {"run": "r1", "reason": "completed"})
    assert alive_runs([end, alive("r1", NOW + 9)], NOW) == alive_runs([alive("r1", NOW + 9), end], NOW) == []


def test_a_request_keeps_its_run_alive_until_the_first_slice_must_have_begun_and_requests_without_a_run_none() -> None:
    asked = record("asked", {"run": "r1", "mode": "enforce", "at": format_service_time(NOW), "trigger": "console"})
    pause = record("asked", {"mode": "enforce", "at": format_service_time(NOW)})
    assert [(each.run, each.trigger) for each in alive_runs([asked, pause], NOW)] == [("r1", "console")]
    assert alive_runs([asked], alive_until(NOW)) == []


def test_dry_runs_are_no_enforcing_runs() -> None:
    assert alive_runs([alive("r1", NOW + 9, mode="dry-run")], NOW) == []


def test_a_run_whose_next_slice_may_still_come_is_alive() -> None:
    assert alive_until(NOW) > NOW + LONGEST_SLICE


@given(RUNS, RUNS)
def test_of_two_runs_never_both_are_superseded(one: AliveRun, other: AliveRun) -> None:
    assert not (superseded_by(one, [other]) and superseded_by(other, [one]))


@given(st.lists(RUNS, min_size=1, max_size=6, unique_by=lambda run: run.run))
def test_of_any_runs_one_goes_on(runs: list[AliveRun]) -> None:
    assert any(superseded_by(run, runs) is None for run in runs)


def test_a_sweeps_run_is_superseded_by_a_persons_and_by_an_older_sweeps() -> None:
    person = replace(MINE, run="r9", trigger="console", as_of="2026-01-31T09:00:00Z")
    older = replace(MINE, run="r9", as_of="2026-01-30T00:00:00Z")
    assert superseded_by(MINE, [person]) == person
    assert superseded_by(person, [MINE]) is None
    assert superseded_by(MINE, [older]) == older
    assert superseded_by(older, [MINE]) is None


def test_runs_elsewhere_and_runs_under_outdated_policies_supersede_nothing() -> None:
    older = replace(MINE, run="r9", as_of="2026-01-30T00:00:00Z")
    assert superseded_by(MINE, [replace(older, file_system="other")]) is None
    assert superseded_by(MINE, [replace(older, digest="outdated")]) is None
    assert superseded_by(MINE, [MINE]) is None
