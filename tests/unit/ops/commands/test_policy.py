"""``ops policy validate``: a policy file is checked without credentials, account or network."""

from pathlib import Path

import pytest

from tests.unit.ops.operator import Answer, Operator

GOOD = """
version: 1
guardrails: {file_systems: [1ca404a5e2]}
policies:
  - {name: aged, file_systems: [1ca404a5e2], older_than: 7d, match: {name: ["*.log"]}}
"""


def validate(operator: Operator, folder: Path, text: str, *options: str) -> Answer:
    file = folder / "policies.yaml"
    file.write_text(text)
    return operator.run("policy", "validate", str(file), *options)


@pytest.fixture
def nobody(operator: Operator) -> Operator:
    """An operator without account and variables."""
    return Operator(operator.clock, environ={})


def test_a_file_that_can_be_used_is_said_to_be(nobody: Operator, tmp_path: Path) -> None:
    answer = validate(nobody, tmp_path, GOOD)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.endswith("policies.yaml can be used: 1 policies, 0 of them enforcing.\n")
    assert validate(nobody, tmp_path, GOOD, "--json").json["policies"] == {"aged": "dry-run"}


def test_a_file_that_cannot_be_used_names_line_and_key(nobody: Operator, tmp_path: Path) -> None:
    answer = validate(nobody, tmp_path, GOOD.replace("older_than", "older_then"))
    assert answer.code == 2
    assert "older_then" in answer.err
    assert "did you mean older_than?" in answer.err


def test_a_rule_that_can_never_act_has_a_code_of_its_own(nobody: Operator, tmp_path: Path) -> None:
    answer = validate(nobody, tmp_path, GOOD.replace("[1ca404a5e2]}\npol", "[1ca404a5e2], limits: {jobs: 0}}\npol"))
    assert answer.code == 3
    assert "a limit of 0 lets nothing go" in answer.out


def test_a_missing_file_is_named(nobody: Operator, tmp_path: Path) -> None:
    answer = nobody.run("policy", "validate", str(tmp_path / "none.yaml"))
    assert answer.code == 2
    assert "none.yaml" in answer.err
