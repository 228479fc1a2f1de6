"""The request rate of one invocation: a token bucket all its threads share.

No figure for NAS is published. Six requests a second with a burst of ten is what the vendor's own storage driver
holds itself to (observed: alibaba-cloud-csi-driver source, 2026-08).
"""

import math
import threading

from functions.retention.core import Clock

REQUESTS_PER_SECOND = 6.0

BURST = 10.0


class TokenBucket:
    """Lets requests through at a steady rate after an initial burst, in the order they ask.

    Tokens are booked ahead: nothing is locked while a thread waits for its own, so one slow thread holds up nobody.

    Args:
        clock: time to wait on.
        share: how many invocations divide rate and burst; at least one request is always let through at once.
        rate: requests per second of all of them together.
        burst: requests of all of them together that may go at once after a pause.
    """

    def __init__(
        self, clock: Clock, *, share: int = 1, rate: float = REQUESTS_PER_SECOND, burst: float = BURST
    ) -> None:
        self._clock = clock
        self._interval = share / rate
        self._ahead = max(1.0, burst / share) * self._interval
        self._booked_until = float("-inf")
        self._lock = threading.Lock()

    def take(self, before: float = math.inf) -> bool:
        """Wait for the next token.

        Args:
            before: epoch seconds; a token that comes later is not taken and not waited for.

        Returns:
            Whether the token was taken.
        """
        with self._lock:
            now = self._clock.now()
            booked_until = max(self._booked_until, now) + self._interval
            wait = booked_until - self._ahead - now
            if now + max(wait, 0.0) > before:
                return False
            self._booked_until = booked_until
        self._clock.sleep(wait)
        return True
