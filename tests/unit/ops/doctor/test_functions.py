"""``ops doctor`` on the deployed functions: each divergence from s.yaml and from the package here is a finding."""

from dataclasses import replace
from pathlib import Path

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from deployment.s_yaml import FunctionProps
from ops.doctor.functions import SETTINGS, DeployedTrigger, code, differences, triggers
from ops.doctor.functions import Deployed as DeployedFunction
from ops.names import ROOT, read_deployment
from tests.unit.ops.deployed import Deployed
from tests.unit.ops.operator import Operator

pytestmark = pytest.mark.slow

SWEEP, PURGE, CONSOLE = (f"nas-retention-{short}" for short in ("sweep", "purge", "console"))
OFTEN, RARE = (f"CRON_TZ=Asia/Shanghai 0 10 {hours} * * *" for hours in ("4,10,16,22", "4"))


@pytest.fixture
def deployed(cloud: FakeCloud, operator: Operator, tmp_path: Path) -> Deployed:
    return Deployed(cloud, operator, tmp_path)


@pytest.fixture
def purge() -> FunctionProps:
    return read_deployment(ROOT / "s.yaml", {}, ACCOUNT_ID).function("purge")


def as_deployed(props: FunctionProps, **settings: object) -> DeployedFunction:
    """A function as s.yaml has it, some settings apart."""
    told = {name: value for name, value in props.model_dump(by_alias=True).items() if name in SETTINGS}
    return DeployedFunction(told | settings, props.environment_variables, "1", "2026-11-01T00:00:00Z")


def whats(deployed: Deployed, check: str) -> list[str]:
    """What a check says; every other check must find nothing."""
    found = deployed.findings()
    assert {finding["check"] for finding in found} <= {check}
    assert all(finding["remedy"] for finding in found)
    return [finding["what"] for finding in found]


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_that_differs_is_found(purge: FunctionProps, name: str) -> None:
    assert list(differences(purge, as_deployed(purge))) == []
    (finding,) = differences(purge, as_deployed(purge, **{name: "other"}))
    assert finding.what.startswith(f"{PURGE}: {name} is other, not ")
    assert finding.level == "wrong"


def test_what_the_service_does_not_tell_is_no_match(purge: FunctionProps) -> None:
    told = as_deployed(purge)
    silent = replace(told, settings={name: value for name, value in told.settings.items() if name != "timeout"})
    assert [finding.what for finding in differences(purge, silent)] == [f"{PURGE}: timeout is None, not 240"]


def test_a_deployed_time_out_is_held_against_the_queue(deployed: Deployed) -> None:
    deployed.redeploy(("purge_timeout: 240", "purge_timeout: 290"))
    assert [(finding["check"], finding["what"]) for finding in deployed.findings()] == [
        ("functions", f"{PURGE}: timeout is 290, not 240"),
        ("time-outs", "4 attempts of purge at 290 s take 1220 s; a message is hidden for 1200 s"),
    ]
    assert deployed.doctor().code == 3


def test_a_time_out_that_would_be_deployed_next_is_held_against_the_queue_too(deployed: Deployed) -> None:
    text = deployed.s_yaml.read_text(encoding="utf-8")
    deployed.s_yaml.write_text(text.replace("purge_timeout: 240", "purge_timeout: 290"), encoding="utf-8")
    assert [finding["check"] for finding in deployed.findings()] == ["functions", "time-outs"]


def test_memory_that_differs_is_found_for_each_function(deployed: Deployed) -> None:
    deployed.redeploy(("memory: 512", "memory: 1024"))
    assert whats(deployed, "functions") == [f"{name}: memorySize is 1024, not 512" for name in (SWEEP, PURGE, CONSOLE)]


def test_variables_that_differ_are_found_and_strange_values_not_shown(deployed: Deployed) -> None:
    deployed.redeploy(
        ("        WORK_QUEUE: ${vars.work_queue}\n", "        WORK_QUEUE: another\n"),
        ("        POLICIES_FILE: functions/policies.yaml\n", "        TOKEN: very-secret\n"),
    )
    found = [what.removeprefix(f"{PURGE}: ") for what in whats(deployed, "functions") if what.startswith(PURGE)]
    assert found == [
        "variable POLICIES_FILE is not set",
        "variable TOKEN is set, which s.yaml does not set",
        "variable WORK_QUEUE is another, not nas-retention-work",
    ]
    assert "very-secret" not in deployed.doctor().out


def test_functions_that_are_not_deployed_are_found_once_each(cloud: FakeCloud, operator: Operator) -> None:
    assert operator.run("setup", "--apply").code == 0
    found = operator.run("doctor", "--json").json["findings"]
    missing = [finding for finding in found if finding["check"] in ("functions", "triggers", "code")]
    assert [finding["what"] for finding in missing] == [f"{name} is not deployed" for name in (SWEEP, PURGE, CONSOLE)]
    assert {finding["level"] for finding in missing} == {"wrong"}
    assert cloud.fc.host is None


def test_a_missing_trigger_is_found_and_one_too_many_told(purge: FunctionProps) -> None:
    missing, extra = triggers(purge, [DeployedTrigger("web", {})])
    assert (missing.level, missing.what) == ("wrong", f"trigger work of {PURGE} is not deployed")
    assert (extra.level, extra.what) == ("notice", f"{PURGE} has a trigger web, which s.yaml does not have")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("            enable: true", "            enable: false"), f"trigger sweep-timer of {SWEEP} is disabled"),
        (("triggerEnable: true", "triggerEnable: false"), f"trigger work of {PURGE} is disabled"),
        (("0 10 4,10,16,22 *", "0 10 4 *"), f"trigger sweep-timer of {SWEEP}: cronExpression is {RARE}, not {OFTEN}"),
        (("purge_batch: 6", "purge_batch: 7"), f"trigger work of {PURGE}: CountBasedWindow is 7, not 6"),
    ],
)
def test_a_trigger_that_is_off_or_set_otherwise_is_found(
    deployed: Deployed, change: tuple[str, str], what: str
) -> None:
    deployed.redeploy(change)
    assert whats(deployed, "triggers") == [what]


def test_a_trigger_that_is_on_against_s_yaml_is_found(deployed: Deployed) -> None:
    text = deployed.s_yaml.read_text(encoding="utf-8")
    deployed.s_yaml.write_text(text.replace("            enable: true", "            enable: false"), encoding="utf-8")
    assert whats(deployed, "triggers") == [f"trigger sweep-timer of {SWEEP}: enable is True, not False"]


def test_a_configuration_told_in_another_form_is_the_same(purge: FunctionProps) -> None:
    config = purge.triggers[0].trigger_config.model_dump(by_alias=True, exclude_none=True)
    spaced = config["eventRuleFilterPattern"].replace(":", ": ")
    less = {name: value for name, value in config.items() if name != "runOptions"}
    assert list(triggers(purge, [DeployedTrigger("work", less | {"eventRuleFilterPattern": spaced, "more": 1})])) == []


def test_code_that_is_not_the_package_here_is_told(deployed: Deployed, purge: FunctionProps) -> None:
    one, two = as_deployed(purge), replace(as_deployed(purge), code_checksum="2")
    assert list(code({"a": one, "b": one}, "x.zip", "1")) == []
    (other,) = code({"a": one, "b": one}, "x.zip", "7")
    assert other.what == "x.zip here is not what is deployed: a (2026-11-01T00:00:00Z), b (2026-11-01T00:00:00Z)"
    mixed, stale = code({"a": one, "b": two}, "x.zip", "2")
    assert (mixed.level, stale.level) == ("wrong", "notice")
    assert "different packages: a (2026-11-01T00:00:00Z): 1; b (2026-11-01T00:00:00Z): 2" in mixed.what
    elsewhere = deployed.s_yaml.with_name("uploaded.zip")
    elsewhere.write_bytes(b"an older package")
    deployed.cloud.deploy(ROOT / "s.yaml", package=elsewhere)
    (what,) = whats(deployed, "code")
    assert what.startswith("nas-retention.zip here is not what is deployed: ")
    assert deployed.doctor().code == 0


def test_a_checksum_that_is_not_told_is_no_match(purge: FunctionProps) -> None:
    one, silent = as_deployed(purge), replace(as_deployed(purge), code_checksum="")
    (found,) = code({"a": one, "b": silent}, "x.zip", "1")
    assert found.what == "Function Compute tells no checksum of b (2026-11-01T00:00:00Z)"


def test_without_a_package_here_nothing_is_claimed_about_the_code(deployed: Deployed) -> None:
    deployed.package.unlink()
    (what,) = whats(deployed, "code")
    assert what == "no file nas-retention.zip here: whether that is what is deployed cannot be told"
    assert deployed.doctor().code == 0


@pytest.mark.parametrize(
    ("denied", "checks"),
    [
        (("fc:GetFunction",), {"functions"}),
        (("fc:ListTriggers",), {"triggers"}),
        (("fc:GetFunction", "fc:ListTriggers"), {"functions", "triggers"}),
    ],
)
def test_functions_that_may_not_be_looked_at_are_a_finding(
    deployed: Deployed, denied: tuple[str, ...], checks: set[str]
) -> None:
    key = AccessKey("LTAI5tBlind", "blind", denied=frozenset(denied))
    deployed.cloud.keys.add(key)
    deployed.operator = replace(deployed.operator, key=key)
    found = deployed.findings()
    assert {finding["check"] for finding in found} == checks
    assert all(
        "could not look" in finding["what"] and "missing permission: fc:" in finding["what"] for finding in found
    )
    assert len(found) == 3 * len(denied)
    assert deployed.doctor().code == 3


@pytest.mark.parametrize("kind", ["throttle", "drop"])
def test_a_look_that_fails_once_is_repeated(deployed: Deployed, kind: str) -> None:
    deployed.cloud.faults.add(Fault("fc", "GetFunction", kind))  # type: ignore[arg-type]  # parameter sets are text
    assert deployed.findings() == []


def test_a_service_that_stays_silent_is_a_finding(deployed: Deployed) -> None:
    deployed.cloud.faults.add(Fault("fc", "*", "drop", times=0))
    assert {finding["check"] for finding in deployed.findings()} == {"functions", "triggers"}
