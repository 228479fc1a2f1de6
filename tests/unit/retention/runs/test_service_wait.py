"""A service that answers nobody is waited for, ever longer; then the run ends and says so."""

from dataclasses import replace

import pytest

from functions.retention.core.errors import NoAnswer, Throttled
from functions.retention.core.run_end import RunOver
from functions.retention.runs.message import RunMessage
from functions.retention.runs.service_wait import FIRST_WAIT, LONGEST_WAIT, PATIENCE, wait_for
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM

LIST = "ListRecycledDirectoriesAndFiles"
SILENT = NoAnswer(LIST, "Timeout", "nothing")
HOUR = 3_600.0


def make_cloud(error: Exception, until: float = float("inf")) -> MemoryCloud:
    cloud = MemoryCloud(deployed(), NOW)
    for name in "abc":
        cloud.bin.tree.drop(f"/{name}", OLD)
    cloud.bin.listings = lambda _: error if cloud.clock.now() < until else None
    cloud.begin()
    return cloud


@pytest.mark.parametrize("error", [SILENT, Throttled(LIST, "Throttling", "slow")], ids=["silent", "throttled"])
def test_a_service_that_stays_silent_ends_the_run_after_six_hours_and_few_slices(error: Exception) -> None:
    cloud = make_cloud(error)
    reports = cloud.play()
    (end,) = cloud.log.events("ended")
    assert (end["reason"], end["deleted"]) == ("service-unavailable", "0")
    assert PATIENCE <= cloud.clock.now() - NOW <= PATIENCE + HOUR
    assert len(reports) <= 20
    assert cloud.queues.dead == []


def test_a_service_that_answers_again_is_asked_and_the_run_completes() -> None:
    cloud = make_cloud(SILENT, until=NOW + 5 * HOUR)
    cloud.play()
    (end,) = cloud.log.events("ended")
    assert end["reason"] == "completed"
    assert cloud.bin.tree.all_entries() == {}


def test_a_run_that_waits_for_the_service_is_alive() -> None:
    cloud = make_cloud(SILENT)
    for _ in range(8):
        queued = cloud.queues.queued_messages.pop()
        cloud.clock.sleep(max(queued.due - cloud.clock.now(), 0.0))
        cloud.invoke(queued)
        due = cloud.queues.queued_messages[-1].due
        assert float(cloud.log.events("handed-over")[-1]["alive_until"]) > due


def test_a_silence_after_an_answer_is_counted_anew() -> None:
    message = RunMessage("r1", FILE_SYSTEM, "sweep", "enforce", "d", NOW, NOW + 100, NOW)
    waiting, first = wait_for(message, SILENT, NOW)
    longer, second = wait_for(waiting, SILENT, NOW + first)
    assert (first, second) == (FIRST_WAIT, 2 * FIRST_WAIT)
    assert longer.progress.silent_since == NOW
    assert longer.next_slice("x", NOW).progress.silences == 0
    late = replace(longer, progress=replace(longer.progress, silences=50))
    assert wait_for(late, SILENT, NOW + 1)[1] == LONGEST_WAIT
    with pytest.raises(RunOver, match="service-unavailable"):
        wait_for(longer, SILENT, NOW + PATIENCE)


def test_an_intent_of_a_slice_that_waits_is_settled_by_the_same_slice() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.tree.drop("/a", OLD)
    cloud.bin.base = 5.0
    silent: list[float] = []

    def watcher(_file_id: str, _token: str) -> None:
        silent.append(cloud.clock.now())

    jobs = cloud.bin.jobs

    def read() -> object:
        if silent and cloud.clock.now() < silent[0] + 2 * HOUR:
            raise NoAnswer("ListRecycleBinJobs", "Timeout", "nothing")
        return jobs()

    cloud.bin.watcher = watcher
    cloud.bin.jobs = read  # type: ignore[method-assign, assignment]
    cloud.begin()
    cloud.play()
    assert len(cloud.bin.ours) == 1
    assert [each["status"] for each in cloud.log.events("outcome")] == ["success"]
    assert [each["reason"] for each in cloud.log.events("ended")] == ["completed"]
