"""What crashed slices left open is settled by the next slice, whichever run and slice announced it."""

import pytest

from functions.retention.jobs.people import DAY
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.job_bin import Crash


def crashed(operation: str, *, seconds: float = 5.0) -> MemoryCloud:
    """A cloud whose first run died at its first create; its message is lost."""
    cloud = MemoryCloud(deployed(), NOW)
    for name in ("/a", "/b", "/c"):
        cloud.bin.tree.drop(name, OLD)
    cloud.bin.base = seconds
    cloud.begin()
    cloud.survey()

    def die(_file_id: str, _token: str) -> None:
        cloud.line.after(-1 if operation == "before" else 0, "crash-before")

    cloud.bin.watcher = die
    with pytest.raises(Crash):
        cloud.invoke(cloud.queues.queued_messages.pop())
    cloud.bin.watcher = lambda _file_id, _token: None
    cloud.queues.queued_messages.clear()
    cloud.line.mishaps.clear()
    return cloud


def test_another_run_records_the_outcome_of_a_job_that_a_crashed_slice_created() -> None:
    cloud = crashed("after")
    (intent,) = cloud.log.events("intent")
    assert cloud.log.events("outcome") == []
    cloud.clock.sleep(DAY)
    cloud.begin(run="f" * 32)
    cloud.play()
    (outcome,) = cloud.log.events("outcome", client_token=intent["client_token"])
    assert (outcome["status"], outcome["run"]) == ("success", intent["run"])
    assert {line["reason"] for line in cloud.log.events("ended")} == {"completed"}
    assert len(cloud.bin.ours) == 3


def test_an_intent_whose_job_newer_ones_may_hide_counts_as_cancelled_while_its_entry_is_there() -> None:
    cloud = crashed("after")
    (intent,) = cloud.log.events("intent")
    cloud.bin.catch_up()
    cloud.bin.stop()
    for number in range(60):
        cloud.bin.tree.drop(f"/theirs{number}", OLD)
        entry = next(
            each.file_id
            for each, path in cloud.bin.tree.all_entries().values()
            if path == "/" and each.name == f"theirs{number}"
        )
        cloud.bin.remove(entry, 1.0)
        cloud.clock.sleep(2)
        cloud.bin.catch_up()
    cloud.clock.sleep(DAY)
    cloud.begin(run="f" * 32)
    cloud.play()
    assert {line["reason"] for line in cloud.log.events("ended")} == {"stopped-by-person"}
    assert [line["file_id"] for line in cloud.log.events("cancel-seen")] == [intent["file_id"]]
    assert intent["file_id"] in cloud.bin.tree.all_entries()
