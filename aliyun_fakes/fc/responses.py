"""Function Compute over HTTP, both versions of its API: parameters in, wire out."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass

from aliyun_fakes.core.credentials import AccessKeys
from aliyun_fakes.core.dispatch import TryAgain
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.gateway import GatewayError
from aliyun_fakes.core.http import Headers, Request, Response
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.core.signatures import fc as fc_signature
from aliyun_fakes.core.signatures.acs import AcsVerifier
from aliyun_fakes.core.signatures.refusal import SignatureRefused
from aliyun_fakes.core.tables import ServiceError
from aliyun_fakes.fc import management, management_2016, urls
from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.host import FunctionHost
from aliyun_fakes.fc.results import InvocationResult
from aliyun_fakes.fc.settings import FcSettings

TAIL_BYTES = 4096
_READS = {"2016-08-15": management_2016.READS, "2023-03-30": management.READS}
_TASK_HEADERS = ("x-fc-async-task-id", "x-fc-stateful-async-invocation-id")


@dataclass
class _Waiting:
    """A synchronous invocation whose caller waits; keeps the request so that its identity stays its own."""

    request: Request
    host: FunctionHost
    result: InvocationResult | None = None


class FcService:
    """The service as the dispatcher calls it.

    Args:
        keys: the identities that may call.
        ids: request ids.
        host: runs the functions; None while none are deployed.
        wall_clock: the machine's time, seconds since the epoch, for the freshness of signatures.

    Attributes:
        name: for the request log and faults.
        host: as given; another one takes its place when something else is deployed.
    """

    name = "fc"

    def __init__(
        self,
        keys: AccessKeys,
        ids: Ids,
        host: FunctionHost | None = None,
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.host = host
        self._keys, self._ids, self._wall_clock = keys, ids, wall_clock
        self._acs = AcsVerifier(keys, wall_clock=wall_clock)
        self._waiting: dict[int, _Waiting] = {}

    def owns(self, request: Request) -> bool:
        """See `Service`."""
        return urls.owns(request)

    def operation(self, request: Request) -> str:
        """See `Service`."""
        return urls.operation(request)

    def latency(self, operation: str, request: Request) -> float:  # noqa: ARG002 - the protocol's signature
        """See `Service`; the invocation's own time comes on top."""
        return (self.host.settings if self.host else FcSettings()).latency

    def handle(self, request: Request) -> Response | TryAgain:
        """See `Service`. A synchronous invocation is asked for again and again until it has ended."""
        known = self._waiting.get(id(request))
        if known is not None:
            known.host.pump()
        try:
            answer = known or self._begin(request)
        except ServiceError as error:
            return self._refusal(request, error)
        if isinstance(answer, Response):
            return answer
        if answer.result is None:
            return TryAgain(answer.host.now() + answer.host.settings.poll_step)
        self._waiting.pop(id(request), None)
        return _answer(request, answer.result, answer.host.package.look()[1])

    def failure(self, request: Request, fault: Fault) -> Response:
        """See `Service`."""
        throttled = fault.kind == "throttle"
        error = FcError("ResourceExhausted", "a fault of the schedule") if throttled else fault
        return self._refusal(request, error)

    def _begin(self, request: Request) -> _Waiting | Response:
        target = urls.target(request)
        if target is None:
            lacking = urls.ROUTES.find(request.method, request.raw_path, request.query)
            refusal = (
                ("OperationLacking", lacking)
                if lacking
                else ("PathNotSupported", f"'{request.method}' against '{request.path}'")
            )
            raise FcError(*refusal)
        self._authorise(request, target.operation)
        host = self._host_of(target)
        if target.qualifier != "LATEST":
            raise FcError("AliasNotFound", target.qualifier)
        if target.operation != urls.INVOKE:
            found = _READS[target.api][target.operation](host, target, request.query)
            return Response.of_json(200, found, {"X-Fc-Request-Id": host.new_request_id()})
        kind = request.headers.get("x-fc-invocation-type", "Sync")
        if kind not in ("Sync", "Async"):
            raise FcError("InvalidArgument", f"invocation type {kind!r} is not Sync or Async")
        host.pump()
        if kind == "Async":
            return self._queue(request, host, target.function)
        return self._start(request, host, target.function)

    def _host_of(self, target: urls.Target) -> FunctionHost:
        """What is deployed, if it may be what the target names."""
        if target.service and (self.host is None or target.service != self.host.service):
            raise FcError("ServiceNotFound", target.service)
        if self.host is None:
            raise FcError("FunctionNotFound", target.function)
        return self.host

    def _queue(self, request: Request, host: FunctionHost, function: str) -> Response:
        task_id = next((request.headers[name] for name in _TASK_HEADERS if name in request.headers), "")
        request_id = host.invoke_async(function, request.body, _delay(request.headers), task_id)
        return Response(202, {"X-Fc-Request-Id": request_id})

    def _start(self, request: Request, host: FunctionHost, function: str) -> _Waiting:
        if request.headers.get("x-fc-log-type", "None") not in ("None", "Tail"):
            raise FcError("InvalidArgument", f"log type {request.headers['x-fc-log-type']!r} is not None or Tail")
        waiting = _Waiting(request, host)

        def ended(result: InvocationResult) -> None:
            waiting.result = result

        host.start(function, request.body, ended)
        self._waiting[id(request)] = waiting
        return waiting

    def _authorise(self, request: Request, operation: str) -> None:
        is_old = urls.api_of(request) == "2016-08-15"
        try:
            key = fc_signature.verify(request, self._keys, self._wall_clock()) if is_old else self._acs.verify(request)
        except SignatureRefused as refusal:
            error = FcError(refusal.code, refusal.subject) if is_old else GatewayError(refusal.code, refusal.subject)
            raise error from refusal
        if not key.may(f"fc:{operation}"):
            raise FcError("AccessDenied", f"the caller is not authorized to perform 'fc:{operation}'")

    def _refusal(self, request: Request, error: ServiceError | Fault) -> Response:
        """An error body: 2016 as aliyun-fc2 reads it (observed), 2023 as the API's Error struct (documented)."""
        request_id = self._ids.request_id().lower()
        headers = {"X-Fc-Request-Id": request_id}
        if urls.api_of(request) == "2016-08-15":
            return Response.of_json(error.status, {"ErrorCode": error.code, "ErrorMessage": error.message}, headers)
        body = {"RequestId": request_id, "Code": error.code, "Message": error.message}
        return Response.of_json(error.status, body, headers)


def _delay(headers: Headers) -> float:
    text = headers.get("x-fc-async-delay", "0")
    if not text.isdigit():
        raise FcError("InvalidArgument", f"async delay {text!r} is not a whole number of seconds")
    return float(text)


def _answer(request: Request, result: InvocationResult, checksum: str) -> Response:
    """200 also for a function's error, told by ``X-Fc-Error-Type`` (documented: error handling page)."""
    headers = {
        "Content-Type": "application/json" if result.error_type else "application/octet-stream",
        "X-Fc-Request-Id": result.request_id,
        "X-Fc-Instance-Id": result.instance_id,
        "X-Fc-Code-Checksum": checksum,
        "X-Fc-Invocation-Duration": str(round(result.seconds * 1000)),
        "X-Fc-Max-Memory-Usage": "0",
        "X-Fc-Invocation-Service-Version": "LATEST",
    }
    if result.error_type:
        headers["X-Fc-Error-Type"] = result.error_type
    if request.headers.get("x-fc-log-type") == "Tail":
        headers["X-Fc-Log-Result"] = base64.b64encode(result.log.encode()[-TAIL_BYTES:]).decode()
    return Response(200, headers, result.payload)
