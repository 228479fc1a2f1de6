"""Every error of the fake log service: code, HTTP status, message, and where each comes from.

On the wire: ``{"errorCode": ..., "errorMessage": ...}``, the request's id in the header ``x-log-requestid``
(documented: "Error codes" page). ``{0}`` stands for what a message names.

Sources in short: *codes* is the page "Error codes" (2023 to 2026), *codes 2021* its older edition,
*Java tests* are the functional tests in the vendor's aliyun-log-java-sdk, which run against the service.
"""

from dataclasses import dataclass

from aliyun_fakes.core.coverage import Mark


@dataclass(frozen=True)
class ErrorKind:
    """One kind of error.

    Attributes:
        code: ``errorCode``; several kinds can share one.
        status: HTTP status.
        message: ``errorMessage``, with places for what it names.
        mark: documented, observed or assumed; of the whole triple, so the weakest part decides.
        source: where from.
    """

    code: str
    status: int
    message: str
    mark: Mark
    source: str


class SlsError(Exception):
    """An answer that is an error.

    Attributes:
        kind: which one.
        message: its message with everything filled in.
    """

    def __init__(self, kind: str, *subjects: object) -> None:
        self.kind = KINDS[kind]
        self.message = self.kind.message.format(*subjects)
        super().__init__(f"{self.kind.code} ({self.kind.status}): {self.message}")


CODES, CODES_2021, JAVA = "codes", "codes 2021", "Java tests"
PUT = "PutLogs page, 2021"
KINDS: dict[str, ErrorKind] = {
    # every request
    "MissingAPIVersion": ErrorKind(
        "MissingAPIVersion", 400, "x-log-apiversion does not exist in http header.", "documented", CODES_2021
    ),
    "InvalidAPIVersion": ErrorKind(
        "InvalidAPIVersion", 400, "x-log-apiversion {0} is unsupported.", "documented", CODES_2021
    ),
    "AuthorizationInvalid": ErrorKind(
        "ParameterInvalid", 400, "Http extend authorization : {0} is invalid.", "documented", CODES
    ),
    "MissingSignatureMethod": ErrorKind(
        "MissingSignatureMethod",
        400,
        "x-log-signaturemethod does not exist in http header.",
        "documented",
        CODES_2021,
    ),
    "InvalidSignatureMethod": ErrorKind(
        "InvalidSignatureMethod", 400, "signature method {0} is unsupported.", "documented", CODES_2021
    ),
    "MissingDate": ErrorKind("MissingDate", 400, "Date does not exist in http header.", "documented", CODES_2021),
    "InvalidRequestTime": ErrorKind(
        "InvalidRequestTime", 400, "Request time {0} not follow RFC822 spec.", "documented", CODES
    ),
    "RequestTimeExpired": ErrorKind(
        "RequestTimeExpired",
        400,
        "Request time {0} has been expired while server time is {1}.",
        "documented",
        CODES,
    ),
    "InvalidHost": ErrorKind("InvalidHost", 400, "Host header {0} is invalid.", "documented", CODES),
    "AccessKeyNotFound": ErrorKind("Unauthorized", 401, "AccessKeyId not found: {0}", "documented", CODES),
    "AccessKeyDisabled": ErrorKind("Unauthorized", 401, "AccessKeyId is disabled: {0}", "documented", CODES),
    "SecurityTokenInvalid": ErrorKind(
        "Unauthorized", 401, "The security token you provided is invalid.", "documented", CODES
    ),
    "SignatureNotMatch": ErrorKind(
        "SignatureNotMatch",
        401,
        "signature {0} not match",
        "observed",
        "kubeup/fluent-bit-aliyun issue 9; status: codes",
    ),
    "Denied": ErrorKind(
        "Unauthorized",
        401,
        "denied by sts or ram, action: {0}, resource: {1}",
        "observed",
        "aliyun-log-go-sdk issue 38",
    ),
    "ParameterInvalid": ErrorKind("ParameterInvalid", 400, "{0}", "assumed", "code and status: codes; text: own"),
    "JsonInvalid": ErrorKind("PostBodyInvalid", 400, "The request body is not valid JSON object.", "documented", CODES),
    "NotSupported": ErrorKind(
        "ParameterInvalid", 400, "not supported by the fake: {0}", "assumed", "says so rather than guess"
    ),
    "WriteQuotaExceed": ErrorKind("WriteQuotaExceed", 403, "Write quota is exceeded.", "documented", CODES_2021),
    "ReadQuotaExceed": ErrorKind("ReadQuotaExceed", 403, "Read quota is exceeded.", "documented", CODES_2021),
    "MetaOperationQpsLimitExceeded": ErrorKind(
        "MetaOperationQpsLimitExceeded", 403, "Meta operation qps limit exceeded.", "assumed", "code: codes; text: own"
    ),
    # projects and logstores
    "ProjectNotExist": ErrorKind(
        "ProjectNotExist", 404, "The Project does not exist : {0}", "documented", "CreateIndex page, 2018"
    ),
    "ProjectAlreadyExist": ErrorKind("ProjectAlreadyExist", 400, "Project {0} already exist.", "documented", CODES),
    "ProjectQuotaExceed": ErrorKind(
        "ProjectQuotaExceed", 400, "Project Quota Exceed", "documented", "CreateLogstore page, 2019"
    ),
    "LogStoreNotExist": ErrorKind("LogStoreNotExist", 404, "logstore {0} does not exist.", "documented", PUT),
    "LogStoreAlreadyExist": ErrorKind("LogStoreAlreadyExist", 400, "logstore {0} already exists", "observed", JAVA),
    "LogStoreNameInvalid": ErrorKind("LogStoreInfoInvalid", 400, "logstore name {0} is invalid", "observed", JAVA),
    "TtlInvalid": ErrorKind(
        "LogStoreInfoInvalid", 400, "ttl value is out of range", "observed", "aliyun-UED/aliyun-sdk-js issue 83"
    ),
    "MaxSplitShardInvalid": ErrorKind(
        "LogStoreInfoInvalid", 400, "maxSplitShard must be within range [1, 256]", "observed", JAVA
    ),
    "LogStoreInfoInvalid": ErrorKind(
        "LogStoreInfoInvalid", 400, "logstore info is invalid", "documented", "CreateLogstore page, 2019"
    ),
    # indexes
    "IndexAlreadyExist": ErrorKind(
        "IndexAlreadyExist", 400, "log store index is already created", "documented", "CreateIndex page, 2018"
    ),
    "IndexInfoInvalid": ErrorKind(
        "IndexInfoInvalid",
        400,
        "required field token is lacking or of error format",
        "documented",
        "CreateIndex page, 2018",
    ),
    "IndexConfigNotExist": ErrorKind(
        "IndexConfigNotExist", 400, "index config doesn't exist", "documented", "aliyunlog CLI, delete_index page"
    ),
    "LogStoreWithoutIndex": ErrorKind(
        "IndexConfigNotExist", 400, "logstore without index config", "documented", "GetLogs page, 2019; Java tests"
    ),
    # writing
    "MissingBodyRawSize": ErrorKind(
        "MissingBodyRawSize",
        400,
        "x-log-bodyrawsize does not exist in header when it is necessary.",
        "documented",
        CODES_2021,
    ),
    "InvalidBodyRawSize": ErrorKind(
        "ParameterInvalid", 400, "Http extend x-log-bodyrawsize : {0} is invalid.", "documented", CODES
    ),
    "InvalidCompressType": ErrorKind(
        "InvalidCompressType", 400, "x-log-compresstype {0} is unsupported.", "documented", CODES_2021
    ),
    "InvalidContentType": ErrorKind("InvalidContentType", 400, "Content-Type {0} is unsupported.", "documented", CODES),
    "PostBodyTooLarge": ErrorKind(
        "PostBodyTooLarge", 413, "Body size {0} must little than 10485760.", "documented", CODES
    ),
    "TooManyLogs": ErrorKind(
        "PostBodyTooLarge", 400, "Logs must be less than or equal to 3 MB and 4096 entries.", "documented", PUT
    ),
    "PostBodyUncompressError": ErrorKind(
        "PostBodyUncompressError", 400, "Failed to decompress logs.", "documented", PUT
    ),
    "PostBodyInvalid": ErrorKind("PostBodyInvalid", 400, "Protobuffer content cannot be parsed.", "documented", PUT),
    "InvalidTimestamp": ErrorKind("InvalidTimestamp", 400, "Invalid timestamps are in logs.", "documented", PUT),
    "TimeOutOfRange": ErrorKind("PostBodyInvalid", 400, "The post data time is out of range", "documented", PUT),
    "InvalidEncoding": ErrorKind("InvalidEncoding", 400, "Non-UTF8 characters are in logs.", "documented", PUT),
    "InvalidKey": ErrorKind("InvalidKey", 400, "Invalid keys are in logs.", "documented", PUT),
    # reading
    "InvalidTimeRange": ErrorKind(
        "InvalidTimeRange", 400, "request time range is invalid", "documented", "GetLogs page, 2019"
    ),
    "NotPositive": ErrorKind("ParameterInvalid", 400, "The parameter {0} must be a positive integer", "observed", JAVA),
    "LimitRequired": ErrorKind("ParameterInvalid", 400, "limit expression is required", "observed", JAVA),
    "KeyNotIndexed": ErrorKind(
        "ParameterInvalid",
        400,
        'key ({0}) is not config as key value config,if symbol : is in your log,please wrap : with quotation mark "',
        "documented",
        "Common errors when querying logs",
    ),
    # dashboards, saved searches, jobs
    "DashboardNotExist": ErrorKind(
        "DashboardNotExist", 404, "specified dashboard does not exist", "observed", "Java tests; status assumed"
    ),
    "DashboardAlreadyExist": ErrorKind(
        "ParameterInvalid", 400, "specified dashboard already exists", "observed", "Java tests; status assumed"
    ),
    "InvalidDashboardName": ErrorKind(
        "InvalidDashboardName", 400, "The dashboard name is invalid: {0}", "observed", "Java tests; status assumed"
    ),
    "DuplicateChart": ErrorKind(
        "PostBodyInvalid", 400, "Duplicate chart title: {0}", "observed", "Java tests; status assumed"
    ),
    "TooManyCharts": ErrorKind(
        "ExceedQuota", 403, "You have too many charts in your dashboard", "observed", "Java tests; status assumed"
    ),
    "TooManyDashboards": ErrorKind("ExceedQuota", 403, "dashboard quota exceed", "assumed", "as for saved searches"),
    "SavedSearchNotExist": ErrorKind(
        "SavedSearchNotExist", 404, "specified savedsearch does not exist", "observed", "Java tests; status assumed"
    ),
    "SavedSearchAlreadyExist": ErrorKind(
        "ParameterInvalid", 400, "specified savedsearch already exists", "assumed", "as for dashboards"
    ),
    "TooManySavedSearches": ErrorKind(
        "ExceedQuota", 403, "savedsearch quota exceed", "observed", "Java tests; status assumed"
    ),
    "SavedSearchTooLong": ErrorKind(
        "PostBodyInvalid", 400, "The savedsearch configuration is too long.", "observed", JAVA
    ),
    "JobNotExist": ErrorKind(
        "JobNotExist",
        404,
        "Job {0} does not exist",
        "assumed",
        "code: terraform-provider-alicloud; text and status own",
    ),
    "JobAlreadyExist": ErrorKind(
        "JobAlreadyExist", 400, "Job {0} already exists", "observed", "Java tests (text); code and status assumed"
    ),
    "TooManyJobs": ErrorKind("ExceedQuota", 403, "job quota exceed", "assumed", "as for saved searches"),
}
