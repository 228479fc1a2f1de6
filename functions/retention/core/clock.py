"""Time and threads as parameters.

Everything that waits or runs things side by side takes a `Clock`; the deployed handlers pass `SystemClock`,
tests and benchmarks pass a virtual one.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")

class Clock(Protocol):
    """Times are seconds since the epoch, UTC."""

    def now(self) -> float:
        """The present moment."""

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long; not positive means not at all."""

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        """Run functions side by side, a thread each; their results in order, or the first error after all ended."""

class SystemClock:
    """The machine's clock and threads."""

    def now(self) -> float:
        """The machine's time."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Block this thread."""
        if seconds > 0:
            time.sleep(seconds)

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        """See `Clock.gather`."""
        if len(functions) <= 1:
            return [function() for function in functions]
        with ThreadPoolExecutor(max_workers=len(functions)) as pool:
            futures = [pool.submit(function) for function in functions]
        return [future.result() for future in futures]

SYSTEM_CLOCK = SystemClock()
