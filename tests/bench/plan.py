"""Which client runs on which workload, and doing that: a process for each run, as many at once as there are cores."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter

from tests.bench.figures import Figures, bounds
from tests.bench.peers import PEERS
from tests.bench.platform import Order, Reading, run, run_peer
from tests.bench.workloads import WORKLOADS, filled

SEED = 20_260
READINGS: tuple[Reading, ...] = ("serial", "concurrent")
TENTH = 0.1
GROWING = ("noise", "trees", "needles")
"""Workloads whose growth is measured: against a tenth of themselves."""


@dataclass(frozen=True)
class Task:
    """One run.

    Attributes:
        workload: its name.
        peer: name of a peer, or "" for our functions.
        reading: of the queue trigger.
        order: of the policy.
        scale: of the workload, 1 for full size.
    """

    workload: str
    peer: str = ""
    reading: Reading = "serial"
    order: Order = "as-found"
    scale: float = 1.0


@dataclass(frozen=True)
class Result:
    """What came of a task.

    Attributes:
        task: the task.
        figures: what was measured on the virtual clock.
        took: seconds it took here, on the machine's clock.
    """

    task: Task
    figures: Figures
    took: float


def order_of(workload: str) -> Order:
    """The order our functions take on it, beside others."""
    return "largest-first" if workload == "noise" else "as-found"


def tasks(names: Iterable[str], scale: float) -> list[Task]:
    """All runs of some workloads, the long ones first."""
    listed = []
    for name in names:
        order = order_of(name)
        listed += [Task(name, reading=reading, order=order, scale=scale) for reading in READINGS]
        if name == "noise":
            listed.append(Task(name, order="oldest-first", scale=scale))
        listed += [Task(name, peer, scale=scale) for peer in PEERS]
        if name in GROWING:
            listed.append(Task(name, order=order, scale=scale * TENTH))
            listed += [Task(name, peer, scale=scale * TENTH) for peer in PEERS]
    return listed


def carry_out(task: Task) -> Result:
    """One run, from filling the bins on."""
    begin = perf_counter()
    workload = WORKLOADS[task.workload]
    cloud = filled(workload, task.scale, SEED)
    limit = bounds(cloud.nas.file_systems.values())
    if task.peer:
        measured = run_peer(task.peer, workload, cloud, limit, SEED)
    else:
        measured = run(workload, cloud, limit, reading=task.reading, order=task.order, seed=SEED)
    return Result(task, measured, perf_counter() - begin)


def carry_out_all(listed: Iterable[Task]) -> Iterator[Result]:
    """All of them, as they end."""
    with get_context("spawn").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(carry_out, listed)
