"""Cold imports: the package against a plain ``pip install -t`` without byte code, and what is left of it without ours.

All in one run, each in a fresh interpreter of the target's version that finds nothing else and writes no byte code.
Counted are seconds of the processor, which other work on the machine disturbs least; the files are in the machine's
cache. The variables are those of s.yaml.

The aim is a quarter of the plain installation. Byte code saves compiling; it saves nothing of running a module,
which is the same in both folders, nor anything of the standard library, which is compiled in both. So two more figures
say how far down it goes: the package's own libraries without a line of ours, and the standard library alone.
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
from ops.package.interpreters import TARGET, candidates, find

RUNS = 15
AIM = 0.25
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
there = set(sys.modules)
begin = time.process_time()
for name in sys.argv[3:]:
    __import__(name)
print(time.process_time() - begin)
for name, module in sys.modules.items():
    if name not in there and getattr(getattr(module, "__spec__", None), "name", "") == name:
        print(name)
"""
"""Importing `functions` first, which counts for nothing, has garbage looked for as seldom in every measurement."""


@dataclass(frozen=True)
class Timing:
    """Processor seconds of importing the same.

    Attributes:
        what: e.g. ``sweep and clients``.
        plain: as pip installs it, compiled in memory at each start.
        package: as deployed.
        libraries: of that, all modules but ours.
        standard: of that, the standard library.
    """

    what: str
    plain: float
    package: float
    libraries: float
    standard: float

    def row(self) -> list[str]:
        """The cells of a table: seconds, and shares of `plain`."""
        parts = (self.package, self.libraries, self.standard)
        return [self.what, f"{self.plain:.3f}", *(f"{part:.3f}  {part / self.plain:.2f}" for part in parts)]


class Imports:
    """Imports modules in fresh interpreters.

    Args:
        interpreter: of the target's version.
        folder: holds ``plain`` and ``package``.
        variables: the environment of the functions.
    """

    def __init__(self, interpreter: str, folder: Path, variables: Mapping[str, str]) -> None:
        self._interpreter, self._folder, self._variables = interpreter, folder, variables

    def once(self, where: str, modules: Sequence[str]) -> tuple[float, list[str]]:
        """Processor seconds, and all modules that came of it.

        Raises:
            subprocess.CalledProcessError: one of them cannot be imported.
        """
        root = self._folder / where
        command = [self._interpreter, "-s", "-S", "-B", "-c", _IMPORT, str(root), str(root / "python"), *modules]
        done = subprocess.run(  # noqa: S603 - the interpreter found
            command, check=True, capture_output=True, text=True, env=self._variables, cwd=root
        )
        seconds, *names = done.stdout.split()
        return float(seconds), names

    def timing(self, what: str, modules: Sequence[str]) -> Timing:
        """Medians of fifteen imports of each kind, in turns."""
        _, names = self.once("package", modules)
        libraries = [name for name in sorted(names, key=_depth) if _top(name) != "functions"]
        packaged = {path.stem for path in (self._folder / "package/python").iterdir()}
        standard = [name for name in libraries if _top(name) not in packaged]
        kinds = [("plain", modules), ("package", modules), ("package", libraries), ("package", standard)]
        rounds = [[self.once(where, names)[0] for where, names in kinds] for _ in range(RUNS)]
        return Timing(what, *(statistics.median(column) for column in zip(*rounds, strict=True)))


def _top(name: str) -> str:
    return name.partition(".")[0]


def _depth(name: str) -> int:
    """Sorted by it, packages come before what is in them, as they would be imported: some only work in that order."""
    return name.count(".")


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
    interpreter = find(candidates(os.environ))
    console.print(*build(ROOT, ROOT / "build", interpreter), sep="\n")
    if not interpreter:
        console.print(f"Cold imports NOT MEASURED: no Python {TARGET} found, so the package holds no byte code.")
        return
    deployment = load_deployment(ROOT / "s.yaml", environ={}, account_id=ACCOUNT_ID)
    variables = deployment.functions["nas-retention-purge"].environment_variables
    title = f"Cold imports: processor seconds, and shares of plain (aim: {AIM})"
    table = Table("import", "plain", "package", "libraries alone", "stdlib alone", title=title)
    for each in measure(Imports(interpreter, ROOT / "build", variables)):
        table.add_row(*each.row())
    console.print(table)


if __name__ == "__main__":
    main()
