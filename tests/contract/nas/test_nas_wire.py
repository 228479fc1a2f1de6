"""The gateway in front of NAS: where parameters may be, formats, the SDK's two signatures, permissions and limits."""

from xml.etree import ElementTree as ET

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import NasSettings
from tests.contract.fronts import Front
from tests.contract.nas.raw import Raw
from tests.contract.nas.stage import Sdk, Stage

TEMPORARY = AccessKey("STS.temporary", "secret", security_token="token")


def test_action_version_and_parameters_may_come_in_the_form(stage: Stage, raw: Raw) -> None:
    by_v2 = raw.v2({"FileSystemId": stage.id, "Action": "GetRecycleBinAttribute"}, method="POST", as_form=True)
    by_v3 = raw.v3(
        method="POST",
        headers={"x-acs-action": None, "x-acs-version": None},
        form={"Action": "GetRecycleBinAttribute", "Version": "2017-06-26", "FileSystemId": stage.id},
    )
    assert by_v2.json()["RecycleBinAttribute"] == by_v3.json()["RecycleBinAttribute"]
    assert by_v2.json()["RecycleBinAttribute"]["Size"] == 705


def test_an_action_in_the_query_is_enough_for_v3(stage: Stage, raw: Raw) -> None:
    query = {"Action": "GetRecycleBinAttribute", "Version": "2017-06-26", "FileSystemId": stage.id}
    assert raw.v3(query, headers={"x-acs-action": None, "x-acs-version": None}).status_code == 200


def test_the_region_is_tolerated_but_only_the_right_one_described(stage: Stage, raw: Raw) -> None:
    bin_of = {"x-acs-action": "GetRecycleBinAttribute"}
    elsewhere = {"RegionId": "cn-beijing"}
    assert raw.v3({"FileSystemId": stage.id} | elsewhere, headers=bin_of).status_code == 200
    assert raw.v3({"RegionId": "cn-hangzhou"}).status_code == 200
    reply = raw.v3(elsewhere)
    assert (reply.status_code, reply.json()["Code"]) == (400, "Region.NotSupported")
    assert reply.json()["Message"] == "The specified Region is not supported for this API now."


@pytest.mark.parametrize("ask", ["Format", "Accept"])
def test_answers_come_in_xml_when_asked(stage: Stage, raw: Raw, ask: str) -> None:
    query = {"FileSystemId": stage.id, "FileId": stage.docs} | ({"Format": "XML"} if ask == "Format" else {})
    headers: dict[str, str | None] = {"x-acs-action": "ListRecycledDirectoriesAndFiles"}
    reply = raw.v3(query, headers=headers | ({"accept": "application/xml"} if ask == "Accept" else {"accept": "*/*"}))
    assert reply.headers["Content-Type"] == "text/xml;charset=utf-8"
    document = ET.fromstring(reply.text)  # noqa: S314 - the fake's own
    assert document.tag == "ListRecycledDirectoriesAndFilesResponse"
    assert [each.findtext("Name") for each in document.findall("Entries")] == ["old.txt", "sub"]


def test_errors_come_in_xml_when_asked(raw: Raw) -> None:
    document = ET.fromstring(raw.v3({"Format": "XML", "PageSize": "0"}).text)  # noqa: S314 - the fake's own
    assert document.tag == "Error"
    assert [document.findtext(name) for name in ("Code", "Message")] == [
        "InvalidPageSize",
        "Specified parameter PageSize is not valid.",
    ]


def test_json_is_what_comes_unasked(raw: Raw) -> None:
    assert raw.v3(headers={"accept": "*/*"}).headers["Content-Type"] == "application/json;charset=utf-8"


@pytest.mark.parametrize("algorithm", ["v2", None])
def test_the_sdk_signs_by_both_algorithms(front: Front, stage: Stage, algorithm: str | None) -> None:
    sdk = Sdk(front.nas_client(signature_algorithm=algorithm))
    stage.file_system.recycle("/a b/~c+ü&x=1%20.txt")
    listed = sdk("ListRecycledDirectoriesAndFiles", FileSystemId=stage.id, FileId=stage.file_system.mkdir("/a b"))
    assert [entry["Name"] for entry in listed["Entries"]] == ["~c+ü&x=1%20.txt"]
    sdk(
        "TagResources",
        ResourceType="filesystem",
        ResourceId=[stage.id],
        Tag=[{"Key": "ä ö+~*", "Value": "a/b c=%26&d"}],
    )
    assert stage.file_system.tags["ä ö+~*"] == "a/b c=%26&d"


@pytest.mark.parametrize("algorithm", ["v2", None])
def test_a_temporary_key_works_with_its_token(front: Front, algorithm: str | None) -> None:
    front.cloud.keys.add(TEMPORARY)
    sdk = Sdk(front.nas_client(key=TEMPORARY, signature_algorithm=algorithm))
    assert sdk("DescribeFileSystems")["TotalCount"] == 0


def test_the_sdk_sees_which_permission_is_missing(front: Front, stage: Stage) -> None:
    key = AccessKey("LTAIpurger", "secret", denied=frozenset({"nas:CancelRecycleBinJob"}))
    front.cloud.keys.add(key)
    sdk = Sdk(front.nas_client(key=key))
    job_id = sdk("CreateRecycleBinDeleteJob", FileSystemId=stage.id, FileId=stage.old)["JobId"]
    with pytest.raises(AlibabaCloudException) as refusal:
        sdk("CancelRecycleBinJob", JobId=job_id)
    assert (refusal.value.status_code, refusal.value.code) == (403, "Forbidden.RAM")
    assert refusal.value.data["AccessDeniedDetail"]["AuthAction"] == "nas:CancelRecycleBinJob"


def test_an_identity_that_calls_too_often_rests_until_the_next_full_minute(front: Front, stage: Stage) -> None:
    front.cloud.nas.settings = NasSettings(calls_per_minute=3)
    other = AccessKey("LTAIother", "secret")
    front.cloud.keys.add(other)
    stage.later(60 - front.clock.now() % 60)
    sdk = Sdk(front.nas_client())
    for _ in range(3):
        sdk("DescribeFileSystems")
    assert sdk.refusal("DescribeFileSystems")[:2] == (400, "Throttling.User")
    assert Sdk(front.nas_client(key=other))("DescribeFileSystems")["TotalCount"] == 1
    stage.later(60 - front.clock.now() % 60)
    assert sdk("DescribeFileSystems")["TotalCount"] == 1


def test_a_throttling_fault_looks_like_the_real_thing(front: Front) -> None:
    front.cloud.faults.add(Fault("nas", "DescribeFileSystems", kind="throttle"))
    sdk = Sdk(front.nas_client())
    assert sdk.refusal("DescribeFileSystems")[:2] == (400, "Throttling.User")
    assert sdk("DescribeFileSystems")["TotalCount"] == 0


def test_request_ids_are_new_for_every_answer(raw: Raw) -> None:
    ids = {raw.v3().json()["RequestId"], raw.v3({"PageSize": "0"}).json()["RequestId"]}
    assert len(ids) == 2


def test_a_listing_takes_longer_than_another_call(front: Front, stage: Stage, sdk: Sdk) -> None:
    start = front.clock.now()
    sdk("GetRecycleBinAttribute", FileSystemId=stage.id)
    between = front.clock.now()
    sdk("ListRecentlyRecycledDirectories", FileSystemId=stage.id)
    assert between - start == pytest.approx(0.08)
    assert front.clock.now() - between == pytest.approx(0.2)
