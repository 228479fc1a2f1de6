"""What comes out of an invocation: the answer, the error, the record."""

import json
import traceback
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

Outcome = Literal["success", "error", "timeout", "crash"]
_HOST = Path(__file__).parent
UNHANDLED = "UnhandledInvocationError"


@dataclass(frozen=True)
class InvocationResult:
    """What a synchronous caller gets.

    Attributes:
        request_id: of the invocation.
        payload: what the handler returned, or the error, as bytes.
        error_type: "" for success, else the value of ``X-Fc-Error-Type``.
        seconds: how long the handler ran.
        log: lines of the invocation.
        instance_id: of the instance that ran it; "" when none did.
    """

    request_id: str
    payload: bytes
    error_type: str = ""
    seconds: float = 0.0
    log: str = ""
    instance_id: str = ""


@dataclass(frozen=True)
class InvocationRecord:
    """One attempt of one invocation, for benchmarks and tests.

    Attributes:
        function: its name.
        request_id: equal over retries.
        trigger: ``timer:<name>``, ``queue:<name>``, ``duplicate:<name>`` (a duplicate delivery), ``async`` or ``sync``.
        attempt: 0 for the first.
        start, end: when the handler began and ended, seconds since the epoch.
        cold: whether the instance was new.
        outcome: ``success``, ``error`` (it raised or could not be loaded), ``timeout`` or ``crash``.
        error: the error's message, or "".
        billed_seconds: of running.
        cu: what it costs, its call included.
        payload: what it answered.
    """

    function: str
    request_id: str
    trigger: str
    attempt: int
    start: float
    end: float
    cold: bool
    outcome: Outcome
    error: str
    billed_seconds: float
    cu: float
    payload: bytes


def serialise(value: object) -> bytes:
    """A handler's answer as the runtime sends it (observed: text and bytes as they are, the rest as sorted JSON).

    Raises:
        TypeError: it cannot be serialised, or its keys cannot be sorted.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value, indent=4, sort_keys=True, default=_default).encode()


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def error_body(error_type: str, message: str, error: BaseException | None = None) -> bytes:
    """The body of a function's error, with the stack from the handler on (documented: error handling page, 2026-03)."""
    trace = traceback.extract_tb(error.__traceback__) if error is not None else []
    frames = [frame for frame in trace if Path(frame.filename).parent != _HOST]
    stack = [[f'File "{frame.filename}"', f"line {frame.lineno}", f"in {frame.name}", frame.line] for frame in frames]
    return json.dumps({"errorMessage": message, "errorType": error_type, "stackTrace": stack}).encode()


def platform_error_body(message: str, seconds: float) -> bytes:
    """The body when the platform ended the process.

    Documented: "Process exited unexpectedly before completing request (duration: 12ms, maxMemoryUsage: 0MB)" (error
    handling page) and "Function time out after" (time-out page); the rest of the second text is assumed.
    """
    return json.dumps({"errorMessage": message.format(milliseconds=round(seconds * 1000))}).encode()


CRASHED = "Process exited unexpectedly before completing request (duration: {milliseconds}ms, maxMemoryUsage: 0MB)"
TIMED_OUT = "Function time out after %d seconds (maxMemoryUsage: 0MB)"
