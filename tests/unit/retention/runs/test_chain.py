"""Slices of a run pass on, thin out and end, whatever is lost, repeated or late."""

from dataclasses import replace

import pytest

from functions.retention.core.services import MAX_DELAY
from functions.retention.runs.message import RunMessage
from tests.unit.retention.bins import DAY, NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage, deployed, opened, sealed
from tests.unit.retention.job_bin import Crash, Mishap


def aged_files(base: float) -> MemoryCloud:
    """Three aged files."""
    cloud = MemoryCloud(deployed(), NOW)
    for name in "abc":
        cloud.bin.tree.drop(f"/{name}", OLD)
    cloud.bin.base = base
    return cloud


@pytest.fixture
def cloud() -> MemoryCloud:
    """Aged files whose jobs take longer than a slice waits."""
    return aged_files(500.0)


def following(cloud: MemoryCloud) -> RunMessage:
    """Survey, and work on the first message of the purge; the one that follows."""
    cloud.survey()
    cloud.invoke(cloud.queues.queued_messages.pop())
    return opened(cloud.queues.queued_messages[-1].body)


def test_a_hand_over_is_recorded_with_the_send_id_that_was_sent(cloud: MemoryCloud) -> None:
    first = cloud.begin()
    message = following(cloud)
    _, handed = cloud.log.events("handed-over")
    assert (message.run, message.slice_number, handed["slice_number"], handed["send_id"]) == (
        first.run,
        2,
        "2",
        message.send_id,
    )
    assert message.send_id != first.send_id
    assert message.running is not None
    due = cloud.queues.queued_messages[-1].due
    assert abs(float(handed["next_at"]) - due) <= 1
    assert float(handed["alive_until"]) > due + 300


def test_no_delay_is_longer_than_the_queue_is_asked_for(cloud: MemoryCloud) -> None:
    cloud.bin.base = 10 * DAY
    cloud.begin()
    for _ in range(40):
        now = cloud.clock.now()
        queued = cloud.queues.queued_messages.pop()
        cloud.clock.sleep(queued.due - now)
        cloud.invoke(queued)
        assert cloud.queues.queued_messages[-1].due <= cloud.clock.now() + MAX_DELAY


def test_a_slice_that_another_send_carries_on_ends_quietly(cloud: MemoryCloud) -> None:
    cloud.begin()
    message = following(cloud)
    later = replace(message, send_id="zzzz")
    cloud.queues.queued_messages.append(QueuedMessage(cloud.clock.now(), sealed(later)))
    (report,) = cloud.invoke(cloud.queues.queued_messages.pop())
    assert report.state == "duplicate"
    assert cloud.log.events("duplicate")[0]["send_id"] == "zzzz"


def test_a_late_copy_of_an_earlier_slice_ends_quietly(cloud: MemoryCloud) -> None:
    cloud.begin()
    queued = cloud.queues.queued_messages[0]
    following(cloud)
    (report,) = cloud.invoke(queued)
    assert report.state == "duplicate"
    assert len(cloud.bin.ours) == 1


@pytest.mark.slow
@pytest.mark.parametrize("base", [15.0, 500.0])
@pytest.mark.parametrize("mishap", ["crash-before", "crash-after"])
@pytest.mark.parametrize("phase", ["survey", "purge"])
def test_a_crash_at_any_call_loses_no_job_makes_none_twice_and_forks_no_run(
    base: float, mishap: Mishap, phase: str
) -> None:
    number, crashed = 1, True
    while crashed:
        cloud = aged_files(base)
        cloud.begin()
        if phase == "purge":
            cloud.survey()
        queued = cloud.queues.queued_messages.pop()
        cloud.line.after(number, mishap)
        try:
            cloud.invoke(queued)
            crashed = False
        except Crash:
            cloud.queues.queued_messages.append(QueuedMessage(cloud.clock.now() + 60, queued.body, 1))
        cloud.line.mishaps.clear()
        cloud.play()
        assert cloud.bin.tree.all_entries() == {}
        assert len(cloud.bin.ours) == 3
        assert {line["reason"] for line in cloud.log.events("ended")} == {"completed"}
        number += 1
    assert number > 15


@pytest.mark.parametrize(("tries", "attempt"), [(0, 0), (1, 0), (0, 1)])
def test_a_slice_creates_no_job_until_the_log_says_whether_it_was_worked_on_before(
    cloud: MemoryCloud, tries: int, attempt: int
) -> None:
    message = replace(cloud.begin(), attempt=attempt)
    cloud.queues.queued_messages = [QueuedMessage(NOW, sealed(message), tries)]
    cloud.log.reads = False
    (report,) = cloud.invoke(cloud.queues.queued_messages.pop())
    assert (report.state, len(cloud.bin.ours)) == ("requeued", 0)
    cloud.log.reads = True
    assert [each.reason for each in cloud.play() if each.state == "ended"] == ["completed"]


@pytest.mark.parametrize("tries", [0, 1])
def test_a_log_that_does_not_answer_stops_no_dry_run(tries: int) -> None:
    cloud = MemoryCloud(deployed(), NOW)
    policy = cloud.file.policies[0].model_copy(update={"mode": "dry-run"})
    cloud.file = cloud.file.model_copy(update={"policies": (policy,)})
    message = cloud.begin(mode="dry-run", digest=cloud.file.digest)
    cloud.queues.queued_messages = [QueuedMessage(NOW, sealed(message), tries)]
    cloud.log.reads = False
    assert [each.reason for each in cloud.play() if each.state == "ended"] == ["completed"]


def test_a_run_deletes_nothing_before_the_log_says_that_no_person_stopped_it(cloud: MemoryCloud) -> None:
    message = cloud.begin()
    cloud.queues.queued_messages = [QueuedMessage(NOW, sealed(message), 0)]
    cloud.log.reads = False
    for _ in range(3):
        cloud.clock.sleep(max(cloud.queues.queued_messages[0].due - cloud.clock.now(), 0.0))
        (report,) = cloud.invoke(cloud.queues.queued_messages.pop())
        assert (report.state, len(cloud.bin.ours)) == ("requeued", 0)
    cloud.log.reads = True
    assert [each.reason for each in cloud.play() if each.state == "ended"] == ["completed"]
    assert len(cloud.bin.ours) == 3


def test_a_run_whose_log_stays_silent_ends_among_the_dead_letters(cloud: MemoryCloud) -> None:
    cloud.begin()
    cloud.log.reads = False
    assert [each.reason for each in cloud.play() if each.state == "dead-lettered"] == ["failed"]
    assert (len(cloud.bin.ours), len(cloud.bin.tree.all_entries())) == (0, 3)


def test_a_lost_chain_is_resumed_by_another_run(cloud: MemoryCloud) -> None:
    cloud.begin()
    following(cloud)
    cloud.queues.queued_messages.clear()
    cloud.clock.sleep(DAY)
    cloud.begin()
    assert [report.reason for report in cloud.play() if report.state == "ended"] == ["completed"]
    assert cloud.bin.tree.all_entries() == {}


def test_an_end_that_the_log_does_not_take_is_no_end(cloud: MemoryCloud) -> None:
    cloud.begin(not_after=NOW - 1)
    cloud.log.writes = False
    (report,) = cloud.invoke(cloud.queues.queued_messages.pop())
    assert report.state == "requeued"
    cloud.log.writes = True
    assert [report.reason for report in cloud.play()] == ["expired"]


def test_a_run_whose_policies_changed_waits_for_its_last_job_and_makes_no_other(cloud: MemoryCloud) -> None:
    cloud.begin()
    following(cloud)
    cloud.file = deployed(older_than="60d")
    reports = cloud.play()
    assert [report.reason for report in reports if report.state == "ended"] == ["policy-changed"]
    assert len(cloud.bin.ours) == 1
    assert [line["status"] for line in cloud.log.events("outcome") if "job_id" in line] == ["success"]


def test_a_dry_run_ends_with_its_survey(cloud: MemoryCloud) -> None:
    cloud.file = deployed()
    cloud.begin(mode="dry-run", trigger="console")
    assert [report.reason for report in cloud.play()] == ["completed"]
    assert cloud.bin.works == []
    (plan,) = cloud.log.events("surveyed")
    assert (plan["jobs"], plan["selected"]) == ("3", "3")
