"""NAS over the official SDK: the recycle bin of a file system, and its tags.

Every call goes through the vendor's own method and typed request, so action, version, HTTP method, list parameters and
endpoint are the vendor's. The vendor's response models are not used: see `RawClient`. The SDK raises bare exceptions
without a code when no usable reply came (observed: SDK 3.7.5); they are translated here and nowhere else.

Importing this module imports the SDK: handlers import it when they first need a bin.
"""

import calendar
import math
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate
from typing import TypeVar

from alibabacloud_nas20170626.models import (
    CancelRecycleBinJobRequest,
    CreateRecycleBinDeleteJobRequest,
    GetRecycleBinAttributeRequest,
    ListRecentlyRecycledDirectoriesRequest,
    ListRecycleBinJobsRequest,
    ListRecycledDirectoriesAndFilesRequest,
    ListTagResourcesRequest,
    TagResourcesRequest,
    TagResourcesRequestTag,
    UntagResourcesRequest,
)
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.exceptions import UnretryableException
from darabonba.runtime import RuntimeOptions

from functions.retention.cloud.foreign_errors import refusal, silence
from functions.retention.cloud.nas_replies import (
    Reply,
    read_attributes,
    read_directories,
    read_job_id,
    read_jobs,
    read_nothing,
    read_page,
    read_tags,
)
from functions.retention.cloud.nas_sdk import Method, RawClient, client_config
from functions.retention.cloud.rate_limit import TokenBucket
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import Credentials, Settings
from functions.retention.core import (
    TOO_LATE,
    BinAttributes,
    Clock,
    CloudError,
    Job,
    JobList,
    NoAnswer,
    NotFound,
    Page,
    RecentDirectory,
    Refused,
    SlotBusy,
    StaleToken,
    Throttled,
)

T = TypeVar("T")

PAGE_SIZE = 1000
"""Entries per listing, the most a page takes (documented: MaxResults 10 to 1000); fewer calls are all that counts."""

CONNECT_TIMEOUT = 3_000
"""Milliseconds. Inside the vendor's network a connection stands within one; three seconds outlast one lost packet."""

READ_TIMEOUT = 10_000
"""Milliseconds. The SDK's own default, spelt out; fifty times what a page of 1000 entries is taken to need."""

MAX_PAGES = 100
"""Pages of tags. A listing that is longer is refused, never cut."""

_NOT_FOUND = frozenset(
    {
        "InvalidFileSystem.NotFound",
        "InvalidFileId.NotFound",
        "InvalidJobId.NotFound",
        "InvalidResourceId.NotFound",
        "Resource.NotFound",
    }
)

_SLOT_BUSY = frozenset({"OperationDenied.TooManyRunningJobs", "OperationDenied.Conflict"})

_LISTING = "ListRecycledDirectoriesAndFiles"

_FILE_SYSTEM = "filesystem"
"""The ResourceType of a file system (documented: TagResources page)."""

_STALE_TOKEN = "InvalidParameter.InvalidNextToken"  # noqa: S105 - an error code

_SERVER_ERROR = 500


def nas_error(operation: str, error: Exception, credentials: Credentials) -> CloudError:
    """What an SDK exception means.

    Codes and statuses as documented in the operations' error tables (API metadata; CreateRecycleBinDeleteJob and
    ListRecycledDirectoriesAndFiles pages, 2024-03). Only the listed ``NotFound`` codes say that something is gone: an
    unknown key or API answers with codes that end alike. A 5xx leaves the effect open, so it is `NoAnswer`; so is
    whatever carries no code (observed: time-outs, dropped connections and HTML pages do not). None of the error's text
    is kept (`foreign_errors`), so raise it ``from None``.
    """
    code = getattr(error, "code", None)
    if not code or code == "None":
        return silence(operation, getattr(error, "inner_exception", None) or error, credentials)
    status = getattr(error, "status_code", None) or 0
    return refusal(
        _kind(str(code), status),
        operation,
        credentials,
        code=code,
        status=status,
        request_id=getattr(error, "request_id", None),
        said=_denied(error),
    )


def _kind(code: str, status: int) -> type[CloudError]:
    if code.startswith("Throttling"):
        return Throttled
    if status >= _SERVER_ERROR:
        return NoAnswer
    if code in _NOT_FOUND:
        return NotFound
    if code in _SLOT_BUSY:
        return SlotBusy
    return StaleToken if code == _STALE_TOKEN else Refused


def _denied(error: Exception) -> str:
    """Where a missing permission is named: ``AuthAction`` (documented: RAM denials), else the message (assumed: FC)."""
    data = getattr(error, "data", None) or {}
    detail = data.get("AccessDeniedDetail")
    action = detail.get("AuthAction") if isinstance(detail, dict) else None
    return f"{action} {data.get('Message') or getattr(error, 'message', '')}"


class NasClient:
    """NAS of one account and region. Not shared between threads: build one for each.

    Args:
        settings: region, credentials, perhaps an endpoint.
        clock: tells when a listing was made.
        bucket: the request rate, shared by all clients of the invocation.
        retry: the retry layer, with the invocation's common rest.
        sdk: the vendor's client; None for one made from the settings.

    Attributes:
        sdk: the vendor's client, whose methods `call` takes.
    """

    def __init__(
        self, settings: Settings, *, clock: Clock, bucket: TokenBucket, retry: Retry, sdk: RawClient | None = None
    ) -> None:
        self.sdk = sdk or RawClient(client_config(settings))
        self._clock = clock
        self._credentials = settings.credentials
        self._bucket = bucket
        self._retry = retry
        self._runtime = RuntimeOptions(autoretry=False, connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)

    def recycle_bin(self, file_system_id: str) -> "NasRecycleBin":
        """The recycle bin of one file system; asks nothing yet."""
        return NasRecycleBin(self, file_system_id)

    def set_tag(self, file_system_ids: Sequence[str], key: str, value: str) -> None:
        """TagResources: set a tag on up to 50 file systems, or change its value. Done twice it does the same.

        One that is not there refuses all (error table: InvalidResourceId.NotFound; that none is tagged is assumed).

        Raises:
            CloudError: the tag may not be set.
        """
        tags = [TagResourcesRequestTag(key=key, value=value)]
        request = TagResourcesRequest(resource_type=_FILE_SYSTEM, resource_id=list(file_system_ids), tag=tags)
        self.call("TagResources", self.sdk.tag_resources_with_options, request, read_nothing)

    def remove_tag(self, file_system_ids: Sequence[str], key: str) -> None:
        """UntagResources: remove a tag from up to 50 file systems where it is there.

        Raises:
            CloudError: the tag may still be there.
        """
        request = UntagResourcesRequest(resource_type=_FILE_SYSTEM, resource_id=list(file_system_ids), tag_key=[key])
        self.call("UntagResources", self.sdk.untag_resources_with_options, request, read_nothing)

    def call(
        self,
        action: str,
        method: Method,
        request: object,
        read: Callable[[Reply], T],
        *,
        before: float | None = None,
    ) -> T:
        """One operation through rate limit and retry layer.

        Args:
            action: the operation.
            method: the method of `sdk` that calls it.
            request: the vendor's request for it.
            read: makes a value of the reply; what it misses there makes the reply count as none.
            before: for a call that changes something: epoch seconds after which it must not be sent. Such a call is
                made once and never repeated.

        Raises:
            CloudError: see `nas_error`; `Throttled` with the code ``TooLate`` when `before` came first.
        """
        return self._retry.call(
            action,
            lambda: read(self._send(action, method, request, before)),
            repeatable=before is None,
        )

    def page(self, request: ListRecycledDirectoriesAndFilesRequest) -> Page:
        """One page of ListRecycledDirectoriesAndFiles, as `call` does it.

        Raises:
            CloudError: see `nas_error`.
        """
        return self._retry.call(_LISTING, lambda: self._read_page(request), repeatable=True)

    def _read_page(self, request: ListRecycledDirectoriesAndFilesRequest) -> Page:
        self._bucket.take()
        listed_at = self._clock.now()  # as old as its request: what happens while it is answered may be missing
        _, body = self._exchange(_LISTING, self.sdk.list_recycled_directories_and_files_with_options, request)
        entries, token = read_page(_LISTING, body)
        return Page(entries, token, listed_at)

    def _send(self, action: str, method: Method, request: object, before: float | None) -> Reply:
        limit = math.inf if before is None else before
        if not self._bucket.take(limit) or self._clock.now() > limit:
            raise Throttled(action, TOO_LATE, "not sent: its turn comes after the moment until which it may be sent")
        sent_at = self._clock.now()
        headers, body = self._exchange(action, method, request)
        return Reply.parse(action, body, _date(headers), sent_at)

    def _exchange(self, action: str, method: Method, request: object) -> tuple[Mapping[str, str], bytes]:
        try:
            return self.sdk.raw(method, request, self._runtime)
        except (AlibabaCloudException, UnretryableException) as error:
            raise nas_error(action, error, self._credentials) from None


class NasRecycleBin:
    """One file system's recycle bin; satisfies `RecycleBin`, where the methods are described. From `NasClient`."""

    def __init__(self, client: NasClient, file_system_id: str) -> None:
        self._client = client
        self._id = file_system_id

    @property
    def file_system_id(self) -> str:
        """See `RecycleBin`."""
        return self._id

    def attributes(self) -> BinAttributes:
        """See `RecycleBin`. Anything but ``Enable`` counts as off (documented: Enable or Disable)."""
        request = GetRecycleBinAttributeRequest(file_system_id=self._id)
        method = self._client.sdk.get_recycle_bin_attribute_with_options
        return self._client.call("GetRecycleBinAttribute", method, request, read_attributes)

    def tags(self) -> Mapping[str, str]:
        """See `RecycleBin`."""
        method = self._client.sdk.list_tag_resources_with_options
        request = ListTagResourcesRequest(resource_type=_FILE_SYSTEM, resource_id=[self._id])
        tags: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            listed, token = self._client.call("ListTagResources", method, request, read_tags)
            tags |= listed
            if not token:
                return tags
            request.next_token = token
        raise NoAnswer("ListTagResources", "IncompleteList", f"more than {MAX_PAGES} pages of tags of {self._id}")

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        """See `RecycleBin`."""
        request = ListRecentlyRecycledDirectoriesRequest(
            file_system_id=self._id, max_results=PAGE_SIZE, next_token=token or None
        )
        method = self._client.sdk.list_recently_recycled_directories_with_options
        return self._client.call("ListRecentlyRecycledDirectories", method, request, read_directories)

    def page(self, file_id: str, token: str = "") -> Page:
        """See `RecycleBin`. A reply without ``Entries`` is no empty directory but no answer."""
        return self._client.page(
            ListRecycledDirectoriesAndFilesRequest(
                file_system_id=self._id, file_id=file_id, max_results=PAGE_SIZE, next_token=token or None
            )
        )

    def jobs(self) -> JobList:
        """See `RecycleBin`. One page of 100 holds all (documented: only the newest 50 can be queried).

        The service's order is not documented, so CreateTime decides; jobs with an unreadable one come first.
        """
        request = ListRecycleBinJobsRequest(file_system_id=self._id, page_size=100, page_number=1)
        method = self._client.sdk.list_recycle_bin_jobs_with_options
        return self._client.call("ListRecycleBinJobs", method, request, read_jobs)

    def job(self, job_id: str) -> Job:
        """See `RecycleBin`. Documented: an unknown JobId is refused with InvalidJobId.NotFound."""
        action = "ListRecycleBinJobs"
        request = ListRecycleBinJobsRequest(file_system_id=self._id, job_id=job_id, page_size=10, page_number=1)
        method = self._client.sdk.list_recycle_bin_jobs_with_options
        for job in self._client.call(action, method, request, read_jobs).newest:
            if job.id == job_id:
                return job
        raise NotFound(action, "InvalidJobId.NotFound", f"no job {job_id}")

    def delete(self, file_id: str, client_token: str, *, before: float) -> str:
        """See `RecycleBin`. Sent again only after a definite no for flow control; `NoAnswer` leaves it open."""
        request = CreateRecycleBinDeleteJobRequest(file_system_id=self._id, file_id=file_id, client_token=client_token)
        method = self._client.sdk.create_recycle_bin_delete_job_with_options
        return self._client.call("CreateRecycleBinDeleteJob", method, request, read_job_id, before=before)

    def cancel(self, job_id: str) -> None:
        """See `RecycleBin`. `SlotBusy` here: the job cannot be cancelled any more.

        Documented so in one language; in another cancelling a finished job is without effect. Repeating does no harm.
        """
        request = CancelRecycleBinJobRequest(job_id=job_id)
        method = self._client.sdk.cancel_recycle_bin_job_with_options
        self._client.call("CancelRecycleBinJob", method, request, read_nothing)


def _date(headers: Mapping[str, str]) -> float | None:
    """Seconds since the epoch of a ``Date`` header; None when there is none that can be read."""
    parsed = parsedate(headers.get("date", ""))
    return float(calendar.timegm(parsed)) if parsed else None
