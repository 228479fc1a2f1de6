"""The aliyun_fakes' own interface under ``/_fakes/``: look at the state, start over, move the clock, schedule faults.

| path | GET | POST | DELETE |
|---|---|---|---|
| ``/_fakes/state`` | clock, calls by operation, what the services hold | | |
| ``/_fakes/reset`` | | start over, same seed | |
| ``/_fakes/clock`` | ``{"now", "kind", "speed"}`` | ``{"advance": seconds}`` (virtual only) | |
| ``/_fakes/faults`` | those scheduled here | a fault or a list (fields of `faults.Fault`) | forget all |
| ``/_fakes/requests`` | the newest, ``?limit=&service=&operation=`` | | |

Everything is JSON; a refusal is ``{"error": what was wrong and what is allowed}``.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from aliyun_fakes.core.clock import Clock, VirtualClock
from aliyun_fakes.core.dispatch import Dispatcher
from aliyun_fakes.core.faults import Fault, Faults
from aliyun_fakes.core.http import Request, Response, read_json
from aliyun_fakes.core.real_clock import RealClock

PREFIX = "/_fakes/"
DEFAULT_LIMIT = 100


class Administered(Protocol):
    """What the interface needs of a cloud."""

    clock: Clock
    dispatcher: Dispatcher
    faults: Faults


C = TypeVar("C", bound=Administered)


class Refusal(Exception):
    """An admin request that cannot be met.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Admin(Generic[C]):
    """Answers admin requests about one cloud, which a reset replaces.

    Args:
        cloud: what is served now.
        fresh: makes its successor on a reset; a reset is refused without it.
        describe: what the services hold, as JSON values, added to the state.

    Attributes:
        cloud: what is served now.
    """

    def __init__(
        self,
        cloud: C,
        *,
        fresh: Callable[[], C] | None = None,
        describe: Callable[[C], Mapping[str, object]] | None = None,
    ) -> None:
        self.cloud = cloud
        self._fresh, self._describe = fresh, describe
        self._scheduled: list[Fault] = []
        self._answers: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "state"): self._state,
            ("POST", "reset"): self._reset,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._advance,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._schedule,
            ("DELETE", "faults"): self._forget,
            ("GET", "requests"): self._requests,
        }

    def owns(self, request: Request) -> bool:
        """Whether a request is for this interface."""
        return request.raw_path.startswith(PREFIX)

    def handle(self, request: Request) -> Response:
        """Answer one request; never raises for what the client did wrong."""
        name = request.raw_path[len(PREFIX) :].strip("/") or "state"
        try:
            _refuse_foreign_pages(request)
            return Response.of_json(200, self._find(request.method, name)(request))
        except Refusal as refusal:
            return Response.of_json(refusal.status, {"error": str(refusal)})

    def _find(self, method: str, name: str) -> Callable[[Request], object]:
        answer = self._answers.get((method, name))
        if answer is not None:
            return answer
        allowed = [verb for verb, path in self._answers if path == name]
        if allowed:
            raise Refusal(405, f"{method} {PREFIX}{name}: allowed here: {', '.join(allowed)}")
        known = sorted({path for _, path in self._answers})
        raise Refusal(404, f"{PREFIX}{name} is not a path here: {', '.join(known)}")

    def _state(self, request: Request) -> object:
        counts = {f"{service}.{name}": n for (service, name), n in sorted(self.cloud.dispatcher.counts.items())}
        described = dict(self._describe(self.cloud)) if self._describe else {}
        return {"clock": self._clock(request), "calls": counts} | described

    def _reset(self, request: Request) -> object:
        if self._fresh is None:
            raise Refusal(409, "this cloud was made by a program that keeps hold of it: start a new one there")
        self.cloud = self._fresh()
        self._scheduled.clear()
        return self._state(request)

    def _clock(self, request: Request) -> dict[str, object]:  # noqa: ARG002 - one signature for all
        clock = self.cloud.clock
        speed = clock.speed if isinstance(clock, RealClock) else 1.0
        kind = "virtual" if isinstance(clock, VirtualClock) else "real" if speed == 1.0 else "scaled"
        return {"now": clock.now(), "kind": kind, "speed": speed}

    def _advance(self, request: Request) -> object:
        clock = self.cloud.clock
        if not isinstance(clock, VirtualClock):
            raise Refusal(409, "only a virtual clock can be advanced: serve with --clock virtual")
        seconds = _parse_object(_parse_json(request), {"advance": (int, float)}).get("advance")
        if seconds is None or not math.isfinite(seconds) or seconds <= 0:
            raise Refusal(400, 'advance: a positive number of seconds, as {"advance": 3600}')
        clock.advance(float(seconds))
        return self._clock(request)

    def _faults(self, request: Request) -> object:  # noqa: ARG002 - one signature for all
        return {"faults": [_to_json(fault) for fault in self._scheduled]}

    def _schedule(self, request: Request) -> object:
        value = _parse_json(request)
        faults = [_parse_fault(item) for item in (value if isinstance(value, list) else [value])]
        for fault in faults:
            self.cloud.faults.add(fault)
        self._scheduled.extend(faults)
        return self._faults(request)

    def _forget(self, request: Request) -> object:
        self.cloud.faults.clear()
        self._scheduled.clear()
        return self._faults(request)

    def _requests(self, request: Request) -> object:
        query = request.query
        limit = query.get("limit", str(DEFAULT_LIMIT))
        if not limit.isascii() or not limit.isdigit() or int(limit) == 0:
            raise Refusal(400, f"limit: {limit!r} is not a positive whole number")
        wanted = {name: query[name] for name in ("service", "operation") if name in query}
        lines = [asdict(line) for line in list(self.cloud.dispatcher.log)]
        found = [line for line in lines if all(line[name] == value for name, value in wanted.items())]
        return {"requests": found[-int(limit) :]}


def _refuse_foreign_pages(request: Request) -> None:
    """A page of another site, open in a browser on this machine, must not reset the cloud or read its state."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refusal(403, f"Origin: {origin!r} is not this server: only its own pages may call {PREFIX}")


def _parse_json(request: Request) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return read_json(request.body or b"{}")
    except ValueError as error:
        raise Refusal(400, f"the body is not JSON: {error}") from error


def _parse_object(value: Any, allowed: Mapping[str, tuple[type, ...]]) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict):
        raise Refusal(400, f"an object is needed, not {type(value).__name__}; its fields: {', '.join(allowed)}")
    for name, item in value.items():
        if name not in allowed:
            raise Refusal(400, f"{name!r} is not a field here: {', '.join(allowed)}")
        if not isinstance(item, allowed[name]) or isinstance(item, bool):
            kinds = " or ".join(kind.__name__ for kind in allowed[name])
            raise Refusal(400, f"{name}: {item!r} is not of type {kinds}")
    return value


def _fault_types() -> dict[str, tuple[type, ...]]:
    """JSON types by field of a fault; fields whose declared type is no class are choices, hence strings."""
    known: dict[object, tuple[type, ...]] = {int: (int,), float: (int, float), Mapping[str, str]: (dict,)}
    return {field.name: known.get(field.type, (str,)) for field in fields(Fault)}


def _parse_fault(value: object) -> Fault:
    given = _parse_object(value, _fault_types())
    missing = [f.name for f in fields(Fault) if f.default is MISSING and f.default_factory is MISSING]
    missing = [name for name in missing if name not in given]
    if missing:
        raise Refusal(400, f"a fault needs {', '.join(missing)}")
    try:
        return Fault(**given)
    except ValueError as error:
        raise Refusal(400, str(error)) from error


def _to_json(fault: Fault) -> dict[str, object]:
    """A fault's fields; endless times are left out, since JSON has no infinity."""
    return {name: value for name, value in asdict(fault).items() if value not in (math.inf, -math.inf)}
