"""The host on the machine's own threads, a hundred times faster."""

import json

from aliyun_fakes.core.real_clock import RealClock
from tests.unit.aliyun_fakes.fc.stage import Stage


def test_an_invocation_takes_its_time() -> None:
    stage = Stage(clock=RealClock(speed=100.0))
    record = stage.act(do="text", seconds=5)
    assert (record.outcome, record.payload) == ("success", "grüße".encode())
    assert record.end - record.start >= 5


def test_a_time_out_is_told_though_the_thread_cannot_be_ended() -> None:
    stage = Stage(clock=RealClock(speed=100.0))
    record = stage.act(do="text", seconds=60)
    assert record.outcome == "timeout"
    assert 30 <= record.end - record.start < 60
    assert stage.act(do="none").cold is True
    stage.clock.sleep(40)
    assert [one.outcome for one in stage.runs_of("act")] == ["timeout", "success"]


def test_a_crash_is_told() -> None:
    assert Stage(clock=RealClock(speed=100.0)).act(do="crash").outcome == "crash"


def test_a_queue_feeds_its_function() -> None:
    stage = Stage(clock=RealClock(speed=100.0))
    stage.send("a", "b")
    stage.send("c", delay=20)
    assert stage.host.run_until_idle(limit=500)
    assert stage.batches() == [["a", "b"], ["c"]]
    assert stage.work.messages() == []


def test_a_failing_invocation_is_tried_again() -> None:
    stage = Stage(clock=RealClock(speed=100.0))
    stage.host.invoke_async("task", json.dumps({"do": "fail-first"}).encode(), task_id="t")
    assert stage.host.run_until_idle(limit=500)
    assert stage.host.task_status("task", "t") == "Succeeded"
