"""A schedule of faults: which call of which operation goes wrong, and how.

``Fault("nas", "CreateRecycleBinDeleteJob", nth=3, when="after", kind="drop")`` drops the reply of the third
such call after its effect. Faults are data, so a schedule can come from a test or over the admin interface.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal["drop", "timeout", "delay", "status", "throttle", "garbage", "crash"]
When = Literal["before", "after"]


@dataclass(frozen=True)
class Fault:
    """One fault of the schedule.

    Attributes:
        service: ``nas``, ``sls``, ``smq``, ``mns-open`` or ``fc``.
        operation: the operation's name, or ``*``.
        kind: ``drop`` the connection; ``timeout`` (no reply, `seconds` pass); ``delay`` by `seconds`; answer
            `status` with `code` and `message`; ``throttle`` as the service would; ``garbage`` (an HTML page);
            ``crash`` the instance that calls.
        when: before the call has its effect or after it.
        nth: the first call it strikes, counted from 1 over the calls that match.
        times: how many calls in a row it strikes; 0 means all later ones.
        matching: request parameters (query or form) that must have these values.
        since: virtual or real time before which it sleeps; calls before do not count.
        until: time from which it is over.
    """

    service: str
    operation: str
    kind: Kind
    when: When = "before"
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    status: int = 500
    code: str = "InternalError"
    message: str = "The request processing has failed due to some unknown error."
    matching: Mapping[str, str] = field(default_factory=dict)
    since: float = float("-inf")
    until: float = float("inf")

    def __post_init__(self) -> None:
        for value, allowed in ((self.kind, get_args(Kind)), (self.when, get_args(When))):
            if value not in allowed:
                raise ValueError(f"fault for {self.service} {self.operation}: {value!r} is not one of {allowed}")

    def strikes(self, count: int) -> bool:
        """Whether it strikes the `count`-th matching call."""
        return count >= self.nth and (self.times == 0 or count < self.nth + self.times)

    def concerns(self, service: str, operation: str, parameters: Mapping[str, str], now: float) -> bool:
        """Whether a call counts for this fault at all."""
        return (
            self.service == service
            and self.operation in ("*", operation)
            and self.since <= now < self.until
            and all(parameters.get(name) == value for name, value in self.matching.items())
        )


class Faults:
    """The schedule in use: counts calls per fault and returns which fault strikes."""

    def __init__(self, schedule: Iterable[Fault] = ()) -> None:
        self._counted: list[tuple[Fault, list[int]]] = []
        for fault in schedule:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Put a fault on the schedule; its counting starts now."""
        self._counted.append((fault, [0]))

    def clear(self) -> None:
        """Forget all."""
        self._counted.clear()

    def strike(self, service: str, operation: str, parameters: Mapping[str, str], now: float) -> Fault | None:
        """Count one call; the first fault that strikes it, or None."""
        struck = None
        for fault, counter in self._counted:
            if fault.concerns(service, operation, parameters, now):
                counter[0] += 1
                if struck is None and fault.strikes(counter[0]):
                    struck = fault
        return struck
