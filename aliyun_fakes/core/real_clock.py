"""The machine's own time behind the protocol of `core.clock`, at its own pace or faster."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from aliyun_fakes.core.clock import Signal, T, Task


class _ThreadTask:
    """A task on a real thread."""

    def __init__(self, function: Callable[[], object], ended: Signal) -> None:
        self.result: object = None
        self.error: BaseException | None = None
        self.done = False
        self._function, self._ended = function, ended
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.result = self._function()
        except BaseException as error:  # noqa: BLE001 - kept for whoever looks at the task
            self.error = error
        self.done = True
        self._ended.set()


class RealClock:
    """The machine's own time, optionally faster: one real second is `speed` seconds of this clock.

    Args:
        speed: how many of its seconds pass in one real second; 1 is the machine's own pace.
        start: what it shows first; the machine's time when omitted.

    `kill_at` is not enforced: a Python thread cannot be ended from outside. The host reports the time-out and
    abandons the thread.
    """

    def __init__(self, *, speed: float = 1.0, start: float | None = None) -> None:
        self.speed = speed
        self._real_start = time.monotonic()
        self._start = time.time() if start is None else start

    def now(self) -> float:
        """The present moment on this clock."""
        return self._start + (time.monotonic() - self._real_start) * self.speed

    def sleep(self, seconds: float) -> None:
        """Sleep `seconds / speed` real seconds."""
        if seconds > 0:
            time.sleep(seconds / self.speed)

    def signal(self) -> Signal:
        """A `threading.Event`."""
        return threading.Event()

    def wait(self, signal: Signal, until: float | None = None) -> bool:
        """See `Clock.wait`."""
        if not isinstance(signal, threading.Event):
            raise TypeError(f"signal is a {type(signal).__name__}: use one this clock made")
        return signal.wait(None if until is None else max(0.0, until - self.now()) / self.speed)

    def spawn(self, function: Callable[[], object], *, kill_at: float | None = None) -> Task:  # noqa: ARG002 - see class
        """Start a daemon thread."""
        task = _ThreadTask(function, self.signal())
        task.thread.start()
        return task

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        """See `Clock.gather`."""
        if not functions:
            return []
        with ThreadPoolExecutor(max_workers=len(functions)) as pool:
            futures = [pool.submit(function) for function in functions]
        return [future.result() for future in futures]
