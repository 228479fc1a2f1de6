"""Long seeded histories against the promises: ``python -m tests.bench.proof [--steps N]``; docs/promises.md shows it.

Only a run of full length writes ``promises.md``.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console

from tests.stateful.adversaries import ADVERSARIES
from tests.stateful.player import STEPS, Findings, play
from tests.stateful.promises import PROMISES

FULL = 100_000
"""Steps of a run of full length."""

BATCH = 25
"""Histories of one task."""

CONSOLE = Console()

MARKDOWN = Path(__file__).with_name("promises.md")


def main() -> None:
    """Play, say what was met, and fail when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.proof", description="Attack the promises.")
    parser.add_argument("--steps", type=int, default=FULL, help=f"steps altogether; {FULL} is full length")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2, help="processes that play side by side")
    given = parser.parse_args()
    seeds = range(given.first, given.first + max(1, given.steps // STEPS))
    findings = _play_all(seeds, given.processes)
    for seed, promise, what in findings.broken:
        CONSOLE.print(f"seed {seed}: {promise}: {what}")
    text = report(findings)
    CONSOLE.print(text, markup=False, soft_wrap=True)
    if given.steps == FULL and given.first == 0:
        MARKDOWN.write_text(text, encoding="utf-8")
    sys.exit(bool(findings.broken))


def _play_all(seeds: Sequence[int], processes: int) -> Findings:
    batches = [seeds[first : first + BATCH] for first in range(0, len(seeds), BATCH)]
    total = Findings()
    with ProcessPoolExecutor(processes) as pool:
        for number, found in enumerate(pool.map(play, batches), 1):
            total.add(found)
            CONSOLE.print(f"{number}/{len(batches)}: {total.steps} steps, {len(total.broken)} promises broken")
    return total


def report(findings: Findings) -> str:
    """The table of adversaries, as Markdown."""
    rows = [f"| {name} | {findings.met[name]:,} | {_first_line(name)} |" for name in sorted(findings.met)]
    return "\n".join(
        [
            f"{findings.steps:,} steps created {findings.jobs:,} deletion jobs.",
            f"{len(PROMISES)} promises were checked at each job; {len(findings.broken)} were broken.",
            "",
            "| Adversary | Met | What it does |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _first_line(name: str) -> str:
    adversary = next(each for known, each in ADVERSARIES.items() if name.startswith(known))
    return (adversary.__doc__ or "").splitlines()[0]


if __name__ == "__main__":
    main()
