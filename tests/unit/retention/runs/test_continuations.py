"""The functions' own messages: changed, replayed, of another deployment, or sealed with a key of yesterday."""

import json
from dataclasses import replace

import pytest

from functions.retention.audit.ledger import LONGEST_ALIVE
from functions.retention.core.seal import OVERHEAD, Seal, SealKey
from functions.retention.policy.model import MESSAGE_VERSION
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import SEAL, MemoryCloud, QueuedMessage, deployed, opened
from tests.unit.retention.job_bin import FILE_SYSTEM

KEY = SealKey(bytes(range(32)))
PLACE = {"region": "cn-hangzhou", "account_id": "1234567890123456", "queue": "work"}
SLICE_LENGTH = 200.0
"""Seconds of one slice, so that a run takes several."""


def make_cloud(entries: int = 200) -> MemoryCloud:
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(entries):
        cloud.bin.tree.drop(f"/f{number}", OLD)
    return cloud


def play_and_keep(cloud: MemoryCloud, seconds: float = SLICE_LENGTH) -> list[str]:
    """Play a run to its end; the bodies that carried it."""
    bodies = []
    while cloud.queues.queued_messages:
        queued = cloud.queues.queued_messages.pop()
        bodies.append(queued.body)
        cloud.clock.sleep(queued.due - cloud.clock.now())
        cloud.invoke(queued, seconds)
    return bodies


def deliver(cloud: MemoryCloud, body: str) -> tuple[str, str]:
    (report,) = cloud.invoke(QueuedMessage(cloud.clock.now(), body))
    return report.state, report.reason


@pytest.mark.parametrize("later", [0.0, 60.0, 1_000.0])
@pytest.mark.parametrize("lag", [0.0, 60.0])
def test_no_earlier_slice_is_worked_on_again(later: float, lag: float) -> None:
    cloud = make_cloud(60)
    cloud.log.lag = lag
    cloud.begin()
    bodies = play_and_keep(cloud, 40.0)
    assert len(bodies) >= 3
    cloud.bin.tree.drop("/late", OLD)
    created = len(cloud.bin.ours)
    cloud.clock.sleep(later)
    for body in bodies:
        state, _ = deliver(cloud, body)
        assert state in {"duplicate", "dead-lettered"}
    assert len(cloud.bin.ours) == created
    assert not cloud.queues.queued_messages


@pytest.mark.parametrize("later", [LONGEST_ALIVE + 1, 86_400.0, 8 * 86_400.0])
def test_a_replay_that_no_queue_makes_lies_in_the_dead_letters(later: float) -> None:
    cloud = make_cloud(60)
    cloud.begin()
    bodies = play_and_keep(cloud, 40.0)
    created = len(cloud.bin.ours)
    cloud.clock.sleep(later)
    for body in bodies[:-1]:
        assert deliver(cloud, body) == ("dead-lettered", "unsealed")
    assert cloud.queues.dead == bodies[:-1]
    assert {record["reason"] for record in cloud.log.events("unsealed")} == {"replayed"}
    assert len(cloud.bin.ours) == created


def test_a_replay_while_the_run_is_at_work_takes_nothing_twice() -> None:
    cloud = make_cloud(60)
    cloud.begin()
    first = cloud.queues.queued_messages.pop()
    cloud.invoke(first, 40.0)
    for _ in range(20):
        assert deliver(cloud, first.body) == ("duplicate", "")
    cloud.play(40.0)
    assert len(cloud.bin.ours) == 60
    assert [record["reason"] for record in cloud.log.events("ended")] == ["completed"]


def test_no_slice_of_a_run_is_worked_on_while_the_log_cannot_say_whether_it_was() -> None:
    cloud = make_cloud(60)
    cloud.begin()
    bodies = play_and_keep(cloud, 40.0)
    cloud.bin.tree.drop("/late", OLD)
    created = len(cloud.bin.ours)
    cloud.log.reads = False
    assert {deliver(cloud, body) for body in bodies} == {("requeued", "")}
    cloud.log.reads = True
    cloud.play()
    assert len(cloud.bin.ours) == created


@pytest.mark.parametrize(
    "other",
    [
        Seal(KEY, **PLACE | {"region": "cn-shanghai"}),
        Seal(KEY, **PLACE | {"account_id": "6543210987654321"}),
        Seal(KEY, **PLACE | {"queue": "dead-letters"}),
        Seal(SealKey(bytes(range(1, 33))), **PLACE),
    ],
    ids=["region", "account", "queue", "key"],
)
def test_a_message_of_another_deployment_is_not_worked_on(other: Seal) -> None:
    cloud = make_cloud(1)
    genuine = SEAL.open(_sealed(cloud))
    assert deliver(cloud, other.seal(genuine)) == ("dead-lettered", "unsealed")
    assert cloud.queues.dead == [other.seal(genuine)]
    assert [record["reason"] for record in cloud.log.events("unsealed")] == ["mismatch"]
    assert not cloud.bin.ours


def test_a_message_with_any_field_changed_is_not_worked_on() -> None:
    cloud = make_cloud(1)
    genuine = _sealed(cloud)
    wire = json.loads(genuine[OVERHEAD:])
    for name in wire:
        for changed in ({**wire, name: 1}, {key: wire[key] for key in wire if key != name}):
            assert deliver(cloud, genuine[:OVERHEAD] + json.dumps(changed)) == ("dead-lettered", "unsealed")
    assert not cloud.bin.ours
    assert not cloud.log.events("started")


def test_a_new_key_ends_the_runs_under_way_and_the_next_sweep_begins_anew() -> None:
    cloud = make_cloud(60)
    cloud.begin()
    cloud.invoke(cloud.queues.queued_messages.pop(), 40.0)
    (under_way,) = cloud.queues.queued_messages
    created = len(cloud.bin.ours)
    cloud.sealing = Seal(SealKey(bytes(range(1, 33))), **PLACE)
    cloud.play()
    assert cloud.queues.dead == [under_way.body]
    assert len(cloud.bin.ours) == created
    cloud.clock.sleep(LONGEST_ALIVE)
    (report,) = cloud.invoke(QueuedMessage(cloud.clock.now(), '{"request": "sweep", "id": "anew"}'))
    assert report.state == "swept"
    cloud.play()
    assert len(cloud.bin.ours) == 60
    assert [record["reason"] for record in cloud.log.events("ended")] == ["completed"]


def test_a_dead_letter_is_worked_on_when_its_very_bytes_come_again() -> None:
    cloud = make_cloud(1)
    first = opened(_sealed(cloud))
    body = SEAL.seal(replace(first, attempt=5).to_body())
    cloud.log.writes = False
    assert deliver(cloud, body) == ("dead-lettered", "failed")
    cloud.log.writes = True
    (letter,) = cloud.queues.dead
    assert letter == body
    deliver(cloud, letter)
    cloud.play()
    assert len(cloud.bin.ours) == 1


@pytest.mark.parametrize("body", ["sealed1." + "A" * 43 + ".{}", f'{{"version": {MESSAGE_VERSION}}}', "{}", ""])
def test_without_a_key_nothing_is_worked_on_and_the_record_says_so(body: str) -> None:
    cloud = make_cloud(1)
    cloud.sealing = None
    state, reason = deliver(cloud, body)
    assert (state, reason) == ("dead-lettered", "unsealed")
    (record,) = cloud.log.events("unsealed")
    assert record["reason"] == "no-key"
    assert "python -m ops setup" in record["detail"]
    assert FILE_SYSTEM not in record.get("file_system", "")


def _sealed(cloud: MemoryCloud) -> str:
    """The sealed body of a run's first message, which is taken off the queue."""
    cloud.begin()
    return cloud.queues.queued_messages.pop().body
