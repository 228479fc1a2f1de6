"""Jobs that fail, and entries for which there is no job: left where they are, and the others go."""

from dataclasses import replace
from pathlib import Path

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import JobFault
from tests.end_to_end.stage import DAY, RULES, stage


def test_a_job_that_fails_is_tried_again_three_times_and_then_left(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        bad = play.file_system.find("/logs/app-3.log")
        assert bad is not None
        play.file_system.job_faults.append(JobFault(file_id=bad.file_id, times=99))
        play.sweep()
        tries = [line for line in play.records("outcome") if line["file_id"] == bad.file_id]
        assert [line["status"] for line in tries] == ["fail"] * 4
        assert len({line["client_token"] for line in tries}) == 4
        assert [line["reason"] for line in play.records("skipped")] == ["quarantined"]
        play.check(rules=replace(RULES, kept_ids=frozenset({bad.file_id})))


def test_a_job_that_succeeds_in_part_is_finished_by_another(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        tree = play.file_system.find("/projects/old")
        assert tree is not None
        play.file_system.job_faults.append(JobFault("PartialSuccess", file_id=tree.file_id, removes_share=0.5))
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]


def test_twenty_failures_in_a_row_end_the_run(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        files = [(f"{n:03}.log", 10, play.now - 20 * DAY) for n in range(60)]
        play.file_system.recycle_many("/many", files)
        play.remember()
        play.file_system.job_faults.append(JobFault(times=10_000))
        play.sweep()
        assert play.ends() == ["too-many-failures"]
        play.check(complete=False)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [(400, "IllegalCharacters", "refused"), (403, "OperationDenied.Conflict", "conflict")],
)
def test_an_entry_for_which_there_is_never_a_job_is_left_and_the_others_go(
    tmp_path: Path, status: int, code: str, reason: str
) -> None:
    with stage(tmp_path) as play:
        play.fill()
        bad = play.file_system.find("/logs/app-3.log")
        assert bad is not None
        only = {"FileId": bad.file_id}
        operation = "CreateRecycleBinDeleteJob"
        play.cloud.faults.add(Fault("nas", operation, "status", times=0, status=status, code=code, matching=only))
        play.sweep()
        assert play.ends() == ["partial"]
        assert [line["reason"] for line in play.records("skipped")] == [reason]
        play.check(rules=replace(RULES, kept_ids=frozenset({bad.file_id})))


def test_a_role_that_may_not_delete_ends_the_run_at_once(tmp_path: Path) -> None:
    denied = Fault("nas", "CreateRecycleBinDeleteJob", "status", times=0, status=403, code="NoPermission")
    with stage(tmp_path, faults=[denied]) as play:
        play.fill()
        play.sweep()
        assert play.ends() == ["refused"]
        assert play.calls("CreateRecycleBinDeleteJob") == 1
        play.check(complete=False)
