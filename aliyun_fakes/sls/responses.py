"""The log service's wire: requests in, responses out.

Writing and searching of logs; reading by shards is in `responses_shards`, dashboards, searches, jobs and alerts are in
`responses_documents`, the rest is in `responses_meta`.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from aliyun_fakes.core.credentials import AccessKeys
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.http import Request, Response
from aliyun_fakes.core.signatures.log import verify
from aliyun_fakes.core.signatures.refusal import SignatureRefused
from aliyun_fakes.sls import urls
from aliyun_fakes.sls.codec import COMPRESSIONS, Unreadable, compress, decompress, read_group
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.histograms import histogram
from aliyun_fakes.sls.logstore import NANOSECONDS, Search
from aliyun_fakes.sls.models import SlsModel
from aliyun_fakes.sls.responses_documents import DOCUMENT_HANDLERS
from aliyun_fakes.sls.responses_meta import HANDLERS, Call, json_body
from aliyun_fakes.sls.responses_shards import SHARD_HANDLERS

API_VERSIONS = ("0.6.0", "0.4.0")
_PAGE = 100
_HANDLERS = {**HANDLERS, **DOCUMENT_HANDLERS, **SHARD_HANDLERS}
OPERATIONS = frozenset(_HANDLERS) | {"PutLogs", "GetLogs", "GetHistograms"}
"""What the fake has."""
_THROTTLED = {
    "PutLogs": "WriteQuotaExceed",
    "GetLogs": "ReadQuotaExceed",
    "GetHistograms": "ReadQuotaExceed",
    "GetCursor": "ShardReadQuotaExceed",
    "PullLogs": "ShardReadQuotaExceed",
}


class SlsService:
    """The log service as the dispatcher calls it.

    Args:
        model: state and behaviour.
        keys: the identities that may call.
        machine_now: the machine's clock, seconds since the epoch; signatures are made with it.
    """

    name = "sls"

    def __init__(self, model: SlsModel, keys: AccessKeys, machine_now: Callable[[], float] = time.time) -> None:
        self._model = model
        self._keys = keys
        self._machine_now = machine_now

    def owns(self, request: Request) -> bool:
        """See `aliyun_fakes.core.dispatch.Service`."""
        return urls.owns(request)

    def operation(self, request: Request) -> str:
        """See `aliyun_fakes.core.dispatch.Service`; all forms of GetLogs are ``GetLogs``."""
        return urls.route(request).operation or "Unknown"

    def latency(self, operation: str, request: Request) -> float:  # noqa: ARG002 - the protocol's
        """Seconds from request to reply."""
        settings = self._model.settings
        of = {"PutLogs": settings.put_latency, "GetLogs": settings.read_latency, "PullLogs": settings.pull_latency}
        of["GetHistograms"] = settings.read_latency
        return of.get(operation, settings.meta_latency)

    def handle(self, request: Request) -> Response:
        """Check, act, answer."""
        try:
            return self._signed(self._answer(request))
        except SlsError as error:
            return self._refusal(error)

    def failure(self, request: Request, fault: Fault) -> Response:
        """A fault of kind ``status`` as scheduled; ``throttle`` as the quota that the operation would exceed."""
        quota = _THROTTLED.get(self.operation(request), "MetaOperationQpsLimitExceeded")
        error = SlsError(quota) if fault.kind == "throttle" else fault
        return self._refusal(error)

    def _signed(self, response: Response) -> Response:
        headers = {"Server": "nginx", "x-log-requestid": self._model.request_id()}
        return Response(response.status, headers | response.headers, response.body)

    def _refusal(self, error: SlsError | Fault) -> Response:
        return self._signed(Response.of_json(error.status, {"errorCode": error.code, "errorMessage": error.message}))

    def _answer(self, request: Request) -> Response:
        settings = self._model.settings
        version = request.headers.get("x-log-apiversion")
        if version is None:
            raise SlsError("MissingAPIVersion")
        if version not in API_VERSIONS:
            raise SlsError("InvalidAPIVersion", version)
        project = urls.project_of(request, settings.region)
        found = urls.route(request)
        self._check_caller(request, found, project)
        call = Call(request, project, found.name)
        if found.operation == "PutLogs":
            return self._put(call)
        if found.operation == "GetLogs":
            return self._get(call)
        if found.operation == "GetHistograms":
            return self._count(call)
        handler = _HANDLERS.get(found.operation)
        if handler is None and found.operation:
            raise SlsError("OperationLacking", found.operation)
        if handler is None:
            raise SlsError("OperationUnknown", request.method, request.path)
        return handler(self._model, call)

    def _check_caller(self, request: Request, found: urls.Route, project: str) -> None:
        settings, now = self._model.settings, self._machine_now()
        try:
            key = verify(request, self._keys, now, settings.region)
        except SignatureRefused as error:
            raise SlsError(error.code, error.subject, formatdate(now, usegmt=True)) from error
        action = urls.ram_action(found.operation)
        if not key.may(action):
            resource = urls.ram_resource(found, project, settings.region, settings.owner)
            raise SlsError("Denied", action, resource)

    def _put(self, call: Call) -> Response:
        headers = call.request.headers
        content_type = headers.get("content-type", "")
        if content_type != "application/x-protobuf":
            raise SlsError("InvalidContentType", content_type)
        routed = call.request.path.endswith("/route")
        hash_key = call.request.given.get("key") if routed else None
        if routed and not hash_key:
            raise SlsError("ParameterInvalid", "shards/route needs the parameter key")
        raw_size = _raw_size(headers.get("x-log-bodyrawsize"))
        if raw_size > self._model.settings.max_body_bytes:
            raise SlsError("PostBodyTooLarge", raw_size)
        compression = headers.get("x-log-compresstype", "").lower()
        if compression not in COMPRESSIONS:
            raise SlsError("InvalidCompressType", compression)
        try:
            body = decompress(call.request.body, compression, raw_size)
        except Unreadable as error:
            raise SlsError("PostBodyUncompressError") from error
        try:
            group = read_group(body)
        except Unreadable as error:
            raise SlsError("PostBodyInvalid") from error
        self._model.put(call.project, call.name, group, hash_key)
        return Response(200)

    def _get(self, call: Call) -> Response:
        is_v2 = call.request.method == "POST"
        asked = _Asked.read(json_body(call.request) if is_v2 else call.request.given)
        store, numbers = self._model.find(call.project, call.name, asked.search)
        rows = [store.record(number) for number in asked.page(numbers)]
        progress = "Incomplete" if self._model.settings.incomplete else "Complete"
        if not is_v2:
            extra = {"x-log-progress": progress, "x-log-count": str(len(rows)), "x-log-has-sql": "false"}
            return Response.of_json(200, rows, extra)
        return _packed(call.request, {"meta": _meta(asked, rows, progress), "data": rows})

    def _count(self, call: Call) -> Response:
        asked = _Asked.read(call.request.given)
        store, numbers = self._model.find(call.project, call.name, asked.search)
        progress = "Incomplete" if self._model.settings.incomplete else "Complete"
        counted = histogram(asked.search, [store.time(number) for number in numbers], progress)
        return Response.of_json(200, counted, {"x-log-progress": progress, "x-log-count": str(len(numbers))})


@dataclass(frozen=True)
class _Asked:
    """The parameters of GetLogs and GetHistograms."""

    search: Search
    line: int
    offset: int
    reverse: bool

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "_Asked":
        """From the JSON body of the newer form or the query of the older one: the names are the same.

        Raises:
            SlsError: one is missing or out of range.
        """
        since, until = _positive(given, "from"), _positive(given, "to")
        since_ns = since * NANOSECONDS + _number(given, "fromNs", 0)
        until_ns = until * NANOSECONDS + _number(given, "toNs", 0)
        if since_ns >= until_ns:
            raise SlsError("InvalidTimeRange")
        line, offset = _number(given, "line", _PAGE), _number(given, "offset", 0)
        if line < 0 or offset < 0:
            raise SlsError("LimitRequired")
        search = Search(str(given.get("query") or ""), since_ns, until_ns, given.get("topic") or None)
        reverse = str(given.get("reverse", "false")).lower()
        if reverse not in ("true", "false"):
            raise SlsError("ParameterInvalid", "Reverse value is invalid")
        return cls(search, min(line, _PAGE), offset, reverse == "true")

    def page(self, numbers: Sequence[int]) -> Sequence[int]:
        """The part asked for; `reverse` counts from the newest."""
        if not self.reverse:
            return numbers[self.offset : self.offset + self.line]
        end = max(len(numbers) - self.offset, 0)
        return numbers[max(end - self.line, 0) : end][::-1]


def _number(given: Mapping[str, Any], name: str, default: int) -> int:
    value = given.get(name, default)
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise SlsError("NotPositive", name) from error


def _positive(given: Mapping[str, Any], name: str) -> int:
    value = _number(given, name, 0)
    if value <= 0:
        raise SlsError("NotPositive", name)
    return value


def _raw_size(text: str | None) -> int:
    if text is None:
        raise SlsError("MissingBodyRawSize")
    if not text.isdecimal():
        raise SlsError("InvalidBodyRawSize", text)
    return int(text)


def _meta(asked: _Asked, rows: list[dict[str, str]], progress: str) -> dict[str, object]:
    return {
        "count": len(rows),
        "progress": progress,
        "processedRows": len(rows),
        "elapsedMillisecond": 1,
        "hasSQL": False,
        "whereQuery": asked.search.query,
        "aggQuery": "",
        "cpuSec": 0,
        "cpuCores": 0,
        "mode": 0,
        "isAccurate": True,
        "telementryType": "",  # sic
        "keys": [],
        "terms": [],
        "limited": 0,
    }


def _packed(request: Request, value: object) -> Response:
    """JSON, as an lz4 block for a client that accepts it (observed: the SDK asks for it and unpacks it)."""
    body = json.dumps(value, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    if "lz4" in request.headers.get("accept-encoding", ""):
        headers |= {"x-log-compresstype": "lz4", "x-log-bodyrawsize": str(len(body))}
        body = compress(body)
    return Response(200, headers, body)
