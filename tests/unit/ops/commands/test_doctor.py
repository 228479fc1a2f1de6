"""``ops doctor``: finds what is wrong with a deployment, says what to do, and changes nothing."""

import base64
import json
import random
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from functions.retention.cloud.settings import Credentials
from ops.commands.doctor import doctor
from ops.environment import Environment
from ops.screen import Screen
from ops.session import Session, Target
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


def test_an_audit_log_of_several_shards_is_found_with_what_to_do(deployed: Deployed) -> None:
    deployed.cloud.sls.logstore(PROJECT, "audit").shards.split(0, int(deployed.cloud.clock.now()))
    (finding,) = deployed.findings()
    assert (finding["level"], finding["check"]) == ("wrong", "log order")
    assert "logstore audit writes to 2 shards" in finding["what"]
    assert "merge its shards" in finding["remedy"]


def test_an_audit_log_that_may_split_is_found(deployed: Deployed) -> None:
    deployed.cloud.sls.update_logstore(PROJECT, "audit", {"autoSplit": True, "maxSplitShard": 8})
    (finding,) = deployed.findings()
    assert finding["what"] == "logstore audit autoSplit is True, not False"
    assert "ops setup" in finding["remedy"]


def test_shards_of_the_functions_own_log_do_not_matter(deployed: Deployed) -> None:
    deployed.cloud.sls.logstore(PROJECT, "functions").shards.split(0, int(deployed.cloud.clock.now()))
    assert deployed.findings() == []


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


def test_a_plan_of_another_policy_file_is_no_newest_run(deployed: Deployed) -> None:
    tried = deployed.policies.with_name("tried.yaml")
    tried.write_text(POLICIES.format(age="30d"))
    where = ("--local", "--policies", str(tried), "--s-yaml", str(deployed.s_yaml))
    assert deployed.operator.run("plan", "1ca404a5e2", *where).code == 0
    deployed.cloud.clock.sleep(120)
    assert deployed.findings() == []


def test_forty_file_systems_that_lack_the_same_are_one_line(deployed: Deployed) -> None:
    ids = [f"31a8e4be{number:02}" for number in range(40)]
    text = POLICIES.format(age="2d").replace("[1ca404a5e2]", f"[{', '.join(ids)}]", 1)
    deployed.policies.write_text(text.replace("1ca404a5e2", ids[0]))
    where = ("--s-yaml", str(deployed.s_yaml), "--policies", str(deployed.policies))
    lines = deployed.operator.run("doctor", *where).out.splitlines()
    (line,) = [line for line in lines if "there is no file system" in line]
    assert "40 file systems (31a8e4be00, 31a8e4be01, 31a8e4be02 and 37 more)" in line


class Noting(StringIO):
    """Notes when it is first written to."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock, self.first_at = clock, 0.0

    def write(self, text: str) -> int:
        self.first_at = self.first_at or self.clock.now()
        return super().write(text)


def test_a_dead_endpoint_is_told_of_within_ten_seconds(deployed: Deployed) -> None:
    deployed.cloud.faults.add(Fault("*", "*", "drop", times=0))
    clock = deployed.cloud.clock
    begun, out = clock.now(), Noting(clock)
    environment = Environment(
        environ=deployed.operator.environ, clock=clock, out=out, credentials=lambda: Credentials("id", "secret")
    )
    target = Target(s_yaml=deployed.s_yaml, policies=deployed.policies)
    assert doctor(Session(environment, target), Screen(environment, as_json=False)) == 3
    assert "could not look" in out.getvalue()
    assert out.first_at - begun < 10
    assert clock.now() - begun < 60


def test_each_check_has_a_line_as_it_is_made(deployed: Deployed) -> None:
    where = ("--s-yaml", str(deployed.s_yaml), "--policies", str(deployed.policies))
    lines = [line.split() for line in deployed.operator.run("doctor", *where).out.splitlines()]
    assert {"resources", "functions", "sweeps", "policies"} <= {line[1] for line in lines if line[0] == "ok"}


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


def keys(deployed: Deployed) -> list[tuple[str, str]]:
    found = deployed.findings()
    text = json.dumps(found)
    for secret in (deployed.environ["NAS_RETENTION_SEAL_KEY"], deployed.key_file.read_text().strip()):
        assert not secret or secret not in text
    return [(finding["level"], finding["what"]) for finding in found if "key" in finding["check"]]


def test_the_key_of_the_file_is_nothing_to_find(deployed: Deployed) -> None:
    assert keys(deployed) == []


def test_functions_without_a_seal_key_start_no_run(deployed: Deployed) -> None:
    deployed.environ["NAS_RETENTION_SEAL_KEY"] = ""
    deployed.redeploy()
    found = keys(deployed)
    assert len(found) == 3
    assert all(level == "wrong" and "has no SEAL_KEY, so it starts no run" in what for level, what in found)


def test_another_seal_key_is_found_and_neither_is_shown(deployed: Deployed) -> None:
    deployed.environ["NAS_RETENTION_SEAL_KEY"] = random.Random(5).randbytes(32).hex()
    deployed.redeploy()
    found = keys(deployed)
    assert len(found) == 3
    assert all(level == "wrong" and "is not the key in the file" in what for level, what in found)


def test_a_seal_key_that_cannot_be_used_is_found_and_not_shown(deployed: Deployed) -> None:
    deployed.environ["NAS_RETENTION_SEAL_KEY"] = "0123456789abcdef"
    deployed.redeploy()
    assert {what.partition(": ")[2] for _, what in keys(deployed)} == {"key has 8 bytes; takes 32 random bytes or more"}


def test_the_same_key_in_base64_is_the_same(deployed: Deployed) -> None:
    secret = bytes.fromhex(deployed.environ["NAS_RETENTION_SEAL_KEY"])
    deployed.environ["NAS_RETENTION_SEAL_KEY"] = base64.b64encode(secret).decode()
    deployed.redeploy()
    assert keys(deployed) == []


def test_without_a_key_file_here_the_doctor_says_that_it_cannot_tell(deployed: Deployed) -> None:
    deployed.key_file.rename(deployed.key_file.with_suffix(".moved"))
    (finding,) = deployed.findings()
    assert (finding["level"], finding["check"]) == ("notice", "seal key")
    assert "cannot be told" in finding["what"]


def test_a_key_file_that_others_can_read_is_wrong(deployed: Deployed) -> None:
    deployed.key_file.chmod(0o644)
    (finding, notice) = deployed.findings()
    assert (finding["level"], notice["level"]) == ("wrong", "notice")
    assert "chmod 600" in finding["what"]
