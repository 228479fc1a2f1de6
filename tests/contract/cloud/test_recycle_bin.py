"""`NasClient` and `NasRecycleBin`: what the service says, what it leaves open, and what is never sent twice."""

import json
import math
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Literal

import pytest
from alibabacloud_nas20170626.models import GetRecycleBinAttributeRequest
from darabonba.runtime import RuntimeOptions

from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.faults import Fault, Kind, When
from aliyun_fakes.nas import DurationModel, JobFault
from aliyun_fakes.nas.file_system import FileSystem
from functions.retention.cloud.nas import PAGE_SIZE, NasRecycleBin
from functions.retention.cloud.nas_sdk import RawClient, client_config
from functions.retention.cloud.retry import MAX_ATTEMPTS
from functions.retention.core.errors import CloudError, NoAnswer, NotFound, Refused, SlotBusy, StaleToken, Throttled
from functions.retention.core.recycle_bin import ROOT_ID
from tests.contract.cloud.clients import Clients, assert_shows_no_secret
from tests.contract.fronts import Front

IN_PROCESS = pytest.mark.parametrize("front", ["in-process"], indirect=True)
"""For faults that would cost real waiting over a socket."""

LIST, DELETE = "ListRecycledDirectoriesAndFiles", "CreateRecycleBinDeleteJob"


@pytest.fixture
def file_id(volume: FileSystem) -> str:
    """The recycled file's id."""
    return recycled(volume, "/logs/old.log")


def recycled(volume: FileSystem, path: str) -> str:
    entry = volume.find(path)
    assert entry is not None
    return entry.file_id


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("cn-hangzhou", "nas.cn-hangzhou.aliyuncs.com"),
        ("eu-central-1", "nas.eu-central-1.aliyuncs.com"),
        ("cn-hangzhou-finance", "nas.cn-hangzhou-dg-a01.aliyuncs.com"),
    ],
)
def test_a_regions_endpoint_is_the_vendors(clients: Clients, region: str, endpoint: str) -> None:
    client = RawClient(client_config(replace(clients.settings, region=region, nas_endpoint=None)))
    assert vars(client)["_endpoint"] == endpoint


def test_the_vendors_response_models_get_nothing_to_read(clients: Clients, volume: FileSystem) -> None:
    sdk = clients.nas().sdk
    request = GetRecycleBinAttributeRequest(file_system_id=volume.file_system_id)
    assert sdk.get_recycle_bin_attribute_with_options(request, RuntimeOptions()).to_map() == {}
    _, body = sdk.raw(sdk.get_recycle_bin_attribute_with_options, request, RuntimeOptions())
    assert json.loads(body)["RecycleBinAttribute"]["Status"] == "Enable"


def test_the_bins_attributes_are_read(volume: FileSystem, recycle_bin: NasRecycleBin) -> None:
    volume.set_reserved_days(30)
    attributes = recycle_bin.attributes()
    assert (attributes.enabled, attributes.reserved_days, attributes.size) == (True, 30, 7)


def test_a_bin_that_is_off_reads_as_off(volume: FileSystem, recycle_bin: NasRecycleBin) -> None:
    volume.disable()
    assert recycle_bin.attributes().enabled is False


def test_a_tree_is_walked_from_the_recent_directories_down(volume: FileSystem, recycle_bin: NasRecycleBin) -> None:
    volume.write("/a/b/häß 回收站.txt", 5)
    volume.rm_rf("/a")
    directories, token = recycle_bin.recent_directories()
    assert token == ""
    paths = {each.path: each.file_id for each in directories}
    assert paths.keys() >= {"/logs", "/a", "/a/b"}
    (entry,) = recycle_bin.page(paths["/a/b"]).entries
    assert (entry.name, entry.size, entry.is_directory) == ("häß 回收站.txt", 5, False)
    (top,) = (each for each in recycle_bin.page(ROOT_ID).entries)
    assert (top.name, top.is_directory, top.file_id) == ("a", True, paths["/a"])


def test_a_page_is_as_old_as_its_request(clients: Clients, recycle_bin: NasRecycleBin) -> None:
    asked_at = clients.clock.now()
    page = recycle_bin.page(ROOT_ID)
    assert page.listed_at == asked_at < clients.clock.now()


def test_attributes_and_job_lists_carry_the_date_of_their_reply(clients: Clients, recycle_bin: NasRecycleBin) -> None:
    assert recycle_bin.attributes().service_time == int(clients.clock.now())
    assert recycle_bin.jobs().service_time == int(clients.clock.now())


def test_long_directories_come_in_the_largest_pages_and_end_with_an_empty_token(
    clients: Clients, volume: FileSystem, recycle_bin: NasRecycleBin
) -> None:
    now = clients.clock.now()
    count = 2 * PAGE_SIZE + 1
    volume.recycle_many("/big", [(f"f{number:05}", 1, now - 5) for number in range(count)])
    directory = next(each for each in recycle_bin.recent_directories()[0] if each.path == "/big")
    names, token, sizes = [], "", []
    for _ in range(3):
        page = recycle_bin.page(directory.file_id, token)
        names += [entry.name for entry in page.entries]
        sizes.append(len(page.entries))
        token = page.next_token
    assert (token, sizes) == ("", [PAGE_SIZE, PAGE_SIZE, 1])
    assert sorted(names) == [f"f{number:05}" for number in range(count)]


@pytest.mark.parametrize("ending", ["empty", "absent"])
def test_the_last_page_is_known_however_the_service_marks_it(
    clients: Clients, ending: Literal["empty", "absent"]
) -> None:
    settings = replace(clients.cloud.nas.settings, last_page_token=ending)
    volume = clients.cloud.nas.create_file_system(settings=settings)
    assert clients.nas().recycle_bin(volume.file_system_id).page(ROOT_ID).next_token == ""


def test_what_an_entry_lacks_is_unknown_and_not_guessed(
    volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str
) -> None:
    volume.distortions[file_id] = {"DeleteTime": None, "Size": "7"}
    parent = next(each for each in recycle_bin.recent_directories()[0] if each.path == "/logs")
    (entry,) = recycle_bin.page(parent.file_id).entries
    assert (entry.file_id, entry.delete_time, entry.size) == (file_id, "", None)


def test_a_directory_that_is_gone_is_not_found(recycle_bin: NasRecycleBin) -> None:
    with pytest.raises(NotFound, match=r"InvalidFileId\.NotFound") as caught:
        recycle_bin.page("99999")
    assert caught.value.request_id


def test_a_token_the_service_no_longer_takes_is_stale(clients: Clients, recycle_bin: NasRecycleBin) -> None:
    with pytest.raises(StaleToken):
        recycle_bin.page(ROOT_ID, "expired")
    with pytest.raises(StaleToken):
        recycle_bin.recent_directories("expired")
    assert len(clients.calls(LIST)) == 1


def test_a_file_system_that_is_gone_is_not_found(clients: Clients) -> None:
    nowhere = clients.nas().recycle_bin("0000000000")
    calls: list[Callable[[], object]] = [
        nowhere.attributes,
        nowhere.recent_directories,
        nowhere.jobs,
        lambda: nowhere.page(ROOT_ID),
        lambda: nowhere.delete("12", "token", before=math.inf),
    ]
    for call in calls:
        with pytest.raises(NotFound, match=r"InvalidFileSystem\.NotFound"):
            call()


def test_a_job_is_created_watched_and_finished(
    clients: Clients, volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str
) -> None:
    job_id = recycle_bin.delete(file_id, "token-1", before=math.inf)
    (job,) = recycle_bin.jobs().newest
    assert (job.id, job.file_id, job.status, job.is_delete, job.is_active) == (job_id, file_id, "running", True, True)
    assert job.created_at is not None
    assert 0 <= clients.clock.now() - job.created_at < 2
    clients.clock.sleep(50)
    assert 40 < recycle_bin.jobs().newest[0].progress < 60
    clients.clock.sleep(51)
    (job,) = recycle_bin.jobs().newest
    assert (job.status, job.progress, job.is_active, job.error) == ("success", 100, False, "")
    assert volume.entry(file_id) is None


def test_a_failed_job_tells_why(clients: Clients, volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str) -> None:
    volume.job_faults.append(JobFault("Fail", error_code="InternalError", error_message="broken"))
    recycle_bin.delete(file_id, "token-1", before=math.inf)
    clients.clock.sleep(101)
    (job,) = recycle_bin.jobs().newest
    assert (job.status, job.error) == ("fail", "InternalError: broken")


@pytest.mark.parametrize("order", ["newest-first", "oldest-first"])
def test_jobs_are_newest_first_whatever_order_the_service_has(
    clients: Clients, order: Literal["newest-first", "oldest-first"]
) -> None:
    volume = clients.cloud.nas.create_file_system(settings=replace(clients.cloud.nas.settings, history_order=order))
    recycle_bin = clients.nas().recycle_bin(volume.file_system_id)
    created = []
    for number in range(3):
        volume.recycle(f"/f{number}", size=1)
        created.append(recycle_bin.delete(recycled(volume, f"/f{number}"), f"token-{number}", before=math.inf))
        clients.clock.sleep(60)
    assert [job.id for job in recycle_bin.jobs().newest] == created[::-1]


def test_the_same_token_is_the_same_job(volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str) -> None:
    assert recycle_bin.delete(file_id, "token-1", before=math.inf) == recycle_bin.delete(
        file_id, "token-1", before=math.inf
    )
    assert volume.jobs_created == 1


@pytest.mark.parametrize("overlap", ["conflict", "too-many"])
def test_a_slot_that_is_taken_is_busy_by_either_code(
    clients: Clients, overlap: Literal["conflict", "too-many"]
) -> None:
    volume = clients.cloud.nas.create_file_system(settings=replace(clients.cloud.nas.settings, overlapping_job=overlap))
    volume.durations = DurationModel(base=100)
    volume.write("/d/f", 1)
    volume.rm_rf("/d")
    volume.recycle("/other", size=1)
    recycle_bin = clients.nas().recycle_bin(volume.file_system_id)
    recycle_bin.delete(recycled(volume, "/d"), "token-1", before=math.inf)
    for path in ("/d/f", "/other"):
        with pytest.raises(SlotBusy):
            recycle_bin.delete(recycled(volume, path), f"token {path}", before=math.inf)
    assert volume.jobs_created == 1
    assert len(clients.calls(DELETE)) == 3


def test_a_restore_by_a_person_holds_the_slot(volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str) -> None:
    volume.restore_job(file_id)
    with pytest.raises(SlotBusy):
        recycle_bin.delete(file_id, "token-1", before=math.inf)
    (job,) = recycle_bin.jobs().newest
    assert (job.is_delete, job.is_active) == (False, True)


def test_an_entry_that_is_gone_is_not_found(clients: Clients, recycle_bin: NasRecycleBin, file_id: str) -> None:
    recycle_bin.delete(file_id, "token-1", before=math.inf)
    clients.clock.sleep(200)
    with pytest.raises(NotFound, match=r"InvalidFileId\.NotFound"):
        recycle_bin.delete(file_id, "token-2", before=math.inf)


def test_a_job_is_cancelled(volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str) -> None:
    recycle_bin.cancel(recycle_bin.delete(file_id, "token-1", before=math.inf))
    assert recycle_bin.jobs().newest[0].status == "cancelled"
    assert volume.entry(file_id) is not None


@pytest.mark.parametrize("finished", ["ok", "conflict"])
def test_cancelling_what_is_over_does_no_harm_or_is_told_as_busy(
    clients: Clients, finished: Literal["ok", "conflict"]
) -> None:
    volume = clients.cloud.nas.create_file_system(
        settings=replace(clients.cloud.nas.settings, cancel_finished=finished)
    )
    volume.recycle("/f", size=1)
    recycle_bin = clients.nas().recycle_bin(volume.file_system_id)
    job_id = recycle_bin.delete(recycled(volume, "/f"), "token-1", before=math.inf)
    clients.clock.sleep(60)
    told = pytest.raises(SlotBusy, match=r"OperationDenied\.Conflict") if finished == "conflict" else nullcontext()
    with told:
        recycle_bin.cancel(job_id)
    assert recycle_bin.jobs().newest[0].status == "success"


def test_cancelling_an_unknown_job_is_not_found(recycle_bin: NasRecycleBin) -> None:
    with pytest.raises(NotFound, match=r"InvalidJobId\.NotFound"):
        recycle_bin.cancel("rb-none")


def test_a_lost_reply_to_a_deletion_is_told_at_once_for_the_job_may_exist(
    clients: Clients, volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str
) -> None:
    clients.cloud.faults.add(Fault("nas", DELETE, "drop", when="after"))
    with pytest.raises(NoAnswer):
        recycle_bin.delete(file_id, "token-1", before=math.inf)
    assert len(clients.calls(DELETE)) == 1
    assert volume.jobs_created == 1


@pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_no_deletion_is_ever_sent_again_by_itself_when_its_effect_is_open(
    clients: Clients, recycle_bin: NasRecycleBin, file_id: str, kind: Kind, when: When
) -> None:
    clients.cloud.faults.add(Fault("nas", DELETE, kind, when=when, times=0, status=503, code="ServiceUnavailable"))
    with pytest.raises(NoAnswer):
        recycle_bin.delete(file_id, "token-1", before=math.inf)
    assert len(clients.calls(DELETE)) == 1


@IN_PROCESS
def test_a_deletion_without_a_reply_in_time_is_no_answer(
    clients: Clients, recycle_bin: NasRecycleBin, file_id: str
) -> None:
    clients.cloud.faults.add(Fault("nas", DELETE, "timeout", when="after", seconds=10))
    with pytest.raises(NoAnswer):
        recycle_bin.delete(file_id, "token-1", before=math.inf)
    assert len(clients.calls(DELETE)) == 1


@pytest.mark.parametrize("kind", ["drop", "garbage", "status"])
def test_reading_is_tried_again_whatever_went_wrong(clients: Clients, recycle_bin: NasRecycleBin, kind: Kind) -> None:
    clients.cloud.faults.add(Fault("nas", LIST, kind, times=2))
    recycle_bin.page(ROOT_ID)
    assert len(clients.calls(LIST)) == 3


def test_reading_that_never_works_ends_in_no_answer(clients: Clients, recycle_bin: NasRecycleBin) -> None:
    clients.cloud.faults.add(Fault("nas", LIST, "status", times=0, code="InternalError"))
    with pytest.raises(NoAnswer, match="InternalError"):
        recycle_bin.page(ROOT_ID)
    assert len(clients.calls(LIST)) == MAX_ATTEMPTS


@IN_PROCESS
def test_reading_without_replies_ends_with_the_slice(clients: Clients, volume: FileSystem) -> None:
    clients.cloud.faults.add(Fault("nas", LIST, "timeout", times=0, seconds=10))
    begun = clients.clock.now()
    with pytest.raises(NoAnswer):
        clients.nas(left=15).recycle_bin(volume.file_system_id).page(ROOT_ID)
    assert clients.clock.now() - begun < 30


def test_throttling_beyond_the_slice_is_told(clients: Clients, volume: FileSystem) -> None:
    clients.cloud.faults.add(Fault("nas", LIST, "throttle", times=0))
    with pytest.raises(Throttled):
        clients.nas(left=70).recycle_bin(volume.file_system_id).page(ROOT_ID)
    assert len(clients.calls(LIST)) <= 2


def test_requests_keep_to_the_rate(clients: Clients, recycle_bin: NasRecycleBin) -> None:
    begun = clients.clock.now()
    for _ in range(40):
        recycle_bin.attributes()
    assert clients.clock.now() - begun >= (40 - 10) / 6


def test_a_key_that_may_not_delete_is_told_the_missing_permission(
    front: Front, volume: FileSystem, file_id: str
) -> None:
    key = AccessKey("LTAIreader", "secret-of-reader", denied=frozenset({f"nas:{DELETE}"}))
    front.cloud.keys.add(key)
    reader = Clients(front, key)
    with pytest.raises(Refused, match=rf"Forbidden\.RAM.*nas:{DELETE}") as caught:
        reader.nas().recycle_bin(volume.file_system_id).delete(file_id, "token-1", before=math.inf)
    assert_shows_no_secret(caught.value, key)
    assert len(reader.calls(DELETE)) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (AccessKey("LTAIunknown", "secret-of-none"), "InvalidAccessKeyId.NotFound"),
        (replace(TEST_KEY, secret="guessed-secret"), "SignatureDoesNotMatch"),
        (AccessKey("STS.temporary", "secret-of-sts", "token-of-yesterday"), "InvalidSecurityToken"),
        (AccessKey("STS.over", "secret-of-sts", "token-of-today"), "InvalidSecurityToken.Expired"),
    ],
    ids=["unknown", "wrong secret", "stale token", "expired"],
)
def test_a_key_that_is_not_right_is_refused_and_never_reads_as_something_gone(
    front: Front, clients: Clients, volume: FileSystem, key: AccessKey, code: str
) -> None:
    front.cloud.keys.add(AccessKey("STS.temporary", "secret-of-sts", "token-of-today"))
    front.cloud.keys.add(AccessKey("STS.over", "secret-of-sts", "token-of-today", active=False))
    with pytest.raises(Refused) as caught:
        Clients(front, key).nas().recycle_bin(volume.file_system_id).page(ROOT_ID)
    assert caught.value.code.startswith(code)
    assert_shows_no_secret(caught.value, key)
    assert len(clients.calls(LIST)) == 1


@pytest.mark.parametrize("status", [403, 503])
def test_an_error_that_quotes_a_request_is_told_without_the_quotation(
    front: Front, clients: Clients, volume: FileSystem, status: int
) -> None:
    front.cloud.keys.add(key := AccessKey("STS.temporary", "secret-of-sts", "token-of-today"))
    quoting = f"string to sign: {key.id} {key.secret} x-acs-security-token:{key.security_token}"
    clients.cloud.faults.add(Fault("nas", "*", "status", times=0, status=status, code="Odd", message=quoting))
    with pytest.raises(CloudError) as caught:
        Clients(front, key).nas().recycle_bin(volume.file_system_id).attributes()
    assert "string to sign" not in str(caught.value)
    assert_shows_no_secret(caught.value, key)


def test_a_key_of_the_file_systems_own_that_cannot_be_used_is_a_refusal(
    volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str
) -> None:
    volume.kms = "not-enabled"
    with pytest.raises(Refused, match="CMKNotEnabled"):
        recycle_bin.page(ROOT_ID)
    with pytest.raises(Refused, match="CMKNotEnabled"):
        recycle_bin.delete(file_id, "token-1", before=math.inf)
