"""``python -m tests.clients``: every official client against the fakes; writes docs/reference/clients.md.

The packages come from PyPI and npm into ``build/clients``. Without Node its clients are left out, with a word.
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tests.clients.suite import CLIENTS, HERE, ROOT, Client, page, report, run_client

BUILD = ROOT / "build" / "clients"


def python_clients() -> Path:
    """Install the clients in Python. Return their interpreter."""
    folder = BUILD / "python"
    if not (folder / "bin" / "python").exists():
        venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)  # noqa: S603 - our own list
    return python


def node_clients() -> Path | None:
    """Install the clients for Node. Return where; None when there is no Node."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    folder = BUILD / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        if (HERE / "node" / name).exists():
            shutil.copy(HERE / "node" / name, folder)
    install = "ci" if (folder / "package-lock.json").exists() else "install"
    subprocess.run([npm, install, "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True)  # noqa: S603 - our own list
    return folder / "node_modules"


def main(words: list[str]) -> int:
    """Run the clients whose package or script has one of the words in its name, or all of them."""
    python, modules = python_clients(), node_clients()
    wanted = [each for each in CLIENTS if not words or any(word in f"{each.package} {each.script}" for word in words)]
    skipped: list[Client] = [each for each in wanted if each.is_node and modules is None]
    for each in skipped:
        print(f"skipped: {each.package}, there is no node")
    results = []
    for each in wanted:
        if each not in skipped:
            results.append(run_client(each, python, modules))
            report(results[-1:], sys.stdout.write)
    if not words:
        (ROOT / "docs" / "reference" / "clients.md").write_text(page(results, skipped=skipped), encoding="utf-8")
    return 0 if all(each.passed == len(each.failures) for each in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
