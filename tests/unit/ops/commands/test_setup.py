"""``ops setup``: shows its plan first, makes what is missing, changes what differs, and nothing else."""

from dataclasses import replace

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from functions.retention.audit.ledger import VISIBILITY
from functions.retention.audit.schema import FIELDS
from tests.unit.ops.operator import Operator

pytestmark = pytest.mark.slow

PROJECT = f"nas-retention-{ACCOUNT_ID}"
WORK, DEAD = "nas-retention-work", "nas-retention-dead-letters"
MUTATING = ("Create", "Set", "Update", "Delete", "Put", "Send")


def mutations(cloud: FakeCloud) -> list[str]:
    return [line.operation for line in cloud.dispatcher.log if line.operation.startswith(MUTATING)]


def actions(operator: Operator, *arguments: str) -> dict[str, str]:
    steps = operator.run("setup", "--json", *arguments).json["steps"]
    return {f"{step['kind']} {step['name']}": step["action"] for step in steps}


def test_without_apply_it_shows_everything_and_changes_nothing(cloud: FakeCloud, operator: Operator) -> None:
    answer = operator.run("setup")
    assert answer.code == 0
    for name in (WORK, DEAD, PROJECT, "audit", "functions", "nas-retention-no-sweep", "Nothing was changed"):
        assert name in answer.out
    assert mutations(cloud) == []
    assert cloud.smq.queues == ()


def test_with_apply_it_makes_everything_and_a_second_time_nothing(cloud: FakeCloud, operator: Operator) -> None:
    assert set(actions(operator, "--apply").values()) == {"create"}
    made = len(mutations(cloud))
    assert set(actions(operator, "--apply").values()) == {"keep"}
    assert len(mutations(cloud)) == made


def test_queues_keep_messages_long_and_bury_only_what_came_often(cloud: FakeCloud, operator: Operator) -> None:
    operator.run("setup", "--apply")
    work, dead = cloud.smq.queue(WORK), cloud.smq.queue(DEAD)
    assert work.attributes.visibility_timeout == VISIBILITY
    assert work.attributes.message_retention_period == dead.attributes.message_retention_period == 604_800
    assert work.dead_letter is not None
    assert work.dead_letter.queue is dead
    assert work.dead_letter.max_receive_count >= 16
    assert dead.dead_letter is None


def test_every_field_of_a_record_can_be_searched_and_counted(cloud: FakeCloud, operator: Operator) -> None:
    operator.run("setup", "--apply")
    index = cloud.sls.logstore(PROJECT, "audit").index
    assert index is not None
    keys = index.config.sent["keys"]
    assert set(keys) == set(FIELDS)
    assert all(key["doc_value"] for key in keys.values())
    numbers = {name for name, key in keys.items() if key["type"] == "long"}
    assert numbers >= {"size", "bytes", "jobs", "selected", "list_calls", "listed_again"}
    assert cloud.sls.logstore(PROJECT, "functions").index is not None


def test_what_differs_is_shown_and_put_right_and_the_rest_left_alone(cloud: FakeCloud, operator: Operator) -> None:
    operator.run("setup", "--apply")
    queue = cloud.smq.queue(WORK)
    queue.set_attributes(replace(queue.attributes, visibility_timeout=30, delay_seconds=9))
    steps = operator.run("setup", "--json").json["steps"]
    changed = [step for step in steps if step["action"] != "keep"]
    assert [(step["name"], step["changes"]) for step in changed] == [
        (WORK, [{"field": "VisibilityTimeout", "now": 30, "wanted": 1200}])
    ]
    assert "VisibilityTimeout: 30 -> 1200" in operator.run("setup").out
    operator.run("setup", "--apply")
    assert (queue.attributes.visibility_timeout, queue.attributes.delay_seconds) == (1200, 9)


def test_what_a_person_lengthened_or_added_stays(cloud: FakeCloud, operator: Operator) -> None:
    operator.run("setup", "--apply")
    store = cloud.sls.logstore(PROJECT, "audit")
    cloud.sls.update_logstore(PROJECT, "audit", {"ttl": 3650})
    dead_letter = cloud.smq.queue(WORK).dead_letter
    assert dead_letter is not None
    cloud.smq.queue(WORK).set_dead_letter(replace(dead_letter, max_receive_count=40))
    alert = cloud.sls.project(PROJECT).jobs.get("nas-retention-refused")
    alert["state"] = "Disabled"
    alert["configuration"]["policyConfiguration"]["actionPolicyId"] = "people"
    assert set(actions(operator, "--apply").values()) == {"keep"}
    assert store.settings["ttl"] == 3650


def test_an_update_of_an_alert_keeps_who_is_told(cloud: FakeCloud, operator: Operator) -> None:
    operator.run("setup", "--apply", "--action-policy", "people")
    alert = cloud.sls.project(PROJECT).jobs.get("nas-retention-refused")
    alert["configuration"]["queryList"][0]["query"] = "something else"
    assert actions(operator, "--apply")["alert nas-retention-refused"] == "update"
    alert = cloud.sls.project(PROJECT).jobs.get("nas-retention-refused")
    assert alert["configuration"]["queryList"][0]["query"] != "something else"
    assert alert["configuration"]["policyConfiguration"]["actionPolicyId"] == "people"


def test_a_shorter_log_and_a_spoilt_dashboard_are_mended(cloud: FakeCloud, operator: Operator) -> None:
    operator.run("setup", "--apply")
    cloud.sls.update_logstore(PROJECT, "audit", {"ttl": 7})
    cloud.sls.project(PROJECT).dashboards.get("nas-retention")["charts"].pop()
    found = actions(operator, "--apply")
    assert {name for name, action in found.items() if action == "update"} == {
        "logstore audit",
        "dashboard nas-retention",
    }
    assert cloud.sls.logstore(PROJECT, "audit").settings["ttl"] == 180
    assert set(actions(operator).values()) == {"keep"}


def test_a_lost_reply_to_a_create_is_no_failure(cloud: FakeCloud, operator: Operator) -> None:
    for service, operation in (("sls", "CreateLogStore"), ("mns-open", "CreateQueue"), ("sls", "CreateDashboard")):
        cloud.faults.add(Fault(service, operation, "drop", when="after"))
    answer = operator.run("setup", "--apply")
    assert answer.code == 0, answer.err
    assert set(actions(operator).values()) == {"keep"}


def test_a_refusal_halfway_is_partial_and_says_how_far_it_came(cloud: FakeCloud, operator: Operator) -> None:
    fault = Fault("sls", "CreateDashboard", "status", status=403, code="ProjectForbidden", message="no")
    cloud.faults.add(fault)
    answer = operator.run("setup", "--apply")
    assert answer.code == 3
    assert "7 steps done, then dashboard nas-retention" in answer.err
    assert operator.run("setup", "--apply").code == 0


def test_a_refusal_at_once_is_a_refusal(cloud: FakeCloud) -> None:
    key = AccessKey("LTAI5tNobody", "does-nothing-here", allowed=frozenset())
    cloud.keys.add(key)
    answer = Operator(cloud.clock, key=key).run("setup", "--apply", "--json")
    assert answer.code == 4
    assert answer.json["exit"] == 4
    assert "does-nothing-here" not in answer.out + answer.err


def test_silence_is_unreachable(cloud: FakeCloud, operator: Operator) -> None:
    cloud.faults.add(Fault("sls", "*", "drop", times=0))
    assert operator.run("setup").code == 5


@pytest.mark.parametrize("number", ["", "12", "x" * 16, "\u0661" * 16])
def test_an_account_number_is_needed(cloud: FakeCloud, number: str) -> None:
    answer = Operator(cloud.clock, environ={"NAS_RETENTION_ACCOUNT_ID": number}).run("setup")
    assert answer.code == 2
    assert "16 digits" in answer.err
    assert not cloud.dispatcher.log


def test_nothing_is_called_while_the_sdks_would_print_tokens(cloud: FakeCloud, operator: Operator) -> None:
    answer = replace(operator, environ={**operator.environ, "DEBUG": "sdk"}).run("setup")
    assert answer.code == 2
    assert "DEBUG" in answer.err
    assert not cloud.dispatcher.log


def test_an_unknown_option_is_a_usage_error(operator: Operator) -> None:
    assert operator.run("setup", "--no-such-option").code == 2


def test_both_policies_are_shown(operator: Operator) -> None:
    answer = operator.run("setup")
    assert "RAM policy of the functions' role" in answer.out
    assert "RAM policy of the deployer" in answer.out
    assert "nas:CreateRecycleBinDeleteJob" in answer.out
