"""A client's side of a cloud that `cost_server` or `footprint_server` serves: its clock, and what the client costs.

Nothing here imports the fakes.
"""

import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from time import process_time, thread_time
from typing import Any, TypeVar
from urllib.parse import urlsplit

from functions.retention.cloud.system_clock import SYSTEM_CLOCK

T = TypeVar("T")


class ServedClock:
    """The virtual clock of another process; satisfies `functions.retention.core.clock.Clock`.

    A sleep moves that clock on at once, by what is left of it: threads that sleep side by side do not add up. Calls of
    the services take their turns there, so of threads that list side by side the time does add up.

    Args:
        endpoint: URL of the server.

    Attributes:
        spent: seconds of the processor that asking for the time took here.
    """

    def __init__(self, endpoint: str) -> None:
        self._connection = HTTPConnection(urlsplit(endpoint).netloc)
        self._lock = threading.Lock()
        self._now = 0.0
        self.spent = 0.0

    def now(self) -> float:
        """The present moment."""
        with self._lock:
            return self._read_clock("GET")

    def sleep(self, seconds: float) -> None:
        """Move on, unless others did meanwhile."""
        if seconds <= 0:
            return
        until = self._now + seconds
        with self._lock:
            left = until - self._now
            if left > 0:
                self._read_clock("POST", json.dumps({"advance": left}))

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        """See `functions.retention.core.clock.Clock`."""
        return SYSTEM_CLOCK.gather(functions)

    def state(self) -> Mapping[str, Any]:
        """What the server says of itself, see `aliyun_fakes.server.admin`."""
        with self._lock:
            return self._ask("GET", "state")

    def _read_clock(self, method: str, body: str | None = None) -> float:
        self._now = float(self._ask(method, "clock", body)["now"])
        return self._now

    def _ask(self, method: str, path: str, body: str | None = None) -> Mapping[str, Any]:
        begin = thread_time()
        self._connection.request(method, f"/_fakes/{path}", body)
        answer: Mapping[str, Any] = json.loads(self._connection.getresponse().read())
        self.spent += thread_time() - begin
        return answer


class Meter:
    """What a process costs from now on.

    Args:
        clock: what asking it takes is not counted: a deployed program reads the machine's.
    """

    def __init__(self, clock: ServedClock) -> None:
        self._clock = clock
        self._calls = self._count()
        self._began = process_time() - clock.spent

    def say(self) -> None:
        """Print it as a line of JSON: of the processor what was used since, of memory the most there ever was."""
        measured = {
            "seconds": process_time() - self._clock.spent - self._began,
            "peak_bytes": peak_bytes(),
            "calls": self._count() - self._calls,
            "left": self._clock.state()["left"],
            "without_fakes": without_fakes(),
        }
        sys.stdout.write(json.dumps(measured) + "\n")

    def _count(self) -> int:
        calls: Mapping[str, int] = self._clock.state()["calls"]
        return sum(calls.values())


def environment(served: Mapping[str, Any]) -> dict[str, str]:
    """What a client of a served workload finds in its environment: `footprint_server` says all but the endpoints."""
    given: dict[str, str] = served["environment"]
    return given | dict.fromkeys(("NAS_ENDPOINT", "SLS_ENDPOINT", "SMQ_ENDPOINT"), str(served["endpoint"]))


def peak_bytes() -> int:
    """The largest resident size since this program began; getrusage would count the process that started it as well."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def without_fakes() -> bool:
    """Whether nothing of the fakes is in this process."""
    return not any(name.partition(".")[0] == "aliyun_fakes" for name in sys.modules)
