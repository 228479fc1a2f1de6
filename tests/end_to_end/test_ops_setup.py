"""From nothing to a deployment that works: setup on an empty account, over both fronts, then sweeps under the role."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud, mock_alibaba_cloud
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.core.responses_front import ResponsesFront
from aliyun_fakes.nas import DurationModel
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import ServerFront
from functions.retention.policy.load import read_policies
from ops.names import ROOT, Deployment, read_deployment
from ops.provision import queries
from ops.ram import GRANTS, allows, function_policy, uncovered
from tests.patience import PATIENCE
from tests.seal_key import SEAL_KEY
from tests.unit.ops.operator import Operator
from tests.unit.ops.provision.log_sql import answer

DAY = 86_400.0
POLICIES = """
version: 1
guardrails:
  file_systems: [1ca404a5e2]
  min_age: 1d
  limits: {jobs: 1000, bytes: 1TiB, share: 1.0}
policies:
  - name: aged
    file_systems: [1ca404a5e2]
    older_than: 7d
    mode: enforce
"""


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud(seed=1)


@pytest.fixture(params=["in-process", "server"])
def operator(request: pytest.FixtureRequest, cloud: FakeCloud) -> Iterator[Operator]:
    with ExitStack() as stack:
        if request.param == "server":
            front = stack.enter_context(ServerFront(Admin(cloud), longest_hold=10))
            yield Operator(cloud.clock, endpoint_url=front.endpoint)
        else:
            stack.enter_context(ResponsesFront(cloud.dispatcher))
            yield Operator(cloud.clock)


@pytest.fixture
def deployment() -> Deployment:
    return read_deployment(ROOT / "s.yaml", {}, ACCOUNT_ID)


def test_setup_shows_makes_and_then_finds_everything_as_it_should_be(operator: Operator) -> None:
    def actions(*arguments: str) -> set[str]:
        found = operator.run("setup", "--json", *arguments)
        assert found.code == 0, found.err
        return {step["action"] for step in found.json["steps"]}

    assert actions() == {"create"}
    assert actions("--apply") == {"create"}
    assert actions() == {"keep"}


@pytest.mark.parametrize("api", ["fc3", "fc2"])
def test_the_console_answers_over_either_front_and_api(
    operator: Operator, cloud: FakeCloud, policies: Path, api: str
) -> None:
    assert operator.run("setup", "--apply").code == 0
    cloud.nas.create_file_system("1ca404a5e2")
    cloud.deploy(
        ROOT / "s.yaml", variables={"POLICIES_FILE": str(policies), "SEAL_KEY": SEAL_KEY, **endpoints(operator)}
    )
    told = operator.run("status", "--api", api, "--json")
    assert (told.code, told.json["answer"]["ok"]) == (0, True), told.out
    assert told.json["answer"]["file_systems"]["1ca404a5e2"]["recycle_bin"]["enabled"] is True, told.out
    here = operator.run("status", "--local", "--policies", str(policies), "--json")
    assert (here.code, here.json["answer"]["ok"]) == (0, True), here.out
    assert here.json["answer"]["file_systems"]["1ca404a5e2"]["recycle_bin"]["enabled"] is True, here.out


def endpoints(operator: Operator) -> dict[str, str]:
    """Where functions find the services: at the operator's front."""
    names = ("NAS_ENDPOINT", "SLS_ENDPOINT", "SMQ_ENDPOINT")
    return dict.fromkeys(names, operator.endpoint_url) if operator.endpoint_url else {}


class Role:
    """The functions' role: allowed what its policy says, and watched for the file systems it asks about.

    Attributes:
        key: signs the functions' calls; the fakes refuse every action that is not in the policy.
        strays: calls about a file system that the policy does not name.
    """

    def __init__(self, cloud: FakeCloud, deployment: Deployment, policies: Path) -> None:
        self._deployment, self._policy = deployment, function_policy(deployment, read_policies(policies))
        actions = frozenset(action for statement in self._policy["Statement"] for action in statement["Action"])
        self.key = AccessKey("STS.role", "of-the-role", security_token="token", allowed=actions)
        self.strays: list[LoggedRequest] = []
        cloud.keys.add(self.key)
        cloud.dispatcher.on_request.append(self._watch)

    def _watch(self, request: LoggedRequest) -> None:
        about = request.parameters.get("FileSystemId") or request.parameters.get("ResourceId.1")
        if request.service == "nas" and about is not None:
            arn = self._deployment.file_system_arn(about)
            if not allows(self._policy, f"nas:{request.operation}", arn):
                self.strays.append(request)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    path = tmp_path / "policies.yaml"
    path.write_text(POLICIES)
    return path


def test_sweeps_work_on_what_setup_made_with_no_right_that_the_role_has_not(
    policies: Path, deployment: Deployment
) -> None:
    with mock_alibaba_cloud(seed=2) as cloud:
        assert Operator(cloud.clock).run("setup", "--apply").code == 0
        before = cloud.dispatcher.counts.copy()
        role = Role(cloud, deployment, policies)
        file_system = cloud.nas.create_file_system("1ca404a5e2")
        for n in range(4):
            file_system.recycle(f"/logs/{n}.log", size=1000 + n, deleted_at=cloud.clock.now() - 30 * DAY)
        file_system.recycle("/logs/young.log", size=5, deleted_at=cloud.clock.now() - 2 * DAY)
        host = cloud.deploy(
            ROOT / "s.yaml", variables={"POLICIES_FILE": str(policies), "SEAL_KEY": SEAL_KEY}, key=role.key
        )
        host.fire("sweep-timer")
        assert host.run_until_idle(limit=DAY)
        assert file_system.bin_size == 5
        assert uncovered(cloud.dispatcher.counts - before) == set()
        assert role.strays == []
        cloud.clock.sleep(120)
        where = cloud.sls, deployment.log_project, deployment.audit_logstore
        assert [row["bytes"] for row in answer(*where, queries.RECLAIMED)] == [4006]
        for query in (queries.BACKLOG, queries.NO_SWEEP, queries.NOTHING_DELETED, queries.REFUSALS):
            assert answer(*where, query) == []


def test_all_that_a_person_can_ask_needs_no_more_than_the_role_has(policies: Path, deployment: Deployment) -> None:
    orders: tuple[dict[str, str], ...] = (
        {"action": "lint"},
        {"action": "plan", "file_system": "1ca404a5e2"},
        {"action": "explain", "file_system": "1ca404a5e2", "path": "/logs/0.log"},
        {"action": "pause"},
        {"action": "resume"},
        {"action": "purge", "file_system": "1ca404a5e2", "confirm": "1ca404a5e2"},
        {"action": "status"},
        {"action": "cancel", "file_system": "1ca404a5e2"},
    )
    with mock_alibaba_cloud(seed=2) as cloud:
        assert Operator(cloud.clock).run("setup", "--apply").code == 0
        before = cloud.dispatcher.counts.copy()
        role = Role(cloud, deployment, policies)
        file_system = cloud.nas.create_file_system("1ca404a5e2")
        file_system.durations = DurationModel(base=7200)
        file_system.recycle("/logs/0.log", size=9, deleted_at=cloud.clock.now() - 30 * DAY)
        host = cloud.deploy(
            ROOT / "s.yaml", variables={"POLICIES_FILE": str(policies), "SEAL_KEY": SEAL_KEY}, key=role.key
        )
        for order in orders:
            told = json.loads(host.invoke("nas-retention-console", json.dumps(order).encode()).payload)
            assert told["ok"] is True, told
            host.run_until(cloud.clock.now() + 300)
        calls = set(cloud.dispatcher.counts - before)
        assert uncovered(calls) == set()
        assert role.strays == []
        # All that the role may do it also does; only the list of all file systems needs other policies than these.
        granted = {(grant.service, grant.operation) for grant in GRANTS}
        assert granted - calls <= {("nas", "DescribeFileSystems")}


def test_as_processes_with_the_vendors_own_chain_of_credentials(tmp_path: Path) -> None:
    with serving() as ready:
        environ = {
            **os.environ,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": ready["access_key_id"],
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ready["access_key_secret"],
            "NAS_RETENTION_ACCOUNT_ID": ready["account_id"],
            "NAS_RETENTION_SEAL_KEY_FILE": str(tmp_path / "seal.key"),
        }

        def ops(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "ops", *arguments, "--endpoint-url", ready["endpoint"]]
            return subprocess.run(  # noqa: S603 - our own command
                command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False
            )

        made = ops("setup", "--apply")
        assert made.returncode == 0, made.stderr
        kept = ops("setup", "--json")
        assert {step["action"] for step in json.loads(kept.stdout)["steps"]} == {"keep"}
        letters = ops("dlq", "list")
        assert (letters.returncode, letters.stdout) == (0, "No dead letters.\n")
        told = ops("doctor")
        assert told.returncode == 3
        assert "no sweep in the last 12 h" in " ".join(told.stdout.split())
        output = "".join(part for done in (made, kept, letters, told) for part in (done.stdout, done.stderr))
        assert ready["access_key_secret"] not in output


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    """``python -m aliyun_fakes serve`` on a free port, and what it says of itself."""
    command = [sys.executable, "-m", "aliyun_fakes", "serve", "--file-system", "1ca404a5e2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - as above
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
