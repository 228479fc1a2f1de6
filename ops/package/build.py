"""Lays out what is deployed in two folders: everything as pip installs it, and the package made of that.

Both hold ``functions/`` and, beside it, ``python/`` with the dependencies: `s.yaml` puts ``/code/python`` on the path.
"""

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.package.interpreters import TARGET
from ops.package.lock import check_same, installed, read_pins
from ops.package.prune import kept
from ops.package.stand_ins import write_stand_ins

PLATFORM = "manylinux2014_x86_64"
"""Debian 10, the runtime's system (documented: runtime list of FC 3.0), has glibc 2.28; these wheels need 2.17."""

SOURCE_ONLY = ("alibabacloud-tea", "aliyun-log-python-sdk")
"""Distributions without a wheel in the index (observed, 2026-11); pure Python, so any version of it can build one."""

DEPLOYED_AT = "/code"
"""Where Function Compute unpacks the package (documented: FC code directory)."""


class BuildError(Exception):
    """A step failed; the message holds the command and the end of what it said."""


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


def pip(*arguments: str) -> None:
    """Run the pip of this interpreter.

    Raises:
        BuildError: pip failed.
    """
    run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments])


def install(lock: Path, wheels: Path, target: Path, *options: str) -> None:
    """Install for the deployment target, whatever this machine runs; leaves alone what is installed already.

    Exactly what the lock names, since pip would follow dependencies by the markers of its own Python (observed: 23.2).

    Args:
        lock: the exact versions of all that is deployed.
        wheels: a folder for wheels that are built here.
        target: the folder of dependencies.
        options: more options for pip, e.g. where its index is.

    Raises:
        BuildError: pip failed.
        LockError: what pip installed is not what the lock says.
    """
    inputs = lock.read_text()
    stamp = target.with_suffix(".lock")
    if stamp.is_file() and stamp.read_text() == inputs:
        return
    shutil.rmtree(target, ignore_errors=True)
    pins = read_pins(inputs)
    _build_wheels([f"{name}=={pins[name]}" for name in SOURCE_ONLY if name in pins], wheels, *options)
    where = ("--target", str(target), "--find-links", str(wheels), "--no-compile")
    which = ("--platform", PLATFORM, "--implementation", "cp", "--python-version", TARGET, "--only-binary", ":all:")
    pip("install", "--no-deps", *where, *which, "-r", str(lock), *options)
    check_same(pins, installed(target))
    stamp.write_text(inputs)


def _build_wheels(pins: Sequence[str], wheels: Path, *options: str) -> None:
    if not pins:
        return
    shutil.rmtree(wheels, ignore_errors=True)
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "-w", str(wheels), *pins, *options)
    compiled = [wheel.name for wheel in wheels.iterdir() if not wheel.name.endswith("-none-any.whl")]
    if compiled:
        raise BuildError(f"not pure Python, so of no use on another machine: {', '.join(compiled)}")


def copy_functions(root: Path, target: Path) -> None:
    """Copy ``functions/`` as it is in the source tree, without caches, replacing the copy that is there."""
    shutil.rmtree(target / "functions", ignore_errors=True)
    shutil.copytree(root / "functions", target / "functions", ignore=shutil.ignore_patterns("__pycache__"))


def copy_dependencies(plain: Path, target: Path) -> None:
    """Copy what `kept` keeps of a folder of dependencies and add the stand-ins, replacing the copy that is there.

    Raises:
        LookupError: the prune list is out of date.
        FileExistsError: a stand-in's library is not pruned.
    """
    files = kept(plain)
    shutil.rmtree(target, ignore_errors=True)
    for source in files:
        copy = target / source.relative_to(plain)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    write_stand_ins(target)


def compile_tree(interpreter: str, folder: Path) -> None:
    """Write the byte code of every module below a folder, never to be checked against its source again.

    A fresh instance unpacks the code anew, so times mean nothing there and checking them costs a look at every source;
    the hash of a file that cannot change need not be checked either. Tracebacks name the paths of the deployed code,
    and sets in constants get one order: so equal sources give equal byte code in whatever folder this runs.

    Args:
        interpreter: a Python of the target's version.
        folder: the root of what is deployed.

    Raises:
        BuildError: a module does not compile.
    """
    how = ["-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"]
    run([interpreter, *how, "-s", str(folder), "-p", DEPLOYED_AT, str(folder)], {"PYTHONHASHSEED": "0"})


def size(folder: Path) -> int:
    """Bytes in all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
