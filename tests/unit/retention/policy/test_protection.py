"""Protected paths with a scope, and those that a file system's tag adds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.entry import Entry
from functions.retention.core.errors import PolicyError
from functions.retention.policy.fields import PROTECT_TAG
from functions.retention.policy.judge import Judge
from functions.retention.policy.linter import lint
from functions.retention.policy.model import PolicyFile
from functions.retention.policy.protection import odd_protect_tag, protected_on
from tests.examples import examples
from tests.unit.retention.policies import ID, MINIMAL, NOW, entry, guardrails, loaded, policy, policy_file

OTHER = "2cb515b6f3"
BOTH = [policy(name="logs", older_than="7d"), policy(name="rest", older_than="20d")]
ODD_VALUES = [
    "",
    " ",
    "legal/**",
    "/legal/** ",
    "/legal/**:",
    "/legal/**::/cases/**",
    "/legal/**,/cases/**",
    "/legal/**;legal",
    "/legal/\uff0a\uff0a",
    "/legal/{a,b}",
    "/",
    "/legal/",
    "/legal/a**",
    "/legal/[final]/**",
    "/mnt/nas/legal/**",
    "true",
    "/le\u200bgal/**",
]


def judge_on(file: PolicyFile, tags: dict[str, str] | None = None, at: str = ID) -> Judge:
    protected = protected_on(file.guardrails.protect, at, {} if tags is None else tags)
    return Judge(file.policies, file.guardrails, as_of=NOW, now=NOW, protected=protected)


def goes(file: PolicyFile, of: Entry, directory: str, tags: dict[str, str] | None = None, at: str = ID) -> bool:
    return judge_on(file, tags, at).verdict(of, directory).delete


def test_paths_can_be_protected_on_one_file_system_only() -> None:
    file = policy_file(file_systems=[ID, OTHER], protect=["/keep/**", {"paths": "/legal/**", "file_systems": OTHER}])
    assert goes(file, entry(), "/legal")
    assert not goes(file, entry(), "/legal", at=OTHER)
    assert not goes(file, entry(), "/keep")


def test_paths_can_be_protected_from_one_policy_and_another_may_take_them() -> None:
    file = policy_file(*BOTH, protect=[{"paths": ["/legal/**"], "policies": ["logs"]}])
    young, old = entry(10), entry(30)
    decided = judge_on(file).verdict(young, "/legal")
    assert (decided.delete, decided.reason) == (False, "protected")
    assert decided.rule == "guardrails.protect: /legal/** (policies logs)"
    assert judge_on(file).verdict(old, "/legal").policy == "rest"
    assert goes(file, young, "/elsewhere")


def test_an_entry_that_one_policy_may_not_take_goes_when_another_may() -> None:
    file = policy_file(*BOTH, protect=[{"paths": ["/legal/**"], "policies": ["logs"]}])
    young = entry(10)
    judge = judge_on(file)
    assert judge.deletable_from(young, "/legal") == pytest.approx(NOW + 10 * 86_400)
    steps = {step.rule: step.matched for step in judge.explain(young, "/legal")}
    assert (steps["policies.logs.protect"], steps["policies.logs"], steps["verdict"]) == (True, False, False)


def test_a_directory_is_looked_into_for_what_a_scoped_rule_keeps_in_it() -> None:
    file = policy_file(*BOTH[:1], protect=[{"paths": ["/a/legal/**"], "policies": ["logs"]}])
    judge = judge_on(file)
    assert judge.verdict(entry(), "/a/legal").rule == "guardrails.protect: /a/legal/** (policies logs)"
    assert judge.may_select_below("/a")


def test_a_judge_that_is_not_told_the_file_system_keeps_what_is_protected_on_any() -> None:
    guards = guardrails(file_systems=[ID, OTHER], protect=[{"paths": "/legal/**", "file_systems": OTHER}])
    judge = Judge([policy()], guards, as_of=NOW, now=NOW)
    assert judge.verdict(entry(), "/legal").reason == "protected"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{paths: [/legal/**]}", "guardrails.protect[1]: has no scope: give file_systems, policies or both"),
        ("{paths: [/legal/**], file_systems: []}", "guardrails.protect[1].file_systems: is empty"),
        ("{paths: [/legal/**], policies: []}", "guardrails.protect[1].policies: is empty"),
        ("{paths: [], policies: [old]}", "guardrails.protect[1].paths: is empty"),
        ("{policies: [old]}", "guardrails.protect[1].paths: is missing"),
        ("{paths: [/a, /a], policies: [old]}", "guardrails.protect[1]: paths names '/a' twice"),
        ("{paths: [/a], policies: [old, old]}", "guardrails.protect[1]: policies names 'old' twice"),
        (f"{{paths: [/a], file_systems: [{ID}, {ID}]}}", f"guardrails.protect[1]: file_systems names '{ID}' twice"),
        ("{paths: [/a], policies: [olt]}", "guardrails.protect[1].policies[0]: 'olt' is not in the file; did you mean"),
        ("{paths: [/a], file_systems: [x]}", "guardrails.protect[1].file_systems[0]: 'x' is not in the file"),
        ("{paths: [legal], policies: [old]}", "guardrails.protect[1].paths[0]: 'legal' is not an absolute path"),
        ("{paths: [/a], policy: [old]}", "guardrails.protect[1].policy: unknown key; did you mean policies?"),
        ("'legal'", "guardrails.protect[1]: 'legal' is not an absolute path"),
    ],
)
def test_what_is_wrong_with_a_scope_is_said_at_its_place(written: str, words: str) -> None:
    text = MINIMAL.replace("policies:", f"  protect:\n    - /keep/**\n    - {written}\npolicies:", 1)
    with pytest.raises(PolicyError) as refusal:
        loaded(text)
    assert any(words in problem for problem in refusal.value.problems), refusal.value.problems


def test_the_hold_tag_cannot_have_the_key_of_the_protect_tag() -> None:
    text = MINIMAL.replace("policies:", f"  hold_tag: {PROTECT_TAG}=hold\npolicies:", 1)
    with pytest.raises(PolicyError, match=r"guardrails\.hold_tag: the key nas-retention-protect adds protected paths"):
        loaded(text)


def test_the_tag_adds_its_paths_to_those_of_the_file() -> None:
    file, tags = policy_file(protect=["/keep/**"]), {PROTECT_TAG: "/legal/**:/cases/2025/**"}
    assert [goes(file, entry(), folder, tags) for folder in ("/legal", "/cases/2025/x", "/keep", "/cases")] == [
        False,
        False,
        False,
        True,
    ]
    decided = judge_on(file, tags).verdict(entry(), "/legal")
    assert decided.rule == "tag nas-retention-protect: /legal/**"


@pytest.mark.parametrize("key", ["Nas-Retention-Protect", " nas-retention-protect"])
def test_the_tag_counts_however_its_key_is_spelled(key: str) -> None:
    assert not goes(policy_file(), entry(), "/legal", {key: "/legal/**"})


@pytest.mark.parametrize("value", ODD_VALUES)
def test_a_value_that_cannot_be_meant_as_it_stands_keeps_everything(value: str) -> None:
    tags = {PROTECT_TAG: value}
    assert "write path globs with : between them" in (odd_protect_tag(tags) or "")
    assert not goes(policy_file(), entry(), "/anything/at/all", tags)
    assert not goes(policy_file(), entry(), "/", tags)


def test_of_two_values_one_that_cannot_be_read_keeps_everything() -> None:
    assert odd_protect_tag({PROTECT_TAG: "/legal/**", PROTECT_TAG.upper(): "nonsense"})


def test_unknown_tags_keep_everything() -> None:
    (rule,) = protected_on((), ID, None)
    assert (rule.glob, rule.policies) == ("/**", ())


VALUES = st.one_of(
    st.sampled_from([*ODD_VALUES, "/legal/**", "/a/**:/legal/**"]),
    st.text(max_size=128),
    st.text("/*:ab[]{}, ", max_size=20),
)


@examples(200)
@given(tags=st.dictionaries(st.sampled_from([PROTECT_TAG, "Nas-Retention-Protect", "team"]), VALUES))
def test_no_value_of_any_tag_takes_a_protection_away(tags: dict[str, str]) -> None:
    scoped = {"paths": "/legal/**", "policies": ["logs"]}
    guards = guardrails(protect=["/keep/**", scoped])
    bare, tagged = protected_on(guards.protect, ID, {}), protected_on(guards.protect, ID, tags)
    assert set(bare) <= set(tagged)
    for folder in ("/keep", "/legal", "/x"):
        before = Judge(BOTH, guards, as_of=NOW, now=NOW, protected=bare).verdict(entry(), folder)
        after = Judge(BOTH, guards, as_of=NOW, now=NOW, protected=tagged).verdict(entry(), folder)
        assert before.delete or not after.delete


def test_a_policy_whose_paths_are_all_protected_from_it_is_found() -> None:
    logs = policy(name="logs", match={"path": "/logs/**"})
    rest = policy(name="rest", match={"path": "/logs/app/**"})
    file = policy_file(logs, rest, protect=[{"paths": "/logs/**", "policies": ["logs"]}])
    found = {(finding.policy, finding.code) for finding in lint(file, {}, {})}
    assert ("logs", "protected") in found
    assert ("rest", "protected") not in found
    assert ("rest", "shadowed") not in found


def test_a_policy_that_is_protected_from_on_some_of_its_file_systems_is_not_found() -> None:
    logs = policy(name="logs", file_systems=[ID, OTHER], match={"path": "/logs/**"})
    file = policy_file(logs, file_systems=[ID, OTHER], protect=[{"paths": "/logs/**", "file_systems": [ID]}])
    assert [finding.code for finding in lint(file, {}, {})] == []


def test_globs_of_a_scope_are_checked_for_odd_spellings() -> None:
    file = policy_file(protect=[{"paths": "/[final] Budget/**", "file_systems": [ID]}])
    assert [finding.code for finding in lint(file, {}, {})] == ["spelling"]
