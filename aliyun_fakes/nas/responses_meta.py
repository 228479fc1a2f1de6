"""Discovery and tags on the wire: DescribeFileSystems, TagResources, UntagResources, ListTagResources."""

from collections.abc import Mapping, Sequence

from aliyun_fakes.core.gateway import Answer
from aliyun_fakes.nas.entries import service_time
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.file_system import FileSystem
from aliyun_fakes.nas.models import NasModel
from aliyun_fakes.nas.parameters import PAGE_NUMBER, PAGE_SIZE, Parameters

FILE_SYSTEM_TYPES = ("all", "standard", "extreme", "cpfs", "cpfsse", "dcpfs", "bmcpfs")
FILE_SYSTEM = "filesystem"
RESOURCE_TYPES = (FILE_SYSTEM, "accesspoint")
MOST_RESOURCES, MOST_TAGS = 50, 20
LONGEST_TAG = 128
_RESERVED_BEGINNINGS = ("aliyun", "acs:")
_LINKS = ("http://", "https://")


def describe_file_systems(model: NasModel, parameters: Parameters) -> Answer:
    """DescribeFileSystems: the file systems that every given filter takes."""
    number, size = parameters.number(PAGE_NUMBER), parameters.number(PAGE_SIZE)
    if parameters.text("RegionId") not in ("", model.region):
        raise NasError("Region.NotSupported")
    file_system_id = parameters.text("FileSystemId")
    among = [model.file_system(file_system_id)] if file_system_id else list(model.file_systems.values())
    types, tags = _types(parameters), _checked_tags(parameters)
    found = [each for each in among if _is_wanted(each, parameters, types) and _carries(each, tags)]
    return {
        "TotalCount": len(found),
        "PageNumber": number,
        "PageSize": size,
        "FileSystems": {"FileSystem": [_described(each) for each in found[(number - 1) * size : number * size]]},
    }


def tag_resources(model: NasModel, parameters: Parameters) -> Answer:
    """TagResources: set tags; one that is there gets the new value (assumed: as for other services)."""
    resources, tags = _named(model, parameters), dict(_checked_tags(parameters))
    if not tags:
        raise NasError("MissingTag")
    for key, value in tags.items():
        _check_tag(key, value, empty_allowed=model.settings.empty_tag_value == "allowed")
    if any(len(each.tags | tags) > MOST_TAGS for each in resources):
        raise NasError("CustomTag.NumberExceed")
    for each in resources:
        each.tags.update(tags)
    return {}


def untag_resources(model: NasModel, parameters: Parameters) -> Answer:
    """UntagResources: remove tags by key; every one by ``All`` where no key is given (documented: SDK 3.7.5)."""
    resources, keys = _named(model, parameters), parameters.texts("TagKey")
    _check_list(keys, MOST_TAGS, "NumberExceed.Tags", "Duplicate.TagKey")
    everything = not keys and parameters.text("All").lower() == "true"
    for each in resources:
        for key in list(each.tags) if everything else keys:
            each.tags.pop(key, None)
    return {}


def list_tag_resources(model: NasModel, parameters: Parameters) -> Answer:
    """ListTagResources: tags of the named file systems, or of those with the given tags; unknown ids have none."""
    listed = _taggable(model, parameters)
    ids, tags = parameters.texts("ResourceId"), _checked_tags(parameters)
    if not ids and not tags:
        raise NasError("MissingParameter.ResourceIdOrTag")
    _check_resource_ids(ids)
    rows = [
        {"ResourceId": each.file_system_id, "ResourceType": FILE_SYSTEM, "TagKey": key, "TagValue": value}
        for each in listed.values()
        if (not ids or each.file_system_id in ids) and _carries(each, tags)
        for key, value in sorted(each.tags.items())
    ]
    start, step = _place(parameters.text("NextToken"), len(rows)), model.settings.tags_per_page
    following = str(start + step) if start + step < len(rows) else ""
    return {"NextToken": following, "TagResources": {"TagResource": rows[start : start + step]}}


def _types(parameters: Parameters) -> set[str]:
    types = set((parameters.text("FileSystemType") or "all").split(","))
    if not types <= set(FILE_SYSTEM_TYPES):
        raise NasError("InvalidFileSystemType")
    return types


def _is_wanted(file_system: FileSystem, parameters: Parameters, types: set[str]) -> bool:
    """By type, VPC and resource group. StorageType filters CPFS for Lingjun only (documented: SDK 3.7.5)."""
    profile = file_system.profile
    wanted = (
        (parameters.text("VpcId"), profile.vpc_id),
        (parameters.text("ResourceGroupId"), profile.resource_group_id),
    )
    return bool(types & {"all", profile.file_system_type}) and all(want in ("", has) for want, has in wanted)


def _carries(file_system: FileSystem, tags: Sequence[tuple[str, str]]) -> bool:
    """Whether a file system has all these tags; one without a value asks for the key alone (both assumed)."""
    return all(key in file_system.tags and value in ("", file_system.tags[key]) for key, value in tags)


def _described(file_system: FileSystem) -> dict[str, object]:
    """An element of DescribeFileSystems; usage includes the bin (documented: General-purpose NAS page)."""
    profile = file_system.profile
    return {
        "FileSystemId": profile.file_system_id,
        "FileSystemType": profile.file_system_type,
        "ProtocolType": profile.protocol,
        "StorageType": profile.storage_type,
        "Status": profile.status,
        "EncryptType": profile.encrypt_type,
        "KMSKeyId": profile.kms_key_id,
        "MeteredSize": file_system.live_size + file_system.bin_size,
        "MeteredIASize": file_system.secondary_size,
        "MeteredArchiveSize": file_system.archive_size,
        "RegionId": profile.region,
        "ResourceGroupId": profile.resource_group_id,
        "VpcId": profile.vpc_id,
        "Description": profile.description,
        "CreateTime": service_time(file_system.created_at),
        "SupportedFeatures": {"SupportedFeature": ["Lifecycle", "ACL"]},
        "Tags": {"Tag": [{"Key": key, "Value": value} for key, value in sorted(file_system.tags.items())]},
    }


def _named(model: NasModel, parameters: Parameters) -> list[FileSystem]:
    """The file systems named by ResourceId.N, all of which must be there."""
    among, ids = _taggable(model, parameters), parameters.texts("ResourceId")
    if not ids:
        raise NasError("MissingParameter.ResourceIds")
    _check_resource_ids(ids)
    if not among.keys() >= set(ids):
        raise NasError("InvalidResourceId.NotFound")
    return [among[each] for each in ids]


def _taggable(model: NasModel, parameters: Parameters) -> Mapping[str, FileSystem]:
    """What there is of the given type, by id; the fake has no access points."""
    kind = parameters.demand("ResourceType")
    if kind not in RESOURCE_TYPES:
        raise NasError("InvalidResourceType")
    return model.file_systems if kind == FILE_SYSTEM else {}


def _check_resource_ids(ids: Sequence[str]) -> None:
    if "" in ids:
        raise NasError("MissingParameter.ResourceIds")
    _check_list(ids, MOST_RESOURCES, "NumberExceed.ResourceIds", "Duplicate.ResourceId")


def _checked_tags(parameters: Parameters) -> list[tuple[str, str]]:
    tags = parameters.pairs("Tag")
    _check_list([key for key, _ in tags], MOST_TAGS, "NumberExceed.Tags", "Duplicate.TagKey")
    return tags


def _check_list(items: Sequence[str], most: int, too_many: str, duplicate: str) -> None:
    if len(items) > most:
        raise NasError(too_many)
    if len(set(items)) < len(items):
        raise NasError(duplicate)


def _check_tag(key: str, value: str, *, empty_allowed: bool) -> None:
    if not _is_tag_text(key) or not key:
        raise NasError("InvalidParameter.TagKey")
    if not value and not empty_allowed:
        raise NasError("OperationDenied.KeyValueNotNull")
    if not _is_tag_text(value):
        raise NasError("InvalidParameter.TagValue")


def _is_tag_text(text: str) -> bool:
    """At most 128 characters, no reserved beginning, no link (documented: TagResources page)."""
    return (
        len(text) <= LONGEST_TAG
        and not text.startswith(_RESERVED_BEGINNINGS)
        and not any(link in text for link in _LINKS)
    )


def _place(token: str, rows: int) -> int:
    if not token:
        return 0
    if not (token.isascii() and token.isdigit() and 0 < int(token[:9]) < rows):
        raise NasError("InvalidNextToken")
    return int(token)
