"""``ops follow``: every record of a run once, until it ends."""

import json
from pathlib import Path

import pytest

from fakes.cloud import FakeCloud
from fakes.core.faults import Fault
from tests.unit.ops.operator import Operator
from tests.unit.ops.test_invoke import DAY, FILE_SYSTEM, Deployed


@pytest.fixture
def deployed(cloud: FakeCloud, operator: Operator, tmp_path: Path) -> Deployed:
    return Deployed(cloud, operator, tmp_path)


def order(deployed: Deployed) -> str:
    answer = deployed.run("purge", FILE_SYSTEM, "--confirm", FILE_SYSTEM, "--json").json["answer"]
    return str(answer["run"])


def test_a_run_is_told_from_its_beginning_to_its_end(deployed: Deployed) -> None:
    run = order(deployed)
    assert deployed.host.run_until_idle(limit=DAY)
    deployed.cloud.clock.sleep(120)
    answer = deployed.operator.run("follow", run)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert "asked" in lines[0]
    assert "ended" in lines[-1]
    assert sum(" outcome " in line for line in lines) == 3
    assert any("reason=completed" in line for line in lines)


def test_records_come_as_lines_of_json_each_once(deployed: Deployed) -> None:
    run = order(deployed)
    assert deployed.host.run_until_idle(limit=DAY)
    deployed.cloud.clock.sleep(120)
    records = [json.loads(line) for line in deployed.operator.run("follow", run, "--json").out.splitlines()]
    assert len({record["event_id"] for record in records}) == len(records) > 5
    assert {record["run"] for record in records} == {run}


def test_patience_ends_and_says_so_by_its_code(deployed: Deployed) -> None:
    run, begun = order(deployed), deployed.cloud.clock.now()
    answer = deployed.operator.run("follow", run, "--for", "60")
    assert (answer.code, answer.err) == (3, f"run {run} has not ended yet\n")
    assert 60 <= deployed.cloud.clock.now() - begun < 80


def test_a_run_that_ended_badly_is_no_success(deployed: Deployed) -> None:
    deployed.policies.write_text(deployed.policies.read_text().replace("jobs: 1000", "jobs: 1"))
    run = order(deployed)
    assert deployed.host.run_until_idle(limit=DAY)
    deployed.cloud.clock.sleep(120)
    answer = deployed.operator.run("follow", run)
    assert answer.code == 3
    assert "reason=limits-exceeded" in answer.out


def test_a_log_that_is_silent_for_a_while_is_asked_again(deployed: Deployed) -> None:
    run = order(deployed)
    assert deployed.host.run_until_idle(limit=DAY)
    deployed.cloud.clock.sleep(120)
    deployed.cloud.faults.add(Fault("sls", "GetLogs", "drop", times=20))
    assert deployed.operator.run("follow", run).code == 0


def test_a_log_that_stays_silent_is_unreachable(deployed: Deployed) -> None:
    deployed.cloud.faults.add(Fault("sls", "GetLogs", "drop", times=0))
    assert deployed.operator.run("follow", "0" * 32, "--for", "30").code == 5


def test_a_run_that_nobody_knows_is_told_of(deployed: Deployed) -> None:
    answer = deployed.operator.run("follow", "0" * 32, "--for", "0")
    assert (answer.code, answer.err) == (3, f"run {'0' * 32} is not in the log, which shows records late\n")
