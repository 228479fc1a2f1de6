"""Requests under crashes, lost replies, copies, a log that is late or silent, and senders who want more."""

import json
from dataclasses import fields
from typing import get_args

import pytest

from functions.retention.audit.ledger import LONGEST_ALIVE
from functions.retention.core.errors import CloudError
from functions.retention.policy.model import PolicyFile
from functions.retention.policy.narrowing import Narrowing
from functions.retention.runs.message import RunMessage, Selection
from functions.retention.runs.requests import REMEMBERED, PurgeOrder, run_id
from functions.retention.runs.sweep import SweepFailed
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage, deployed, opened
from tests.unit.retention.job_bin import FILE_SYSTEM, Crash, Mishap

PURGE = {"request": "purge", "id": "job-17", "file_system": FILE_SYSTEM, "path": "/scratch/**", "older_than": "8d"}
SWEEP = {"request": "sweep", "id": "s1", "file_systems": [FILE_SYSTEM]}
MISHAPS: tuple[Mishap, ...] = get_args(Mishap)
DAY = 86_400.0
SEND = 8
"""Calls before the send of a sweep that a request asks for."""


def make_cloud(file: PolicyFile | None = None) -> MemoryCloud:
    """A bin with two aged files, one of them in the path that is asked for."""
    cloud = MemoryCloud(file or deployed(), NOW)
    cloud.bin.tree.drop("/scratch/a", OLD)
    cloud.bin.tree.drop("/home/b", OLD)
    return cloud


@pytest.fixture
def cloud() -> MemoryCloud:
    return make_cloud()


def ask(cloud: MemoryCloud, request: object, tries: int = 0) -> tuple[str, str]:
    """Deliver a request; state and reason."""
    body = request if isinstance(request, str) else json.dumps(request)
    (report,) = cloud.invoke(QueuedMessage(cloud.clock.now(), body, tries))
    return report.state, report.reason


def insist(cloud: MemoryCloud, request: object) -> tuple[str, str]:
    """Deliver a request as the platform does: again, 15 s later, until it is answered."""
    for tries in range(5):
        try:
            return ask(cloud, request, tries)
        except (Crash, CloudError, SweepFailed):  # noqa: PERF203 - the platform's retry
            cloud.clock.sleep(15.0)
    raise AssertionError("never answered")


def asked_and_ended(cloud: MemoryCloud) -> tuple[int, int]:
    return len(cloud.log.events("asked")), len(cloud.log.events("ended"))


@pytest.mark.parametrize("lag", [0.0, 60.0])
@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("call", range(6))
def test_a_purge_runs_once_whatever_happens_to_any_call(call: int, mishap: Mishap, lag: float) -> None:
    cloud = make_cloud()
    cloud.log.lag = lag
    cloud.line.after(call, mishap)
    state, _ = insist(cloud, PURGE)
    if state == "dead-lettered":  # a definite no: a person sends it again
        state, _ = insist(cloud, cloud.queues.dead.pop())
    assert state in {"started", "at-work"}
    assert {opened(each.body).run for each in cloud.queues.queued_messages} == {run_id(cloud.account_id, "job-17")}
    cloud.play()
    assert len(cloud.bin.ours) == 1
    assert {record["reason"] for record in cloud.log.events("ended")} == {"completed"}


@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("call", range(SEND + 3))
def test_a_sweep_starts_each_run_once_whatever_happens_to_any_call(call: int, mishap: Mishap) -> None:
    cloud = make_cloud()
    cloud.line.after(call, mishap)
    state, _ = insist(cloud, SWEEP)
    if state == "dead-lettered":
        state, _ = insist(cloud, cloud.queues.dead.pop())
    assert state == "swept"
    assert len({opened(each.body).run for each in cloud.queues.queued_messages}) == 1
    cloud.play()
    assert len(cloud.bin.ours) == 2
    assert insist(cloud, SWEEP) == ("swept", "")
    assert cloud.queues.queued_messages == []


def test_a_sweep_that_crashed_starts_no_run_again_that_has_ended(cloud: MemoryCloud) -> None:
    cloud.line.after(SEND, "crash-after")  # the message is sent, and nothing of it is recorded
    with pytest.raises(Crash):
        ask(cloud, SWEEP)
    assert len(cloud.queues.queued_messages) == 1
    cloud.play()
    cloud.bin.tree.drop("/late", OLD)
    assert ask(cloud, SWEEP) == ("swept", "")
    assert cloud.queues.queued_messages == []


def test_a_sweep_that_did_not_finish_within_an_hour_is_refused(cloud: MemoryCloud) -> None:
    cloud.line.after(SEND, "crash-before")
    with pytest.raises(Crash):
        ask(cloud, SWEEP)
    cloud.clock.sleep(3_700.0)
    assert ask(cloud, SWEEP) == ("dead-lettered", "refused")
    assert cloud.log.events("refused")[-1]["reason"] == "overtaken"
    assert cloud.queues.queued_messages == []


@pytest.mark.parametrize("lag", [0.0, 60.0])
@pytest.mark.parametrize("gap", [0.0, 0.02, 0.5, 5.0, 30.0, 60.0])
def test_copies_of_a_request_are_one_run(gap: float, lag: float) -> None:
    cloud = make_cloud()
    for number in range(6):
        cloud.bin.tree.drop(f"/scratch/f{number}", OLD)
    cloud.log.lag = lag
    body = QueuedMessage(NOW, json.dumps(PURGE))

    def second() -> None:
        cloud.clock.sleep(gap)
        cloud.invoke(body)

    cloud.clock.gather([lambda: cloud.invoke(body), second])
    cloud.play(100.0)
    assert len(cloud.bin.ours) == 7
    assert {each["run"] for each in cloud.log.events("started")} == {run_id(cloud.account_id, "job-17")}


@pytest.mark.parametrize("silent", ["reads", "pulls", "writes"])
def test_a_log_that_does_not_answer_starts_nothing_until_it_does(cloud: MemoryCloud, silent: str) -> None:
    setattr(cloud.log, silent, False)
    ask(cloud, PURGE)
    assert cloud.queues.queued_messages == []
    setattr(cloud.log, silent, True)
    assert ask(cloud, cloud.queues.dead.pop())[0] == "started"
    cloud.play()
    assert asked_and_ended(cloud) == (1, 1)


@pytest.mark.parametrize("days", [0.01, 1.0, 6.0, 29.0])
def test_a_request_delivered_again_after_its_run_is_answered(cloud: MemoryCloud, days: float) -> None:
    ask(cloud, PURGE)
    cloud.play()
    cloud.bin.tree.drop("/scratch/c", OLD)
    cloud.clock.sleep(days * DAY)
    assert ask(cloud, PURGE) == ("ended", "completed")
    assert asked_and_ended(cloud) == (1, 1)


def test_an_id_that_is_forgotten_stands_for_the_next_request_with_it(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    (lost,) = cloud.queues.queued_messages
    cloud.queues.queued_messages.clear()
    cloud.clock.sleep(6 * DAY)
    cloud.queues.queued_messages.append(QueuedMessage(cloud.clock.now(), lost.body))
    cloud.play()  # the run ends six days after it was asked for
    cloud.clock.sleep(REMEMBERED - 5 * DAY)
    other = PURGE | {"path": "/home/**"}
    assert ask(cloud, other) == ("started", "")
    assert ask(cloud, PURGE) == ("dead-lettered", "refused")
    cloud.play()
    assert ask(cloud, other) == ("ended", "completed")
    assert len(cloud.bin.ours) == 2


def test_a_run_with_more_records_than_a_search_finds_is_answered(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    cloud.play()
    run = run_id(cloud.account_id, "job-17")
    moment = cloud.clock.now()
    many = [{"event_id": f"i{n}", "event": "intent", "run": run, "at": ""} for n in range(80_001)]
    cloud.log.records.extend((moment, record) for record in many)
    cloud.clock.sleep(DAY)
    assert ask(cloud, PURGE) == ("ended", "completed")


def test_what_is_sent_again_is_the_very_message(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    (lost,) = cloud.queues.queued_messages
    cloud.queues.queued_messages.clear()
    cloud.clock.sleep(2 * DAY)
    ask(cloud, PURGE)
    (again,) = cloud.queues.queued_messages
    first, second = opened(lost.body), opened(again.body)
    differing = {each.name for each in fields(RunMessage) if getattr(first, each.name) != getattr(second, each.name)}
    assert differing == {"sent_at"}
    assert asked_and_ended(cloud) == (1, 0)


def test_a_run_that_was_cancelled_before_it_began_is_not_begun_by_a_copy(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    cloud.queues.queued_messages.clear()
    cloud.clock.sleep(3_600.0)
    run = run_id(cloud.account_id, "job-17")
    cloud.log.put([{"event_id": "c", "event": "cancel", "run": run, "at": "", "file_system": FILE_SYSTEM}])
    cloud.clock.sleep(3_600.0)
    assert ask(cloud, PURGE)[0] == "started"
    cloud.play()
    assert not cloud.bin.ours
    assert [record["reason"] for record in cloud.log.events("ended")] == ["cancelled"]


def test_a_run_whose_next_slice_never_came_is_called_lost(cloud: MemoryCloud) -> None:
    for number in range(400):
        cloud.bin.tree.drop(f"/scratch/f{number}", OLD)
    ask(cloud, PURGE)
    first = cloud.queues.queued_messages.pop()
    cloud.invoke(first, 20.0)
    assert ask(cloud, PURGE)[0] == "at-work"
    cloud.queues.queued_messages.clear()
    cloud.clock.sleep(LONGEST_ALIVE)
    assert ask(cloud, PURGE)[0] == "lost"
    assert cloud.queues.queued_messages == []


def test_a_refused_request_that_is_sent_again_is_judged_anew(cloud: MemoryCloud) -> None:
    armed = cloud.file
    idle = tuple(policy.model_copy(update={"mode": "dry-run"}) for policy in armed.policies)
    cloud.file = armed.model_copy(update={"policies": idle})
    assert ask(cloud, PURGE) == ("dead-lettered", "refused")
    assert ask(cloud, cloud.queues.dead.pop()) == ("dead-lettered", "refused")
    cloud.file = armed
    assert ask(cloud, cloud.queues.dead.pop()) == ("started", "")


def test_a_request_that_nothing_covers_any_more_is_not_sent_again(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    cloud.queues.queued_messages.clear()
    idle = tuple(policy.model_copy(update={"mode": "dry-run"}) for policy in cloud.file.policies)
    cloud.file = cloud.file.model_copy(update={"policies": idle})
    assert ask(cloud, PURGE) == ("dead-lettered", "refused")
    assert cloud.queues.queued_messages == []


@pytest.mark.parametrize("request_", [PURGE, SWEEP], ids=["purge", "sweep"])
def test_while_all_work_is_paused_a_request_is_refused(cloud: MemoryCloud, request_: dict[str, object]) -> None:
    cloud.file = cloud.file.model_copy(update={"guardrails": cloud.file.guardrails.model_copy(update={"pause": True})})
    assert ask(cloud, request_) == ("dead-lettered", "refused")
    record = cloud.log.events("refused")[-1]
    assert (record["reason"], record["detail"]) == ("paused", "guardrails.pause is true; set it to false and deploy")


SMUGGLED = sorted(
    {each.name for each in fields(RunMessage)} | set(Narrowing.model_fields) | {"version", "mode", "guardrails"}
)


@pytest.mark.parametrize("name", [name for name in SMUGGLED if name not in PurgeOrder.model_fields])
@pytest.mark.parametrize("request_", [PURGE, SWEEP], ids=["purge", "sweep"])
def test_no_field_of_a_message_or_a_narrowing_comes_with_a_request(
    cloud: MemoryCloud, name: str, request_: dict[str, object]
) -> None:
    genuine = cloud.begin(phase="purge", selection=Selection("", "r", NOW, (7,)))
    cloud.queues.queued_messages.clear()
    value = json.loads(genuine.written()).get(name, 1)
    assert ask(cloud, request_ | {name: value}) == ("dead-lettered", "refused")
    record = cloud.log.events("refused")[-1]
    assert record["reason"] == "bad-request"
    assert name in record["detail"]
    assert cloud.queues.queued_messages == []
