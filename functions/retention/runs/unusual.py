"""Whether a run selects far more than is usual on its file system: a mistake in a policy, or a flood of deletions.

What is usual follows from the log. Of each day, the largest survey counts whose run went on, or whose plan a person let
go by its id. The usual is the median of the last days with such a survey. A survey that was stopped never counts: what
is unusual does not become usual by being tried again. Only surveys under the functions' seal count.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from functions.retention.audit import RunLedger
from functions.retention.core import EndReason, NoAnswer, Record, RunEnd, Seal
from functions.retention.policy import Guardrails
from functions.retention.runs.selection import is_sealed_record

LOOKED_BACK = 31 * 86_400.0
"""Seconds of the log that are looked at."""

LAST_DAYS, FEWEST_DAYS = 5, 3
"""So many of the last days with a survey count; with fewer than so many nothing is known to be usual."""

_GIB = 1 << 30

NEVER_UNUSUAL = (1_000, 10 * _GIB)
"""Entries and bytes up to which no selection is unusual. Assumed: a person can look through so many."""


class Amount(NamedTuple):
    """What a survey selects.

    Attributes:
        entries: that go.
        bytes: of these, without files of unknown size.
    """

    entries: int
    bytes: int


def stop_if_unusual(
    ledger: RunLedger, seal: Seal, guardrails: Guardrails, selected: Amount, *, run: str, now: float
) -> RunEnd | None:
    """The end of a run that selects far more than usual; None when it may go on.

    Args:
        ledger: of the run's file system.
        seal: of the functions.
        guardrails: in force.
        selected: what the run's survey selects.
        run: run id.
        now: epoch seconds.

    Raises:
        NoAnswer: the log does not say what is usual.
    """
    times = guardrails.times_usual
    if times == "unlimited" or all(each <= most for each, most in zip(selected, NEVER_UNUSUAL, strict=True)):
        return None
    records = ledger.surveys_let_go(now - LOOKED_BACK)
    if records is None:
        raise NoAnswer("GetLogs", "Unknown", "the log does not say how much runs usually select")
    usual = _usual(each for each in records if each.get("run") != run and is_sealed_record(seal, each))
    return None if usual is None else _judged(selected, usual, times)


def _usual(records: Iterable[Record]) -> Amount | None:
    """The median of the last days; None when there are too few. A day on which nothing was selected is none."""
    days: dict[str, Amount] = {}
    for record in records:
        found, day = Amount(int(record["selected"]), int(record["bytes"])), record["at"][:10]
        if found.entries:
            before = days.get(day, found)
            days[day] = Amount(max(found.entries, before.entries), max(found.bytes, before.bytes))
    last: Sequence[Amount] = [days[day] for day in sorted(days)[-LAST_DAYS:]]
    if len(last) < FEWEST_DAYS:
        return None
    middle = (len(last) - 1) // 2
    return Amount(sorted(each.entries for each in last)[middle], sorted(each.bytes for each in last)[middle])


def _judged(selected: Amount, usual: Amount, times: float) -> RunEnd | None:
    entries, size = NEVER_UNUSUAL
    found = []
    if selected.entries > max(times * usual.entries, entries):
        found.append(f"{selected.entries} entries, usual are {usual.entries}")
    if selected.bytes > max(times * usual.bytes, size):
        found.append(f"{selected.bytes / _GIB:.1f} GiB, usual are {usual.bytes / _GIB:.1f} GiB")
    if not found:
        return None
    what = f"guardrails.times_usual: the run selects {' and '.join(found)}; the limit is {times:g} times the usual"
    return RunEnd(EndReason.UNUSUAL, f"{what}; to delete it, look at a plan and purge it by its id")
