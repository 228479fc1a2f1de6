"""No job is created on a decision that is old: after a throttled create, and behind a slow log or job list."""

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel
from tests.end_to_end.stage import DAY, POLICIES, Stage, stage

CREATE = "CreateRecycleBinDeleteJob"


def begin(play: Stage, files: int = 60) -> list[float]:
    """Aged files to delete, and the list to which the moment of each create will be added."""
    play.file_system.durations = DurationModel(base=2)
    for number in range(files):
        play.file_system.recycle(f"/logs/{number:03}", size=9, deleted_at=play.now - 20 * DAY)
    play.remember()
    created: list[float] = []

    def note(request: LoggedRequest) -> None:
        if request.operation == CREATE and request.status == 200:
            created.append(request.at)

    play.cloud.dispatcher.on_request.append(note)
    return created


def at_the_first_refusal(play: Stage, act: Callable[[str], object]) -> list[float]:
    """Have something done when a create is throttled for the first time; the list gets the moment of it."""
    moments: list[float] = []

    def watch(request: LoggedRequest) -> None:
        if request.operation == CREATE and request.fault and not moments:
            moments.append(play.now)
            act(request.parameters["FileId"])

    play.cloud.dispatcher.on_request.append(watch)
    return moments


@pytest.mark.parametrize("times", [1, 3])
def test_a_hold_tag_set_while_creates_are_throttled_is_seen_within_a_minute(tmp_path: Path, times: int) -> None:
    with stage(tmp_path) as play:
        created = begin(play)
        play.cloud.dispatcher.faults.add(Fault("nas", CREATE, "throttle", times=times, since=play.now + 30))
        refused = at_the_first_refusal(play, lambda _: play.file_system.tags.update({"nas-retention": "hold"}))
        play.sweep()
        assert refused
        assert max(created) <= refused[0] + 65
        assert play.unwatched == []


@pytest.mark.parametrize("times", [1, 3])
def test_an_entry_restored_and_deleted_again_while_creates_are_throttled_stays(tmp_path: Path, times: int) -> None:
    with stage(tmp_path) as play:
        created = begin(play)
        play.cloud.dispatcher.faults.add(Fault("nas", CREATE, "throttle", times=times, since=play.now + 30))
        again: list[str] = []

        def restore_and_delete(file_id: str) -> None:
            def act() -> None:
                node = play.file_system.node(file_id)
                assert node is not None
                assert node.parent is not None
                play.file_system.restore_job(file_id, str(node.parent.inode))
                play.cloud.clock.sleep(4)
                play.file_system.settle()
                play.file_system.unlink(node.path)
                again.append(node.path)

            play.later(3, act)

        at_the_first_refusal(play, restore_and_delete)
        play.sweep()
        assert again
        assert created
        assert play.file_system.find(again[0]) is not None
        assert play.unwatched == []


def test_a_window_that_closes_while_creates_are_throttled_is_kept(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        opens, closes = (datetime.fromtimestamp(play.now + seconds, timezone.utc) for seconds in (-3600, 120))
        window = f'  window: {{hours: "{opens:%H:%M}-{closes:%H:%M}", time_zone: UTC}}\npolicies:'
        play.policies.write_text(POLICIES.replace("policies:", window))
        created = begin(play)
        end = closes.replace(second=0).timestamp()
        play.cloud.dispatcher.faults.add(Fault("nas", CREATE, "throttle", times=2, since=end - 15))
        play.sweep()
        assert created
        assert max(created) <= end + 5
        assert play.unwatched == []


@pytest.mark.parametrize(
    ("service", "operation"), [("sls", "GetLogs"), ("sls", "PutLogs"), ("nas", "ListRecycleBinJobs")]
)
def test_slow_answers_make_no_decision_older(tmp_path: Path, service: str, operation: str) -> None:
    with stage(tmp_path) as play:
        created = begin(play, files=20)
        play.cloud.dispatcher.faults.add(Fault(service, operation, "delay", seconds=4.0, times=0))
        play.sweep()
        play.check()
        assert len(created) == 20
