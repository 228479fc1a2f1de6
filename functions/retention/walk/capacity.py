"""The capacity rule: how old the youngest entry is that has to go for a bin to get under its size.

``keep_bin_below`` takes the oldest first, so it comes down to a moment, the cut-off. It takes a walk of its own to
find: bytes are counted by the hour of their deletion, in classes that widen as needed; it is exact to a class.
"""

from collections.abc import Iterable, Mapping, Sequence

from functions.retention.core import Entry
from functions.retention.policy import Policy, Verdict
from functions.retention.walk.order import Histogram, rank
from functions.retention.walk.tally import Weights

_HOUR = 3_600.0


def has_capacity_rule(policies: Iterable[Policy]) -> bool:
    """Whether any of the policies depends on the size of the bin."""
    return any(policy.keep_bin_below for policy in policies)


def all_they_may(policies: Iterable[Policy], now: float) -> Mapping[str, float]:
    """Cut-offs with which every policy with ``keep_bin_below`` takes all it may now (epoch seconds)."""
    return {policy.name: now for policy in policies if policy.keep_bin_below}


class Weigher:
    """Weigh what a survey selects; a `SurveyObserver`.

    Args:
        policies: as deployed: of narrowed ones a cut-off could come out later, and the run would take more. The judge
            of the survey takes the cut-offs of `all_they_may`.
        weights: added to.
    """

    def __init__(self, policies: Iterable[Policy], weights: Weights) -> None:
        self._names = {policy.name for policy in policies if policy.keep_bin_below}
        self._weights = weights

    def see_page(self, directory: str, entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> None:  # noqa: ARG002 - the protocol's signature
        """See `SurveyObserver`."""
        for entry, verdict in zip(entries, verdicts, strict=True):
            if not verdict.delete or not entry.size:
                continue
            if verdict.policy in self._names:
                hours = self._weights.by_hour.setdefault(verdict.policy, Histogram())
                hours.add(rank("oldest-first", 0, entry.delete_time), entry.size)
            else:
                self._weights.others += entry.size

    def see_left_out(self, directory: str, verdict: Verdict | None) -> None:
        """See `SurveyObserver`. What is not looked into has no weight: nothing in it could go."""


def cut_offs(policies: Iterable[Policy], weights: Weights, bin_size: int | None) -> Mapping[str, float]:
    """For each policy whose bin is too large, the latest deletion time that has to go, epoch seconds.

    Args:
        policies: in the order of the file; what one takes, the next need not.
        weights: what was found.
        bin_size: bytes in the bin, by GetRecycleBinAttribute; None when it does not say, and then nothing has to go.
    """
    found: dict[str, float] = {}
    left = (bin_size or 0) - weights.others
    for policy in policies:
        hours = weights.by_hour.get(policy.name)
        if not policy.keep_bin_below or hours is None or left <= policy.keep_bin_below:
            continue
        surplus = left - policy.keep_bin_below
        last = hours.reaching(surplus)
        found[policy.name] = _end_of(hours, last)
        left -= min(surplus, sum(hours.jobs.values()))
    return found


def _end_of(hours: Histogram, last: int | None) -> float:
    """The last second of an hour; of the last class there is when all of it has to go."""
    hour = (max(hours.jobs) + 1) * hours.width - 1 if last is None else last
    return (hour + 1) * _HOUR - 1
