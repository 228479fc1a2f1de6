"""DescribeFileSystems and the tag operations through the official SDK, over both fronts."""

import re
from typing import Any

import pytest

from aliyun_fakes.nas import NasSettings, Profile
from tests.contract.nas.stage import Sdk, Stage

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_a_file_system_is_described_with_its_tags_and_its_usage(stage: Stage, sdk: Sdk) -> None:
    reply = sdk("DescribeFileSystems")
    assert (reply["TotalCount"], reply["PageNumber"], reply["PageSize"]) == (1, 1, 10)
    (found,) = reply["FileSystems"]["FileSystem"]
    assert found["FileSystemId"] == stage.id
    assert (found["FileSystemType"], found["Status"], found["RegionId"]) == ("standard", "Running", "cn-hangzhou")
    assert found["MeteredSize"] == 30 + 705
    assert found["Tags"] == {"Tag": [{"Key": "team", "Value": "storage"}]}
    assert TIME.fullmatch(found["CreateTime"])
    assert "RecycleBin" not in found["SupportedFeatures"]["SupportedFeature"]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"FileSystemType": "extreme"}, ["extreme-1"]),
        ({"FileSystemType": "standard,extreme"}, ["1ca4040000", "extreme-1"]),
        ({"FileSystemType": "all", "PageSize": 1, "PageNumber": 2}, ["extreme-1"]),
        ({"FileSystemId": "1ca4040000"}, ["1ca4040000"]),
        ({"Tag": [{"Key": "team", "Value": "storage"}]}, ["1ca4040000"]),
        ({"Tag": [{"Key": "team"}]}, ["1ca4040000"]),
        ({"Tag": [{"Key": "team", "Value": "other"}]}, []),
        ({"VpcId": "vpc-1"}, ["extreme-1"]),
        ({"ResourceGroupId": "rg-1"}, ["extreme-1"]),
        ({"StorageType": "advance_100"}, ["1ca4040000", "extreme-1"]),
    ],
    ids=str,
)
def test_file_systems_are_found_by_filters(stage: Stage, sdk: Sdk, filters: dict[str, Any], ids: list[str]) -> None:
    profile = Profile("extreme-1", file_system_type="extreme", vpc_id="vpc-1", resource_group_id="rg-1")
    stage.model.create_file_system(profile=profile)
    found = sdk("DescribeFileSystems", **filters)["FileSystems"]["FileSystem"]
    assert [each["FileSystemId"] for each in found] == ids


def test_tags_can_be_set_replaced_listed_and_removed(stage: Stage, sdk: Sdk) -> None:
    resource = {"ResourceType": "filesystem", "ResourceId": [stage.id]}
    sdk("TagResources", **resource, Tag=[{"Key": "hold", "Value": "yes"}, {"Key": "team", "Value": "new & <b>"}])
    reply = sdk("ListTagResources", **resource)
    assert reply["NextToken"] == ""
    assert reply["TagResources"]["TagResource"] == [
        {"ResourceId": stage.id, "ResourceType": "filesystem", "TagKey": "hold", "TagValue": "yes"},
        {"ResourceId": stage.id, "ResourceType": "filesystem", "TagKey": "team", "TagValue": "new & <b>"},
    ]
    sdk("UntagResources", **resource, TagKey=["hold", "never-set"])
    assert stage.file_system.tags == {"team": "new & <b>"}


def test_all_tags_go_only_when_asked_and_without_keys(stage: Stage, sdk: Sdk) -> None:
    resource = {"ResourceType": "filesystem", "ResourceId": [stage.id]}
    sdk("UntagResources", **resource)
    sdk("UntagResources", **resource, All=True, TagKey=["other"])
    assert stage.file_system.tags == {"team": "storage"}
    sdk("UntagResources", **resource, All=True)
    assert stage.file_system.tags == {}


def test_tagged_resources_are_found_by_tag_and_in_pages(stage: Stage, sdk: Sdk) -> None:
    stage.model.settings = NasSettings(tags_per_page=2)
    stage.file_system.tags |= {"a": "1", "b": "2"}
    stage.model.create_file_system(tags={"a": "other"})
    wanted = {"ResourceType": "filesystem", "Tag": [{"Key": "team", "Value": "storage"}]}
    first = sdk("ListTagResources", **wanted)
    second = sdk("ListTagResources", **wanted, NextToken=first["NextToken"])
    rows = first["TagResources"]["TagResource"] + second["TagResources"]["TagResource"]
    assert [(row["ResourceId"], row["TagKey"]) for row in rows] == [(stage.id, key) for key in ("a", "b", "team")]
    assert second["NextToken"] == ""


def test_there_are_no_access_points_to_tag(stage: Stage, sdk: Sdk) -> None:
    access_point = {"ResourceType": "accesspoint", "ResourceId": [stage.id]}
    assert sdk("ListTagResources", **access_point)["TagResources"]["TagResource"] == []
    assert sdk.refusal("UntagResources", **access_point)[1] == "InvalidResourceId.NotFound"
