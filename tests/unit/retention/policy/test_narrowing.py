"""Events narrow policies and never widen them."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.errors import NarrowingRefused
from functions.retention.policy.judge import Judge
from functions.retention.policy.model import PolicyFile
from functions.retention.policy.narrowing import MAX_BYTES, NarrowedFile, narrow
from tests.examples import examples
from tests.unit.retention.policies import DAY, ID, NOW, entry, policy, policy_file

LOGS = policy(name="logs", match={"path": "/logs/**"})
TMP = policy(name="tmp", older_than="2d", match={"name": "*.tmp"})
FILE = policy_file(LOGS, TMP, min_age="1d", limits={"jobs": 100, "bytes": "1GiB", "share": 0.4})

JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("7d"), st.just("/a/**")
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
KEYS = st.sampled_from(["policies", "path", "name", "older_than", "limits", "as_of", "up_to", "mode", ""])


def narrowed(narrowing: Mapping[str, object], file: PolicyFile = FILE) -> NarrowedFile:
    return narrow(file, narrowing, now=NOW)


def refusals(narrowing: Mapping[str, object], file: PolicyFile = FILE) -> tuple[str, ...]:
    with pytest.raises(NarrowingRefused) as refusal:
        narrowed(narrowing, file)
    return refusal.value.problems


def goes(file: PolicyFile, path: str, days: float) -> bool:
    directory, _, name = path.rpartition("/")
    judge = Judge(file.policies, file.guardrails, as_of=NOW, now=NOW)
    return judge.verdict(entry(days, name=name), directory or "/").delete


def test_an_empty_narrowing_leaves_everything_as_it_is() -> None:
    file = narrowed({})
    assert file.guardrails == FILE.guardrails
    assert [each.name for each in file.policies] == ["logs", "tmp"]
    assert (file.as_of, file.up_to) == (None, None)
    assert goes(file, "/logs/a", 8)
    assert goes(file, "/x/a.tmp", 3)


def test_a_run_stays_bound_to_the_digest_of_what_is_deployed() -> None:
    assert narrowed({"path": "/logs/app/**", "up_to": 3}).digest == FILE.digest


def test_a_path_is_a_further_condition_and_does_not_replace_the_policy_s_own() -> None:
    file = narrowed({"path": ["/logs/app/**", "/home/**"]})
    assert goes(file, "/logs/app/x", 8)
    assert not goes(file, "/logs/other/x", 8)
    assert not goes(file, "/home/x", 8)
    assert goes(file, "/home/x.tmp", 8)


def test_a_name_is_a_further_condition() -> None:
    file = narrowed({"name": "a*"})
    assert goes(file, "/logs/abc", 8)
    assert not goes(file, "/logs/bcd", 8)


def test_an_age_rises_for_every_policy() -> None:
    file = narrowed({"older_than": "10d"})
    assert [each.older_than for each in file.policies] == [10 * DAY, 10 * DAY]
    assert not goes(file, "/logs/a", 9)
    assert goes(file, "/logs/a", 10)


def test_a_policy_without_an_age_gets_one() -> None:
    bare = policy_file(policy(older_than=None, match={"path": "/a/**"}))
    assert not goes(narrowed({"older_than": "9d"}, bare), "/a/b", 8)


def test_only_the_named_policies_take_part() -> None:
    file = narrowed({"policies": ["tmp"], "older_than": "3d"})
    assert [each.name for each in file.policies] == ["tmp"]
    assert not goes(file, "/logs/a", 100)


def test_limits_fall_one_by_one() -> None:
    limits = narrowed({"limits": {"jobs": 0, "bytes": "1MiB"}}).guardrails.limits
    assert (limits.jobs, limits.bytes, limits.share) == (0, 1 << 20, 0.4)


def test_limits_fall_from_unlimited_too() -> None:
    file = policy_file(limits={"jobs": "unlimited"})
    assert narrowed({"limits": {"jobs": 10**9}}, file).guardrails.limits.jobs == 10**9
    assert narrowed({"limits": {"jobs": "unlimited"}, "up_to": 10**9}, file).up_to == 10**9


def test_a_moment_in_the_past_and_a_number_of_jobs_are_handed_on() -> None:
    file = narrowed({"as_of": "2026-01-31T00:00:00Z", "up_to": 100})
    assert (file.as_of, file.up_to) == (NOW - DAY, 100)


def test_all_that_no_narrowing_touches_stays() -> None:
    whole = policy(
        match={"path": "/a/**", "size": {"min": "999999999999999PB"}}, order="oldest-first", keep_bin_below="3GB",
        canary=5, directories="trust", mode="enforce", file_systems={"ids": ID, "tags": {"a": "b"}},
    )  # fmt: skip
    assert dict(narrowed({}, policy_file(whole)).policies[0]).items() >= dict(whole).items()
    everything = policy(older_than=None, **{"unsafe-select-everything": True})
    assert narrowed({}, policy_file(everything)).policies[0].unsafe_select_everything


@pytest.mark.parametrize(
    ("narrowing", "key", "problems"),
    [
        ({"older_than": "6d"}, "older_than", "policies.logs.older_than: write 1w or more"),
        ({"older_than": "12h"}, "older_than", "guardrails.min_age: write 1d or more"),
        ({"older_than": "1d", "policies": "tmp"}, "older_than", "policies.tmp.older_than: write 2d or more"),
        ({"limits": {"jobs": 101}}, "limits.jobs", "guardrails.limits.jobs: write 100 or less"),
        ({"limits": {"jobs": "unlimited"}}, "limits.jobs", "guardrails.limits.jobs"),
        ({"limits": {"bytes": "2GiB"}}, "limits.bytes", "guardrails.limits.bytes: write 1GiB or less"),
        ({"limits": {"share": 0.5}}, "limits.share", "guardrails.limits.share: write 0.4 or less"),
        ({"up_to": 101}, "up_to", "guardrails.limits.jobs: write 100 or less"),
        ({"as_of": "2026-02-01T00:00:01Z"}, "as_of", "in the future"),
        ({"policies": ["log"]}, "policies[0]", "did you mean logs?"),
        ({"older-than": "9d"}, "older-than", "did you mean older_than?"),
        ({"limit": {}}, "limit", "did you mean limits?"),
        ({"limits": {"job": 1}}, "limits.job", "did you mean jobs?"),
        ({"protect": []}, "protect", "allowed: policies, path, name"),
        ({"mode": "enforce"}, "mode", "unknown key"),
        ({"min_age": "0d"}, "min_age", "unknown key"),
        ({"path": []}, "path", "is empty"),
        ({"policies": []}, "policies", "is empty"),
        ({"path": None}, "path", "has no value"),
        ({"path": "logs"}, "path[0]", "start with /"),
        ({"name": "a/b"}, "name[0]", "use a path glob"),
        ({"older_than": 9}, "older_than", "like 7d"),
        ({"as_of": "yesterday"}, "as_of", "write UTC like"),
        ({"as_of": 1e9}, "as_of", "takes text"),
        ({"as_of": "2026-02-30T00:00:00Z"}, "as_of", "no time"),
        ({"up_to": 0}, "up_to", "greater than or equal to 1"),
        ({"up_to": True}, "up_to", "whole number"),
    ],
)
def test_what_would_widen_or_means_nothing_is_refused_by_its_key(
    narrowing: Mapping[str, object], key: str, problems: str
) -> None:
    found = refusals(narrowing)
    assert any(each.startswith(f"narrow.{key}: ") and problems in each for each in found), found


def test_all_attempts_are_told_at_once() -> None:
    found = refusals({"older_than": "1h", "limits": {"jobs": 200, "share": 1}, "as_of": "2030-01-01T00:00:00Z"})
    assert len(found) == 6


def test_a_narrowing_has_to_fit_the_message() -> None:
    most = {"path": "/" + "é" * 100 + "a" * (MAX_BYTES - len('{"path":"/"}') - 200)}
    assert len(json.dumps(most, separators=(",", ":"), ensure_ascii=False).encode()) == MAX_BYTES
    assert narrowed(most)
    assert "at most 1000" in refusals({"path": most["path"] + "a"})[0]


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", "\ud800"])
def test_what_is_no_json_is_refused(value: object) -> None:
    assert "is not JSON" in refusals({"path": value})[0]


def test_it_is_applied_again_by_every_slice() -> None:
    narrowing = {"as_of": "2026-02-01T00:00:00Z", "path": "/logs/**"}
    first = narrow(FILE, narrowing, now=NOW)
    again = narrow(FILE, json.loads(json.dumps(narrowing)), now=NOW + 9 * DAY)
    assert again == first


@examples(200)
@given(narrowing=st.dictionaries(KEYS, JSON, max_size=4))
def test_any_json_narrows_or_is_refused(narrowing: Mapping[str, object]) -> None:
    try:
        names = {each.name for each in narrowed(narrowing).policies}
    except NarrowingRefused:
        return
    assert names <= {"logs", "tmp"}
