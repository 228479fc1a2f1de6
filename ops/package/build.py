"""Lay out what is deployed in two folders: everything as installed, and the package made of that.

Both hold ``functions/`` and, beside it, ``python/`` with the dependencies: `s.yaml` puts ``/code/python`` on the path.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml
from uv import find_uv_bin

from ops.package.prune import kept
from ops.package.sources import FOLDER

RUNTIMES = ("3.10", "3.12")
"""Python versions of Function Compute that the functions are tested on (documented: FC 3.0 page "Python", 2026-06)."""

PLATFORM = "x86_64-manylinux_2_17"
"""Runs on Debian 10 and 11, the systems of these runtimes (documented there): they have glibc 2.28 and 2.31."""

DEPLOYED_AT = "/code"
"""Where Function Compute unpacks the package (documented: FC code directory)."""


class BuildError(Exception):
    """A step failed. The message names the step, what went wrong and, of a command, the end of its output."""


def runtime(s_yaml: Path) -> str:
    """Return the Python version that s.yaml deploys to, e.g. ``3.10``.

    Raises:
        BuildError: ``vars.runtime`` names none of `RUNTIMES`.
    """
    named = (yaml.safe_load(s_yaml.read_text(encoding="utf-8")).get("vars") or {}).get("runtime")
    version = str(named).removeprefix("python")
    if named != f"python{version}" or version not in RUNTIMES:
        allowed = " or ".join(f"python{each}" for each in RUNTIMES)
        raise BuildError(f"{s_yaml.name}: vars.runtime is {named!r}. Set it to {allowed}.")
    return version


def run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
    """Run a command to its end.

    Args:
        command: program and arguments.
        environ: its whole environment; None for this process's own.

    Raises:
        BuildError: it failed.
    """
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise BuildError(f"{' '.join(command)} failed:\n{said}")


def install(lock: Path, tools: Path, target: Path, version: str, *options: str) -> None:
    """Install exactly what a lock names, for the deployment's Python and system whatever this machine runs.

    Every download is checked by hash, also of what builds the distributions that come without a wheel. A folder that
    was installed from the same lock for the same version is left alone.

    Args:
        lock: versions and hashes of all that is deployed.
        tools: versions and hashes of what builds distributions.
        target: the folder of dependencies.
        version: the deployment's Python, e.g. ``3.10``.
        options: more options for uv, e.g. where its index is.

    Raises:
        BuildError: uv failed, or a distribution was compiled on this machine.
    """
    inputs = f"# Python {version}\n{lock.read_text()}"
    stamp = target.with_suffix(".lock")
    if stamp.is_file() and stamp.read_text() == inputs:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    which = ("--python-version", version, "--python-platform", PLATFORM, "--target", str(target))
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--python", sys.executable]
    checked = ("--require-hashes", "--build-constraints", str(tools), "--require-build-hashes")
    run([*command, *checked, *which, "-r", str(lock), *options])
    refuse_compiled_here(target)
    stamp.write_text(inputs)


def refuse_compiled_here(folder: Path) -> None:
    """Refuse distributions whose wheel is for this machine only, as when a source distribution has C code.

    Raises:
        BuildError: there is one.
    """
    wheels = {path.parent.name: path.read_text(encoding="utf-8") for path in folder.glob("*.dist-info/WHEEL")}
    compiled = sorted(name.removesuffix(".dist-info") for name, text in wheels.items() if "-linux_" in text)
    if compiled:
        raise BuildError(f"Compiled on this machine, so unfit for another: {', '.join(compiled)}. Lock other versions.")


def copy_sources(root: Path, files: Iterable[Path], target: Path) -> None:
    """Copy files of the source tree, replacing the ``functions/`` that is there.

    Args:
        root: the source tree.
        files: relative to it; from `ops.package.sources`.
        target: the folder of the package.
    """
    shutil.rmtree(target / FOLDER, ignore_errors=True)
    for path in files:
        copy = target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, copy, follow_symlinks=False)


def copy_dependencies(plain: Path, target: Path) -> None:
    """Copy what `kept` keeps of a folder of dependencies, replacing the copy that is there.

    Raises:
        LookupError: the prune list is out of date.
    """
    files = kept(plain)
    shutil.rmtree(target, ignore_errors=True)
    for source in files:
        copy = target / source.relative_to(plain)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def compile_tree(interpreter: str, folder: Path) -> None:
    """Write the byte code of every module below a folder, never to be checked against its source again.

    A fresh instance unpacks the code anew, so times mean nothing there and checking them costs a look at every source;
    the hash of a file that cannot change need not be checked either. Tracebacks name the paths of the deployed code,
    and sets in constants get one order: so equal sources give equal byte code in whatever folder this runs.

    Args:
        interpreter: a Python of the deployment's version.
        folder: the root of what is deployed.

    Raises:
        BuildError: a module does not compile.
    """
    how = ["-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"]
    run([interpreter, *how, "-s", str(folder), "-p", DEPLOYED_AT, str(folder)], {"PYTHONHASHSEED": "0"})


def size(folder: Path) -> int:
    """Return the bytes in all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
