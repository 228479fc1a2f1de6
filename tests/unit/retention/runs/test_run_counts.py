"""The end of a run says what became of all that was due, and what is not known is never 0."""

from dataclasses import replace

import pytest

from functions.retention.core.run_end import Cause, Deleted, EndReason
from functions.retention.jobs.progress import Progress
from functions.retention.runs.message import RunMessage
from functions.retention.runs.run_counts import at_end, end_of
from tests.unit.retention.bins import NOW, OLD, YOUNG
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM

MESSAGE = RunMessage("r1", FILE_SYSTEM, "sweep", "enforce", "d", NOW, NOW + 100, NOW)
UNREACHED = {"due", "kept_by_rule", "not_reached"}


def end(cloud: MemoryCloud) -> dict[str, str]:
    cloud.play()
    (record,) = cloud.log.events("ended")
    return record


def make_cloud(*, aged: int, young: int = 0, jobs: int | str = "unlimited") -> MemoryCloud:
    cloud = MemoryCloud(deployed(jobs=jobs), NOW)
    for number in range(aged):
        cloud.bin.tree.drop(f"/aged{number}", OLD)
    for number in range(young):
        cloud.bin.tree.drop(f"/young{number}", YOUNG)
    cloud.begin()
    return cloud


def test_an_end_counts_what_was_due_deleted_and_kept() -> None:
    record = end(make_cloud(aged=3, young=2))
    counts = [record[name] for name in ("due", "deleted", "kept_by_rule", "failed", "not_reached")]
    assert (record["reason"], counts) == ("completed", ["3", "3", "2", "0", "0"])


def test_a_run_that_may_not_begin_does_not_know_what_was_due() -> None:
    cloud = make_cloud(aged=3)
    cloud.bin.tags_now = {"nas-retention": "hold"}
    record = end(cloud)
    assert (record["reason"], UNREACHED & record.keys(), record["deleted"]) == ("held", set(), "0")


def test_what_a_limit_forbids_was_due_and_not_reached() -> None:
    record = end(make_cloud(aged=3, jobs=1))
    assert (record["reason"], record["due"], record["not_reached"]) == ("limits-exceeded", "3", "3")


def test_a_run_without_an_answer_ends_with_counts_too() -> None:
    cloud = make_cloud(aged=3)
    cloud.log.reads = False
    record = end(cloud)
    assert (record["reason"], UNREACHED & record.keys(), record["deleted"]) == ("failed", set(), "0")


def test_a_run_in_which_every_job_fails_is_not_completed() -> None:
    cloud = make_cloud(aged=2)
    cloud.bin.ends = ["fail"] * 100
    record = end(cloud)
    assert (record["reason"], record["deleted"], record["failed"]) == ("all-failed", "0", "2")


def test_what_failed_is_not_counted_as_not_reached() -> None:
    failed = replace(MESSAGE, due=9, progress=Progress(entries=5, left=3, failed=3, succeeded=5))
    assert at_end(failed)["not_reached"] == 1
    assert at_end(replace(failed, due=None))["not_reached"] is None


@pytest.mark.parametrize(
    ("progress", "reason"),
    [
        (Progress(), "completed"),
        (Progress(succeeded=1), "completed"),
        (Progress(succeeded=1, failed=1), "partial"),
        (Progress(succeeded=1, unretried=1), "partial"),
        (Progress(failed=1), "all-failed"),
    ],
)
def test_failures_make_an_end_partial_and_failures_alone_make_it_all_failed(progress: Progress, reason: str) -> None:
    assert end_of(replace(MESSAGE, progress=progress), {}).reason == reason


def test_what_is_set_aside_makes_an_end_partial() -> None:
    assert end_of(MESSAGE, {"Timeout": 1}).reason == "partial"


@pytest.mark.parametrize("reason", EndReason)
def test_an_end_by_trouble_alarms_says_what_to_do_and_is_no_success(reason: EndReason) -> None:
    assert reason.remedy
    assert (reason.exit_code == 0) == (reason.deleted is Deleted.ALL)
    if reason.cause is Cause.TROUBLE:
        assert reason.alarm
        assert reason.remedy != "nothing"
