"""A person cancels a job outside of our console: at most one more is created, whatever goes wrong meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc import DeliveryFaults
from aliyun_fakes.nas.job_behaviour import DurationModel, JobFault
from tests.end_to_end.stage import DAY, FILE_SYSTEM, TIMER, Reading, Stage, stage

LAG = 60.0
HOUR = 3_600.0
ORDER = {"action": "purge", "file_system": FILE_SYSTEM, "confirm": FILE_SYSTEM}


def fill(play: Stage, seconds: float) -> None:
    """Sixty aged files whose jobs take so long each."""
    play.file_system.durations = DurationModel(base=seconds)
    for number in range(60):
        play.file_system.recycle(f"/logs/{number:03}", size=9, deleted_at=play.now - 20 * DAY)
    play.remember()


def cancel(play: Stage) -> float | None:
    """Cancel the job that runs, as a person does in the vendor's console; the moment, if one ran."""
    play.file_system.settle()
    holder = play.file_system.jobs.holder
    if holder is None:
        return None
    play.file_system.cancel_job(holder.id)
    return play.now


def cancel_after(play: Stage, seconds: float, happened: Callable[[LoggedRequest], bool]) -> list[float]:
    """Have a person cancel the job that runs so long after the first such request; when it was done."""
    cancelled: list[float] = []

    def act() -> None:
        if not cancelled and (moment := cancel(play)) is not None:
            cancelled.append(moment)

    def watch(request: LoggedRequest) -> None:
        if happened(request):
            play.later(seconds, act)

    play.cloud.dispatcher.on_request.append(watch)
    return cancelled


def left(play: Stage) -> list[str]:
    """Paths of the files that are still in the bin."""
    paths = [f"/logs/{number:03}" for number in range(60)]
    return [path for path in paths if play.file_system.find(path) is not None]


def check_stopped(play: Stage, cancelled_at: float) -> None:
    """At most one job after the cancel, one record of it, and the file system rests."""
    later = [job for job in play.file_system.job_log if job.start > cancelled_at]
    assert len(later) <= 1
    assert {"stopped-by-person", "resting"} & set(play.ends())  # of two copies, the other may see the record first
    assert {line["reason"] for line in play.records("cancel-seen")} == {"person"}
    assert play.unannounced == play.unwatched == []


@pytest.mark.parametrize("reading", ["serial", "concurrent"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call",
    [
        ("nas", "CreateRecycleBinDeleteJob", 2),
        ("nas", "ListRecycleBinJobs", 5),
        ("sls", "PutLogs", 8),
        ("sls", "PullLogs", 24),
    ],
)
def test_a_cancel_before_a_crashed_slice_is_tried_again_ends_the_run(
    tmp_path: Path, call: tuple[str, str, int], when: Literal["before", "after"], reading: Reading
) -> None:
    with stage(tmp_path, index_lag=LAG, reading=reading) as play:
        fill(play, 90)
        service, operation, nth = call
        play.cloud.faults.add(Fault(service, operation, "crash", when=when, nth=nth))
        cancelled = cancel_after(play, 4, lambda request: request.fault == "crash")
        play.host.fire(TIMER)
        play.host.run_until(play.now + HOUR / 2)
        check_stopped(play, cancelled[0])


@pytest.mark.parametrize("at", [77.0, 133.0])
@pytest.mark.parametrize("apart", [0.5, 10.0])
def test_duplicates_stop_when_a_job_is_cancelled(tmp_path: Path, apart: float, at: float) -> None:
    delivery = DeliveryFaults(duplicate=1.0, duplicate_after=apart)
    with stage(tmp_path, delivery=delivery, index_lag=LAG, reading="concurrent") as play:
        fill(play, 10)
        cancelled: list[float] = []

        def act() -> None:
            if (moment := cancel(play)) is None:
                play.later(1, act)
            else:
                cancelled.append(moment)

        play.later(at, act)
        play.host.fire(TIMER)
        play.host.run_until(play.now + HOUR)
        check_stopped(play, cancelled[0])


def test_a_cancel_after_a_lost_reply_of_a_send_ends_the_run(tmp_path: Path) -> None:
    with stage(tmp_path, index_lag=LAG) as play:
        fill(play, 40)
        play.cloud.faults.add(Fault("smq", "SendMessage", "drop", when="after", nth=3))
        cancelled = cancel_after(play, 4, lambda request: request.fault == "drop")
        play.host.fire(TIMER)
        play.host.run_until(play.now + HOUR / 2)
        check_stopped(play, cancelled[0])


def test_no_purge_of_the_console_begins_after_a_cancel_that_no_run_saw(tmp_path: Path) -> None:
    with stage(tmp_path, index_lag=LAG) as play:
        fill(play, 90)
        entry = play.file_system.find("/logs/000")
        assert entry is not None
        play.file_system.delete_job(entry.file_id)
        assert cancel(play) is not None
        play.host.run_until(play.now + 20)
        answer = play.invoke("console", ORDER)
        assert (answer["ok"], answer["error"]["code"]) == (False, "stopped-by-person")
        assert play.invoke("console", ORDER)["error"]["code"] == "resting"
        play.host.run_until(play.now + HOUR)
        assert play.invoke("console", ORDER)["ok"]


def test_cancels_older_than_a_day_stop_no_first_run(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        fill(play, 2)
        entry = play.file_system.find("/logs/000")
        assert entry is not None
        play.file_system.delete_job(entry.file_id)
        assert cancel(play) is not None
        play.cloud.clock.sleep(2 * DAY)
        play.sweep()
        assert {line["reason"] for line in play.records("cancel-seen")} == {"before-first-run"}
        assert "completed" in play.ends()
        assert "stopped-by-person" not in play.ends()


def test_a_cancel_by_the_console_is_not_taken_for_a_persons(tmp_path: Path) -> None:
    with stage(tmp_path, index_lag=LAG) as play:
        fill(play, 90)
        run = play.invoke("console", ORDER)["run"]
        play.host.run_until(play.now + 60)
        assert "is cancelled" in play.invoke("console", {"action": "cancel", "run": run})["job"]
        assert play.host.run_until_idle(limit=DAY)
        assert play.ends() == ["cancelled"]
        assert play.records("cancel-seen") == []
        assert play.invoke("console", ORDER)["ok"]


def test_an_entry_whose_job_a_person_cancelled_stays_for_a_week_and_the_plan_says_so(tmp_path: Path) -> None:
    with stage(tmp_path, index_lag=LAG) as play:
        fill(play, 90)
        cancelled = cancel_after(play, 4, lambda request: request.operation == "CreateRecycleBinDeleteJob")
        play.host.fire(TIMER)
        play.host.run_until(play.now + 2 * HOUR)
        (seen,) = play.records("cancel-seen")
        planned = play.invoke("console", {"action": "plan", "file_system": FILE_SYSTEM})
        assert planned["enforcing_policies"]["kept"]["cancelled-by-person"]["entries"] == 1
        explained = play.invoke(
            "console", {"action": "explain", "file_system": FILE_SYSTEM, "file_id": seen["file_id"]}
        )
        assert explained["in_the_bin"][0]["reason"] == "cancelled-by-person"
        path = explained["in_the_bin"][0]["path"]
        play.sweep()
        assert left(play) == [path]
        play.host.run_until(cancelled[0] + 7 * DAY - HOUR)
        play.sweep()
        assert left(play) == [path]
        play.host.run_until(cancelled[0] + 7 * DAY + HOUR)
        play.sweep()
        assert left(play) == []


def others_delete(play: Stage, jobs: int) -> None:
    """Another program deletes so many entries of its own within the moment."""
    durations, play.file_system.durations = play.file_system.durations, DurationModel(base=0)
    for number in range(jobs):
        entry = play.file_system.recycle(f"/theirs/{play.now}-{number}", size=1, deleted_at=play.now)
        play.file_system.delete_job(entry.file_id)
        play.file_system.settle()
    play.file_system.durations = durations


@pytest.mark.parametrize("seconds", [3.0, 30.0, 90.0])
def test_a_cancelled_job_that_sixty_jobs_of_others_hide_ends_the_run(tmp_path: Path, seconds: float) -> None:
    with stage(tmp_path, index_lag=LAG) as play:
        fill(play, seconds)
        cancelled: list[str] = []

        def act(request: LoggedRequest) -> None:
            if request.operation == "CreateRecycleBinDeleteJob" and len(play.file_system.job_log) == 3:
                play.later(1.5, hide)

        def hide() -> None:
            if cancelled:
                return
            holder = play.file_system.jobs.holder
            assert holder is not None
            cancelled.append(holder.file_id)
            cancel(play)
            others_delete(play, 60)

        play.cloud.dispatcher.on_request.append(act)
        play.host.fire(TIMER)
        play.host.run_until(play.now + HOUR / 2)
        hidden = next(job for job in play.file_system.job_log if job.file_id == cancelled[0])
        ours = [job for job in play.file_system.job_log if len(job.file_name) == 3 and job.start > (hidden.end or 0)]
        assert len(ours) <= 1
        assert play.ends()[-1:] == ["stopped-by-person"]
        assert cancelled[0] not in [job.file_id for job in ours]


@pytest.mark.parametrize("status", ["Fail", "PartialSuccess"])
def test_a_job_that_ends_for_no_known_cause_counts_as_cancelled(
    tmp_path: Path, status: Literal["Fail", "PartialSuccess"]
) -> None:
    with stage(tmp_path) as play:
        fill(play, 2)
        play.file_system.job_faults.append(JobFault(status, nth=4, error_code="", error_message="odd"))
        play.sweep()
        assert play.ends() == ["stopped-by-person"]
        assert len(play.file_system.job_log) <= 5
