"""One policy compiled for one moment: its demands on an entry as functions that answer quickly."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import inf
from operator import attrgetter

from functions.retention.core import Entry, format_service_time, is_known_time, parse_service_time
from functions.retention.policy.globs import GlobList
from functions.retention.policy.selection import Match, Policy, SizeRange
from functions.retention.policy.units import format_duration, format_size

_NEVER = ""
"""A cut-off before every known time."""

_END_OF_CALENDAR = 253_402_300_799

_Find = Callable[[str], re.Match[str] | None]

_WIRE_TYPES = {"file": "File", "directory": "Directory"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One demand of a policy.

    Attributes:
        key: where it stands in the policy, like ``match.path``.
        wanted: what it demands, as text.
        seen: the field of `Entry` it looks at, or ``path``.
        holds: whether it is met, by the entry, its name and its path (both in composed form).
        wait: for a demand that is met by waiting, the seconds after the time in `seen`; None for all others.
    """

    key: str
    wanted: str
    seen: str
    holds: Callable[[Entry, str, str], bool]
    wait: int | None = None


def cut_off(epoch: float) -> str:
    """The last service time at or before `epoch`, within the calendar; one before every known time before 1970."""
    return format_service_time(min(epoch, _END_OF_CALENDAR)) if epoch >= 0 else _NEVER


def criteria_of(match: Match, as_of: float) -> Iterator[Criterion]:
    """The demands of a match, the quick ones first."""
    if match.type:
        yield Criterion("match.type", match.type, "type", partial(_is_of_type, _WIRE_TYPES[match.type]))
    if match.size:
        yield _size(match.size)
    for key, seen, wait in (
        ("match.not_accessed_for", "atime", match.not_accessed_for),
        ("match.not_modified_for", "mtime", match.not_modified_for),
    ):
        if wait is not None:
            latest = cut_off(as_of - wait)
            holds = partial(_is_unused, attrgetter(seen), latest)
            yield Criterion(key, f"{format_duration(wait)}: at or before {latest}", seen, holds, wait)
    yield from _glob_criteria(match)


def _glob_criteria(match: Match) -> Iterator[Criterion]:
    for key, globs, seen, holds in (
        ("match.name", match.name, "name", _name_in),
        ("match.not_name", match.not_name, "name", _name_out),
        ("match.path", match.path, "path", _path_in),
        ("match.not_path", match.not_path, "path", _path_out),
    ):
        if globs:
            find = GlobList(globs, trees=key == "match.not_path").find
            yield Criterion(key, ", ".join(globs), seen, partial(holds, find))


def _size(size: SizeRange) -> Criterion:
    low = size.min if size.min is not None else 0
    high = size.max if size.max is not None else inf
    bounds = [f"at least {format_size(low)}"] + ([f"at most {format_size(size.max)}"] if size.max is not None else [])
    return Criterion("match.size", "a file, " + ", ".join(bounds), "size", partial(_is_of_size, low, high))


def _has_known_size(entry: Entry, _name: str, _path: str) -> bool:
    return entry.is_directory or entry.size is not None


_KNOWN_SIZE = Criterion("keep_bin_below", "a file's size is known", "size", _has_known_size)
"""A capacity rule takes what gets the bin below a size, so what frees nobody knows how much is none of it."""


def _is_of_type(wire_type: str, entry: Entry, _name: str, _path: str) -> bool:
    return entry.type == wire_type


def _is_of_size(low: float, high: float, entry: Entry, _name: str, _path: str) -> bool:
    return entry.type == "File" and entry.size is not None and low <= entry.size <= high


def _is_unused(time_of: Callable[[Entry], str], latest: str, entry: Entry, _name: str, _path: str) -> bool:
    time = time_of(entry)
    return time <= latest and is_known_time(time)


def _name_in(find: _Find, _entry: Entry, name: str, _path: str) -> bool:
    return find(name) is not None


def _name_out(find: _Find, _entry: Entry, name: str, _path: str) -> bool:
    return find(name) is None


def _path_in(find: _Find, _entry: Entry, _name: str, path: str) -> bool:
    return find(path) is not None


def _path_out(find: _Find, _entry: Entry, _name: str, path: str) -> bool:
    return find(path) is None


class Rule:
    """One policy at one moment.

    Args:
        policy: the policy.
        as_of: the moment from which ages count back, seconds since 1970.
        youngest: no entry deleted after this goes, seconds since 1970.

    Attributes:
        policy: the policy.
        bound: what bounds it in time, as text.
        ground: what it selects by unless a glob says more: its size of the bin, else `bound`.
        eligible_before: the latest DeleteTime that its own bounds let go.
        cut_off: the latest DeleteTime that goes, the floor considered.
        criteria: its other demands.
        needs_path: whether any of them looks at the path.
        grounds: what can select an entry: the policy's globs for the path, else for the name, else `ground`.
    """

    def __init__(self, policy: Policy, *, as_of: float, youngest: float) -> None:
        self.policy = policy
        eligible_before = as_of - (policy.older_than or 0)
        older_than = f"older_than: {format_duration(policy.older_than)}" if policy.older_than else ""
        below = f"keep_bin_below: {format_size(policy.keep_bin_below)}" if policy.keep_bin_below else ""
        self.bound = older_than or "guardrails.min_age"
        self.ground = below or self.bound
        self.eligible_before = cut_off(eligible_before)
        self.cut_off = cut_off(min(eligible_before, youngest))
        criteria = tuple(criterion for match in policy.matches for criterion in criteria_of(match, as_of))
        self.criteria = (_KNOWN_SIZE, *criteria) if policy.keep_bin_below else criteria
        self.needs_path = any(criterion.seen == "path" for criterion in self.criteria)
        self._holds = tuple(criterion.holds for criterion in self.criteria)
        key, globs = ("match.path", policy.match.path) if policy.match.path else ("match.name", policy.match.name)
        self._deciding = GlobList(globs)
        self._grounds = {glob: f"{key}: {glob}" for glob in globs}
        self.grounds = tuple(self._grounds.values()) or (self.ground,)
        self._places = tuple((_places(match.path), GlobList(match.not_path, trees=True)) for match in policy.matches)

    def selects(self, entry: Entry, name: str, path: str) -> bool:
        """Whether an entry meets every demand but the age; `path` may be empty unless `needs_path`."""
        for holds in self._holds:  # noqa: SIM110 - a generator would double the time of the hottest loop there is
            if not holds(entry, name, path):
                return False
        return True

    def because(self, name: str, path: str) -> str:
        """Which of the `grounds` an entry was selected on: the first glob that matches."""
        if len(self.grounds) == 1:
            return self.grounds[0]
        glob = self._deciding.which(path if self.policy.match.path else name)
        return self._grounds.get(glob or "", self.ground)

    def may_match_below(self, directory: str) -> bool:
        """Whether something at or below the directory could be selected by its path."""
        return all(
            (within is None or within.may_match_below(directory)) and not without.find(directory)
            for within, without in self._places
        )

    def eligible_at(self, entry: Entry, name: str, path: str, min_age: int) -> float | None:
        """When an entry meets every demand, seconds since 1970; None when waiting alone will not do.

        Args:
            entry: an entry whose DeleteTime is known.
            name: its name in composed form.
            path: its path in composed form.
            min_age: the guardrail's floor in seconds.
        """
        deleted = parse_service_time(entry.delete_time)
        if deleted is None:
            return None
        moments = [deleted + max(self.policy.older_than or 0, min_age)]
        for criterion in self.criteria:
            if criterion.wait is None:
                if not criterion.holds(entry, name, path):
                    return None
                continue
            text = str(getattr(entry, criterion.seen))
            since = parse_service_time(text) if is_known_time(text) else None
            if since is None:
                return None
            moments.append(since + criterion.wait)
        return max(moments)


def _places(globs: tuple[str, ...]) -> GlobList | None:
    return GlobList(globs) if globs else None
