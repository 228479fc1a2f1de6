"""How figures grow with a workload: the whole of it against a tenth."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.bench.figures import Figures
from tests.bench.plan import TENTH, Result


@dataclass(frozen=True)
class Growth:
    """Figures of one client on a workload over those on a tenth of it, all but the first scaled to ten times entries.

    Attributes:
        workload: its name.
        client: who did it.
        entries: how many times as many there are.
        seconds: from the beginning to the end of all.
        jobs: deletion jobs.
        listings: of directories.
        calls: to NAS, the log and the queue.
        cu: billed.
    """

    workload: str
    client: str
    entries: float
    seconds: float
    jobs: float
    listings: float
    calls: float
    cu: float


def growths(results: Sequence[Result]) -> Iterator[Growth]:
    """Of every client and workload that was run whole and at a tenth."""
    full = max((result.task.scale for result in results), default=1.0)
    for small in _at(results, full * TENTH):
        yield from (_growth(large, small) for large in _at(results, full) if _who(large) == _who(small))


def _at(results: Iterable[Result], scale: float) -> list[Figures]:
    return [result.figures for result in results if result.task.scale == scale]


def _growth(large: Figures, small: Figures) -> Growth:
    entries = large.entries / small.entries
    scaled = 10 / entries
    return Growth(
        large.workload,
        large.client,
        entries,
        seconds=large.seconds / small.seconds * scaled,
        jobs=large.jobs / max(small.jobs, 1) * scaled,
        listings=large.listings / small.listings * scaled,
        calls=large.calls / small.calls * scaled,
        cu=large.cu / small.cu * scaled,
    )


def _who(figures: Figures) -> tuple[str, str]:
    return figures.workload, figures.client
