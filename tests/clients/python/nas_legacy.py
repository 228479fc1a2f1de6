"""aliyun-python-sdk-core with aliyun-python-sdk-nas: the legacy core and its NAS requests."""

import json
from types import ModuleType
from typing import Any

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from aliyunsdknas.request.v20170626 import (
    CreateRecycleBinDeleteJobRequest,
    GetRecycleBinAttributeRequest,
    ListRecentlyRecycledDirectoriesRequest,
    ListRecycleBinJobsRequest,
    ListRecycledDirectoriesAndFilesRequest,
    UpdateRecycleBinAttributeRequest,
)

from tests.clients.python import harness
from tests.clients.python.harness import case, refused, same

AT = harness.where()


def client(secret: str = AT.secret) -> AcsClient:
    """A client of the region."""
    return AcsClient(AT.key_id, secret, AT.region)


def ask(module: ModuleType, acs: AcsClient | None = None, **parameters: object) -> dict[str, Any]:
    """Send one request of a module to the fake and return its answer."""
    name = module.__name__.rpartition(".")[2]
    request = getattr(module, name)()
    request.set_endpoint(AT.address)
    request.set_protocol_type("http")
    for key, value in ({"FileSystemId": AT.file_system} | parameters).items():
        getattr(request, f"set_{key}")(value)
    answer: dict[str, Any] = json.loads((acs or client()).do_action_with_exception(request))
    return answer


@case
def look_at_the_bin() -> None:
    same(ask(GetRecycleBinAttributeRequest)["RecycleBinAttribute"]["Status"], "Enable")


@case
def keep_entries_longer() -> None:
    ask(UpdateRecycleBinAttributeRequest, ReservedDays=20)
    same(ask(GetRecycleBinAttributeRequest)["RecycleBinAttribute"]["ReservedDays"], 20)


@case
def list_the_root_of_the_bin() -> None:
    assert ask(ListRecycledDirectoriesAndFilesRequest, FileId="2", MaxResults=100)["Entries"]


@case
def list_where_something_was_deleted() -> None:
    assert ask(ListRecentlyRecycledDirectoriesRequest, MaxResults=10)["Entries"]


@case
def delete_an_entry_for_good() -> None:
    first = ask(ListRecycledDirectoriesAndFilesRequest, FileId="2", MaxResults=100)["Entries"][0]
    job = ask(CreateRecycleBinDeleteJobRequest, FileId=first["FileId"], ClientToken="legacy")["JobId"]
    assert job in [each["Id"] for each in ask(ListRecycleBinJobsRequest)["Jobs"]]


@case
def a_wrong_secret_is_told_from_a_wrong_request() -> None:
    try:
        ask(GetRecycleBinAttributeRequest, client("wrong"))
    except ServerException as error:
        same(error.get_error_code(), "InvalidAccessKeySecret")  # the core's own word when the texts signed are equal
        return
    raise AssertionError("not refused")


@case
def a_common_request_works_too() -> None:
    request = CommonRequest()
    request.set_domain(AT.address)
    request.set_version("2017-06-26")
    request.set_action_name("GetRecycleBinAttribute")
    request.set_method("POST")
    request.set_protocol_type("http")
    request.add_query_param("FileSystemId", AT.file_system)
    same(json.loads(client().do_action_with_exception(request))["RecycleBinAttribute"]["Status"], "Enable")


@case
def what_the_fake_lacks_is_refused_by_name() -> None:
    request = CommonRequest()
    request.set_domain(AT.address)
    request.set_version("2017-06-26")
    request.set_action_name("DescribeMountTargets")
    request.set_protocol_type("http")
    refused(lambda: client().do_action_with_exception(request), "the fake does not have DescribeMountTargets")


@case
def another_service_is_refused_by_its_action() -> None:
    request = CommonRequest()
    request.set_domain(AT.address)
    request.set_version("2014-05-26")
    request.set_action_name("DescribeInstances")
    request.set_protocol_type("http")
    refused(lambda: client().do_action_with_exception(request), "no fake service takes", "DescribeInstances")


if __name__ == "__main__":
    harness.run()
