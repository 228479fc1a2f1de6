"""Every sample in events/ is an event that its function takes."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.stage import POLICIES, ROOT, stage

EVENTS = sorted((ROOT / "events").glob("*.json"))
DRY = POLICIES.replace("mode: enforce", "mode: dry-run")


def named(*prefixes: str) -> list[Path]:
    return [path for path in EVENTS if path.name.startswith(prefixes)]


def test_there_are_samples_for_every_function_and_no_others() -> None:
    assert len(named("timer", "sweep-")) >= 3
    assert len(named("console-")) == 8
    assert set(EVENTS) == set(named("timer", "sweep-", "console-", "request-"))


@pytest.mark.parametrize("path", named("timer", "sweep-"), ids=lambda path: path.stem)
def test_sweep_takes_the_sample(tmp_path: Path, path: Path) -> None:
    with stage(tmp_path, policies=DRY) as play:
        play.fill()
        result = play.host.invoke("nas-retention-sweep", path.read_bytes())
        assert result.error_type == ""
        (run,) = json.loads(result.payload)["runs"]
        assert (run["file_system"], run["mode"], run["state"]) == ("1ca404a5e2", "dry-run", "started")
        assert play.host.run_until_idle()
        assert play.ends() == ["completed"]


@pytest.mark.parametrize("path", named("request-"), ids=lambda path: path.stem)
def test_purge_takes_the_request_and_deletes_no_more_than_a_run_may(tmp_path: Path, path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        result = play.host.invoke("nas-retention-purge", path.read_bytes())
        assert result.error_type == ""
        (started,) = json.loads(result.payload)["slices"]
        assert started["state"] in {"started", "swept"}
        assert play.host.run_until_idle()
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created > 0
        assert play.dead_letters() == []
        play.check(complete=path.stem in {"request-alarm", "request-sweep"})
        again = play.host.invoke("nas-retention-purge", path.read_bytes())
        assert json.loads(again.payload)["slices"][0]["run"] == started["run"]
        assert play.host.run_until_idle()
        assert len(play.ends()) == 1
