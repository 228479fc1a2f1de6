"""The policy chapter of the README: its examples are read as policy files and played against its bin."""

import re
from pathlib import Path

import pytest
import yaml

from functions.retention.capacity import WeighingJudge, Weights, cut_offs
from functions.retention.entry import Entry, format_service_time
from functions.retention.judge import Judge
from functions.retention.policy_file import load_policies
from functions.retention.units import parse_duration, parse_size

README = Path(__file__).parents[2] / "README.md"
NOW = 1_800_000_000.0
FILE_SYSTEM = "1ca404a5e2"


def chapter() -> str:
    return README.read_text(encoding="utf-8").split("\n## Policies\n")[1].split("\n## ")[0]


def examples() -> list[str]:
    return re.findall("```yaml\n(.*?)```", chapter(), re.DOTALL)


def table() -> dict[str, Entry]:
    """The bin of the chapter's table, by path."""
    entries = {}
    rows = [line.strip("|").split("|") for line in chapter().splitlines() if line.startswith("| /")]
    for number, row in enumerate(rows):
        path, kind, deleted, size, accessed, changed = (cell.strip() for cell in row)
        at, atime, mtime = (format_service_time(NOW - parse_duration(age)) for age in (deleted, accessed, changed))
        name = path.rpartition("/")[2]
        entries[path] = Entry(str(number), kind.title(), name, at, atime, mtime, mtime, parse_size(size), str(number))
    return entries


def comment(example: str, name: str) -> str:
    found = re.search(f"^# {name}: (.*)$", example, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("example", examples())
def test_an_example_takes_what_it_says_and_nothing_else(example: str) -> None:
    file = load_policies(example, "README.md")
    policies = file.for_file_system(FILE_SYSTEM, yaml.safe_load(comment(example, "tags")) or {})
    weights = Weights()
    weighing = WeighingJudge(policies, file.guardrails, as_of=NOW, now=NOW, weights=weights)
    for path, entry in table().items():
        weighing.verdict(entry, path.rpartition("/")[0] or "/")
    size = sum(entry.size for entry in table().values())
    resolved = cut_offs(policies, weights, size)
    judge = Judge(policies, file.guardrails, as_of=NOW, now=NOW, capacity_cut_offs=resolved)
    going = {path for path, entry in table().items() if judge.verdict(entry, path.rpartition("/")[0] or "/").delete}
    assert going == set(comment(example, "goes").split())


def test_the_chapter_shows_every_key_of_a_policy_file() -> None:
    schema = README.parent / "functions" / "policies.schema.json"
    names = re.findall('"([a-z_-]+)": {', schema.read_text(encoding="utf-8").split('"$defs"')[1])
    known = {name for name in names if name not in {"properties", "items", "additionalProperties", "patternProperties"}}
    assert {name for name in known if name not in chapter()} == set()


def test_examples_ship_disarmed() -> None:
    assert all("mode: enforce" not in example for example in examples())
