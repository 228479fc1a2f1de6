"""``python -m ops.package.interpreters VERSION``: find a Python of a minor version on this machine.

Byte code is only good for the version that compiled it, and the functions' tests only prove something about the
version that runs them.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
_PROBE_SECONDS = 20


def candidates(environ: Mapping[str, str], version: str) -> Iterator[str]:
    """Paths that may be such an interpreter, the likeliest first; the running one, then PATH, pyenv and uv.

    Args:
        environ: the environment to search: PATH, PYENV_ROOT, HOME.
        version: the wanted ``major.minor``.
    """
    yield sys.executable
    path = environ.get("PATH", os.defpath)
    for folder in path.split(os.pathsep):
        found = shutil.which(f"python{version}", path=folder)
        if found:
            yield found
    root = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/")) / ".pyenv")
    for found_path in sorted(root.glob(f"versions/{version}*/bin/python{version}"), reverse=True):
        yield str(found_path)
    uv = shutil.which("uv", path=path)
    if uv:
        yield answer([uv, "python", "find", "--no-python-downloads", version])


def answer(command: list[str]) -> str:
    """What a command prints, stripped; empty when it cannot be run, fails, or takes longer than 20 s."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def find(paths: Iterable[str], version: str) -> str | None:
    """The first path that runs, is of this version and can make virtual environments; None when there is none.

    A pyenv shim exists for every version installed anywhere, and fails for those not switched on: so each is asked.
    """
    return next((path for path in paths if path and answer([path, "-I", "-c", _PROBE]) == version), None)


def main() -> int:
    """Print the path found and return 0; return 1 and print nothing when there is none."""
    version = sys.argv[1]
    found = find(candidates(os.environ, version), version)
    if found:
        sys.stdout.write(f"{found}\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
