"""Every NAS operation through the official SDK, over both fronts."""

import re
from dataclasses import replace
from typing import Any, Literal

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel, JobFault, NasSettings
from tests.contract.fronts import Front
from tests.contract.nas.stage import Sdk, Stage

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def listed(sdk: Sdk, stage: Stage, file_id: str = "2", **parameters: object) -> list[str]:
    reply = sdk("ListRecycledDirectoriesAndFiles", FileSystemId=stage.id, FileId=file_id, **parameters)
    return [entry["Name"] for entry in reply["Entries"]]


def jobs(sdk: Sdk, stage: Stage, **parameters: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sdk("ListRecycleBinJobs", FileSystemId=stage.id, **parameters)["Jobs"]
    return found


def delete(sdk: Sdk, stage: Stage, file_id: str, **parameters: object) -> str:
    return str(sdk("CreateRecycleBinDeleteJob", FileSystemId=stage.id, FileId=file_id, **parameters)["JobId"])


def restore(sdk: Sdk, stage: Stage, file_id: str, target: str = "2") -> str:
    reply = sdk("CreateRecycleBinRestoreJob", FileSystemId=stage.id, FileId=file_id, TargetFileId=target)
    return str(reply["JobId"])


def attribute(sdk: Sdk, stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = sdk("GetRecycleBinAttribute", FileSystemId=stage.id)["RecycleBinAttribute"]
    return found


# The switch and its attributes


def test_the_attributes_of_a_bin_that_is_on(stage: Stage, sdk: Sdk) -> None:
    found = attribute(sdk, stage)
    assert TIME.fullmatch(found.pop("EnableTime"))
    assert found == {"Status": "Enable", "ReservedDays": 180, "Size": 705, "SecondarySize": 0, "ArchiveSize": 0}


def test_disabling_empties_the_bin_and_reports_no_retention(stage: Stage, sdk: Sdk) -> None:
    assert REQUEST_ID.fullmatch(sdk("DisableAndCleanRecycleBin", FileSystemId=stage.id)["RequestId"])
    found = attribute(sdk, stage)
    assert (found["Status"], found["ReservedDays"], found["Size"]) == ("Disable", 0, 0)
    assert list(stage.file_system.bin_entries()) == []


def test_enabling_again_starts_empty_with_three_days(stage: Stage, sdk: Sdk) -> None:
    sdk("DisableAndCleanRecycleBin", FileSystemId=stage.id)
    stage.file_system.unlink("/live.txt")
    sdk("EnableRecycleBin", FileSystemId=stage.id)
    assert attribute(sdk, stage)["ReservedDays"] == 3
    assert listed(sdk, stage) == []


@pytest.mark.parametrize("days", [1, 180])
def test_the_retention_can_be_set_to_both_ends_of_its_range(stage: Stage, sdk: Sdk, days: int) -> None:
    sdk("UpdateRecycleBinAttribute", FileSystemId=stage.id, ReservedDays=days)
    assert attribute(sdk, stage)["ReservedDays"] == days


def test_an_older_server_reports_no_archive_size(stage: Stage, sdk: Sdk) -> None:
    stage.file_system.settings = replace(stage.file_system.settings, archive_size_reported=False)
    assert "ArchiveSize" not in attribute(sdk, stage)


# Listings


def test_recent_directories_are_those_something_was_deleted_from_live_or_not(stage: Stage, sdk: Sdk) -> None:
    reply = sdk("ListRecentlyRecycledDirectories", FileSystemId=stage.id)
    assert reply["NextToken"] == ""
    stamp = reply["Entries"][0]["LastDeleteTime"]
    assert TIME.fullmatch(stamp)
    assert reply["Entries"] == [
        {"FileId": stage.docs, "Path": "/docs", "Name": "docs", "LastDeleteTime": stamp},
        {"FileId": stage.sub, "Path": "/docs/sub", "Name": "sub", "LastDeleteTime": stamp},
    ]


def test_an_entry_has_all_nine_fields(stage: Stage, sdk: Sdk) -> None:
    entry = stage.file_system.recycle(
        "/docs/ünïcode ☃.txt", size=7, deleted_at=1_789_000_000, mtime=1_572_430_088, atime=1_572_430_089
    )
    found = sdk("ListRecycledDirectoriesAndFiles", FileSystemId=stage.id, FileId=stage.docs)["Entries"][-1]
    assert found == {
        "FileId": entry.file_id,
        "Type": "File",
        "Name": "ünïcode ☃.txt",
        "DeleteTime": "2026-09-10T00:26:40Z",
        "Inode": entry.file_id,
        "ATime": "2019-10-30T10:08:09Z",
        "MTime": "2019-10-30T10:08:08Z",
        "CTime": "2026-09-10T00:26:40Z",
        "Size": 7,
    }


def test_a_directory_entry_has_size_zero(stage: Stage, sdk: Sdk) -> None:
    entries = sdk("ListRecycledDirectoriesAndFiles", FileSystemId=stage.id, FileId=stage.docs)["Entries"]
    assert [(entry["Type"], entry["Size"]) for entry in entries] == [("File", 700), ("Directory", 0)]


def test_a_listing_is_one_level_and_a_recycled_directory_can_be_listed(stage: Stage, sdk: Sdk) -> None:
    assert listed(sdk, stage, stage.docs) == ["old.txt", "sub"]
    assert listed(sdk, stage, stage.sub) == ["inner.txt"]


@pytest.mark.parametrize(("how", "names"), [("empty", []), ("recursive", ["inner.txt"])])
def test_a_recycled_directory_is_listed_as_the_switch_says(
    front: Front, sdk: Sdk, how: Literal["empty", "recursive"], names: list[str]
) -> None:
    front.cloud.nas.settings = NasSettings(recycled_directory_listing=how)
    stage = Stage(front.cloud.nas)
    assert listed(sdk, stage, stage.sub) == names


def test_the_listing_of_a_live_directory_shows_everything_below_under_the_recursive_switch(
    front: Front, sdk: Sdk
) -> None:
    front.cloud.nas.settings = NasSettings(recycled_directory_listing="recursive")
    stage = Stage(front.cloud.nas)
    assert listed(sdk, stage, stage.docs) == ["old.txt", "inner.txt", "sub"]


def test_a_recycled_directory_can_be_not_found(front: Front, sdk: Sdk) -> None:
    front.cloud.nas.settings = NasSettings(recycled_directory_listing="not-found")
    stage = Stage(front.cloud.nas)
    refusal = sdk.refusal("ListRecycledDirectoriesAndFiles", FileSystemId=stage.id, FileId=stage.sub)
    assert refusal == (404, "InvalidFileId.NotFound", f"The specified FileId({stage.sub}) does not exist.")


@pytest.mark.parametrize("operation", ["ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles"])
def test_pages_join_to_the_whole(stage: Stage, sdk: Sdk, operation: str) -> None:
    for number in range(25):
        stage.file_system.recycle_tree(f"/many/{number:02d}", {"f": 1})
    where = {"FileSystemId": stage.id, "FileId": stage.file_system.mkdir("/many")}
    if operation == "ListRecentlyRecycledDirectories":
        del where["FileId"]
    whole = [entry["Name"] for entry in sdk(operation, **where)["Entries"]]
    names, token = [], ""
    for size in (10, 10, 10):
        page = sdk(operation, **where, MaxResults=size, **({"NextToken": token} if token else {}))
        names += [entry["Name"] for entry in page["Entries"]]
        token = page["NextToken"]
    assert token == ""
    assert names == whole
    assert len(whole) >= 25


def test_a_page_has_100_entries_unless_asked_otherwise_and_1000_at_most(stage: Stage, sdk: Sdk) -> None:
    stage.file_system.recycle_many("/many", ((f"{number}", 1, 1_790_000_000.0) for number in range(1001)))
    many = stage.file_system.mkdir("/many")
    assert len(listed(sdk, stage, many)) == 100
    assert len(listed(sdk, stage, many, MaxResults=1000)) == 1000
    assert len(listed(sdk, stage, many, MaxResults=10)) == 10


def test_a_token_is_good_for_its_own_listing_only(stage: Stage, sdk: Sdk) -> None:
    stage.file_system.recycle_many("/many", ((f"{number}", 1, 1_790_000_000.0) for number in range(11)))
    here = {"FileSystemId": stage.id, "MaxResults": 10}
    token = sdk("ListRecycledDirectoriesAndFiles", **here, FileId=stage.file_system.mkdir("/many"))["NextToken"]
    for operation, elsewhere in (
        ("ListRecycledDirectoriesAndFiles", {"FileId": stage.docs}),
        ("ListRecentlyRecycledDirectories", {}),
    ):
        refusal = sdk.refusal(operation, **here, **elsewhere, NextToken=token)
        assert refusal[1] == "InvalidParameter.InvalidNextToken"


@pytest.mark.parametrize("operation", ["ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles"])
def test_a_bin_that_is_off_lists_nothing(stage: Stage, sdk: Sdk, operation: str) -> None:
    stage.file_system.disable()
    where = {"FileId": "2"} if operation == "ListRecycledDirectoriesAndFiles" else {}
    assert sdk(operation, FileSystemId=stage.id, **where)["Entries"] == []


# Jobs


def test_a_delete_job_runs_and_removes_a_tree_for_good(stage: Stage, sdk: Sdk) -> None:
    stage.file_system.durations = DurationModel(base=100)
    job_id = delete(sdk, stage, stage.sub)
    (job,) = jobs(sdk, stage, JobId=job_id)
    assert TIME.fullmatch(job.pop("CreateTime"))
    assert job == {
        "Id": job_id,
        "Type": "Delete",
        "FileId": stage.sub,
        "FileName": "sub",
        "Status": "Running",
        "Progress": "1",
        "ErrorCode": "",
        "ErrorMessage": "",
    }
    stage.later(50)
    (job,) = jobs(sdk, stage)
    assert job["Status"] == "Running"
    assert job["Progress"] == "50"
    assert listed(sdk, stage, stage.sub) == ["inner.txt"]
    stage.later(50)
    (job,) = jobs(sdk, stage)
    assert (job["Status"], job["Progress"]) == ("Success", "100")
    assert [path for path, _ in stage.file_system.bin_entries()] == ["/docs/old.txt"]
    assert sdk.refusal("CreateRecycleBinDeleteJob", FileSystemId=stage.id, FileId=stage.sub)[0] == 404


def test_a_restore_brings_a_tree_back_to_the_target(stage: Stage, sdk: Sdk) -> None:
    restore(sdk, stage, stage.sub, stage.docs)
    stage.later()
    assert stage.file_system.exists("/docs/sub/inner.txt")
    assert jobs(sdk, stage)[0]["Type"] == "Restore"
    assert [path for path, _ in stage.file_system.bin_entries()] == ["/docs/old.txt"]


def test_a_restore_defragments_before_it_succeeds_and_holds_the_slot_meanwhile(front: Front, sdk: Sdk) -> None:
    front.cloud.nas.settings = NasSettings(defragment_seconds=100)
    stage = Stage(front.cloud.nas)
    restore(sdk, stage, stage.old)
    stage.later(10)
    assert stage.file_system.exists("/old.txt")
    (job,) = jobs(sdk, stage, Status="Defragmenting")
    assert job["Progress"] == "100"
    refusal = sdk.refusal("CreateRecycleBinDeleteJob", FileSystemId=stage.id, FileId=stage.sub)
    assert refusal[1] == "OperationDenied.TooManyRunningJobs"
    stage.later(100)
    assert [job["Status"] for job in jobs(sdk, stage)] == ["Success"]


@pytest.mark.parametrize("status", ["Fail", "PartialSuccess"])
def test_a_job_can_end_badly_and_says_why(stage: Stage, sdk: Sdk, status: Literal["Fail", "PartialSuccess"]) -> None:
    stage.file_system.job_faults.append(JobFault(status, nth=1, removes_share=0.5))
    delete(sdk, stage, stage.sub)
    stage.later()
    (job,) = jobs(sdk, stage, Status=status)
    assert (job["ErrorCode"], job["Progress"]) == ("InternalError", "50")
    assert job["ErrorMessage"]
    assert [path for path, _ in stage.file_system.bin_entries()] == ["/docs/old.txt", "/docs/sub"]


def test_a_cancelled_job_frees_the_slot_at_once(stage: Stage, sdk: Sdk) -> None:
    job_id = delete(sdk, stage, stage.sub)
    assert REQUEST_ID.fullmatch(sdk("CancelRecycleBinJob", JobId=job_id)["RequestId"])
    assert [job["Id"] for job in jobs(sdk, stage, Status="Cancelled")] == [job_id]
    delete(sdk, stage, stage.old)


def test_cancelling_a_job_that_has_ended_changes_nothing(stage: Stage, sdk: Sdk) -> None:
    job_id = delete(sdk, stage, stage.old)
    stage.later()
    sdk("CancelRecycleBinJob", JobId=job_id)
    assert jobs(sdk, stage)[0]["Status"] == "Success"


def test_the_same_token_gets_the_same_job_even_when_it_is_over(stage: Stage, sdk: Sdk) -> None:
    token = "t" * 64
    job_id = delete(sdk, stage, stage.old, ClientToken=token)
    assert delete(sdk, stage, stage.old, ClientToken=token) == job_id
    stage.later()
    assert delete(sdk, stage, stage.old, ClientToken=token) == job_id
    assert len(jobs(sdk, stage)) == 1


def test_a_token_is_forgotten_after_a_day(stage: Stage, sdk: Sdk) -> None:
    delete(sdk, stage, stage.old, ClientToken="t")
    stage.later(86_401)
    refusal = sdk.refusal("CreateRecycleBinDeleteJob", FileSystemId=stage.id, FileId=stage.old, ClientToken="t")
    assert refusal[1] == "InvalidFileId.NotFound"


def test_a_lost_reply_leaves_a_job_that_the_token_finds(front: Front, stage: Stage, sdk: Sdk) -> None:
    front.cloud.faults.add(Fault("nas", "CreateRecycleBinDeleteJob", kind="drop", when="after"))
    with pytest.raises(Exception, match=r"(?i)connection|remote"):
        delete(sdk, stage, stage.old, ClientToken="t")
    (job,) = jobs(sdk, stage)
    assert delete(sdk, stage, stage.old, ClientToken="t") == job["Id"]


def test_only_the_newest_fifty_jobs_can_be_queried_newest_first(stage: Stage, sdk: Sdk) -> None:
    ids = []
    for number in range(51):
        entry = stage.file_system.recycle(f"/{number}")
        ids.append(delete(sdk, stage, entry.file_id))
        stage.later(3)
    reply = sdk("ListRecycleBinJobs", FileSystemId=stage.id, PageSize=100)
    assert reply["TotalCount"] == 50
    assert [job["Id"] for job in reply["Jobs"]] == ids[:0:-1]
    assert sdk.refusal("CancelRecycleBinJob", JobId=ids[0])[1] == "InvalidJobId.NotFound"
    page = sdk("ListRecycleBinJobs", FileSystemId=stage.id, PageNumber=5)
    assert (page["PageNumber"], page["PageSize"], len(page["Jobs"])) == (5, 10, 10)
    assert sdk("ListRecycleBinJobs", FileSystemId=stage.id, PageNumber=6)["Jobs"] == []


def test_file_systems_have_a_job_slot_each(front: Front, stage: Stage, sdk: Sdk) -> None:
    other = front.cloud.nas.create_file_system()
    entry = other.recycle("/x")
    delete(sdk, stage, stage.old)
    sdk("CreateRecycleBinDeleteJob", FileSystemId=other.file_system_id, FileId=entry.file_id)
    assert [job["Status"] for job in jobs(sdk, stage)] == ["Running"]


def test_what_is_kept_too_long_expires_by_itself(stage: Stage, sdk: Sdk) -> None:
    sdk("UpdateRecycleBinAttribute", FileSystemId=stage.id, ReservedDays=1)
    stage.later(86_000)
    assert listed(sdk, stage, stage.docs) == ["old.txt", "sub"]
    stage.later(500)
    assert listed(sdk, stage, stage.docs) == []
    assert attribute(sdk, stage)["Size"] == 0
