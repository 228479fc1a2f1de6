"""Every documented and assumed error of every operation, provoked through the official SDK over both fronts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from aliyun_fakes.nas import Profile
from aliyun_fakes.nas.errors import NasError
from tests.contract.nas.stage import Sdk, Stage

Provocation = Callable[[Stage], dict[str, Any]]

EXPECTED: dict[str, tuple[int, str]] = {
    "IllegalCharacters": (400, "The parameter contains illegal characters."),
    "MissingFileSystemId": (400, "FileSystemId is mandatory for this action."),
    "InvalidFileSystem.NotFound": (404, "The specified file system does not exist."),
    "InvalidFileSystemId": (400, "Specified parameter FileSystemId is not valid."),
    "OperationDenied.RecycleBinEnabled": (403, "The recycle bin is already enabled."),
    "OperationDenied.RecycleBinDisabled": (403, "The operation is denied because the recycle bin is disabled."),
    "InvalidParameter.KMSKeyId.KMSUnauthorized": (400, "KMS is not authorized."),
    "InvalidParameter.KMSKeyId.CMKNotEnabled": (400, "The CMK needs to be enabled."),
    "InvalidParameter.InvalidNextToken": (404, "The specified NextToken is invaild."),
    "InvalidFileId.NotFound": (404, "The specified FileId(404) does not exist."),
    "MissingFileId": (400, "FileId is mandatory for this action."),
    "OperationDenied.TooManyRunningJobs": (
        403,
        "The maximum number of running job is one. Please try again later.",
    ),
    "OperationDenied.Conflict": (403, "The operation is in conflict with ({job}). Please try again later."),
    "MissingTargetFileId": (400, "TargetFileId is mandatory for this action."),
    "InvalidTargetFileId.NotDirectory": (403, "The specified TargetFileId({live}) is not directory."),
    "InvalidTargetFileId.NotFound": (404, "The specified TargetFileId(404) does not exist."),
    "MissingJobId": (400, "JobId is mandatory for this action."),
    "InvalidJobId.NotFound": (404, "The specified JobId(404) does not exist."),
    "InvalidStatus": (400, "Specified parameter Status is not valid."),
    "InvalidMaxResults": (400, "Specified parameter MaxResults is not valid."),
    "InvalidPageNumber": (400, "Specified parameter PageNumber is not valid."),
    "InvalidPageSize": (400, "Specified parameter PageSize is not valid."),
    "InvalidReservedDays": (400, "Specified parameter ReservedDays is not valid."),
    "MissingReservedDays": (400, "ReservedDays is mandatory for this action."),
    "InvalidClientToken": (400, "Specified parameter ClientToken is not valid."),
    "IdempotentParameterMismatch": (
        400,
        "The request uses the same client token as a previous, but non-identical request.",
    ),
    "InvalidFileSystemType": (400, "Specified parameter FileSystemType is not valid."),
    "Region.NotSupported": (400, "The specified Region is not supported for this API now."),
    "MissingResourceType": (400, "ResourceType is mandatory for this action."),
    "InvalidResourceType": (400, "Specified parameter ResourceType is not valid."),
    "MissingParameter.ResourceIds": (400, "You must specify ResourceIds."),
    "NumberExceed.ResourceIds": (400, "The maximum number of ResourceIds is exceeded. The maximum is 50."),
    "Duplicate.ResourceId": (400, "The request contains duplicated ResourceId."),
    "NumberExceed.Tags": (400, "The maximum number of Tags is exceeded. The maximum is 20."),
    "Duplicate.TagKey": (400, "The Tag.N.Key contains a duplicated key."),
    "InvalidResourceId.NotFound": (400, "The specified ResourceIds are not found in our records."),
    "MissingTag": (400, "Tag is mandatory for this action."),
    "InvalidParameter.TagKey": (400, "The specified Tag.n.Key is invalid."),
    "InvalidParameter.TagValue": (400, "The specified Tag.n.Value is invalid."),
    "CustomTag.NumberExceed": (400, "The maximum number of tags for each resource is 20."),
    "OperationDenied.KeyValueNotNull": (403, "The key value cannot be null."),
    "MissingParameter.ResourceIdOrTag": (400, "Either ResourceId or Tag must be specified."),
    "InvalidNextToken": (400, "The NextToken is invalid."),
}

BIN_OPERATIONS = (
    "EnableRecycleBin",
    "DisableAndCleanRecycleBin",
    "UpdateRecycleBinAttribute",
    "GetRecycleBinAttribute",
)
LISTINGS = ("ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles")
CREATIONS = ("CreateRecycleBinDeleteJob", "CreateRecycleBinRestoreJob")
TAGGING = ("TagResources", "UntagResources", "ListTagResources")


def good(operation: str, stage: Stage) -> dict[str, Any]:
    """Parameters that the operation accepts."""
    of_file_system: dict[str, Any] = {"FileSystemId": stage.id}
    resource: dict[str, Any] = {"ResourceType": "filesystem", "ResourceId": [stage.id]}
    return {
        "UpdateRecycleBinAttribute": of_file_system | {"ReservedDays": 7},
        "ListRecycledDirectoriesAndFiles": of_file_system | {"FileId": "2"},
        "CreateRecycleBinDeleteJob": of_file_system | {"FileId": stage.old},
        "CreateRecycleBinRestoreJob": of_file_system | {"FileId": stage.old, "TargetFileId": "2"},
        "CancelRecycleBinJob": {"JobId": "404"},
        "TagResources": resource | {"Tag": [{"Key": "owner", "Value": "me"}]},
        "UntagResources": resource | {"TagKey": ["team"]},
        "ListTagResources": resource,
    }.get(operation, of_file_system)


def with_changes(operation: str, **changes: Any) -> Provocation:  # noqa: ANN401 - any JSON value
    """Good parameters, but for these; None leaves one out."""

    def parameters(stage: Stage) -> dict[str, Any]:
        return {name: value for name, value in (good(operation, stage) | changes).items() if value is not None}

    return parameters


def after(operation: str, act: Callable[[Stage], object], **changes: Any) -> Provocation:  # noqa: ANN401 - as above
    """Good parameters, but for these, once something has happened."""

    def parameters(stage: Stage) -> dict[str, Any]:
        act(stage)
        return with_changes(operation, **changes)(stage)

    return parameters


def key_state(state: str) -> Callable[[Stage], None]:
    return lambda stage: setattr(stage.file_system, "kms", state)


def switched(**switches: Any) -> Callable[[Stage], None]:  # noqa: ANN401 - as NasSettings has them
    return lambda stage: setattr(stage.model, "settings", replace(stage.model.settings, **switches))


def switched_off_and_refusing(stage: Stage) -> None:
    stage.file_system.settings = replace(stage.file_system.settings, list_while_disabled="refused")
    stage.file_system.disable()


def extreme(operation: str) -> Provocation:
    def parameters(stage: Stage) -> dict[str, Any]:
        switched(ineligible="invalid")(stage)
        stage.model.create_file_system(profile=Profile("extreme-1", file_system_type="extreme"))
        return good(operation, stage) | {"FileSystemId": "extreme-1"}

    return parameters


def other_job(stage: Stage) -> None:
    stage.file_system.delete_job(stage.sub)


def same_job(stage: Stage) -> None:
    stage.file_system.delete_job(stage.old)


def used_token(operation: str) -> Provocation:
    """A token that created a job for another object."""

    def parameters(stage: Stage) -> dict[str, Any]:
        given = {name: str(value) for name, value in good(operation, stage).items()}
        first = given | {"FileId": stage.inner}
        stage.model.create_job(operation, stage.file_system, first, "token")
        return given | {"ClientToken": "token"}

    return parameters


def finished_job(stage: Stage) -> dict[str, Any]:
    stage.file_system.settings = replace(stage.file_system.settings, cancel_finished="conflict")
    job = stage.file_system.delete_job(stage.old)
    stage.later()
    return {"JobId": job.id}


def crowded(stage: Stage) -> None:
    stage.file_system.tags = {f"k{number}": "v" for number in range(20)}


def _of_file_systems() -> Iterator[tuple[str, str, Provocation]]:
    for name in (*BIN_OPERATIONS, *LISTINGS, *CREATIONS, "ListRecycleBinJobs"):
        yield name, "IllegalCharacters", with_changes(name, FileSystemId="1ca404\n0000")
        yield name, "MissingFileSystemId", with_changes(name, FileSystemId=None)
        yield name, "InvalidFileSystem.NotFound", with_changes(name, FileSystemId="1ca404ffff")
        yield name, "InvalidFileSystemId", extreme(name)


def _of_bins() -> Iterator[tuple[str, str, Provocation]]:
    yield "EnableRecycleBin", "OperationDenied.RecycleBinEnabled", with_changes("EnableRecycleBin")
    for name in ("EnableRecycleBin", "UpdateRecycleBinAttribute"):
        yield name, "InvalidReservedDays", with_changes(name, ReservedDays=181)
    yield (
        "UpdateRecycleBinAttribute",
        "MissingReservedDays",
        with_changes("UpdateRecycleBinAttribute", ReservedDays=None),
    )
    for name in ("DisableAndCleanRecycleBin", "UpdateRecycleBinAttribute", *CREATIONS):
        yield name, "OperationDenied.RecycleBinDisabled", after(name, lambda stage: stage.file_system.disable())


def _of_listings() -> Iterator[tuple[str, str, Provocation]]:
    for name in LISTINGS:
        yield name, "InvalidParameter.InvalidNextToken", with_changes(name, NextToken="1256****25")
        yield name, "InvalidMaxResults", with_changes(name, MaxResults=9)
        yield name, "OperationDenied.RecycleBinDisabled", after(name, switched_off_and_refusing)
    for name in (*LISTINGS, *CREATIONS):
        yield name, "InvalidParameter.KMSKeyId.KMSUnauthorized", after(name, key_state("unauthorized"))
        yield name, "InvalidParameter.KMSKeyId.CMKNotEnabled", after(name, key_state("not-enabled"))
    for name in ("ListRecycledDirectoriesAndFiles", *CREATIONS):
        yield name, "MissingFileId", with_changes(name, FileId=None)
        yield name, "InvalidFileId.NotFound", with_changes(name, FileId="404")


def _of_jobs() -> Iterator[tuple[str, str, Provocation]]:
    for name in CREATIONS:
        yield name, "OperationDenied.TooManyRunningJobs", after(name, other_job)
        yield name, "OperationDenied.Conflict", after(name, same_job)
        yield name, "InvalidClientToken", with_changes(name, ClientToken="t" * 65)
        yield name, "IdempotentParameterMismatch", used_token(name)
    restore = "CreateRecycleBinRestoreJob"
    yield restore, "MissingTargetFileId", with_changes(restore, TargetFileId=None)
    yield restore, "InvalidTargetFileId.NotFound", with_changes(restore, TargetFileId="404")
    yield restore, "InvalidTargetFileId.NotDirectory", lambda stage: good(restore, stage) | {"TargetFileId": stage.live}
    cancel, jobs = "CancelRecycleBinJob", "ListRecycleBinJobs"
    yield cancel, "IllegalCharacters", with_changes(cancel, JobId="<>")
    yield cancel, "MissingJobId", with_changes(cancel, JobId=None)
    yield cancel, "InvalidJobId.NotFound", with_changes(cancel)
    yield cancel, "OperationDenied.Conflict", finished_job
    yield jobs, "InvalidJobId.NotFound", with_changes(jobs, JobId="404")
    yield jobs, "InvalidStatus", with_changes(jobs, Status="Failed")


def _of_pages() -> Iterator[tuple[str, str, Provocation]]:
    for name in ("ListRecycleBinJobs", "DescribeFileSystems"):
        yield name, "InvalidPageNumber", with_changes(name, PageNumber=0)
        yield name, "InvalidPageSize", with_changes(name, PageSize=101)


def _of_discovery() -> Iterator[tuple[str, str, Provocation]]:
    name = "DescribeFileSystems"
    yield name, "InvalidFileSystem.NotFound", with_changes(name, FileSystemId="1ca404ffff")
    yield name, "InvalidFileSystemType", with_changes(name, FileSystemType="standard,fast")
    yield name, "NumberExceed.Tags", with_changes(name, Tag=[{"Key": f"k{n}"} for n in range(21)])
    yield name, "Duplicate.TagKey", with_changes(name, Tag=[{"Key": "k"}, {"Key": "k"}])


def _of_tags() -> Iterator[tuple[str, str, Provocation]]:
    for name in TAGGING:
        yield name, "MissingResourceType", with_changes(name, ResourceType=None)
        yield name, "InvalidResourceType", with_changes(name, ResourceType="bucket")
        yield name, "MissingParameter.ResourceIds", with_changes(name, ResourceId=[""])
        yield name, "NumberExceed.ResourceIds", with_changes(name, ResourceId=[f"fs{n}" for n in range(51)])
        yield name, "Duplicate.ResourceId", with_changes(name, ResourceId=["fs", "fs"])
    for name in ("TagResources", "ListTagResources"):
        yield name, "NumberExceed.Tags", with_changes(name, Tag=[{"Key": f"k{n}", "Value": "v"} for n in range(21)])
        yield name, "Duplicate.TagKey", with_changes(name, Tag=[{"Key": "k", "Value": v} for v in "ab"])
    for name in ("TagResources", "UntagResources"):
        yield name, "InvalidResourceId.NotFound", with_changes(name, ResourceId=["fs"])
    untag, tag, listing = "UntagResources", "TagResources", "ListTagResources"
    yield untag, "NumberExceed.Tags", with_changes(untag, TagKey=[f"k{n}" for n in range(21)])
    yield untag, "Duplicate.TagKey", with_changes(untag, TagKey=["k", "k"])
    yield tag, "MissingTag", with_changes(tag, Tag=[])
    yield tag, "InvalidParameter.TagKey", with_changes(tag, Tag=[{"Key": "acs:x", "Value": "v"}])
    yield tag, "InvalidParameter.TagValue", with_changes(tag, Tag=[{"Key": "k", "Value": "see http://x"}])
    yield tag, "OperationDenied.KeyValueNotNull", with_changes(tag, Tag=[{"Key": "k", "Value": ""}])
    yield tag, "CustomTag.NumberExceed", after(tag, crowded)
    yield listing, "MissingParameter.ResourceIdOrTag", with_changes(listing, ResourceId=None)
    yield listing, "InvalidNextToken", with_changes(listing, NextToken="7")


PROVOCATIONS: dict[tuple[str, str], Provocation] = {
    (operation, code): provocation
    for source in (_of_file_systems, _of_bins, _of_listings, _of_jobs, _of_pages, _of_discovery, _of_tags)
    for operation, code, provocation in source()
}
ONLY_RAW = {("DescribeFileSystems", "Region.NotSupported")}
"""Errors that the SDK's own models cannot ask for; `test_nas_gateway` provokes them by requests of its own."""


def covered() -> set[tuple[str, str]]:
    """Operation and code of every error in the table."""
    return {(operation, kind.code) for kind in NasError.table.errors.values() for operation in kind.of}


def test_every_error_of_the_coverage_table_is_provoked_and_no_other() -> None:
    assert covered() == PROVOCATIONS.keys() | ONLY_RAW


@pytest.mark.parametrize(("operation", "code"), sorted(PROVOCATIONS), ids="-".join)
def test_the_operation_answers_the_error(operation: str, code: str, stage: Stage, sdk: Sdk) -> None:
    parameters = PROVOCATIONS[operation, code](stage)
    status, message = EXPECTED[code]
    last = stage.file_system.job_log[-1].id if stage.file_system.job_log else ""
    filled = message.replace("{job}", last).replace("{live}", stage.live)
    assert sdk.refusal(operation, **parameters) == (status, code, filled)


@pytest.mark.parametrize("operation", CREATIONS)
def test_a_client_token_outside_ascii_is_illegal(operation: str, stage: Stage, sdk: Sdk) -> None:
    refusal = sdk.refusal(operation, **good(operation, stage), ClientToken="größe")
    assert refusal[:2] == (400, "IllegalCharacters")


@pytest.mark.parametrize("operation", [*CREATIONS, *LISTINGS, *BIN_OPERATIONS, *TAGGING, "DescribeFileSystems"])
def test_a_refused_call_changes_nothing(operation: str, stage: Stage, sdk: Sdk) -> None:
    before = list(stage.file_system.bin_entries()), dict(stage.file_system.tags), stage.file_system.bin.reserved_days
    for wrong in ("FileSystemId", "ResourceType"):
        if wrong in good(operation, stage):
            sdk.refusal(operation, **good(operation, stage) | {wrong: "1ca404ffff"})
    after_it = list(stage.file_system.bin_entries()), dict(stage.file_system.tags), stage.file_system.bin.reserved_days
    assert before == after_it
    assert stage.file_system.job_log == []
