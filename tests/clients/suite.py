"""Which clients there are, and how their cases are run against a fake cloud of their own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FILE_SYSTEM = "31a8e4cafe"
LONGEST = 600.0
"""Seconds that the cases of one client may take together."""


@dataclass(frozen=True)
class Client:
    """One official client.

    Attributes:
        service: whose it is.
        package: its name in its registry.
        script: its cases, below this folder.
        environ: further variables for it.
        variant: what tells it from the same package used otherwise; "" when nothing does.
    """

    service: str
    package: str
    script: str
    environ: dict[str, str] = field(default_factory=dict)
    variant: str = ""

    @property
    def is_node(self) -> bool:
        """Whether it runs on Node."""
        return self.script.endswith(".mjs")


CLIENTS = (
    Client("NAS", "alibabacloud-nas20170626", "python/nas_typed.py"),
    Client("NAS", "aliyun-python-sdk-core", "python/nas_legacy.py", variant="with aliyun-python-sdk-nas"),
    Client("SLS", "alibabacloud-sls20201230", "python/sls_openapi.py", {"FAKE_SIGNATURE": "v1"}, "signature v1"),
    Client("SLS", "alibabacloud-sls20201230", "python/sls_openapi.py", {"FAKE_SIGNATURE": "v4"}, "signature v4"),
    Client("SMQ", "aliyun-mns-sdk", "python/mns_sdk.py"),
)


@dataclass(frozen=True)
class Result:
    """What became of the cases of a client.

    Attributes:
        client: which.
        version: of its package.
        failures: what went wrong, by case; "" for a case that passed.
    """

    client: Client
    version: str
    failures: dict[str, str]

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(not failure for failure in self.failures.values())


@contextmanager
def serving() -> Iterator[dict[str, Any]]:
    """A fake cloud that serves until the block ends: what it says when it is ready."""
    options = ["--file-system", FILE_SYSTEM, "--tree", "functions", "--functions", "s.yaml"]
    command = [sys.executable, "-m", "aliyun_fakes", "serve", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.kill()


def run_client(client: Client, python: Path, node_modules: Path | None) -> Result:
    """Run the cases of one client.

    Args:
        client: which.
        python: the interpreter that has the clients in Python.
        node_modules: where the clients for Node are installed.

    Raises:
        ValueError: it is a client for Node, and they are not installed.
        subprocess.SubprocessError: it did not end in time.
    """
    with serving() as ready:
        ended = subprocess.run(  # noqa: S603 - our own programs
            _command(client, python, node_modules),
            env=os.environ | client.environ | _environ(ready),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    failures = {line["case"]: line["failure"] for line in lines}
    if ended.returncode or not failures:
        failures["(the script itself)"] = ended.stderr[-2_000:] or "it printed nothing"
    return Result(client, _version(client, python, node_modules), failures)


def _environ(ready: Mapping[str, str]) -> dict[str, str]:
    """What a script reads of the server that serves it."""
    return {
        "FAKE_ENDPOINT": ready["endpoint"],
        "FAKE_KEY_ID": ready["access_key_id"],
        "FAKE_SECRET": ready["access_key_secret"],
        "FAKE_REGION": ready["region"],
        "FAKE_ACCOUNT": ready["account_id"],
        "FAKE_FILE_SYSTEM": FILE_SYSTEM,
        "FAKE_SERVICE": "nas-retention",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }


def _command(client: Client, python: Path, node_modules: Path | None) -> list[str]:
    if not client.is_node:
        return [str(python), str(HERE / client.script)]
    node = shutil.which("node")
    if node is None or node_modules is None:
        raise ValueError("there is no node")
    script = shutil.copy(HERE / client.script, node_modules.parent)
    shutil.copy(HERE / "node" / "harness.mjs", node_modules.parent)
    return [node, str(script)]


def _version(client: Client, python: Path, node_modules: Path | None) -> str:
    if node_modules is not None and client.is_node:
        described = json.loads((node_modules / client.package / "package.json").read_text(encoding="utf-8"))
        return str(described["version"])
    asked = f"from importlib.metadata import version; print(version({client.package!r}))"
    return subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - as above


def page(results: Sequence[Result], *, skipped: Sequence[Client] = ()) -> str:
    """The page of the documentation: passed of tried, for each client."""
    head = (
        "# Official clients on the fakes\n\n"
        "Written by `make clients`. Each client does the ordinary use of every operation that the fakes have,\n"
        "and what users do next to it: wrong keys, absent names, large bodies.\n"
        "What a fake lacks is refused by its name, which is a case too.\n\n"
        "| service | client | version | passed | of |\n|---|---|---|---:|---:|\n"
    )
    rows = "".join(
        f"| {each.client.service} | {_named(each.client)} | {each.version} | {each.passed} | {len(each.failures)} |\n"
        for each in results
    )
    left = "".join(f"\n{_named(each)} was not tried: there was no Node.\n" for each in skipped)
    return head + rows + left


def _named(client: Client) -> str:
    return f"`{client.package}`" + (f", {client.variant}" if client.variant else "")


def report(results: Sequence[Result], write: Callable[[str], object]) -> bool:
    """Write what failed, a line each. Whether nothing did."""
    for result in results:
        write(f"{result.passed:3} of {len(result.failures):3}  {_named(result.client)} {result.version}\n")
        for name, failure in result.failures.items():
            if failure:
                write(f"      {name}: {failure:.300}\n")
    return all(result.passed == len(result.failures) for result in results)
