"""``ops doctor``: finds what is wrong with a deployment, says what to do, and changes nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from tests.unit.ops.deployed import POLICIES, Deployed
from tests.unit.ops.operator import Operator

pytestmark = pytest.mark.slow

WORK, DEAD = "nas-retention-work", "nas-retention-dead-letters"
PROJECT = f"nas-retention-{ACCOUNT_ID}"


@pytest.fixture
def deployed(cloud: FakeCloud, operator: Operator, tmp_path: Path) -> Deployed:
    return Deployed(cloud, operator, tmp_path)


def test_a_deployment_in_order_has_no_findings(deployed: Deployed) -> None:
    assert deployed.findings() == []
    assert deployed.doctor().code == 0


def test_looking_changes_nothing(deployed: Deployed) -> None:
    before = len(deployed.cloud.dispatcher.log)
    deployed.findings()
    operations = [line.operation for line in list(deployed.cloud.dispatcher.log)[before:]]
    assert operations
    assert all(operation.startswith(("Get", "List", "Describe")) for operation in operations)


def test_an_empty_account_lacks_everything_and_is_told_how_to_get_it(cloud: FakeCloud, operator: Operator) -> None:
    answer = operator.run("doctor")
    assert answer.code == 3
    assert "is missing" in answer.out
    assert "ops setup" in answer.out
    assert not cloud.smq.queues


def test_a_queue_that_shows_messages_too_early_is_found(deployed: Deployed) -> None:
    queue = deployed.cloud.smq.queue(WORK)
    queue.set_attributes(replace(queue.attributes, visibility_timeout=30))
    found = deployed.findings()
    assert [finding["what"] for finding in found] == [
        f"queue {WORK} VisibilityTimeout is 30, not 1200",
        "4 attempts of purge at 240 s take 1020 s; a message is hidden for 30 s",
    ]
    assert {finding["level"] for finding in found} == {"wrong"}
    assert deployed.doctor().code == 3


def test_a_missing_index_is_found(deployed: Deployed) -> None:
    deployed.cloud.sls.logstore(PROJECT, "audit").set_index(None)
    assert "index audit is missing" in [finding["what"] for finding in deployed.findings()]


def test_dead_letters_are_found(deployed: Deployed) -> None:
    deployed.cloud.smq.queue(DEAD).send("eA==")
    (finding,) = deployed.findings()
    assert (finding["check"], finding["remedy"]) == ("dead letters", "python -m ops dlq list")


def test_a_bin_that_is_off_is_found(deployed: Deployed) -> None:
    deployed.file_system.disable()
    (finding,) = deployed.findings()
    assert "1ca404a5e2" in finding["what"]
    assert "off" in finding["what"]


def test_a_file_system_that_does_not_exist_is_found(deployed: Deployed) -> None:
    deployed.policies.write_text(POLICIES.format(age="2d").replace("1ca404a5e2", "31a8e4beef"))
    found = deployed.findings()
    assert any("no file system 31a8e4beef" in finding["what"] for finding in found)


def test_an_age_the_bin_never_reaches_is_told(deployed: Deployed) -> None:
    deployed.file_system.set_reserved_days(3)
    deployed.policies.write_text(POLICIES.format(age="9d"))
    found = {finding["check"]: finding for finding in deployed.findings()}
    assert found["policies"]["level"] == "notice"
    whats = [finding["what"] for finding in deployed.findings()]
    assert any("ReservedDays" in what for what in whats)
    assert any("the newest run follows policies" in what for what in whats)


def test_a_hold_tag_is_a_notice(deployed: Deployed) -> None:
    deployed.file_system.tags["nas-retention"] = "hold"
    (finding,) = deployed.findings()
    assert finding["level"] == "notice"
    assert deployed.doctor().code == 0


def test_a_clock_that_is_wrong_is_found(deployed: Deployed) -> None:
    deployed.cloud.dispatcher.skew = 3600
    assert any("clock says" in finding["what"] for finding in deployed.findings())


def test_sweeps_that_stopped_are_found(deployed: Deployed) -> None:
    deployed.cloud.clock.sleep(13 * 3600)
    (finding,) = deployed.findings()
    assert finding["what"] == "no sweep in the last 12 h"


def test_what_cannot_be_looked_at_is_told_and_the_rest_still_checked(deployed: Deployed) -> None:
    key = AccessKey("LTAI5tHalf", "half-a-reader", allowed=frozenset({"*"}), denied=frozenset({"nas:*"}))
    deployed.cloud.keys.add(key)
    deployed.operator = replace(deployed.operator, key=key)
    deployed.cloud.smq.queue(DEAD).send("eA==")
    checks = {finding["check"]: finding["what"] for finding in deployed.findings()}
    assert set(checks) == {"dead letters", "file systems"}
    assert "missing permission: nas:GetRecycleBinAttribute" in checks["file systems"]


def test_a_service_that_does_not_answer_is_a_finding(deployed: Deployed) -> None:
    deployed.cloud.faults.add(Fault("mns-open", "*", "drop", times=0))
    checks = [finding["check"] for finding in deployed.findings()]
    assert checks == ["resources", "dead letters"]
