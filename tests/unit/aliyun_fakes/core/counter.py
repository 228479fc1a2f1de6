"""A service to try the core with."""

from dataclasses import dataclass, field

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.dispatch import TryAgain
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.http import Request, Response

START = 1_000.0
LATENCY = 4.0


@dataclass
class Counter:
    """A service that counts its calls; `patience` of them are answered only on asking again."""

    clock: VirtualClock
    name: str = "counter"
    host: str = "counter.aliyuncs.com"
    patience: int = 0
    effects: list[float] = field(default_factory=list)

    def owns(self, request: Request) -> bool:
        return request.host == self.host

    def operation(self, request: Request) -> str:
        return request.raw_path.strip("/")

    def latency(self, operation: str, request: Request) -> float:  # noqa: ARG002 - the protocol's
        return LATENCY

    def handle(self, request: Request) -> Response | TryAgain:  # noqa: ARG002 - the protocol's
        if self.patience:
            self.patience -= 1
            return TryAgain(self.clock.now() + 10)
        self.effects.append(self.clock.now() - START)
        return Response(200, {"X-Count": str(len(self.effects))}, b"done")

    def failure(self, request: Request, fault: Fault) -> Response:  # noqa: ARG002 - the protocol's
        return Response(fault.status, {}, f"{self.name}: {fault.kind} {fault.code}".encode())
