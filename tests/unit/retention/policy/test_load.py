"""Policy files that can be used, and those that are refused with all that is wrong in them."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from functions.retention.core.errors import PolicyError
from functions.retention.policy.load import load_policies, read_policies
from functions.retention.policy.model import (
    FileSystems,
    Guardrails,
    Limits,
    Match,
    Policy,
    PolicyFile,
    SizeRange,
)
from functions.retention.policy.window import Window
from ops.policy_schema import policies_schema
from tests.examples import examples
from tests.unit.retention.policies import ID, MINIMAL, loaded

FUNCTIONS = Path(__file__).parents[4] / "functions"


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as refusal:
        loaded(text)
    return refusal.value.problems


def complaint(text: str) -> tuple[str, ...]:
    """What is wrong with a text; nothing when it is a policy file."""
    try:
        load_policies(text, "x")
    except PolicyError as refusal:
        return refusal.problems or ("refused without a word",)
    return ()


def changed(old: str, new: str) -> str:
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


def test_the_smallest_file_has_safe_defaults() -> None:
    file = loaded(MINIMAL)
    assert file.policies[0].mode == "dry-run"
    assert file.guardrails.min_age == 86_400
    assert (file.guardrails.limits.jobs, file.guardrails.limits.share) == (10_000, 0.5)


def test_the_sample_is_valid_and_disarmed() -> None:
    file = read_policies(FUNCTIONS / "policies.yaml")
    assert {policy.mode for policy in file.policies} == {"dry-run"}
    assert len(file.policies) >= 3


SCHEMA = json.loads(policies_schema())
EDITOR = validator_for(SCHEMA)(SCHEMA)
"""What an editor checks a policy file with. It does not check the schema again for each file."""


def test_the_schema_on_disk_is_the_one_the_models_make() -> None:
    assert (FUNCTIONS / "policies.schema.json").read_text(encoding="utf-8") == policies_schema()


def test_the_schema_is_one_by_its_own_standard() -> None:
    EDITOR.check_schema(SCHEMA)


def test_the_sample_names_its_schema_and_meets_it() -> None:
    text = (FUNCTIONS / "policies.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=policies.schema.json\n")
    EDITOR.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    older_than: 7d\n", "    older_then: 7d\n"),
        ("    older_than: 7d\n", "    older_than: 7\n"),
        ("    older_than: 7d\n", "    older_than: 0d\n"),
        ("    older_than: 7d\n", "    older_than:\n"),
        (f"file_systems: [{ID}]\npol", "file_systems: []\npol"),
        ("version: 1", "version: 2"),
        ("    older_than: 7d\n", "    older_than: 7d\n    mode: delete\n"),
    ],
)
def test_editors_refuse_what_the_functions_refuse(old: str, new: str) -> None:
    text = changed(old, new)
    assert problems(text)
    with pytest.raises(jsonschema.ValidationError):
        EDITOR.validate(yaml.safe_load(text))


@pytest.mark.parametrize("value", [ID, [ID], {"ids": ID}, {"ids": [ID], "tags": {"team": "a"}}, {"tags": {"a": "b"}}])
def test_file_systems_are_an_id_a_list_or_ids_and_tags(value: object) -> None:
    text = changed(f"    file_systems: [{ID}]", f"    file_systems: {json.dumps(value)}")
    assert loaded(text).policies[0].file_systems
    EDITOR.validate(yaml.safe_load(text))


def test_every_problem_is_told_at_once_with_its_line() -> None:
    found = problems(f"""\
version: 1
guardrails:
  file_systems: [{ID}]
  min-age: 2d
  pause: yes
policies:
  - name: logs
    file_systems: [other]
    oldr_than: 7d
    match:
      path: [/logs/**, tmp/*]
      type: dirctory
  - name: old
    file_systems: [{ID}]
    older_than: 7d
  - name: old
    file_systems: [{ID}]
    match: {{}}
""")
    assert [line.split(": ")[:2] for line in found] == [
        ["policies.yaml:4", "guardrails.min-age"],
        ["policies.yaml:5", "guardrails.pause"],
        ["policies.yaml:9", "policies[0].oldr_than"],
        ["policies.yaml:11", "policies[0].match.path[1]"],
        ["policies.yaml:12", "policies[0].match.type"],
        ["policies.yaml:16", "policies[2]"],
        ["policies.yaml:16", "policies[2].name"],
        ["policies.yaml:18", "policies[2].match"],
    ]
    assert "did you mean min_age?" in found[0]
    assert "true or false" in found[1]
    assert "did you mean older_than?" in found[2]
    assert "allowed: name, file_systems, older_than" in found[2]
    assert "start with /" in found[3]
    assert "did you mean directory? allowed: file, directory" in found[4]
    assert "unsafe-select-everything: true" in found[5]
    assert "name of policies[1] already" in found[6]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("older_than: 7d", "older_than: 1h", 7, "is under guardrails.min_age: write 1d or more"),
        ("older_than: 7d", "older_than: 7", 7, "like 7d"),
        ("older_than: 7d", "older_than:", 7, "has no value"),
        ("older_than: 7d", "older_than: null", 7, "has no value"),
        ("older_than: 7d", "older_than: 7d\n    older_than: 1d", 7, "given twice, on lines 7 and 8"),
        ("older_than: 7d", "order: oldest-first", 5, "selects everything"),
        ("older_than: 7d", "directories: trust", 7, "directories: is no key any more: a directory goes whole only"),
        ("older_than: 7d", "directories: verify", 7, "leave it out"),
        ("older_than: 7d", "canary: 0", 7, "write 1 or more"),
        (f"    file_systems: [{ID}]", "    file_systems: [nas-x]", 6, f"allows {ID}"),
        (f"    file_systems: [{ID}]", "    file_systems: {}", 6, "is empty: name at least one"),
        (f"    file_systems: [{ID}]", "    file_systems: [a_b]", 6, "is not written like"),
        ("version: 1", "version: 2", 1, "allowed: 1"),
        ("version: 1", "version: '1'", 1, "'1' is no whole number"),
        ("version: 1", "version: true", 1, "True is no whole number"),
        ("version: 1", "version: 1.0", 1, "1.0 is no whole number"),
        ("version: 1\n", "", 1, "version: is missing"),
        ("  - name: old", "  - nmae: old", 5, "did you mean name?"),
        ("policies:\n", "polices:\n", 4, "did you mean policies?"),
        ("  - name: old", "  - name: &x old\n    canary: *x", 6, "is an alias"),
        ("  - name: old", "  - name: !env old", 5, "has the tag '!env'"),
        ("  - name: old", "  - [a]: b\n    name: old", 5, "a key has to be text"),
        ("  - name: old", '  - name: "\\ud800"', 5, "surrogate"),
        ("policies:", "policies: [", 5, "not YAML"),
    ],
)
def test_a_problem_names_its_line_and_what_is_allowed(old: str, new: str, line: int, words: str) -> None:
    text = changed(old, new)
    assert any(words in each and each.startswith(f"policies.yaml:{line}: ") for each in problems(text)), problems(text)


EMPTIES = [
    (f"    file_systems: [{ID}]", "    file_systems: {ids: [], tags: {team: media}}", "policies[0].file_systems.ids"),
    (f"    file_systems: [{ID}]", f"    file_systems: {{ids: [{ID}], tags: {{}}}}", "policies[0].file_systems.tags"),
    (f"    file_systems: [{ID}]", "    file_systems: []", "policies[0].file_systems"),
    (f"    file_systems: [{ID}]", "    file_systems: ['']", "policies[0].file_systems[0]"),
    ("older_than: 7d", "older_than: 7d\n    match: {}", "policies[0].match"),
    ("older_than: 7d", "older_than: 7d\n    match: {path: []}", "policies[0].match.path"),
    ("older_than: 7d", "older_than: 7d\n    match: {not_path: []}", "policies[0].match.not_path"),
    ("older_than: 7d", "older_than: 7d\n    match: {name: ''}", "policies[0].match.name"),
    ("older_than: 7d", "older_than: 7d\n    match: {size: {}}", "policies[0].match.size"),
    ("older_than: 7d", "older_than: ''", "policies[0].older_than"),
    ("policies:", "  protect: []\npolicies:", "guardrails.protect"),
    ("policies:", "  limits: {}\npolicies:", "guardrails.limits"),
    ("policies:", "  window: {}\npolicies:", "guardrails.window"),
]


@pytest.mark.parametrize(("old", "new", "key"), EMPTIES, ids=str)
def test_what_is_given_empty_is_refused_by_its_key_here_and_in_editors(old: str, new: str, key: str) -> None:
    text = changed(old, new)
    assert any(f": {key}: is empty: name at least one, or leave the key out" in each for each in problems(text))
    with pytest.raises(jsonschema.ValidationError):
        EDITOR.validate(yaml.safe_load(text))


WRONG_TYPES = [
    ("version: 1", "version: {}"),
    ("name: old", "name: {}"),
    ("older_than: 7d", "older_than: {}"),
    ("older_than: 7d", "older_than: 7d\n    canary: {}"),
    ("older_than: 7d", "older_than: 7d\n    mode: {}"),
    ("older_than: 7d", "older_than: 7d\n    keep_bin_below: {}"),
    ("older_than: 7d", "older_than: 7d\n    unsafe-select-everything: {}"),
    ("older_than: 7d", "older_than: 7d\n    match: {{type: {}}}"),
    ("older_than: 7d", "older_than: 7d\n    match: {{path: {}}}"),
    ("older_than: 7d", "older_than: 7d\n    match: {{size: {{min: {}}}}}"),
    (f"    file_systems: [{ID}]", "    file_systems: {{tags: {{team: {}}}}}"),
    ("policies:", "  pause: {}\npolicies:"),
    ("policies:", "  min_age: {}\npolicies:"),
    ("policies:", "  hold_tag: {}\npolicies:"),
    ("policies:", "  limits: {{jobs: {}}}\npolicies:"),
    ("policies:", "  limits: {{bytes: {}}}\npolicies:"),
    ("policies:", "  limits: {{share: {}}}\npolicies:"),
]
FITTING = {("pause", "true"), ("unsafe-select-everything", "true"), ("jobs", "7"), ("share", "0.5"), ("canary", "7")}


@pytest.mark.parametrize(("old", "new"), WRONG_TYPES, ids=str)
@pytest.mark.parametrize("value", ["true", "0.5", "7", "1.0", "'1'"])
def test_a_value_of_another_type_is_never_converted(old: str, new: str, value: str) -> None:
    key = new.rpartition(": {}")[0].rpartition(" ")[2].strip("{")
    text = changed(old, new.format(value))
    if (key, value) in {*FITTING, ("share", "1.0"), ("name", "'1'"), ("team", "'1'")}:
        assert loaded(text)
    else:
        assert problems(text)


@pytest.mark.parametrize(
    "window", ["{hours: 22:00-22:00, time_zone: UTC}", "{hours: 22-6, time_zone: UTC}", "{hours: 22:00-06:00}"]
)
def test_a_window_that_is_none_is_refused(window: str) -> None:
    assert "guardrails.window" in problems(changed("policies:", f"  window: {window}\npolicies:"))[0]


def test_a_misspelt_time_zone_gets_the_nearest() -> None:
    text = changed("policies:", "  window: {hours: 22:00-06:00, time_zone: Asia/Shanghia}\npolicies:")
    assert "did you mean Asia/Shanghai?" in problems(text)[0]


@pytest.mark.parametrize(("written", "meant"), [("010", 10), ("0", 0), ("unlimited", "unlimited")])
def test_numbers_mean_what_people_read(written: str, meant: object) -> None:
    assert loaded(changed("policies:", f"  limits: {{jobs: {written}}}\npolicies:")).guardrails.limits.jobs == meant


@pytest.mark.parametrize("limit", ["jobs: -1", "jobs: 1.5", "jobs: true", "bytes: 7", "share: 2", "share: .inf"])
def test_limits_that_are_none_are_refused(limit: str) -> None:
    assert "guardrails.limits" in problems(changed("policies:", f"  limits: {{{limit}}}\npolicies:"))[0]


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "# nothing\n", "---\n", "null", "~", "7", "- a", "hello", "a: 1\n---\nb: 2", "\x00", "\t", "{", "["],
)
def test_what_is_no_policy_file_is_refused(text: str) -> None:
    assert problems(text)


def test_an_empty_file_says_so() -> None:
    assert problems("# nothing\n") == ("policies.yaml:1: the file is empty",)


def test_aliases_that_swell_are_refused_at_once() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30))
    assert any("alias" in each for each in problems("a0: &a0 [x]\n" + levels))


def test_an_alias_to_itself_is_refused() -> None:
    assert any("alias" in each for each in problems("guardrails: &a\n  limits: *a\n"))


def test_bottomless_nesting_is_refused() -> None:
    assert problems("[" * 20_000) == ("policies.yaml:1: is nested too deeply",)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(b"version: 1\nname: \xff\n")
    with pytest.raises(PolicyError, match=r"p\.yaml:2: not UTF-8"):
        read_policies(file)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert read_policies(file) == loaded(MINIMAL)


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policies(tmp_path / name)


MODELS = (PolicyFile, Guardrails, Limits, Window, Policy, FileSystems, Match, SizeRange)
KEYS = st.sampled_from(sorted({key for model in MODELS for key in model.model_fields}))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.binary(max_size=3),
    st.sampled_from([1, ID, "7d", "10GiB", "/a/**", "*.log", "unlimited", "enforce", "UTC", "22:00-06:00"]),
)  # fmt: skip
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=12,
)
FILES = st.fixed_dictionaries(
    {"version": st.just(1), "guardrails": TREES, "policies": st.one_of(TREES, st.lists(TREES, max_size=3))}
)


@examples(200)
@given(tree=st.one_of(TREES, FILES), flow=st.booleans())
def test_a_tree_of_anything_is_a_policy_file_or_refused(tree: object, *, flow: bool) -> None:
    assert all(
        line.startswith("x:") for line in complaint(yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True))
    )


@examples(200)
@given(text=st.one_of(st.text(), st.text(alphabet="ab:-[]{}&*!|>'\"# \n?,~<%@\ud800\x85")))
def test_any_text_is_a_policy_file_or_refused(text: str) -> None:
    assert complaint(text)


@examples(60)
@given(data=st.data())
def test_a_damaged_policy_file_is_read_or_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(MINIMAL)))
    length = data.draw(st.integers(0, 12))
    text = MINIMAL[:place] + data.draw(st.text(max_size=4)) + MINIMAL[place + length :]
    assert all(line.startswith("x:") for line in complaint(text))


def test_a_file_system_that_is_named_twice_is_refused() -> None:
    (problem,) = problems(changed(f"  file_systems: [{ID}]\npol", f"  file_systems: [{ID}, {ID}]\npol"))
    assert "guardrails.file_systems[1]" in problem
