"""Every error of the service in one place: code, HTTP status, literal message, source page."""

from collections.abc import Mapping
from dataclasses import replace

from aliyun_fakes.core.gateway import ErrorKind, invalid, missing

DELETE_PAGE = "CreateRecycleBinDeleteJob page, 2024-03"
LIST_PAGE = "ListRecycledDirectoriesAndFiles page, 2024-03"
METADATA = "NAS OpenAPI metadata 2017-06-26"
TAG_PAGES = "TagResources, UntagResources and ListTagResources pages, 2024-09 and earlier"
IDEMPOTENCE = "ECS help: how to ensure idempotence (linked from the NAS pages; status assumed)"
_SIBLING = f"code: {METADATA}; text as in sibling products"

ILLEGAL_CHARACTERS = ErrorKind("IllegalCharacters", 400, "The parameter contains illegal characters.", DELETE_PAGE)
MISSING_FILE_SYSTEM = ErrorKind("MissingFileSystemId", 400, "FileSystemId is mandatory for this action.", DELETE_PAGE)
MISSING_FILE = ErrorKind("MissingFileId", 400, "FileId is mandatory for this action.", DELETE_PAGE)
MISSING_FILE_IN_LISTING = replace(
    MISSING_FILE, source="not in the table of the listing's page; same pattern", mark="assumed"
)
MISSING_TARGET = ErrorKind("MissingTargetFileId", 400, "TargetFileId is mandatory for this action.", METADATA)
MISSING_JOB = ErrorKind("MissingJobId", 400, "JobId is mandatory for this action.", METADATA)
KMS_UNAUTHORIZED = ErrorKind("InvalidParameter.KMSKeyId.KMSUnauthorized", 400, "KMS is not authorized.", DELETE_PAGE)
KEY_NOT_ENABLED = ErrorKind("InvalidParameter.KMSKeyId.CMKNotEnabled", 400, "The CMK needs to be enabled.", DELETE_PAGE)
INVALID_STATUS = ErrorKind("InvalidStatus", 400, "Specified parameter Status is not valid.", METADATA)
CONFLICT = ErrorKind(
    "OperationDenied.Conflict",
    403,
    "The operation is in conflict with (% JobId). Please try again later.",
    DELETE_PAGE,
)
TOO_MANY_RUNNING_JOBS = ErrorKind(
    "OperationDenied.TooManyRunningJobs",
    403,
    "The maximum number of running job is one. Please try again later.",
    DELETE_PAGE,
)
BIN_ENABLED = ErrorKind("OperationDenied.RecycleBinEnabled", 403, "The recycle bin is already enabled.", METADATA)
BIN_DISABLED = ErrorKind(
    "OperationDenied.RecycleBinDisabled",
    403,
    "The operation is denied because the recycle bin is disabled.",
    METADATA,
)
TARGET_NOT_DIRECTORY = ErrorKind(
    "InvalidTargetFileId.NotDirectory", 403, "The specified TargetFileId(%TargetFileId) is not directory.", METADATA
)
FILE_SYSTEM_NOT_FOUND = ErrorKind(
    "InvalidFileSystem.NotFound", 404, "The specified file system does not exist.", DELETE_PAGE
)
FILE_NOT_FOUND = ErrorKind("InvalidFileId.NotFound", 404, "The specified FileId(%FileId) does not exist.", DELETE_PAGE)
TARGET_NOT_FOUND = ErrorKind(
    "InvalidTargetFileId.NotFound", 404, "The specified TargetFileId(%TargetFileId) does not exist.", METADATA
)
JOB_NOT_FOUND = ErrorKind("InvalidJobId.NotFound", 404, "The specified JobId(%JobId) does not exist.", METADATA)
INVALID_NEXT_TOKEN = ErrorKind(
    "InvalidParameter.InvalidNextToken", 404, "The specified NextToken is invaild.", LIST_PAGE
)
TOKEN_MISMATCH = ErrorKind(
    "IdempotentParameterMismatch",
    400,
    "The request uses the same client token as a previous, but non-identical request.",
    IDEMPOTENCE,
    "assumed",
)

MISSING_RESERVED_DAYS = missing("ReservedDays")
INVALID_RESERVED_DAYS = invalid("ReservedDays")
INVALID_MAX_RESULTS = invalid("MaxResults")
INVALID_PAGE_NUMBER = invalid("PageNumber")
INVALID_PAGE_SIZE = invalid("PageSize")
INVALID_CLIENT_TOKEN = invalid("ClientToken")
INVALID_FILE_SYSTEM = invalid("FileSystemId")
INVALID_FILE_SYSTEM_TYPE = invalid("FileSystemType")
REGION_NOT_SUPPORTED = ErrorKind(
    "Region.NotSupported", 400, "The specified Region is not supported for this API now.", METADATA
)

MISSING_RESOURCE_TYPE = missing("ResourceType")
INVALID_RESOURCE_TYPE = invalid("ResourceType")
MISSING_TAG = missing("Tag")
TOO_MANY_RESOURCES = ErrorKind(
    "NumberExceed.ResourceIds", 400, "The maximum number of ResourceIds is exceeded. The maximum is 50.", TAG_PAGES
)
MISSING_RESOURCES = ErrorKind("MissingParameter.ResourceIds", 400, "You must specify ResourceIds.", TAG_PAGES)
DUPLICATE_RESOURCE = ErrorKind("Duplicate.ResourceId", 400, "The request contains duplicated ResourceId.", TAG_PAGES)
TOO_MANY_TAGS = ErrorKind(
    "NumberExceed.Tags", 400, "The maximum number of Tags is exceeded. The maximum is 20.", TAG_PAGES
)
DUPLICATE_TAG_KEY = ErrorKind("Duplicate.TagKey", 400, "The Tag.N.Key contains a duplicated key.", _SIBLING)
RESOURCE_NOT_FOUND = ErrorKind(
    "InvalidResourceId.NotFound", 400, "The specified ResourceIds are not found in our records.", _SIBLING
)
INVALID_TAG_KEY = ErrorKind("InvalidParameter.TagKey", 400, "The specified Tag.n.Key is invalid.", TAG_PAGES)
INVALID_TAG_VALUE = ErrorKind("InvalidParameter.TagValue", 400, "The specified Tag.n.Value is invalid.", TAG_PAGES)
TAGS_EXCEEDED = ErrorKind(
    "CustomTag.NumberExceed", 400, "The maximum number of tags for each resource is 20.", _SIBLING
)
KEY_VALUE_NULL = ErrorKind("OperationDenied.KeyValueNotNull", 403, "The key value cannot be null.", _SIBLING)
MISSING_RESOURCE_OR_TAG = ErrorKind(
    "MissingParameter.ResourceIdOrTag", 400, "Either ResourceId or Tag must be specified.", TAG_PAGES
)
INVALID_TAG_TOKEN = ErrorKind("InvalidNextToken", 400, "The NextToken is invalid.", TAG_PAGES)

_DISABLED_ASSUMED = replace(BIN_DISABLED, source="documented for restores only", mark="assumed")
_ANY = (ILLEGAL_CHARACTERS, MISSING_FILE_SYSTEM, FILE_SYSTEM_NOT_FOUND, INVALID_FILE_SYSTEM)
_KEY = (KMS_UNAUTHORIZED, KEY_NOT_ENABLED)
_LISTING = (*_ANY, *_KEY, _DISABLED_ASSUMED, INVALID_NEXT_TOKEN, INVALID_MAX_RESULTS)
_JOB = (
    *(*_ANY, *_KEY, MISSING_FILE, FILE_NOT_FOUND, TOO_MANY_RUNNING_JOBS, CONFLICT),
    *(INVALID_CLIENT_TOKEN, TOKEN_MISMATCH),
)
_PAGE = (INVALID_PAGE_NUMBER, INVALID_PAGE_SIZE)
_RESOURCES = (
    *(MISSING_RESOURCE_TYPE, INVALID_RESOURCE_TYPE),
    *(MISSING_RESOURCES, TOO_MANY_RESOURCES, DUPLICATE_RESOURCE, TOO_MANY_TAGS, DUPLICATE_TAG_KEY),
)

ERRORS: Mapping[str, tuple[ErrorKind, ...]] = {
    "EnableRecycleBin": (*_ANY, BIN_ENABLED, INVALID_RESERVED_DAYS),
    "DisableAndCleanRecycleBin": (*_ANY, BIN_DISABLED),
    "UpdateRecycleBinAttribute": (*_ANY, BIN_DISABLED, MISSING_RESERVED_DAYS, INVALID_RESERVED_DAYS),
    "GetRecycleBinAttribute": _ANY,
    "ListRecentlyRecycledDirectories": _LISTING,
    "ListRecycledDirectoriesAndFiles": (*_LISTING, FILE_NOT_FOUND, MISSING_FILE_IN_LISTING),
    "CreateRecycleBinDeleteJob": (*_JOB, _DISABLED_ASSUMED),
    "CreateRecycleBinRestoreJob": (*_JOB, BIN_DISABLED, MISSING_TARGET, TARGET_NOT_DIRECTORY, TARGET_NOT_FOUND),
    "CancelRecycleBinJob": (ILLEGAL_CHARACTERS, MISSING_JOB, JOB_NOT_FOUND, CONFLICT),
    "ListRecycleBinJobs": (*_ANY, JOB_NOT_FOUND, INVALID_STATUS, *_PAGE),
    "DescribeFileSystems": (
        *(REGION_NOT_SUPPORTED, FILE_SYSTEM_NOT_FOUND, INVALID_FILE_SYSTEM_TYPE),
        *(TOO_MANY_TAGS, DUPLICATE_TAG_KEY, *_PAGE),
    ),
    "TagResources": (
        *_RESOURCES,
        *(RESOURCE_NOT_FOUND, MISSING_TAG, INVALID_TAG_KEY, INVALID_TAG_VALUE, TAGS_EXCEEDED, KEY_VALUE_NULL),
    ),
    "UntagResources": (*_RESOURCES, RESOURCE_NOT_FOUND),
    "ListTagResources": (*_RESOURCES, MISSING_RESOURCE_OR_TAG, INVALID_TAG_TOKEN),
}
"""The errors each operation is known to answer, beside the gateway's own."""
