"""What the figures have to reach, and what stands in the way where they do not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.bench.figures import Figures
from tests.bench.growth import growths
from tests.bench.plan import Result
from tests.bench.process import Cost

OURS = ("serial", "concurrent")


@dataclass(frozen=True)
class Target:
    """A figure with what it has to reach.

    Attributes:
        says: what is demanded.
        value: what was measured; None when it was not.
        limit: what it has to be.
        at_most: whether that is an upper limit.
        way: what stands in the way; shown when it is missed.
    """

    says: str
    value: float | None
    limit: float
    at_most: bool = True
    way: str = ""

    @property
    def reached(self) -> bool:
        """Whether it was measured and is good enough."""
        if self.value is None:
            return False
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def verdict(self) -> str:
        """In words."""
        if self.value is None:
            return "not measured"
        if self.reached:
            return "reached"
        missed = abs(self.value - self.limit)
        return f"MISSED by {missed / self.limit:.1%}: {self.way}" if self.limit else f"MISSED by {missed:g}: {self.way}"


HAND_OVERS = (
    "A slice ends after 195 s, and the next one begins 6 to 8 s later (window of the trigger, delivery, first looks)."
)
_SEARCHES = (
    "From the gaps of a smaller run: the long ones lie before trees much larger than those before them, whose listing "
    "takes longer than the slice was begun early for; a job of 20 s cannot hide 40 s of listings at all."
)
_LOST = (
    "In the concurrent reading an event that finds no instance is tried again later and later and given up at "
    "purge_event_age (1200 s). A sweep begins six runs a minute so that all find one; where runs are many and long, "
    "purge_concurrency has to be higher."
)


def targets(results: Sequence[Result], costs: Sequence[Cost]) -> list[Target]:
    """All of them."""
    full = max((result.task.scale for result in results), default=1.0)
    figures = [result.figures for result in results if result.task.scale == full]
    ours = [each for each in figures if each.client.endswith(tuple(f"({reading})" for reading in OURS))]
    return [
        *_jobs_and_listings(ours),
        *_busy(ours),
        *_bytes_first(ours),
        *_price(figures),
        *_growth(results),
        *_costs(costs),
    ]


def _jobs_and_listings(ours: Sequence[Figures]) -> Iterable[Target]:
    still = [each for each in ours if each.workload != "churn"]
    yield Target("jobs / fewest, largest of all workloads but churn", _most(each.jobs_ratio for each in still), 1.0)
    yield Target("runs lost until the next sweep", _most(float(each.unfinished) for each in ours), 0, way=_LOST)
    for name in dict.fromkeys(each.workload for each in ours):
        worst = max((each for each in ours if each.workload == name), key=lambda each: each.listings_ratio)
        says = f"listings / fewest possible for as many walks, {name}"
        yield Target(says, worst.listings_ratio, 1.05, way=_once_more(worst))


def _once_more(figures: Figures) -> str:
    """What listings a hand-over costs in any case."""
    again = min(figures.invocations, figures.jobs)
    least = figures.pages * figures.walks + again
    ratio = figures.listings / least
    return (
        "A verdict never crosses a hand-over: a slice that deletes lists the directory it deletes from, though the "
        f"slice before it did too. With one listing more for each of {again} such slices, at most, as the least that "
        f"this rule allows, the ratio is {ratio:.3f}."
    )


def _busy(ours: Sequence[Figures]) -> Iterable[Target]:
    for workload, limit, jobs, way in (
        ("noise", 0.85, "1 to 2 s", HAND_OVERS),
        ("trees", 0.98, "minutes", _SEARCHES),
        ("giants", 0.99, "hours", HAND_OVERS),
    ):
        least = min((each.busy for each in ours if each.workload == workload), default=None)
        yield Target(f"slot busy, {workload} (jobs of {jobs})", least, limit, at_most=False, way=way)


def _bytes_first(ours: Sequence[Figures]) -> Iterable[Target]:
    largest = _only(each.reclaimed[1] for each in ours if each.client.startswith("ours largest"))
    oldest = _only(each.reclaimed[1] for each in ours if each.client.startswith("ours oldest"))
    ratio = largest / oldest if largest and oldest else None
    yield Target("90 % of the bytes of noise, largest-first / oldest-first", ratio, 0.3)


def _price(figures: Sequence[Figures]) -> Iterable[Target]:
    ours = _most(each.cu for each in figures if each.workload == "giants" and each.client.startswith("ours"))
    loop = _only(each.cu for each in figures if each.workload == "giants" and each.client == "loop")
    yield Target("CU on giants / loop", ours / loop if ours and loop else None, 0.1)


def _growth(results: Sequence[Result]) -> Iterable[Target]:
    for each in (each for each in growths(results) if each.client.startswith("ours")):
        says = f"time of {each.workload} with 10 x the entries ({each.entries:.2f} x, scaled to 10)"
        yield Target(says, each.seconds, 10.5)


def _costs(costs: Sequence[Cost]) -> Iterable[Target]:
    for cost in costs:
        way = f"The SDK's calls alone, with nothing read of the replies, take {cost.call_ratio:.1f} times json.loads."
        yield Target(f"processor / json.loads, {cost.shape}", cost.ratio, 3.0, way=way)
        yield Target(f"memory grown / allowed, {cost.shape}", max(cost.grown_bytes, 0) / cost.allowed_bytes, 1.0)


def _most(values: Iterable[float]) -> float | None:
    return max(values, default=None)


def _only(values: Iterable[float | None]) -> float | None:
    return next(iter(values), None)
