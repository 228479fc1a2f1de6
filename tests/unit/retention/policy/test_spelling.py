"""Globs that match nothing as they are written are refused or asked about."""

import pytest
from pydantic import TypeAdapter

from functions.retention.policy.globs import GlobList, check_path_glob
from functions.retention.policy.linter import lint
from functions.retention.policy.selection import NameGlob, plainly_spelled
from functions.retention.policy.spelling import doubts, odd_sign
from tests.unit.retention.policies import MINIMAL, loaded, policy, policy_file


@pytest.mark.parametrize(
    ("glob", "advice"),
    [
        ("/finance ", "leave it out"),
        (" /finance", "leave it out"),
        ("/finance /x", "leave it out"),
        ("/finance\u00a0", "leave it out"),
        ("/finance\u3000/**", "leave it out"),
        ("/finance\t", "leave it out"),
        ("/finance, /hr", "write a list, [/finance, /hr]"),
        ("/finance,/hr", "write a list, [/finance, /hr]"),
        ("/finance/\uff0a\uff0a", "write *"),
        ("\uff0ffinance", "write /"),
        ("/fin\u200bance", "U+200B"),
        ("\ufeff/finance", "U+FEFF"),
        ("/fin\u00adance", "U+00AD"),
        ("/finance/\u202e**", "U+202E"),
        ("/fin\nance", "U+000A"),
    ],
)
def test_what_can_only_be_a_mistake_is_refused_with_what_to_write(glob: str, advice: str) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        plainly_spelled(glob)
    assert advice in str(refusal.value)


def test_a_refused_glob_is_named_with_its_line_and_key() -> None:
    text = MINIMAL.replace("policies:", '  protect: [/hr, "/finance "]\npolicies:')
    with pytest.raises(Exception, match=r"policies\.yaml:4: guardrails\.protect\[1\]: '/finance ' has a blank"):
        loaded(text)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("/finance[ ]", "/finance "),
        ("/a[,]/b", "/a,/b"),
        ("/[\uff0a]", "/\uff0a"),
        ("/a[\u200b]b", "/a\u200bb"),
        ("/a b", "/a b"),
    ],
)
def test_a_character_in_brackets_is_meant(glob: str, path: str) -> None:
    assert GlobList([check_path_glob(glob)]).find(path)
    assert list(doubts(glob)) == []


@pytest.mark.parametrize(
    ("glob", "advice"),
    [
        ("/[final] Budget/**", "for a name with brackets write [[]final]"),
        ("/[HR]/**", "[[]HR]"),
        ("/[2020-2021]/**", "[[]2020-2021]"),
        ("/mnt/nas/finance", "most likely it is /finance"),
        ("/Volumes/share/finance/**", "most likely it is /finance/**"),
        ("/\uff46inance", "write f"),
        ("/a\uff0cb", "write ,"),
        ("/a,b", "write a list"),
        ("/fin\u200dance", "joiner"),
    ],
)
def test_what_may_be_meant_is_asked_about(glob: str, advice: str) -> None:
    assert odd_sign(glob) is None
    (found,) = lint(policy_file(protect=glob), {}, {})
    assert (found.policy, found.code, found.where) == (None, "spelling", "guardrails.protect")
    assert glob in found.why
    assert advice in found.why


def test_the_advice_for_brackets_protects_the_directory_of_that_name() -> None:
    assert not GlobList([check_path_glob("/[final] Budget/**")], trees=True).find("/[final] Budget/a")
    assert GlobList([check_path_glob("/[[]final] Budget/**")], trees=True).find("/[final] Budget/a")


@pytest.mark.parametrize(
    "glob", ["/logs/[0-9]*", "/[Ff]inance", "/[!a]*", "/mnt", "/[[]final]", "/财务/**", "/a-b_c (1)"]
)
def test_everyday_globs_raise_no_doubt(glob: str) -> None:
    assert list(doubts(check_path_glob(glob))) == []


@pytest.mark.parametrize("glob", ["*.tmp ", "\u200b*.tmp", "\uff0a.tmp"])
def test_name_globs_are_refused_alike(glob: str) -> None:
    with pytest.raises(ValueError, match=r"has (a|the) "):
        TypeAdapter(NameGlob).validate_python(glob)


def test_globs_of_policies_are_asked_about_by_their_key() -> None:
    found = lint(policy_file(policy(match={"path": "/mnt/nas/x/**", "not_name": "[old]*"})), {}, {})
    assert [(each.policy, each.code, each.where) for each in found] == [
        ("old", "spelling", "policies.old.match.path"),
        ("old", "spelling", "policies.old.match.not_name"),
    ]


@pytest.mark.parametrize("key", ["min_age", "tags_unchanged_for", "keep_cancelled"])
def test_a_guardrail_of_minutes_is_asked_about(key: str) -> None:
    (found,) = lint(policy_file(**{key: "7m"}), {}, {})
    assert (found.where, found.code) == (f"guardrails.{key}", "minutes")
    assert found.why == "7m is 7 minutes: for months write days, 210d"
    assert lint(policy_file(**{key: "60m"}), {}, {}) == []


def test_an_age_of_minutes_is_asked_about() -> None:
    file = policy_file(policy(match={"not_modified_for": "6m", "not_accessed_for": "60m", "name": "a"}), min_age="30m")
    guard, age = lint(file, {}, {})
    assert (guard.where, guard.code) == ("guardrails.min_age", "minutes")
    assert (age.where, age.why) == (
        "policies.old.match.not_modified_for",
        "6m is 6 minutes: for months write days, 180d",
    )
