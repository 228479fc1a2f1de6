"""The messages of one invocation: none is lost, none holds up another, none comes back for ever."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.errors import CloudError
from functions.retention.core.seal import OVERHEAD, Seal, SealKey
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import RunMessage
from functions.retention.runs.worker import FIRST_DELAY, LONGEST_DELAY, MAX_ATTEMPTS
from tests.examples import examples
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import SEAL, MemoryCloud, QueuedMessage, deployed, opened, sealed


@pytest.fixture
def cloud() -> MemoryCloud:
    """A bin with one aged file."""
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.tree.drop("/a", OLD)
    return cloud


def waiting(cloud: MemoryCloud) -> list[RunMessage]:
    return [opened(queued.body) for queued in cloud.queues.queued_messages]


POISON = ["{", "[]", '"x\\ud800"', *map(SEAL.seal, ["{}", '{"version":1}', '{"version":2,"run":"r1"}'])]


@pytest.mark.parametrize("body", POISON)
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


def _bury(cloud: MemoryCloud, body: str, reason: str) -> None:
    """Deliver a body, which has to be refused unread."""
    (report,) = cloud.invoke(QueuedMessage(NOW, body))
    assert (report.state, report.reason, report.run) == ("dead-lettered", "unsealed", "")
    assert cloud.queues.dead[-1] == body
    record = cloud.log.events("unsealed")[-1]
    assert (record["reason"], record.get("message", "")) == (reason, body)
    assert not {"run", "file_system", "mode"} & record.keys()
    assert (cloud.queues.queued_messages, cloud.bin.ours, cloud.bin.tree.all_entries() != {}) == ([], set(), True)


def first_message(cloud: MemoryCloud) -> RunMessage:
    message = cloud.begin()
    cloud.queues.queued_messages.clear()
    return message


def test_a_message_without_a_seal_is_never_worked_on(cloud: MemoryCloud) -> None:
    _bury(cloud, first_message(cloud).to_body(), "missing")
    _bury(cloud, "{}", "missing")
    _bury(cloud, "", "missing")
    _bury(cloud, "sealed1.short", "malformed")


def test_a_message_of_another_key_region_account_or_queue_is_never_worked_on(cloud: MemoryCloud) -> None:
    body = first_message(cloud).to_body()
    here = {"region": "cn-hangzhou", "account_id": "1234567890123456", "queue": "work"}
    key = SealKey(bytes(range(32)))
    assert Seal(key, **here).seal(body) == SEAL.seal(body)
    for there in ({"region": "cn-shanghai"}, {"account_id": "1"}, {"queue": "dead"}):
        _bury(cloud, Seal(key, **(here | there)).seal(body), "mismatch")
    _bury(cloud, Seal(SealKey(bytes(range(1, 33))), **here).seal(body), "mismatch")


def test_without_a_key_no_message_is_worked_on(cloud: MemoryCloud) -> None:
    body = sealed(first_message(cloud))
    cloud.sealing = None
    _bury(cloud, body, "no-key")
    assert "SEAL_KEY" in cloud.log.events("unsealed")[0]["detail"]


@examples(60)
@given(st.data())
def test_a_continuation_with_any_character_changed_is_never_worked_on(data: st.DataObject) -> None:
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.tree.drop("/a", OLD)
    body = sealed(first_message(cloud))
    at = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda each: each != body[at]))
    (report,) = cloud.invoke(QueuedMessage(NOW, body[:at] + other + body[at + 1 :]))
    assert (report.state, report.reason in {"unsealed", "poison"}) == ("dead-lettered", True)
    assert cloud.queues.queued_messages == []
    assert cloud.bin.ours == set()


FORGED = {
    "phase": "purge",
    "listed": 1_000,
    "selection": {"head": "", "run": "r", "since": 0.0, "walks": [9]},
    "narrowing": {"policies": ["aged"]},
    "policies": ["aged"],
    "cursor": {"open": [["/", []]]},
    "mode": "enforce",
    "most_entries": 10**6,
    "sees_inside": True,
    "attempt": 1,
    "slice_number": 7,
    "trigger": "console",
    "as_of": NOW + 10**8,
    "not_after": NOW + 10**9,
}


@examples(40)
@given(st.sets(st.sampled_from(sorted(FORGED))), st.booleans())
def test_a_made_up_message_is_never_worked_on_whatever_its_fields(fields: set[str], claims_seal: bool) -> None:  # noqa: FBT001 - drawn
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.tree.drop("/a", OLD)
    genuine = first_message(cloud)
    forged = json.dumps(json.loads(genuine.to_body()) | {name: FORGED[name] for name in fields} | {"run": "0" * 32})
    body = sealed(genuine)[:OVERHEAD] + forged if claims_seal else forged
    _bury(cloud, body, "mismatch" if claims_seal else "missing")


def test_every_message_replayed_while_its_run_works_or_after_its_end_is_a_duplicate() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(12):
        cloud.bin.tree.drop(f"/logs/f{number}", OLD)
    cloud.bin.base = 30.0
    cloud.begin()
    sent: list[str] = []
    while cloud.queues.queued_messages:
        queued = cloud.queues.queued_messages.pop()
        cloud.clock.sleep(queued.due - cloud.clock.now())
        cloud.invoke(queued, 100.0)
        sent.append(queued.body)
        following = list(cloud.queues.queued_messages)
        made = len(cloud.bin.ours)
        for body in sent:
            (report,) = cloud.invoke(QueuedMessage(cloud.clock.now(), body), 100.0)
            assert report.state == "duplicate"
        assert cloud.queues.queued_messages == following
        assert len(cloud.bin.ours) == made
    assert len(sent) > 3
    assert len(cloud.bin.ours) == 12


def test_a_poison_message_harms_no_other(cloud: MemoryCloud) -> None:
    cloud.begin()
    cloud.survey()
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
    assert opened(cloud.queues.dead[0]) == replace(first, attempt=MAX_ATTEMPTS)
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
