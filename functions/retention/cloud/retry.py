"""The one layer that tries again.

The SDKs below are told not to, or fenced where they cannot be told; the messages above re-queue themselves. So this
is the only place where a call is made twice, and it knows the three things that decide whether it may: what kind of
error it was, whether the call may be repeated, and how much of the slice is left.
"""

import math
import random
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from functions.retention.core import TOO_LATE, Clock, CloudError, NoAnswer, Throttled

T = TypeVar("T")

MAX_ATTEMPTS = 6
"""Of one call. The waits between them add up to some 8 seconds on average, 15.5 at most, beside rests."""

FIRST_WAIT = 0.5

LONGEST_WAIT = 20.0

PAUSE_SPREAD = 2.0
"""Seconds over which callers come back after a rest, so that they do not all come in its first moment."""


class ThrottlePause:
    """A pause after flow control that the callers of one file system keep together.

    Quotas of the vendor's gateways are counted by the minute, so after a refusal the rest of the minute tends to be
    refused as well (observed: a comment in alibaba-cloud-csi-driver, 2026-08).

    Args:
        clock: time.
        others: the pauses of the invocation's other file systems; see `ThrottlePauses`.

    Attributes:
        own_until: when this pause is over, epoch seconds, whatever the others do.
    """

    def __init__(self, clock: Clock, others: Sequence["ThrottlePause"] = ()) -> None:
        self._clock, self._others = clock, others
        self.own_until = float("-inf")
        self._lock = threading.Lock()

    @property
    def until(self) -> float:
        """When it is over, epoch seconds; once two file systems rest, they all do."""
        now = self._clock.now()
        paused = [each.own_until for each in self._others if each.own_until > now]
        return max(paused) if len(paused) > 1 else self.own_until

    def start(self) -> None:
        """Rest until the next minute begins; never shortens a rest that goes on."""
        with self._lock:
            self.own_until = max(self.own_until, (math.floor(self._clock.now() / 60) + 1) * 60.0)


class ThrottlePauses:
    """The pauses of one invocation, by file system.

    A quota may be one of the account or of a resource (not documented for NAS). So one refused file system rests alone,
    and holds up no other; the second one that is refused in the same minute shows that it concerns all.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: list[ThrottlePause] = []
        self._of: dict[str, ThrottlePause] = {}
        self._lock = threading.Lock()

    def of(self, file_system_id: str) -> ThrottlePause:
        """The pause of one file system's callers."""
        with self._lock:
            if file_system_id not in self._of:
                self._of[file_system_id] = ThrottlePause(self._clock, self._all)
                self._all.append(self._of[file_system_id])
            return self._of[file_system_id]


class Retry:
    """Calls functions that raise `CloudError`, again where that is right. May be shared between threads.

    - `Throttled` is a definite no: the call is tried again after the common pause, or after a back-off where there is
      none.
    - `NoAnswer` leaves the effect open: the call is tried again after a back-off.
    - Anything else is an answer.

    A call that may not be repeated is made once and waits for nothing: its caller decided to make it now, and decides
    again after any error.

    Args:
        clock: time to wait on.
        jitter: spreads the waits.
        deadline: when the slice ends, epoch seconds; no wait goes past it.
        pause: kept by callers of a service with quotas by the minute; None where quotas are by the second.
    """

    def __init__(
        self, clock: Clock, jitter: random.Random, deadline: float, pause: ThrottlePause | None = None
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._deadline = deadline
        self._pause = pause

    def call(self, operation: str, function: Callable[[], T], *, repeatable: bool, takes: float = 0.0) -> T:
        """The function's result.

        Args:
            operation: the API operation, for errors.
            function: one attempt.
            repeatable: whether doing it twice, or later than decided, does no harm.
            takes: seconds one attempt may take; none starts when less of the slice is left. With 0 the first one
                always starts.

        Raises:
            CloudError: what the last attempt raised. Without an attempt: `Throttled` when a rest goes past the
                deadline, code ``TooLate`` when `takes` does not fit.
        """
        if not repeatable:
            return self._once(operation, function)
        if takes and self._clock.now() + takes > self._deadline:
            raise CloudError(operation, "TooLate", f"may take {takes:g} s and the slice ends before that; not sent")
        for attempt in range(1, MAX_ATTEMPTS):
            try:
                return self._attempt(operation, function)
            except (Throttled, NoAnswer) as error:
                again_at = self._again_at(error, attempt)
                if again_at + takes > self._deadline:
                    raise
            self._clock.sleep(again_at - self._clock.now())
        return self._attempt(operation, function)

    def _once(self, operation: str, function: Callable[[], T]) -> T:
        if self._pause is not None and self._pause.until > self._clock.now():
            raise Throttled(operation, "Paused", "not sent: flow control refused this file system within the minute")
        try:
            return function()
        except Throttled as error:
            if self._pause is not None and error.code != TOO_LATE:  # else it was not sent, so nobody refused it
                self._pause.start()
            raise

    def _attempt(self, operation: str, function: Callable[[], T]) -> T:
        """One attempt, after the rest that somebody may have started."""
        if self._pause is not None and self._pause.until > self._clock.now():
            back_at = self._back_at(self._pause)
            if back_at > self._deadline:
                raise Throttled(operation, "Resting", "flow control refused this invocation and the slice ends first")
            self._clock.sleep(back_at - self._clock.now())
        return function()

    def _again_at(self, error: CloudError, attempt: int) -> float:
        if self._pause is not None and isinstance(error, Throttled):
            self._pause.start()
            return self._back_at(self._pause)
        return self._clock.now() + self._jitter.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)))

    def _back_at(self, pause: ThrottlePause) -> float:
        return pause.until + self._jitter.uniform(0, PAUSE_SPREAD)
