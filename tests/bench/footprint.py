"""What clients cost of a processor and of memory, each in a process without the fakes; see `footprint_server`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.bench.peers import PEERS
from tests.bench.plan import GROWING, TENTH
from tests.bench.process import served_to

SCALES = {"noise": 0.005, "trees": 0.01, "needles": 0.05, "giants": 0.1, "fleet": 0.03, "churn": 0.05}
"""Of the workloads, the same for all clients: a call through an SDK and two processes takes milliseconds here."""

OURS = "ours"


@dataclass(frozen=True)
class Footprint:
    """Of one client on one workload.

    Attributes:
        workload: its name.
        scale: of it.
        client: who did it.
        entries: in the bins before.
        calls: to NAS, the log and the queue.
        seconds: of the processor, from the first call to the end, start and imports apart.
        peak_bytes: the process's largest resident size.
        tenth: of the same client on a tenth of the workload, where that was measured.
    """

    workload: str
    scale: float
    client: str
    entries: int
    calls: int
    seconds: float
    peak_bytes: int
    tenth: "Footprint | None" = None

    @property
    def micros(self) -> float:
        """Microseconds of the processor for each entry."""
        return self.seconds * 1e6 / max(self.entries, 1)


def measure_all(workloads: Iterable[str], scale: float) -> Iterator[Footprint]:
    """Every client on every workload, at `SCALES` times a scale; of `GROWING` ones at a tenth of that too."""
    for name in workloads:
        for client in (OURS, *PEERS):
            found = measure(name, client, SCALES[name] * scale)
            tenth = measure(name, client, SCALES[name] * scale * TENTH) if name in GROWING else None
            yield replace(found, tenth=tenth)


def measure(workload: str, client: str, scale: float) -> Footprint:
    """One of them.

    Raises:
        AssertionError: it did not do all its work.
    """
    program = ("footprint_ours",) if client == OURS else ("footprint_peer", client)
    served, measured = served_to(("footprint_server", workload, str(scale)), program)
    if measured["left"]:
        raise AssertionError(f"{client} on {workload}: {measured['left']} jobs are left")
    return Footprint(
        workload,
        scale,
        client,
        entries=served["entries"],
        calls=measured["calls"],
        seconds=measured["seconds"],
        peak_bytes=measured["peak_bytes"],
    )
