"""The host's list of coming actions by time, and the signals of the threads that run them."""

import heapq
import itertools
import threading
from collections.abc import Callable

from aliyun_fakes.core.clock import Clock, Signal

Action = Callable[[], None]


class Agenda:
    """Actions by their moment. Actions are short: they never park on the clock.

    Args:
        clock: tells what is due and makes the signals.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._listeners: list[Signal] = []
        self._lock = threading.RLock()

    def at(self, moment: float, action: Action) -> None:
        """Have an action done at a moment; a moment past means as soon as somebody plays."""
        with self._lock:
            heapq.heappush(self._heap, (moment, next(self._order), action))
        self.wake()

    def soon(self, action: Action) -> None:
        """Have an action done now, by whoever plays."""
        self.at(self._clock.now(), action)

    def next_at(self) -> float | None:
        """The moment of the earliest action, or None."""
        with self._lock:
            return self._heap[0][0] if self._heap else None

    def play_due(self) -> bool:
        """Do all that is due, in order of moment and of entry; whether there was anything."""
        done = False
        while True:  # bounded: an action enters only finitely many others for the present moment
            with self._lock:
                if not self._heap or self._heap[0][0] > self._clock.now():
                    return done
                _, _, action = heapq.heappop(self._heap)
            action()
            done = True

    def listen(self) -> Signal:
        """A signal that is set whenever the agenda changes, until `ignore`."""
        signal = self._clock.signal()
        with self._lock:
            self._listeners.append(signal)
        return signal

    def ignore(self, signal: Signal) -> None:
        """Forget a listener."""
        with self._lock:
            self._listeners.remove(signal)

    def wake(self) -> None:
        """Set every listener's signal."""
        for signal in tuple(self._listeners):
            signal.set()
