"""The functions' RAM policy allows what the functions call, on what they may touch, and nothing else."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.credentials import AccessKey
from functions.retention.policy.load import read_policies
from functions.retention.policy.model import PolicyFile
from ops.names import ROOT, Deployment, read_deployment
from ops.provision.desired import MAX_RECEIVES
from ops.ram import GRANTS, allows, deployer_policy, function_policy, uncovered
from tests.unit.ops.operator import Operator

pytestmark = pytest.mark.slow

SERVICES = {"nas": "nas", "sls": "sls", "smq": "smq"}
"""Adapter module by service."""


@pytest.fixture(scope="module")
def deployment() -> Deployment:
    return read_deployment(ROOT / "s.yaml", {}, ACCOUNT_ID)


@pytest.fixture(scope="module")
def file() -> PolicyFile:
    return read_policies(ROOT / "functions" / "policies.yaml")


def named_operations(path: Path) -> Iterator[str]:
    """The operations an adapter calls: the first argument, a literal or its name, of its retry layer's ``call``."""
    module = ast.parse(path.read_text())
    named = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("call", "_call"):
            first = node.args[0]
            literal = named.get(first.id) if isinstance(first, ast.Name) else first
            if isinstance(literal, ast.Constant):
                yield str(literal.value)


@pytest.mark.parametrize(("service", "module"), SERVICES.items())
def test_grants_are_exactly_the_operations_the_adapters_call(service: str, module: str) -> None:
    called = set(named_operations(ROOT / "functions" / "retention" / "cloud" / f"{module}.py"))
    assert called == {grant.operation for grant in GRANTS if grant.service == service}


def test_a_call_without_a_grant_is_seen() -> None:
    calls = {("nas", "GetRecycleBinAttribute"): 3, ("nas", "DisableAndCleanRecycleBin"): 1}
    assert uncovered(calls) == {("nas", "DisableAndCleanRecycleBin")}


def test_nothing_that_empties_or_reconfigures_a_bin_is_allowed(deployment: Deployment, file: PolicyFile) -> None:
    policy = function_policy(deployment, file)
    arn = deployment.file_system_arn(file.guardrails.file_systems[0])
    assert allows(policy, "nas:CreateRecycleBinDeleteJob", arn)
    for action in ("DisableAndCleanRecycleBin", "UpdateRecycleBinAttribute", "CreateRecycleBinRestoreJob"):
        assert not allows(policy, f"nas:{action}", arn)


def test_only_the_file_systems_of_the_guardrails_can_be_touched(deployment: Deployment, file: PolicyFile) -> None:
    policy = function_policy(deployment, file)
    other = deployment.file_system_arn("0000000000")
    assert not any(
        allows(policy, grant.action, other) for grant in GRANTS if "*" not in grant.resources(deployment, [])
    )


def test_what_is_allowed_everywhere_is_so_for_a_reason_that_is_told(deployment: Deployment) -> None:
    everywhere = {grant.operation: grant.why for grant in GRANTS if grant.resources(deployment, []) == ["*"]}
    assert set(everywhere) == {"CancelRecycleBinJob"}
    assert all("documented" in why for why in everywhere.values())


def test_messages_go_to_the_two_queues_only(deployment: Deployment, file: PolicyFile) -> None:
    policy = function_policy(deployment, file)
    for queue in (deployment.work_queue, deployment.dead_letter_queue):
        assert allows(policy, "mns:SendMessage", f"{deployment.queue_arn(queue)}/messages")
    assert not allows(policy, "mns:SendMessage", f"{deployment.queue_arn('another')}/messages")
    assert not allows(policy, "mns:ReceiveMessage", f"{deployment.queue_arn(deployment.work_queue)}/messages")


def test_the_audit_log_can_be_written_and_read_and_not_deleted(deployment: Deployment, file: PolicyFile) -> None:
    policy, audit = function_policy(deployment, file), deployment.logstore_arn(deployment.audit_logstore)
    assert allows(policy, "log:PostLogStoreLogs", audit)
    assert allows(policy, "log:GetLogStoreLogs", audit)
    assert not allows(policy, "log:DeleteLogStore", audit)


def test_the_deployer_cannot_delete_from_a_bin_or_from_the_log(deployment: Deployment) -> None:
    policy = deployer_policy(deployment)
    assert not allows(policy, "nas:CreateRecycleBinDeleteJob", deployment.file_system_arn("1ca404a5e2"))
    assert not allows(policy, "log:DeleteLogStore", deployment.logstore_arn(deployment.audit_logstore))
    assert allows(policy, "ram:PassRole", f"acs:ram::{ACCOUNT_ID}:role/{deployment.role}")
    assert not allows(policy, "ram:PassRole", f"acs:ram::{ACCOUNT_ID}:role/another")


def test_no_command_needs_more_than_the_deployers_policy(cloud: FakeCloud, operator: Operator) -> None:
    policy = operator.run("ram", "--json").json["deployer"]
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    key = AccessKey("LTAI5tDeployer", "deploys", allowed=frozenset(actions))
    cloud.keys.add(key)
    deployer = replace(operator, key=key)
    assert deployer.run("setup", "--apply").code == 0
    queue = cloud.smq.queue("nas-retention-work")
    queue.set_attributes(replace(queue.attributes, visibility_timeout=9))
    cloud.sls.project("nas-retention-1234567890123456").dashboards.get("nas-retention")["charts"] = []
    assert deployer.run("setup", "--apply").code == 0
    assert "could not look" not in deployer.run("doctor").out
    cloud.smq.queue("nas-retention-dead-letters").send("eA==")
    assert deployer.run("dlq", "list").code == 0
    cloud.clock.sleep(2)
    assert deployer.run("dlq", "drop", "--all", "--apply").code == 0
    cloud.deploy(ROOT / "s.yaml")
    assert deployer.run("lint").code == 0
    assert deployer.run("follow", "0" * 32, "--for", "0").code == 3
    assert [line for line in cloud.dispatcher.log if line.status in (401, 403)] == []


def test_every_grant_says_what_it_is_for(operator: Operator) -> None:
    shown = operator.run("ram").out
    assert all(grant.why and grant.action in shown for grant in GRANTS)


def test_messages_that_merely_waited_are_not_buried() -> None:
    assert MAX_RECEIVES >= 16
