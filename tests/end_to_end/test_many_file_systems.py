"""Several file systems in one batch: none waits for another."""

import json
from pathlib import Path

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel
from tests.end_to_end.stage import DAY, POLICIES, TIMER, Reading, Stage, stage

OTHERS = [f"1ca404a5e{n}" for n in (3, 4, 5, 6, 7)]
SURVEY = 70.0
"""Seconds for which the survey of one that hangs keeps its invocation. Where the event stream waits for an invocation
("serial"), what the others handed over waits for that."""

FIFTEEN_OTHERS = [f"1ca404a6{n:02}" for n in range(15)]


def policies(others: list[str]) -> str:
    return POLICIES.replace("[1ca404a5e2]", f"[{', '.join(['1ca404a5e2', *others])}]")


def populate(play: Stage, files: int, *, seconds: float, others: list[str] = OTHERS) -> None:
    for file_system_id in others:
        play.cloud.nas.create_file_system(file_system_id)
    for file_system in play.cloud.nas.file_systems.values():
        aged = [(f"{n:03}.log", 10, play.now - 20 * DAY) for n in range(files)]
        file_system.recycle_many("/many", aged)
        file_system.durations = DurationModel(base=seconds)


def finished_at(play: Stage) -> dict[str, float]:
    """When the last job of each file system ended, seconds from the beginning."""
    return {
        file_system_id: max(job.end or 0.0 for job in file_system.job_log) - play.began_at
        for file_system_id, file_system in play.cloud.nas.file_systems.items()
        if file_system.job_log
    }


def times(folder: Path, reading: Reading, *faults: Fault) -> dict[str, float]:
    with stage(folder, policies=policies(OTHERS), faults=faults, reading=reading) as play:
        populate(play, 20, seconds=8)
        play.sweep()
        assert all(file_system.bin_count == 0 for file_system in play.cloud.nas.file_systems.values())
        return finished_at(play)


@pytest.mark.parametrize("kind", ["delay", "timeout"])
@pytest.mark.parametrize("reading", ["serial", "concurrent"])
def test_one_that_hangs_slows_the_others_by_a_tenth_beyond_one_slice(
    tmp_path: Path, reading: Reading, kind: str
) -> None:
    undisturbed = times(tmp_path, reading)
    slow = {"FileSystemId": "1ca404a5e2"}
    hangs = Fault("nas", "*", kind, times=12, seconds=9, nth=4, matching=slow)  # type: ignore[arg-type]  # parametrised
    disturbed = times(tmp_path, reading, hangs)
    assert disturbed["1ca404a5e2"] > undisturbed["1ca404a5e2"]
    one_slice = SURVEY if reading == "serial" else 0.0
    for other in OTHERS:
        assert disturbed[other] <= 1.1 * undisturbed[other] + one_slice


def sixteen(folder: Path, *faults: Fault) -> dict[str, float]:
    """Sixteen file systems in one invocation; when each was done."""
    with stage(folder, policies=policies(FIFTEEN_OTHERS), faults=faults, batch=16) as play:
        populate(play, 30, seconds=25, others=FIFTEEN_OTHERS)
        play.sweep()
        first = next(each for each in play.host.invocations if each.function == "nas-retention-purge")
        assert len(json.loads(first.payload)["slices"]) == 16
        assert set(play.ends()) == {"completed"}
        return finished_at(play)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    return sixteen(tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize(("kind", "limit"), [("delay", 1.1), ("status", 1.5), ("throttle", 1.5)])
def test_of_sixteen_in_one_invocation_one_in_trouble_slows_the_others_little(
    tmp_path: Path, undisturbed: dict[str, float], kind: str, limit: float
) -> None:
    """A create without an answer waits a minute in its slice; the aim for the others is 1.1 in each case."""
    one = {"FileSystemId": "1ca404a5e2"}
    trouble = Fault("nas", "*", kind, times=12, seconds=9, nth=40, matching=one)  # type: ignore[arg-type]  # parametrised
    disturbed = sixteen(tmp_path, trouble)
    assert disturbed["1ca404a5e2"] > undisturbed["1ca404a5e2"]
    for other in FIFTEEN_OTHERS:
        assert disturbed[other] <= limit * undisturbed[other]


def test_a_wait_that_others_fill_is_not_handed_over(tmp_path: Path) -> None:
    with stage(tmp_path, policies=policies(OTHERS)) as play:
        populate(play, 3, seconds=50)
        busy = play.cloud.nas.file_systems["1ca404a5e7"]
        busy.recycle_many("/more", [(f"{n:03}.log", 10, play.now - 20 * DAY) for n in range(100)])
        busy.durations = DurationModel(base=1)
        play.sweep()
        assert set(play.ends()) == {"completed"}
        handed = [line["file_system"] for line in play.records("handed-over")]
        assert handed.count(OTHERS[0]) <= 1


def test_waits_that_nobody_fills_are_handed_over(tmp_path: Path) -> None:
    with stage(tmp_path, policies=policies(OTHERS)) as play:
        populate(play, 3, seconds=120)
        play.sweep()
        assert set(play.ends()) == {"completed"}
        billed = sum(record.billed_seconds for record in play.host.invocations)
        assert billed < 0.7 * (play.now - play.began_at)


def test_a_run_whose_message_is_still_held_back_is_shown_and_can_be_cancelled(tmp_path: Path) -> None:
    others = FIFTEEN_OTHERS[:7]
    with stage(tmp_path, policies=policies(others)) as play:
        populate(play, 3, seconds=1, others=others)
        play.host.fire(TIMER)
        play.host.run_until(play.now + 20)
        latest = {line["file_system"]: line for line in play.records("swept")}[others[-1]]
        shown = play.invoke("console", {"action": "status", "file_system": others[-1]})["file_systems"][others[-1]]
        (run,) = shown["runs"]
        assert (run["run"], run["state"]) == (latest["run"], "at work")
        assert run["next_at"] > latest["at"]
        assert play.invoke("console", {"action": "cancel", "file_system": others[-1]})["ok"]
        assert play.host.run_until_idle(limit=DAY)
        assert [line["reason"] for line in play.records("ended", file_system=others[-1])] == ["cancelled"]
        assert finished_at(play).keys() == {"1ca404a5e2", *others[:-1]}
