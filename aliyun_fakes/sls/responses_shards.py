"""Reading a logstore by its shards on the wire: ListShards, GetCursor, GetCursorTime, PullLogs.

Paths, parameters and headers are observed on the wire of aliyun-log-python-sdk 0.9.52 and documented per operation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aliyun_fakes.core.http import Response
from aliyun_fakes.sls.codec import COMPRESSIONS, compress, write_group_list
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.logstore import LogStore
from aliyun_fakes.sls.models import SlsModel
from aliyun_fakes.sls.responses_meta import Call, Handler
from aliyun_fakes.sls.shards import Shard

MAX_GROUPS = 1000
"""Log groups of one PullLogs (documented: PullLogs page, 2025)."""

_NOT_COVERED = ("query", "processor", "pullMode")


@dataclass(frozen=True)
class _Reading:
    """A shard as a call sees it.

    Attributes:
        store: its logstore.
        shard: the shard.
        visible: the groups that can be read now; the next one to come is at the end.
    """

    store: LogStore
    shard: Shard
    visible: int

    @classmethod
    def of(cls, model: SlsModel, call: Call) -> "_Reading":
        """Find the shard that the path names.

        Raises:
            SlsError: there is no such project, logstore or shard.
        """
        store = model.logstore(call.project, call.name)
        shard = store.shards.at(call.request.path.rstrip("/").rpartition("/")[2])
        return cls(store, shard, shard.visible(model.now() - model.settings.pull_lag))

    def position(self, cursor: str) -> int:
        """The position of a cursor of PullLogs.

        Raises:
            SlsError: it is none of this shard.
        """
        position = self.shard.find(cursor)
        if position is None or not 0 <= position <= self.visible:
            raise SlsError("CursorInvalid", cursor)
        return position


def _list_shards(model: SlsModel, call: Call) -> Response:
    return Response.of_json(200, [shard.describe() for shard in model.logstore(call.project, call.name).shards])


def _get_cursor(model: SlsModel, call: Call) -> Response:
    reading = _Reading.of(model, call)
    since = call.request.given.get("from", "")
    if since in ("begin", "end"):
        position = 0 if since == "begin" else reading.visible
    elif since.isdecimal():
        position = min(reading.shard.position(int(since)), reading.visible)
    else:
        raise SlsError("ParameterInvalid", "Parameter From is not valid")
    return Response.of_json(200, {"cursor": reading.shard.cursor(position)})


def _get_cursor_time(model: SlsModel, call: Call) -> Response:
    reading = _Reading.of(model, call)
    cursor = call.request.given.get("cursor", "")
    position = reading.shard.find(cursor)
    if position is None or not 0 <= position <= reading.visible:
        raise SlsError("InvalidCursor", cursor)
    moment = model.now() if position == reading.visible else reading.shard.received(position)
    return Response.of_json(200, {"cursor_time": int(moment)})


def _pull_logs(model: SlsModel, call: Call) -> Response:
    reading = _Reading.of(model, call)
    query = call.request.given
    for name in _NOT_COVERED:
        if query.get(name):
            raise SlsError("NotSupported", f"PullLogs with {name}")
    begin = reading.position(query.get("cursor", ""))
    end = reading.position(query["end_cursor"]) if query.get("end_cursor") else reading.visible
    groups: list[bytes] = []
    size = 0
    for position in range(begin, min(end, begin + _count(query))):
        group = reading.store.group(reading.shard.group(position))
        if groups and size + len(group) > model.settings.max_pull_bytes:
            break
        groups.append(group)
        size += len(group)
    headers = {"x-log-cursor": reading.shard.cursor(begin + len(groups)), "x-log-count": str(len(groups))}
    return _packed(write_group_list(groups), call.request.headers.get("accept-encoding", ""), headers)


def _count(query: Mapping[str, str]) -> int:
    text = query.get("count", "")
    if not text.isdecimal() or not 1 <= int(text) <= MAX_GROUPS:
        raise SlsError("CountInvalid")
    return int(text)


def _packed(body: bytes, accepted: str, headers: Mapping[str, str]) -> Response:
    """The body in the form that the client accepts.

    Documented: PullLogs page, 2025: lz4, deflate or none. Observed: alibabacloud-sls20201230 asks for zstd.
    """
    told = {"Content-Type": "application/x-protobuf", "x-log-bodyrawsize": str(len(body))}
    form = next((each for each in COMPRESSIONS if each and each in accepted), "")
    if body and form:
        told["x-log-compresstype"] = form
        body = compress(body, form)
    return Response(200, told | dict(headers), body)


SHARD_HANDLERS: Mapping[str, Handler] = {
    "ListShards": _list_shards,
    "GetCursor": _get_cursor,
    "GetCursorTime": _get_cursor_time,
    "PullLogs": _pull_logs,
}
"""Every operation that reads by shards."""
