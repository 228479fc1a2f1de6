"""Break the functions on purpose, and see which promise notices: ``python -m tests.bench.mutants``.

Each mutant is a copy of the repository's packages in which one gate is missing. Seeded histories run against it until a
promise is broken. A mutant that no history notices fails the run.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.bench.gates import GATES, Gate

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("functions", "tests", "aliyun_fakes")
MARKDOWN = Path(__file__).with_name("mutants.md")
CONSOLE = Console()

MOST = 600
"""Histories that are played against a mutant at most."""

SCRIPT = f"""\
import sys
from tests.stateful.player import play
broken = set()
for seed in range({MOST}):
    broken |= {{promise for _, promise, _ in play([seed]).broken}}
    if sys.argv[1] in broken:
        print("\\t".join([str(seed), *sorted(broken)]))
        break
"""


@dataclass(frozen=True, slots=True)
class Caught:
    """What noticed a mutant.

    Attributes:
        gate: the one that is missing.
        seed: of the first history that noticed; "" when none did.
        promises: that it broke until then.
    """

    gate: Gate
    seed: str
    promises: Sequence[str]

    @property
    def is_caught(self) -> bool:
        """Whether the promise broke that the gate is there for."""
        return self.gate.promise in self.promises


def main() -> None:
    """Try all mutants, show and write what was caught."""
    with ThreadPoolExecutor(2) as pool:
        caught = []
        for each in pool.map(attempt, GATES):
            caught.append(each)
            CONSOLE.print(f"{each.gate.promise}: {each.seed or 'MISSED'} {' '.join(each.promises)}")
    MARKDOWN.write_text(report(caught), encoding="utf-8")
    sys.exit(not all(each.is_caught for each in caught))


def attempt(gate: Gate) -> Caught:
    """Make the mutant, and play histories until one breaks a promise."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for change in gate.changes:
            change.apply(copy / "functions")
        command = [sys.executable, "-c", SCRIPT, gate.promise]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    seed, *promises = done.stdout.strip().split("\t")
    return Caught(gate, seed, promises)


def report(caught: Sequence[Caught]) -> str:
    """The table of mutants, as Markdown."""
    rows = [
        f"| {each.gate.missing} | {each.seed or 'none'} | {', '.join(f'`{name}`' for name in each.promises)} |"
        for each in caught
    ]
    return "\n".join(["| Without | Seed | Noticed by |", "| --- | --- | --- |", *rows, ""])


if __name__ == "__main__":
    main()
