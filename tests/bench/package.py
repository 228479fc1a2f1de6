"""``python -m tests.bench.package``: cold imports of the package against a plain installation without byte code.

All in one run, each in a fresh interpreter of the deployment's version that finds nothing else and writes no byte code.
Counted are seconds of the processor, which other work on the machine disturbs least; the files are in the machine's
cache. The variables are those of s.yaml. The aim is for `purge` with its clients.
"""

import os
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from aliyun_fakes.cloud import ACCOUNT_ID
from aliyun_fakes.fc import load_deployment
from ops.package.__main__ import ROOT, build
from ops.package.build import runtime
from ops.package.interpreters import candidates, find

RUNS = 15
AIM = 0.45
CLIENTS = {
    "sweep": ("functions.retention.cloud.sls", "functions.retention.cloud.smq"),
    "purge": ("functions.retention.cloud.nas", "functions.retention.cloud.sls", "functions.retention.cloud.smq"),
    "console": ("functions.retention.cloud.nas", "functions.retention.cloud.sls", "functions.retention.cloud.smq"),
}
"""What each handler imports once it runs: a sweep of file systems by id needs no NAS client."""

_IMPORT = """
import os, sys, time
sys.path[:0] = sys.argv[1:3]
import functions
begin = time.process_time()
for name in sys.argv[3:]:
    __import__(name)
print(time.process_time() - begin)
"""
"""Importing `functions` first, which counts for nothing, has garbage looked for as seldom in every measurement."""


@dataclass(frozen=True)
class Timing:
    """Processor seconds of importing the same.

    Attributes:
        what: e.g. ``sweep and clients``.
        plain: as installed, compiled in memory at each start.
        package: as deployed.
    """

    what: str
    plain: float
    package: float

    def row(self) -> list[str]:
        """The cells of a table: seconds, and the share of `plain`."""
        return [self.what, f"{self.plain:.3f}", f"{self.package:.3f}", f"{self.package / self.plain:.2f}"]


class Imports:
    """Imports modules in fresh interpreters.

    Args:
        interpreter: of the deployment's version.
        folder: holds ``plain`` and ``package``.
        variables: the environment of the functions.
    """

    def __init__(self, interpreter: str, folder: Path, variables: Mapping[str, str]) -> None:
        self._interpreter, self._folder, self._variables = interpreter, folder, variables

    def once(self, where: str, modules: Sequence[str]) -> float:
        """Processor seconds of one import.

        Raises:
            subprocess.CalledProcessError: one of them cannot be imported.
        """
        root = self._folder / where
        command = [self._interpreter, "-s", "-S", "-B", "-c", _IMPORT, str(root), str(root / "python"), *modules]
        done = subprocess.run(  # noqa: S603 - the interpreter found
            command, check=True, capture_output=True, text=True, env=self._variables, cwd=root
        )
        return float(done.stdout)

    def timing(self, what: str, modules: Sequence[str]) -> Timing:
        """Medians of fifteen imports of each kind, in turns."""
        rounds = [[self.once(where, modules) for where in ("plain", "package")] for _ in range(RUNS)]
        return Timing(what, *(statistics.median(column) for column in zip(*rounds, strict=True)))


def measure(imports: Imports) -> list[Timing]:
    """``requests`` first, then each handler: alone, and with all it imports once it runs."""
    timings = [imports.timing("requests", ["requests"])]
    for name, clients in CLIENTS.items():
        handler = f"functions.{name}"
        timings.append(imports.timing(name, [handler]))
        timings.append(imports.timing(f"{name} and clients", [handler, *clients]))
    return timings


def main() -> None:
    """Build the package, measure, print."""
    console = Console()
    version = runtime(ROOT / "s.yaml")
    interpreter = find(candidates(os.environ, version), version)
    console.print(*build(ROOT, ROOT / "build", version, interpreter), sep="\n")
    if not interpreter:
        console.print(f"Cold imports NOT MEASURED: no Python {version} found, so the package holds no byte code.")
        return
    deployment = load_deployment(ROOT / "s.yaml", environ={}, account_id=ACCOUNT_ID)
    variables = deployment.functions["nas-retention-purge"].environment_variables
    title = f"Cold imports on Python {version}: processor seconds (aim: a share of {AIM})"
    table = Table("import", "plain", "package", "share", title=title)
    for each in measure(Imports(interpreter, ROOT / "build", variables)):
        table.add_row(*each.row())
    console.print(table)


if __name__ == "__main__":
    main()
