"""``ops follow`` and ``--follow``: every record of a run once, until it ends; on a terminal a bar."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc.host import FunctionHost
from aliyun_fakes.nas import DurationModel, JobFault
from functions.retention.core.service_time import format_service_time, parse_service_time
from functions.retention.core.services import Record, Terms
from ops.commands.follow import MOST_RECORDS, Followed
from ops.invoke.invocation import Outcome
from tests.unit.ops.commands.test_invoke import DAY, FILE_SYSTEM, Deployed
from tests.unit.ops.operator import Operator

pytestmark = pytest.mark.slow

T = TypeVar("T")
NOW = 1_790_000_000.0


@dataclass(frozen=True)
class PlayingClock:
    """A clock whose sleeper lets the deployed functions work meanwhile."""

    clock: Clock
    host: FunctionHost

    def now(self) -> float:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.host.run_until(self.clock.now() + seconds)

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        return self.clock.gather(functions)


@pytest.fixture
def playing(deployed: Deployed) -> Operator:
    """An operator beside whom the functions work."""
    return replace(deployed.operator, clock=PlayingClock(deployed.cloud.clock, deployed.host))


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
    assert answer.code == 4
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


@pytest.mark.parametrize("run", ["latest", "0" * 31, "0" * 33, "A" * 32, "a\nb"])
def test_what_is_no_run_id_is_refused_before_anything_is_asked(deployed: Deployed, run: str) -> None:
    answer = deployed.operator.run("follow", run)
    assert answer.code == 2
    assert "is no run id: takes 32 characters" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert deployed.cloud.dispatcher.counts["sls", "GetLogs"] == 0


@dataclass(frozen=True)
class ImpatientClock:
    """A clock at whose first wait a person presses Ctrl-C."""

    clock: Clock

    def now(self) -> float:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        raise KeyboardInterrupt(seconds)

    def gather(self, functions: Sequence[Callable[[], T]]) -> list[T]:
        return self.clock.gather(functions)


def test_whoever_stops_following_reads_in_one_line_that_the_run_goes_on(deployed: Deployed) -> None:
    run = "0" * 32
    answer = replace(deployed.operator, clock=ImpatientClock(deployed.cloud.clock)).run("follow", run)
    assert answer.code == 130
    assert answer.err == f"run {run} goes on; follow it: ops follow {run}; stop it: ops cancel --run {run}\n"


def test_a_run_that_nobody_knows_is_told_of(deployed: Deployed) -> None:
    answer = deployed.operator.run("follow", "0" * 32, "--for", "0")
    assert (answer.code, answer.err) == (3, f"run {'0' * 32} is not in the log, which shows records late\n")


ORDER = ("purge", FILE_SYSTEM, "--confirm", FILE_SYSTEM)


def test_an_order_is_followed_to_the_end_of_its_run(deployed: Deployed, playing: Operator) -> None:
    answer = playing.run(*ORDER, "--follow")
    assert (answer.code, answer.err) == (0, "")
    assert "it counts first" in answer.out
    assert sum(" outcome " in line for line in answer.out.splitlines()) == 3
    assert "reason=completed" in answer.out.splitlines()[-1]
    assert deployed.file_system.bin_size == 5


def test_an_event_of_ones_own_is_followed_too(playing: Operator, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"action": "purge", "file_system": FILE_SYSTEM, "confirm": FILE_SYSTEM}))
    answer = playing.run("invoke", "console", "--event", str(event), "--follow", "--tail")
    assert answer.code == 0
    assert "reason=completed" in answer.out.splitlines()[-1]


def test_every_run_of_a_sweep_is_followed(deployed: Deployed, playing: Operator) -> None:
    second = "2ca404a5e2"
    deployed.cloud.nas.create_file_system(second)
    both = deployed.policies.read_text().replace(f"[{FILE_SYSTEM}]", f"[{FILE_SYSTEM}, {second}]")
    deployed.policies.write_text(both)
    answer = playing.run("invoke", "sweep", "--follow", "--json")
    told, *records = map(json.loads, answer.out.splitlines())
    runs = {run["run"] for run in told["answer"]["runs"]}
    assert len(runs) == 2
    assert {record["run"] for record in records if record["event"] == "ended"} == runs
    assert len({record["event_id"] for record in records}) == len(records)
    assert answer.code == 0


def test_the_worse_of_order_and_run_is_the_exit_code(deployed: Deployed, playing: Operator) -> None:
    deployed.policies.write_text(deployed.policies.read_text().replace("jobs: 1000", "jobs: 1"))
    assert playing.run(*ORDER, "--follow").code == 4


def test_following_an_order_has_its_patience(deployed: Deployed) -> None:
    begun = deployed.cloud.clock.now()
    answer = deployed.operator.run(*ORDER, "--follow", "--for", "60")
    assert answer.code == 3
    assert "has not ended yet" in answer.err
    assert 60 <= deployed.cloud.clock.now() - begun < 90


def test_where_no_run_goes_on_there_is_nothing_to_follow(deployed: Deployed) -> None:
    shown = deployed.operator.run("plan", FILE_SYSTEM, "--follow")
    refused = deployed.operator.run("purge", FILE_SYSTEM, "--follow")
    assert (shown.code, refused.code) == (0, 4)
    assert "nothing to follow" in shown.err
    assert "nothing to follow" in refused.err


def test_without_an_answer_nothing_is_begun_that_should_be_followed(deployed: Deployed) -> None:
    answer = deployed.operator.run("invoke", "sweep", "--async", "--follow")
    assert answer.code == 2
    assert "--async" in answer.err
    assert deployed.cloud.dispatcher.counts["fc", "InvokeFunction"] == 0


def test_a_terminal_has_a_bar_of_jobs_and_lines_of_the_rest(playing: Operator) -> None:
    answer = replace(playing, at_terminal=True).run(*ORDER, "--follow")
    out = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", answer.out)
    assert answer.code == 0
    assert "counting" in out
    assert "3 of 3 jobs completed" in out.splitlines()[-1]
    assert " surveyed " in out
    assert " intent " not in out
    assert " outcome " not in out


def test_a_bar_counts_what_is_done_so_far(deployed: Deployed, playing: Operator) -> None:
    deployed.file_system.durations = DurationModel(base=60)
    out = replace(playing, at_terminal=True).run(*ORDER, "--follow").out
    counts = [int(count) for count in re.findall(r"(\d) of 3 jobs", out)]
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3}


def test_a_job_that_failed_has_a_line_above_the_bar(deployed: Deployed, playing: Operator) -> None:
    deployed.file_system.job_faults.append(JobFault("Fail", nth=1))
    out = replace(playing, at_terminal=True).run(*ORDER, "--follow").out
    assert out.count(" outcome ") == 1
    assert "status=fail" in out


def test_records_for_a_program_are_not_mixed_with_bars(playing: Operator) -> None:
    answer = replace(playing, at_terminal=True).run(*ORDER, "--follow", "--json")
    assert [json.loads(line) for line in answer.out.splitlines()][-1]["reason"] == "completed"


def test_a_name_with_a_line_feed_forges_no_end_of_a_run(deployed: Deployed) -> None:
    forged = f"/logs/x\n2026-12-01T00:00:00Z {FILE_SYSTEM} ended reason=completed"
    deployed.file_system.recycle(forged, size=9, deleted_at=deployed.cloud.clock.now() - 30 * DAY)
    run = order(deployed)
    assert deployed.host.run_until_idle(limit=DAY)
    deployed.cloud.clock.sleep(120)
    lines = deployed.operator.run("follow", run).out.splitlines()
    assert [line.split()[2] for line in lines].count("ended") == 1
    assert any("x\\n2026-12-01" in line for line in lines)


@pytest.mark.parametrize(
    ("answer", "runs"),
    [
        ({"run": "a", "to_see_how_it_goes": {"action": "status", "run": "a"}}, ["a"]),
        ({"all_policies": {"complete": False, "to_see_the_rest": {"action": "status", "run": "a"}}}, ["a"]),
        ({"runs": [{"run": "a", "state": "started"}, {"run": "b", "state": "skipped"}]}, ["a"]),
        ({"slices": [{"run": "a", "state": "handed-over"}, {"run": "b", "state": "ended"}]}, ["a"]),
        ({"slices": [{"run": "a", "state": "duplicate"}, {"run": "a", "state": "requeued"}]}, ["a"]),
        ({"history": [{"run": "a"}]}, []),
        ("plain", []),
    ],
)
def test_an_answer_names_the_runs_that_go_on(answer: Any, runs: list[str]) -> None:  # noqa: ANN401 - any JSON value
    assert Outcome("id", json.dumps(answer).encode()).going_on() == runs


@dataclass(frozen=True)
class LongLog:
    """A log of one run with so many outcomes, a second each."""

    outcomes: int

    def put(self, records: Sequence[Record]) -> None:
        raise AssertionError(records)

    def find(self, terms: Terms, since: float, limit: int = 1000) -> list[Record]:
        run = str(terms["run"])
        lines = [
            {"event_id": str(second), "at": format_service_time(NOW + second), "event": "outcome", "run": run}
            for second in range(self.outcomes)
        ]
        lines.append({"event_id": "end", "at": format_service_time(NOW + self.outcomes), "event": "ended", "run": run})
        return [line for line in lines if (parse_service_time(line["at"]) or 0) >= since][:limit]


def test_the_end_of_a_run_of_more_records_than_a_search_shows_is_found() -> None:
    followed = Followed("r1")
    found = followed.fresh(LongLog(2 * MOST_RECORDS + 5), NOW - 10)
    assert len(found) == len(followed.seen) == 2 * MOST_RECORDS + 6
    assert followed.end == found[-1]
    assert followed.fresh(LongLog(2 * MOST_RECORDS + 5), NOW - 10) == []
