"""Which globs met something, what is told of the others, and names that a glob with brackets does not mean."""

import json
from collections.abc import Mapping, Sequence

import pytest

from functions.retention.core.services import Record
from functions.retention.policy.glob_watch import MOST_WATCHED, GlobWatch
from functions.retention.policy.model import Policy
from functions.retention.policy.protection import ProtectRule, rules_of
from functions.retention.policy.unmet import unmet_globs
from tests.unit.retention.policies import ID, entry, policy, policy_file

OTHER = "2db515b6f3"


def watch(*protect: str, policies: Sequence[Policy] = (), seen: Mapping[str, Sequence[str]]) -> GlobWatch:
    """A watch that saw these names, by the directory."""
    made = GlobWatch(policies, [ProtectRule(glob) for glob in protect])
    for directory, names in seen.items():
        made.see_page(directory, [entry(1, name=name) for name in names])
    return made


@pytest.mark.parametrize(
    ("glob", "met"),
    [
        ("/finance/**", True),
        ("/finance", True),
        ("/**/*.key", True),
        ("/finance/2025.xlsx", True),
        ("/Finance/**", False),
        ("/mnt/nas/finance/**", False),
        ("/[final] Budget/**", False),
        ("/finance ", False),
        ("/finance, /hr", False),
        ("/\uff46inance/**", False),
    ],
)
def test_a_protected_path_meets_what_is_in_its_tree_as_it_is_spelled(glob: str, *, met: bool) -> None:
    seen = {"/finance": ["2025.xlsx"], "/": ["a.key"], "/[final] Budget": ["plan.xlsx"]}
    made = watch(glob, seen=seen)
    assert made.nothing() == ([] if met else [f"guardrails.protect: {glob}"])


def test_path_and_name_of_a_policy_are_watched_each_glob_by_itself() -> None:
    logs = policy(match={"path": ["/logs/**", "/log/**"], "name": ["*.log", "*.LOG"], "not_path": "/nowhere"})
    made = watch(policies=[logs], seen={"/logs/app": ["a.log"]})
    assert made.nothing() == ["policies.old.match.path: /log/**", "policies.old.match.name: *.LOG"]


def test_an_entry_meets_a_glob_whatever_its_age() -> None:
    assert watch("/finance", seen={"/finance": ["deleted-today"]}).nothing() == []


@pytest.mark.parametrize("glob", ["/finance/**", "/finance/2025/*.xlsx", "/**/*.xlsx"])
def test_what_could_be_in_a_directory_that_was_left_out_counts_as_met(glob: str) -> None:
    made = watch(glob, "/other", policies=[policy(match={"name": "*.tmp"})], seen={})
    made.see_left_out("/finance")
    assert made.nothing() == ["guardrails.protect: /other"]


@pytest.mark.parametrize(
    ("glob", "seen", "instead"),
    [
        ("/[final] Budget/**", {"/[final] Budget": ["plan.xlsx"]}, "/[[]final] Budget/**"),
        ("/[final] Budget", {"/": ["[final] Budget"]}, "/[[]final] Budget"),
        ("/data/[a-z]/**", {"/data/[a-z]/deep": ["x"]}, "/data/[[]a-z]/**"),
        ("/[final] Budget/**", {"/f Budget": ["plan.xlsx"]}, None),
        ("/data/[[]x]/**", {"/data/[x]": ["y"]}, None),
    ],
)
def test_a_name_with_the_brackets_of_a_glob_is_told(
    glob: str, seen: Mapping[str, Sequence[str]], instead: str | None
) -> None:
    assert watch(glob, seen=seen).names() == ({} if instead is None else {f"guardrails.protect: {glob}": instead})


def test_a_directory_with_brackets_that_was_left_out_is_told_too() -> None:
    made = watch("/[final] Budget/**", seen={})
    made.see_left_out("/[final] Budget")
    assert made.names() == {"guardrails.protect: /[final] Budget/**": "/[[]final] Budget/**"}


def test_the_next_slice_goes_on_with_what_was_met() -> None:
    rules = [ProtectRule("/a"), ProtectRule("/b")]
    first = GlobWatch([], rules)
    first.see_page("/a", [entry(name="x")])
    second = GlobWatch([], rules, met=first.met)
    second.see_page("/c", [entry(name="x")])
    assert second.nothing() == ["guardrails.protect: /b"]


def test_of_very_many_globs_the_first_are_watched() -> None:
    rules = [ProtectRule(f"/{number}") for number in range(2 * MOST_WATCHED)]
    assert len(GlobWatch([], rules).nothing()) == MOST_WATCHED
    assert GlobWatch([], rules, met=(1 << MOST_WATCHED) - 1).nothing() == []


# What lint and the doctor make of the records.

FILE = policy_file(
    policy(name="logs", file_systems=[ID], match={"path": "/logs/**"}),
    file_systems=[ID, OTHER],
    protect=["/legal", {"paths": ["/hr"], "file_systems": [OTHER]}],
)
LEGAL, LOGS = "guardrails.protect: /legal", "policies.logs.match.path: /logs/**"


def survey(*nothing: str, file_system: str = ID, **fields: str) -> Record:
    """A `surveyed` record in which these globs met nothing."""
    globs = {"globs": json.dumps({"nothing": nothing})} if nothing else {}
    return {"digest": FILE.digest, "file_system": file_system, "policies": "logs", "listed": "9", **globs, **fields}


@pytest.mark.parametrize(
    ("surveys", "expected"),
    [
        ([], []),
        ([survey(LEGAL, LOGS)], ["guardrails.protect", "policies.logs.match.path"]),
        ([survey(LEGAL), survey(LEGAL)], ["guardrails.protect"]),
        ([survey(LEGAL), survey()], []),
        ([survey(LEGAL), survey(file_system=OTHER)], []),
        ([survey(LOGS), survey(policies="others")], ["policies.logs.match.path"]),
        ([survey(LEGAL, digest="other")], []),
        ([survey(LEGAL, listed="0")], []),
        ([survey(LEGAL, narrowing='{"path": "/a"}')], []),
        ([survey("guardrails.protect: /hr", file_system=OTHER), survey()], ["guardrails.protect"]),
    ],
)
def test_a_glob_that_met_nothing_in_every_survey_that_watched_it_is_told(
    surveys: list[Record], expected: list[str]
) -> None:
    assert [(found.code, found.where) for found in unmet_globs(FILE, surveys)] == [
        ("met-nothing", where) for where in expected
    ]


def test_a_name_with_brackets_in_any_survey_is_told_with_how_to_write_it() -> None:
    told = {"globs": json.dumps({"names": {LOGS: "/[[]logs]/**"}})}
    (found,) = unmet_globs(FILE, [survey(), survey(**told)])
    assert (found.code, found.policy) == ("spelling", "logs")
    assert found.why.endswith("write /[[]logs]/**")


def test_the_labels_of_a_survey_are_those_that_lint_looks_for() -> None:
    made = GlobWatch(FILE.policies, list(rules_of(FILE.guardrails.protect, ID)))
    assert [found.why.split()[0] for found in unmet_globs(FILE, [survey(*made.nothing())])] == ["/legal", "/logs/**"]
