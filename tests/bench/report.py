"""Results as tables on the screen, as Markdown and as JSON."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from aliyun_fakes.fc import FcSettings
from aliyun_fakes.nas.settings import NasSettings
from aliyun_fakes.sls.settings import SlsSettings
from aliyun_fakes.smq.values import SmqSettings
from functions.retention.cloud.rate_limit import BURST, REQUESTS_PER_SECOND
from tests.bench.footprint import Footprint
from tests.bench.growth import Growth, growths
from tests.bench.plan import Result
from tests.bench.process import Cost
from tests.bench.targets import Target, targets
from tests.bench.workloads import WORKLOADS

Rows = Sequence[Sequence[str]]

COLUMNS = (
    "workload", "client", "jobs", "÷ fewest", "slot busy", "listings", "÷ fewest", "API calls", "hours",
    "50 % h", "90 % h", "99 % h", "CU", "invocations", "lost runs",
)  # fmt: skip
COST_COLUMNS = (
    "bin", "entries", "listings", "µs an entry", "json.loads µs", "ratio", "of it the SDK's calls", "peak RSS MB",
    "grown MB", "allowed MB",
)  # fmt: skip
ABOUT = """\
Written by `make bench`. All but the cost tables is exact and repeatable: a virtual clock, a seed, the deployed handlers
on the fake platform with the repository's s.yaml. Calls go to the fakes' models without HTTP and SDKs, with the same
latencies; `test_direct.py` holds that jobs, calls and times are those of the whole stack.

Workloads, at full size unless a row says otherwise:

{workloads}

Clients: *ours*, for both readings of `asyncInvocationType`: an event stream that waits for each batch (serial) and one
that does not (concurrent). *loop*: a job for each entry, contents before their directory; *loop-top*: a job for each
entry as it is listed, a directory with all in it; *list-all*: the whole listing in memory, then the fewest jobs. These
three are one process each, sleep 5 s between looks, take one file system after the other, look at nothing again before
they delete it, and are billed as an instance of the purge function. In *churn* people take some of the entries. A lost
run is one whose message the platform gave up; the next sweep takes it up again, which is not played here.

Listings are compared with the fewest that show every entry once in each walk: two walks, three with an order. Hours
count from the sweep; percentages are of the bytes that go. Growth is the figure of a whole workload over that of a
tenth of it, scaled to ten times the entries.

What a purge costs in a process without the fakes is measured through the SDKs, against a server process whose clock the
client's waits move on; asking it for the time is not counted. It is the cost of one warm instance of the purge function
that does all slices, or of a peer, whose calls go through the functions' own NAS client. Processor time counts from the
first call on, for each entry in the bins; peak memory is that of the whole process with its imports, of which a peer
needs neither log nor queue. So many calls would take days at full size, so the workloads are smaller, as the rows say,
the same for all; *at a tenth* is a tenth of that. Other work on the machine moves processor times by up to a half.

Latencies of the fakes: {latencies}; {rate} requests a second to NAS with a burst of {burst} for an invocation.
Progress is taken to grow evenly. The runs took {minutes} minutes of one core on Python {python}."""

GROWTH_COLUMNS = ("workload", "client", "entries", "time", "jobs", "listings", "API calls", "CU")
FOOTPRINT_COLUMNS = (
    "workload", "client", "entries", "API calls", "µs an entry", "at a tenth", "peak RSS MB", "at a tenth",
)  # fmt: skip
TARGET_COLUMNS = ("figure", "measured", "to reach", "")


def show(results: Sequence[Result], costs: Sequence[Cost], footprints: Sequence[Footprint], console: Console) -> None:
    """Tables on the screen."""
    for title, columns, rows in _tables(results, costs, footprints):
        table = Table(*columns, title=title)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write(
    results: Sequence[Result], costs: Sequence[Cost], footprints: Sequence[Footprint], *, markdown: Path, data: Path
) -> None:
    """The same as Markdown, and everything as JSON."""
    parts = ["# Benchmark", _about(results)]
    for title, columns, rows in _tables(results, costs, footprints):
        lines = [columns, ["---"] * len(columns), *rows]
        parts.append(f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))
    data.parent.mkdir(parents=True, exist_ok=True)
    markdown.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    known = {
        "runs": [asdict(each) for each in results],
        "costs": [asdict(each) for each in costs],
        "footprints": [asdict(each) for each in footprints],
    }
    data.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def _tables(
    results: Sequence[Result], costs: Sequence[Cost], footprints: Sequence[Footprint]
) -> list[tuple[str, Sequence[str], Rows]]:
    return [
        ("Reached and missed", TARGET_COLUMNS, [_target(each) for each in targets(results, costs)]),
        ("Runs", COLUMNS, [_run(each) for each in results]),
        ("Growth with ten times the entries", GROWTH_COLUMNS, [_growth(each) for each in growths(results)]),
        (
            "Cost of a purge in a process without the fakes",
            FOOTPRINT_COLUMNS,
            [_footprint(each) for each in footprints],
        ),
        ("Cost of a survey in a process without the fakes", COST_COLUMNS, [_cost(each) for each in costs]),
    ]


def _target(target: Target) -> tuple[str, ...]:
    sign = "≤" if target.at_most else "≥"
    value = "" if target.value is None else f"{target.value:.4g}"
    return target.says, value, f"{sign} {target.limit:g}", target.verdict


def _run(result: Result) -> tuple[str, ...]:
    figures = result.figures
    name = figures.workload if result.task.scale == 1 else f"{figures.workload}, scale {result.task.scale:g}"
    return (
        name,
        figures.client,
        f"{figures.jobs}",
        f"{figures.jobs_ratio:.2f}",
        f"{figures.busy:.4f}",
        f"{figures.listings}",
        f"{figures.listings_ratio:.3f}",
        f"{figures.calls}",
        _hours(figures.seconds),
        *map(_hours, figures.reclaimed),
        f"{figures.cu:.0f}",
        f"{figures.invocations}",
        f"{figures.unfinished}",
    )


def _growth(growth: Growth) -> tuple[str, ...]:
    factors = (growth.seconds, growth.jobs, growth.listings, growth.calls, growth.cu)
    return growth.workload, growth.client, f"{growth.entries:.2f}", *(f"{factor:.2f}" for factor in factors)


def _hours(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds / 3600:.2f}"


def _footprint(found: Footprint) -> tuple[str, ...]:
    tenth = found.tenth
    return (
        f"{found.workload}, scale {found.scale:g}",
        found.client,
        f"{found.entries}",
        f"{found.calls}",
        f"{found.micros:.0f}",
        f"{tenth.micros:.0f}" if tenth else "",
        f"{found.peak_bytes / 1e6:.1f}",
        f"{tenth.peak_bytes / 1e6:.1f}" if tenth else "",
    )


def _cost(cost: Cost) -> tuple[str, ...]:
    each = 1e6 / cost.entries
    sizes = (cost.peak_bytes, cost.grown_bytes, cost.allowed_bytes)
    return (
        f"{cost.shape}: {cost.directories} directories",
        f"{cost.entries}",
        f"{cost.listings}",
        f"{cost.seconds * each:.2f}",
        f"{cost.json_seconds * each:.2f}",
        f"{cost.ratio:.2f}",
        f"{cost.call_ratio:.2f}",
        *(f"{size / 1e6:.1f}" for size in sizes),
    )


def _about(results: Sequence[Result]) -> str:
    took = sum(each.took for each in results)
    workloads = "\n".join(f"- *{each.name}*: {each.says}" for each in WORKLOADS.values())
    return ABOUT.format(
        workloads=workloads,
        latencies=_settings(),
        rate=f"{REQUESTS_PER_SECOND:g}",
        burst=f"{BURST:g}",
        minutes=f"{took / 60:.0f}",
        python=platform.python_version(),
    )


def _settings() -> str:
    nas, sls, smq, fc = NasSettings(), SlsSettings(), SmqSettings(), FcSettings()
    seconds = {
        "a NAS call": nas.call_seconds,
        "a page": nas.list_seconds,
        "a log put": sls.put_latency,
        "a log read": sls.read_latency,
        "the log's index": sls.index_lag,
        "a message sent": smq.latency,
        "a cold start": fc.cold_start,
    }
    low, high = fc.queue_latency
    listed = [f"{name} {value:g} s" for name, value in seconds.items()]
    return ", ".join([*listed, f"queue to function {low:g} to {high:g} s after the trigger's window"])
