"""Runs with a capacity rule, whatever the service tells of the size and whatever others do meanwhile."""

import json
from collections.abc import Callable

import pytest

from functions.retention.core.service_time import format_service_time
from functions.retention.policy.model import Guardrails, Policy, PolicyFile
from tests.unit.retention.bins import DAY, NOW
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage
from tests.unit.retention.job_bin import FILE_SYSTEM, Crash, Mishap

GIB = 1 << 30


def policies(*rules: dict[str, object]) -> PolicyFile:
    unlimited = {"jobs": "unlimited", "bytes": "unlimited", "share": "unlimited"}
    guards = {"file_systems": FILE_SYSTEM, "limits": unlimited, "min_age": "1d"}
    common = {"file_systems": FILE_SYSTEM, "mode": "enforce"}
    named = [Policy.model_validate({"name": f"p{n}", **common, **rule}) for n, rule in enumerate(rules)]
    return PolicyFile(version=1, guardrails=Guardrails.model_validate(guards), policies=tuple(named))


def below(limit: int, **keys: object) -> dict[str, object]:
    return {"keep_bin_below": f"{limit}GiB", **keys}


def size_of(cloud: MemoryCloud) -> int:
    return sum(entry.size or 0 for entry, _ in cloud.bin.tree.all_entries().values())


def cloud_with(file: PolicyFile, count: int = 10, *, size: int = 10 * GIB, apart: float = 10.0) -> MemoryCloud:
    """Files deleted thirty days ago, one after the other, in a bin of which the service tells the exact size."""
    cloud = MemoryCloud(file, NOW)
    for number in range(count):
        moment = format_service_time(NOW - 30 * DAY + number * apart)
        cloud.bin.tree.drop(f"/{number:03}", moment, size=size)
    cloud.bin.base = 1.0
    cloud.bin.told_size = lambda: size_of(cloud)
    return cloud


def left(cloud: MemoryCloud) -> list[str]:
    return sorted(entry.name for entry, _ in cloud.bin.tree.all_entries().values())


def ends(cloud: MemoryCloud) -> list[str]:
    return [report.reason for report in cloud.play() if report.state == "ended"]


@pytest.mark.parametrize(("count", "limit", "going"), [(10, 95, 1), (29, 189, 11), (10, 100, 0)])
def test_of_entries_of_one_hour_only_as_many_go_as_have_to(count: int, limit: int, going: int) -> None:
    cloud = cloud_with(policies(below(limit)), count)
    cloud.begin()
    assert ends(cloud) == ["completed"]
    assert left(cloud) == [f"{number:03}" for number in range(going, count)]


@pytest.mark.parametrize("reported", [lambda: 100 * GIB, lambda: None])
def test_a_size_that_is_a_day_late_or_missing_takes_a_bin_no_further(reported: Callable[[], int | None]) -> None:
    cloud = cloud_with(policies(below(50)))
    cloud.bin.told_size = reported
    for _ in range(3):
        cloud.begin()
        assert ends(cloud) == ["completed"]
        assert size_of(cloud) == 50 * GIB
        cloud.clock.sleep(6 * 3_600)
    record = json.loads(cloud.log.events("surveyed")[0]["capacity"])["p0"]
    assert (record["surplus"], record["bytes"], record["targets"]) == (50 * GIB, 50 * GIB, 5)
    assert record["is_reported"] is (reported() is not None)


def test_what_an_age_takes_counts_and_goes_in_any_case() -> None:
    cloud = cloud_with(policies(below(75), {"older_than": "7d", "match": {"name": "00[0-1]"}}))
    cloud.begin()
    assert ends(cloud) == ["completed"]
    assert left(cloud) == [f"{number:03}" for number in range(3, 10)]
    assert json.loads(cloud.log.events("surveyed")[0]["by_policy"]) == {"p0": [1, 10 * GIB, 0], "p1": [2, 20 * GIB, 0]}


def test_a_directory_with_what_an_age_takes_goes_in_parts() -> None:
    cloud = cloud_with(policies(below(100), {"older_than": "7d", "match": {"name": "*.tmp"}}))
    cloud.bin.tree.write("/t/a.tmp", 1)
    cloud.bin.tree.write("/t/b", 1)
    cloud.bin.tree.remove("/t", format_service_time(NOW - 20 * DAY))
    cloud.begin()
    assert ends(cloud) == ["completed"]
    assert "a.tmp" not in left(cloud)
    assert {"t", "b", "009"} <= set(left(cloud))


def test_what_vanishes_counts_against_what_may_go() -> None:
    cloud = cloud_with(policies(below(50)))
    cloud.begin()
    cloud.survey()
    for file_id, (entry, _) in cloud.bin.tree.all_entries().items():
        if entry.name in {"000", "001"}:  # they expire by themselves
            cloud.bin.tree.delete(file_id)
    cloud.bin.told_size = lambda: None
    assert ends(cloud) == ["completed"]
    assert size_of(cloud) == 50 * GIB


def test_a_bin_that_has_shrunk_by_itself_loses_no_more() -> None:
    cloud = cloud_with(policies(below(50)))
    cloud.begin()
    cloud.survey()
    for file_id, (entry, _) in cloud.bin.tree.all_entries().items():
        if entry.name in {"007", "008", "009"}:
            cloud.bin.tree.delete(file_id)
    assert ends(cloud) == ["completed"]
    assert size_of(cloud) == 50 * GIB
    assert {line["reason"] for line in cloud.log.events("skipped")} == {"bin-is-below"}


@pytest.mark.parametrize("what", ["restore", "remove"])
@pytest.mark.parametrize("when", ["before the survey", "after it", "between two jobs"])
def test_what_others_take_or_put_back_ends_a_capacity_run(what: str, when: str) -> None:
    cloud = cloud_with(policies(below(50)))
    file_id = next(each for each, (entry, _) in cloud.bin.tree.all_entries().items() if entry.name == "009")
    act = getattr(cloud.bin, what)
    if when == "before the survey":  # and it is not over when the survey begins
        act(file_id, 60.0)
        cloud.clock.sleep(5.0)
    cloud.begin()
    cloud.survey()
    if when == "after it":
        act(file_id, 1.0)
    elif when == "between two jobs":
        cloud.bin.watcher = lambda _file_id, _token: cloud.bin.later(1.02, lambda: act(file_id, 0.5))
    assert ends(cloud) == ["bin-changed"]
    assert len(cloud.bin.ours) <= 4


def test_what_an_age_takes_goes_though_somebody_changed_the_bin() -> None:
    cloud = cloud_with(policies({"older_than": "7d", "match": {"name": "00[0-4]"}}, below(30)))
    file_id = next(each for each, (entry, _) in cloud.bin.tree.all_entries().items() if entry.name == "009")
    cloud.begin()
    cloud.survey()
    cloud.bin.remove(file_id, 1.0)
    assert ends(cloud) == ["bin-changed"]
    assert left(cloud) == ["005", "006", "007", "008"]


@pytest.mark.parametrize("later", [0.0, 0.5, 10.0, 60.0])
def test_copies_of_every_message_take_no_more_together(later: float) -> None:
    cloud = cloud_with(policies(below(50)))
    cloud.begin()
    for _ in range(20):
        queue = cloud.queues.queued_messages
        if not queue:
            break
        queued = min(queue, key=lambda each: each.due)
        queue.remove(queued)
        cloud.clock.sleep(max(queued.due - cloud.clock.now(), 0))
        if queued.tries == 0:
            queue.append(QueuedMessage(queued.due + later, queued.body, tries=1))
        cloud.invoke(queued)
    assert size_of(cloud) >= 50 * GIB


@pytest.mark.parametrize("phase", ["survey", "purge"])
@pytest.mark.parametrize("mishap", ["crash-before", "crash-after"])
@pytest.mark.parametrize("number", range(3, 24, 3))
def test_a_crash_takes_a_bin_no_further(mishap: Mishap, number: int, phase: str) -> None:
    cloud = cloud_with(policies(below(50)))
    cloud.begin()
    if phase == "purge":
        cloud.survey()
    queued = cloud.queues.queued_messages.pop()
    cloud.line.after(number, mishap)
    try:
        cloud.invoke(queued)
    except Crash:
        cloud.queues.queued_messages.append(QueuedMessage(cloud.clock.now() + 60, queued.body, 1))
    cloud.line.mishaps.clear()
    cloud.play()
    assert size_of(cloud) in {50 * GIB, 60 * GIB}  # what became of the job of a crash may not be known yet


@pytest.mark.parametrize("narrowing", [{"name": ["00[5-9]"]}, {"older_than": "25d"}, {"path": ["/**"]}])
def test_a_narrowed_run_takes_nothing_by_a_capacity_rule(narrowing: dict[str, object]) -> None:
    cloud = cloud_with(policies({"older_than": "25d", "match": {"name": "00[8-9]"}}, below(50)))
    cloud.begin(narrowing=narrowing)
    assert ends(cloud) == ["completed"]
    assert left(cloud)[:8] == [f"{number:03}" for number in range(8)]


def test_the_first_few_of_a_capacity_rule_are_its_oldest() -> None:
    cloud = cloud_with(policies(below(50)))
    cloud.begin(narrowing={"up_to": 2})
    assert ends(cloud) == ["completed"]
    assert left(cloud) == [f"{number:03}" for number in range(2, 10)]


def test_a_capacity_rule_takes_the_largest_first_where_its_order_says_so() -> None:
    cloud = cloud_with(policies(below(99, order="largest-first")))
    cloud.bin.tree.drop("/large", format_service_time(NOW - 2 * DAY), size=40 * GIB)
    cloud.begin()
    assert ends(cloud) == ["completed"]
    assert left(cloud)[0] == "001"
    assert "large" not in left(cloud)
