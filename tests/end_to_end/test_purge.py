"""One purge, end to end: timer, sweep, queue, purge, jobs, hand-overs, outcome."""

from pathlib import Path

import pytest

from aliyun_fakes.nas import DurationModel
from demo import brute_force
from tests.end_to_end.stage import POLICIES, RULES, Reading, stage


@pytest.mark.parametrize("reading", ["serial", "concurrent"])
def test_a_sweep_deletes_what_is_aged_and_nothing_else(tmp_path: Path, reading: Reading) -> None:
    with stage(tmp_path, reading=reading) as play:
        play.fill()
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == brute_force.fewest_jobs(play.before.values(), RULES, play.began_at)


def test_every_intent_has_one_outcome_and_all_is_summed_up_at_the_end(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.sweep()
        intents, outcomes = play.records("intent"), play.records("outcome")
        assert sorted(line["client_token"] for line in intents) == sorted(line["client_token"] for line in outcomes)
        assert {line["status"] for line in outcomes} == {"success"}
        (end,) = play.records("ended")
        going = brute_force.must_go(play.before.values(), RULES, play.began_at)
        assert int(end["bytes"]) == sum(play.before[key].size for key in going)
        assert int(end["entries"]) == len(going)


def test_long_jobs_are_handed_over_and_not_slept_through(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=1800)
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]
        billed = sum(record.billed_seconds for record in play.host.invocations)
        assert billed < 0.1 * (play.now - play.began_at)
        assert len(play.records("handed-over")) >= play.file_system.jobs_created


def test_a_dry_run_says_what_would_go_and_touches_nothing(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES.replace("enforce", "dry-run")) as play:
        play.fill()
        play.sweep()
        assert play.file_system.jobs_created == 0
        assert play.calls("CreateRecycleBinDeleteJob") == 0
        (plan,) = play.records("surveyed")
        assert int(plan["jobs"]) == brute_force.fewest_jobs(play.before.values(), RULES, play.began_at)
        assert play.ends() == ["completed"]


def test_a_run_that_would_exceed_a_limit_does_nothing_and_says_by_how_much(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES.replace("jobs: 100000", "jobs: 3")) as play:
        play.fill()
        play.sweep()
        assert play.file_system.jobs_created == 0
        (end,) = play.records("ended")
        assert end["reason"] == "limits-exceeded"
        jobs = brute_force.fewest_jobs(play.before.values(), RULES, play.began_at)
        assert f"{jobs} jobs, {jobs - 3} over the limit of 3" in end["detail"]


def test_a_limit_of_zero_is_a_number(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES.replace("jobs: 100000", "jobs: 0")) as play:
        play.fill()
        play.sweep()
        assert play.ends() == ["limits-exceeded"]
        assert play.file_system.jobs_created == 0


def test_the_next_sweep_takes_what_has_aged_since(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.sweep()
        play.host.run_until(play.began_at + 6 * 86_400)
        play.remember()
        play.sweep()
        play.check()
        assert set(play.ends()) == {"completed"}


def test_a_sweep_leaves_a_file_system_alone_whose_run_is_alive(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=1800)
        play.host.fire("sweep-timer")
        play.host.run_until(play.now + 600)
        play.sweep()
        first, *others = [line["reason"] for line in play.records("swept")]
        assert (first, set(others)) == ("started", {"skipped"})
        play.check()
        assert play.ends() == ["completed"]
