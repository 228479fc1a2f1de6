"""The machine's clock and threads, for the deployed handlers and the operator's tools."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


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
