"""Slices that delete: whatever comes between them and the service, the right thing is deleted and counted once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.jobs.monitor import MAX_FAILED_IN_ROW, RESTORE_GRACE, RETRY_AFTER
from functions.retention.jobs.progress import Pace
from functions.retention.jobs.tracker import client_token
from functions.retention.jobs.unanswered import ANSWER_WITHIN
from functions.retention.runs.context import Report
from functions.retention.runs.failing import TRIES
from tests.unit.retention.bins import DAY, NOW, OLD, YOUNG
from tests.unit.retention.doubles import MemoryCloud, deployed

PART = st.text("abc\x01", max_size=3)


def cloud_with(files: int, *, base: float = 10.0, lag: float = 0.0) -> MemoryCloud:
    """A bin of aged files of a live directory."""
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(files):
        cloud.bin.tree.drop(f"/logs/f{number}", OLD, size=100)
    cloud.bin.base, cloud.log.lag = base, lag
    return cloud


def ends(reports: list[Report]) -> list[str]:
    return [report.reason for report in reports if report.state == "ended"]


def last_end(cloud: MemoryCloud) -> dict[str, str]:
    return cloud.log.events("ended")[-1]


@pytest.mark.parametrize("lag", [0.0, 5.0, 60.0])
@pytest.mark.parametrize("base", [0.5, 3.0, 18.0, 100.0])
def test_every_job_is_counted_once_however_late_the_log_shows_things(lag: float, base: float) -> None:
    cloud = cloud_with(40, base=base, lag=lag)
    cloud.begin()
    assert ends(cloud.play(40.0)) == ["completed"]
    assert cloud.bin.tree.all_entries() == {}
    end = last_end(cloud)
    assert [end[name] for name in ("jobs", "jobs_done", "entries", "bytes", "failed")] == [
        "40",
        "40",
        "40",
        "4000",
        "0",
    ]
    assert len(cloud.bin.ours) == 40
    outcomes = [line["file_id"] for line in cloud.log.events("outcome", status="success")]
    assert sorted(outcomes) == sorted({line["file_id"] for line in cloud.log.events("intent")})


def test_all_is_counted_also_when_the_log_stops_to_answer_in_each_slice() -> None:
    cloud = cloud_with(25, base=3.0)

    def fall_silent(_file_id: str, _token: str) -> None:
        cloud.log.reads = False

    cloud.bin.watcher = fall_silent
    cloud.begin()
    assert ends(cloud.play()) == ["completed"]
    assert (last_end(cloud)["jobs_done"], last_end(cloud)["bytes"]) == ("25", "2500")


@given(st.tuples(PART, PART, PART, st.integers(0, 9)), st.tuples(PART, PART, PART, st.integers(0, 9)))
def test_a_job_has_another_token_exactly_when_it_is_another_job(
    one: tuple[str, str, str, int], other: tuple[str, str, str, int]
) -> None:
    tokens = client_token(*one), client_token(*other)
    assert (tokens[0] == tokens[1]) == (one == other)
    assert all(len(token) == 64 and token.isascii() for token in tokens)


def test_a_restoration_that_came_and_went_while_our_job_was_thought_to_run_is_noticed() -> None:
    cloud = cloud_with(2, base=1.0)
    ids = sorted(cloud.bin.tree.all_entries())
    seen: list[str] = []

    def put_back_and_delete_again(file_id: str, _token: str) -> None:
        seen.append(file_id)
        other = next(each for each in ids if each != file_id)
        if len(seen) == 1:
            cloud.bin.later(2.0, lambda: cloud.bin.restore(other, 6.0, delete_again=True))

    cloud.bin.watcher = put_back_and_delete_again
    cloud.begin(pace=Pace(per_job=18.0))
    cloud.play()
    assert len(cloud.bin.ours) == 1
    assert [entry.delete_time > YOUNG for entry, _ in cloud.bin.tree.all_entries().values()] == [True]


def test_after_a_restoration_nothing_is_deleted_for_a_while() -> None:
    cloud = cloud_with(3)
    first = min(cloud.bin.tree.all_entries())
    cloud.bin.restore(first, 30.0)
    cloud.begin()
    assert ends(cloud.play()) == ["completed"]
    created = [work.job.created_at or 0 for work in cloud.bin.works if work.job.id in cloud.bin.ours]
    assert len(created) == 2
    assert min(created) >= NOW + RESTORE_GRACE


def test_a_job_that_a_person_cancels_ends_the_run_and_no_other_is_made() -> None:
    cloud = cloud_with(3, base=50.0)
    cloud.bin.later(20.0, cloud.bin.stop)
    cloud.begin()
    assert ends(cloud.play()) == ["stopped-by-person"]
    assert len(cloud.bin.ours) == 1


def test_a_job_that_a_person_cancelled_after_its_run_was_lost_counts_a_day_later() -> None:
    cloud = cloud_with(3, base=900.0)
    cloud.begin()
    cloud.survey()
    cloud.invoke(cloud.queues.queued_messages.pop())
    cloud.queues.queued_messages.clear()
    cloud.bin.stop()
    (cancelled,) = cloud.bin.works
    cloud.clock.sleep(DAY + 60)
    cloud.begin()
    assert ends(cloud.play()) == ["stopped-by-person"]
    assert cancelled.job.file_id in cloud.bin.tree.all_entries()


def test_a_job_cancelled_between_two_slices_ends_the_run_as_well() -> None:
    cloud = cloud_with(3, base=1_000.0)
    cloud.bin.later(600.0, cloud.bin.stop)
    cloud.begin()
    assert ends(cloud.play()) == ["stopped-by-person"]
    assert len(cloud.bin.ours) == 1


def test_a_persons_job_is_waited_for_and_counted_as_nobodys() -> None:
    cloud = cloud_with(3)
    cloud.bin.remove(min(cloud.bin.tree.all_entries()), 100.0)
    cloud.begin()
    assert ends(cloud.play()) == ["completed"]
    assert (last_end(cloud)["jobs"], last_end(cloud)["bytes"]) == ("2", "200")


def test_a_person_deleting_the_very_entry_that_was_just_announced_is_no_job_of_ours() -> None:
    cloud = cloud_with(2, base=15.0)

    def also_wanted(file_id: str, _token: str) -> None:
        other = next((each for each in cloud.bin.tree.all_entries() if each != file_id), "")
        cloud.bin.later(15.1, lambda: cloud.bin.remove(other, 300.0))
        cloud.bin.later(60.0, cloud.bin.stop)

    cloud.bin.watcher = also_wanted
    cloud.begin(pace=Pace(per_job=15.0))
    assert ends(cloud.play()) == ["completed"]
    assert cloud.bin.tree.all_entries() == {}


def test_a_lost_reply_to_a_create_makes_no_second_job() -> None:
    cloud = cloud_with(1)
    cloud.line.mishaps[_first_create(cloud)] = "silence-after"
    cloud.begin()
    assert ends(cloud.play()) == ["completed"]
    assert len(cloud.bin.ours) == 1
    assert last_end(cloud)["jobs_done"] == "1"


def _first_create(cloud: MemoryCloud) -> int:
    """The number of the first call that creates a job, found by playing the same run on a copy."""
    rehearsal = MemoryCloud(cloud.file, NOW)
    for entry, _ in cloud.bin.tree.all_entries().values():
        rehearsal.bin.tree.drop(f"/logs/{entry.name}", entry.delete_time, entry.size or 0)
    found: list[int] = []
    rehearsal.bin.watcher = lambda _file_id, _token: found.append(rehearsal.line.calls)
    rehearsal.begin()
    rehearsal.play()
    return found[0]


def test_a_target_whose_creates_get_no_answer_is_left_and_the_others_go() -> None:
    cloud = cloud_with(2)
    first = min(cloud.bin.tree.all_entries())
    asked: list[str] = []

    def silent(operation: str, file_id: str) -> bool:
        asked.append(file_id)
        return operation == "delete" and file_id == first

    cloud.bin.silent = silent
    cloud.begin()
    assert ends(cloud.play()) == ["partial"]
    assert asked.count(first) == TRIES
    assert list(cloud.bin.tree.all_entries()) == [first]
    assert [line["reason"] for line in cloud.log.events("skipped")] == ["unanswered"]


def test_a_create_without_an_answer_is_not_sent_again_while_its_job_may_still_show() -> None:
    cloud = cloud_with(1)
    asked: list[float] = []

    def silent(_operation: str, _file_id: str) -> bool:
        asked.append(cloud.clock.now())
        return len(asked) == 1

    cloud.bin.silent = silent
    cloud.begin()
    assert ends(cloud.play()) == ["completed"]
    assert asked[1] - asked[0] >= ANSWER_WITHIN


@pytest.mark.parametrize("status", ["fail", "partialsuccess"])
def test_a_failed_job_is_tried_again_as_another_job(status: str) -> None:
    cloud = cloud_with(1)
    cloud.bin.ends = [status, status]
    cloud.begin()
    assert ends(cloud.play()) == ["completed"]
    assert len(cloud.bin.ours) == 3
    assert last_end(cloud)["jobs"] == "1"
    assert last_end(cloud)["failed"] == "0"


def test_a_target_that_always_fails_is_left_for_this_run() -> None:
    cloud = cloud_with(1)
    cloud.bin.ends = ["fail"] * 99
    cloud.begin()
    assert ends(cloud.play()) == ["all-failed"]
    assert len(cloud.bin.ours) == 1 + len(RETRY_AFTER)
    assert [line["reason"] for line in cloud.log.events("skipped")] == ["quarantined"]


def test_many_failures_in_a_row_end_the_run() -> None:
    cloud = cloud_with(MAX_FAILED_IN_ROW + 10, base=1.0)
    cloud.bin.ends = ["fail"] * 999
    cloud.begin()
    assert ends(cloud.play()) == ["too-many-failures"]


def test_a_slot_that_is_refused_for_no_visible_reason_is_not_hammered() -> None:
    cloud = cloud_with(2)
    cloud.bin.unlisted_for = 10_000.0
    cloud.bin.remove(min(cloud.bin.tree.all_entries()), 9_000.0)
    cloud.begin()
    assert ends(cloud.play()) == ["too-many-failures"]
    assert {line["reason"] for line in cloud.log.events("skipped")} == {"conflict"}
    assert cloud.line.calls < 9_000 / 4


def test_a_job_that_never_ends_does_not_keep_a_run_for_ever() -> None:
    cloud = cloud_with(2, base=1_000 * DAY)
    cloud.begin()
    reports = cloud.play()
    assert ends(reports) == ["expired"]
    assert cloud.clock.now() < NOW + 10 * DAY


def test_an_entry_that_expires_before_its_job_could_end_is_left() -> None:
    cloud = cloud_with(1)
    cloud.bin.attributes_now = replace(cloud.bin.attributes_now, reserved_days=30)
    cloud.begin()
    assert ends(cloud.play()) == ["completed"]
    assert [line["reason"] for line in cloud.log.events("skipped")] == ["expires-itself"]
    assert cloud.bin.ours == set()


def test_what_a_refusal_interrupts_is_resumed_where_it_stood() -> None:
    cloud = cloud_with(6, base=2.0)
    created: list[str] = []

    def refuse_soon(file_id: str, _token: str) -> None:
        created.append(file_id)
        if len(created) == 3:
            cloud.line.after(0, "refuse")

    cloud.bin.watcher = refuse_soon
    cloud.begin()
    reports = cloud.play()
    assert [report.state for report in reports] == ["handed-over", "handed-over", "ended"]
    assert (last_end(cloud)["reason"], last_end(cloud)["jobs_done"]) == ("completed", "6")


def test_a_run_that_gets_no_further_ends_and_says_so() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    tree = cloud.bin.tree
    tree.page_size = 1
    for number in range(40):
        tree.drop(f"/wide/{number}", YOUNG)
    for name in "abcdefgh":
        tree.write(f"/wide/{name}/x/f", 1)
        tree.remove(f"/wide/{name}", OLD)
    cloud.begin()
    reports = cloud.play(4.0)
    assert ends(reports) == ["standstill"]
    assert len(reports) <= 40
    assert "came no further" in last_end(cloud)["detail"]
