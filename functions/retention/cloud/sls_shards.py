"""Reading the audit log by its shards: what was written lately, without waiting for the index.

A shard is read first in, first out, from a cursor. A cursor is found by the time at which the service received a log,
in whole seconds. Documented: GetCursor page, 2025; "Differences between log consumption and log query" page, 2026.
That an acknowledged PutLogs is in the next PullLogs of its shard is assumed: the vendor says "within seconds".

Importing this module imports the SDK.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from aliyun.log import LogClient, LogException

from functions.retention.core import CloudError, NoAnswer, Record

T = TypeVar("T")

GROUPS = 1000
"""Log groups per PullLogs, one for each put (documented maximum: PullLogs page, 2025)."""

MAX_CALLS = 64
"""Calls of one reading, repetitions not counted. With one shard that is some 60,000 puts."""

MAX_BYTES = 16 * 1024 * 1024
"""Bytes of one reading before compression. Ten minutes of twenty busy file systems are 1.8 MB."""

REACH = 1800
"""Seconds that what was read may begin before the moment asked for. Beyond that a reading begins anew."""

_PULL = "PullLogs"


class Call(Protocol):
    """Makes one call of the log service, with retries; its errors are `CloudError` and show no secret."""

    def __call__(self, operation: str, function: Callable[[], T]) -> T:
        """The function's result."""


@dataclass(frozen=True)
class Written:
    """One record.

    Attributes:
        at: what its writer's clock said, seconds since the epoch.
        record: its fields.
    """

    at: int
    record: Record


@dataclass(frozen=True)
class Page:
    """What one PullLogs answered.

    Attributes:
        written: in the order of writing.
        next_cursor: where the next page begins.
        size: bytes before compression.
    """

    written: list[Written]
    next_cursor: str
    size: int


@dataclass
class _Shard:
    """What was read of one shard.

    Attributes:
        cursor: where the next reading begins.
        written: all so far, in the order of writing.
    """

    cursor: str
    written: list[Written] = field(default_factory=list)


@dataclass
class _Allowance:
    """What a reading may still use."""

    calls: int = MAX_CALLS
    size: int = MAX_BYTES

    def call(self, operation: str) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise CloudError(operation, "Incomplete", f"reading the log by shards takes more than {MAX_CALLS} calls")

    def read(self, size: int) -> None:
        self.size -= size
        if self.size < 0:
            raise CloudError(_PULL, "Incomplete", f"the log holds more than {MAX_BYTES} bytes since that moment")


class ShardReader:
    """Reads one logstore by its shards. It keeps what it read, so the next reading asks only for what came since.

    Args:
        client: from `log_client`.
        project: the logstore's project.
        logstore: its name.
        call: makes each call.
    """

    def __init__(self, client: LogClient, project: str, logstore: str, call: Call) -> None:
        self._client, self._project, self._logstore = client, project, logstore
        self._call = call
        self._begun = 0
        self._size = 0
        self._shards: dict[int, _Shard] = {}

    def written_since(self, moment: float) -> list[Record]:
        """See `RecentRecords`. Shards are read in the order of their numbers, those that are read-only too.

        A shard that was split has a smaller number than those it was split into, so what was written before the split
        comes first.

        Raises:
            CloudError: code ``Incomplete`` when the reading exceeds `MAX_CALLS` or `MAX_BYTES`, or does not come to
                the end of a shard; ``UnreadableRecord`` when a record cannot be decoded; else as the service answered.
        """
        since = max(int(moment), 0)
        if not self._begun <= since <= self._begun + REACH or self._size > MAX_BYTES:
            self._forget(since)
        try:
            shards = self._read_on(_Allowance())
        except CloudError:
            self._forget(since)  # a cursor that the service does not take any more must not fail every later reading
            raise
        return _first_of_each(each.record for shard in shards for each in shard.written if each.at >= since)

    def _forget(self, since: int) -> None:
        self._begun, self._size, self._shards = since, 0, {}

    def _read_on(self, allowance: _Allowance) -> list[_Shard]:
        """All shards, each read up to where it ended when its turn came."""
        allowance.call("ListShards")
        numbers = self._call("ListShards", self._list_shards)
        for number in numbers:
            if number not in self._shards:
                self._shards[number] = _Shard(self._cursor(number, self._begun, allowance))
            self._read_shard(number, self._shards[number], allowance)
        return [self._shards[number] for number in numbers]

    def _read_shard(self, number: int, shard: _Shard, allowance: _Allowance) -> None:
        end = self._cursor(number, "end", allowance)
        while shard.cursor != end:
            allowance.call(_PULL)
            page = self._call(_PULL, partial(self._pull, number, shard.cursor, end))
            allowance.read(page.size)
            self._size += page.size
            shard.written += page.written
            shard.cursor = page.next_cursor

    def _cursor(self, shard: int, where: int | str, allowance: _Allowance) -> str:
        allowance.call("GetCursor")
        return self._call("GetCursor", partial(self._get_cursor, shard, where))

    def _list_shards(self) -> list[int]:
        described = self._client.list_shards(self._project, self._logstore).get_shards_info()
        shards = sorted(int(shard["shardID"]) for shard in described)
        if not shards:
            raise NoAnswer("ListShards", "Incomplete", f"no shard of {self._logstore} is listed, and each log has one")
        return shards

    def _get_cursor(self, shard: int, where: int | str) -> str:
        return str(self._client.get_cursor(self._project, self._logstore, shard, where).get_cursor())

    def _pull(self, shard: int, cursor: str, end: str) -> Page:
        reply: Any = self._client.pull_logs(self._project, self._logstore, shard, cursor, count=GROUPS, end_cursor=end)
        try:
            groups = reply.get_loggroup_list().LogGroups
        except LogException:
            # The SDK's text holds the whole reply (observed), so it is neither quoted nor chained.
            raise NoAnswer(_PULL, "UnreadableReply", f"shard {shard} at {cursor}: not a list of log groups") from None
        if len(groups) != reply.get_loggroup_count():
            told = f"{len(groups)} log groups where x-log-count says {reply.get_loggroup_count()}"
            raise NoAnswer(_PULL, "Incomplete", f"shard {shard} at {cursor}: {told}")
        if reply.get_next_cursor() == cursor:
            raise NoAnswer(_PULL, "Incomplete", f"shard {shard} at {cursor}: nothing more before its end at {end}")
        written = [Written(log.Time, _record(log.Contents, shard, cursor)) for group in groups for log in group.Logs]
        return Page(written, str(reply.get_next_cursor()), int(reply.get_raw_size()))


def _record(contents: Iterable[Any], shard: int, cursor: str) -> Record:
    """What was put, without fields with two leading underscores, as `SlsAuditLog.find` gives it."""
    record: Record = {}
    for content in contents:
        try:
            name, value = _text(content.Key), _text(content.Value)
        except UnicodeDecodeError as error:
            raise CloudError(_PULL, "UnreadableRecord", f"shard {shard} after {cursor}: text is not UTF-8") from error
        if name in record:
            raise CloudError(_PULL, "UnreadableRecord", f"shard {shard} after {cursor}: a record has a field twice")
        record[name] = value
    return {name: value for name, value in record.items() if not name.startswith("__")}


def _text(value: str | bytes) -> str:
    """The SDK gives bytes where a reply holds anything that is not UTF-8 (observed)."""
    return value.decode() if isinstance(value, bytes) else value


def _first_of_each(records: Iterable[Record]) -> list[Record]:
    """Records of the caller's own, of one ``event_id`` the first. Records without an ``event_id`` all stay."""
    seen: set[str] = set()
    kept: list[Record] = []
    for record in records:
        event_id = record.get("event_id", "")
        if event_id not in seen:
            kept.append(dict(record))
        if event_id:
            seen.add(event_id)
    return kept
