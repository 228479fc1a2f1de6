"""The host on the machine's own threads, a hundred times faster."""

import json
import threading
from itertools import chain
from pathlib import Path

import pytest

from aliyun_fakes.core.real_clock import RealClock
from tests.patience import PATIENCE
from tests.unit.aliyun_fakes.fc.stage import LONGEST_VISIBILITY, Stage, rewritten, unhurried

pytestmark = pytest.mark.slow

SPEED = 100.0
LIMIT = PATIENCE * SPEED


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    s_yaml = rewritten(tmp_path / "toys", unhurried)
    return Stage(s_yaml, clock=RealClock(speed=SPEED), visibility=LONGEST_VISIBILITY)


def test_an_invocation_takes_its_time(stage: Stage) -> None:
    record = stage.act(do="text", seconds=5)
    assert (record.outcome, record.payload) == ("success", "grüße".encode())
    assert record.end - record.start >= 5


def test_a_time_out_is_told_though_the_thread_cannot_be_ended(tmp_path: Path) -> None:
    stage = Stage(clock=RealClock(speed=SPEED))
    before = set(threading.enumerate())
    record = stage.act(do="await", file=str(tmp_path / "end"))
    assert record.outcome == "timeout"
    assert record.end - record.start >= 30
    assert stage.act(do="none").cold is True
    (tmp_path / "end").touch()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    stage.host.run_until_idle(limit=LIMIT)
    assert stage.runs_of("act")[0] == record
    assert len(stage.runs_of("act")) == 2


def test_a_crash_is_told(stage: Stage) -> None:
    assert stage.act(do="crash").outcome == "crash"


def test_a_queue_feeds_its_function(stage: Stage) -> None:
    stage.send("a", "b")
    began_at = stage.clock.now()
    stage.send("c", delay=20)
    assert stage.host.run_until_idle(limit=LIMIT)
    assert sorted(chain(*stage.batches())) == ["a", "b", "c"]
    assert stage.runs_of("work")[-1].start >= began_at + 20
    assert stage.work.messages() == []


def test_a_failing_invocation_is_tried_again(stage: Stage) -> None:
    stage.host.invoke_async("task", json.dumps({"do": "fail-first"}).encode(), task_id="t")
    assert stage.host.run_until_idle(limit=LIMIT)
    assert stage.host.task_status("task", "t") == "Succeeded"
