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
    assert set(EVENTS) == set(named("timer", "sweep-", "console-"))


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
