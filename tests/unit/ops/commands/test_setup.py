"""``ops setup``: shows its plan first, makes what is missing, changes what differs, and nothing else."""

import random
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from functions.retention.audit.ledger import VISIBILITY
from functions.retention.audit.schema import FIELDS, NOT_INDEXED
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
    assert set(keys) == set(FIELDS) - NOT_INDEXED
    assert all(key["doc_value"] for key in keys.values())
    numbers = {name for name, key in keys.items() if key["type"] == "long"}
    assert numbers >= {"size", "bytes", "jobs", "selected", "list_calls", "beyond_set"}
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


def test_the_audit_log_has_one_shard_that_never_splits(cloud: FakeCloud, operator: Operator) -> None:
    operator.run("setup", "--apply")
    audit, functions = (cloud.sls.logstore(PROJECT, name).settings for name in ("audit", "functions"))
    assert (audit["shardCount"], audit["autoSplit"]) == (1, False)
    assert (functions["shardCount"], functions["autoSplit"]) == (1, True)


def test_a_log_that_may_split_is_told_not_to_and_nothing_else_of_it_changes(
    cloud: FakeCloud, operator: Operator
) -> None:
    operator.run("setup", "--apply")
    cloud.sls.update_logstore(PROJECT, "audit", {"ttl": 3650, "autoSplit": True, "maxSplitShard": 8})
    cloud.sls.update_logstore(PROJECT, "functions", {"ttl": 7})
    found = actions(operator, "--apply")
    changed = {name for name, action in found.items() if action == "update"}
    assert changed == {"logstore audit", "logstore functions"}
    audit, functions = (cloud.sls.logstore(PROJECT, name).settings for name in ("audit", "functions"))
    assert (audit["ttl"], audit["autoSplit"]) == (3650, False)
    assert (functions["ttl"], functions["autoSplit"]) == (30, True)


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


def key_file(operator: Operator) -> Path:
    return Path(operator.environ["NAS_RETENTION_SEAL_KEY_FILE"])


def test_without_apply_no_seal_key_is_made(operator: Operator) -> None:
    answer = operator.run("setup", "--json")
    assert answer.json["seal_key"]["action"] == "create"
    assert not key_file(operator).exists()


def test_the_seal_key_is_made_once_for_its_owner_only_and_never_printed(operator: Operator) -> None:
    first = operator.run("setup", "--apply")
    path = key_file(operator)
    text = path.read_text().strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(bytes.fromhex(text)) == 32
    assert f'export NAS_RETENTION_SEAL_KEY="$(cat {path})"' in first.out
    second = operator.run("setup", "--apply", "--json")
    assert second.json["seal_key"]["action"] == "keep"
    assert path.read_text().strip() == text
    assert not any(text in part for part in (first.out, first.err, second.out, second.err))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_seal_key_that_others_can_reach_is_refused_before_anything_is_made(
    cloud: FakeCloud, operator: Operator, mode: int
) -> None:
    path = key_file(operator)
    path.parent.mkdir(parents=True)
    path.write_text(random.Random(1).randbytes(32).hex())
    path.chmod(mode)
    answer = operator.run("setup", "--apply")
    assert answer.code == 2
    assert f"chmod 600 {path}" in answer.err
    assert mutations(cloud) == []


@pytest.mark.parametrize("content", ["", "not a key", "ab" * 16, "é"])
def test_a_file_without_a_key_is_refused_and_not_quoted(operator: Operator, content: str) -> None:
    path = key_file(operator)
    path.parent.mkdir(parents=True)
    path.write_text(content)
    path.chmod(0o600)
    answer = operator.run("setup", "--apply")
    assert answer.code == 2
    assert f"seal key file {path}: key " in answer.err
    assert not content or content not in answer.err.replace(str(path), "")
    assert path.read_text() == content


def test_a_folder_in_place_of_the_key_file_is_refused(operator: Operator) -> None:
    key_file(operator).mkdir(parents=True)
    answer = operator.run("setup", "--apply")
    assert answer.code == 2
    assert "no regular file" in answer.err


def test_the_option_goes_before_the_variable_and_that_before_the_users_folder(
    operator: Operator, tmp_path: Path
) -> None:
    def path(environ: dict[str, str], *arguments: str) -> str:
        shell = replace(operator, environ={"NAS_RETENTION_ACCOUNT_ID": ACCOUNT_ID, **environ})
        return str(shell.run("setup", "--json", *arguments).json["seal_key"]["file"])

    home, xdg = {"HOME": str(tmp_path / "home")}, {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    variable = {"NAS_RETENTION_SEAL_KEY_FILE": str(tmp_path / "variable")}
    name = f"nas-retention/nas-retention-cn-hangzhou-{ACCOUNT_ID}.key"
    assert path(home) == f"{tmp_path}/home/.config/{name}"
    assert path(home | xdg) == f"{tmp_path}/xdg/{name}"
    assert path(home | xdg | variable) == f"{tmp_path}/variable"
    assert path(home | variable, "--seal-key-file", str(tmp_path / "option")) == f"{tmp_path}/option"


def test_without_a_place_for_the_seal_key_setup_says_how_to_name_one(operator: Operator) -> None:
    answer = replace(operator, environ={"NAS_RETENTION_ACCOUNT_ID": ACCOUNT_ID}).run("setup", "--apply")
    assert answer.code == 2
    assert "--seal-key-file" in answer.err


@pytest.mark.parametrize(
    "key",
    [
        AccessKey("LTAI5tQuotable\r", "secret-quotable", "token-quotable"),
        AccessKey("LTAI5tQuotable", "secret-quotable\r", "token-quotable"),
        AccessKey("LTAI5tQuotable", "secret-quotable", "token-quotable\r"),
    ],
    ids=["id", "secret", "token"],
)
def test_a_key_that_ends_in_a_carriage_return_is_refused_and_not_printed(
    cloud: FakeCloud, operator: Operator, key: AccessKey
) -> None:
    for command in (["setup"], ["setup", "--apply"], ["doctor"], ["dlq", "list"], ["status"]):
        answer = replace(operator, key=key).run(*command)
        assert answer.code == 2
        assert "ALIBABA_CLOUD_" in answer.err
        assert "uotable" not in answer.out + answer.err
    assert not cloud.dispatcher.log
