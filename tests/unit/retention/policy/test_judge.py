"""The one gate: what goes, what stays, and the reason that is told."""

from math import inf, nan

import pytest

from functions.retention.core.entry import Entry
from functions.retention.policy.judge import CLOCK_TOLERANCE, Judge
from functions.retention.policy.model import Policy
from functions.retention.policy.verdict import Verdict
from tests.unit.retention.policies import DAY, NOW, entry, guardrails, policy

HOUR = 3_600
WHAT_IS_NOT_KNOWN = [
    ({"delete_time": ""}, "unknown-delete-time"),
    ({"delete_time": "1970-01-01T00:00:00Z"}, "unknown-delete-time"),
    ({"delete_time": "0001-01-01T00:00:00Z"}, "unknown-delete-time"),
    ({"delete_time": "2026-01-01 00:00:00"}, "unknown-delete-time"),
    ({"delete_time": "2025-02-29T00:00:00Z"}, "unknown-delete-time"),
    ({"delete_time": "2026-01-01T00:00:00+08:00"}, "unknown-delete-time"),
    ({"delete_time": "garbage"}, "unknown-delete-time"),
    ({"file_id": ""}, "unknown-id"),
    ({"type": ""}, "unknown-type"),
    ({"type": "Symlink"}, "unknown-type"),
    ({"type": "file"}, "unknown-type"),
    ({"name": ""}, "unknown-name"),
    ({"name": ".."}, "unknown-name"),
    ({"name": "a/b"}, "unknown-name"),
]


def judge(*policies: Policy, as_of: float = NOW, now: float = NOW, **guards: str | list[str]) -> Judge:
    return Judge(policies or (policy(),), guardrails(**guards), as_of=as_of, now=now)


def verdict(of: Entry, *policies: Policy, directory: str = "/", **guards: str | list[str]) -> Verdict:
    return Judge(policies or (policy(),), guardrails(**guards), as_of=NOW, now=NOW).verdict(of, directory)


def test_what_is_old_enough_goes_to_the_second() -> None:
    assert verdict(entry(7)) == Verdict(delete=True, reason="selected", policy="old", rule="older_than: 1w")
    assert verdict(entry(7 - 1 / DAY)) == Verdict(delete=False, reason="too-young", policy="old", rule="older_than: 1w")


def test_the_floor_keeps_what_a_policy_would_take() -> None:
    decided = verdict(entry(8), min_age="10d")
    assert (decided.delete, decided.reason, decided.rule) == (False, "under-min-age", "guardrails.min_age: 10d")


def test_the_floor_counts_from_the_earlier_of_as_of_and_now() -> None:
    young = entry(2)
    everything = policy(older_than=None)
    assert judge(everything).verdict(young, "/").delete
    assert not judge(everything, as_of=NOW - 1.5 * DAY).verdict(young, "/").delete
    assert not judge(everything, now=NOW - 1.5 * DAY).verdict(young, "/").delete


@pytest.mark.parametrize(("fields", "reason"), WHAT_IS_NOT_KNOWN)
def test_what_is_not_known_stays(fields: dict[str, object], reason: str) -> None:
    assert verdict(entry(30, **fields)) == Verdict(delete=False, reason=reason)


def test_what_was_deleted_in_the_future_stays_and_is_told_apart() -> None:
    tolerated = CLOCK_TOLERANCE / DAY
    assert verdict(entry(-tolerated)).reason == "too-young"
    assert verdict(entry(-tolerated - 1 / DAY)).reason == "future-delete-time"


@pytest.mark.parametrize("directory", ["", "logs", "//", "/a//b", "/a/", "/a/../b", "/./a"])
def test_what_lies_where_no_path_leads_stays(directory: str) -> None:
    assert verdict(entry(), directory=directory).reason == "unknown-path"


@pytest.mark.parametrize("directory", ["/", "/safe", "/safe/deep/er"])
def test_protection_beats_every_policy(directory: str) -> None:
    decided = verdict(entry(name="safe"), directory=directory, protect=["/safe", "/x/**"])
    assert decided == Verdict(delete=False, reason="protected", rule="guardrails.protect: /safe")


def test_a_directory_is_protected_with_what_a_glob_for_its_contents_protects() -> None:
    assert verdict(entry(name="safe", type="Directory"), protect="/safe/**").reason == "protected"
    assert verdict(entry(name="safety"), protect="/safe/**").delete


def test_protection_knows_a_name_in_the_form_a_mac_wrote_it() -> None:
    assert verdict(entry(name="x"), directory="/cafe\u0301", protect="/caf\u00e9").reason == "protected"


def test_any_policy_selects_and_the_first_is_named() -> None:
    logs, tmp = policy(name="logs", match={"path": "/logs/**"}), policy(name="tmp", match={"name": ["*.bak", "*.tmp"]})
    both = verdict(entry(name="a.tmp"), logs, tmp, directory="/logs")
    assert (both.policy, both.rule) == ("logs", "match.path: /logs/**")
    second = verdict(entry(name="a.tmp"), logs, tmp)
    assert (second.policy, second.rule) == ("tmp", "match.name: *.tmp")
    assert verdict(entry(name="a"), logs, tmp).reason == "not-matched"


def test_a_policy_that_is_not_ripe_leaves_it_to_the_next() -> None:
    late, soon = policy(name="late", older_than="20d"), policy(name="soon", match={"name": "*.log"})
    assert verdict(entry(10), late, soon).policy == "soon"
    assert verdict(entry(5), late, soon).policy == "soon"


def test_no_policy_takes_nothing() -> None:
    none = Judge((), guardrails(), as_of=NOW, now=NOW)
    assert none.verdict(entry(), "/") == Verdict(delete=False, reason="no-policy")
    assert not none.may_select_below("/")
    assert none.deletable_from(entry(), "/") is None


@pytest.mark.parametrize(
    ("match", "fields", "selected"),
    [
        ({"type": "file"}, {}, True),
        ({"type": "file"}, {"type": "Directory"}, False),
        ({"type": "directory"}, {"type": "Directory"}, True),
        ({"size": {"min": "1KiB"}}, {"size": 1024}, True),
        ({"size": {"min": "1KiB"}}, {"size": 1023}, False),
        ({"size": {"max": "1KiB"}}, {"size": 1024}, True),
        ({"size": {"max": "1KiB"}}, {"size": 1025}, False),
        ({"size": {"max": "1KiB"}}, {"size": None}, False),
        ({"size": {"min": "0B"}}, {"size": 0, "type": "Directory"}, False),
        ({"not_accessed_for": "30d"}, {"atime": "2026-01-02T00:00:00Z"}, True),
        ({"not_accessed_for": "30d"}, {"atime": "2026-01-02T00:00:01Z"}, False),
        ({"not_accessed_for": "30d"}, {"atime": ""}, False),
        ({"not_accessed_for": "30d"}, {"atime": "1970-01-01T00:00:00Z"}, False),
        ({"not_modified_for": "30d"}, {"mtime": "2026-01-02T00:00:00Z"}, True),
        ({"not_modified_for": "30d"}, {"mtime": "0001-01-01T00:00:00Z"}, False),
        ({"path": "/d/*.log"}, {}, True),
        ({"path": "/d"}, {}, False),
        ({"not_path": "/d"}, {}, False),
        ({"not_path": "/d/b"}, {}, True),
        ({"name": "A.log"}, {}, False),
        ({"not_name": "a*"}, {}, False),
        ({"not_name": "d"}, {}, True),
        ({"path": "/d/**", "name": "b*"}, {}, False),
    ],
)
def test_all_demands_have_to_be_met(match: dict[str, object], fields: dict[str, object], *, selected: bool) -> None:
    decided = verdict(entry(**fields), policy(match=match), directory="/d")
    assert decided.delete is selected
    assert decided.reason == ("selected" if selected else "not-matched")


def test_a_capacity_rule_may_take_what_is_old_enough_and_of_known_size() -> None:
    gate = judge(policy(keep_bin_below="1TiB"))
    assert gate.verdict(entry(7), "/").rule == "keep_bin_below: 1TiB"
    assert not gate.verdict(entry(6), "/").delete
    assert not gate.verdict(entry(7, size=None), "/").delete


def test_what_another_policy_takes_too_goes_by_that_one_wherever_it_stands_in_the_file() -> None:
    below, aged = policy(name="below", keep_bin_below="1TiB"), policy(name="aged", older_than="9d")
    gate = Judge([below, aged], guardrails(), as_of=NOW, now=NOW)
    assert [gate.verdict(entry(days), "/").policy for days in (8, 10)] == ["below", "aged"]


def test_an_explanation_leaves_open_what_depends_on_the_size_of_the_bin() -> None:
    policies = [policy(keep_bin_below="1TiB")]
    wide = Judge(policies, guardrails(), as_of=NOW, now=NOW)
    *_, age, capacity, whole, _ = wide.explain(entry(7), "/")
    assert (age.matched, capacity.matched, whole.matched) == (True, None, None)
    assert capacity.rule == "policies.old.keep_bin_below"
    assert wide.explain(entry(6), "/")[-2].matched is False


@pytest.mark.parametrize("moment", [nan, inf, -inf])
def test_a_moment_that_is_none_is_refused(moment: float) -> None:
    with pytest.raises(ValueError, match="seconds since 1970"):
        judge(as_of=moment)
    with pytest.raises(ValueError, match="seconds since 1970"):
        judge(now=moment)


@pytest.mark.parametrize("moment", [-1e18, -1.0, 0.0, 1e18])
def test_a_moment_outside_of_the_calendar_deletes_nothing_that_is_young(moment: float) -> None:
    assert not judge(policy(older_than=None), now=moment, as_of=NOW).verdict(entry(0.5), "/").delete
    assert not judge(policy(older_than=None), now=NOW, as_of=moment).verdict(entry(0.5), "/").delete


def test_directories_out_of_reach_need_no_listing() -> None:
    logs = judge(policy(match={"path": "/logs/**", "not_path": "/logs/keep"}), protect="/logs/safe")
    assert logs.may_select_below("/")
    assert logs.may_select_below("/logs/app")
    assert not logs.may_select_below("/home")
    assert not logs.may_select_below("/logs/keep/x")
    assert not logs.may_select_below("/logs/safe/x")


def test_when_an_entry_will_go_is_known_in_advance() -> None:
    waiting = policy(match={"not_accessed_for": "20d"})
    assert judge().deletable_from(entry(3), "/") == NOW + 4 * DAY
    assert judge().deletable_from(entry(30), "/") == NOW - 23 * DAY
    assert judge(min_age="10d").deletable_from(entry(3), "/") == NOW + 7 * DAY
    assert judge(waiting).deletable_from(entry(5), "/") == NOW + 15 * DAY
    assert judge(waiting, policy(name="b")).deletable_from(entry(5), "/") == NOW + 2 * DAY


@pytest.mark.parametrize(
    "fields", [fields for fields, _ in WHAT_IS_NOT_KNOWN] + [{"name": "safe"}, {"size": 5, "name": "b"}, {"atime": ""}]
)
def test_waiting_does_not_help_what_stays(fields: dict[str, object]) -> None:
    strict = policy(match={"size": {"min": "1KiB"}, "not_accessed_for": "1d"})
    assert judge(strict, protect="/safe").deletable_from(entry(30, **fields), "/") is None


def test_an_explanation_goes_through_every_rule_in_order() -> None:
    logs = policy(name="logs", older_than="3d", match={"path": "/logs/**", "not_name": "a*"})
    steps = judge(logs, policy(), protect=["/home/**", "/etc"]).explain(entry(5), "/logs")
    assert [(step.rule, step.matched) for step in steps] == [
        ("DeleteTime", True),
        ("guardrails.min_age", True),
        ("entry", True),
        ("guardrails.protect", False),
        ("guardrails.protect", False),
        ("policies.logs.age", True),
        ("policies.logs.match.not_name", False),
        ("policies.logs.match.path", True),
        ("policies.logs", False),
        ("policies.old.age", False),
        ("policies.old", False),
        ("verdict", False),
    ]
    assert steps[-1].why == "not-matched"
    assert steps[5].why == "older_than: 3d: deleted at or before 2026-01-29T00:00:00Z; found '2026-01-27T00:00:00Z'"
    assert steps[7].why == "/logs/**; found '/logs/a.log'"
