"""Every benchmark: ``python -m tests.bench [--scale X] [WORKLOAD ...]``; see ``results.md`` for what it last said."""

import argparse
from pathlib import Path

from rich.console import Console

from tests.bench import package
from tests.bench.footprint import measure_all
from tests.bench.plan import Result, carry_out_all, tasks
from tests.bench.process import MANY, measure
from tests.bench.report import show, write
from tests.bench.workloads import WORKLOADS

MARKDOWN = Path(__file__).with_name("results.md")
DATA = Path("build/bench.json")


def main() -> None:
    """Run, show, write. Only a whole run at full size changes results.md."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Benchmark the functions on the fakes.")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--scale", type=float, default=1.0, help="of the workloads; 1 is full size")
    given = parser.parse_args()
    unknown = set(given.workloads) - WORKLOADS.keys()
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: known are {', '.join(WORKLOADS)}")
    listed = tasks(given.workloads or WORKLOADS, given.scale)
    console, found = Console(), dict[int, Result]()
    for result in carry_out_all(listed):
        found[listed.index(result.task)] = result
        done = f"{len(found)}/{len(listed)}"
        console.print(f"{done} {result.figures.workload} {result.figures.client}: {result.took:.0f} s")
    results = [found[number] for number in sorted(found)]
    footprints = []
    for footprint in measure_all(given.workloads or WORKLOADS, given.scale):
        footprints.append(footprint)
        console.print(f"{footprint.workload} {footprint.client}: {footprint.micros:.0f} µs an entry")
    costs = measure(round(MANY * given.scale))
    show(results, costs, footprints, console)
    whole = given.scale == 1 and not given.workloads
    write(results, costs, footprints, markdown=MARKDOWN if whole else DATA.with_suffix(".md"), data=DATA)
    package.main()


if __name__ == "__main__":
    main()
