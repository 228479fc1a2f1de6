"""From a request to the service it is for, through latency, faults and the request log.

A request travels half of its operation's latency, has its effect at that moment, and the reply travels the
other half. A fault *before* the effect replaces it; one *after* keeps the effect and spoils the reply.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Protocol

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.faults import Fault, Faults
from aliyun_fakes.core.http import ConnectionDropped, InstanceCrashed, ReadTimedOut, Request, Response

LOG_LENGTH = 10_000


@dataclass(frozen=True)
class TryAgain:
    """A service's answer to a long poll with nothing to give yet: ask again at this moment."""

    at: float


class Service(Protocol):
    """One fake service: what belongs to it, and what it answers."""

    name: str

    def owns(self, request: Request) -> bool:
        """Whether a request is for this service, told by its headers, path and query (hosts differ per front)."""

    def operation(self, request: Request) -> str:
        """The API operation's name, for the request log, latencies and faults."""

    def latency(self, operation: str, request: Request) -> float:
        """Seconds from request to reply."""

    def handle(self, request: Request) -> Response | TryAgain:
        """Check, act, answer. Never raises for what a client did wrong."""

    def failure(self, request: Request, fault: Fault) -> Response:
        """An error reply in this service's shape, for faults of the kinds ``status`` and ``throttle``."""


@dataclass(frozen=True)
class LoggedRequest:
    """One line of the request log.

    Attributes:
        at: when it arrived, seconds since the epoch on the fakes' clock.
        service: e.g. ``nas``.
        operation: e.g. ``CreateRecycleBinDeleteJob``.
        parameters: query and form parameters, without signatures and tokens.
        status: of the reply; 0 when none came.
        fault: the kind of fault that struck, or "".
    """

    at: float
    service: str
    operation: str
    parameters: Mapping[str, str]
    status: int
    fault: str = ""


SECRET_PARAMETERS = frozenset({"Signature", "SecurityToken", "AccessKeyId", "SignatureNonce"})


class Dispatcher:
    """Routes requests to services.

    Args:
        services: in the order they are asked whether a request is theirs.
        clock: time for latencies and the ``Date`` header.
        faults: the fault schedule.

    Attributes:
        log: the newest requests.
        counts: calls so far by (service, operation); never cut.
        on_request: called with every logged request, for checks that watch the traffic.
        skew: seconds by which the ``Date`` of replies is ahead of the clock, for callers whose own clock is wrong.
    """

    def __init__(self, services: Sequence[Service], clock: Clock, faults: Faults) -> None:
        self._services = list(services)
        self._clock = clock
        self.faults = faults
        self.log: deque[LoggedRequest] = deque(maxlen=LOG_LENGTH)
        self.counts: Counter[tuple[str, str]] = Counter()
        self.on_request: list[Callable[[LoggedRequest], None]] = []
        self.skew = 0.0
        self._lock = threading.RLock()

    def dispatch(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            ConnectionDropped: a fault took the connection.
            ReadTimedOut: a fault took the reply.
            InstanceCrashed: a fault took the caller.
        """
        service = next((service for service in self._services if service.owns(request)), None)
        if service is None:
            return self._unowned(request)
        operation = service.operation(request)
        parameters = {k: v for k, v in (request.query | request.form).items() if k not in SECRET_PARAMETERS}
        arrived = self._clock.now()
        status = 0
        with self._lock:
            fault = self.faults.strike(service.name, operation, parameters, arrived)
        try:
            response = self._answer(service, operation, request, fault)
            status = response.status
            return Response(status, self._common_headers() | response.headers, response.body)
        finally:
            self._record(
                LoggedRequest(arrived, service.name, operation, parameters, status, fault.kind if fault else "")
            )

    def _unowned(self, request: Request) -> Response:
        """What no fake service plays: refused so that a person sees at once what was asked, and of whom."""
        asked = f"{request.method} {request.host}{request.raw_path}"
        named = request.headers.get("x-acs-action") or request.query.get("Action") or request.form.get("Action")
        what = f"no fake service takes {asked}" + (f" (action {named})" if named else "")
        return Response.of_json(404, {"Code": "NotInTheFakes", "Message": what}, self._common_headers())

    def _record(self, line: LoggedRequest) -> None:
        self.log.append(line)
        self.counts[line.service, line.operation] += 1
        for watcher in self.on_request:
            watcher(line)

    def _common_headers(self) -> dict[str, str]:
        return {"Date": formatdate(self._clock.now() + self.skew, usegmt=True)}

    def _answer(self, service: Service, operation: str, request: Request, fault: Fault | None) -> Response:
        half = service.latency(operation, request) / 2
        self._clock.sleep(half)
        spoilt = self._strike(service, request, fault) if fault and fault.when == "before" else None
        response = spoilt or self._handle(service, request)
        self._clock.sleep(half)
        if fault and fault.when == "after":
            response = self._strike(service, request, fault) or response
        return response

    def _handle(self, service: Service, request: Request) -> Response:
        while True:  # bounded by the long poll's own deadline: a service stops asking for more tries
            with self._lock:
                answer = service.handle(request)
            if isinstance(answer, Response):
                return answer
            self._clock.sleep(max(answer.at - self._clock.now(), 0.001))

    def _strike(self, service: Service, request: Request, fault: Fault) -> Response | None:
        if fault.kind == "crash":
            raise InstanceCrashed(f"crash at {service.name} {fault.operation}")
        if fault.kind == "drop":
            raise ConnectionDropped("Connection aborted.")
        if fault.kind == "garbage":
            return Response(502, {"Content-Type": "text/html"}, b"<html><body>502 Bad Gateway</body></html>")
        self._clock.sleep(fault.seconds)
        if fault.kind == "timeout":
            raise ReadTimedOut("Read timed out.")
        return None if fault.kind == "delay" else service.failure(request, fault)
