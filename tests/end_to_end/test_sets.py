"""A run that has to stop after some of what it selects takes no more than its set, whatever goes wrong meanwhile."""

from pathlib import Path

import pytest

from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc import DeliveryFaults
from aliyun_fakes.nas import DurationModel
from tests.end_to_end.stage import DAY, FILE_SYSTEM, POLICIES, Reading, Stage, stage

UP_TO = {"action": "purge", "file_system": FILE_SYSTEM, "confirm": FILE_SYSTEM, "narrow": {"up_to": 5}}


def fill(play: Stage, *, apart: float = 7_200.0) -> list[str]:
    """Sixty aged files; their ids, the oldest first."""
    play.file_system.durations = DurationModel(base=2)
    for number in range(60):
        play.file_system.recycle(f"/logs/{number:03}", size=9, deleted_at=play.now - 20 * DAY + number * apart)
    play.remember()
    entries = sorted(play.before.values(), key=lambda entry: (entry.delete_time, entry.path))
    return [entry.file_id for entry in entries]


def gone(play: Stage) -> set[str]:
    left = {entry.file_id for _, entry in play.file_system.bin_entries()}
    return {entry.file_id for entry in play.before.values()} - left


def purge(play: Stage, request: object = None) -> None:
    answer = play.invoke("console", request or UP_TO)  # type: ignore[arg-type]
    assert answer["ok"], answer
    assert play.host.run_until_idle(limit=40 * DAY)
    assert play.unannounced == play.unwatched == []


@pytest.mark.parametrize("apart", [7_200.0, 0.0])
@pytest.mark.parametrize("after", [0.0, 0.5, 10.0, 60.0])
def test_up_to_is_kept_when_every_batch_comes_twice(tmp_path: Path, after: float, apart: float) -> None:
    delivery = DeliveryFaults(duplicate=1.0, duplicate_after=after)
    with stage(tmp_path, delivery=delivery, index_lag=20.0, reading="concurrent") as play:
        oldest = fill(play, apart=apart)
        purge(play)
        assert len(gone(play)) == 5
        assert apart == 0 or gone(play) == set(oldest[:5])


@pytest.mark.parametrize("operation", ["CreateRecycleBinDeleteJob", "PutLogs", "SendMessage"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [2, 4, 6])
def test_up_to_is_kept_after_a_crash_at_any_call(tmp_path: Path, operation: str, when: str, nth: int) -> None:
    service = {"PutLogs": "sls", "SendMessage": "smq"}.get(operation, "nas")
    with stage(tmp_path, index_lag=60.0) as play:
        oldest = fill(play)
        play.cloud.faults.add(Fault(service, operation, "crash", when=when, nth=nth))  # type: ignore[arg-type]
        purge(play)
        assert gone(play) <= set(oldest[:5])


@pytest.mark.parametrize("reading", ["serial", "concurrent"])
@pytest.mark.parametrize("nth", [3, 5])
@pytest.mark.parametrize("lag", [5.0, 60.0])
def test_up_to_is_reached_after_a_crash_within_the_lag_of_the_index(
    tmp_path: Path, reading: Reading, nth: int, lag: float
) -> None:
    with stage(tmp_path, index_lag=lag, reading=reading) as play:
        oldest = fill(play)
        play.cloud.faults.add(Fault("nas", "CreateRecycleBinDeleteJob", "crash", when="after", nth=nth))
        purge(play)
        assert gone(play) == set(oldest[:5])


def test_what_leaves_a_directory_before_the_purge_keeps_the_directory_and_counts_once(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        fs = play.file_system
        fs.recycle_tree("/old", {f"f{number:02}": 1 for number in range(50)}, deleted_at=play.now - 30 * DAY)
        fill(play)
        member = fs.find("/old/f07")
        assert member is not None

        def restore(request: LoggedRequest) -> None:
            if request.operation == "SendMessage" and play.records("surveyed") and fs.find("/old/f07") is not None:
                fs.restore_job(member.file_id)

        play.cloud.dispatcher.on_request.append(restore)
        purge(play, {**UP_TO, "narrow": {"up_to": 3}})
        assert [record["path"] for record in play.records("skipped", reason="changed")] == ["/old"]
        assert len(gone(play) - {member.file_id}) == 2


def test_a_plan_is_kept_when_every_batch_comes_twice(tmp_path: Path) -> None:
    with stage(tmp_path, delivery=DeliveryFaults(duplicate=1.0, duplicate_after=0.5), reading="concurrent") as play:
        oldest = fill(play)
        answer = play.invoke("console", {"action": "plan", "file_system": FILE_SYSTEM, "narrow": {"up_to": 7}})
        fill(play)
        purge(play, {"action": "purge", "file_system": FILE_SYSTEM, "plan_id": answer["plan_id"]})
        assert gone(play) == set(oldest[:7])
        assert play.records("surveyed", mode="enforce") == []


def test_a_canary_tries_its_first_targets_before_all_others(tmp_path: Path) -> None:
    policies = POLICIES.replace("    mode: enforce", "    canary: 3\n    order: oldest-first\n    mode: enforce")
    delivery = DeliveryFaults(duplicate=1.0, duplicate_after=0.5)
    with stage(tmp_path, policies=policies, delivery=delivery, reading="concurrent") as play:
        oldest = fill(play)
        play.sweep()
        created = [job.file_id for job in play.file_system.job_log]
        assert set(created[:3]) == set(oldest[:3])
        assert gone(play) == set(oldest)
