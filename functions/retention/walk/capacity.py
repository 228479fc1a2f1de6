"""The capacity rule: how old the youngest entry is that has to go for a bin to get under its size.

``keep_bin_below`` takes the oldest first, so it comes down to a moment, the cut-off. It takes a walk of its own to
find: bytes are counted by the hour of their deletion, in classes that widen as needed; it is exact to a class.
"""

from collections.abc import Iterable, Mapping

from functions.retention.core import Entry
from functions.retention.policy import Guardrails, Judge, Policy, Verdict
from functions.retention.walk.order import Histogram, rank
from functions.retention.walk.tally import Weights

_HOUR = 3_600.0


def has_capacity_rule(policies: Iterable[Policy]) -> bool:
    """Whether any of the policies depends on the size of the bin."""
    return any(policy.keep_bin_below for policy in policies)


class WeighingJudge(Judge):
    """A judge that weighs what it selects, every policy with ``keep_bin_below`` taking all it may.

    Args:
        policies: as deployed: of narrowed ones a cut-off could come out later, and the run would take more.
        guardrails: as deployed.
        as_of: see `Judge`.
        now: see `Judge`.
        weights: added to.
    """

    def __init__(
        self, policies: tuple[Policy, ...], guardrails: Guardrails, *, as_of: float, now: float, weights: Weights
    ) -> None:
        names = {policy.name for policy in policies if policy.keep_bin_below}
        super().__init__(policies, guardrails, as_of=as_of, now=now, capacity_cut_offs=dict.fromkeys(names, now))
        self._names, self._weights = names, weights

    def verdict(self, entry: Entry, directory: str) -> Verdict:
        """See `Judge.verdict`."""
        found = super().verdict(entry, directory)
        if found.delete and entry.size > 0:
            if found.policy in self._names:
                hours = self._weights.by_hour.setdefault(found.policy or "", Histogram())
                hours.add(rank("oldest-first", 0, entry.delete_time), entry.size)
            else:
                self._weights.others += entry.size
        return found


def cut_offs(policies: Iterable[Policy], weights: Weights, bin_size: int) -> Mapping[str, float]:
    """For each policy whose bin is too large, the latest deletion time that has to go, epoch seconds.

    Args:
        policies: in the order of the file; what one takes, the next need not.
        weights: what was found.
        bin_size: bytes in the bin, by GetRecycleBinAttribute. Whether that counts all storage classes is not
            documented; if it does not, too little goes and not too much.
    """
    found: dict[str, float] = {}
    left = bin_size - weights.others
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
