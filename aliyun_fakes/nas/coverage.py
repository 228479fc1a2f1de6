"""What the fake NAS covers, row by row; tests hold it against the code, the SDK and the switches.

A row about a parameter or a field of an answer begins with its name; one about an error with HTTP status and code.
"""

from collections.abc import Iterator

from aliyun_fakes.core.coverage import Behaviour, Mark
from aliyun_fakes.core.gateway import GATEWAY_ERRORS, ErrorKind
from aliyun_fakes.nas import errors

_META = errors.METADATA
_DELETE = errors.DELETE_PAGE
_LIST = errors.LIST_PAGE
_TAGS = errors.TAG_PAGES
_SDK = "alibabacloud-nas20170626 3.7.5"
_GUIDE = 'User guide "Recycle bin", 2026-01'
_NOWHERE = "no page says"

_FILE_SYSTEM_OPERATIONS = tuple(name for name, kinds in errors.ERRORS.items() if errors.MISSING_FILE_SYSTEM in kinds)
_PAGED = ("ListRecentlyRecycledDirectories", "ListRecycledDirectoriesAndFiles")
_CREATING = ("CreateRecycleBinDeleteJob", "CreateRecycleBinRestoreJob")
_NUMBERED = ("ListRecycleBinJobs", "DescribeFileSystems")
_TAGGING = ("TagResources", "UntagResources", "ListTagResources")

_Row = tuple[str, str, Mark, str, str]
_WIRE: tuple[_Row, ...] = (
    ("*", "ACS3-HMAC-SHA256 in headers", "documented", "SDK help: V3 request structure and signature", ""),
    ("*", "HMAC-SHA1 in query or form", "documented", "SDK help: V2 RPC-style request and signature", ""),
    (
        "*",
        "a date within 15 minutes (V3) or 31 (V2) of the machine's clock",
        "documented",
        "the two signature pages",
        "",
    ),
    ("*", "a nonce is used up by the first right signature", "assumed", "refused once used: documented", ""),
    ("*", "Action and Version in headers or parameters", "observed", _SDK, ""),
    ("*", "parameters in query or form", "observed", "terraform-provider-alicloud", ""),
    ("*", "RegionId is tolerated", "observed", "terraform-provider-alicloud, alibaba-cloud-csi-driver", ""),
    ("*", "JSON, or XML by Format or Accept", "documented", "SDK help: V2 RPC-style request and signature", ""),
    ("*", "JSON when no format is asked for", "documented", "AlibabaCloudDocs/nas, 2019-09", ""),
    ("*", "a refusal names the missing action", "documented", "ECS notice on authentication changes, 2025", ""),
    (
        "*",
        "calls per minute of one identity",
        "assumed",
        "alibaba-cloud-csi-driver: quotas are per minute",
        "calls_per_minute",
    ),
    ("*", "duration of a call", "assumed", "same region", "call_seconds"),
    ("*", "a number outside its range", "assumed", _NOWHERE, "out_of_range"),
    ("*", "only General-purpose file systems have a bin", "documented", _META, "ineligible"),
)
_BIN: tuple[_Row, ...] = (
    ("EnableRecycleBin", "ReservedDays 1 to 180, default 3", "documented", _META, ""),
    ("EnableRecycleBin", "starts empty; what was deleted while off is gone", "documented", _META, ""),
    ("DisableAndCleanRecycleBin", "purges everything at once", "assumed", "that it purges: " + _META, ""),
    ("DisableAndCleanRecycleBin", "cancels a running job", "assumed", _NOWHERE, ""),
    ("UpdateRecycleBinAttribute", "ReservedDays 1 to 180, required", "documented", _META, ""),
    ("UpdateRecycleBinAttribute", "holds for what is in the bin", "assumed", "the page's summary", "retention_change"),
    ("GetRecycleBinAttribute", "RecycleBinAttribute.Status Enable or Disable", "documented", _META, ""),
    ("GetRecycleBinAttribute", "RecycleBinAttribute.ReservedDays is 0 while off", "documented", _META, ""),
    ("GetRecycleBinAttribute", "RecycleBinAttribute.EnableTime stays while off", "assumed", "the page's sample", ""),
    ("GetRecycleBinAttribute", "RecycleBinAttribute.Size without delay", "assumed", _NOWHERE, ""),
    ("GetRecycleBinAttribute", "RecycleBinAttribute.SecondarySize as set by hand", "assumed", _NOWHERE, ""),
    ("GetRecycleBinAttribute", "RecycleBinAttribute.ArchiveSize", "documented", "SDK 2.5.3", "archive_size_reported"),
    ("*", "unlinked and renamed-over files go into the bin", "documented", _GUIDE, ""),
    (
        "*",
        "an entry is gone ReservedDays times 24 h after its deletion",
        "assumed",
        "that it goes: " + _GUIDE,
        "expiry_lag",
    ),
    ("*", "a FileId is the inode number; the root's is 2", "documented", "SDK 3.7.4", ""),
    ("*", "an object keeps its FileId in the bin and after a restore", "assumed", "FileId is Inode in the samples", ""),
)
_LISTINGS: tuple[_Row, ...] = (
    *((name, "MaxResults 10 to 1000, default 100", "documented", _META, "") for name in _PAGED),
    *((name, "NextToken is good for its own listing only", "assumed", _NOWHERE, "") for name in _PAGED),
    *(
        (name, "NextToken outlives changes of the bin", "assumed", _NOWHERE, "page_tokens_survive_changes")
        for name in _PAGED
    ),
    *((name, "NextToken outlives deletions before it", "assumed", _NOWHERE, "page_tokens") for name in _PAGED),
    *((name, "NextToken never ages", "assumed", _NOWHERE, "page_token_seconds") for name in _PAGED),
    *((name, "NextToken is empty at the end", "documented", _LIST, "last_page_token") for name in _PAGED),
    *((name, "order of the entries", "assumed", _NOWHERE, "list_order") for name in _PAGED),
    *((name, "which order shuffled is", "assumed", _NOWHERE, "shuffle_seed") for name in _PAGED),
    *((name, "while the bin is off", "assumed", _NOWHERE, "list_while_disabled") for name in _PAGED),
    *((name, "duration of a page", "assumed", "same region", "list_seconds") for name in _PAGED),
    ("ListRecentlyRecycledDirectories", "Entries.FileId of a live or recycled directory", "documented", _META, ""),
    ("ListRecentlyRecycledDirectories", "Entries.Path, the former one of a recycled directory", "assumed", _META, ""),
    ("ListRecentlyRecycledDirectories", "Entries.Name", "documented", _META, ""),
    ("ListRecentlyRecycledDirectories", "Entries.LastDeleteTime", "documented", _META, ""),
    ("ListRecentlyRecycledDirectories", "which directories", "documented", _SDK, "recent_directories"),
    ("ListRecentlyRecycledDirectories", "how far back it reaches", "assumed", _NOWHERE, "recent_days"),
    ("ListRecycledDirectoriesAndFiles", "FileId of the directory", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "FileId of a file", "assumed", _NOWHERE, "listed_file"),
    (
        "ListRecycledDirectoriesAndFiles",
        "FileId of a recycled directory",
        "assumed",
        _NOWHERE,
        "recycled_directory_listing",
    ),
    ("ListRecycledDirectoriesAndFiles", "Entries.FileId", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.Type File or Directory", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.Name without path", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.DeleteTime in UTC, whole seconds", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.Inode equals FileId", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.ATime", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.MTime", "documented", _LIST, ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.CTime is the deletion's", "assumed", "an unlink changes ctime", ""),
    ("ListRecycledDirectoriesAndFiles", "Entries.Size 0 for directories", "documented", _LIST, ""),
)
_JOBS: tuple[_Row, ...] = (
    *((name, "FileId of a file or directory, recursive", "documented", _DELETE, "") for name in _CREATING),
    *((name, "ClientToken ASCII, at most 64", "documented", _DELETE, "") for name in _CREATING),
    *((name, "ClientToken repeated", "assumed", errors.IDEMPOTENCE, "repeated_client_token") for name in _CREATING),
    *(
        (name, "ClientToken with other parameters", "assumed", errors.IDEMPOTENCE, "client_token_mismatch")
        for name in _CREATING
    ),
    *((name, "ClientToken forgotten after a day", "assumed", _NOWHERE, "client_token_seconds") for name in _CREATING),
    *((name, "JobId", "documented", _DELETE, "") for name in _CREATING),
    *((name, "one job at a time per file system", "documented", _DELETE, "") for name in _CREATING),
    *((name, "on the object of the running job", "assumed", _NOWHERE, "overlapping_job") for name in _CREATING),
    *((name, "entries leave the bin at the job's end", "assumed", _NOWHERE, "removal") for name in _CREATING),
    *((name, "duration by entries and bytes", "assumed", _NOWHERE, "") for name in _CREATING),
    ("CreateRecycleBinDeleteJob", "FileId of a live directory", "assumed", _NOWHERE, "live_file_id"),
    ("CreateRecycleBinDeleteJob", "while the bin is off", "assumed", _NOWHERE, "delete_while_disabled"),
    ("CreateRecycleBinRestoreJob", "TargetFileId of a live directory", "documented", _META, ""),
    ("CreateRecycleBinRestoreJob", "a taken name gets the FileId appended", "assumed", _NOWHERE, ""),
    ("CreateRecycleBinRestoreJob", "defragments before it ends", "documented", _META, "defragment_seconds"),
    ("CreateRecycleBinRestoreJob", "holds the slot meanwhile", "assumed", _NOWHERE, "defragmenting_blocks"),
    ("CancelRecycleBinJob", "JobId without FileSystemId", "documented", _META, ""),
    ("CancelRecycleBinJob", "what is done stays done", "documented", "CancelRecycleBinJob page", ""),
    ("CancelRecycleBinJob", "of a job that has ended", "assumed", "two languages disagree", "cancel_finished"),
    ("ListRecycleBinJobs", "JobId", "documented", _META, ""),
    ("ListRecycleBinJobs", "Status or All", "documented", _META, ""),
    ("ListRecycleBinJobs", "the newest 50", "documented", _META, "history_length"),
    ("ListRecycleBinJobs", "newest first", "assumed", _NOWHERE, "history_order"),
    ("ListRecycleBinJobs", "TotalCount at most 50", "assumed", _NOWHERE, ""),
    ("ListRecycleBinJobs", "Jobs.Progress a text, 1 to 100", "documented", _META, ""),
    ("ListRecycleBinJobs", "Jobs.ErrorCode", "assumed", "values are not published", ""),
    ("ListRecycleBinJobs", "Jobs.ErrorMessage", "assumed", "values are not published", ""),
    *(
        ("ListRecycleBinJobs", f"Jobs.{name}", "documented", _META, "")
        for name in ("Id", "Type", "FileId", "FileName", "Status", "CreateTime")
    ),
)
_DISCOVERY: tuple[_Row, ...] = (
    *((name, "PageNumber from 1, default 1", "documented", _META, "") for name in _NUMBERED),
    *((name, "PageSize 1 to 100, default 10", "documented", _META, "") for name in _NUMBERED),
    ("DescribeFileSystems", "FileSystemId", "documented", _META, ""),
    ("DescribeFileSystems", "FileSystemType, several by comma", "documented", _META, ""),
    ("DescribeFileSystems", "VpcId", "documented", _META, ""),
    ("DescribeFileSystems", "ResourceGroupId", "documented", _META, ""),
    ("DescribeFileSystems", "StorageType concerns CPFS for Lingjun only", "documented", _SDK, ""),
    ("DescribeFileSystems", "Tag.N, all must be there", "assumed", _NOWHERE, ""),
    (
        "DescribeFileSystems",
        "FileSystems.FileSystem.MeteredSize includes the bin",
        "documented",
        "General-purpose NAS page",
        "",
    ),
    *((name, "ResourceType filesystem or accesspoint", "documented", _TAGS, "") for name in _TAGGING),
    *((name, "ResourceId.N, 1 to 50", "documented", _TAGS, "") for name in _TAGGING),
    ("TagResources", "Tag.N, 1 to 20, new values replace old ones", "documented", _TAGS, ""),
    ("TagResources", "Tag.N.Value empty", "assumed", errors.KEY_VALUE_NULL.source, "empty_tag_value"),
    ("UntagResources", "TagKey.N, up to 20", "documented", _SDK, ""),
    ("UntagResources", "All, where no key is given", "documented", _SDK, ""),
    ("ListTagResources", "Tag.N, all must be there", "assumed", _NOWHERE, ""),
    ("ListTagResources", "NextToken empty at the end", "documented", _TAGS, ""),
    ("ListTagResources", "tags on a page", "assumed", _NOWHERE, "tags_per_page"),
)

_SWITCH_OF_ERROR = {
    errors.INVALID_FILE_SYSTEM.code: "ineligible",
    errors.INVALID_MAX_RESULTS.code: "out_of_range",
    errors.INVALID_RESERVED_DAYS.code: "out_of_range",
    errors.INVALID_PAGE_NUMBER.code: "out_of_range",
    errors.INVALID_PAGE_SIZE.code: "out_of_range",
    errors.TOKEN_MISMATCH.code: "client_token_mismatch",
    errors.KEY_VALUE_NULL.code: "empty_tag_value",
    "Throttling.User": "calls_per_minute",
}


def _of_error(operation: str, kind: ErrorKind) -> Behaviour:
    what = f"{kind.status} {kind.code}: {kind.message}"
    return Behaviour("nas", operation, what, kind.mark, kind.source, _SWITCH_OF_ERROR.get(kind.code, ""))


def _rows() -> Iterator[Behaviour]:
    for name in _FILE_SYSTEM_OPERATIONS:
        yield Behaviour("nas", name, "FileSystemId, required", "documented", _META)
    for row in (*_WIRE, *_BIN, *_LISTINGS, *_JOBS, *_DISCOVERY):
        yield Behaviour("nas", *row)
    for kind in GATEWAY_ERRORS.values():
        yield _of_error("*", kind)
    for operation, kinds in errors.ERRORS.items():
        for kind in kinds:
            yield _of_error(operation, kind)


COVERAGE: tuple[Behaviour, ...] = tuple(_rows())
"""Every row."""
