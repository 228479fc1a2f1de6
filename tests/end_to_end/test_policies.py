"""What a policy file can say, each told by what goes and what stays."""

import json
from pathlib import Path

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel, JobFault
from demo import brute_force
from tests.end_to_end.stage import DAY, POLICIES, RULES, Stage, stage

MIB = 1 << 20


def sizes_in_order(play: Stage) -> list[int]:
    """Bytes of the targets in the order their jobs were created."""
    targets = {entry.file_id: entry.size for entry in play.before.values()}
    return [targets[job.file_id] for job in play.file_system.job_log]


def many_sizes(play: Stage, count: int = 60) -> None:
    """Files of all sizes in two directories; the older they are the smaller."""
    for directory in ("/a", "/b"):
        files = [(f"{n}.bin", 4 ** (n % 11), play.now - (40 - n / 4) * DAY) for n in range(count // 2)]
        play.file_system.recycle_many(directory, files)
    play.remember()


@pytest.mark.parametrize("order", ["as-found", "largest-first", "oldest-first"])
def test_every_order_takes_the_same_in_as_few_jobs(tmp_path: Path, order: str) -> None:
    with stage(tmp_path, policies=POLICIES + f"    order: {order}\n") as play:
        many_sizes(play)
        play.fill()
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == brute_force.fewest_jobs(play.before.values(), RULES, play.began_at)


def test_largest_first_has_nine_tenths_of_the_bytes_after_few_jobs(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES + "    order: largest-first\n") as play:
        many_sizes(play)
        play.sweep()
        sizes = sizes_in_order(play)
        assert len(sizes) == 60
        assert sum(sizes[:15]) >= 0.9 * sum(sizes)


def test_oldest_first_deletes_the_older_half_first(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES + "    order: oldest-first\n") as play:
        many_sizes(play)
        play.sweep()
        deleted = {entry.file_id: entry.delete_time for entry in play.before.values()}
        times = [deleted[job.file_id] for job in play.file_system.job_log]
        half = len(times) // 2
        assert sum(times[:half]) / half < sum(times[half:]) / half
        assert max(times[: half // 2]) < max(times)


def test_a_capacity_rule_takes_the_oldest_until_the_bin_is_below_it(tmp_path: Path) -> None:
    policies = POLICIES.replace("older_than: 7d", "keep_bin_below: 40MiB\n    unsafe-select-everything: true")
    with stage(tmp_path, policies=policies) as play:
        files = [(f"{n}.bin", MIB, play.now - (2 + n) * DAY) for n in range(60)]
        play.file_system.recycle_many("/many", files)
        play.remember()
        play.sweep()
        assert play.ends() == ["completed"]
        left = brute_force.present(play.file_system).values()
        kept, gone = {entry.delete_time for entry in left}, play.before.keys() - brute_force.present(play.file_system)
        assert sum(entry.size for entry in left) == 40 * MIB
        assert max(deleted for _, deleted in gone) < min(kept)
        assert play.unannounced == []


def test_a_bin_that_is_small_enough_loses_nothing_to_a_capacity_rule(tmp_path: Path) -> None:
    policies = POLICIES.replace("older_than: 7d", "keep_bin_below: 1TiB")
    with stage(tmp_path, policies=policies) as play:
        play.fill()
        play.sweep()
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == 0


def test_a_canary_that_does_well_lets_the_run_go_on(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES + "    canary: 3\n") as play:
        play.fill()
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]


@pytest.mark.parametrize("status", ["Fail", "PartialSuccess"])
def test_a_canary_that_does_badly_ends_the_run(tmp_path: Path, status: str) -> None:
    with stage(tmp_path, policies=POLICIES + "    canary: 3\n") as play:
        play.fill()
        play.file_system.job_faults.append(JobFault(status, nth=2))  # type: ignore[arg-type]  # parametrised
        play.sweep()
        assert play.ends() == ["canary-failed"]
        assert play.file_system.jobs_created == 3
        play.check(complete=False)


def test_outside_the_window_no_job_starts_and_the_next_sweep_resumes(tmp_path: Path) -> None:
    # The stage begins at 14:13 UTC.
    policies = POLICIES.replace("min_age: 1d", 'min_age: 1d\n  window: {hours: "14:00-14:20", time_zone: UTC}')
    with stage(tmp_path, policies=policies) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=100)
        play.sweep()
        assert play.ends() == ["window-closed"]
        closes = play.began_at + 400
        assert play.file_system.jobs_created > 0
        assert max(job.start for job in play.file_system.job_log) <= closes
        assert {line["client_token"] for line in play.records("intent")} == {
            line["client_token"] for line in play.records("outcome")
        }
        play.check(complete=False)


def test_pause_in_the_file_stops_everything(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES.replace("min_age: 1d", "min_age: 1d\n  pause: true")) as play:
        play.fill()
        play.sweep()
        assert play.file_system.jobs_created == 0
        assert [(line["event"], line["reason"]) for line in play.records()] == [("swept", "paused")]


def test_a_policy_by_tag_applies_while_the_file_system_has_the_tag(tmp_path: Path) -> None:
    by_tag = "    file_systems: {tags: {retention: 'on'}}\n    older"
    policies = POLICIES.replace("    file_systems: [1ca404a5e2]\n    older", by_tag)
    with stage(tmp_path, policies=policies) as play:
        play.fill()
        play.sweep()
        assert play.file_system.jobs_created == 0
        play.file_system.tags["retention"] = "on"
        play.sweep()
        assert play.file_system.jobs_created == 0
        play.cloud.clock.sleep(DAY + 60)
        play.remember()
        play.sweep()
        play.check()


def test_a_sweep_carries_out_enforcing_policies_and_tells_of_the_others(tmp_path: Path) -> None:
    other = """  - name: younger
    file_systems: [1ca404a5e2]
    older_than: 2d
    mode: dry-run
"""
    with stage(tmp_path, policies=POLICIES + other) as play:
        play.fill()
        play.sweep()
        play.check()
        plans = {line["mode"]: json.loads(line["by_policy"]) for line in play.records("surveyed")}
        assert set(plans) == {"enforce", "dry-run"}
        assert set(plans["enforce"]) == {"aged"}
        assert set(plans["dry-run"]) == {"younger"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_amid_the_canary_fails_no_canary(tmp_path: Path, when: str) -> None:
    crash = Fault("nas", "CreateRecycleBinDeleteJob", "crash", when=when, nth=3)  # type: ignore[arg-type]  # parametrised
    with stage(tmp_path, policies=POLICIES + "    canary: 3\n", faults=[crash]) as play:
        play.fill()
        play.sweep()
        assert play.ends() == ["completed"]
        play.check()


@pytest.mark.parametrize("rule", ["older_than: 7d", "keep_bin_below: 1KB\n    unsafe-select-everything: true"])
def test_no_run_walks_the_bin_more_than_three_times(tmp_path: Path, rule: str) -> None:
    ordered = POLICIES.replace("older_than: 7d", f"{rule}\n    order: largest-first")
    with stage(tmp_path, policies=ordered) as play:
        for number in range(60):
            play.file_system.recycle(f"/d/{number}", size=2 ** (number % 20), deleted_at=play.now - 20 * DAY)
        play.sweep()
        assert play.ends() == ["completed"]
        assert play.calls("ListRecycledDirectoriesAndFiles") <= 3 * 2 + 1  # a slice lists where it goes on
