"""The models of the policy file: what they mean, and what cannot stand together."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from functions.retention.core.errors import ContradictionsError
from functions.retention.policy.model import Limits, Match, PolicyFile, contradictions, enforcing
from tests.unit.retention.policies import DAY, ID, MINIMAL, guardrails, loaded, policy, policy_file


def test_a_run_within_its_limits_breaks_none() -> None:
    limits = Limits(jobs=10, bytes="1KiB", share=0.5)
    assert limits.broken_by(jobs=10, size=1024, share=0.5) == ()


def test_every_broken_limit_is_told_with_by_how_much() -> None:
    limits = Limits(jobs=10, bytes="1KiB", share=0.5)
    jobs, size, share = limits.broken_by(jobs=12, size=3072, share=0.75)
    assert jobs == "guardrails.limits.jobs: 12 jobs, 2 over the limit of 10"
    assert size == "guardrails.limits.bytes: 3KiB, 2KiB over the limit of 1KiB"
    assert share == "guardrails.limits.share: 0.750 of the bytes in the bin, the limit is 0.5"


def test_zero_is_a_limit_and_unlimited_is_none() -> None:
    assert len(Limits(jobs=0, bytes="0B", share=0).broken_by(jobs=1, size=1, share=0.1)) == 3
    unlimited = Limits(jobs="unlimited", bytes="unlimited", share="unlimited")
    assert unlimited.broken_by(jobs=10**9, size=10**18, share=1) == ()


@pytest.mark.parametrize(
    ("tags", "held"),
    [
        ({}, False),
        ({"nas-retention": "hold"}, True),
        ({"nas-retention": " Hold "}, True),
        ({"nas-retention": "go"}, False),
        (None, True),
    ],
)
def test_a_hold_tag_stops_and_so_do_tags_that_cannot_be_read(tags: Mapping[str, str] | None, *, held: bool) -> None:
    assert guardrails().holds(tags) is held


def test_policies_apply_by_ids_and_tags_and_never_outside_the_guardrails() -> None:
    by_id = policy(name="by-id")
    by_tag = policy(name="by-tag", file_systems={"tags": {"team": "a"}})
    by_both = policy(name="by-both", file_systems={"ids": [ID], "tags": {"team": "a", "env": "test"}})
    file = policy_file(by_id, by_tag, by_both, file_systems=[ID, "other"])
    assert file.for_file_system(ID, {"team": "a", "env": "test"}) == (by_id, by_tag, by_both)
    assert file.for_file_system(ID, {"team": "a"}) == (by_id, by_tag)
    assert file.for_file_system(ID, None) == (by_id,)
    assert file.for_file_system("other", {"team": "a"}) == (by_tag,)
    assert file.for_file_system("third", {"team": "a"}) == ()


def test_only_policies_that_enforce_delete() -> None:
    armed = policy(name="armed", mode="enforce")
    assert enforcing([policy(), armed]) == (armed,)


@pytest.mark.parametrize(
    "keys",
    [
        {"match": {}},
        {"match": {"path": "/**"}},
        {"match": {"name": "*"}},
        {"match": {"not_path": "/a/**"}},
        {"match": {"size": {"min": "0B"}}},
        {"match": {"size": {"max": "9999999TiB"}}},
        {"match": {"size": {"min": "0B", "max": "1PiB"}}},
        {"match": {"path": ["/*", "/*/**"]}},
        {"match": {"path": ["/[!x]*/**", "/x*/**", "/*"], "not_path": "/a"}},
        {"match": {"path": [f"/*{'/*' * depth}" for depth in range(8)]}},
        {"match": {"name": ["[!x]*", "x*"]}},
        {"match": {"name": ["*[!x]", "*x"]}},
        {"match": {"name": ["?", "??", "???*"]}},
        {"match": {"name": ["[a-m]*", "[n-z]*", "[!a-z]*"], "path": ["/*/**", "/*"], "size": {"max": "9PiB"}}},
        {"keep_bin_below": "0B"},
        {"keep_bin_below": "1B"},
        {"older_than": "1d"},
        {"older_than": "1d", "match": {"name": ["[!x]*", "x*"]}},
        {"match": {"not_modified_for": "6m"}},
        {"match": {"not_accessed_for": "1d"}},
        {"older_than": "24h", "match": {"not_modified_for": "1d"}, "keep_bin_below": "1023MiB"},
    ],
)
def test_what_only_the_floor_bounds_selects_everything(keys: Mapping[str, object]) -> None:
    written = {"older_than": None, **keys}
    with pytest.raises(ValidationError, match="unsafe-select-everything"):
        policy_file(policy(**written))
    assert policy_file(policy(**written, **{"unsafe-select-everything": True}))


@pytest.mark.parametrize(
    "keys",
    [
        {"older_than": "7d"},
        {"keep_bin_below": "1TiB"},
        {"match": {"path": "/a/**"}},
        {"match": {"path": ["/*", "/[!a]*/**"]}},
        {"match": {"path": "/*/**"}},
        {"match": {"path": "/**/*.*"}},
        {"match": {"name": "a*"}},
        {"match": {"name": ["[!x]*", "xx*"]}},
        {"match": {"name": "*[!~]"}},
        {"match": {"name": "[!.]*"}},
        {"match": {"name": ["[!A-Z]*", "*.*"]}},
        {"match": {"name": ["*", "?"], "path": ["/a/**", "/b/**"]}},
        {"match": {"size": {"max": "1TiB"}}},
        {"match": {"size": {"min": "1B", "max": "9PiB"}}},
        {"match": {"type": "file"}},
        {"match": {"size": {"min": "1B"}}},
        {"match": {"not_accessed_for": "25h"}},
        {"match": {"not_modified_for": "2d"}},
        {"older_than": "25h"},
        {"keep_bin_below": "1GiB"},
    ],
)
def test_any_other_bound_is_one(keys: Mapping[str, object]) -> None:
    assert policy_file(policy(**{"older_than": None, **keys}))


FILES = {"type": "file"}
DIRECTORIES = {"type": "directory"}


@pytest.mark.parametrize(
    "matches",
    [
        (FILES, DIRECTORIES),
        ({"name": "[!x]*"}, {"name": "x*"}),
        ({"path": "/*"}, {"path": "/*/**"}),
        ({"path": "/a/**"}, FILES, DIRECTORIES),
        ({"size": {"max": "1GiB"}}, {"size": {"min": "1GiB"}}, DIRECTORIES),
        ({"type": "file", "name": "[!x]*"}, DIRECTORIES, {"name": "x*"}),
        (FILES, {"type": "directory", "not_modified_for": "6m"}),
    ],
)
def test_policies_that_take_everything_together_have_to_say_so(matches: tuple[Mapping[str, object], ...]) -> None:
    policies = [policy(name=f"p{n}", older_than=None, match=match) for n, match in enumerate(matches)]
    with pytest.raises(ValidationError, match=r"together with p0.*unsafe-select-everything"):
        policy_file(*policies)
    for number, one in enumerate(policies):
        said = one.model_copy(update={"unsafe_select_everything": True})
        assert number < len(policies) - 2 or policy_file(*policies[:number], said, *policies[number + 1 :])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"match": FILES}, {"match": DIRECTORIES, "older_than": "7d"}),
        ({"match": FILES}, {"match": DIRECTORIES, "file_systems": ["other"]}),
        (
            {"match": FILES, "file_systems": {"tags": {"a": "b"}}},
            {"match": DIRECTORIES, "file_systems": {"tags": {"a": "c"}}},
        ),
        ({"match": {"size": {"max": "1GiB"}}}, {"match": {"size": {"min": "2GiB"}}}),
        ({"match": {"name": "a*"}}, {"match": {"path": "/a/**"}}),
    ],
)  # fmt: skip
def test_policies_that_leave_something_out_or_never_meet_need_not_say_so(
    first: Mapping[str, object], second: Mapping[str, object]
) -> None:
    one = policy(**{"name": "first", "older_than": None, **first})
    other = policy(**{"name": "second", "older_than": None, **second})
    assert policy_file(one, other, file_systems=[ID, "other"])


def test_policies_by_id_and_by_tag_may_meet() -> None:
    by_tag = policy(name="by-tag", older_than=None, match=DIRECTORIES, file_systems={"tags": {"team": "a"}})
    with pytest.raises(ValidationError, match="together with old"):
        policy_file(policy(older_than=None, match=FILES), by_tag)


def test_contradictions_are_found_in_the_parts_that_can_be_read() -> None:
    found = contradictions(guardrails(min_age="10d"), {0: policy(), 3: policy(file_systems=["x"])})
    assert [where for where, _ in found] == [
        ("policies", 0, "older_than"),
        ("policies", 3, "name"),
        ("policies", 3, "older_than"),
        ("policies", 3, "file_systems", "ids", 0),
    ]
    assert [where for where, _ in contradictions(None, {0: policy(), 3: policy()})] == [("policies", 3, "name")]


def test_no_file_exists_with_a_contradiction() -> None:
    with pytest.raises(ValidationError) as refusal:
        policy_file(policy(), policy())
    assert isinstance(refusal.value.errors()[0]["ctx"]["error"], ContradictionsError)


def test_a_digest_knows_meaning_and_not_writing() -> None:
    same = MINIMAL.replace("7d", "1w").replace("version: 1\n", "# a comment\n") + "version: 1\n"
    assert loaded(same).digest == loaded(MINIMAL).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("older_than: 7d", "older_than: 8d"),
        ("older_than: 7d", "older_than: 7d\n    mode: enforce"),
        ("older_than: 7d", "older_than: 7d\n    match: {path: /a/**}"),
        ("name: old", "name: older"),
        ("policies:", "  protect: [/a]\npolicies:"),
        ("policies:", "  pause: true\npolicies:"),
        ("policies:", "  limits: {jobs: 1}\npolicies:"),
    ],
)
def test_a_digest_changes_with_all_that_decides(old: str, new: str) -> None:
    assert loaded(MINIMAL.replace(old, new)).digest != loaded(MINIMAL).digest


def test_models_are_frozen() -> None:
    with pytest.raises(ValidationError):
        loaded(MINIMAL).guardrails.min_age = 0  # type: ignore[misc]


@pytest.mark.parametrize("size", [{}, {"min": "2KiB", "max": "1KiB"}, {"min": 5}])
def test_a_size_range_has_its_ends_in_order(size: Mapping[str, object]) -> None:
    with pytest.raises(ValidationError):
        Match.model_validate({"size": size})


@pytest.mark.parametrize("tag", ["hold", "=hold", "k=", "aliyun=x", "acs:a=b", "a=http://x", "a" * 129 + "=b"])
def test_a_hold_tag_that_no_file_system_can_carry_is_refused(tag: str) -> None:
    with pytest.raises(ValidationError, match="write key=value"):
        guardrails(hold_tag=tag)


def test_durations_are_seconds_and_sizes_are_bytes() -> None:
    read = policy(match={"size": {"max": "1KiB"}, "not_accessed_for": "2d"})
    assert read.older_than == 7 * DAY
    assert read.match.not_accessed_for == 2 * DAY
    assert read.match.size is not None
    assert read.match.size.max == 1024
    assert isinstance(policy_file(read), PolicyFile)
