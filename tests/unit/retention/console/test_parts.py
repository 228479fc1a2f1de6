"""What answers are made of: a survey observed, entries found, runs as the log shows them, names of plans, words."""

from collections import Counter
from dataclasses import dataclass, replace

import pytest

from functions.retention.audit.schema import record
from functions.retention.console.actions.find import Finder
from functions.retention.console.actions.past_deletions import deletions
from functions.retention.console.actions.plan_details import (
    MOST_DIRECTORIES,
    OTHERS,
    SHOWN_FILES,
    Notes,
)
from functions.retention.console.formatting import format_seconds, readable_size
from functions.retention.console.refusal import Refusal
from functions.retention.console.requests import ExplainRequest, parse_request
from functions.retention.console.run_history import group
from functions.retention.core.entry import Entry
from functions.retention.core.errors import CloudError
from functions.retention.core.recycle_bin import BinAttributes, RecentDirectory
from functions.retention.core.service_time import format_service_time
from functions.retention.core.services import Record
from functions.retention.policy.judge import Judge
from functions.retention.policy.model import Limits
from functions.retention.runs.message import Selection, new_message
from functions.retention.runs.plan import Plan, plan_id
from functions.retention.walk.survey import Survey
from functions.retention.walk.tally import Tally
from tests.unit.retention.bins import OLD, TreeBin
from tests.unit.retention.bins import judge as gate_of_bin
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.policies import NOW, entry, guardrails, policy


def see(notes: Notes, seen: Entry, directory: str) -> None:
    judge = Judge([policy()], guardrails(), as_of=NOW, now=NOW)
    notes.see_page(directory, [seen], [judge.verdict(seen, directory)])


# The observer of a survey.


def test_what_goes_is_counted_by_top_directory() -> None:
    notes = Notes()
    see(notes, entry(size=3), "/logs/app")
    see(notes, entry(size=4), "/logs")
    see(notes, entry(1), "/logs")
    see(notes, entry(size=5), "/")
    assert notes.by_top_directory == {"/logs": [2, 7, 0], "/": [1, 5, 0]}


def test_an_observer_keeps_the_oldest_and_largest_only() -> None:
    notes = Notes()
    for number in range(100):
        see(notes, entry(10 + number * 37 % 100, name=f"{number}", size=number * 53 % 100), "/logs")
    assert [example.size for example in notes.largest] == [99, 98, 97, 96, 95]
    assert len(notes.oldest) == SHOWN_FILES
    assert notes.oldest[0].delete_time == format_service_time(NOW - 109 * 86_400)


def test_a_file_that_is_listed_again_is_no_second_example() -> None:
    notes = Notes()
    for _ in range(3):
        see(notes, entry(), "/logs")
    assert (len(notes.oldest), len(notes.largest)) == (1, 1)


def test_an_observers_memory_does_not_grow_with_the_bin() -> None:
    notes = Notes()
    for number in range(MOST_DIRECTORIES + 50):
        see(notes, entry(size=1), f"/{number}/deep")
    assert len(notes.by_top_directory) == MOST_DIRECTORIES + 1
    assert notes.by_top_directory[OTHERS] == [50, 50, 0]


def test_a_survey_tells_its_observer_what_protects_each_directory_once() -> None:
    notes, tree = Notes(), TreeBin()
    for path in ("/keep/x/f", "/keep/y/f", "/logs/a.key", "/logs/b"):
        tree.drop(path, OLD)
    survey = Survey(tree, tree.recents(), gate_of_bin("/keep/**", "/**/*.key"), observer=notes)
    while not survey.finished:
        survey.upcoming(10)
        survey.step()
    assert notes.protected == Counter({"guardrails.protect: /**/*.key": 1})
    assert notes.left_out == Counter({"guardrails.protect: /keep/**": 2})
    assert notes.by_top_directory == {"/logs": [1, 1, 0]}


# Finding.


class SearchableBin(TreeBin):
    """Names its directories as the service does."""

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        assert token == ""
        return [RecentDirectory(file_id, self.paths[file_id]) for file_id in self.entries], ""


def never() -> bool:
    return False


def test_entries_are_found_in_live_directories_and_in_recycled_ones_within_recycled_ones() -> None:
    tree = SearchableBin(page_size=2)
    for path in ("/a/b/c/file", "/a/b/other", "/a/live"):
        tree.write(path, 1)
    live = tree.drop("/a/again", OLD)
    tree.remove("/a/b", OLD)
    for file_id, (_, directory) in tree.all_entries().items():
        name = tree.all_entries()[file_id][0].name
        (by_id,) = Finder(tree, never).by_id(file_id)
        by_path = Finder(tree, never).by_path(f"{directory}/{name}")
        assert by_id in by_path
        assert by_id.entry.file_id == file_id
    assert [found.entry.file_id for found in Finder(tree, never).by_path("/a/again")] == [live]


def test_all_entries_of_one_path_are_found() -> None:
    tree = SearchableBin()
    duplicates = {tree.drop("/a/twin", OLD) for _ in range(3)}
    assert {found.entry.file_id for found in Finder(tree, never).by_path("/a/twin")} == duplicates


def test_a_name_is_found_in_either_unicode_form() -> None:
    tree = SearchableBin()
    tree.drop("/a/u\u0308ber", OLD)
    assert len(Finder(tree, never).by_path("/a/über")) == 1


def test_only_directories_on_the_way_are_listed_for_a_path() -> None:
    tree = SearchableBin()
    for number in range(20):
        tree.drop(f"/other{number}/x", OLD)
    tree.drop("/a/file", OLD)
    Finder(tree, never).by_path("/a/file")
    assert {tree.paths[file_id] for file_id, _ in tree.calls} == {"/", "/a"}


def test_what_is_not_found_before_time_is_up_may_be_there() -> None:
    tree = SearchableBin()
    file_id = tree.drop("/a/file", OLD)
    late = Finder(tree, lambda: True)
    assert (late.by_id(file_id), late.gave_up) == ([], True)
    in_time = Finder(tree, never)
    assert (in_time.by_id("0"), in_time.gave_up) == ([], False)


def test_a_token_that_goes_stale_hides_no_entry() -> None:
    tree = SearchableBin(page_size=1, stale_at={3})
    wanted = [tree.drop(f"/a/{number}", OLD) for number in range(4)]
    for number, file_id in enumerate(wanted):
        assert [found.entry.file_id for found in Finder(tree, never).by_path(f"/a/{number}")] == [file_id]


@dataclass
class Gone(SearchableBin):
    """Its directories are gone when they are listed."""

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        return [RecentDirectory("404", "/a")], token


def test_a_directory_that_is_gone_holds_nothing() -> None:
    assert Finder(Gone(), never).by_path("/a/file") == []


# Runs.


def line(event: str, seconds: float, **fields: str) -> Record:
    common = {"run": "r1", "file_system": "fs", "trigger": "sweep", "mode": "enforce"}
    return {"event": event, "at": format_service_time(NOW + seconds)} | common | fields


def test_a_run_is_alive_until_it_ended_or_its_time_is_over() -> None:
    started = line("started", 0, alive_until=str(NOW + 1000))
    (run,) = group([started])
    assert run.is_alive(NOW + 999)
    assert not run.is_alive(NOW + 1001)
    assert not group([started, line("ended", 10)])[0].is_alive(NOW + 20)


def test_a_run_that_was_asked_for_is_alive_before_it_began() -> None:
    (run,) = group([line("asked", 0, reason="purge")])
    assert run.is_alive(NOW + 60)
    assert not run.is_alive(NOW + 86_400)


def test_a_lost_run_is_told_as_lost() -> None:
    (run,) = group([line("handed-over", 0, alive_until=str(NOW + 10), phase="purge", jobs="3")])
    shown = run.summary(NOW + 20)
    assert str(shown["state"]).startswith("lost")
    assert shown["so_far"] == {"phase": "purge", "jobs": 3}


def test_records_of_no_run_are_of_no_run() -> None:
    assert group([line("asked", 0, run="")]) == []


# Past deletions.


def test_deletions_of_an_entry_deep_in_the_tree_and_of_directories_above_are_found_with_their_outcomes() -> None:
    log = MemoryCloud(deployed(), NOW).log
    path = "/ü" * 40
    above = [path[: 2 * depth] for depth in range(1, 41)]
    common = {"file_system": "fs", "run": "r1", "at": format_service_time(NOW)}
    for number, directory in enumerate(above):
        own = common | {"client_token": f"t{number}", "path": directory, "type": "Directory"}
        log.put([record("intent", own | {"event_id": f"i{number}"})])
        log.put([record("outcome", own | {"event_id": f"o{number}", "status": "success"})])
    request = parse_request({"action": "explain", "file_system": "fs", "path": path})
    assert isinstance(request, ExplainRequest)
    found = {each["path"]: each for each in deletions(log, request, NOW)}
    assert {name: each["outcome"] for name, each in found.items()} == dict.fromkeys(above, "success")
    assert [name for name, each in found.items() if each["took"] == "the entry itself"] == [path]


def test_an_entry_that_no_job_took_has_no_deletions_and_a_silent_log_is_no_answer() -> None:
    log = MemoryCloud(deployed(), NOW).log
    request = parse_request({"action": "explain", "file_system": "fs", "file_id": "7"})
    assert isinstance(request, ExplainRequest)
    assert deletions(log, request, NOW) == []
    log.reads = False
    with pytest.raises(CloudError):
        deletions(log, request, NOW)


# Names of plans.

ATTRIBUTES = BinAttributes(enabled=True, reserved_days=30, size=1000)


def plan(**changed: object) -> Plan:
    message = new_message("fs", digest="d", trigger="console", mode="dry-run", at=NOW, now=NOW)
    values = {"tally": Tally(selected=2, size=3), "planned_jobs": 1} | changed
    return Plan(replace(message, **values), Limits(jobs=1), ATTRIBUTES, 1, {})  # type: ignore[arg-type]  # fields of a message


@pytest.mark.parametrize(
    "changed",
    [
        {"digest": "e"},
        {"file_system": "other"},
        {"as_of": NOW + 1},
        {"narrowing": {"path": "/x/**"}},
        {"selection": Selection("h", "r", NOW, (1,))},
        {"planned_jobs": 2},
        {"tally": Tally(selected=3, size=3)},
        {"tally": Tally(selected=2, size=4)},
    ],
)
def test_a_plans_name_covers_all_that_it_promises(changed: dict[str, object]) -> None:
    assert plan().id == plan().id
    assert plan(**changed).id != plan().id


def test_a_plans_name_is_found_again_in_its_record() -> None:
    made = plan(selection=Selection("h", "r", NOW + 0.5, (1,)), narrowing={"name": "ü"})
    written = record("surveyed", made.record())
    assert plan_id(written) == made.id == written["plan_id"]


def test_a_plan_that_selects_nothing_has_no_share() -> None:
    assert plan(tally=Tally()).share == 0.0
    assert plan(tally=Tally(selected=1, size=100, listed_size=400)).share == 0.25


def test_the_share_of_a_plan_is_not_known_when_a_size_is_not() -> None:
    assert plan(tally=Tally(selected=2, size=100, unknown=1, listed_size=400, listed_unknown=1)).share is None


def test_a_plan_of_the_first_few_is_not_stopped_by_how_many_there_are() -> None:
    assert len(plan(planned_jobs=2).broken) == 2
    assert plan(planned_jobs=2, narrowing={"up_to": 1}).broken == ()


# Requests and words.


def test_a_path_loses_the_slash_at_its_end() -> None:
    request = parse_request({"action": "explain", "file_system": "fs", "path": "/a/b/"})
    assert isinstance(request, ExplainRequest)
    assert request.path == "/a/b"


@pytest.mark.parametrize("path", ["", "/", "a", "//", "/a//b", "/./a", "/a/..", "/a\0", "/\ud800", "/" + "a" * 5000])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_request({"action": "explain", "file_system": "fs", "path": path})
    assert caught.value.where == "path"


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1 << 40, "1.0 TiB"), (1 << 62, "4096.0 PiB")]
)
def test_sizes_are_rounded_for_reading(size: int, text: str) -> None:
    assert readable_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (3600, "1 h"), (7509, "2 h 5 min"), (200_000, "2 d 7 h")]
)
def test_durations_show_their_two_largest_units(seconds: int, text: str) -> None:
    assert format_seconds(seconds) == text
