"""What a survey costs of a processor and of memory, in a process without the fakes; ratios within one run."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
        call_seconds: of the processor, for as many of the SDK's calls with nothing read of the replies.
        peak_bytes: the process's largest resident size.
        grown_bytes: by how much that is more than with `FEW` entries of the same shape.
    """

    shape: str
    directories: int
    entries: int
    listings: int
    seconds: float
    json_seconds: float
    call_seconds: float
    peak_bytes: int
    grown_bytes: int

    @property
    def ratio(self) -> float:
        """Processor time over that of `json.loads`."""
        return self.seconds / self.json_seconds

    @property
    def call_ratio(self) -> float:
        """The part of `ratio` that the SDK's calls alone take."""
        return self.call_seconds / self.json_seconds

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
        call_seconds=measured["call_seconds"],
        peak_bytes=int(measured["peak_bytes"]),
        grown_bytes=int(measured["peak_bytes"] - few["peak_bytes"]),
    )


def _directories(shape: str, entries: int) -> int:
    return entries // (PER_DIRECTORY[shape] or entries)


def _survey(shape: str, entries: int) -> dict[str, float]:
    directories = _directories(shape, entries)
    _, cost = served_to(("cost_server", str(directories), str(entries // directories)), ("cost_client",))
    if cost["entries"] != entries:
        raise AssertionError(f"{shape}, {entries} entries: {cost}")
    return cost


def served_to(server: Sequence[str], client: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a program of this folder that serves, and beside it one that is served: what each says in a line of JSON.

    Args:
        server: module and arguments.
        client: module and arguments; what the server says is its last one.

    Raises:
        subprocess.CalledProcessError: the client failed.
        AssertionError: the fakes were in the client's process.
    """
    with subprocess.Popen(_command(server), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        ready = process.stdout.readline() if process.stdout else ""
        done = subprocess.run(_command((*client, ready)), check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
        process.communicate("")
    measured: dict[str, Any] = json.loads(done.stdout)
    if not measured["without_fakes"]:
        raise AssertionError(f"{client[0]}: the fakes are in its process")
    return json.loads(ready), measured


def _command(program: Sequence[str]) -> list[str]:
    module, *arguments = program
    return [sys.executable, "-m", f"tests.bench.{module}", *arguments]
