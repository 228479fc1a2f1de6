"""Figures as a table on the screen, as Markdown, and what the issue of them is: reached or missed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.table import Table

from fakes.nas.settings import NasSettings
from fakes.fc import FcSettings
from fakes.sls.settings import SlsSettings
from fakes.smq.values import SmqSettings
from tests.bench.plan import Result, Task
from tests.bench.process import Cost

HEADINGS = (
    "workload", "client", "jobs", "jobs / fewest", "slot busy", "listings", "listings / fewest", "API calls", "hours",
    "50 % h", "90 % h", "99 % h", "CU", "invocations",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A figure with what it has to reach.

    Attributes:
        says: what is demanded.
        value: what was measured; None when it was not measured.
        limit: what it has to be.
        at_most: whether that is an upper limit.
        why_missed: what stands in the way, when it is missed.
    """

    says: str
    value: float | None
    limit: float
    at_most: bool = True
    why_missed: str = ""

    @property
    def verdict(self) -> str:
        """Reached or missed, and by how much."""
        if self.value is None:
            return "not measured"
        if self.value <= self.limit if self.at_most else self.value >= self.limit:
            return "reached"
        return f"MISSED by {abs(self.value - self.limit) / self.limit:.1%}: {self.why_missed}"
