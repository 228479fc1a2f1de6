"""The JSON of the answers, field by field, as the published pages print it; raw, since the SDK drops what it lacks."""

import re
from collections.abc import Iterator

import pytest

from aliyun_fakes.cloud import mock_alibaba_cloud
from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.nas import DurationModel, NasSettings
from tests.contract.fronts import Front
from tests.contract.nas.raw import Raw

DELETED = 1_622_369_288
TOUCHED = 1_572_430_088


@pytest.fixture
def front() -> Iterator[Front]:
    """The days of the samples."""
    with mock_alibaba_cloud(clock=VirtualClock(start=DELETED + 60.0)) as cloud:
        yield Front(cloud, None)


def body(front: Front, operation: str, **parameters: str) -> dict[str, object]:
    """An answer without its request id, which is checked here."""
    reply = Raw(front).v3(parameters, headers={"x-acs-action": operation})
    assert reply.status_code == 200
    fields: dict[str, object] = reply.json()
    assert re.fullmatch(r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}", str(fields.pop("RequestId")))
    return fields


def test_a_listing_is_the_sample_of_its_page(front: Front) -> None:
    file_system = front.cloud.nas.create_file_system("1ca4040000")
    entry = file_system.recycle(
        "/test001", size=1_073_741_824, deleted_at=DELETED, mtime=TOUCHED, atime=TOUCHED, ctime=TOUCHED
    )
    assert body(front, "ListRecycledDirectoriesAndFiles", FileSystemId="1ca4040000", FileId="2") == {
        "NextToken": "",
        "Entries": [
            {
                "FileId": entry.file_id,
                "Type": "File",
                "Name": "test001",
                "DeleteTime": "2021-05-30T10:08:08Z",
                "Inode": entry.file_id,
                "ATime": "2019-10-30T10:08:08Z",
                "MTime": "2019-10-30T10:08:08Z",
                "CTime": "2019-10-30T10:08:08Z",
                "Size": 1_073_741_824,
            }
        ],
    }


def test_recent_directories_are_the_sample_of_their_page(front: Front) -> None:
    file_system = front.cloud.nas.create_file_system("1ca4040000")
    file_system.recycle("/a/b/c", deleted_at=DELETED)
    assert body(front, "ListRecentlyRecycledDirectories", FileSystemId="1ca4040000") == {
        "NextToken": "",
        "Entries": [
            {
                "FileId": file_system.mkdir("/a/b"),
                "Path": "/a/b",
                "Name": "b",
                "LastDeleteTime": "2021-05-30T10:08:08Z",
            }
        ],
    }


def test_a_new_job_answers_its_id_and_nothing_else(front: Front) -> None:
    file_system = front.cloud.nas.create_file_system("1ca4040000")
    files = [file_system.recycle(name, deleted_at=DELETED).file_id for name in ("/a", "/b")]
    deletion = body(front, "CreateRecycleBinDeleteJob", FileSystemId="1ca4040000", FileId=files[0])
    front.clock.sleep(60)
    restore = body(front, "CreateRecycleBinRestoreJob", FileSystemId="1ca4040000", FileId=files[1], TargetFileId="2")
    for reply in (deletion, restore):
        assert reply.keys() == {"JobId"}
        assert re.fullmatch(r"rb-1ca4040000-r-[0-9]{13}", str(reply["JobId"]))


def test_the_job_list_has_the_fields_of_its_page(front: Front) -> None:
    file_system = front.cloud.nas.create_file_system("1ca4040000")
    file_system.durations = DurationModel(base=100)
    job = file_system.delete_job(file_system.recycle("/a", deleted_at=DELETED).file_id)
    assert body(front, "ListRecycleBinJobs", FileSystemId="1ca4040000") == {
        "TotalCount": 1,
        "PageNumber": 1,
        "PageSize": 10,
        "Jobs": [
            {
                "Id": job.id,
                "Type": "Delete",
                "FileId": job.file_id,
                "FileName": "a",
                "Status": "Running",
                "Progress": "1",
                "ErrorCode": "",
                "ErrorMessage": "",
                "CreateTime": "2021-05-30T10:09:08Z",
            }
        ],
    }


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("UpdateRecycleBinAttribute", {"ReservedDays": "7"}),
        ("DisableAndCleanRecycleBin", {}),
    ],
)
def test_changes_of_the_bin_answer_a_request_id_only(front: Front, operation: str, parameters: dict[str, str]) -> None:
    front.cloud.nas.create_file_system("1ca4040000")
    assert body(front, operation, FileSystemId="1ca4040000", **parameters) == {}


def test_a_bin_that_was_never_on_says_so(front: Front) -> None:
    front.cloud.nas.create_file_system("1ca4040000", bin_enabled=False)
    assert body(front, "GetRecycleBinAttribute", FileSystemId="1ca4040000")["RecycleBinAttribute"] == {
        "Status": "Disable",
        "ReservedDays": 0,
        "EnableTime": "",
        "Size": 0,
        "SecondarySize": 0,
        "ArchiveSize": 0,
    }
    assert body(front, "EnableRecycleBin", FileSystemId="1ca4040000") == {}


def test_the_last_page_may_come_without_a_token(front: Front) -> None:
    front.cloud.nas.create_file_system("1ca4040000", settings=NasSettings(last_page_token="absent"))
    assert body(front, "ListRecentlyRecycledDirectories", FileSystemId="1ca4040000") == {"Entries": []}


def test_distorted_entries_show_what_a_service_ought_not_to_send(front: Front) -> None:
    file_system = front.cloud.nas.create_file_system("1ca4040000")
    entry = file_system.recycle("/a", deleted_at=DELETED)
    file_system.distortions[entry.file_id] = {"DeleteTime": None, "Size": -1, "NotAField": 1}
    listed = body(front, "ListRecycledDirectoriesAndFiles", FileSystemId="1ca4040000", FileId="2")["Entries"]
    assert isinstance(listed, list)
    assert listed[0].keys() == {"FileId", "Type", "Name", "Inode", "ATime", "MTime", "CTime", "Size"}
    assert listed[0]["Size"] == -1
