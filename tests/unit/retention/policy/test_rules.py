"""One policy at one moment."""

import pytest
from msgspec.structs import replace

from functions.retention.policy.model import Match
from functions.retention.policy.rules import Rule, criteria_of, cut_off
from tests.unit.retention.policies import DAY, NOW, entry, policy


def rule(older_than: str | None = "7d", **keys: object) -> Rule:
    made = policy(older_than=older_than, **keys)
    return Rule(made, as_of=NOW, youngest=NOW - DAY)


@pytest.mark.parametrize(
    ("epoch", "text"),
    [
        (NOW, "2026-02-01T00:00:00Z"),
        (NOW - 0.1, "2026-01-31T23:59:59Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-1, ""),
        (float("-inf"), ""),
        (1e18, "9999-12-31T23:59:59Z"),
    ],
)
def test_a_cut_off_is_never_later_than_its_moment(epoch: float, text: str) -> None:
    assert cut_off(epoch) == text


def test_the_quick_demands_come_before_the_globs() -> None:
    match = Match.model_validate(
        {"path": "/a/**", "name": "b", "type": "file", "size": {"min": "1B"}, "not_accessed_for": "1d"}
    )
    keys = [criterion.key for criterion in criteria_of(match, NOW)]
    assert keys == ["match.type", "match.size", "match.not_accessed_for", "match.name", "match.path"]


def test_demands_are_told_as_a_person_would_write_them() -> None:
    match = Match.model_validate({"size": {"min": "1KiB", "max": "1GiB"}, "not_modified_for": "2d", "name": ["a", "b"]})
    wanted = [criterion.wanted for criterion in criteria_of(match, NOW)]
    assert wanted == ["a file, at least 1KiB, at most 1GiB", "2d: at or before 2026-01-30T00:00:00Z", "a, b"]


def test_the_floor_bounds_the_cut_off_and_not_the_ripeness() -> None:
    early = Rule(policy(older_than="1d"), as_of=NOW, youngest=NOW - 3 * DAY)
    assert (early.eligible_before, early.cut_off) == ("2026-01-31T00:00:00Z", "2026-01-29T00:00:00Z")


@pytest.mark.parametrize(
    ("older_than", "keep", "bound", "ground"),
    [
        ("7d", None, "older_than: 1w", "older_than: 1w"),
        (None, None, "guardrails.min_age", "guardrails.min_age"),
        ("7d", "1TiB", "older_than: 1w", "keep_bin_below: 1TiB"),
        (None, "1TiB", "guardrails.min_age", "keep_bin_below: 1TiB"),
    ],
)
def test_an_age_bounds_and_the_size_of_the_bin_is_the_ground(
    older_than: str | None, keep: str | None, bound: str, ground: str
) -> None:
    made = rule(older_than, keep_bin_below=keep)
    assert (made.bound, made.grounds) == (bound, (ground,))


def test_the_grounds_are_paths_then_names_then_the_age() -> None:
    assert rule(match={"path": ["/a/**", "/b/**"], "name": "x"}).grounds == ("match.path: /a/**", "match.path: /b/**")
    assert rule(match={"name": "x"}).grounds == ("match.name: x",)
    assert rule(match={"not_path": "/a"}).grounds == ("older_than: 1w",)


def test_the_first_glob_that_matches_is_the_ground() -> None:
    both = rule(match={"path": ["/a/b/**", "/a/**"]})
    assert both.because("c", "/a/b/c") == "match.path: /a/b/**"
    assert both.because("c", "/a/c") == "match.path: /a/**"


def test_only_demands_on_paths_need_one() -> None:
    assert rule(match={"not_path": "/a"}).needs_path
    assert not rule(match={"name": "a", "type": "file"}).needs_path


def test_what_is_excluded_is_not_reached() -> None:
    some = rule(match={"path": "/a/**", "not_path": "/a/x"})
    assert some.may_match_below("/a")
    assert not some.may_match_below("/a/x/y")


def test_an_entry_is_ripe_when_its_last_demand_is_met() -> None:
    waiting = rule(match={"not_accessed_for": "9d", "not_modified_for": "20d"})
    of = entry(3, atime="2026-01-31T00:00:00Z", mtime="2026-01-01T00:00:00Z")
    assert waiting.eligible_at(of, of.name, "/a.log", DAY) == NOW + 8 * DAY
    assert waiting.eligible_at(replace(of, mtime=""), of.name, "/a.log", DAY) is None
