"""What a survey costs of a processor and of memory, in a process without the fakes; ratios within one run."""

import json
import subprocess
import sys
from dataclasses import dataclass

FEW, MANY = 10_000, 1_000_000
PER_DIRECTORY = {"full pages": 1_000, "small directories": 50, "one directory": None}
"""Shapes of the bin, with the files in a directory; None: all of them."""


@dataclass(frozen=True)
class Cost:
    """Of one survey.

    Attributes:
        shape: of the bin, see `PER_DIRECTORY`.
        directories: in it.
        entries: listed and judged.
        listings: made.
        seconds: of the processor, the SDK's included.
        json_seconds: of the processor, for `json.loads` of as many entries in full pages.
        peak_bytes: the process's largest resident size.
        grown_bytes: by how much that is more than with `FEW` entries of the same shape.
    """

    shape: str
    directories: int
    entries: int
    listings: int
    seconds: float
    json_seconds: float
    peak_bytes: int
    grown_bytes: int

    @property
    def ratio(self) -> float:
        """Processor time over that of `json.loads`."""
        return self.seconds / self.json_seconds

    @property
    def allowed_bytes(self) -> float:
        """10 MB and 100 bytes for each directory."""
        return 10e6 + 100 * self.directories


def measure(many: int = MANY) -> list[Cost]:
    """One survey of a million entries (or `many`) of each shape, and one of ten thousand to compare memory with."""
    return [_measure(shape, many) for shape in PER_DIRECTORY]


def _measure(shape: str, many: int) -> Cost:
    few, measured = (_survey(shape, entries) for entries in (FEW, many))
    return Cost(
        shape=shape,
        directories=_directories(shape, many),
        entries=int(measured["entries"]),
        listings=int(measured["listings"]),
        seconds=measured["seconds"],
        json_seconds=measured["json_seconds"],
        peak_bytes=int(measured["peak_bytes"]),
        grown_bytes=int(measured["peak_bytes"] - few["peak_bytes"]),
    )


def _directories(shape: str, entries: int) -> int:
    return entries // (PER_DIRECTORY[shape] or entries)


def _survey(shape: str, entries: int) -> dict[str, float]:
    directories = _directories(shape, entries)
    command = [sys.executable, "-m", "tests.bench.cost_server", str(directories), str(entries // directories)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ourselves
        ready = server.stdout.readline() if server.stdout else ""
        client = [sys.executable, "-m", "tests.bench.cost_client", ready]
        done = subprocess.run(client, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
        server.communicate("")
    cost: dict[str, float] = json.loads(done.stdout)
    if cost["entries"] != entries or not cost["without_fakes"]:
        raise AssertionError(f"{shape}, {entries} entries: {cost}")
    return cost
