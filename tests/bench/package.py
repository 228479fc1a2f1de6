"""Cold imports: the package against a plain ``pip install -t`` without byte code, and ``requests`` alone as the limit.

All in one run, each in a fresh isolated interpreter of the target's version that writes no byte code. Counted are
seconds of the processor, which other work on the machine disturbs least; the files are in the machine's cache.
"""

import os
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ops.package.__main__ import ROOT, build
from ops.package.interpreters import TARGET, candidates, find

RUNS = 7
RIM = {
    "sweep": ("functions.sweep", "functions.retention.sls", "functions.retention.smq"),
    "purge": ("functions.purge", "functions.retention.nas", "functions.retention.sls", "functions.retention.smq"),
    "console": ("functions.console", "functions.retention.nas", "functions.retention.sls", "functions.retention.smq"),
}
"""Each handler with what it imports once it runs: a sweep of file systems by id needs no NAS client."""

_IMPORT = """
import sys, time
sys.path[:0] = sys.argv[1:3]
begin = time.process_time()
for name in sys.argv[3:]:
    __import__(name)
print(time.process_time() - begin)
"""


@dataclass(frozen=True)
class Timing:
    """Processor seconds of importing the same from both folders.

    Attributes:
        what: e.g. ``functions.sweep``.
        plain: as pip installs it, compiled in memory at each start.
        package: as deployed.
    """

    what: str
    plain: float
    package: float

    @property
    def ratio(self) -> float:
        return self.package / self.plain


def seconds(interpreter: str, folder: Path, modules: tuple[str, ...]) -> float:
    """Of one import of these modules in a fresh interpreter.

    Raises:
        subprocess.CalledProcessError: one of them cannot be imported.
    """
    command = [interpreter, "-I", "-S", "-B", "-c", _IMPORT, str(folder), str(folder / "python"), *modules]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - the interpreter found
    return float(done.stdout)


def timing(interpreter: str, folder: Path, what: str, modules: tuple[str, ...]) -> Timing:
    """Medians of seven imports from each folder, in turns."""
    pairs = [[seconds(interpreter, folder / name, modules) for name in ("plain", "package")] for _ in range(RUNS)]
    plain, package = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Timing(what, plain, package)


def measure(interpreter: str, folder: Path) -> list[Timing]:
    """``requests`` first, then each handler that exists: alone, and with all it imports once it runs."""
    timings = [timing(interpreter, folder, "requests", ("requests",))]
    for name, modules in RIM.items():
        if (folder / f"package/functions/{name}.py").is_file():
            timings.append(timing(interpreter, folder, modules[0], modules[:1]))
            timings.append(timing(interpreter, folder, f"{name} with its clients", modules))
    return timings


def main() -> None:
    """Build the package, measure, print."""
    console = Console()
    interpreter = find(candidates(os.environ))
    console.print(*build(ROOT, ROOT / "build", interpreter), sep="\n")
    if not interpreter:
        console.print(f"Cold imports NOT MEASURED: no Python {TARGET} found, so the package holds no byte code.")
        return
    timings = measure(interpreter, ROOT / "build")
    table = Table("import", "plain s", "package s", "package / plain", "package / requests", title="Cold imports")
    for each in timings:
        limit = each.package / timings[0].package
        table.add_row(each.what, f"{each.plain:.3f}", f"{each.package:.3f}", f"{each.ratio:.2f}", f"{limit:.1f}")
    console.print(table)
