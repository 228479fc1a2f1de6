"""What a person asks of the console, apart from plans and purges."""

import json
from pathlib import Path
from typing import Any

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel
from functions.retention.console.requests import MODELS
from functions.retention.core.service_time import format_service_time
from tests.end_to_end.stage import DAY, FILE_SYSTEM, POLICIES, ROOT, Stage, stage

TWO = POLICIES.replace("file_systems: [1ca404a5e2]\n  min_age", "file_systems: [1ca404a5e2, 2ca404a5e2]\n  min_age")
ORDER = {"action": "purge", "file_system": FILE_SYSTEM, "confirm": FILE_SYSTEM}
HOLD = {"nas-retention": "hold"}


def ask(play: Stage, action: str, **more: object) -> Any:  # noqa: ANN401 - JSON
    """A right answer."""
    answer = play.invoke("console", {"action": action} | more)
    assert answer["ok"] is True, answer
    assert answer["action"] == action
    return answer


def fail(play: Stage, action: str, **more: object) -> Any:  # noqa: ANN401 - JSON
    """The error of an answer that is none."""
    answer = play.invoke("console", {"action": action} | more)
    assert answer["ok"] is False, answer
    assert {"what", "where", "allowed", "code"} <= answer["error"].keys()
    return answer["error"]


def work(play: Stage, seconds: float, *, job: float = 600) -> str:
    """Start a run by hand with jobs that take long, and play on; the run's id."""
    play.fill()
    play.file_system.durations = DurationModel(base=job)
    run = play.invoke("console", ORDER)["run"]
    play.host.run_until(play.now + seconds)
    return str(run)


def here(answer: Any) -> Any:  # noqa: ANN401 - JSON
    return answer["file_systems"][FILE_SYSTEM]


# status


def test_status_tells_of_the_bin_the_job_and_the_run(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        run = work(play, 300)
        shown = here(ask(play, "status"))
        assert shown["recycle_bin"]["enabled"] is True
        assert shown["recycle_bin"]["reserved_days"] == 180
        assert shown["held"] is False
        assert shown["job"]["whose"] == "ours"
        assert shown["job"]["path"] in {entry.path for entry in play.before.values()}
        (at_work,) = shown["runs"]
        assert (at_work["run"], at_work["state"], at_work["trigger"]) == (run, "at work", "console")
        assert at_work["so_far"]["phase"] == "purge"
        assert at_work["next_at"] >= format_service_time(play.now - 60)


def test_status_tells_why_runs_ended_and_what_they_did(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.sweep()
        play.host.run_until(play.now + 30)
        shown = here(ask(play, "status", file_system=FILE_SYSTEM))
        assert shown["runs"] == []
        assert shown["ended"][0]["reason"] == "completed"
        assert shown["ended"][0]["trigger"] == "sweep"
        so_far, (end,) = shown["ended"][0]["so_far"], play.records("ended")
        assert so_far["jobs_done"] == play.file_system.jobs_created
        assert {name: str(so_far[name]) for name in ("list_calls", "jobs")}.items() <= end.items()


def test_status_of_a_run_tells_its_survey(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        run = work(play, 300)
        shown = ask(play, "status", run=run)
        assert shown["state"] == "at work"
        assert shown["survey"]["jobs"] == 16
        assert shown["survey"]["by_policy"].keys() == {"aged"}


def test_status_names_a_persons_job_as_such(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=600)
        entry = play.file_system.find("/logs/new-1.log")
        assert entry is not None
        play.file_system.restore_job(entry.file_id)
        assert here(ask(play, "status"))["job"]["whose"] == "a person's"
        assert here(ask(play, "status"))["job"]["type"] == "Restore"


def test_status_of_a_file_system_that_fails_does_not_hide_the_others(tmp_path: Path) -> None:
    with stage(tmp_path, policies=TWO) as play:
        answer = ask(play, "status")
        assert "InvalidFileSystem.NotFound" in answer["file_systems"]["2ca404a5e2"]["error"]
        assert here(answer)["recycle_bin"]["enabled"] is True


def test_status_tells_the_window_and_the_hold(tmp_path: Path) -> None:
    window = "min_age: 1d\n  window: {hours: '01:00-02:00', time_zone: UTC}"
    with stage(tmp_path, policies=POLICIES.replace("min_age: 1d", window)) as play:
        play.file_system.tags |= HOLD
        answer = ask(play, "status")
        assert answer["window"]["open"] is False
        assert answer["window"]["opens_at"].endswith("T01:00:00Z")
        assert "nas-retention=hold" in here(answer)["held"]


def test_status_without_the_log_tells_what_is_known(tmp_path: Path) -> None:
    with stage(tmp_path, faults=[Fault("sls", "GetLogs", "status", times=0, status=403, code="Unauthorized")]) as play:
        shown = here(ask(play, "status"))
        assert "does not answer" in shown["runs"]
        assert shown["recycle_bin"]["enabled"] is True


def test_status_without_the_log_does_not_say_whose_a_job_is(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        work(play, 300)
        assert here(ask(play, "status"))["job"]["whose"] == "ours"
        play.cloud.faults.add(Fault("sls", "GetLogs", "status", times=0, status=403, code="Unauthorized"))
        assert here(ask(play, "status"))["job"]["whose"].startswith("unknown")


def test_status_of_an_unknown_run_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        assert fail(play, "status", run="0" * 32)["code"] == "no-such-run"
        assert fail(play, "status", file_system="other")["code"] == "not-allowed"


def test_status_of_a_run_on_another_file_system_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        run = work(play, 60)
        assert ask(play, "status", run=run, file_system=FILE_SYSTEM)["run"] == run
        assert (
            f"is on {FILE_SYSTEM}, not on 2ca404a5e2" in fail(play, "status", run=run, file_system="2ca404a5e2")["what"]
        )


# cancel


@pytest.mark.parametrize("by", ["run", "file_system"])
def test_cancel_ends_the_run_and_its_job(tmp_path: Path, by: str) -> None:
    with stage(tmp_path) as play:
        run = work(play, 300)
        answer = ask(play, "cancel", **({"run": run} if by == "run" else {"file_system": FILE_SYSTEM}))
        assert "is cancelled" in answer["job"]
        created = play.file_system.jobs_created
        assert play.host.run_until_idle(limit=DAY)
        assert play.ends() == ["cancelled"]
        assert play.file_system.jobs_created <= created + 1
        assert [(line["run"], "job_id" in line) for line in play.records("cancel")] == [(run, False), (run, True)]
        play.check(complete=False)


@pytest.mark.parametrize("lag", [5, 60])
@pytest.mark.parametrize("job", [20, 600])
def test_cancel_is_never_taken_for_a_stop_by_somebody_else_however_late_the_log_is(
    tmp_path: Path, lag: float, job: float
) -> None:
    with stage(tmp_path, index_lag=lag) as play:
        work(play, 70, job=job)
        answer = ask(play, "cancel", file_system=FILE_SYSTEM)
        created = play.file_system.jobs_created
        assert "within 60 s" in answer["what_happens"]
        assert play.host.run_until_idle(limit=DAY)
        assert play.ends() == ["cancelled"]
        assert play.file_system.jobs_created <= created + 1 + 60 // job
        play.check(complete=False)


def test_cancel_says_that_it_left_the_job_whose_intent_the_log_does_not_tell(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        run = work(play, 300)
        looked_up = 1
        silent = Fault("sls", "GetLogs", "status", nth=looked_up + 1, times=0, status=403, code="Unauthorized")
        play.cloud.faults.add(silent)
        answer = ask(play, "cancel", run=run)
        assert play.records("cancel")[0]["run"] == run
        assert "could not be" in answer["job"]
        assert play.calls("CancelRecycleBinJob") == 0


def test_cancel_never_touches_a_persons_job(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=900)
        entry = play.file_system.find("/logs/new-1.log")
        assert entry is not None
        play.file_system.restore_job(entry.file_id)
        play.invoke("console", ORDER)
        play.host.run_until(play.now + 60)
        answer = ask(play, "cancel", file_system=FILE_SYSTEM)
        assert "left alone" in answer["job"]
        assert play.host.run_until_idle(limit=DAY)
        assert [job.type for job in play.file_system.job_log] == ["Restore"]
        assert play.calls("CancelRecycleBinJob") == 0
        assert play.ends() == ["cancelled"]


def test_cancel_of_what_is_over_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        run = work(play, DAY, job=1)
        assert "ended already" in fail(play, "cancel", run=run)["what"]
        assert fail(play, "cancel", file_system=FILE_SYSTEM)["code"] == "nothing-to-cancel"
        assert fail(play, "cancel", run="0" * 32)["code"] == "nothing-to-cancel"
        assert play.records("cancel") == []


def test_cancel_that_cannot_be_recorded_cancels_nothing(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        run = work(play, 300)
        play.cloud.faults.add(Fault("sls", "PutLogs", "status", times=0, status=403, code="Unauthorized"))
        assert fail(play, "cancel", run=run)["code"] == "service-failed"
        assert play.calls("CancelRecycleBinJob") == 0


# lint


def test_lint_tells_what_can_never_act(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.set_reserved_days(5)
        (finding,) = ask(play, "lint")["findings"]
        assert (finding["policy"], finding["code"]) == ("aged", "older-than-reserved-days")
        assert "5 days" in finding["why"]


def test_lint_tells_what_no_survey_ever_found_once_one_looked(tmp_path: Path) -> None:
    nowhere = POLICIES + "  - {name: lost, file_systems: [1ca404a5e2], older_than: 3d, match: {path: /lgos/**}}\n"
    with stage(tmp_path, policies=nowhere) as play:
        play.fill()
        assert ask(play, "lint")["findings"] == []
        ask(play, "plan", file_system=FILE_SYSTEM, narrow={"policies": ["lost"]})
        play.host.run_until(play.now + 10)
        assert ask(play, "lint")["findings"] == []
        play.sweep()
        play.host.run_until(play.now + 10)
        (finding,) = ask(play, "lint")["findings"]
        assert (finding["policy"], finding["code"]) == ("lost", "took-nothing")
        assert "/lgos/**" in finding["why"]


def test_lint_without_the_log_tells_what_is_known(tmp_path: Path) -> None:
    with stage(tmp_path, faults=[Fault("sls", "GetLogs", "status", times=0, status=403, code="Unauthorized")]) as play:
        play.file_system.set_reserved_days(5)
        answer = ask(play, "lint")
        assert [finding["code"] for finding in answer["findings"]] == ["older-than-reserved-days"]
        assert "does not answer" in answer["surveys"]


@pytest.mark.parametrize("action", MODELS)
def test_the_sample_of_every_action_is_answered(tmp_path: Path, action: str) -> None:
    with stage(tmp_path) as play:
        if action == "cancel":
            work(play, 300)
        else:
            play.fill()
        event = (ROOT / "events" / f"console-{action}.json").read_bytes()
        answer = json.loads(play.host.invoke("nas-retention-console", event).payload)
        assert answer["ok"] is True, answer
        assert answer["action"] == action
