"""The one gate: from an entry to "delete" or "keep", with the reason.

Nothing else in this project can say delete. Of what a policy with ``keep_bin_below`` selects, a run takes only as much
as brings the bin below that size (`walk.capacity`). What another policy selects too goes by that one.

What is not known keeps: a missing or malformed DeleteTime, an id, type or name that the listing left out, a path that
cannot be rebuilt.
"""

from collections.abc import Collection, Iterator, Sequence
from math import isfinite
from typing import NamedTuple, final

from functions.retention.core import SURELY_KNOWN, Entry, is_component, is_known_time
from functions.retention.policy.globs import GlobList, composed
from functions.retention.policy.model import Guardrails, Policy
from functions.retention.policy.protection import ProtectRule, rules_of
from functions.retention.policy.rules import Rule, cut_off
from functions.retention.policy.units import format_duration, format_size
from functions.retention.policy.verdict import Verdict

CLOCK_TOLERANCE = 120
"""Seconds by which a DeleteTime may be ahead of the clock before it counts as one that cannot be."""


class RuleStep(NamedTuple):
    """One rule of an explanation.

    Attributes:
        rule: where it stands, like ``guardrails.min_age`` or ``policies.logs.match.path``; the last is ``verdict``.
        matched: whether the entry meets it; for ``guardrails.protect`` that keeps it, for ``verdict`` it goes. None
            when that depends on the size of the bin.
        why: what was wanted and what was found.
    """

    rule: str
    matched: bool | None
    why: str


class _Location(NamedTuple):
    """A directory whose entries are being judged.

    Attributes:
        directory: its path as given.
        path: its path in composed form.
        prefix: what precedes a name in the path of an entry.
        kept: the verdict for all that is in it when the directory decides alone.
    """

    directory: str
    path: str
    prefix: str
    kept: Verdict | None


class _Protection:
    """Rules that protect, compiled together."""

    def __init__(self, rules: Sequence[ProtectRule]) -> None:
        self._rules = rules
        self._globs = GlobList([rule.glob for rule in rules], trees=True)
        self._verdicts = {
            rule.glob: Verdict(delete=False, reason="protected", rule=rule.text) for rule in reversed(rules)
        }

    def keeps(self, path: str) -> Verdict | None:
        """The verdict on a path that is protected, by the first rule that matches; None when none does."""
        glob = self._globs.which(path) if self._verdicts else None
        return self._verdicts[glob] if glob else None

    def steps(self, path: str, key: str = "") -> Iterator[RuleStep]:
        """Each rule under its own key or another one, and whether it protects a path."""
        for rule in self._rules:
            found = GlobList([rule.glob], trees=True).find(path) is not None
            yield RuleStep(key or rule.key, found, f"{rule.text.removeprefix(rule.key + ': ')}; found {path!r}")


_UNPROTECTED = _Protection(())

_TYPES = ("File", "Directory")

_UNKNOWN_DELETE_TIME = Verdict(delete=False, reason="unknown-delete-time")

_FUTURE_DELETE_TIME = Verdict(delete=False, reason="future-delete-time")

_UNKNOWN_ID = Verdict(delete=False, reason="unknown-id")

_UNKNOWN_TYPE = Verdict(delete=False, reason="unknown-type")

_UNKNOWN_NAME = Verdict(delete=False, reason="unknown-name")

_UNKNOWN_PATH = Verdict(delete=False, reason="unknown-path")

_CANCELLED = Verdict(delete=False, reason="cancelled-by-person", rule="guardrails.keep_cancelled")

_NOT_MATCHED = Verdict(delete=False, reason="not-matched")


@final
class Judge:
    """The gate for one file system, compiled for one slice of a run.

    Args:
        policies: those that apply to the file system, in the order of the file.
        guardrails: the file's guardrails.
        as_of: the moment fixed when the run started, from which the policies' ages count back; seconds since 1970.
        now: the present; the floor counts back from the earlier of the two, so it holds whatever `as_of` says.
        protected: what is protected on the file system, by `protection.protected_on`; None takes all that the file
            protects anywhere, without what a tag adds.
        cancelled: ids of entries whose deletion job a person cancelled lately; see `Guardrails.keep_cancelled`.

    Attributes:
        cancelled: as the argument: these entries stay with all that is in them.

    Raises:
        ValueError: when `as_of` or `now` is no moment.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        guardrails: Guardrails,
        *,
        as_of: float,
        now: float,
        protected: Sequence[ProtectRule] | None = None,
        cancelled: Collection[str] = (),
    ) -> None:
        if not (isfinite(as_of) and isfinite(now)):
            raise ValueError(f"as_of {as_of!r} and now {now!r} have to be seconds since 1970")
        youngest = min(as_of, now) - guardrails.min_age
        ranked = sorted(policies, key=lambda each: each.keep_bin_below is not None)
        rules = [Rule(each, as_of=as_of, youngest=youngest) for each in ranked]
        self._rules = [(rule, _selections(rule)) for rule in rules]
        self._min_age, self.cancelled = guardrails.min_age, frozenset(cancelled)
        self._youngest = cut_off(youngest)
        self._latest = cut_off(now + CLOCK_TOLERANCE)
        protecting = tuple(rules_of(guardrails.protect)) if protected is None else tuple(protected)
        self._from_all = _Protection([rule for rule in protecting if not rule.policies])
        self._from_some = {
            each.name: _Protection(found)
            for each in policies
            if (found := [rule for rule in protecting if each.name in rule.policies])
        }
        self._needs_path = bool(protecting) or any(rule.needs_path for rule in rules)
        self._cut_off = max((rule.cut_off for rule in rules), default="")
        self._eligible_before = max((rule.eligible_before for rule in rules), default="")
        self._takes_all = None if protecting else self._taken_by_age()
        self._too_young = _too_young(rules)
        self._under_min_age = Verdict(
            delete=False, reason="under-min-age", rule=f"guardrails.min_age: {format_duration(guardrails.min_age)}"
        )
        self._location = self._look_at("/")

    def _taken_by_age(self) -> Verdict | None:
        """The verdict on all that is old enough, when the first policy demands nothing else and waits no longer."""
        for rule, selections in self._rules[:1]:
            if not rule.criteria and rule.cut_off == self._cut_off:
                return selections[rule.bound]
        return None

    def verdict(self, entry: Entry, directory: str) -> Verdict:
        """Whether an entry may go, and why; never raises.

        Args:
            entry: as it was listed.
            directory: absolute path of the directory whose listing showed it, ``/`` for the root.
        """
        deleted = entry.delete_time
        if deleted > self._cut_off:
            return self._kept_for_age(deleted)
        if not SURELY_KNOWN(deleted) and not is_known_time(deleted):
            return _UNKNOWN_DELETE_TIME
        if entry.file_id in self.cancelled:
            return _CANCELLED
        location = self._location
        if directory != location.directory:
            location = self._location = self._look_at(directory)
        return location.kept or _unidentified(entry) or self._takes_all or self._weigh(entry, location)

    def may_select_below(self, directory: str) -> bool:
        """Whether anything at or below a directory could be selected; False spares the listing."""
        location = self._look_at(directory)
        return location.kept is None and any(
            rule.cut_off and rule.may_match_below(location.path) for rule, _ in self._rules
        )

    def keeps_all_in(self, directory: str) -> Verdict | None:
        """The verdict on all that is in a directory when its path alone decides; None when entries are judged."""
        return self._look_at(directory).kept

    def deletable_from(self, entry: Entry, directory: str) -> float | None:
        """When a run would first delete an entry, seconds since 1970, if nothing but time changes; may be past.

        None when waiting does not help: protected, not known well enough or selected by no policy. What a policy with
        ``keep_bin_below`` selects goes then if the size of the bin demands it.
        """
        location = self._look_at(directory)
        name = composed(entry.name)
        path = location.prefix + name
        if not is_known_time(entry.delete_time) or location.kept or _unidentified(entry) or self._from_all.keeps(path):
            return None
        if entry.file_id in self.cancelled:
            return None
        free = [rule for rule, _ in self._rules if not self._kept_from(rule.policy, path)]
        moments = [rule.eligible_at(entry, name, path, self._min_age) for rule in free]
        return min((moment for moment in moments if moment is not None), default=None)

    def explain(self, entry: Entry, directory: str) -> tuple[RuleStep, ...]:
        """Every rule in order, met or not and why, and last the `verdict`."""
        location = self._look_at(directory)
        name = composed(entry.name)
        path = location.prefix + name
        decided = self.verdict(entry, directory)
        steps = [*self._explain_guardrails(entry, location, path)]
        for rule, _ in self._rules:
            protection = self._from_some.get(rule.policy.name, _UNPROTECTED)
            steps += _explain_policy(rule, entry, name, path, protection)
        return (*steps, RuleStep("verdict", decided.delete, decided.reason))

    def _kept_for_age(self, deleted: str) -> Verdict:
        if not is_known_time(deleted):
            return _UNKNOWN_DELETE_TIME
        if deleted > self._latest:
            return _FUTURE_DELETE_TIME
        return self._under_min_age if deleted <= self._eligible_before else self._too_young

    def _look_at(self, directory: str) -> _Location:
        path = composed(directory)
        if directory == "/":
            prefix, known = path, True
        else:
            prefix, known = path + "/", path.startswith("/") and all(map(is_component, path[1:].split("/")))
        if not known:
            return _Location(directory, path, prefix, _UNKNOWN_PATH)
        return _Location(directory, path, prefix, self._from_all.keeps(path))

    def _weigh(self, entry: Entry, location: _Location) -> Verdict:
        """The verdict on an entry that is known, and old enough for some policy and the floor."""
        name = composed(entry.name)
        path = location.prefix + name if self._needs_path else ""
        if kept := self._from_all.keeps(path):
            return kept
        for rule, selections in self._rules:
            if entry.delete_time <= rule.cut_off and rule.selects(entry, name, path):
                found = self._kept_from(rule.policy, path)
                if found is None:
                    return selections[rule.because(name, path)]
                kept = kept or found
        return kept or _NOT_MATCHED

    def _kept_from(self, policy: Policy, path: str) -> Verdict | None:
        """The verdict on a path that is protected from one policy; another one may still take it."""
        return self._from_some[policy.name].keeps(path) if policy.name in self._from_some else None

    def _explain_guardrails(self, entry: Entry, location: _Location, path: str) -> Iterator[RuleStep]:
        deleted = entry.delete_time
        known = is_known_time(deleted)
        latest = f"a time like 2026-01-31T00:00:00Z, at or before {self._latest}; found {deleted!r}"
        yield RuleStep("DeleteTime", known and deleted <= self._latest, latest)
        youngest = f"{format_duration(self._min_age)}: deleted at or before {self._youngest}; found {deleted!r}"
        yield RuleStep("guardrails.min_age", known and deleted <= self._youngest, youngest)
        unknown = _UNKNOWN_PATH if location.kept is _UNKNOWN_PATH else _unidentified(entry)
        identity = f"id, type, name and path are known; found {entry.file_id!r}, {entry.type!r}, {path!r}"
        yield RuleStep("entry", unknown is None, identity)
        if entry.file_id in self.cancelled:
            yield RuleStep("guardrails.keep_cancelled", matched=True, why="a person cancelled its deletion job lately")
        yield from self._from_all.steps(path)


def _selections(rule: Rule) -> dict[str, Verdict]:
    """The verdict for each ground on which a policy selects: made once, since a run hands out millions."""
    return {
        ground: Verdict(delete=True, reason="selected", policy=rule.policy.name, rule=ground) for ground in rule.grounds
    }


def _too_young(rules: Sequence[Rule]) -> Verdict:
    """Too young for every policy, said of the one that would take it first."""
    if not rules:
        return Verdict(delete=False, reason="no-policy")
    first = max(rules, key=lambda rule: rule.eligible_before)
    return Verdict(delete=False, reason="too-young", policy=first.policy.name, rule=first.bound)


def _unidentified(entry: Entry) -> Verdict | None:
    """The verdict on an entry whose listing does not say what it is."""
    if not entry.file_id:
        return _UNKNOWN_ID
    if entry.type not in _TYPES:
        return _UNKNOWN_TYPE
    return None if is_component(entry.name) else _UNKNOWN_NAME


def _explain_policy(rule: Rule, entry: Entry, name: str, path: str, protection: _Protection) -> Iterator[RuleStep]:
    """The demands of one policy, and whether it selects the entry."""
    prefix = f"policies.{rule.policy.name}"
    deleted = entry.delete_time
    met = is_known_time(deleted) and deleted <= rule.eligible_before
    yield RuleStep(
        f"{prefix}.age", met, f"{rule.bound}: deleted at or before {rule.eligible_before or 'never'}; found {deleted!r}"
    )
    for criterion in rule.criteria:
        holds = criterion.holds(entry, name, path)
        met = met and holds
        found = path if criterion.seen == "path" else getattr(entry, criterion.seen)
        yield RuleStep(f"{prefix}.{criterion.key}", holds, f"{criterion.wanted}; found {found!r}")
    yield from protection.steps(path, f"{prefix}.protect")
    met = met and protection.keeps(path) is None
    depends = bool(rule.policy.keep_bin_below)
    if rule.policy.keep_bin_below:
        size = format_size(rule.policy.keep_bin_below)
        yield RuleStep(f"{prefix}.keep_bin_below", None, f"{size}: the bin is over it, and this among the oldest")
    yield RuleStep(prefix, None if met and depends else met, "selects what meets all of the above")
