"""Who is measured, over a `Wire`: our functions by the repository's own s.yaml on the fake platform, and the peers."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.tables import ServiceError
from aliyun_fakes.fc import FunctionHost, load_deployment
from aliyun_fakes.fc.billing import compute_units
from aliyun_fakes.nas.entries import service_time
from aliyun_fakes.provision import provision
from tests.bench.direct import DirectCloud, Wire
from tests.bench.figures import Bounds, Figures, figures
from tests.bench.peers import PEERS, Client, Refusal
from tests.bench.workloads import AGE, DAY, Workload

S_YAML = Path(__file__).parents[2] / "s.yaml"
PURGE = "nas-retention-purge"
TIMER = "sweep-timer"
LONGEST = 200 * DAY

Reading = Literal["serial", "concurrent"]
Order = Literal["as-found", "largest-first", "oldest-first"]

POLICIES = """
version: 1
guardrails:
  file_systems: [{file_systems}]
  limits: {{jobs: unlimited, bytes: unlimited, share: unlimited}}
policies:
  - name: aged
    file_systems: [{file_systems}]
    older_than: {days:.0f}d
    order: {order}
    mode: enforce
"""


def policies_for(cloud: FakeCloud, order: Order) -> str:
    """A policy file for all file systems there are."""
    names = ", ".join(f'"{each}"' for each in cloud.nas.file_systems)
    return POLICIES.format(file_systems=names, days=AGE / DAY, order=order)


def aged_before(cloud: FakeCloud) -> str:
    """The latest DeleteTime of what goes."""
    return service_time(cloud.clock.now() - AGE)


@contextmanager
def deployed(
    cloud: FakeCloud, *, wire: Wire | None, reading: Reading, order: Order = "as-found", seed: int = 0
) -> Iterator[FunctionHost]:
    """The functions, with a policy for all file systems there are; without a `Wire` they call through their SDKs."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "policies.yaml")
        path.write_text(policies_for(cloud, order), encoding="utf-8")
        provision(cloud, S_YAML)
        yield cloud.deploy(
            S_YAML,
            seed=seed,
            variables={"POLICIES_FILE": str(path), "SEAL_KEY": bytes(range(32)).hex(), "CONCURRENT_INVOCATIONS": "1"},
            async_invocation=reading,
            seam={"connect": partial(DirectCloud, wire)} if wire is not None else {},
        )


@contextmanager
def people_at_work(workload: Workload, cloud: FakeCloud, seed: int) -> Iterator[None]:
    """What people do meanwhile, on a thread of the clock."""
    if workload.people is not None:
        cloud.clock.spawn(partial(workload.people, cloud, random.Random(f"people:{seed}")))
    yield


def run(
    workload: Workload,
    cloud: FakeCloud,
    limit: Bounds,
    *,
    reading: Reading = "serial",
    order: Order = "as-found",
    seed: int = 0,
) -> Figures:
    """Fire the timer once and play until nothing is left to do.

    Raises:
        AssertionError: a run ended otherwise than completed, or something was not delivered.
    """
    wire, began_at = Wire(cloud), cloud.clock.now()
    functions = deployed(cloud, wire=wire, reading=reading, order=order, seed=seed)
    with functions as host, people_at_work(workload, cloud, seed):
        host.fire(TIMER)
        if not host.run_until_idle(limit=LONGEST):
            raise AssertionError(f"{workload.name}: not at an end after {LONGEST / DAY:.0f} days")
        cu = sum(record.cu for record in host.invocations)
        return figures(
            workload.name,
            _name(reading, order),
            wire,
            limit,
            began_at=began_at,
            walks=2 if order == "as-found" else 3,
            cu=cu,
            unfinished=_unfinished(wire, len(cloud.nas.file_systems)),
            invocations=len(host.invocations),
        )


class _Service:
    """NAS for peers, over a `Wire`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def call(self, action: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """See `tests.bench.peers.Service`."""
        try:
            return self._wire.nas(action, query)
        except ServiceError as error:
            raise Refusal(error.code) from error

    def sleep(self, seconds: float) -> None:
        """See `tests.bench.peers.Service`."""
        self._wire.cloud.clock.sleep(seconds)


def run_peer(name: str, workload: Workload, cloud: FakeCloud, limit: Bounds, seed: int = 0) -> Figures:
    """Let a peer work through all file systems, one after the other; billed as an instance of the purge function."""
    wire, began_at = Wire(cloud), cloud.clock.now()
    with people_at_work(workload, cloud, seed):
        for file_system in cloud.nas.file_systems:
            PEERS[name](Client(_Service(wire), file_system, aged_before(cloud)))
    seconds = cloud.clock.now() - began_at
    return figures(workload.name, name, wire, limit, began_at=began_at, walks=1, cu=_price(seconds), invocations=1)


def _price(seconds: float) -> float:
    size = load_deployment(S_YAML, environ={}, account_id=ACCOUNT_ID).functions[PURGE]
    return compute_units(seconds, cpu=size.cpu, memory_mb=size.memory_size, disk_mb=size.disk_size)


def _name(reading: Reading, order: Order) -> str:
    return " ".join(filter(None, ("ours", "" if order == "as-found" else order, f"({reading})")))


def _unfinished(wire: Wire, runs: int) -> int:
    """How many of the runs were lost on the way; the next sweep would take them up again."""
    ends = [record for _, record in wire.log if record["event"] == "ended"]
    reasons = [record["reason"] for record in ends]
    if set(reasons) != {"completed"}:
        raise AssertionError(f"ends of runs: {reasons}")
    return runs - len(reasons)
