"""The promises hold in seeded histories with every adversary in them; ``python -m tests.bench.proof`` plays more."""

import re

import pytest

from tests.bench.gates import GATES
from tests.stateful.adversaries import ADVERSARIES
from tests.stateful.player import STEPS, Findings, history, play
from tests.stateful.promises import PROMISES
from tests.unit.architecture import ROOT

SEEDS = range(20)
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def findings() -> Findings:
    """What a thousand steps come to."""
    return play(SEEDS)


def test_no_promise_is_broken_in_a_thousand_steps(findings: Findings) -> None:
    assert findings.steps == len(SEEDS) * STEPS == 1_000
    assert findings.broken == []


def test_the_histories_delete_and_meet_every_adversary(findings: Findings) -> None:
    assert findings.jobs > 100
    assert [name for name in ADVERSARIES if not any(met.startswith(name) for met in findings.met)] == []


def test_the_same_seed_gives_the_same_history() -> None:
    first, second = history(3), history(3)
    assert first.creations == second.creations
    assert first.log.records == second.log.records


def test_the_page_names_each_promise_once_and_no_other() -> None:
    named = re.findall(r"^\| .* \| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert sorted(named) == sorted(PROMISES)


def test_each_protection_in_the_readme_names_invariants_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("What protects you")[2].partition("Messages may come")[0]
    points = section.split("\n- ")[1:]
    assert len(points) > 5
    for point in points:
        named = re.findall(r"`(\w+)`", point)
        assert named, point
        assert set(named) <= PROMISES.keys()


def test_every_promise_has_a_gate_and_every_mutant_can_be_made() -> None:
    assert PROMISES.keys() == {gate.promise for gate in GATES}
    for gate in GATES:
        for change in gate.changes:
            assert (ROOT / "functions" / change.module).read_text(encoding="utf-8").count(change.old) == 1, gate.missing
