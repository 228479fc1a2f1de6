"""What the console tells of one entry: why it goes or stays, from when, and how it went."""

from pathlib import Path

import pytest

from aliyun_fakes.nas.settings import NasSettings
from functions.retention.core.service_time import format_service_time
from tests.end_to_end.stage import DAY, FILE_SYSTEM, POLICIES, stage
from tests.end_to_end.test_console import ask

CAPACITY = POLICIES.replace(
    "older_than: 7d", "older_than: 1d\n    keep_bin_below: 600KiB\n    unsafe-select-everything: true"
)


def test_explain_tells_every_rule_and_when_an_entry_goes(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        (entry,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/new-2.log")["in_the_bin"]
        young = next(each for each in play.before.values() if each.path == "/logs/new-2.log")
        assert (entry["goes"], entry["reason"], entry["policy"]) == (False, "too-young", "aged")
        assert entry["deletable_from"] == format_service_time(young.delete_time + 7 * DAY)
        assert entry["expires_by_itself_at"] == format_service_time(young.delete_time + 180 * DAY)
        assert [rule["rule"] for rule in entry["rules"]][-2:] == ["policies.aged", "verdict"]


def test_explain_tells_of_every_entry_that_had_the_path(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        entries = ask(play, "explain", file_system=FILE_SYSTEM, path="/home/again.txt")["in_the_bin"]
        assert sorted(entry["goes"] for entry in entries) == [False, True]


@pytest.mark.parametrize(
    "path", ["/projects/old/part1/file2", "/keep/ledger/2024/a", "/home/ünïcode/файл.txt", "/projects/mixed"]
)
def test_explain_finds_entries_by_path_and_by_id(tmp_path: Path, path: str) -> None:
    with stage(tmp_path) as play:
        play.fill()
        wanted = next(entry for entry in play.before.values() if entry.path == path)
        by_path = ask(play, "explain", file_system=FILE_SYSTEM, path=path)["in_the_bin"]
        by_id = ask(play, "explain", file_system=FILE_SYSTEM, file_id=wanted.file_id)["in_the_bin"]
        assert [entry["file_id"] for entry in by_path] == [wanted.file_id]
        assert [entry["path"] for entry in by_id] == [path]


def test_explain_names_what_protects(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        (entry,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/keep/ledger/2024/a")["in_the_bin"]
        assert (entry["reason"], entry["rule"]) == ("protected", "guardrails.protect: /keep/**")
        assert entry["deletable_from"].startswith("never")


def test_explain_of_what_depends_on_the_size_of_the_bin_says_so(tmp_path: Path) -> None:
    with stage(tmp_path, policies=CAPACITY) as play:
        play.fill()
        (entry,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/app-3.log")["in_the_bin"]
        assert (entry["goes"], entry["depends_on_capacity"], entry["policy"]) == (None, True, "aged")
        assert entry["why"] == "goes when the bin is over 600KiB and this is among the oldest: ask plan"
        assert entry["deletable_from"].endswith("(already), when the bin is over 600KiB and this is among the oldest")
        matched = {rule["rule"]: rule["matched"] for rule in entry["rules"]}
        assert matched["policies.aged.age"] is True
        assert matched["policies.aged.keep_bin_below"] is matched["policies.aged"] is matched["verdict"] is None
        play.sweep()
        left = {each.path for each in play.before.values()} - {line["path"] for line in play.records("intent")}
        assert "/logs/app-11.log" in left
        assert "/logs/app-0.log" not in left


def test_explain_of_what_no_size_of_the_bin_lets_go_says_that_it_stays(tmp_path: Path) -> None:
    with stage(tmp_path, policies=CAPACITY.replace("older_than: 1d", "older_than: 3d")) as play:
        play.fill()
        (young,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/new-2.log")["in_the_bin"]
        (safe,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/keep/ledger/2024/a")["in_the_bin"]
        assert (young["goes"], young["reason"], young["rule"]) == (False, "too-young", "older_than: 3d")
        deleted = next(each.delete_time for each in play.before.values() if each.path == "/logs/new-2.log")
        assert young["deletable_from"].startswith(format_service_time(deleted + 3 * DAY) + ", when the bin is over")
        assert (safe["goes"], safe["reason"], safe["depends_on_capacity"]) == (False, "protected", False)
        assert safe["deletable_from"].startswith("never")


def test_explain_prefers_what_goes_whatever_the_size_and_else_the_smallest_bin(tmp_path: Path) -> None:
    roomy = "  - {name: roomy, file_systems: [1ca404a5e2], keep_bin_below: 1TiB, mode: enforce}\n"
    said = "mode: enforce, unsafe-select-everything: true"
    tight = f"  - {{name: tight, file_systems: [1ca404a5e2], keep_bin_below: 1MiB, {said}}}\n"
    with stage(tmp_path, policies=POLICIES + roomy + tight) as play:
        play.fill()
        (old,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/app-3.log")["in_the_bin"]
        (young,) = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/new-2.log")["in_the_bin"]
        assert (old["goes"], old["depends_on_capacity"], old["policy"]) == (True, False, "aged")
        assert (young["goes"], young["policy"], young["rule"]) == (None, "tight", "keep_bin_below: 1MiB")
        assert "over 1MiB and this is among the oldest; whatever its size from 20" in young["deletable_from"]


def test_explain_of_what_is_gone_tells_who_deleted_it_and_with_what(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.sweep()
        play.host.run_until(play.now + 30)
        alone = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/app-3.log")
        within = ask(play, "explain", file_system=FILE_SYSTEM, path="/projects/old/part1/file2")
        (run,) = {line["run"] for line in play.records("ended")}
        assert (alone["in_the_bin"], within["in_the_bin"]) == ([], [])
        assert alone["deletions"][0]["run"] == run
        assert alone["deletions"][0]["policy"] == "aged"
        assert alone["deletions"][0]["took"] == "the entry itself"
        assert within["deletions"][0]["took"] == "the directory /projects/old, with all that was in it"
        assert run in within["summary"]


def test_explain_of_what_was_never_there_says_so(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        answer = ask(play, "explain", file_system=FILE_SYSTEM, path="/logs/never.log")
        assert answer["summary"].startswith("not in the bin, and no job of this project took it")
        assert ask(play, "explain", file_system=FILE_SYSTEM, file_id="999999")["in_the_bin"] == []


def test_explain_without_time_says_that_it_does_not_know(tmp_path: Path) -> None:
    with stage(tmp_path, nas=NasSettings(calls_per_minute=4)) as play:
        for number in range(80):
            play.file_system.recycle(f"/many/{number}/file", size=1, deleted_at=play.now - 20 * DAY)
        answer = ask(play, "explain", file_system=FILE_SYSTEM, file_id="999999")
        assert "time was up" in answer["summary"]
