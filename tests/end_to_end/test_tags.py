"""What the tags of a file system decide: paths that they protect, and policies that they choose."""

from pathlib import Path

import pytest

from aliyun_fakes.nas import DurationModel
from demo import brute_force
from tests.end_to_end.stage import DAY, FILE_SYSTEM, POLICIES, stage
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
