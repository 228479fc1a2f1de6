"""NAS over the official SDK: the recycle bin of a file system, and its tags.

The SDK is used by the generic ``call_api`` of its core, which hands replies on as bytes. The typed client on top of the
core stays out: its 400 modules of models take longer to import than the core, and decoding pages here costs a fraction
of the processor time of those models, and a sixth of the core's plain dicts (observed: SDK 3.7.5). The core neither
retries nor checks parameters, and it raises bare exceptions without a code when no usable reply came (observed); all of
that is met here and nowhere else.

Importing this module imports the SDK: handlers import it when they first need a bin.
"""

import calendar
from collections.abc import Callable, Mapping
from email.utils import parsedate
from typing import TypeVar
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.exceptions import UnretryableException
from darabonba.runtime import RuntimeOptions

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
from functions.retention.cloud.rate_limit import TokenBucket
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import Credentials, Settings
from functions.retention.core import (
    BinAttributes,
    Clock,
    CloudError,
    Job,
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

API_VERSION = "2017-06-26"

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

_STALE_TOKEN = "InvalidParameter.InvalidNextToken"  # noqa: S105 - an error code

_SERVER_ERROR = 500


def nas_error(operation: str, error: Exception, credentials: Credentials) -> CloudError:
    """What an SDK exception means.

    Codes and statuses as documented in the operations' error tables (API metadata; CreateRecycleBinDeleteJob and
    ListRecycledDirectoriesAndFiles pages, 2024-03). Only the listed ``NotFound`` codes say that something is gone: an
    unknown key or API answers with codes that end alike. A 5xx leaves the effect open, so it is `NoAnswer`; so is
    whatever carries no code (observed: time-outs, dropped connections and HTML pages do not).
    """
    code = getattr(error, "code", None)
    if not code or code == "None":
        silence = getattr(error, "inner_exception", None) or error
        return NoAnswer(operation, type(silence).__name__, credentials.redact(str(silence)))
    request_id = getattr(error, "request_id", None) or ""
    kind = _kind(code, getattr(error, "status_code", None) or 0)
    return kind(operation, code, credentials.redact(_message(error)), request_id if request_id != "None" else "")


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


def _message(error: Exception) -> str:
    """The service's own words, and the missing permission where it names one (documented: RAM denials)."""
    data = getattr(error, "data", None) or {}
    message = str(data.get("Message") or error)
    denied = data.get("AccessDeniedDetail")
    action = denied.get("AuthAction") if isinstance(denied, dict) else None
    return f"{message} (missing permission: {action})" if action else message


class NasClient:
    """NAS of one account and region. Not shared between threads: build one for each.

    Args:
        settings: region, credentials, perhaps an endpoint.
        clock: tells when a listing was made.
        bucket: the request rate, shared by all clients of the invocation.
        retry: the retry layer, with the invocation's common rest.
    """

    def __init__(self, settings: Settings, *, clock: Clock, bucket: TokenBucket, retry: Retry) -> None:
        self.service_time: float | None = None
        self._clock = clock
        self._credentials = settings.credentials
        self._bucket = bucket
        self._retry = retry
        self._client = nas_client(settings)
        self._runtime = RuntimeOptions(autoretry=False, connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)

    def recycle_bin(self, file_system_id: str) -> "NasRecycleBin":
        """The recycle bin of one file system; asks nothing yet."""
        return NasRecycleBin(self, file_system_id)

    def set_tag(self, file_system_id: str, key: str, value: str) -> None:
        """TagResources: set a tag, or change its value. Done twice it does the same.

        Raises:
            CloudError: the tag may not be set.
        """
        query = _resource(file_system_id) | {"Tag.1.Key": key, "Tag.1.Value": value}
        self.call("TagResources", query, read_nothing, method="POST")

    def remove_tag(self, file_system_id: str, key: str) -> None:
        """UntagResources: remove a tag if it is there.

        Raises:
            CloudError: the tag may still be there.
        """
        self.call("UntagResources", _resource(file_system_id) | {"TagKey.1": key}, read_nothing, method="POST")

    def call(
        self,
        action: str,
        query: Mapping[str, str],
        read: Callable[[Reply], T],
        *,
        method: str = "GET",
        repeatable: bool = True,
    ) -> T:
        """One operation through rate limit and retry layer.

        Args:
            action: the operation.
            query: its parameters, lists already flattened.
            read: makes a value of the reply; what it misses there makes the reply count as none.
            method: what the SDK's own method for the operation sends (observed: SDK 3.7.5).
            repeatable: whether doing it twice does no harm.

        Raises:
            CloudError: see `nas_error`.
        """
        return self._retry.call(
            action, lambda: read(Reply.parse(action, self._send(action, method, query))), repeatable=repeatable
        )

    def page(self, query: Mapping[str, str]) -> Page:
        """One page of ListRecycledDirectoriesAndFiles, as `call` does it.

        Raises:
            CloudError: see `nas_error`.
        """
        return self._retry.call(_LISTING, lambda: self._read_page(query), repeatable=True)

    def _read_page(self, query: Mapping[str, str]) -> Page:
        body = self._send(_LISTING, "GET", query)
        listed_at = self._clock.now()
        entries, token = read_page(_LISTING, body)
        return Page(entries, token, listed_at)

    def _send(self, action: str, method: str, query: Mapping[str, str]) -> bytes:
        self._bucket.take()
        params = Params(
            action=action,
            version=API_VERSION,
            protocol="HTTPS",
            pathname="/",
            method=method,
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="byte",
        )
        try:
            reply = self._client.call_api(params, OpenApiRequest(query=dict(query)), self._runtime)
        except (AlibabaCloudException, UnretryableException) as error:
            raise nas_error(action, error, self._credentials) from self._credentials.cause(error)
        self.service_time = _date(reply["headers"]) or self.service_time
        body: bytes = reply["body"]
        return body


class NasRecycleBin:
    """One file system's recycle bin; satisfies `RecycleBin`, where the methods are described. From `NasClient`."""

    def __init__(self, client: NasClient, file_system_id: str) -> None:
        self._client = client
        self._id = file_system_id

    @property
    def file_system_id(self) -> str:
        """See `RecycleBin`."""
        return self._id

    @property
    def service_time(self) -> float | None:
        """The newest ``Date`` of any reply to this client; error replies do not show theirs (observed: SDK 3.7.5)."""
        return self._client.service_time

    def attributes(self) -> BinAttributes:
        """See `RecycleBin`. Anything but ``Enable`` counts as off (documented: Enable or Disable)."""
        return self._client.call("GetRecycleBinAttribute", self._query(), read_attributes)

    def tags(self) -> Mapping[str, str]:
        """See `RecycleBin`."""
        tags: dict[str, str] = {}
        token = ""
        for _ in range(MAX_PAGES):
            query = _resource(self._id) | ({"NextToken": token} if token else {})
            listed, token = self._client.call("ListTagResources", query, read_tags, method="POST")
            tags |= listed
            if not token:
                return tags
        raise NoAnswer("ListTagResources", "IncompleteList", f"more than {MAX_PAGES} pages of tags of {self._id}")

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        """See `RecycleBin`."""
        return self._client.call("ListRecentlyRecycledDirectories", self._listing(token), read_directories)

    def page(self, file_id: str, token: str = "") -> Page:
        """See `RecycleBin`. A reply without ``Entries`` is no empty directory but no answer."""
        return self._client.page(self._listing(token) | {"FileId": file_id})

    def jobs(self) -> list[Job]:
        """See `RecycleBin`. One page of 100 holds all (documented: only the newest 50 can be queried).

        The service's order is not documented, so CreateTime decides; jobs with an unreadable one come first.
        """
        return self._client.call("ListRecycleBinJobs", self._query(PageSize="100", PageNumber="1"), read_jobs)

    def delete(self, file_id: str, client_token: str) -> str:
        """See `RecycleBin`. Sent again only after a definite no for flow control; `NoAnswer` leaves it open."""
        query = self._query(FileId=file_id, ClientToken=client_token)
        return self._client.call("CreateRecycleBinDeleteJob", query, read_job_id, repeatable=False)

    def cancel(self, job_id: str) -> None:
        """See `RecycleBin`. `SlotBusy` here: the job cannot be cancelled any more.

        Documented so in one language; in another cancelling a finished job is without effect. Repeating does no harm.
        """
        self._client.call("CancelRecycleBinJob", {"JobId": job_id}, read_nothing)

    def _query(self, **parameters: str) -> dict[str, str]:
        return {"FileSystemId": self._id, **parameters}

    def _listing(self, token: str) -> dict[str, str]:
        return self._query(MaxResults=str(PAGE_SIZE)) | ({"NextToken": token} if token else {})


def nas_client(settings: Settings) -> Client:
    """The SDK's client, calling the region's public endpoint unless the settings name another.

    Regions of some partners and of finance have others, about which the vendor's own lists disagree; there NAS_ENDPOINT
    has to be set (documented: endpoint lists of SDK 3.7.5, of the command line and of the API metadata).
    """
    config = client_config(settings)
    config.endpoint = config.endpoint or f"nas.{settings.region}.aliyuncs.com"
    return Client(config)


def _resource(file_system_id: str) -> dict[str, str]:
    return {"ResourceType": "filesystem", "ResourceId.1": file_system_id}


def client_config(settings: Settings) -> Config:
    """What every SDK of this family is configured with: identity, region, and an endpoint where one is set."""
    endpoint = urlsplit(settings.nas_endpoint) if settings.nas_endpoint else None
    return Config(
        access_key_id=settings.credentials.access_key_id,
        access_key_secret=settings.credentials.access_key_secret,
        security_token=settings.credentials.security_token or None,
        region_id=settings.region,
        endpoint=endpoint.netloc if endpoint else None,
        protocol=endpoint.scheme.upper() if endpoint else "HTTPS",
    )


def _date(headers: Mapping[str, str]) -> float | None:
    """Seconds since the epoch of a ``Date`` header; None when there is none that can be read."""
    parsed = parsedate(headers.get("date", ""))
    return float(calendar.timegm(parsed)) if parsed else None
