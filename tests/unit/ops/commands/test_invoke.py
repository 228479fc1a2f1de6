"""``ops invoke`` and the console's actions: the same answer through either API and here; codes say how it went."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from functions.retention.console.requests import MODELS
from ops.commands.invoke import CONSOLE
from ops.invoke.invocation import Outcome
from ops.names import ROOT
from tests.seal_key import SEAL_KEY
from tests.unit.ops.operator import Answer, Operator

pytestmark = pytest.mark.slow

DAY = 86_400.0
FILE_SYSTEM = "1ca404a5e2"
WAYS = (("--api", "fc3"), ("--api", "fc2"), ("--local",))
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


class Deployed:
    """A deployment with three old entries and a young one in its bin."""

    def __init__(self, cloud: FakeCloud, operator: Operator, folder: Path) -> None:
        self.cloud = cloud
        environ = {**operator.environ, "NAS_RETENTION_SEAL_KEY": SEAL_KEY}
        self.operator = replace(operator, environ=environ)
        self.policies = folder / "policies.yaml"
        self.policies.write_text(POLICIES)
        assert operator.run("setup", "--apply").code == 0
        self.file_system = cloud.nas.create_file_system(FILE_SYSTEM)
        for n in range(3):
            self.file_system.recycle(f"/logs/{n}.log", size=1000, deleted_at=cloud.clock.now() - 30 * DAY)
        self.file_system.recycle("/logs/young.log", size=5, deleted_at=cloud.clock.now() - 2 * DAY)
        self.host = cloud.deploy(ROOT / "s.yaml", variables={"POLICIES_FILE": str(self.policies), "SEAL_KEY": SEAL_KEY})

    def run(self, *arguments: str) -> Answer:
        here = ("--policies", str(self.policies)) if "--local" in arguments else ()
        return self.operator.run(*arguments, *here)


@pytest.fixture
def deployed(cloud: FakeCloud, operator: Operator, tmp_path: Path) -> Deployed:
    return Deployed(cloud, operator, tmp_path)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_same_answer(deployed: Deployed, way: tuple[str, ...]) -> None:
    answer = deployed.run("status", "--json", *way)
    assert answer.code == 0
    told = answer.json
    assert (told["error_type"], told["accepted"]) == ("", False)
    assert told["request_id"]
    assert told["answer"]["action"] == "status"
    assert told["answer"]["ok"] is True


@pytest.mark.parametrize("way", WAYS)
def test_a_plan_is_shown_and_carried_out(deployed: Deployed, way: tuple[str, ...]) -> None:
    shown = deployed.run("plan", FILE_SYSTEM, "--narrow", '{"path": "/logs/**"}', *way)
    assert shown.code == 0
    assert "plan_id" in shown.out
    deployed.cloud.clock.sleep(120)
    plan_id = deployed.run("plan", FILE_SYSTEM, "--json", *way).json["answer"]["plan_id"]
    deployed.cloud.clock.sleep(120)
    ordered = deployed.run("purge", FILE_SYSTEM, "--plan-id", plan_id, *way)
    assert ordered.code == 0, ordered.out
    assert deployed.host.run_until_idle(limit=DAY)
    assert deployed.file_system.bin_size == 5


@pytest.mark.parametrize("way", WAYS)
def test_a_refused_order_is_refused(deployed: Deployed, way: tuple[str, ...]) -> None:
    answer = deployed.run("purge", FILE_SYSTEM, *way)
    assert answer.code == 4
    assert "confirm" in answer.out
    assert deployed.file_system.bin_size == 3005


@pytest.mark.parametrize("way", WAYS)
def test_a_function_that_raises_is_told(deployed: Deployed, tmp_path: Path, way: tuple[str, ...]) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"file_systems": 7}')
    answer = deployed.run("invoke", "sweep", "--event", str(event), "--json", *way)
    assert answer.code == 4
    assert answer.json["error_type"] == "UnhandledInvocationError"
    assert answer.json["answer"]["errorType"] == "EventError"
    assert "The function raised" in deployed.run("invoke", "sweep", "--event", str(event), *way).out


@pytest.mark.parametrize("api", ["fc3", "fc2"])
def test_a_queued_invocation_is_accepted_and_then_runs(deployed: Deployed, api: Literal["fc2", "fc3"]) -> None:
    answer = deployed.run("invoke", "sweep", "--async", "--api", api)
    assert answer.code == 0
    assert "Accepted as" in answer.out
    assert deployed.host.run_until_idle(limit=DAY)
    assert deployed.file_system.bin_size == 5


@pytest.mark.parametrize("api", ["fc3", "fc2"])
def test_the_end_of_the_log_comes_on_demand(deployed: Deployed, api: str) -> None:
    assert "FC Invoke End" in deployed.run("invoke", "console", "--tail", "--json", "--api", api).json["log"]
    assert deployed.run("invoke", "console", "--json", "--api", api).json["log"] == ""


def test_here_nothing_can_be_queued(deployed: Deployed) -> None:
    assert deployed.run("invoke", "sweep", "--async", "--local").code == 2


@pytest.mark.parametrize("api", ["fc3", "fc2"])
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("fc", "InvokeFunction", "throttle", times=0), 5),
        (Fault("fc", "InvokeFunction", "status", times=0, status=500, code="InternalServerError", message="x"), 5),
        (Fault("fc", "InvokeFunction", "drop", times=0), 5),
        (Fault("fc", "InvokeFunction", "status", status=403, code="AccessDenied", message="x"), 4),
    ],
)
def test_codes_tell_refusals_from_silence(deployed: Deployed, api: str, fault: Fault, code: int) -> None:
    deployed.cloud.faults.add(fault)
    assert deployed.run("status", "--api", api).code == code


@pytest.mark.parametrize("api", ["fc3", "fc2"])
def test_an_order_whose_reply_was_lost_is_not_given_again(deployed: Deployed, api: str) -> None:
    deployed.cloud.faults.add(Fault("fc", "InvokeFunction", "drop", when="after", times=0))
    assert deployed.run("purge", FILE_SYSTEM, "--confirm", FILE_SYSTEM, "--api", api).code == 5
    assert deployed.cloud.dispatcher.counts["fc", "InvokeFunction"] == 1


@pytest.mark.parametrize("api", ["fc3", "fc2"])
def test_keys_and_tokens_are_never_shown_or_logged(
    deployed: Deployed, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], api: str
) -> None:
    caplog.set_level(logging.DEBUG)
    key = AccessKey("STS.operator", "the-secret", security_token="the-token", allowed=frozenset())
    deployed.cloud.keys.add(key)
    deployed.operator = replace(deployed.operator, key=key)
    answer = deployed.run("status", "--api", api)
    assert answer.code == 4
    everything = "".join([answer.out, answer.err, caplog.text, *capfd.readouterr()])
    assert "the-secret" not in everything
    assert "the-token" not in everything


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("plan", FILE_SYSTEM, "--narrow", "{"), "not JSON"),
        (("plan", FILE_SYSTEM, "--narrow", "[]"), "no JSON object"),
        (("invoke", "console", "--event", "no-such-file"), "no-such-file"),
        (("invoke", "nothing"), "nas-retention-console"),
        (("plan", FILE_SYSTEM, "--narrow", ""), "--narrow: is empty"),
        (("plan", FILE_SYSTEM, "--narrow", "{}"), "--narrow: is empty"),
        (("plan", FILE_SYSTEM, "--narrow", '{"up_to": 1, "up_to": 9}'), "the key 'up_to' is given twice"),
        (("plan", FILE_SYSTEM, "--narrow", '{"up_to": 1}', "--narrow", '{"up_to": 9}'), "is given twice"),
        (("purge", FILE_SYSTEM, "--confirm", FILE_SYSTEM, "--narrow", ""), "--narrow: is empty"),
        (("purge", FILE_SYSTEM, "--confirm", FILE_SYSTEM, "--plan-id", ""), "--plan-id: is empty"),
        (("plan", ""), "FILE_SYSTEM: is empty"),
        (("plan", FILE_SYSTEM, "--policies", "/nonexistent.yaml"), "--policies: a deployed function follows"),
        (("lint", "--policies", "/nonexistent.yaml"), "--policies: a deployed function follows"),
        (("invoke", "sweep", "--policies", "/nonexistent.yaml"), "--policies: a deployed function follows"),
        (("status", "--file-system", " "), "--file-system: is empty"),
        (("cancel", "--run", ""), "--run: is empty"),
        (("invoke", "sweep", "--event", ""), "--event: is empty"),
        (("invoke", "sweep", "--event", "/dev/null"), "there is nothing in it"),
        (("invoke", "sweep", "--event", "a.json", "--event", "b.json"), "is given twice"),
        (("plan", FILE_SYSTEM, "--endpoint-url", "nonsense"), "http://"),
        (("plan", FILE_SYSTEM, "--endpoint-url", "https://host:port"), "http://"),
    ],
)
def test_usage_errors_call_nothing(deployed: Deployed, arguments: tuple[str, ...], part: str) -> None:
    answer = deployed.run(*arguments)
    assert answer.code == 2
    assert part in answer.err
    assert deployed.cloud.dispatcher.counts["fc", "InvokeFunction"] == 0


def test_a_plan_of_a_file_that_is_only_tried_is_marked(deployed: Deployed) -> None:
    assert deployed.run("plan", FILE_SYSTEM, "--local").code == 0
    assert deployed.run("plan", FILE_SYSTEM).code == 0
    deployed.cloud.clock.sleep(120)
    records = deployed.cloud.sls.records(f"nas-retention-{ACCOUNT_ID}", "audit")
    surveys = {line["event_id"]: line.get("candidate") for line in records if line["event"] == "surveyed"}
    assert sorted(surveys.values(), key=str) == [None, "yes"]


def test_every_action_of_the_console_is_a_command() -> None:
    assert set(CONSOLE) == set(MODELS)


@pytest.mark.parametrize("event", sorted(path.name for path in (ROOT / "events").glob("console-*.json")))
def test_every_sample_of_the_console_can_be_sent(deployed: Deployed, event: str) -> None:
    answer = deployed.run("invoke", "console", "--event", str(ROOT / "events" / event), "--json", "--local")
    assert answer.json["answer"]["ok"] in (True, False)
    assert answer.code in (0, 4)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b'{"ok": true}', 0),
        (b'{"ok": true, "all": {"complete": false}}', 3),
        (b'{"ok": false, "error": {"code": "bad-request"}}', 4),
        (b'{"ok": false, "error": {"code": "service-failed"}}', 5),
        (b'{"runs": [{"state": "started"}, {"state": "skipped"}, {"state": "paused"}]}', 0),
        (b'{"runs": [{"state": "started"}, {"state": "refused"}]}', 3),
        (b'{"slices": [{"state": "ended"}, {"state": "dead-lettered"}]}', 3),
        (b'{"ok": true, "action": "lint", "findings": []}', 0),
        (b'{"ok": true, "action": "lint", "findings": [{"code": "took-nothing"}]}', 3),
        (b'{"ok": true, "action": "plan", "all_policies": {"stopped_by": []}, "enforcing_policies": "none"}', 0),
        (b'{"ok": true, "action": "plan", "all_policies": "the same", "enforcing_policies": {"stopped_by": ["x"]}}', 3),
        (b"plain", 0),
    ],
)
def test_answers_have_exit_codes(payload: bytes, code: int) -> None:
    assert Outcome("id", payload).exit_code() == code
