"""Whether a target of a capacity rule may still go, by the size of the bin and by what others do."""

from functools import partial

import pytest

from functions.retention.audit.queries import RunLedger
from functions.retention.core.errors import NoAnswer
from functions.retention.core.job import Job
from functions.retention.core.run_end import RunOver
from functions.retention.jobs.capacity_guard import CapacityGuard
from functions.retention.policy.verdict import Verdict
from functions.retention.walk.cursor import Cursor
from functions.retention.walk.target import Target
from tests.unit.retention.bins import NOW, OLD, TreeBin
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM


def target(size: int | None, rule: int = 1) -> Target:
    tree = TreeBin()
    file_id = tree.drop("/a", OLD)
    entry, _ = tree.all_entries()[file_id]
    return Target(entry, Verdict(delete=True, reason="selected"), "2", "/", "", NOW, size, 1, Cursor(), rule)


def guard(left: int | None, cloud: MemoryCloud | None = None) -> CapacityGuard:
    log = (cloud or MemoryCloud(deployed(), NOW)).log
    return CapacityGuard(RunLedger(log, "r1", FILE_SYSTEM, NOW - 100), since=NOW - 100, left={1: left})


def job(kind: str = "Delete", status: str = "success", created_at: float | None = NOW) -> Job:
    return Job("rb-1", kind, "17", status, 100, created_at)


nobody = partial(lambda _: False)


def test_a_target_goes_while_the_bin_is_over_the_size_and_none_after_that() -> None:
    asked = guard(15)
    assert asked.reason_to_leave(target(10)) == ""
    asked.count(target(10))
    assert asked.reason_to_leave(target(10)) == ""
    asked.count(target(10))
    assert asked.reason_to_leave(target(10)) == "bin-is-below"
    assert asked.reason_to_leave(target(10, rule=0)) == ""


def test_a_target_of_unknown_size_may_have_been_all_that_the_bin_was_over() -> None:
    asked = guard(10**12)
    asked.count(target(None, rule=0))
    assert asked.reason_to_leave(target(1)) == "bin-is-below"


def test_where_the_service_tells_no_size_the_set_alone_bounds() -> None:
    asked = guard(None)
    asked.count(target(10**15))
    assert asked.reason_to_leave(target(1)) == ""


@pytest.mark.parametrize(
    ("seen", "is_change"),
    [
        (job(), True),
        (job(created_at=None), True),
        (job("Restore"), True),
        (job("Restore", "running", NOW - 5_000), True),
        (job(created_at=NOW - 5_000), False),
        (job("Restore", created_at=NOW - 5_000), False),
    ],
)
def test_what_others_did_since_the_survey_began_is_a_change(seen: Job, *, is_change: bool) -> None:
    assert guard(5).sees_others([seen], nobody, 0.0) is is_change


def test_a_job_that_this_slice_or_an_earlier_one_of_the_run_created_is_no_change() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    assert not guard(5).sees_others([job()], lambda _: True, 0.0)
    created = {"event": "created", "event_id": "e", "run": "r1", "file_system": FILE_SYSTEM, "job_id": "rb-1"}
    cloud.log.records.append((NOW, created))
    assert not guard(5, cloud).sees_others([job()], nobody, 0.0)
    cloud.log.records[0][1]["run"] = "another"
    assert guard(5, cloud).sees_others([job()], nobody, 0.0)


def test_nothing_goes_while_the_log_does_not_say_whose_a_job_is() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    cloud.log.reads = False
    asked = guard(5, cloud)
    assert not asked.sees_others([job()], nobody, 0.0)
    with pytest.raises(NoAnswer):
        asked.check(target(1), None)
    asked.check(target(1, rule=0), None)


def test_a_change_ends_the_run_at_the_first_target_of_a_capacity_rule() -> None:
    asked = guard(5)
    asked.check(target(1, rule=0), NOW)
    with pytest.raises(RunOver, match="bin-changed"):
        asked.check(target(1), NOW)


def test_a_run_without_a_capacity_rule_asks_nobody() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    cloud.log.reads = False
    asked = CapacityGuard(RunLedger(cloud.log, "r1", FILE_SYSTEM, NOW), since=NOW, left={})
    assert not asked.sees_others([job("Restore")], nobody, 0.0)
