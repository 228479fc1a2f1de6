"""The audit log over the official log SDK.

What is fenced here (all observed with aliyun-log-python-sdk 0.9.52, unless marked):

- its ten tries, a second apart, at whatever answers 5xx cannot be turned off: a call takes up to 10 s and more, so none
  starts with less than `CALL_TAKES` seconds of the slice left;
- a put that it repeats may be stored more than once: every record carries an ``event_id``, and `find` drops copies;
- without a ``source`` it resolves host names at every put; with v1 signatures it changes the process's locale;
- errors of its own carry status 200, so codes decide;
- no handler with a queue: a frozen instance loses what it holds.

Importing this module imports the SDK.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from aliyun.log import LogClient, LogException, LogItem, PutLogsRequest

from functions.retention.audit import Record
from functions.retention.clock import Clock
from functions.retention.errors import CloudError, NoAnswer, NotFound, Refused, Throttled
from functions.retention.retry import Retry
from functions.retention.settings import Credentials, Settings

T = TypeVar("T")

TOPIC = "nas-retention"

TIMEOUT = (2, 5)
"""Seconds to connect and to wait for a reply. An acknowledgement takes milliseconds; the SDK would wait 120 s."""

CALL_TAKES = 15.0
"""Seconds one call may take: ten tries with a second's sleep after each, and time for the last reply."""

PUT_RECORDS = 2_000
PUT_BYTES = 2 * 1024 * 1024
"""One put holds at most so much: sources disagree between 3 and 10 MiB (documented), less suits all of them."""

PAGE = 100
"""Records per GetLogs call (documented maximum)."""

CLOCK_MARGIN = 300
"""Seconds a search reaches into the future: records are stamped by the clocks of many instances."""

_THROTTLED = frozenset(
    {
        "WriteQuotaExceed",
        "ShardWriteQuotaExceed",
        "ReadQuotaExceed",
        "ShardReadQuotaExceed",
        "MetaOperationQpsLimitExceeded",
    }
)
_NO_INDEX = "IndexConfigNotExist"
_NOT_FOUND = frozenset({"ProjectNotExist", "LogStoreNotExist", _NO_INDEX})
_NO_ANSWER = frozenset({"LogRequestError", "BadResponse", "InvalidResponse", "InternalServerError", "RequestTimeout"})
_SERVER_ERROR = 500


def cloud_error(operation: str, error: LogException, credentials: Credentials) -> CloudError:
    """What an SDK exception means; codes as documented on the error code page, 2023-10."""
    code = error.get_error_code()
    kind: type[CloudError] = Refused
    if code in _THROTTLED:
        kind = Throttled
    elif code in _NOT_FOUND:
        kind = NotFound
    elif code in _NO_ANSWER or error.get_resp_status() >= _SERVER_ERROR:
        kind = NoAnswer
    return kind(operation, code, credentials.redact(error.get_error_message()), error.get_request_id())


def log_client(settings: Settings, source: str) -> LogClient:
    """The SDK's client for these settings; one for each thread.

    Args:
        settings: region, endpoint and credentials.
        source: what every record names as its source, e.g. the function's name.

    An endpoint that is an IP address is called as such, with the project in the Host header only; the SDK does that by
    itself just for ``127.0.0.1`` without a port (observed).
    """
    credentials = settings.credentials
    client = LogClient(
        settings.sls_endpoint,
        credentials.access_key_id,
        credentials.access_key_secret,
        credentials.security_token or None,
        source=source,
        auth_version="v4",
        region=settings.region,
    )
    client.timeout = TIMEOUT  # type: ignore[assignment]  # the SDK's stub knows one figure; it takes a pair (observed)
    if (urlsplit(settings.sls_endpoint).hostname or "").replace(".", "").isdecimal():
        # No public way to name a port; a contract test holds this one.
        client._isRowIp = True  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    return client


class SlsAuditLog:
    """One logstore; satisfies `AuditLog`.

    Args:
        client: from `log_client`.
        settings: project, logstore, and the credentials that errors must not show.
        clock: stamps the records.
        retry: the retry layer, without a common rest: quotas are by the second here.
    """

    def __init__(self, client: LogClient, settings: Settings, *, clock: Clock, retry: Retry) -> None:
        self._client = client
        self._project = settings.sls_project
        self._logstore = settings.sls_logstore
        self._credentials = settings.credentials
        self._clock = clock
        self._retry = retry

    def put(self, records: Sequence[Record]) -> None:
        """See `AuditLog`. Large batches go in several puts; when one fails, those before it are stored.

        Raises:
            ValueError: a record without ``event_id``; copies of it could not be told apart.
            CloudError: code ``TooLate`` when the slice ends too soon for a put; else as the service answered.
        """
        for record in records:
            if not record.get("event_id"):
                raise ValueError(f"a record of event {record.get('event')!r} has no event_id")
        for batch in batches(records):
            self._call("PutLogs", partial(self._put, batch))

    def find(self, terms: Mapping[str, str], since: float, limit: int = 1000) -> list[Record]:
        """See `AuditLog`. Whole or not at all: more than `limit` records raise, for a ledger read in part misleads.

        Raises:
            CloudError: code ``Incomplete`` when the log did not search everything, or holds more than `limit`;
                `NotFound` with code ``IndexConfigNotExist`` when the logstore has no index.
        """
        query = " and ".join(f"{name}: {quoted(value)}" for name, value in terms.items()) or "*"
        until = int(self._clock.now()) + CLOCK_MARGIN
        found: dict[str, Record] = {}
        for offset in range(0, 2 * limit + PAGE, PAGE):
            page = self._call("GetLogs", partial(self._page, query, int(since), until, offset))
            for record in page:
                if terms.items() <= record.items():
                    found.setdefault(record.get("event_id", ""), record)
            if len(page) < PAGE and len(found) <= limit:
                return list(found.values())
        raise CloudError("GetLogs", "Incomplete", f"more than {limit} records for {query}")

    def has_index(self) -> bool:
        """Whether the logstore can be searched; without an index nothing ever put can be found.

        Raises:
            CloudError: the log cannot say, or `NotFound` when there is no such project or logstore.
        """
        try:
            self._call("GetIndex", self._get_index)
        except NotFound as error:
            if error.code != _NO_INDEX:
                raise
            return False
        return True

    def _put(self, batch: Sequence[Record]) -> None:
        now = self._clock.now()
        items = [_item(record, now) for record in batch]
        try:
            self._client.put_logs(PutLogsRequest(self._project, self._logstore, TOPIC, None, items))
        except LogException as error:
            raise self._cloud_error("PutLogs", error) from self._credentials.cause(error)

    def _page(self, query: str, since: int, until: int, offset: int) -> list[Record]:
        try:
            reply = self._client.get_log(
                self._project, self._logstore, since, until, query=query, offset=offset, size=PAGE
            )
        except LogException as error:
            raise self._cloud_error("GetLogs", error) from self._credentials.cause(error)
        if not reply.is_completed():
            raise CloudError("GetLogs", "Incomplete", f"the log did not search everything for {query}")
        return [_record(log.get_contents()) for log in reply.get_logs()]

    def _get_index(self) -> None:
        try:
            self._client.get_index_config(self._project, self._logstore)
        except LogException as error:
            raise self._cloud_error("GetIndex", error) from self._credentials.cause(error)

    def _call(self, operation: str, function: Callable[[], T]) -> T:
        return self._retry.call(operation, function, repeatable=True, takes=CALL_TAKES)

    def _cloud_error(self, operation: str, error: LogException) -> CloudError:
        return cloud_error(operation, error, self._credentials)


def quoted(value: str) -> str:
    """A value as a phrase of a search (documented: double quotes, inside them a backslash escapes)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def batches(records: Sequence[Record]) -> Iterator[list[Record]]:
    """The records in order, in lists that fit one put; a record that is too large alone goes alone."""
    batch: list[Record] = []
    size = 0
    for record in records:
        length = sum(len(name) + len(value.encode("utf-8", "backslashreplace")) for name, value in record.items())
        if batch and (len(batch) == PUT_RECORDS or size + length > PUT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += length
    if batch:
        yield batch


def _item(record: Record, now: float) -> LogItem:
    r"""A record with both parts of its time; the SDK fills a missing one from a clock of its own (observed).

    Half of a surrogate pair, which a file name can hold and no encoding takes, is written as ``\udxxx``.
    """
    contents = [(name, value.encode("utf-8", "backslashreplace").decode()) for name, value in record.items()]
    item = LogItem(int(now), contents)
    item.set_time_nano_part(int(now % 1 * 1_000_000_000))
    return item


def _record(contents: Mapping[str, object]) -> Record:
    """What was put, without the fields the service adds (documented: two leading underscores)."""
    return {name: str(value) for name, value in contents.items() if not name.startswith("__")}
