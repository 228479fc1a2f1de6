"""Plans and purges by hand: a plan is a promise, and nothing is deleted that was not asked for."""

import json
from pathlib import Path
from typing import Any

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas import DurationModel
from demo import brute_force
from functions.retention.core.service_time import format_service_time
from tests.end_to_end.stage import DAY, FILE_SYSTEM, LOGSTORE, POLICIES, PROJECT, RULES, Stage, stage

PLAN = {"action": "plan", "file_system": FILE_SYSTEM}
DRY = """
  - name: logs
    file_systems: [1ca404a5e2]
    older_than: 1d
    match: {path: /logs/**}
"""
MIXED = POLICIES + DRY.replace("\n", "", 1)
WINDOW = "window: {hours: '01:00-02:00', time_zone: UTC}"


def plan(play: Stage, **more: object) -> Any:  # noqa: ANN401 - JSON
    answer = play.invoke("console", PLAN | more)
    assert answer["ok"], answer
    play.host.run_until(play.now + 30)
    return answer


def purge(play: Stage, **more: object) -> Any:  # noqa: ANN401 - JSON
    answer = play.invoke("console", {"action": "purge", "file_system": FILE_SYSTEM} | more)
    assert play.host.run_until_idle(limit=40 * DAY)
    return answer


def refused(play: Stage, **more: object) -> Any:  # noqa: ANN401 - JSON
    """The error of a purge that must not start."""
    answer = purge(play, **more)
    assert answer["ok"] is False
    assert {"what", "where", "allowed", "code"} <= answer["error"].keys()
    assert play.file_system.jobs_created == 0
    assert play.records("started") == []
    return answer["error"]


def test_a_plan_counts_what_a_purge_takes_and_deletes_nothing(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        counted = plan(play)["enforcing_policies"]
        going = brute_force.must_go(play.before.values(), RULES, play.began_at)
        assert counted["complete"] is True
        assert counted["entries"] == len(going)
        assert counted["bytes"] == sum(play.before[key].size for key in going)
        assert counted["jobs"] == brute_force.fewest_jobs(play.before.values(), RULES, play.began_at)
        assert counted["by_policy"]["aged"]["entries"] == len(going)
        assert counted["by_top_directory"]["/logs"]["files"] == 12
        assert sum(top["bytes"] for top in counted["by_top_directory"].values()) == counted["bytes"]
        assert counted["largest"][0]["path"] == "/logs/app-11.log"
        assert counted["kept"]["too-young"]["entries"] == 6
        assert counted["protected"].keys() == {"guardrails.protect: /keep/**"}
        assert play.file_system.jobs_created == 0


def test_a_plan_names_the_protect_globs_that_kept_nothing(tmp_path: Path) -> None:
    lines = 'protect: [/keep/**, "/[final] Budget/**", /nowhere]'
    with stage(tmp_path, policies=POLICIES.replace("protect: [/keep/**]", lines)) as play:
        play.fill()
        counted = plan(play)["enforcing_policies"]
        assert counted["globs_met_nothing"] == [
            "guardrails.protect: /[final] Budget/**",
            "guardrails.protect: /nowhere",
        ]


def test_a_plan_names_the_part_that_enforces_and_shows_what_all_would_do(tmp_path: Path) -> None:
    with stage(tmp_path, policies=MIXED) as play:
        play.fill()
        answer = plan(play)
        assert answer["policies"] == {"aged": "enforce", "logs": "dry-run"}
        assert answer["all_policies"]["entries"] == answer["enforcing_policies"]["entries"] + 5
        assert answer["plan_id"] == answer["enforcing_policies"]["plan_id"]
        assert answer["plan_id"] != answer["all_policies"]["plan_id"]
        assert purge(play, plan_id=answer["plan_id"])["ok"]
        play.check()


def test_a_plan_of_policies_that_do_not_enforce_cannot_be_purged(tmp_path: Path) -> None:
    with stage(tmp_path, policies=MIXED) as play:
        play.fill()
        answer = plan(play)
        error = refused(play, plan_id=answer["all_policies"]["plan_id"])
        assert error["code"] == "not-enforcing"
        assert "logs" in error["what"]


def test_a_plan_says_what_would_stop_it_and_is_not_carried_out_then(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES.replace("jobs: 100000", "jobs: 3")) as play:
        play.fill()
        answer = plan(play)
        assert "over the limit of 3" in answer["enforcing_policies"]["stopped_by"][0]
        assert refused(play, plan_id=answer["plan_id"])["code"] == "limits-exceeded"


def test_a_purge_of_a_plan_deletes_exactly_the_plan_though_more_has_aged_since(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        play.file_system.tags["nas-retention"] = "hold"  # or the sweeps would take it all
        play.host.run_until(play.now + 6 * DAY)
        del play.file_system.tags["nas-retention"]
        assert plan(play)["enforcing_policies"]["jobs"] > answer["enforcing_policies"]["jobs"]
        started = purge(play, plan_id=answer["plan_id"])
        assert started["as_of"] == answer["as_of"]
        assert set(play.ends()) == {"held", "completed"}
        play.check()
        assert play.file_system.jobs_created == answer["enforcing_policies"]["jobs"]


def test_a_purge_of_a_plan_leaves_what_came_with_an_older_deletion_time_since(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        later = play.file_system.recycle("/logs/back-dated.log", size=1, deleted_at=play.now - 30 * DAY)
        purge(play, plan_id=answer["plan_id"])
        assert play.ends() == ["completed"]
        assert later.file_id in {entry.file_id for _, entry in play.file_system.bin_entries()}
        play.check()


def test_a_purge_of_a_plan_leaves_a_directory_whole_from_which_something_went_since(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        restored = play.file_system.find("/projects/old/part0/file1")
        assert restored is not None
        play.file_system.restore_job(restored.file_id)
        purge(play, plan_id=answer["plan_id"])
        assert play.ends() == ["completed"]
        assert {record["path"] for record in play.records("skipped", reason="changed")} == {"/projects/old"}
        play.check(spared=[key for key, entry in play.before.items() if f"{entry.path}/".startswith("/projects/old/")])


def test_a_purge_of_a_plan_without_what_has_gone_since_takes_the_rest(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        restored = play.file_system.find("/logs/app-3.log")
        assert restored is not None
        play.file_system.restore_job(restored.file_id)
        purge(play, plan_id=answer["plan_id"])
        assert play.ends() == ["completed"]
        play.check(spared=[brute_force.key(restored)])


def test_a_narrowed_plan_is_purged_as_narrow(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play, narrow={"path": "/logs/**"})
        assert answer["enforcing_policies"]["jobs"] == 12
        purge(play, plan_id=answer["plan_id"])
        assert play.ends() == ["completed"]
        assert {line["path"].split("/")[1] for line in play.records("intent")} == {"logs"}
        assert play.file_system.jobs_created == 12


def test_a_plan_of_a_past_moment_is_purged_as_of_that_moment(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        middle = next(entry for entry in play.before.values() if entry.path == "/logs/app-5.log")
        as_of = middle.delete_time + 7 * DAY
        from_plan = plan(play, narrow={"as_of": format_service_time(as_of)})
        purge(play, plan_id=from_plan["plan_id"])
        gone = play.before.keys() - brute_force.present(play.file_system).keys()
        assert gone == brute_force.must_go(play.before.values(), RULES, as_of)


def test_a_purge_under_changed_policies_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        play.policies.write_text(POLICIES.replace("7d", "8d"))
        assert refused(play, plan_id=answer["plan_id"])["code"] == "policy-changed"
        assert [line["reason"] for line in play.records("refused")] == ["policy-changed"]


def test_a_plan_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        assert refused(play, plan_id="0" * 32)["code"] == "no-such-plan"


def test_a_plan_is_forgotten_after_a_week(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        play.host.run_until(play.now + 8 * DAY)
        assert purge(play, plan_id=answer["plan_id"])["error"]["code"] == "no-such-plan"


def test_a_plan_brings_its_own_narrowing(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        error = refused(play, plan_id=answer["plan_id"], narrow={"path": "/logs/**"})
        assert "leave narrow out" in error["what"]


def test_a_plan_that_takes_nothing_is_not_purged(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play, narrow={"path": "/nowhere/**"})
        assert refused(play, plan_id=answer["plan_id"])["code"] == "nothing-to-do"


def test_without_a_plan_the_file_system_has_to_be_named_twice(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        for confirm in (None, "", "yes", FILE_SYSTEM.upper(), f"{FILE_SYSTEM} "):
            assert "confirm" in refused(play, confirm=confirm)["what"]
        answer = purge(play, confirm=FILE_SYSTEM)
        assert answer["ok"]
        assert play.ends() == ["completed"]
        play.check()


def test_a_purge_by_hand_can_be_narrowed_and_never_widened(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        error = refused(play, confirm=FILE_SYSTEM, narrow={"older_than": "2d"})
        assert "policies.aged.older_than" in error["what"]
        purge(play, confirm=FILE_SYSTEM, narrow={"name": "app-1*"})
        assert {line["path"] for line in play.records("intent")} == {
            f"/logs/app-{number}.log" for number in ("1", "10", "11")
        }


def test_a_plan_too_long_for_one_invocation_is_finished_by_a_run_and_purged(tmp_path: Path) -> None:
    slow = Fault("nas", "ListRecycledDirectoriesAndFiles", "delay", times=0, seconds=9)
    with stage(tmp_path, policies=MIXED, faults=[slow]) as play:
        for number in range(120):
            play.file_system.recycle(f"/many/{number}/file", size=number, deleted_at=play.now - 20 * DAY)
        play.fill()
        answer = plan(play)
        part = answer["enforcing_policies"]
        assert part["complete"] is False
        assert answer["plan_id"] is None
        assert play.host.run_until_idle(limit=DAY)
        play.host.run_until(play.now + 30)
        shown = play.invoke("console", part["to_see_the_rest"])
        assert shown["state"] == "ended"
        assert shown["survey"]["jobs"] == brute_force.fewest_jobs(play.before.values(), RULES, play.began_at)
        purge(play, plan_id=shown["survey"]["plan_id"])
        play.check()


@pytest.mark.parametrize(
    ("policies", "code"),
    [
        (POLICIES.replace("min_age: 1d", "min_age: 1d\n  pause: true"), "paused"),
        (POLICIES.replace("mode: enforce", "mode: dry-run"), "not-enforcing"),
        (POLICIES.replace("min_age: 1d", f"min_age: 1d\n  {WINDOW}"), "window-closed"),
    ],
)
def test_policies_that_let_no_run_start_refuse_a_purge(tmp_path: Path, policies: str, code: str) -> None:
    with stage(tmp_path, policies=policies) as play:
        play.fill()
        assert refused(play, confirm=FILE_SYSTEM)["code"] == code


def test_a_file_system_that_is_not_allowed_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.cloud.nas.create_file_system("other")
        error = refused(play, file_system="other", confirm="other")
        assert (error["code"], error["allowed"]) == ("not-allowed", [FILE_SYSTEM])


def test_a_held_file_system_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.tags["nas-retention"] = "hold"
        assert refused(play, confirm=FILE_SYSTEM)["code"] == "held"


def test_a_bin_that_is_off_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.file_system.disable()
        assert refused(play, confirm=FILE_SYSTEM)["code"] == "bin-disabled"


def test_a_log_without_an_index_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.cloud.sls.logstore(PROJECT, LOGSTORE).set_index(None)
        assert refused(play, confirm=FILE_SYSTEM)["code"] == "no-index"


@pytest.mark.parametrize("operation", ["GetIndex", "GetLogs", "PutLogs"])
def test_a_log_that_fails_starts_nothing(tmp_path: Path, operation: str) -> None:
    with stage(tmp_path, faults=[Fault("sls", operation, "status", times=0, status=403, code="Unauthorized")]) as play:
        play.fill()
        assert refused(play, confirm=FILE_SYSTEM)["code"] in ("service-failed", "no-answer")


def test_a_queue_that_refuses_starts_nothing_and_the_run_is_over(tmp_path: Path) -> None:
    refusal = Fault("smq", "SendMessage", "status", times=0, status=403, code="AccessDenied")
    with stage(tmp_path, faults=[refusal]) as play:
        play.fill()
        assert refused(play, confirm=FILE_SYSTEM)["code"] == "service-failed"
        assert play.ends() == ["failed"]


def test_a_queue_that_gives_no_answer_leaves_it_open_and_says_how_to_find_out(tmp_path: Path) -> None:
    fault = Fault("smq", "SendMessage", "timeout", when="after", times=20, seconds=10)
    with stage(tmp_path, faults=[fault]) as play:
        play.fill()
        answer = purge(play, confirm=FILE_SYSTEM)
        assert answer["error"]["code"] == "unclear"
        assert play.records("asked")[0]["run"] in answer["error"]["what"]
        play.check()


def test_a_second_purge_by_hand_waits_for_the_first(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=600)
        order = {"action": "purge", "file_system": FILE_SYSTEM, "confirm": FILE_SYSTEM}
        assert play.invoke("console", order)["ok"]
        play.host.run_until(play.now + 60)
        again = play.invoke("console", order)
        assert again["error"]["code"] == "run-alive"


def test_every_purge_asked_for_is_in_the_log_with_its_plan(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play, narrow={"path": "/logs/**"})
        started = purge(play, plan_id=answer["plan_id"])
        (asked,) = play.records("asked")
        assert (asked["run"], asked["plan_id"], asked["reason"]) == (started["run"], answer["plan_id"], "purge")
        assert json.loads(asked["narrowing"])["path"] == "/logs/**"


def test_a_plan_of_the_first_few_purges_no_more_of_them(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES.replace("jobs: 100000", "jobs: 5")) as play:
        play.fill()
        answer = plan(play, narrow={"up_to": 3})
        assert answer["enforcing_policies"]["jobs"] > 5
        assert "first 3" in answer["enforcing_policies"]["only"]
        purge(play, plan_id=answer["plan_id"])
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == 3
        play.check(complete=False)


def test_a_plan_of_a_capacity_rule_keeps_its_cut_off_though_the_bin_has_grown(tmp_path: Path) -> None:
    policies = POLICIES.replace(
        "older_than: 7d", "older_than: 1d\n    keep_bin_below: 200KiB\n    unsafe-select-everything: true"
    )
    with stage(tmp_path, policies=policies) as play:
        play.fill()
        answer = plan(play)
        planned = answer["enforcing_policies"]
        assert 400_000 < planned["bytes"] < 643_139
        play.file_system.recycle("/logs/huge.log", size=10_000_000, deleted_at=play.now - 100)
        assert purge(play, plan_id=answer["plan_id"])["ok"]
        assert play.ends() == ["completed"]
        assert sum(int(line["size"]) for line in play.records("intent")) == planned["bytes"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_amid_the_purge_of_a_plan_never_makes_it_more_than_the_plan(tmp_path: Path, when: str) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = plan(play)
        play.cloud.faults.add(Fault("nas", "CreateRecycleBinDeleteJob", "crash", when=when, nth=4))  # type: ignore[arg-type]
        purge(play, plan_id=answer["plan_id"])
        play.check()
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == answer["enforcing_policies"]["jobs"]


def test_a_tag_set_after_a_plan_brings_no_other_policy_into_its_purge(tmp_path: Path) -> None:
    logs = POLICIES + '    match: {name: "*.log"}\n'
    rest = "  - {name: rest, file_systems: {tags: {env: scratch}}, older_than: 7d, mode: enforce}\n"
    with stage(tmp_path, policies=logs + rest) as play:
        files = {f"{n}.log": 0 for n in range(5)} | {f"{n}.txt": 0 for n in range(45)}
        play.file_system.recycle_tree("/work", files, deleted_at=play.now - 20 * DAY)
        play.remember()
        answer = plan(play)
        assert answer["enforcing_policies"]["entries"] == 5
        play.file_system.tags["env"] = "scratch"
        assert purge(play, plan_id=answer["plan_id"])["ok"]
        assert len(play.before) - len(brute_force.present(play.file_system)) == 5
        assert play.ends() == ["completed"]
