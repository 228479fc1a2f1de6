"""Time and threads as parameters.

Everything that waits or runs things side by side takes a `Clock`; the deployed handlers pass `SystemClock`,
tests and benchmarks pass a virtual one.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


MAX_SKEW = 120.0
"""Seconds by which our clock and a service's may differ; no run starts while they differ by more."""


class Clock(Protocol):
    """Times are seconds since the epoch, UTC."""

    def now(self) -> float:
        """The present moment."""

    def sleep(self, seconds: float) -> None:
        """Do nothing for so long; not positive means not at all."""

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        """Run functions side by side, a thread each; their results in order, or the first error after all ended."""
