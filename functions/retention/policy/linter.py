"""Finds what in a policy file can never act, and says why. A finding is advice: the file stays valid."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from functions.retention.policy.globs import GlobList, covers, matches_everything
from functions.retention.policy.model import FileSystems, Guardrails, Match, Policy, PolicyFile, SizeRange
from functions.retention.policy.protection import rules_of
from functions.retention.policy.spelling import doubts
from functions.retention.policy.units import format_duration

_DAY = 86_400

_HOUR = 3_600

_Globs = Sequence[str]


class Finding(NamedTuple):
    """Something in a policy file that never acts, or not as it seems.

    Attributes:
        policy: name of the policy; None for the guardrails.
        code: ``older-than-reserved-days``, ``shadowed``, ``matches-nothing``, ``protected``, ``took-nothing``,
            ``unlisted`` (a file system that no policy is for), ``stopped`` (nothing acts at all), ``window`` (one
            inside another), ``minutes`` (an age under an hour), ``spelling`` (a glob that most likely means something
            else) or ``met-nothing`` (a glob that met nothing in the last surveys, see `unmet`).
        where: the key that the finding is about, like ``policies.logs.older_than``.
        why: a sentence.
    """

    policy: str | None
    code: str
    where: str
    why: str


def lint(file: PolicyFile, reserved_days: Mapping[str, int], matched: Mapping[str, int]) -> list[Finding]:
    """What can never act, in the order of the file.

    Args:
        file: the policy file.
        reserved_days: ``ReservedDays`` of the recycle bins that are known, by file system id; a bin that is off says 0.
        matched: entries that surveys found for a policy, by name; without those that no survey looked for.
    """
    protecting = [rule.glob for rule in rules_of(file.guardrails.protect)]
    findings = [*_guardrails(file), *_spelling(None, "guardrails.protect", protecting)]
    for index, policy in enumerate(file.policies):
        findings += _contradictory_match(policy)
        findings += _protected(file.guardrails, policy)
        findings += _expired_first(file.guardrails, policy, reserved_days)
        findings += _shadowed(file.guardrails, policy, file.policies[:index])
        findings += _took_nothing(policy, matched)
        findings += _minutes(policy)
        for key in ("path", "name", "not_path", "not_name"):
            findings += _spelling(policy.name, f"policies.{policy.name}.match.{key}", getattr(policy.match, key))
    return findings


def _spelling(policy: str | None, where: str, globs: _Globs) -> Iterator[Finding]:
    for glob in globs:
        for doubt in doubts(glob):
            yield Finding(policy, "spelling", where, f"{glob}: {doubt}")


def _minutes(policy: Policy) -> Iterator[Finding]:
    ages = {
        "older_than": policy.older_than,
        "match.not_modified_for": policy.match.not_modified_for,
        "match.not_accessed_for": policy.match.not_accessed_for,
    }
    for key, age in ages.items():
        if age is not None and age < _HOUR:
            yield Finding(policy.name, "minutes", f"policies.{policy.name}.{key}", _in_minutes(age))


def _in_minutes(age: int) -> str:
    minutes = age // 60
    return f"{minutes}m is {minutes} minutes: for months write days, {30 * minutes}d"


def _guardrails(file: PolicyFile) -> Iterator[Finding]:
    guardrails = file.guardrails
    for key in ("min_age", "tags_unchanged_for", "keep_cancelled"):
        if 0 < (age := getattr(guardrails, key)) < _HOUR:
            yield Finding(None, "minutes", f"guardrails.{key}", _in_minutes(age))
    if guardrails.pause:
        yield Finding(None, "stopped", "guardrails.pause", "everything is paused")
    for key, limit in guardrails.limits:
        if limit == 0:
            yield Finding(None, "stopped", f"guardrails.limits.{key}", "a limit of 0 lets nothing go")
    for index, window in enumerate(guardrails.window):
        wider = next((one for one in guardrails.window[:index] if one.covers(window)), None) or next(
            (one for one in guardrails.window[index + 1 :] if one.covers(window) and not window.covers(one)), None
        )
        if wider:
            why = f"adds nothing: {wider} is open whenever this one is"
            yield Finding(None, "window", f"guardrails.window[{index}]", why)
    for file_system_id in guardrails.file_systems:
        if not any(file_system_id in _candidates(policy, guardrails) for policy in file.policies):
            why = f"no policy is for {file_system_id}"
            yield Finding(None, "unlisted", "guardrails.file_systems", why)


def _contradictory_match(policy: Policy) -> Iterator[Finding]:
    match, where = policy.match, f"policies.{policy.name}.match"
    if match.type == "directory" and match.size is not None:
        why = "directories have no size of their own, so no directory is of any size"
        yield Finding(policy.name, "matches-nothing", f"{where}.size", why)
    for key, taken, left in (("path", match.path, match.not_path), ("name", match.name, match.not_name)):
        if _all_kept(taken, left):
            why = f"not_{key} leaves out all that {key} takes in"
            yield Finding(policy.name, "matches-nothing", f"{where}.{key}", why)
    if match.path and match.name and not any(_can_be_named(path, match.name) for path in match.path):
        why = f"no path that matches {', '.join(match.path)} ends in a name that matches {', '.join(match.name)}"
        yield Finding(policy.name, "matches-nothing", f"{where}.name", why)


def _can_be_named(path: str, names: _Globs) -> bool:
    """Whether a path glob's last component could be a name that matches; True where that is not plain."""
    last = path.rpartition("/")[2]
    return bool(set(last) & set("*?[")) or GlobList(names).find(last) is not None


def _protected(guardrails: Guardrails, policy: Policy) -> Iterator[Finding]:
    everywhere = [set(rules_of(guardrails.protect, each)) for each in _candidates(policy, guardrails)]
    kept = [rule.glob for rule in set.intersection(*everywhere) if not rule.policies or policy.name in rule.policies]
    if _all_kept(policy.match.path, kept):
        why = "guardrails.protect keeps all that it takes in"
        yield Finding(policy.name, "protected", f"policies.{policy.name}.match.path", why)


def _all_kept(taken: _Globs, kept: _Globs) -> bool:
    """Whether surely all that the globs take in is kept by globs that keep (of paths, with what is below)."""
    trees = [tree for glob in kept if glob.startswith("/") for tree in (glob, f"{glob}/**", glob.removesuffix("/**"))]
    return bool(taken) and _all_covered(taken, trees or kept)


def _expired_first(guardrails: Guardrails, policy: Policy, reserved_days: Mapping[str, int]) -> Iterator[Finding]:
    key, age = ("older_than", policy.older_than) if policy.older_than else ("min_age", guardrails.min_age)
    where = f"policies.{policy.name}.older_than" if key == "older_than" else "guardrails.min_age"
    for file_system_id in _candidates(policy, guardrails):
        days = reserved_days.get(file_system_id)
        if days and age >= days * _DAY:
            why = f"is not under the {days} days (ReservedDays) after which the bin of {file_system_id} expires it"
            yield Finding(policy.name, "older-than-reserved-days", where, f"{format_duration(age)} {why}")


def _candidates(policy: Policy, guardrails: Guardrails) -> tuple[str, ...]:
    """The file systems that a policy may apply to, whatever their tags are."""
    return policy.file_systems.ids or guardrails.file_systems


def _shadowed(guardrails: Guardrails, policy: Policy, earlier: Sequence[Policy]) -> Iterator[Finding]:
    for other in earlier:
        if _takes_all_of(other, policy, guardrails):
            why = f"policy {other.name} comes first and takes all that this one would"
            yield Finding(policy.name, "shadowed", f"policies.{policy.name}", why)
            return


def _takes_all_of(wide: Policy, narrow: Policy, guardrails: Guardrails) -> bool:
    """Whether one policy surely selects all that another selects; False where that is not plain."""
    protected_from = {name for rule in rules_of(guardrails.protect) for name in rule.policies}
    return (
        (wide.mode == "enforce" or narrow.mode == "dry-run")
        and wide.name not in protected_from
        and _includes(wide.file_systems, narrow.file_systems, guardrails)
        and max(wide.older_than or 0, guardrails.min_age) <= max(narrow.older_than or 0, guardrails.min_age)
        and (not wide.keep_bin_below or (wide.keep_bin_below == narrow.keep_bin_below and wide.match == narrow.match))
        and _matches_all_of(wide.match, narrow.match)
    )


def _includes(wide: FileSystems, narrow: FileSystems, guardrails: Guardrails) -> bool:
    ids = set(narrow.ids or guardrails.file_systems)
    return (not wide.ids or ids <= set(wide.ids)) and wide.tags.items() <= narrow.tags.items()


def _matches_all_of(wide: Match, narrow: Match) -> bool:
    return (
        _takes_in(wide.path, narrow.path)
        and _takes_in(wide.name, narrow.name)
        and set(wide.not_path) <= set(narrow.not_path)
        and set(wide.not_name) <= set(narrow.not_name)
        and wide.type in (None, narrow.type)
        and (wide.size is None or (narrow.size is not None and _contains(wide.size, narrow.size)))
        and (wide.not_accessed_for or 0) <= (narrow.not_accessed_for or 0)
        and (wide.not_modified_for or 0) <= (narrow.not_modified_for or 0)
    )


def _takes_in(wide: _Globs, narrow: _Globs) -> bool:
    """Whether what the narrow globs select the wide ones do; no globs select everything."""
    return not wide or any(map(matches_everything, wide)) or (bool(narrow) and _all_covered(narrow, wide))


def _all_covered(narrow: _Globs, wide: _Globs) -> bool:
    return all(any(covers(one, each) for one in wide) for each in narrow)


def _contains(wide: SizeRange, narrow: SizeRange) -> bool:
    return (wide.min or 0) <= (narrow.min or 0) and (
        wide.max is None or (narrow.max is not None and narrow.max <= wide.max)
    )


def _took_nothing(policy: Policy, matched: Mapping[str, int]) -> Iterator[Finding]:
    if matched.get(policy.name) == 0:
        globs = ", ".join((*policy.match.path, *policy.match.name))
        why = f"surveys found nothing that is old enough, matches {globs or 'it'}, and is not an earlier policy's"
        yield Finding(policy.name, "took-nothing", f"policies.{policy.name}", why)
