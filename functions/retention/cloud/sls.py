"""The audit log over the official log SDK.

What is fenced here (all observed with aliyun-log-python-sdk 0.9.52, unless marked):

- it tries ten times, a second apart, whatever answers 5xx, and cannot be told not to: see `_Client`;
- a call that is cut off helps nobody: none starts with less than `CALL_TAKES` seconds of the slice left;
- a put whose reply was lost is put again: every record carries an ``event_id``, and `find` drops copies;
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

from functions.retention.cloud.foreign_errors import is_error_status, refusal, silence, silence_words
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import Credentials, Settings
from functions.retention.cloud.sls_shards import ShardReader
from functions.retention.core import (
    Clock,
    CloudError,
    NoAnswer,
    NotFound,
    Record,
    Refused,
    Terms,
    Throttled,
    matches,
    values_of,
)

T = TypeVar("T")

TOPIC = "nas-retention"

TIMEOUT = (2, 5)
"""Seconds to connect and to wait for a reply. An acknowledgement takes milliseconds; the SDK would wait 120 s."""

CALL_TAKES = 15.0
"""Seconds of the slice that one call must find left: twice what `TIMEOUT` allows, since resolving a name and a reply
that trickles in have no time-out of their own."""

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

_INCOMPLETE = "Incomplete"

_NO_ANSWER = frozenset(
    {
        "LogRequestError",
        "BadResponse",
        "InvalidResponse",
        "UnsupportedCompressType",
        "InternalServerError",
        "RequestTimeout",
        _INCOMPLETE,
    }
)

_SERVER_ERROR = 500


def log_error(operation: str, error: LogException, credentials: Credentials) -> CloudError:
    """What an SDK exception means; codes as documented on the error code page, 2023-10.

    None of its text is kept (`foreign_errors`), so raise it ``from None``. That something exists already is said of
    dashboards and saved searches only in the message (observed: tests of the vendor's Java SDK), so it is said again.
    """
    code, status, said = error.get_error_code(), error.get_resp_status(), str(error.get_error_message())
    kind: type[CloudError] = Refused
    if code in _THROTTLED:
        kind = Throttled
    elif code in _NOT_FOUND:
        kind = NotFound
    elif code in _NO_ANSWER or status >= _SERVER_ERROR:
        kind = NoAnswer
    extra = "it already exists" if "already exist" in said else ""
    if kind is NoAnswer and not is_error_status(status):
        extra = silence_words(error, credentials)
    return refusal(
        kind,
        operation,
        credentials,
        code=code,
        status=status if is_error_status(status) else None,
        request_id=error.get_request_id(),
        said=said,
        extra=extra,
    )


class _Reported(Exception):
    """Carries the SDK's exception past the SDK's own loops, which catch nothing but that.

    Attributes:
        error: what the SDK would have raised after its last try.
    """

    def __init__(self, error: LogException) -> None:
        super().__init__()
        self.error = error


class _Client(LogClient):
    """The SDK's client with one try per call, for the retry layer is the only one that tries again.

    By itself it sleeps a second and tries again, ten times, after any 5xx and over http after any silence; and asks
    five times, half a second apart, while a search is incomplete (observed). Every call passes these two methods;
    contract tests hold that it does.
    """

    def _sendRequest(self, *request: object, **options: object) -> object:  # noqa: N802 - the SDK's name
        try:
            return super()._sendRequest(*request, **options)  # type: ignore[misc]  # the stub leaves it out
        except LogException as error:
            raise _Reported(error) from error

    @staticmethod
    def _loadJson(  # noqa: N802 - the SDK's name
        resp_status: int,
        resp_header: Mapping[str, str],
        resp_body: bytes,
        requestId: str,  # noqa: N803 - as above
    ) -> object:
        value = LogClient._loadJson(resp_status, resp_header, resp_body, requestId)  # type: ignore[attr-defined]  # noqa: SLF001 - as above
        meta = value.get("meta") if isinstance(value, dict) else None
        if isinstance(meta, dict) and meta.get("progress") != "Complete":
            raise _Reported(LogException(_INCOMPLETE, "the log did not search everything", requestId))
        return value


def log_client(settings: Settings, source: str) -> LogClient:
    """The SDK's client for these settings; one for each thread.

    Args:
        settings: region, endpoint and credentials.
        source: what every record names as its source, e.g. the function's name.

    An endpoint that is an IP address is called as such, with the project in the Host header only; the SDK does that by
    itself just for ``127.0.0.1`` without a port (observed).
    """
    credentials = settings.credentials
    client = _Client(
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
    """One logstore; satisfies `AuditLog` and `RecentRecords`.

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
        self._shards = ShardReader(client, self._project, self._logstore, self._call)

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

    def find(self, terms: Terms, since: float, limit: int = 1000) -> list[Record]:
        """See `AuditLog`. Whole or not at all: more than `limit` records raise, for a ledger read in part misleads.

        Raises:
            CloudError: code ``Incomplete`` when the log did not search everything, or holds more than `limit`;
                `NotFound` with code ``IndexConfigNotExist`` when the logstore has no index.
        """
        if not all(map(values_of, terms.values())):
            return []  # a field without values matches nothing, and the language cannot say so
        query = " and ".join(condition(field, values_of(wanted)) for field, wanted in terms.items()) or "*"
        until = int(self._clock.now()) + CLOCK_MARGIN
        found: dict[str, Record] = {}
        for offset in range(0, 2 * limit + PAGE, PAGE):
            page = self._call("GetLogs", partial(self._page, query, int(since), until, offset))
            for record in page:
                if matches(record, terms):
                    found.setdefault(record.get("event_id", ""), record)
            if len(page) < PAGE and len(found) <= limit:
                return list(found.values())
        raise CloudError("GetLogs", "Incomplete", f"more than {limit} records for {query}")

    def written_since(self, moment: float) -> list[Record]:
        """See `RecentRecords` and, for bounds and errors, `ShardReader.written_since`."""
        return self._shards.written_since(moment)

    def has_index(self) -> bool:
        """Whether the logstore can be searched; without an index nothing ever put can be found.

        Raises:
            CloudError: the log cannot say, or `NotFound` when there is no such project or logstore.
        """
        try:
            return self._call("GetIndex", self._get_index)
        except NotFound as error:
            if error.code != _NO_INDEX:
                raise
            return False

    def _put(self, batch: Sequence[Record]) -> None:
        now = self._clock.now()
        items = [_item(record, now) for record in batch]
        reply = self._client.put_logs(PutLogsRequest(self._project, self._logstore, TOPIC, None, items))
        if not reply.get_request_id():
            raise NoAnswer("PutLogs", "NotAcknowledged", "the reply has no request id, so it is not the log's")

    def _page(self, query: str, since: int, until: int, offset: int) -> list[Record]:
        reply = self._client.get_log(self._project, self._logstore, since, until, query=query, offset=offset, size=PAGE)
        if not reply.is_completed():  # another SDK (runtimes bring an older one) may not pass `_Client._loadJson`
            raise NoAnswer("GetLogs", _INCOMPLETE, f"the log did not search everything for {query}")
        return [_record(log.get_contents()) for log in reply.get_logs()]

    def _get_index(self) -> bool:
        index = self._client.get_index_config(self._project, self._logstore).get_index_config()
        return bool(index.line_config or index.key_config_list or index.all_keys_config)

    def _call(self, operation: str, function: Callable[[], T]) -> T:
        attempt = partial(ask, operation, function, self._credentials)
        return self._retry.call(operation, attempt, repeatable=True, takes=CALL_TAKES)


def ask(operation: str, function: Callable[[], T], credentials: Credentials) -> T:
    """One call's result.

    Args:
        operation: the API operation, for errors.
        function: calls a client made by `log_client`.
        credentials: that errors must not show.

    Raises:
        CloudError: see `log_error`.
    """
    try:
        return function()
    except _Reported as reported:
        error = reported.error
    except LogException as raised:
        error = raised
    except CloudError:
        raise
    except Exception as unread:  # noqa: BLE001 - the SDK reads replies without a net under it (observed)
        found = silence(operation, unread, credentials)
        raise NoAnswer(operation, "UnreadableReply", f"{found.code}: {found.message}") from None
    raise log_error(operation, error, credentials) from None


def condition(field: str, values: Sequence[str]) -> str:
    """What a search asks of one field: one of the values (documented: parentheses bind before ``and`` and ``or``)."""
    either = " or ".join(f"{field}: {quoted(value)}" for value in values)
    return either if len(values) == 1 else f"({either})"


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
