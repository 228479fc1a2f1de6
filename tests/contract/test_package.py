"""The package by itself: everything in it runs in a clean interpreter of each runtime's version, against the fakes."""

import json
import os
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault, Kind
from aliyun_fakes.core.real_clock import RealClock
from aliyun_fakes.fc import load_deployment
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import ServerFront
from aliyun_fakes.sls.index import IndexConfig
from functions.retention.audit.schema import FIELDS
from ops.package.__main__ import LOCK, TOOLS
from ops.package.build import RUNTIMES, BuildError, compile_tree, copy_dependencies, copy_sources, install
from ops.package.interpreters import candidates, find
from ops.package.sources import policy_files, sources
from tests.once import once
from tests.seal_key import SEAL_KEY

ROOT = Path(__file__).resolve().parents[2]
FILE_SYSTEM = "1ca404a5e2"
PROJECT, LOGSTORE = "nas-retention-audit", "audit"
WORK, DEAD = "nas-retention-work", "nas-retention-dead-letters"
KEY = AccessKey("STS.Fake", "fake-secret", "fake-token+/=")  # temporary, as the platform gives them

IMPORT_EVERYTHING = """
import gc, importlib, json, pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(root), str(root / "python")]
collections = []
import functions
gc.callbacks.append(lambda phase, info: collections.append(phase))
for path in sorted((root / "functions").rglob("*.py")):
    importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))
del gc.callbacks[:]
print(json.dumps({
    "files": [getattr(module, "__file__", None) or "" for module in sys.modules.values()],
    "collections": len(collections),
}))
"""

INVOKE = """
import importlib, json, pathlib, sys, types
root = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(root), str(root / "python")]
module = importlib.import_module(sys.argv[2])
context = types.SimpleNamespace(request_id="1", function=types.SimpleNamespace(name=sys.argv[2], timeout=3_600))
print(json.dumps(module.handler(sys.argv[3].encode(), context)))
"""

CALL_NAS = """
import json, math, os, pathlib, random, sys
root = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(root), str(root / "python")]
from functions.retention.cloud.system_clock import SYSTEM_CLOCK
from functions.retention.cloud import Cloud
from functions.retention.core.errors import CloudError
from functions.retention.core.invocation import read_invocation
from functions.retention.cloud.settings import read_settings

settings = read_settings(os.environ, None)
file_system = sys.argv[2]
cloud = Cloud(settings, read_invocation(None, SYSTEM_CLOCK.now() - 60), clock=SYSTEM_CLOCK, rng=random.Random(1))
nas = cloud.nas(file_system)
bin = nas.recycle_bin(file_system)

def outcome(call, *arguments):
    try:
        return call(*arguments)
    except CloudError as error:
        return type(error).__name__

nas.set_tag([file_system], "team", "media")
tagged = dict(bin.tags())
nas.remove_tag([file_system], "team")
directories, _ = bin.recent_directories()
[entry] = bin.page(directories[0].file_id).entries
job = bin.delete(entry.file_id, "token", before=math.inf)
answers = {
    "tags": [tagged, dict(bin.tags())],
    "enabled": bin.attributes().enabled,
    "entry": entry.name,
    "job is listed": [each.id for each in bin.jobs().newest] == [job],
    "a second job": outcome(lambda: bin.delete(entry.file_id, "other", before=math.inf)),
    "an unknown job": outcome(bin.cancel, "unknown"),
    "an unknown directory": outcome(bin.page, "999"),
    "an HTML page": outcome(bin.attributes),
    "no reply": outcome(bin.attributes),
    "a server error": outcome(bin.attributes),
    "flow control": outcome(bin.attributes),
}
print(json.dumps(answers))
"""

CALL_LOG_AND_QUEUE = """
import dataclasses, json, os, pathlib, random, sys
root = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(root), str(root / "python")]
from functions.retention.cloud.system_clock import SYSTEM_CLOCK
from functions.retention.cloud import Cloud
from functions.retention.core.errors import CloudError
from functions.retention.core.invocation import Invocation
from functions.retention.cloud.settings import read_settings
from functions.retention.cloud.sls import CALL_TAKES

now = SYSTEM_CLOCK.now()

class Clock:
    # Passes by what is slept only, so that a busy machine does not use up a slice.

    def __init__(self):
        self.at = now

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.at += max(seconds, 0)

    gather = SYSTEM_CLOCK.gather

def cloud(left, **changes):
    settings = dataclasses.replace(read_settings(os.environ, None), **changes)
    clock = Clock()
    invocation = Invocation("1", "test", 0, deadline=now, last_call=clock.now() + left)
    return Cloud(settings, invocation, clock=clock, rng=random.Random(1))

def audit(**changes):
    return cloud(CALL_TAKES + 0.1, **changes).audit()

def queue(**changes):
    return cloud(0, **changes).queue()

def outcome(call, *arguments):
    try:
        return type(call(*arguments)).__name__
    except CloudError as error:
        return type(error).__name__

record = {"event_id": "e1", "run": "r1"}
print(json.dumps({
    "a put": outcome(audit().put, [record]),
    "a search": outcome(audit().find, {"run": "r1"}, now - 60),
    "a look at the index": outcome(audit().has_index),
    "an unknown logstore": outcome(audit(sls_logstore="unknown").put, [record]),
    "a search answered in HTML": outcome(audit().find, {"run": "r1"}, now - 60),
    "a put refused for now": outcome(audit().put, [record]),
    "a message": outcome(queue().send, "hello"),
    "an unknown queue": outcome(queue(work_queue="unknown").send, "hello"),
    "a dead letter answered in HTML": outcome(queue().dead_letter, "hello"),
}))
"""


@pytest.fixture(scope="module", params=RUNTIMES)
def version(request: pytest.FixtureRequest) -> str:
    """The Python that the package is for."""
    return str(request.param)


@pytest.fixture(scope="module")
def interpreter(version: str) -> str:
    found = find(candidates(os.environ, version), version)
    if not found:
        pytest.skip(f"no Python {version} found, which the package is for")
    return found


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, version: str, interpreter: str) -> Path:
    """A package built anew, without its zip."""

    def build(folder: Path) -> None:
        install(LOCK, TOOLS, folder / "plain/python", version)
        copy_sources(ROOT, sources(ROOT, policy_files(ROOT / "s.yaml", {})), folder / "package")
        copy_dependencies(folder / "plain/python", folder / "package/python")
        compile_tree(interpreter, folder / "package")

    try:
        return once(tmp_path_factory, f"package-{version}", build) / "package"
    except BuildError as error:
        pytest.skip(f"no package can be built without an index: {error}")


def _run(interpreter: str, script: str, package: Path, *arguments: str, environ: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
    """What a script prints, in an interpreter that finds nothing but the package, and with the variables of s.yaml."""
    deployment = load_deployment(ROOT / "s.yaml", environ={}, account_id=ACCOUNT_ID)
    variables = {**deployment.functions["nas-retention-purge"].environment_variables, **(environ or {})}
    command = [interpreter, "-s", "-S", "-B", "-c", script, str(package), *arguments]
    done = subprocess.run(command, env=variables, cwd=package, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture
def cloud() -> FakeCloud:
    cloud = FakeCloud(clock=RealClock(), seed=1, keys=[KEY])
    dead = cloud.smq.create_queue(DEAD)
    cloud.smq.create_queue(WORK, visibility_timeout=1200, dead_letter=(dead, 16))
    cloud.sls.create_project(PROJECT)
    cloud.sls.create_logstore(PROJECT, LOGSTORE)
    index = {"keys": {name: {"type": "text", "token": [], "caseSensitive": True} for name in FIELDS}}
    cloud.sls.logstore(PROJECT, LOGSTORE).set_index(IndexConfig.read(index))
    file_system = cloud.nas.create_file_system(FILE_SYSTEM)
    file_system.recycle("/logs/old.log", size=5_000, deleted_at=cloud.clock.now() - 20 * 86_400)
    return cloud


@pytest.fixture
def environ(cloud: FakeCloud) -> Iterator[dict[str, str]]:
    """What the functions find in their environment, with every endpoint on the server that serves the cloud."""
    with ServerFront(Admin(cloud)) as server:
        yield {
            "FC_REGION": REGION,
            "FC_ACCOUNT_ID": ACCOUNT_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": KEY.security_token or "",
            "WORK_QUEUE": WORK,
            "DEAD_LETTER_QUEUE": DEAD,
            "SLS_PROJECT": PROJECT,
            "SLS_LOGSTORE": LOGSTORE,
            "SEAL_KEY": SEAL_KEY,
            "SLS_ENDPOINT": server.endpoint,
            "SMQ_ENDPOINT": server.endpoint,
            "NAS_ENDPOINT": server.endpoint,
        }


@pytest.fixture(scope="module")
def imported(interpreter: str, package: Path) -> Any:  # noqa: ANN401 - JSON
    """What was seen while everything was imported."""
    return _run(interpreter, IMPORT_EVERYTHING, package)


def test_everything_the_functions_import_is_in_the_package(imported: Any) -> None:  # noqa: ANN401 - JSON
    assert not [file for file in imported["files"] if "site-packages" in file]


def test_every_dependency_is_as_its_makers_ship_it(package: Path) -> None:
    shipped, plain = package / "python", package.parent / "plain/python"
    files = [path.relative_to(shipped) for path in shipped.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert files
    assert not [path for path in files if (shipped / path).read_bytes() != (plain / path).read_bytes()]


def test_nothing_is_collected_once_a_handler_is_imported(imported: Any) -> None:  # noqa: ANN401 - JSON
    assert imported["collections"] <= 2  # start and end of one that comes before the first handler sets the threshold


def test_every_call_to_nas_works_from_the_package_and_errors_are_told_apart(
    interpreter: str, package: Path, cloud: FakeCloud, environ: dict[str, str]
) -> None:
    kinds: list[Kind] = ["garbage", "drop", "status", "throttle"]
    for nth, kind in enumerate(kinds, start=2):
        cloud.faults.add(Fault("nas", "GetRecycleBinAttribute", kind, nth=nth))
    assert _run(interpreter, CALL_NAS, package, FILE_SYSTEM, environ=environ) == {
        "tags": [{"team": "media"}, {}],
        "enabled": True,
        "entry": "old.log",
        "job is listed": True,
        "a second job": "SlotBusy",
        "an unknown job": "NotFound",
        "an unknown directory": "NotFound",
        "an HTML page": "NoAnswer",
        "no reply": "NoAnswer",
        "a server error": "NoAnswer",
        "flow control": "Throttled",
    }


def test_log_and_queue_work_from_the_package_and_errors_are_told_apart(
    interpreter: str, package: Path, cloud: FakeCloud, environ: dict[str, str]
) -> None:
    cloud.faults.add(Fault("sls", "GetLogs", "garbage", nth=2, times=0))
    cloud.faults.add(Fault("sls", "PutLogs", "throttle", nth=3, times=0))
    cloud.faults.add(Fault("smq", "SendMessage", "garbage", nth=3, times=0))
    assert _run(interpreter, CALL_LOG_AND_QUEUE, package, environ=environ) == {
        "a put": "NoneType",
        "a search": "list",
        "a look at the index": "bool",
        "an unknown logstore": "NotFound",
        "a search answered in HTML": "NoAnswer",
        "a put refused for now": "Throttled",
        "a message": "str",
        "an unknown queue": "NotFound",
        "a dead letter answered in HTML": "NoAnswer",
    }


def test_the_package_plans_a_run_over_all_three_services(
    interpreter: str, package: Path, cloud: FakeCloud, environ: dict[str, str]
) -> None:
    swept = _run(interpreter, INVOKE, package, "functions.sweep", "{}", environ=environ)
    [message] = cloud.smq.queue(WORK).receive()
    body = b64decode(message.body).decode()
    purged = _run(interpreter, INVOKE, package, "functions.purge", body, environ=environ)
    assert [started["state"] for started in swept["runs"]] == ["started"]
    assert [report["state"] for report in purged["slices"]] == ["ended"]
    assert cloud.dispatcher.counts["nas", "ListRecycledDirectoriesAndFiles"] > 0
    assert [line["event"] for line in cloud.sls.records(PROJECT, LOGSTORE)][-1] == "ended"
