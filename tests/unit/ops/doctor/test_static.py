"""Checks of s.yaml, the policy file and what is installed."""

from pathlib import Path

import pytest

from deployment.schedules import parse_schedule
from ops.doctor import static
from tests.unit.retention.policies import NOW, policy, policy_file


@pytest.mark.parametrize(
    ("timeout", "visibility", "parts"),
    [
        (240, 1200.0, []),
        (240, 1019.0, ["4 attempts of purge at 240 s take 1020 s; a message is hidden for 1019 s"]),
        (300, 1200.0, ["4 attempts of purge at 300 s take 1260 s", "an event stream waits for 300 s"]),
    ],
)
def test_a_purge_that_outlasts_its_messages_hiding_is_found(timeout: int, visibility: float, parts: list[str]) -> None:
    whats = [finding.what for finding in static.time_outs(timeout, visibility)]
    assert len(whats) == len(parts)
    assert all(part in what for part, what in zip(parts, whats, strict=True))


def test_versions_that_differ_from_their_pins_are_told(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("-r other.txt\none==1.0  # why\ntwo==2.0\nthree==3.0\n")
    found = list(static.versions(pins, {"one": "1.0", "two": "2.1"}.get))
    assert [finding.what for finding in found] == [
        "two is 2.1 here, requirements.txt pins 2.0",
        "three is not installed here, requirements.txt pins 3.0",
    ]


@pytest.mark.parametrize(
    ("cron", "found"),
    [
        ("@every 20h", []),
        ("0 10 20 * * MON-FRI", ["guardrails.window[0]"]),
    ],
)
def test_a_window_in_which_no_sweep_begins_is_found(cron: str, found: list[str]) -> None:
    window = {"hours": "22:00-06:00", "days": ["sat"], "time_zone": "Asia/Shanghai"}
    file = policy_file(policy(match={"name": "*.log"}), window=window)
    assert [each.what.partition(",")[0] for each in static.windows(file, [parse_schedule(cron)], NOW)] == found
