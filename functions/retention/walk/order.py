"""What goes first: ranks of targets, counted by the survey, and the passes of a purge that they decide.

A purge deletes what it lists, so it cannot sort. Instead it walks twice: first for the targets that the order puts
in front, then for the rest. With its survey a run makes three walks at most; where a capacity rule takes one more to
count, the purge is a single walk, in the order in which things are found.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil, log2
from typing import Literal, Protocol

from functions.retention.core import Entry, parse_service_time

Order = Literal["as-found", "largest-first", "oldest-first"]

CLASSES = 32
"""Classes of a histogram: about 600 bytes of JSON with ten million targets."""

BYTES_IN_FRONT = 0.9
"""Share of the bytes that ``largest-first`` takes in its first pass."""

JOBS_IN_FRONT = 0.5
"""Share of the jobs that ``oldest-first`` takes in its first pass."""

_SIZES_PER_DOUBLING = 4

_HOUR = 3_600


class Ranked(Protocol):
    """What has a rank: a target."""

    @property
    def entry(self) -> Entry:
        """As listed."""

    @property
    def size(self) -> int | None:
        """Bytes, of a directory with everything below; None when they are not known."""


def rank(order: Order, size: int | None, delete_time: str) -> int:
    """Where a target stands; a lower rank goes first.

    Args:
        order: the policy's.
        size: bytes, of a directory with everything below; None, when they are not known, goes last.
        delete_time: of its entry, as listed.

    Returns:
        For ``largest-first`` quarters of a doubling of its size, negative; for ``oldest-first`` the hour of its
        deletion, counted from 1970; for ``as-found`` always 0.
    """
    if order == "largest-first":
        return -int(_SIZES_PER_DOUBLING * log2((size or 0) + 1))
    if order == "oldest-first":
        return int(parse_service_time(delete_time) or 0) // _HOUR
    return 0


def ranks(order: Order, files: Sequence[Entry]) -> Mapping[int, int]:
    """How many of some files have which rank."""
    if order == "as-found":
        return {0: len(files)}
    return Counter(rank(order, entry.size, entry.delete_time) for entry in files)


@dataclass(slots=True)
class Histogram:
    """How many jobs there are by rank, in at most `CLASSES` classes that widen as needed.

    Attributes:
        width: ranks in a class; class c is for the ranks from c x width on.
        jobs: deletion jobs by class.
    """

    width: int = 1
    jobs: dict[int, int] = field(default_factory=dict)

    def add(self, rank_of_them: int, jobs: int = 1) -> None:
        """Count jobs of one rank."""
        key = rank_of_them // self.width
        self.jobs[key] = self.jobs.get(key, 0) + jobs
        while len(self.jobs) > CLASSES:
            self._widen()

    def _widen(self) -> None:
        wider: dict[int, int] = {}
        for key, jobs in self.jobs.items():
            wider[key // 2] = wider.get(key // 2, 0) + jobs
        self.width, self.jobs = self.width * 2, wider

    def reaching(self, amount: float, weight: Callable[[int], float] = lambda _: 1.0) -> int | None:
        """The last rank of the class within which an amount is reached; None when all together do not exceed it.

        Args:
            amount: of jobs, or of what `weight` makes of them.
            weight: what one job counts, by the middle rank of its class.
        """
        so_far = 0.0
        for key, jobs in sorted(self.jobs.items()):
            so_far += jobs * weight(key * self.width + self.width // 2)
            if so_far >= amount:
                last = (key + 1) * self.width - 1
                return last if key < max(self.jobs) else None
        return None


@dataclass(frozen=True, slots=True)
class Pass:
    """One walk of a purge.

    Attributes:
        order: what ranks mean.
        last: the last rank that goes; None lets all go.
    """

    order: Order = "as-found"
    last: int | None = None

    def takes(self, target: Ranked) -> bool:
        """Whether a target goes in this pass, if it is still there."""
        return self.last is None or rank(self.order, target.size, target.entry.delete_time) <= self.last


def passes(order: Order, histogram: Histogram) -> list[Pass]:
    """The walks of a purge, one or two.

    What the first takes is gone when the second comes, so the second takes all that is left. How much goes first is
    an estimate, since classes have a width; that each target goes once is not.

    Args:
        order: what goes first.
        histogram: of the targets' ranks in that order.
    """
    last = _front(order, histogram)
    return [Pass(order)] if last is None else [Pass(order, last), Pass(order)]


def front(order: Order, sizes: Sequence[int]) -> int:
    """How many targets of a set go in a first walk; 0 when one walk takes all.

    Args:
        order: what goes first.
        sizes: bytes of the targets, in that order.
    """
    if order == "largest-first":
        enough = BYTES_IN_FRONT * sum(sizes)
        return next((number + 1 for number, size in enumerate(accumulate(sizes)) if size >= enough), 0)
    return ceil(JOBS_IN_FRONT * len(sizes)) if order == "oldest-first" else 0


def _front(order: Order, histogram: Histogram) -> int | None:
    if order == "as-found":
        return None
    weight = _bytes if order == "largest-first" else _one
    share = BYTES_IN_FRONT if order == "largest-first" else JOBS_IN_FRONT
    total = sum(jobs * weight(middle) for middle, jobs in _middles(histogram))
    return histogram.reaching(share * total, weight)


def _middles(histogram: Histogram) -> Iterator[tuple[int, int]]:
    return ((key * histogram.width + histogram.width // 2, jobs) for key, jobs in histogram.jobs.items())


def _bytes(rank_of_it: int) -> float:
    return float(2.0 ** (-rank_of_it / _SIZES_PER_DOUBLING))


def _one(_rank: int) -> float:
    return 1.0
