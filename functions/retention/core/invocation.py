"""What an invocation's context says, and how much time that leaves."""

from dataclasses import dataclass

WRAP_UP = 45.0
"""Seconds before the platform's time-out at which a slice begins nothing new: what it then has begun is a listing with
retries, or a put and a job; and after it come a job list, two searches, a send, and two puts."""

LAST_CALL = 8.0
"""Seconds before the time-out after which no call is tried again."""

DEFAULT_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation.

    Attributes:
        request_id: the platform's id of it.
        function: the function's name.
        retry_count: how often the platform tried this event before; the runtime hands it over as text, and newer
            runtimes not at all (documented: context page of 2025-09).
        deadline: epoch seconds after which nothing new is begun.
        last_call: epoch seconds after which no call is tried again.
    """

    request_id: str
    function: str
    retry_count: int
    deadline: float
    last_call: float


def read_invocation(context: object, now: float) -> Invocation:
    """Read a context; there is no method for the time that is left, so it is counted from now (epoch seconds)."""
    function = getattr(context, "function", None)
    timeout = float(getattr(function, "timeout", 0) or DEFAULT_TIMEOUT)
    retries = str(getattr(context, "retry_count", "0") or "0")
    return Invocation(
        request_id=str(getattr(context, "request_id", "")),
        function=str(getattr(function, "name", "")),
        retry_count=int(retries) if retries.isdecimal() else 0,
        deadline=now + max(timeout - WRAP_UP, timeout / 2),
        last_call=now + max(timeout - LAST_CALL, timeout / 2),
    )
