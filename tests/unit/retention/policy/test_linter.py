"""What in a policy file can never act, and that what may act is not accused."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.policy.judge import Judge
from functions.retention.policy.linter import Finding, lint
from functions.retention.policy.load import read_policies
from functions.retention.policy.model import Policy
from tests.examples import examples
from tests.unit.retention.policies import DAY, ID, NOW, entry, policy, policy_file

OTHER = "2db515b6f3"


def codes(*policies: Policy, days: Mapping[str, int] | None = None, **guards: object) -> list[tuple[str | None, str]]:
    return [(found.policy, found.code) for found in lint(policy_file(*policies, **guards), days or {}, {})]


def pair(first: Mapping[str, object], second: Mapping[str, object], **guards: object) -> list[tuple[str | None, str]]:
    file = policy_file(policy(**{"name": "first", **first}), policy(**{"name": "second", **second}), **guards)
    return [(found.policy, found.code) for found in lint(file, {}, {})]


def test_an_everyday_file_has_no_findings() -> None:
    assert codes(policy(match={"path": "/logs/**", "name": "*.log"}), days={ID: 30}, protect="/finance/**") == []


def test_a_policy_older_than_the_bin_keeps_anything_never_acts() -> None:
    (found,) = lint(policy_file(policy(older_than="7d")), {ID: 7}, {})
    assert found == Finding(
        "old",
        "older-than-reserved-days",
        "policies.old.older_than",
        f"1w is not under the 7 days (ReservedDays) after which the bin of {ID} expires it",
    )
    assert codes(policy(older_than="7d"), days={ID: 8}) == []


def test_a_floor_above_the_bin_s_own_days_lets_nothing_act() -> None:
    (found,) = lint(policy_file(policy(older_than=None, match={"name": "a"}), min_age="3d"), {ID: 3}, {})
    assert (found.code, found.where) == ("older-than-reserved-days", "guardrails.min_age")


def test_every_file_system_has_its_own_days() -> None:
    both = policy(file_systems=[ID, OTHER])
    found = lint(policy_file(both, file_systems=[ID, OTHER]), {ID: 30, OTHER: 3}, {})
    assert [OTHER in each.why for each in found] == [True]
    assert codes(both, file_systems=[ID, OTHER]) == []


def test_a_policy_by_tags_may_be_for_any_file_system_of_the_guardrails() -> None:
    assert codes(policy(file_systems={"tags": {"a": "b"}}), days={ID: 7}) == [("old", "older-than-reserved-days")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"older_than": "30d"}),
        ({}, {"match": {"path": "/logs/**"}}),
        ({"match": {"path": "/**"}}, {"match": {"name": "a"}}),
        ({"match": {"path": "/logs/**"}}, {"match": {"path": ["/logs/a/**", "/logs/*.log"]}}),
        ({"match": {"name": ["*.log", "a"]}}, {"match": {"name": "x.log"}}),
        ({"match": {"size": {"min": "1KiB"}}}, {"match": {"size": {"min": "1MiB", "max": "1GiB"}}}),
        ({"match": {"not_accessed_for": "1d"}}, {"match": {"not_accessed_for": "2d"}}),
        ({"match": {"not_path": "/a"}}, {"match": {"not_path": ["/a", "/b"]}}),
        ({"match": {"type": "file"}}, {"match": {"type": "file", "name": "a"}}),
        ({}, {"keep_bin_below": "1TiB"}),
        ({"keep_bin_below": "1TiB"}, {"keep_bin_below": "1TiB", "older_than": "9d"}),
        ({"mode": "enforce"}, {"mode": "enforce"}),
        ({"mode": "enforce"}, {"mode": "dry-run"}),
        ({}, {"file_systems": {"ids": ID, "tags": {"a": "b"}}}),
        ({}, {"file_systems": {"tags": {"a": "b"}}}),
    ],
)
def test_what_an_earlier_policy_takes_whole_is_shadowed(
    first: Mapping[str, object], second: Mapping[str, object]
) -> None:
    assert pair(first, second) == [("second", "shadowed")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"older_than": "30d"}, {}),
        ({"match": {"path": "/logs/**"}}, {}),
        ({"match": {"path": "/logs/**"}}, {"match": {"path": ["/logs/a/**", "/home/**"]}}),
        ({"match": {"name": "a"}}, {"match": {"name": "b"}}),
        ({"match": {"size": {"max": "1KiB"}}}, {"match": {"size": {"min": "1B"}}}),
        ({"match": {"size": {"min": "1B"}}}, {}),
        ({"match": {"not_accessed_for": "2d"}}, {"match": {"not_accessed_for": "1d"}}),
        ({"match": {"not_path": ["/a", "/b"]}}, {"match": {"not_path": "/a"}}),
        ({"match": {"not_name": "a"}}, {}),
        ({"match": {"type": "file"}}, {}),
        ({"keep_bin_below": "1TiB"}, {}),
        ({"keep_bin_below": "1TiB"}, {"keep_bin_below": "1TiB", "match": {"name": "a"}}),
        ({"keep_bin_below": "1TiB"}, {"keep_bin_below": "2TiB"}),
        ({"mode": "dry-run"}, {"mode": "enforce"}),
        ({"file_systems": {"tags": {"a": "b"}}}, {}),
    ],
)
def test_what_may_act_is_not_called_shadowed(first: Mapping[str, object], second: Mapping[str, object]) -> None:
    assert pair(first, second) == []


def test_a_policy_for_some_file_systems_shadows_none_for_more() -> None:
    more = {"file_systems": [ID, OTHER]}
    assert pair({}, more, file_systems=[ID, OTHER]) == []
    assert pair(more, {}, file_systems=[ID, OTHER]) == [("second", "shadowed")]


def test_the_floor_makes_ages_below_it_alike() -> None:
    below = {"older_than": None, "match": {"name": "a"}}
    assert pair({**below, "older_than": "2d"}, below, min_age="2d") == [("second", "shadowed")]


@pytest.mark.parametrize(
    ("match", "where"),
    [
        ({"type": "directory", "size": {"min": "1B"}}, "size"),
        ({"path": "/a/b/**", "not_path": "/a"}, "path"),
        ({"path": ["/a/*", "/b/x"], "not_path": ["/a/**", "/b/*"]}, "path"),
        ({"name": ["x.log", "y.log"], "not_name": "*.log"}, "name"),
        ({"path": ["/a/core", "/**/core"], "name": "*.log"}, "name"),
    ],
)
def test_a_match_that_contradicts_itself_matches_nothing(match: Mapping[str, object], where: str) -> None:
    (found,) = lint(policy_file(policy(match=match)), {}, {})
    assert (found.code, found.where) == ("matches-nothing", f"policies.old.match.{where}")


@pytest.mark.parametrize(
    "match",
    [
        {"path": "/a/**", "not_path": "/a/b"},
        {"path": ["/a/**", "/b/**"], "not_path": "/a"},
        {"path": "/a", "not_path": "/a/*"},
        {"name": "*.log", "not_name": "a.log"},
        {"path": ["/a/core", "/a/x.log"], "name": "*.log"},
        {"path": "/a/*.txt", "name": "*.log"},
    ],
)
def test_a_match_that_may_match_is_not_accused(match: Mapping[str, object]) -> None:
    assert codes(policy(match=match)) == []


def test_a_path_that_is_protected_whole_never_acts() -> None:
    assert codes(policy(match={"path": "/finance/2025/**"}), protect="/finance") == [("old", "protected")]
    assert codes(policy(match={"path": "/finance"}), protect="/finance/**") == [("old", "protected")]
    assert codes(policy(match={"path": ["/finance/**", "/logs/**"]}), protect="/finance") == []


def test_a_policy_that_a_survey_found_nothing_for_is_told() -> None:
    file = policy_file(policy(name="a", match={"path": "/a/**"}), policy(name="b", match={"name": "*.b"}))
    found = lint(file, {}, {"a": 3, "b": 0})
    assert [(each.policy, each.code) for each in found] == [("b", "took-nothing")]
    assert "*.b" in found[0].why
    assert lint(file, {}, {}) == []


def test_what_stops_everything_is_told_first() -> None:
    found = codes(policy(older_than="30d"), days={ID: 7}, pause=True, limits={"jobs": 0, "share": 0})
    assert found == [(None, "stopped")] * 3 + [("old", "older-than-reserved-days")]


def test_a_file_system_that_no_policy_is_for_is_told() -> None:
    (found,) = lint(policy_file(policy(), file_systems=[ID, OTHER]), {}, {})
    assert (found.code, OTHER in found.why) == ("unlisted", True)


PARTS = st.sampled_from(["a", "b", "*", "**", "a*", "?"])
GLOBS = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "path": st.lists(GLOBS, min_size=1, max_size=2),
        "not_path": GLOBS,
        "name": st.sampled_from(["a", "a*", "*", "b"]),
        "not_name": st.sampled_from(["a", "a*", "b"]),
    },
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), max_size=3)


@examples(150)
@given(first=MATCHES, second=MATCHES, protect=GLOBS, paths=st.lists(PATHS, min_size=1, max_size=6))
def test_what_is_said_never_to_act_never_does(
    first: Mapping[str, object], second: Mapping[str, object], protect: str, paths: list[list[str]]
) -> None:
    file = policy_file(policy(name="p0", match=first), policy(name="p1", match=second), protect=protect)
    accused = {found.policy for found in lint(file, {}, {})}
    judge = Judge(file.policies, file.guardrails, as_of=NOW, now=NOW + DAY)
    for parts in paths:
        for name in ("a", "b", "ab"):
            assert judge.verdict(entry(name=name), "/" + "/".join(parts)).policy not in accused - {None}


def test_everything_in_the_sample_can_act() -> None:
    sample = read_policies(Path(__file__).parents[4] / "functions" / "policies.yaml")
    assert lint(sample, dict.fromkeys(sample.guardrails.file_systems, 30), {}) == []
