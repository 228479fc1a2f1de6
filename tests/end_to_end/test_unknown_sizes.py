"""Sizes that a listing or the bin's attributes leave out: nothing goes because they are not known."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.stage import DAY, FILE_SYSTEM, Stage, stage

GIB = 1 << 30

POLICIES = """version: 1
guardrails:
  file_systems: [{file_system}]
  limits: {{bytes: {limit}, share: {share}}}
policies:
  - name: aged
    file_systems: [{file_system}]
    mode: enforce
    {rule}
"""


def policies(rule: str, limit: str = "1TiB", share: str = "unlimited") -> str:
    return POLICIES.format(file_system=FILE_SYSTEM, rule=rule, limit=limit, share=share)


def fill(play: Stage) -> None:
    for tree in range(10):
        files = {f"f{number}": GIB for number in range(10)}
        play.file_system.recycle_tree(f"/t{tree}", files, deleted_at=play.now - (30 - tree) * DAY)
    play.remember()


def plan(play: Stage) -> dict[str, object]:
    found: dict[str, object] = play.invoke("console", {"action": "plan", "file_system": FILE_SYSTEM})[
        "enforcing_policies"
    ]
    return found


@pytest.mark.parametrize("share", ["0.9", "unlimited"])
def test_files_of_unknown_size_are_within_no_limit_of_bytes(tmp_path: Path, share: str) -> None:
    with stage(tmp_path, policies=policies("older_than: 7d", "1GiB", share)) as play:
        fill(play)
        play.file_system.settings = replace(play.file_system.settings, entry_sizes_reported=False)
        planned = plan(play)
        assert "100 entries of unknown size" in str(planned["size"])
        assert any("limits.bytes" in line for line in planned["stopped_by"])  # type: ignore[attr-defined]  # a list
        play.sweep()
        assert play.ends() == ["limits-exceeded"]
        assert play.file_system.bin_count == 110


def test_files_of_unknown_size_go_where_no_limit_depends_on_sizes(tmp_path: Path) -> None:
    with stage(tmp_path, policies=policies("older_than: 7d", "unlimited")) as play:
        fill(play)
        play.file_system.settings = replace(play.file_system.settings, entry_sizes_reported=False)
        play.sweep()
        assert play.ends() == ["completed"]
        assert play.file_system.bin_count == 0


def test_a_capacity_rule_takes_nothing_whose_size_is_unknown(tmp_path: Path) -> None:
    with stage(tmp_path, policies=policies("keep_bin_below: 50GiB", "unlimited")) as play:
        fill(play)
        play.file_system.settings = replace(play.file_system.settings, entry_sizes_reported=False)
        play.sweep()
        assert play.file_system.bin_count == 110


def test_a_capacity_rule_keeps_a_file_of_unknown_size_among_others(tmp_path: Path) -> None:
    with stage(tmp_path, policies=policies("keep_bin_below: 50GiB", "unlimited")) as play:
        fill(play)
        odd = play.file_system.find("/t0/f0")
        assert odd is not None
        play.file_system.distortions[odd.file_id] = {"Size": "unknown"}
        play.sweep()
        assert play.file_system.find("/t0/f0") is not None
        assert play.file_system.bin_size <= 61 * GIB


def test_runs_that_go_by_age_do_without_the_size_of_the_bin(tmp_path: Path) -> None:
    with stage(tmp_path, policies=policies("older_than: 7d")) as play:
        fill(play)
        play.file_system.settings = replace(play.file_system.settings, bin_size_reported=False)
        play.sweep()
        assert play.ends() == ["completed"]
        assert play.file_system.bin_count == 0


def test_half_of_the_bytes_is_half_of_the_bin_whatever_the_number_of_files(tmp_path: Path) -> None:
    with stage(tmp_path, policies=policies("older_than: 7d", share="0.5")) as play:
        play.file_system.recycle("/young/large", size=200 * GIB, deleted_at=play.now - 3_600)
        fill(play)
        assert plan(play)["share"] == round(1 / 3, 4)
        play.sweep()
        assert play.ends() == ["completed"]
