"""What keeps a slice from working, and what ends it while it works."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.retention.core.clock import MAX_SKEW
from functions.retention.core.recycle_bin import FileSystemState
from functions.retention.core.run_end import RunOver
from functions.retention.jobs.watch import LOOK_EVERY, Watch, outside_window
from functions.retention.policy.model import Guardrails, PolicyFile
from functions.retention.policy.window import Window
from functions.retention.runs.message import RunMessage
from functions.retention.runs.preflight import MAX_SLICES, check_message, look_at_file_system
from tests.unit.retention.bins import NOW
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM

FILE = deployed()
MESSAGE = RunMessage("r1", FILE_SYSTEM, "sweep", "enforce", FILE.digest, NOW, NOW + 100, NOW)
CLOSED = Window(hours="00:00-00:01", time_zone="Etc/UTC")


def guarded(**guards: object) -> PolicyFile:
    return FILE.model_copy(update={"guardrails": FILE.guardrails.model_copy(update=guards)})


def reason(check: Callable[[], object]) -> str:
    with pytest.raises(RunOver) as over:
        check()
    assert over.value.end.detail
    return over.value.end.reason


def test_a_run_that_may_go_on_is_not_stopped() -> None:
    check_message(MESSAGE, FILE, NOW)
    check_message(replace(MESSAGE, slice_number=MAX_SLICES), FILE, NOW + 100)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (replace(MESSAGE, digest="outdated"), "policy-changed"),
        (replace(MESSAGE, file_system="other"), "not-allowed"),
        (replace(MESSAGE, not_after=NOW - 1), "expired"),
        (replace(MESSAGE, slice_number=MAX_SLICES + 1), "too-many-slices"),
    ],
)
def test_a_run_that_may_not_go_on_is_stopped_before_anything_is_asked(message: RunMessage, why: str) -> None:
    assert reason(lambda: check_message(message, FILE, NOW)) == why


def test_a_pause_that_is_deployed_stops_every_run() -> None:
    paused = guarded(pause=True)
    assert reason(lambda: check_message(replace(MESSAGE, digest=paused.digest), paused, NOW)) == "paused"


def look(cloud: MemoryCloud) -> FileSystemState:
    return look_at_file_system(cloud.bin, FILE.guardrails, cloud.clock)


def test_a_file_system_that_is_well_is_described() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.bin.tags_now = {"team": "a"}
    state = look(cloud)
    assert (state.attributes, state.tags) == (cloud.bin.attributes(), {"team": "a"})
    assert abs(state.service_time - cloud.clock.now()) <= 1


@pytest.mark.parametrize(("skew", "stopped"), [(-MAX_SKEW - 5, True), (MAX_SKEW + 5, True), (MAX_SKEW - 5, False)])
def test_clocks_that_differ_too_much_stop_a_run(skew: float, *, stopped: bool) -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.bin.skew = skew
    if stopped:
        assert reason(lambda: look(cloud)) == "clock-skew"
    else:
        assert abs(look(cloud).service_time - cloud.clock.now()) <= MAX_SKEW


def test_a_bin_that_is_off_stops_a_run() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.bin.attributes_now = replace(cloud.bin.attributes_now, enabled=False)
    assert reason(lambda: look(cloud)) == "bin-disabled"


@pytest.mark.parametrize("value", ["hold", "Hold", " HOLD "])
def test_a_file_system_on_hold_stops_a_run(value: str) -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.bin.tags_now = {"nas-retention": value}
    assert reason(lambda: look(cloud)) == "held"


@pytest.mark.parametrize("mishap", ["silence-before", "throttle", "refuse"])
def test_tags_that_cannot_be_read_count_as_a_hold(mishap: str) -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.line.after(1, mishap)  # type: ignore[arg-type]  # one of the mishaps
    assert reason(lambda: look(cloud)) == "tags-unreadable"


def watch(cloud: MemoryCloud, guardrails: Guardrails = FILE.guardrails, *, enforcing: bool = True) -> Watch:
    return Watch(
        cloud.bin, guardrails, looked_at=NOW, enforcing=enforcing, is_cancelled=lambda: bool(cloud.log.records)
    )


def test_the_hold_tag_is_looked_at_every_minute_and_not_more_often() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.bin.tags_now = {"nas-retention": "hold"}
    watching = watch(cloud)
    watching.check(NOW + LOOK_EVERY - 1)
    assert cloud.line.calls == 0
    assert reason(lambda: watching.check(NOW + LOOK_EVERY)) == "held"


def test_a_run_that_was_cancelled_is_stopped_within_a_minute() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.log.records.append((NOW, {}))
    assert reason(lambda: watch(cloud).check(NOW + LOOK_EVERY)) == "cancelled"


def test_a_window_that_closes_ends_a_run_at_once_but_no_dry_run() -> None:
    cloud, guardrails = MemoryCloud(FILE, NOW), guarded(window=(CLOSED,)).guardrails
    assert reason(lambda: watch(cloud, guardrails).check(NOW)) == "window-closed"
    watch(cloud, guardrails, enforcing=False).check(NOW)
    assert outside_window(FILE.guardrails, NOW) is None
