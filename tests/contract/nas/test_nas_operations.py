"""Every NAS operation through the official SDK, over both fronts."""

import re
from dataclasses import replace
from typing import Any, Literal

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel, JobFault, NasSettings
from tests.contract.fronts import Front
from tests.contract.nas.scene import Scene, Sdk

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def listed(sdk: Sdk, scene: Scene, file_id: str = "2", **parameters: object) -> list[str]:
    reply = sdk("ListRecycledDirectoriesAndFiles", FileSystemId=scene.id, FileId=file_id, **parameters)
    return [entry["Name"] for entry in reply["Entries"]]


def jobs(sdk: Sdk, scene: Scene, **parameters: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sdk("ListRecycleBinJobs", FileSystemId=scene.id, **parameters)["Jobs"]
    return found


def delete(sdk: Sdk, scene: Scene, file_id: str, **parameters: object) -> str:
    return str(sdk("CreateRecycleBinDeleteJob", FileSystemId=scene.id, FileId=file_id, **parameters)["JobId"])


def restore(sdk: Sdk, scene: Scene, file_id: str, target: str = "2") -> str:
    reply = sdk("CreateRecycleBinRestoreJob", FileSystemId=scene.id, FileId=file_id, TargetFileId=target)
    return str(reply["JobId"])


def attribute(sdk: Sdk, scene: Scene) -> dict[str, Any]:
    found: dict[str, Any] = sdk("GetRecycleBinAttribute", FileSystemId=scene.id)["RecycleBinAttribute"]
    return found


# The switch and its attributes


def test_the_attributes_of_a_bin_that_is_on(scene: Scene, sdk: Sdk) -> None:
    found = attribute(sdk, scene)
    assert TIME.fullmatch(found.pop("EnableTime"))
    assert found == {"Status": "Enable", "ReservedDays": 180, "Size": 705, "SecondarySize": 0, "ArchiveSize": 0}


def test_disabling_empties_the_bin_and_reports_no_retention(scene: Scene, sdk: Sdk) -> None:
    assert REQUEST_ID.fullmatch(sdk("DisableAndCleanRecycleBin", FileSystemId=scene.id)["RequestId"])
    found = attribute(sdk, scene)
    assert (found["Status"], found["ReservedDays"], found["Size"]) == ("Disable", 0, 0)
    assert list(scene.file_system.bin_entries()) == []


def test_enabling_again_starts_empty_with_three_days(scene: Scene, sdk: Sdk) -> None:
    sdk("DisableAndCleanRecycleBin", FileSystemId=scene.id)
    scene.file_system.unlink("/live.txt")
    sdk("EnableRecycleBin", FileSystemId=scene.id)
    assert attribute(sdk, scene)["ReservedDays"] == 3
    assert listed(sdk, scene) == []


@pytest.mark.parametrize("days", [1, 180])
def test_the_retention_can_be_set_to_both_ends_of_its_range(scene: Scene, sdk: Sdk, days: int) -> None:
    sdk("UpdateRecycleBinAttribute", FileSystemId=scene.id, ReservedDays=days)
    assert attribute(sdk, scene)["ReservedDays"] == days


def test_an_older_server_reports_no_archive_size(scene: Scene, sdk: Sdk) -> None:
    scene.file_system.settings = replace(scene.file_system.settings, archive_size_reported=False)
    assert "ArchiveSize" not in attribute(sdk, scene)


# Listings


def test_recent_directories_are_those_something_was_deleted_from_live_or_not(scene: Scene, sdk: Sdk) -> None:
    reply = sdk("ListRecentlyRecycledDirectories", FileSystemId=scene.id)
    assert reply["NextToken"] == ""
    stamp = reply["Entries"][0]["LastDeleteTime"]
    assert TIME.fullmatch(stamp)
    assert reply["Entries"] == [
        {"FileId": scene.docs, "Path": "/docs", "Name": "docs", "LastDeleteTime": stamp},
        {"FileId": scene.sub, "Path": "/docs/sub", "Name": "sub", "LastDeleteTime": stamp},
    ]


def test_an_entry_has_all_nine_fields(scene: Scene, sdk: Sdk) -> None:
    entry = scene.file_system.recycle(
        "/docs/ünïcode ☃.txt", size=7, deleted_at=1_789_000_000, mtime=1_572_430_088, atime=1_572_430_089
    )
    found = sdk("ListRecycledDirectoriesAndFiles", FileSystemId=scene.id, FileId=scene.docs)["Entries"][-1]
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


def test_a_directory_entry_has_size_zero(scene: Scene, sdk: Sdk) -> None:
    entries = sdk("ListRecycledDirectoriesAndFiles", FileSystemId=scene.id, FileId=scene.docs)["Entries"]
    assert [(entry["Type"], entry["Size"]) for entry in entries] == [("File", 700), ("Directory", 0)]


def test_a_listing_is_one_level_and_a_recycled_directory_can_be_listed(scene: Scene, sdk: Sdk) -> None:
    assert listed(sdk, scene, scene.docs) == ["old.txt", "sub"]
    assert listed(sdk, scene, scene.sub) == ["inner.txt"]


@pytest.mark.parametrize(("how", "names"), [("empty", []), ("recursive", ["inner.txt"])])
def test_a_recycled_directory_is_listed_as_the_switch_says(
    front: Front, sdk: Sdk, how: Literal["empty", "recursive"], names: list[str]
) -> None:
    front.cloud.nas.settings = NasSettings(recycled_directory_listing=how)
    scene = Scene(front.cloud.nas)
    assert listed(sdk, scene, scene.sub) == names


def test_the_listing_of_a_live_directory_shows_everything_below_under_the_recursive_switch(
    front: Front, sdk: Sdk
) -> None:
    front.cloud.nas.settings = NasSettings(recycled_directory_listing="recursive")
    scene = Scene(front.cloud.nas)
    assert listed(sdk, scene, scene.docs) == ["old.txt", "inner.txt", "sub"]


def test_a_recycled_directory_can_be_not_found(front: Front, sdk: Sdk) -> None:
    front.cloud.nas.settings = NasSettings(recycled_directory_listing="not-found")
    scene = Scene(front.cloud.nas)
    refusal = sdk.refusal("ListRecycledDirectoriesAndFiles", FileSystemId=scene.id, FileId=scene.sub)
    assert refusal == (404, "InvalidFileId.NotFound", f"The specified FileId({scene.sub}) does not exist.")


@pytest.mark.parametrize("operation", ["ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles"])
def test_pages_join_to_the_whole(scene: Scene, sdk: Sdk, operation: str) -> None:
    for number in range(25):
        scene.file_system.recycle_tree(f"/many/{number:02d}", {"f": 1})
    where = {"FileSystemId": scene.id, "FileId": scene.file_system.mkdir("/many")}
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


def test_a_page_has_100_entries_unless_asked_otherwise_and_1000_at_most(scene: Scene, sdk: Sdk) -> None:
    scene.file_system.recycle_many("/many", ((f"{number}", 1, 1_790_000_000.0) for number in range(1001)))
    many = scene.file_system.mkdir("/many")
    assert len(listed(sdk, scene, many)) == 100
    assert len(listed(sdk, scene, many, MaxResults=1000)) == 1000
    assert len(listed(sdk, scene, many, MaxResults=10)) == 10


def test_a_token_is_good_for_its_own_listing_only(scene: Scene, sdk: Sdk) -> None:
    scene.file_system.recycle_many("/many", ((f"{number}", 1, 1_790_000_000.0) for number in range(11)))
    here = {"FileSystemId": scene.id, "MaxResults": 10}
    token = sdk("ListRecycledDirectoriesAndFiles", **here, FileId=scene.file_system.mkdir("/many"))["NextToken"]
    for operation, elsewhere in (
        ("ListRecycledDirectoriesAndFiles", {"FileId": scene.docs}),
        ("ListRecentlyRecycledDirectories", {}),
    ):
        refusal = sdk.refusal(operation, **here, **elsewhere, NextToken=token)
        assert refusal[1] == "InvalidParameter.InvalidNextToken"


@pytest.mark.parametrize("operation", ["ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles"])
def test_a_bin_that_is_off_lists_nothing(scene: Scene, sdk: Sdk, operation: str) -> None:
    scene.file_system.disable()
    where = {"FileId": "2"} if operation == "ListRecycledDirectoriesAndFiles" else {}
    assert sdk(operation, FileSystemId=scene.id, **where)["Entries"] == []


# Jobs


def test_a_delete_job_runs_and_removes_a_tree_for_good(scene: Scene, sdk: Sdk) -> None:
    scene.file_system.durations = DurationModel(base=100)
    job_id = delete(sdk, scene, scene.sub)
    (job,) = jobs(sdk, scene, JobId=job_id)
    assert TIME.fullmatch(job.pop("CreateTime"))
    assert job == {
        "Id": job_id,
        "Type": "Delete",
        "FileId": scene.sub,
        "FileName": "sub",
        "Status": "Running",
        "Progress": "1",
        "ErrorCode": "",
        "ErrorMessage": "",
    }
    scene.later(50)
    (job,) = jobs(sdk, scene)
    assert job["Status"] == "Running"
    assert job["Progress"] == "50"
    assert listed(sdk, scene, scene.sub) == ["inner.txt"]
    scene.later(50)
    (job,) = jobs(sdk, scene)
    assert (job["Status"], job["Progress"]) == ("Success", "100")
    assert [path for path, _ in scene.file_system.bin_entries()] == ["/docs/old.txt"]
    assert sdk.refusal("CreateRecycleBinDeleteJob", FileSystemId=scene.id, FileId=scene.sub)[0] == 404


def test_a_restore_brings_a_tree_back_to_the_target(scene: Scene, sdk: Sdk) -> None:
    restore(sdk, scene, scene.sub, scene.docs)
    scene.later()
    assert scene.file_system.exists("/docs/sub/inner.txt")
    assert jobs(sdk, scene)[0]["Type"] == "Restore"
    assert [path for path, _ in scene.file_system.bin_entries()] == ["/docs/old.txt"]


def test_a_restore_defragments_before_it_succeeds_and_holds_the_slot_meanwhile(front: Front, sdk: Sdk) -> None:
    front.cloud.nas.settings = NasSettings(defragment_seconds=100)
    scene = Scene(front.cloud.nas)
    restore(sdk, scene, scene.old)
    scene.later(10)
    assert scene.file_system.exists("/old.txt")
    (job,) = jobs(sdk, scene, Status="Defragmenting")
    assert job["Progress"] == "100"
    refusal = sdk.refusal("CreateRecycleBinDeleteJob", FileSystemId=scene.id, FileId=scene.sub)
    assert refusal[1] == "OperationDenied.TooManyRunningJobs"
    scene.later(100)
    assert [job["Status"] for job in jobs(sdk, scene)] == ["Success"]


@pytest.mark.parametrize("status", ["Fail", "PartialSuccess"])
def test_a_job_can_end_badly_and_says_why(scene: Scene, sdk: Sdk, status: Literal["Fail", "PartialSuccess"]) -> None:
    scene.file_system.job_faults.append(JobFault(status, nth=1, removes_share=0.5))
    delete(sdk, scene, scene.sub)
    scene.later()
    (job,) = jobs(sdk, scene, Status=status)
    assert (job["ErrorCode"], job["Progress"]) == ("InternalError", "50")
    assert job["ErrorMessage"]
    assert [path for path, _ in scene.file_system.bin_entries()] == ["/docs/old.txt", "/docs/sub"]


def test_a_cancelled_job_frees_the_slot_at_once(scene: Scene, sdk: Sdk) -> None:
    job_id = delete(sdk, scene, scene.sub)
    assert REQUEST_ID.fullmatch(sdk("CancelRecycleBinJob", JobId=job_id)["RequestId"])
    assert [job["Id"] for job in jobs(sdk, scene, Status="Cancelled")] == [job_id]
    delete(sdk, scene, scene.old)


def test_cancelling_a_job_that_has_ended_changes_nothing(scene: Scene, sdk: Sdk) -> None:
    job_id = delete(sdk, scene, scene.old)
    scene.later()
    sdk("CancelRecycleBinJob", JobId=job_id)
    assert jobs(sdk, scene)[0]["Status"] == "Success"


def test_the_same_token_gets_the_same_job_even_when_it_is_over(scene: Scene, sdk: Sdk) -> None:
    token = "t" * 64
    job_id = delete(sdk, scene, scene.old, ClientToken=token)
    assert delete(sdk, scene, scene.old, ClientToken=token) == job_id
    scene.later()
    assert delete(sdk, scene, scene.old, ClientToken=token) == job_id
    assert len(jobs(sdk, scene)) == 1


def test_a_token_is_forgotten_after_a_day(scene: Scene, sdk: Sdk) -> None:
    delete(sdk, scene, scene.old, ClientToken="t")
    scene.later(86_401)
    refusal = sdk.refusal("CreateRecycleBinDeleteJob", FileSystemId=scene.id, FileId=scene.old, ClientToken="t")
    assert refusal[1] == "InvalidFileId.NotFound"


def test_a_lost_reply_leaves_a_job_that_the_token_finds(front: Front, scene: Scene, sdk: Sdk) -> None:
    front.cloud.faults.add(Fault("nas", "CreateRecycleBinDeleteJob", kind="drop", when="after"))
    with pytest.raises(Exception, match=r"(?i)connection|remote"):
        delete(sdk, scene, scene.old, ClientToken="t")
    (job,) = jobs(sdk, scene)
    assert delete(sdk, scene, scene.old, ClientToken="t") == job["Id"]


def test_only_the_newest_fifty_jobs_can_be_queried_newest_first(scene: Scene, sdk: Sdk) -> None:
    ids = []
    for number in range(51):
        entry = scene.file_system.recycle(f"/{number}")
        ids.append(delete(sdk, scene, entry.file_id))
        scene.later(3)
    reply = sdk("ListRecycleBinJobs", FileSystemId=scene.id, PageSize=100)
    assert reply["TotalCount"] == 50
    assert [job["Id"] for job in reply["Jobs"]] == ids[:0:-1]
    assert sdk.refusal("CancelRecycleBinJob", JobId=ids[0])[1] == "InvalidJobId.NotFound"
    page = sdk("ListRecycleBinJobs", FileSystemId=scene.id, PageNumber=5)
    assert (page["PageNumber"], page["PageSize"], len(page["Jobs"])) == (5, 10, 10)
    assert sdk("ListRecycleBinJobs", FileSystemId=scene.id, PageNumber=6)["Jobs"] == []


def test_file_systems_have_a_job_slot_each(front: Front, scene: Scene, sdk: Sdk) -> None:
    other = front.cloud.nas.create_file_system()
    entry = other.recycle("/x")
    delete(sdk, scene, scene.old)
    sdk("CreateRecycleBinDeleteJob", FileSystemId=other.file_system_id, FileId=entry.file_id)
    assert [job["Status"] for job in jobs(sdk, scene)] == ["Running"]


def test_what_is_kept_too_long_expires_by_itself(scene: Scene, sdk: Sdk) -> None:
    sdk("UpdateRecycleBinAttribute", FileSystemId=scene.id, ReservedDays=1)
    scene.later(86_000)
    assert listed(sdk, scene, scene.docs) == ["old.txt", "sub"]
    scene.later(500)
    assert listed(sdk, scene, scene.docs) == []
    assert attribute(sdk, scene)["Size"] == 0
