"""``python -m ops.package``: build ``build/package/`` and ``build/nas-retention.zip``, and report their sizes."""

import os
import sys
from pathlib import Path

from functions.retention.core import PolicyError
from functions.retention.policy import read_policies
from ops.package.archive import write_zip
from ops.package.build import BuildError, compile_tree, copy_dependencies, copy_sources, install, runtime, size
from ops.package.interpreters import candidates, find
from ops.package.sources import SourcesError, policy_files, sources

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("lock.txt")
TOOLS = Path(__file__).with_name("tools-lock.txt")


def build(root: Path, folder: Path, version: str, interpreter: str | None) -> list[str]:
    """Build the package and, to compare with, the plain installation.

    Args:
        root: the source tree.
        folder: where everything goes: ``plain/``, ``package/`` and ``nas-retention.zip``.
        version: the deployment's Python, e.g. ``3.10``.
        interpreter: a Python of this version; None ships sources without byte code.

    Returns:
        Lines of a report.

    Raises:
        BuildError: a step failed.
        LookupError: the prune list is out of date.
        SourcesError: something below ``functions/`` may not be deployed.
        PolicyError: the policy file cannot be used.
    """
    policies = policy_files(root / "s.yaml", os.environ)
    files = sources(root, policies)
    for file in policies:
        read_policies(root / file)
    plain, package = folder / "plain", folder / "package"
    plain.mkdir(parents=True, exist_ok=True)
    install(LOCK, TOOLS, plain / "python", version)
    copy_sources(root, files, plain)
    copy_sources(root, files, package)
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
    try:
        version = runtime(ROOT / "s.yaml")
        interpreter = find(candidates(os.environ, version), version)
        report = build(ROOT, ROOT / "build", version, interpreter)
    except (BuildError, LookupError, PolicyError, SourcesError) as error:
        print(error, file=sys.stderr)
        return 1
    if interpreter:
        report.append(f"byte code by {interpreter}")
    else:
        report.append(f"NO BYTE CODE: no Python {version} found (PATH, pyenv, uv). Every cold start compiles anew.")
    print(*report, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
