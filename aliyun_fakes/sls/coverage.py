"""What the fake log service covers, row by row; a test holds it against the code."""

from collections.abc import Iterator

from aliyun_fakes.core.coverage import Behaviour, Mark
from aliyun_fakes.sls.errors import KINDS

_META = "aliyun-log-python-sdk 0.9.52, wire"
_SEARCH = "Search syntax page, 2025"
_PUT = "PutLogs page, 2021"
_GET = "GetLogs page, 2019"
_JAVA = "aliyun-log-java-sdk, functional tests"

ERRORS_OF: dict[str, tuple[str, ...]] = {
    "*": (
        "MissingAPIVersion",
        "InvalidAPIVersion",
        "AuthorizationInvalid",
        "MissingSignatureMethod",
        "InvalidSignatureMethod",
        "MissingDate",
        "InvalidRequestTime",
        "RequestTimeExpired",
        "InvalidHost",
        "AccessKeyNotFound",
        "AccessKeyDisabled",
        "SecurityTokenInvalid",
        "SignatureNotMatch",
        "Denied",
        "ParameterInvalid",
        "JsonInvalid",
        "NotSupported",
        "MetaOperationQpsLimitExceeded",
        "ProjectNotExist",
        "LogStoreNotExist",
    ),
    "CreateProject": ("ProjectAlreadyExist",),
    "CreateLogStore": (
        "LogStoreAlreadyExist",
        "LogStoreNameInvalid",
        "TtlInvalid",
        "MaxSplitShardInvalid",
        "LogStoreInfoInvalid",
        "ProjectQuotaExceed",
    ),
    "CreateIndex": ("IndexAlreadyExist", "IndexInfoInvalid"),
    "GetIndex": ("IndexConfigNotExist",),
    "PutLogs": (
        "WriteQuotaExceed",
        "MissingBodyRawSize",
        "InvalidBodyRawSize",
        "InvalidCompressType",
        "InvalidContentType",
        "PostBodyTooLarge",
        "TooManyLogs",
        "PostBodyUncompressError",
        "PostBodyInvalid",
        "InvalidTimestamp",
        "TimeOutOfRange",
        "InvalidEncoding",
        "InvalidKey",
    ),
    "GetLogs": (
        "ReadQuotaExceed",
        "LogStoreWithoutIndex",
        "InvalidTimeRange",
        "NotPositive",
        "LimitRequired",
        "KeyNotIndexed",
    ),
    "CreateDashboard": (
        "DashboardAlreadyExist",
        "InvalidDashboardName",
        "DuplicateChart",
        "TooManyCharts",
        "TooManyDashboards",
    ),
    "GetDashboard": ("DashboardNotExist",),
    "CreateSavedSearch": ("SavedSearchAlreadyExist", "SavedSearchTooLong", "TooManySavedSearches"),
    "GetSavedSearch": ("SavedSearchNotExist",),
    "CreateJob": ("JobAlreadyExist", "TooManyJobs"),
    "GetJob": ("JobNotExist",),
}
"""Which error kinds belong to which operation; ``*`` for those of every operation."""

_SWITCH_OF_ERROR = {
    "PostBodyTooLarge": "max_body_bytes",
    "TooManyLogs": "max_logs_per_put",
    "TimeOutOfRange": "log_age_seconds",
    "InvalidKey": "max_key_bytes",
    "ProjectQuotaExceed": "logstores_per_project",
    "TooManyCharts": "charts_per_dashboard",
    "TooManyDashboards": "dashboards_per_project",
    "TooManySavedSearches": "searches_per_project",
    "TooManyJobs": "alerts_per_project",
}

_Row = tuple[str, str, Mark, str, str]
_BEHAVIOURS: tuple[_Row, ...] = (
    ("*", "signature v1 with hmac-sha1", "documented", "Request signatures page", ""),
    ("*", "signature v1 with hmac-sha256", "observed", "alibabacloud-sls20201230, wire", ""),
    ("*", "signature v4, region must be the service's", "assumed", "a key for one region opens no other", "region"),
    ("*", "x-log-date is no part of a v1 signature", "observed", _META, ""),
    ("*", "a changed body is a wrong signature", "assumed", "no code is named for a wrong Content-MD5", ""),
    ("*", "dates are compared with the machine's clock, 15 minutes", "documented", "Error codes page", ""),
    ("*", "x-acs-security-token must be the key's", "documented", "Error codes page", ""),
    ("*", "a denied action names the owner's account", "observed", "aliyun-log-go-sdk issue 38", "owner"),
    ("CreateProject", "projectName, description, resourceGroupId", "observed", _META, ""),
    ("GetProject", "all fields", "observed", _META, ""),
    ("UpdateProject", "description", "observed", _META, ""),
    ("DeleteProject", "deletes everything in it", "documented", "DeleteProject page", ""),
    ("ListProject", "projectName, offset, size", "observed", _META, ""),
    ("CreateLogStore", "ttl, shardCount, autoSplit, maxSplitShard and any other field, kept", "observed", _META, ""),
    ("GetLogStore", "all fields as created, with defaults", "assumed", "mode observed: " + _JAVA, ""),
    ("UpdateLogStore", "shardCount stays as it is", "observed", _JAVA, ""),
    ("DeleteLogStore", "takes its logs and its index along", "assumed", "nothing else names them", ""),
    ("ListLogStores", "logstoreName, mode, offset, size", "observed", _JAVA, ""),
    ("CreateIndex", "line and keys; only later logs are found", "documented", "Create indexes page", ""),
    ("UpdateIndex", "a changed field knows only later logs", "assumed", "as for a new index", ""),
    ("GetIndex", "the configuration as sent", "observed", _META, ""),
    ("DeleteIndex", "searches fail at once", "assumed", "as without an index", ""),
    ("ListShards", "equal ranges of the key space", "assumed", "right after creation", ""),
    ("PutLogs", "shards/lb and shards/route?key=", "documented", _PUT, ""),
    ("PutLogs", "x-log-compresstype none, lz4, deflate", "documented", "Common request headers page", ""),
    ("PutLogs", "zstd is refused, unlike by the service", "assumed", "needs a decoder the fake does not bring", ""),
    ("PutLogs", "x-log-bodyrawsize must be the raw size", "documented", "Common request headers page", ""),
    ("PutLogs", "one bad log fails the whole", "documented", _PUT, ""),
    ("PutLogs", "values up to 1 MiB", "documented", _PUT, "max_value_bytes"),
    ("PutLogs", "times up to 15 minutes ahead", "documented", _PUT, "log_future_seconds"),
    ("PutLogs", "a key twice in a log is refused", "assumed", "undefined by the Data encoding page", "unique_keys"),
    ("PutLogs", "a repeated put is stored twice", "observed", _META, ""),
    ("PutLogs", "duration", "assumed", "same region", "put_latency"),
    ("GetLogs", "POST with JSON, answered in lz4 on request", "observed", _META, ""),
    ("GetLogs", "GET with type=log, progress in a header", "documented", _GET, ""),
    ("GetLogs", "from included, to not; fromNs, toNs", "documented", _GET, ""),
    ("GetLogs", "line above 100 counts as 100", "observed", _JAVA, ""),
    ("GetLogs", "offset, reverse, topic", "documented", _GET, ""),
    ("GetLogs", "and, or, not, parentheses, quotes, *", "documented", _SEARCH, ""),
    ("GetLogs", "key: value, by words, in any order", "documented", _SEARCH, ""),
    ("GetLogs", 'key: * and key: ""', "documented", _SEARCH, ""),
    ("GetLogs", "wildcards in and after a word, 100 words", "documented", _SEARCH, ""),
    ("GetLogs", "text without a key needs the full-text index", "assumed", "Create indexes page", ""),
    ("GetLogs", "__topic__, __source__ and tags are always indexed", "documented", "Reserved fields page", ""),
    ("GetLogs", "what was written is found only after a while", "documented", _GET, "index_lag"),
    ("GetLogs", "Incomplete gives half", "assumed", "which part is missing is nowhere said", "incomplete"),
    ("GetLogs", "SQL, phrases and comparisons are refused", "assumed", "the fake has none of them", ""),
    ("GetLogs", "duration", "assumed", "same region", "read_latency"),
    ("CreateDashboard", "the document is kept as sent", "observed", _META, ""),
    ("GetDashboard", "the document as sent", "observed", _META, ""),
    ("UpdateDashboard", "replaces the document", "observed", _JAVA, ""),
    ("DeleteDashboard", "by name", "observed", _JAVA, ""),
    ("ListDashboard", "names, and names with display names", "documented", "ListDashboard page", ""),
    ("CreateSavedSearch", "the document is kept as sent", "observed", _META, ""),
    ("GetSavedSearch", "the document as sent", "observed", _META, ""),
    ("UpdateSavedSearch", "replaces the document", "observed", _JAVA, ""),
    ("DeleteSavedSearch", "by name", "observed", _JAVA, ""),
    ("ListSavedSearch", "names, and names with display names", "documented", "ListSavedSearch page", ""),
    ("CreateJob", "needs name, schedule, configuration", "assumed", "required in the Alert struct", ""),
    ("GetJob", "the document as sent", "observed", _META, ""),
    ("UpdateJob", "replaces the document", "observed", _JAVA, ""),
    ("DeleteJob", "by name", "observed", _JAVA, ""),
    ("ListJobs", "jobType, offset, size", "observed", _META, ""),
    ("EnableJob", "state Enabled, status ENABLED", "observed", _JAVA, ""),
    ("DisableJob", "state Disabled, status DISABLED", "observed", _JAVA, ""),
    ("*", "duration of the other operations", "assumed", "same region", "meta_latency"),
)


def _rows() -> Iterator[Behaviour]:
    for operation, what, mark, source, switch in _BEHAVIOURS:
        yield Behaviour("sls", operation, what, mark, source, switch)
    for operation, names in ERRORS_OF.items():
        for name in names:
            kind = KINDS[name]
            what = f"{kind.status} {kind.code}: {kind.message}"
            yield Behaviour("sls", operation, what, kind.mark, kind.source, _SWITCH_OF_ERROR.get(name, ""))


COVERAGE: tuple[Behaviour, ...] = tuple(_rows())
"""Every row."""
