"""alibabacloud-nas20170626, the typed NAS SDK: methods that wait, and methods that do not."""

import asyncio
from typing import Any

from alibabacloud_nas20170626 import models as m
from alibabacloud_nas20170626.client import Client
from alibabacloud_tea_openapi.models import Config

from tests.clients.python import harness
from tests.clients.python.harness import case, refused, same

AT = harness.where()
FS = AT.file_system


def client(secret: str = AT.secret) -> Client:
    """A client whose endpoint is the fake's address."""
    return Client(Config(access_key_id=AT.key_id, access_key_secret=secret, endpoint=AT.address, protocol="HTTP"))


NAS = client()


def aged(*, asynchronously: bool = False) -> Any:  # noqa: ANN401 - the SDK has no types
    """What the bin's root shows."""
    request = m.ListRecycledDirectoriesAndFilesRequest(file_system_id=FS, file_id="2", max_results=100)
    if asynchronously:
        return asyncio.run(NAS.list_recycled_directories_and_files_async(request)).body.entries
    return NAS.list_recycled_directories_and_files(request).body.entries


@case
def look_at_the_bin() -> None:
    attribute = NAS.get_recycle_bin_attribute(m.GetRecycleBinAttributeRequest(file_system_id=FS)).body
    same(attribute.recycle_bin_attribute.status, "Enable")


@case
def look_at_the_bin_without_waiting() -> None:
    request = m.GetRecycleBinAttributeRequest(file_system_id=FS)
    attribute = asyncio.run(NAS.get_recycle_bin_attribute_async(request)).body
    same(attribute.recycle_bin_attribute.status, "Enable")


@case
def keep_entries_longer() -> None:
    NAS.update_recycle_bin_attribute(m.UpdateRecycleBinAttributeRequest(file_system_id=FS, reserved_days=30))
    attribute = NAS.get_recycle_bin_attribute(m.GetRecycleBinAttributeRequest(file_system_id=FS)).body
    same(attribute.recycle_bin_attribute.reserved_days, 30)


@case
def list_the_root_of_the_bin() -> None:
    assert aged()
    same([each.file_id for each in aged()], [each.file_id for each in aged(asynchronously=True)])


@case
def list_page_by_page() -> None:
    found, token = [], ""
    for _ in range(20):
        request = m.ListRecycledDirectoriesAndFilesRequest(
            file_system_id=FS, file_id="2", max_results=10, next_token=token
        )
        body = NAS.list_recycled_directories_and_files(request).body
        found += [each.file_id for each in body.entries]
        token = body.next_token
        if not token:
            break
    same(found, [each.file_id for each in aged()])


@case
def list_where_something_was_deleted() -> None:
    request = m.ListRecentlyRecycledDirectoriesRequest(file_system_id=FS, max_results=100)
    assert NAS.list_recently_recycled_directories(request).body.entries
    assert asyncio.run(NAS.list_recently_recycled_directories_async(request)).body.entries


def ended(job_id: str) -> None:
    """Wait until a job has ended."""
    request = m.ListRecycleBinJobsRequest(file_system_id=FS, job_id=job_id)
    harness.eventually(
        lambda: [each.status for each in NAS.list_recycle_bin_jobs(request).body.jobs],
        lambda found: found != ["Running"],
    )


@case
def delete_an_entry_for_good() -> None:
    gone = aged()[-1].file_id
    request = m.CreateRecycleBinDeleteJobRequest(file_system_id=FS, file_id=gone, client_token="t1")
    job_id = NAS.create_recycle_bin_delete_job(request).body.job_id
    same(NAS.create_recycle_bin_delete_job(request).body.job_id, job_id)
    ended(job_id)
    assert gone not in [each.file_id for each in aged()]


@case
def restore_an_entry_without_waiting() -> None:
    back = aged()[-1].file_id
    request = m.CreateRecycleBinRestoreJobRequest(file_system_id=FS, file_id=back, target_file_id="2")
    ended(asyncio.run(NAS.create_recycle_bin_restore_job_async(request)).body.job_id)
    assert back not in [each.file_id for each in aged()]


@case
def list_jobs_by_status() -> None:
    request = m.ListRecycleBinJobsRequest(file_system_id=FS, status="Success", page_size=10, page_number=1)
    body = asyncio.run(NAS.list_recycle_bin_jobs_async(request)).body
    assert body.total_count >= 2
    same({each.status for each in body.jobs}, {"Success"})


@case
def a_job_that_is_not_there_cannot_be_cancelled() -> None:
    refused(lambda: NAS.cancel_recycle_bin_job(m.CancelRecycleBinJobRequest(job_id="rb-absent")), "404")


@case
def find_the_file_system() -> None:
    body = NAS.describe_file_systems(m.DescribeFileSystemsRequest(file_system_id=FS)).body
    (found,) = body.file_systems.file_system
    same((found.file_system_id, found.file_system_type, found.status), (FS, "standard", "Running"))


@case
def tag_the_file_system() -> None:
    tag = m.TagResourcesRequestTag(key="owner", value="finance")
    NAS.tag_resources(m.TagResourcesRequest(resource_type="filesystem", resource_id=[FS], tag=[tag]))
    listing = m.ListTagResourcesRequest(resource_type="filesystem", resource_id=[FS])
    (found,) = NAS.list_tag_resources(listing).body.tag_resources.tag_resource
    same((found.tag_key, found.tag_value), ("owner", "finance"))
    NAS.untag_resources(m.UntagResourcesRequest(resource_type="filesystem", resource_id=[FS], tag_key=["owner"]))
    same(NAS.list_tag_resources(listing).body.tag_resources.tag_resource, [])


@case
def a_wrong_secret_is_refused() -> None:
    request = m.GetRecycleBinAttributeRequest(file_system_id=FS)
    refused(lambda: client("wrong").get_recycle_bin_attribute(request), "SignatureDoesNotMatch")


@case
def a_file_system_that_is_not_there_is_refused() -> None:
    request = m.GetRecycleBinAttributeRequest(file_system_id="1absent000")
    refused(lambda: NAS.get_recycle_bin_attribute(request), "InvalidFileSystem.NotFound")


@case
def what_the_fake_lacks_is_refused_by_name() -> None:
    mounts = m.DescribeMountTargetsRequest(file_system_id=FS)
    refused(lambda: NAS.describe_mount_targets(mounts), "the fake does not have DescribeMountTargets")
    zones = m.DescribeZonesRequest()
    refused(lambda: NAS.describe_zones(zones), "the fake does not have DescribeZones")


@case
def empty_the_bin() -> None:
    NAS.disable_and_clean_recycle_bin(m.DisableAndCleanRecycleBinRequest(file_system_id=FS))
    NAS.enable_recycle_bin(m.EnableRecycleBinRequest(file_system_id=FS, reserved_days=7))
    same(aged(), [])


if __name__ == "__main__":
    harness.run()
