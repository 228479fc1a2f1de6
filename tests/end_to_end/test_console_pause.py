"""The actions pause and resume: in force within a minute in every weather, and lifting nothing that others set."""

from pathlib import Path

import pytest

from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc import DeliveryFaults
from aliyun_fakes.nas.job_behaviour import DurationModel
from functions.retention.core.service_time import format_service_time
from functions.retention.policy.pause_tag import PAUSE_TAG
from tests.end_to_end.stage import DAY, FILE_SYSTEM, POLICIES, Stage, stage
from tests.end_to_end.test_console import HOLD, ask, fail, here, work

OTHER = "2ca404a5e2"
PURGE = {"action": "purge", "file_system": FILE_SYSTEM, "confirm": FILE_SYSTEM}
TWO = POLICIES.replace("file_systems: [1ca404a5e2]\n  min_age", f"file_systems: [1ca404a5e2, {OTHER}]\n  min_age")


def set_at(play: Stage) -> list[float]:
    """Moments at which the pause tag was set, filled in while everything plays."""
    moments: list[float] = []

    def watch(request: LoggedRequest) -> None:
        if request.operation == "TagResources" and request.status == 200:
            moments.append(request.at)

    play.cloud.dispatcher.on_request.append(watch)
    return moments


def test_pause_stops_every_file_system_and_resume_lets_go(tmp_path: Path) -> None:
    with stage(tmp_path, policies=TWO) as play:
        other = play.cloud.nas.create_file_system(OTHER)
        play.fill()
        answer = ask(play, "pause")
        assert answer["file_systems"] == {
            each: {"paused": True, "held": False, "still_running": []} for each in (FILE_SYSTEM, OTHER)
        }
        assert answer["still_running"] == []
        assert play.calls("TagResources") == 1
        play.sweep()
        assert set(play.ends()) == {"held"}
        assert play.file_system.jobs_created == 0
        free = ask(play, "resume")["file_systems"]
        assert free == {each: {"paused": False, "held": False, "rests": False} for each in (FILE_SYSTEM, OTHER)}
        assert other.tags == {}
        play.cloud.clock.sleep(10)  # until the log shows that the runs have ended
        play.sweep()
        play.check()


def test_pause_of_some_file_systems_leaves_the_others(tmp_path: Path) -> None:
    with stage(tmp_path, policies=TWO) as play:
        other = play.cloud.nas.create_file_system(OTHER)
        assert set(ask(play, "pause", file_systems=[OTHER])["file_systems"]) == {OTHER}
        assert PAUSE_TAG in other.tags
        assert play.file_system.tags == {}


WEATHERS = {
    "fair": [],
    "slow log": [Fault("sls", "*", "delay", times=0, seconds=12.0)],
    "silent log": [Fault("sls", "*", "timeout", times=0, seconds=15.0)],
    "throttled tags": [Fault("nas", "ListTagResources", "throttle", times=0)],
    "slow tags": [Fault("nas", "ListTagResources", "delay", times=0, seconds=8.0)],
    "throttled jobs": [Fault("nas", "CreateRecycleBinDeleteJob", "throttle", times=3)],
}


@pytest.mark.parametrize("weather", WEATHERS)
def test_no_job_begins_more_than_a_minute_after_the_tag_is_set(tmp_path: Path, weather: str) -> None:
    with stage(tmp_path) as play:
        set_when = set_at(play)
        work(play, 70, job=3)
        before = play.file_system.jobs_created
        for fault in WEATHERS[weather]:
            play.cloud.dispatcher.faults.add(fault)
        play.invoke("console", {"action": "pause"})
        play.host.run_until_idle(limit=DAY)
        play.sweep()
        assert before > 0
        assert len(set_when) == 1
        assert max(job.start for job in play.file_system.job_log) <= set_when[0] + 60
        play.check(complete=False)


@pytest.mark.parametrize("after", [0.0, 0.5, 30.0])
def test_duplicates_of_a_slice_stop_within_a_minute_too(tmp_path: Path, after: float) -> None:
    with stage(tmp_path, delivery=DeliveryFaults(duplicate=1.0, duplicate_after=after)) as play:
        set_when = set_at(play)
        work(play, 70, job=3)
        ask(play, "pause")
        play.host.run_until_idle(limit=DAY)
        assert max(job.start for job in play.file_system.job_log) <= set_when[0] + 60
        play.check(complete=False)


def test_pause_tells_which_jobs_still_run(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        work(play, 100, job=30)
        answer = ask(play, "pause")
        assert answer["still_running"] == [FILE_SYSTEM]
        assert here(answer)["still_running"][0].startswith("job ")


def test_pause_that_cannot_see_the_jobs_says_so(tmp_path: Path) -> None:
    denial = Fault("nas", "ListRecycleBinJobs", "status", times=0, status=403, code="Forbidden.RAM")
    with stage(tmp_path, faults=[denial]) as play:
        answer = ask(play, "pause")
        assert answer["still_running"] == [FILE_SYSTEM]
        assert here(answer)["still_running"].startswith("unknown: ")


def test_the_tag_is_on_forty_file_systems_within_seconds(tmp_path: Path) -> None:
    ids = [f"{number:02}a404a5e2" for number in range(40)]
    policies = POLICIES.replace(
        "file_systems: [1ca404a5e2]\n  min", f"file_systems: [1ca404a5e2, {', '.join(ids)}]\n  min"
    )
    with stage(tmp_path, policies=policies) as play:
        for each in ids:
            play.cloud.nas.create_file_system(each)
        set_when, asked_at = set_at(play), play.now
        ask(play, "pause")
        assert set_when
        assert set_when[-1] - asked_at < 3  # with the cold start of the function
        assert play.calls("TagResources") == 1


def test_pause_does_not_need_the_log(tmp_path: Path) -> None:
    with stage(tmp_path, faults=[Fault("sls", "PutLogs", "status", times=0, status=403, code="Unauthorized")]) as play:
        answer = ask(play, "pause")
        assert here(answer)["paused"] is True
        assert "PutLogs" in answer["not_recorded_because"]


@pytest.mark.parametrize(
    "text",
    [POLICIES.replace("older_than: 7d", "older_then: 7d"), POLICIES.replace("min_age: 1d", "min_age: soon")],
)
def test_pause_needs_no_policy_file_that_can_be_used(tmp_path: Path, text: str) -> None:
    with stage(tmp_path) as play:
        play.policies.write_text(text)
        assert here(ask(play, "pause"))["paused"] is True
        assert PAUSE_TAG in play.file_system.tags
        assert here(ask(play, "resume"))["paused"] is False


def test_without_any_policy_file_pause_takes_the_file_systems_that_are_named(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.policies.write_text("version: [")
        assert fail(play, "pause")["where"] == "file_systems"
        assert here(ask(play, "pause", file_systems=[FILE_SYSTEM]))["paused"] is True


def test_pause_records_who_why_and_until_when(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        until = format_service_time(play.now + 4 * 3600)
        ask(play, "pause", requested_by="Ann (desk 3)", reason="a restore", until=until)
        (record,) = [each for each in play.records("asked") if each["reason"] == "pause"]
        assert (record["requested_by"], record["detail"], record["until"]) == ("Ann (desk 3)", "a restore", until)
        assert record["file_system"] == FILE_SYSTEM
        assert play.file_system.tags[PAUSE_TAG] == f"until {until} by Ann-desk-3"
        assert until in here(ask(play, "status"))["held"]


def test_a_pause_ends_by_itself_when_its_end_is_past(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        ask(play, "pause", until="4h")
        play.cloud.clock.sleep(4 * 3600 + 60)  # clocks may differ by 120 s
        play.sweep()
        assert play.ends() == ["held"]
        play.cloud.clock.sleep(120)
        play.sweep()
        assert play.ends() == ["held", "completed"]


@pytest.mark.parametrize("value", ["until tomorrow by ann", "until 2020-01-01 by ann", "2020-01-01T00:00:00Z", "x"])
def test_a_pause_whose_end_cannot_be_read_stays(tmp_path: Path, value: str) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.tags[PAUSE_TAG] = value
        play.sweep()
        assert play.ends() == ["held"]


@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "soon", "0h"])
def test_an_end_that_is_past_or_none_is_refused(tmp_path: Path, until: str) -> None:
    with stage(tmp_path) as play:
        assert fail(play, "pause", until=until)["where"] == "until"
        assert play.file_system.tags == {}


@pytest.mark.parametrize("action", ["pause", "resume"])
@pytest.mark.parametrize("file_systems", [[], [""], None, ["3ca404a5e2"]])
def test_file_systems_that_name_nothing_are_refused(tmp_path: Path, action: str, file_systems: object) -> None:
    with stage(tmp_path) as play:
        assert fail(play, action, file_systems=file_systems)["where"].startswith("file_system")
        assert play.file_system.tags == {}


def test_pause_that_fails_somewhere_is_not_ok_and_says_where(tmp_path: Path) -> None:
    with stage(tmp_path, policies=TWO) as play:
        error = fail(play, "pause")
        assert (error["code"], error["where"]) == ("partly", OTHER)
        assert PAUSE_TAG in play.file_system.tags


def test_resume_leaves_a_hold_that_somebody_set_by_hand(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags |= HOLD
        ask(play, "pause")
        answer = here(ask(play, "resume"))
        assert answer["paused"] is False
        assert "nas-retention=hold" in answer["held"]
        assert play.file_system.tags == HOLD


def test_resume_lifts_the_hold_that_it_is_told_by_name(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags |= HOLD
        assert fail(play, "resume", also_lift="nas-retention=go")["where"] == "also_lift"
        assert play.file_system.tags == HOLD
        assert here(ask(play, "resume", also_lift="nas-retention=hold"))["held"] is False
        assert play.file_system.tags == {}


def test_resume_leaves_a_tag_alone_that_does_not_hold(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags["nas-retention"] = "production"
        ask(play, "resume", also_lift="nas-retention=hold")
        assert play.file_system.tags == {"nas-retention": "production"}


def test_tags_that_cannot_be_read_are_no_resumed_file_system(tmp_path: Path) -> None:
    denial = Fault("nas", "ListTagResources", "status", times=0, status=403, code="Forbidden.RAM")
    with stage(tmp_path, faults=[denial]) as play:
        answer = play.invoke("console", {"action": "resume"})
        assert answer["ok"] is False
        assert here(answer)["paused"] == "unknown"


def rests(play: Stage) -> None:
    """A person cancels a job of ours outside of the console, and the next sweep sees it."""
    play.fill()
    play.file_system.durations = DurationModel(base=90)
    entry = next(iter(play.before.values()))
    job = play.file_system.delete_job(entry.file_id)
    play.file_system.cancel_job(job.id)
    play.file_system.durations = DurationModel(base=1)
    play.sweep()


def test_resume_ends_the_rest_after_a_cancel_only_when_it_is_named(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        rests(play)
        assert "rests until" in here(ask(play, "status"))["rests"]
        assert "rests until" in here(ask(play, "resume"))["rests"]
        play.sweep()
        assert play.file_system.jobs_created == 1
        assert "also_lift" in str(play.invoke("console", {**PURGE})["error"])
        answer = ask(play, "resume", also_lift="rest", requested_by="Ann", reason="a mistake")
        assert here(answer)["rests"] is False
        (record,) = play.records("rest-lifted")
        assert (record["file_system"], record["requested_by"], record["detail"]) == (FILE_SYSTEM, "Ann", "a mistake")
        assert here(ask(play, "status"))["rests"] is False
        play.sweep()
        assert play.ends() == ["completed"]


def test_resume_lifts_the_rest_and_the_hold_together(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        rests(play)
        play.file_system.tags |= HOLD
        answer = here(ask(play, "resume", also_lift=["rest", "nas-retention=hold"]))
        assert (answer["held"], answer["rests"]) == (False, False)


@pytest.mark.parametrize("named", [[], "", ["rest", ""], ["rests"], None, {"rest": True}])
def test_a_rest_that_is_named_otherwise_is_refused_and_lifts_nothing(tmp_path: Path, named: object) -> None:
    with stage(tmp_path) as play:
        assert fail(play, "resume", also_lift=named)["where"].startswith("also_lift")
        assert play.records("rest-lifted") == []


@pytest.mark.parametrize("operation", ["PutLogs", "PullLogs"])
def test_a_log_that_does_not_answer_makes_resume_say_that_the_rest_may_go_on(tmp_path: Path, operation: str) -> None:
    with stage(tmp_path) as play:
        rests(play)
        play.cloud.faults.add(Fault("sls", operation, "status", times=0, status=403, code="Unauthorized"))
        answer = play.invoke("console", {"action": "resume", "also_lift": "rest"})
        assert (answer["ok"], answer["error"]["code"]) == (False, "partly")
        assert here(answer)["rests"] is not False
