"""What the tags of a file system decide: paths that they protect, and policies that they choose."""

from pathlib import Path

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel
from aliyun_fakes.sls.codec import Log, LogGroup
from demo import brute_force
from tests.end_to_end.stage import DAY, FILE_SYSTEM, LOGSTORE, POLICIES, PROJECT, Stage, stage
from tests.end_to_end.test_console import ask

PROTECT = "nas-retention-protect"
HELD = brute_force.Rules(older_than=7 * DAY, protected=("/keep", "/logs", "/projects/mixed"))


def test_paths_that_the_tag_names_stay_and_the_rest_goes(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags[PROTECT] = "/logs/**:/projects/mixed/**"
        play.fill()
        play.sweep()
        play.check(rules=HELD)
        assert play.ends() == ["completed"]


def test_explain_and_plan_name_the_tag_that_keeps_an_entry(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags[PROTECT] = "/logs/**"
        play.fill()
        (entry,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/app-3.log")["in_the_bin"]
        assert (entry["goes"], entry["rule"]) == (False, "tag nas-retention-protect: /logs/**")
        planned = ask(play, "plan", file_system=FILE_SYSTEM)["enforcing_policies"]
        assert "tag nas-retention-protect: /logs/**" in planned["protected"]


@pytest.mark.parametrize("value", ["", "logs", "/logs/**, /projects/**", "/mnt/nas/logs/**"])
def test_a_tag_that_cannot_be_read_keeps_the_whole_file_system_and_says_so(tmp_path: Path, value: str) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags[PROTECT] = value
        play.fill()
        play.sweep()
        assert play.ends() == ["protect-tag-unreadable"]
        assert play.file_system.jobs_created == 0
        answer = play.invoke("console", {"action": "plan", "file_system": FILE_SYSTEM})
        assert answer["error"]["code"] == "protect-tag-unreadable"


def test_a_tag_that_becomes_unreadable_ends_the_run_within_a_minute(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.durations = DurationModel(base=20)
        play.fill()
        play.later(100, lambda: play.file_system.tags.update({PROTECT: "everything!"}))
        play.sweep()
        assert play.ends() == ["protect-tag-unreadable"]
        assert max(job.start for job in play.file_system.job_log) <= play.began_at + 100 + 65
        play.check(complete=False)


def _scoped(scope: str) -> str:
    return POLICIES.replace("protect: [/keep/**]", f"protect: [/keep/**, {{paths: [/logs/**], {scope}}}]")


@pytest.mark.parametrize("scope", ["policies: [aged]", f"file_systems: [{FILE_SYSTEM}]"])
def test_what_the_file_protects_for_a_scope_stays(tmp_path: Path, scope: str) -> None:
    with stage(tmp_path, policies=_scoped(scope)) as play:
        play.fill()
        play.sweep()
        play.check(rules=brute_force.Rules(older_than=7 * DAY, protected=("/keep", "/logs")))
        assert play.ends() == ["completed"]


BY_TAG = POLICIES.replace("file_systems: [1ca404a5e2]\n    older", "file_systems: {tags: {tier: scratch}}\n    older")


def next_sweep(play: Stage, seconds: float) -> str:
    """The end of the run of a sweep so many seconds later."""
    play.cloud.clock.sleep(seconds)
    play.remember()
    play.sweep()
    return play.ends()[-1]


def test_a_tag_that_chooses_a_policy_arms_nothing_for_a_day(tmp_path: Path) -> None:
    with stage(tmp_path, policies=BY_TAG) as play:
        play.file_system.tags["tier"] = "scratch"
        play.fill()
        assert [next_sweep(play, 6 * 3600) for _ in range(4)] == ["policies-differ"] * 4
        assert play.file_system.jobs_created == 0
        assert "policy aged applies" in play.records("ended")[0]["detail"]
        assert int(play.records("surveyed")[0]["selected"]) > 0
        assert next_sweep(play, 7 * 3600) == "completed"
        play.check()


def test_a_tag_that_goes_back_and_forth_begins_the_day_anew(tmp_path: Path) -> None:
    both = POLICIES + BY_TAG[BY_TAG.index("  - name: aged") :].replace("aged", "scratch").replace("7d", "2d")
    with stage(tmp_path, policies=both.replace("older_than: 7d", "older_than: 90d", 1)) as play:
        play.file_system.tags["tier"] = "scratch"
        play.fill()
        assert next_sweep(play, 0) == "policies-differ"
        play.file_system.tags.clear()
        assert next_sweep(play, 20 * 3600) == "completed"
        play.file_system.tags["tier"] = "scratch"
        assert next_sweep(play, 3600) == "policies-differ"
        assert next_sweep(play, 20 * 3600) == "policies-differ"
        assert play.file_system.jobs_created == 0
        assert next_sweep(play, 4 * 3600) == "completed"
        assert play.file_system.jobs_created > 0


def test_paths_that_the_tag_protects_no_more_stay_for_another_day(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags[PROTECT] = "/logs/**:/home/**"
        play.fill()
        play.sweep()
        before = play.file_system.jobs_created
        play.file_system.tags[PROTECT] = "/home/**"
        assert next_sweep(play, 30 * 3600) == "policies-differ"
        assert "/logs/** protects no more" in play.records("ended")[-1]["detail"]
        assert play.file_system.jobs_created == before
        assert next_sweep(play, 25 * 3600) == "completed"
        play.check(rules=brute_force.Rules(older_than=7 * DAY, protected=("/keep", "/home")))


def test_a_plan_id_lets_one_run_go_before_the_day_is_over(tmp_path: Path) -> None:
    with stage(tmp_path, policies=BY_TAG) as play:
        play.file_system.tags["tier"] = "scratch"
        play.fill()
        plan = ask(play, "plan", file_system=FILE_SYSTEM)["plan_id"]
        ask(play, "purge", file_system=FILE_SYSTEM, plan_id=plan)
        assert play.host.run_until_idle(limit=DAY)
        play.check()


def test_the_survey_of_a_run_that_may_not_delete_is_no_plan_to_purge(tmp_path: Path) -> None:
    with stage(tmp_path, policies=BY_TAG + "    canary: 3\n") as play:
        play.file_system.tags["tier"] = "scratch"
        play.fill()
        play.sweep()
        (surveyed,) = play.records("surveyed")
        assert "set" not in surveyed
        request = {"action": "purge", "file_system": FILE_SYSTEM, "plan_id": surveyed["plan_id"]}
        assert play.invoke("console", request)["ok"] is False
        assert play.host.run_until_idle(limit=DAY)
        assert play.file_system.jobs_created == 0


def test_a_plan_does_not_outlive_the_tags_it_was_made_under(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.tags[PROTECT] = "/logs/**"
        play.fill()
        plan = ask(play, "plan", file_system=FILE_SYSTEM)["plan_id"]
        play.file_system.tags[PROTECT] = "/projects/**"
        ask(play, "purge", file_system=FILE_SYSTEM, plan_id=plan)
        assert play.host.run_until_idle(limit=DAY)
        assert play.ends() == ["policy-changed"]
        assert play.file_system.jobs_created == 0


def test_zero_switches_the_wait_off(tmp_path: Path) -> None:
    policies = BY_TAG.replace("min_age: 1d", "min_age: 1d\n  tags_unchanged_for: 0")
    with stage(tmp_path, policies=policies) as play:
        play.file_system.tags["tier"] = "scratch"
        play.fill()
        play.sweep()
        play.check()


@pytest.mark.parametrize("tags", [{PROTECT: "/none/**"}, {"tier": "scratch"}, {PROTECT: "/a:/b"}])
def test_what_follows_from_tags_must_not_change_in_mid_run(tmp_path: Path, tags: dict[str, str]) -> None:
    both = POLICIES + BY_TAG[BY_TAG.index("  - name: aged") :].replace("aged", "scratch").replace("7d", "2d")
    with stage(tmp_path, policies=both) as play:
        play.file_system.durations = DurationModel(base=20)
        play.fill()
        play.later(100, lambda: play.file_system.tags.update(tags))
        play.sweep()
        assert play.ends() == ["policy-changed"]
        assert 0 < max(job.start for job in play.file_system.job_log) <= play.began_at + 100 + 65
        play.check(complete=False)


def test_other_tags_may_change_all_the_time(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES) as play:
        play.file_system.durations = DurationModel(base=20)
        play.fill()
        for minute in range(1, 9):
            play.later(40.0 * minute, lambda at=minute: play.file_system.tags.update(backup=str(at)))  # type: ignore[misc]  # mypy has no type for the default
        play.sweep()
        assert play.ends() == ["completed"]
        play.check()


def test_a_change_in_mid_run_is_remembered_when_it_was_taken_back(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.durations = DurationModel(base=20)
        play.fill()
        play.later(100, lambda: play.file_system.tags.update({PROTECT: "/logs/**"}))
        play.sweep()
        assert play.ends() == ["policy-changed"]
        del play.file_system.tags[PROTECT]
        assert next_sweep(play, 3600) == "policies-differ"


def _write_to_log(play: Stage, record: dict[str, str], at: float) -> None:
    """Write a record as somebody who may put logs, with a time of one's own."""
    contents = [(name.encode(), value.encode()) for name, value in record.items()]
    fields = [_part(0x0A, name) + _part(0x12, value) for name, value in contents]
    raw = b"\x08" + _varint(int(at)) + b"".join(_part(0x12, each) for each in fields)
    store = play.cloud.sls.logstore(PROJECT, LOGSTORE)
    group = LogGroup([Log(int(at), None, contents, raw=raw)], topic=b"", source=b"", tags=[])
    store.append(group, play.now, store.shards.at("0"))


def _part(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    return bytes([*(number >> 7 * step & 0x7F | 0x80 for step in range(4)), number >> 28])


@pytest.mark.parametrize("copied", [False, True])
def test_who_writes_the_log_cannot_write_a_past(tmp_path: Path, copied: bool) -> None:  # noqa: FBT001 - parametrised
    with stage(tmp_path, policies=BY_TAG) as play:
        play.file_system.tags["tier"] = "scratch"
        play.fill()
        play.sweep()
        (seen,) = (line for line in play.records("started"))
        past = seen["tags"] if copied else '{"kind": "tags", "at": 1, "tags": {"tier": "scratch"}}'
        forged = seen | {"event_id": "forged", "at": "2026-01-01T00:00:00Z", "tags": past}
        _write_to_log(play, forged, play.now - 30 * 3600)
        assert next_sweep(play, 3600) == "policies-differ"
        assert play.file_system.jobs_created == 0


def test_a_log_that_does_not_tell_the_tags_before_deletes_nothing(tmp_path: Path) -> None:
    with stage(tmp_path, policies=BY_TAG) as play:
        play.file_system.tags["tier"] = "scratch"
        play.fill()
        play.cloud.faults.add(Fault("sls", "GetLogs", "status", times=0, status=403, code="Unauthorized"))
        play.sweep()
        assert play.file_system.jobs_created == 0
