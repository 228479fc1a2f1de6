"""``python -m ops.package``: builds ``build/package/`` and ``build/nas-retention.zip``, and says what it saved."""

import os
import sys
from pathlib import Path

from ops.package.archive import write_zip
from ops.package.build import BuildError, compile_tree, copy_dependencies, copy_functions, install, size
from ops.package.interpreters import TARGET, candidates, find
from ops.package.lock import LockError, check_covers, read_pins

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("lock.txt")


def build(root: Path, folder: Path, interpreter: str | None) -> list[str]:
    """Build the package and, to compare with, the plain installation.

    Args:
        root: the source tree.
        folder: where everything goes: ``plain/``, ``package/`` and ``nas-retention.zip``.
        interpreter: a Python of the target's version; None ships sources without byte code.

    Returns:
        Lines of a report.

    Raises:
        BuildError: a step failed.
        LockError: the lock is out of date.
        LookupError: the prune list is out of date.
    """
    plain, package = folder / "plain", folder / "package"
    plain.mkdir(parents=True, exist_ok=True)
    check_covers(read_pins(LOCK.read_text()), read_pins((root / "requirements.txt").read_text()))
    install(LOCK, folder / "wheels", plain / "python")
    copy_functions(root, plain)
    copy_functions(root, package)
    copy_dependencies(plain / "python", package / "python")
    pruned = size(package)
    if interpreter:
        compile_tree(interpreter, package)
    before = write_zip(plain, folder / "plain.zip")
    after = write_zip(package, folder / "nas-retention.zip")
    return [
        f"unpacked  {_mb(size(plain))} as installed, {_mb(pruned)} pruned, {_mb(size(package))} as packaged",
        f"zipped    {_mb(before)} as installed, {_mb(after)} as packaged",
        f"package   {package} and {folder / 'nas-retention.zip'}",
    ]


def _mb(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def main() -> int:
    """Build, report, and return 0; 1 when a step failed."""
    interpreter = find(candidates(os.environ))
    try:
        report = build(ROOT, ROOT / "build", interpreter)
    except (BuildError, LockError, LookupError) as error:
        print(error, file=sys.stderr)
        return 1
    if interpreter:
        report.append(f"byte code by {interpreter}")
    else:
        report.append(f"NO BYTE CODE: no Python {TARGET} found (PATH, pyenv, uv); every cold start will compile anew")
    print(*report, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
