"""The messages of one invocation: none is lost, none holds up another, none comes back for ever."""

import json
from dataclasses import replace

import pytest

from functions.retention.audit.ledger import INDEX_LAG
from functions.retention.core.errors import CloudError
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import RunMessage, parse_message
from functions.retention.runs.worker import FIRST_DELAY, LONGEST_DELAY, MAX_ATTEMPTS
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage, deployed


@pytest.fixture
def cloud() -> MemoryCloud:
    """A bin with one aged file."""
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.tree.drop("/a", OLD)
    return cloud


def waiting(cloud: MemoryCloud) -> list[RunMessage]:
    return [parse_message(json.loads(queued.body)) for queued in cloud.queues.queued_messages]


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"version":1}', '"x\\ud800"', '{"version":2,"run":"r1"}'])
def test_what_is_no_message_is_dead_lettered_as_it_came_and_never_tried_again(cloud: MemoryCloud, body: str) -> None:
    (report,) = cloud.invoke(QueuedMessage(NOW, body))
    assert (report.state, report.reason, cloud.queues.dead, cloud.queues.queued_messages) == (
        "dead-lettered",
        "poison",
        [body],
        [],
    )
    (record,) = cloud.log.events("poison")
    assert record.get("message", "") == body
    assert record["detail"]


def test_a_poison_message_harms_no_other(cloud: MemoryCloud) -> None:
    cloud.begin()
    good = cloud.queues.queued_messages.pop()
    reports = cloud.worker().work([Delivery("{"), Delivery(good.body), Delivery("[]")])
    assert [report.state for report in reports] == ["dead-lettered", "ended", "dead-lettered"]
    assert cloud.bin.tree.all_entries() == {}


def test_a_slice_that_fails_is_tried_again_later_each_time_and_then_dead_lettered(cloud: MemoryCloud) -> None:
    cloud.log.writes = False
    first = cloud.begin()
    delays, reports = [], []
    while cloud.queues.queued_messages:
        queued = cloud.queues.queued_messages.pop()
        cloud.clock.sleep(queued.due - cloud.clock.now())
        reports += cloud.invoke(queued)
        delays += [each.due - cloud.clock.now() for each in cloud.queues.queued_messages]
    assert [report.state for report in reports] == ["requeued"] * MAX_ATTEMPTS + ["dead-lettered"]
    assert delays == sorted(delays)
    assert [round(delay) for delay in (delays[0], delays[-1])] == [FIRST_DELAY, LONGEST_DELAY]
    assert parse_message(json.loads(cloud.queues.dead[0])) == replace(first, attempt=MAX_ATTEMPTS)
    assert cloud.bin.ours == set()


def test_a_message_put_back_is_the_very_same_but_for_its_attempt(cloud: MemoryCloud) -> None:
    cloud.log.writes = False
    first = cloud.begin()
    cloud.invoke(cloud.queues.queued_messages.pop())
    assert waiting(cloud) == [replace(first, attempt=1)]


def test_only_a_queue_that_takes_nothing_makes_the_invocation_fail(cloud: MemoryCloud) -> None:
    cloud.begin()
    queued = cloud.queues.queued_messages.pop()
    cloud.log.writes = cloud.queues.open = False
    with pytest.raises(CloudError):
        cloud.invoke(queued)
    with pytest.raises(CloudError):
        cloud.invoke(QueuedMessage(NOW, "{"))


def test_what_is_broken_in_the_code_itself_is_told_by_its_kind_only(cloud: MemoryCloud) -> None:
    def secret() -> None:
        raise KeyError("access-key")

    cloud.bin.later(0.0, secret)
    cloud.begin()
    (report,) = cloud.invoke(cloud.queues.queued_messages.pop())
    assert (report.state, report.detail) == ("requeued", "KeyError")


def test_a_redelivered_message_waits_until_the_log_must_show_what_was_done(cloud: MemoryCloud) -> None:
    cloud.begin()
    queued = cloud.queues.queued_messages.pop()
    before = cloud.clock.now()
    cloud.invoke(replace(queued, tries=1))
    assert cloud.clock.now() - before > INDEX_LAG


def test_a_repeated_message_of_a_run_that_ended_does_nothing(cloud: MemoryCloud) -> None:
    cloud.begin()
    queued = cloud.queues.queued_messages[0]
    cloud.play()
    cloud.bin.tree.drop("/b", OLD)
    (report,) = cloud.invoke(queued)
    assert (report.state, cloud.queues.queued_messages) == ("duplicate", [])
    assert len(cloud.bin.ours) == 1


@pytest.mark.parametrize("lag", [0.0, 60.0])
def test_duplicates_delete_everything_once_and_end(lag: float) -> None:
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(8):
        cloud.bin.tree.drop(f"/logs/f{number}", OLD)
    cloud.bin.base, cloud.log.lag = 30.0, lag
    cloud.begin()
    queued = cloud.queues.queued_messages.pop()
    cloud.clock.gather([lambda: cloud.invoke(queued, 100.0), lambda: cloud.invoke(queued, 100.0)])
    cloud.play(100.0)
    assert cloud.bin.tree.all_entries() == {}
    assert len(cloud.bin.ours) == 8
    done = {line["client_token"] for line in cloud.log.events("outcome", status="success")}
    assert len(done) == 8
