"""How a walk opens directories, and what it refuses to conclude."""

import tracemalloc
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from functions.retention.core.entry import Entry
from functions.retention.core.errors import NotFound, Throttled
from functions.retention.core.recycle_bin import ROOT_ID, Page, RecentDirectory
from functions.retention.core.run_end import RunOver
from functions.retention.jobs.progress import Progress
from functions.retention.runs.preflight import MOST_STUCK, check_progress, count_stuck
from functions.retention.walk.cursor import Cursor
from functions.retention.walk.recent_directories import Recents
from functions.retention.walk.selection import TargetSet
from functions.retention.walk.survey import CANNOT_LOOK_INSIDE, HOLDS_KEPT, Survey
from functions.retention.walk.tally import Tally
from functions.retention.walk.targets import TargetWalk
from tests.unit.retention.bins import NOW, OLD, YOUNG, TreeBin, judge, set_of


def finished(survey: Survey) -> Survey:
    while not survey.finished:
        survey.step()
    return survey


def targets(walk: TargetWalk) -> list[str]:
    """Paths of all targets, none of them deleted."""
    found = []
    while not walk.finished:
        if walk.peek() is None:
            walk.step()
        else:
            found.append(walk.take().path)
    return found


def entry(file_id: str, kind: str = "File", name: str = "", deleted: str = OLD) -> Entry:
    return Entry(file_id, kind, name or f"n{file_id}", deleted, OLD, OLD, OLD, 1, file_id)


class Fixed:
    """Listings that never change; what is not in them is not found."""

    def __init__(self, listings: dict[str, list[Entry]]) -> None:
        self.listings = listings
        self.calls: list[str] = []

    def page(self, file_id: str, token: str = "") -> Page:
        self.calls.append(file_id + token)
        if file_id not in self.listings:
            raise NotFound("List", "InvalidFileId.NotFound", file_id)
        return Page(self.listings[file_id], "", NOW)


class Wide:
    """A root with very many files, made page by page."""

    def __init__(self, pages: int) -> None:
        self.pages = pages

    def page(self, file_id: str, token: str = "") -> Page:
        assert file_id == ROOT_ID
        number = int(token or 0)
        entries = [entry(str(number * 1000 + index + 3), deleted=YOUNG) for index in range(1000)]
        return Page(entries, str(number + 1) if number + 1 < self.pages else "", NOW)


NOWHERE = Recents([])


def test_an_empty_recycled_directory_stays_until_one_was_seen_to_have_contents() -> None:
    empty = Fixed({ROOT_ID: [entry("3", "Directory")], "3": []})
    chosen = set_of(empty, NOWHERE, judge())
    assert targets(TargetWalk(empty, NOWHERE, judge(), chosen)) == []
    assert targets(TargetWalk(empty, NOWHERE, judge(), chosen, sees_inside=True)) == ["/n3"]
    survey = finished(Survey(empty, NOWHERE, judge()))
    assert (survey.jobs, survey.tally.selected, survey.sees_inside) == (0, 0, False)
    assert survey.tally.kept == {CANNOT_LOOK_INSIDE: 1}


@pytest.mark.parametrize(("empty", "full"), [("3", "4"), ("4", "3")])
def test_a_survey_counts_empty_directories_once_another_had_contents_whatever_came_first(empty: str, full: str) -> None:
    both = Fixed({ROOT_ID: [entry("3", "Directory"), entry("4", "Directory")], empty: [], full: [entry("5")]})
    survey = finished(Survey(both, NOWHERE, judge()))
    assert (survey.jobs, survey.tally.selected, survey.sees_inside) == (2, 3, True)
    assert survey.tally.kept == {}
    assert survey.tally.by_policy == {"aged": [3, 1, 0]}


def test_a_recycled_directory_that_is_not_found_stays_with_all_above_it() -> None:
    shut = Fixed({ROOT_ID: [entry("3", "Directory")], "3": [entry("4", "Directory"), entry("5")]})
    chosen = set_of(shut, NOWHERE, judge())
    assert targets(TargetWalk(shut, NOWHERE, judge(), chosen, sees_inside=True)) == ["/n3/n5"]
    survey = finished(Survey(shut, NOWHERE, judge(), sees_inside=True))
    assert survey.tally.kept == {CANNOT_LOOK_INSIDE: 1, HOLDS_KEPT: 1}
    assert survey.jobs == 1


def test_an_entry_below_two_directories_stops_the_run() -> None:
    nested = Fixed({ROOT_ID: [entry("3", "Directory"), entry("4")], "3": [entry("4")]})
    with pytest.raises(RunOver, match="below another open directory"):
        finished(Survey(nested, NOWHERE, judge()))
    with pytest.raises(RunOver, match="below another open directory"):
        targets(TargetWalk(nested, NOWHERE, judge(), TargetSet([])))


def test_a_directory_that_lists_one_it_lies_in_stops_the_run() -> None:
    ring = Fixed({ROOT_ID: [entry("3", "Directory")], "3": [entry("3", "Directory", deleted=YOUNG)]})
    with pytest.raises(RunOver, match="that it lies in"):
        finished(Survey(ring, NOWHERE, judge()))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b"])
def test_a_directory_without_a_proper_name_is_not_opened(name: str) -> None:
    misnamed = replace(entry("3", "Directory"), name=name)
    odd = Fixed({ROOT_ID: [misnamed, entry("", "Directory", "x")], "3": [entry("4")]})
    survey = finished(Survey(odd, NOWHERE, judge()))
    assert survey.jobs == 0
    assert odd.calls == [ROOT_ID]


def test_what_cannot_be_selected_is_not_listed() -> None:
    tree = TreeBin()
    for top in "abc":
        tree.write(f"/{top}/d/f", 1)
        tree.remove(f"/{top}", OLD)
    survey = finished(Survey(tree, tree.recents(), judge("/c"), sees_inside=True))
    assert survey.list_calls == len(tree.calls) == 5
    tree.calls.clear()
    finished(Survey(tree, tree.recents(), judge(path=["/a/**"]), sees_inside=True))
    assert len(tree.calls) == 3


def test_a_failed_listing_leaves_the_walk_where_it_stood() -> None:
    class Shaky(Fixed):
        def page(self, file_id: str, token: str = "") -> Page:
            if len(self.calls) % 2 == 0:
                self.calls.append("failed")
                raise Throttled("List", "Throttling", "too fast")
            return super().page(file_id, token)

    shaky = Shaky({ROOT_ID: [entry("3", "Directory"), entry("4")], "3": [entry("5")]})
    survey = Survey(shaky, NOWHERE, judge())
    for _ in range(2):
        with pytest.raises(Throttled):
            survey.step()
        survey.step()
    finished(survey)
    assert (survey.jobs, survey.listed) == (2, 3)


def test_files_are_not_remembered() -> None:
    def peak(pages: int) -> int:
        tracemalloc.start()
        finished(Survey(Wide(pages), NOWHERE, judge()))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2)
    assert peak(40) < peak(4) * 1.2


def test_a_step_lists_at_most_once() -> None:
    tree = TreeBin(page_size=1)
    for path in ("/a/b/f", "/a/c/f", "/b/f", "/b/g"):
        tree.write(path, 1)
    tree.remove("/a", OLD)
    tree.remove("/b/f", OLD)
    walk = Survey(tree, tree.recents(), judge())

    def calls() -> Iterator[int]:
        while not walk.finished:
            before = walk.list_calls
            walk.step()
            yield walk.list_calls - before

    assert max(calls()) == 1
    assert walk.listed == len(tree.all_entries())


def test_a_survey_goes_on_with_the_page_it_had_reached() -> None:
    tree = TreeBin(page_size=2)
    for number in range(10):
        tree.drop(f"/f{number}", OLD)
    first = Survey(tree, tree.recents(), judge())
    for _ in range(3):
        first.step()
    second = finished(Survey(tree, tree.recents(), judge(), cursor=first.cursor().shortened(), tally=first.tally))
    assert (second.jobs, second.listed, second.list_calls) == (10, 4, 2)


def test_a_survey_whose_page_token_went_stale_between_slices_counts_nothing_twice() -> None:
    tree = TreeBin(page_size=2)
    for number in range(10):
        tree.drop(f"/f{number}", OLD)
    first = Survey(tree, tree.recents(), judge())
    for _ in range(3):
        first.step()
    tree.stale_at = {4}
    second = finished(Survey(tree, tree.recents(), judge(), cursor=first.cursor(), tally=first.tally))
    assert (second.jobs, second.tally.selected) == (10, 10)


def test_a_directory_broken_on_a_page_whose_successor_is_stale_is_counted_once() -> None:
    tree = TreeBin(page_size=1)
    tree.mkdir("/top")
    tree.write("/top/a", 1)
    tree.write("/top/b", 1)
    tree.write("/top/c", 1)
    tree.remove("/top", OLD)
    tree.stale_at = {4}
    survey = finished(Survey(tree, tree.recents(), judge("/top/b"), sees_inside=True))
    assert (survey.jobs, survey.tally.selected, survey.listed) == (2, 2, 4)
    assert survey.tally.kept == {"protected": 1, HOLDS_KEPT: 1}


def test_an_open_directory_that_the_recent_list_names_below_itself_is_not_walked_twice() -> None:
    moved = Fixed({ROOT_ID: [], "3": [entry("4")]})
    recents = Recents([RecentDirectory("3", "/a"), RecentDirectory("3", "/a/b")])
    survey = finished(Survey(moved, recents, judge()))
    assert moved.calls == [ROOT_ID, "3"]
    assert survey.jobs == 1


def test_a_directory_in_which_something_changed_between_two_slices_stays_with_all_in_it() -> None:
    tree = TreeBin()
    for name in ("f", "d/g", "e/h"):
        tree.write(f"/top/{name}", 1)
    tree.remove("/top", OLD)
    chosen = tree.targets(judge())
    walk = TargetWalk(tree, tree.recents(), judge(), chosen, sees_inside=True)
    for _ in range(3):
        walk.step()
    assert walk.peek() is None
    top = tree.entries["2"][0].file_id
    tree.entries[top] = [replace(each, delete_time=YOUNG) if each.name == "f" else each for each in tree.entries[top]]
    later = TargetWalk(tree, tree.recents(), judge(), chosen, cursor=walk.cursor().shortened(), sees_inside=True)
    assert targets(later) == []
    assert [target.path for target in later.take_changed()] == ["/top"]


class Recursive(TreeBin):
    """Lists what is below a directory's directories as its own, as no document says and none rules out."""

    def page(self, file_id: str, token: str = "") -> Page:
        self.calls.append((file_id, token))
        path = self.paths[file_id]
        inside = path if path == "/" else f"{path}/"
        below = [
            each
            for directory, entries in self.entries.items()
            if self.paths[directory] == path or self.paths[directory].startswith(inside)
            for each in entries
        ]
        start = int(token or 0)
        end = start + self.page_size
        return Page(below[start:end], str(end) if end < len(below) else "", NOW)


def survey_in_slices(tree: TreeBin, calls: int) -> None:
    cursor: Cursor | None = None
    tally = Tally()
    for _ in range(20):
        survey = Survey(tree, tree.recents(), judge("/finance"), cursor=cursor, tally=tally)
        while not survey.finished and survey.list_calls < calls:
            survey.step()
        if survey.finished:
            return
        cursor, tally = survey.cursor(), survey.tally


@pytest.mark.parametrize("calls", range(4, 24))
def test_a_survey_notices_a_recursive_listing_wherever_its_slices_end(calls: int) -> None:
    tree = Recursive(page_size=20)
    for name in "abcdef":
        for number in range(2):
            tree.drop(f"/{name}/f{number}", OLD)
    tree.drop("/finance/doc", OLD)
    with pytest.raises(RunOver):
        survey_in_slices(tree, calls)


SHORT = 10
"""Listings of a slice that does not find its place again."""


def test_slices_that_only_find_their_place_again_are_counted_until_one_gets_further() -> None:
    tree = TreeBin(page_size=1)
    for number in range(SHORT + 10):
        tree.drop(f"/d/{number}", OLD)
    tree.write("/d/s/f", 1)
    tree.remove("/d/s", OLD)
    first = Survey(tree, tree.recents(), judge())
    while len(first.cursor().chain) < 3:
        first.step()
    progress = count_stuck(Progress(), moved=not first.is_resuming)
    for stuck in range(1, MOST_STUCK + 1):
        assert progress.stuck == stuck - 1
        check_progress(progress)
        again = Survey(tree, tree.recents(), judge(), cursor=first.cursor())
        while again.list_calls < SHORT:
            again.step()
        progress = count_stuck(progress, moved=not again.is_resuming)
    with pytest.raises(RunOver, match="standstill"):
        check_progress(progress)
    while again.is_resuming:
        again.step()
    assert count_stuck(progress, moved=not again.is_resuming).stuck == 0


def test_what_has_the_path_of_a_cancelled_entry_stays_unread_with_all_above_it() -> None:
    tree = TreeBin()
    for _ in range(2):
        tree.write("/a/b/c/f", 1)
        tree.remove("/a", OLD)
    cancelled = min(file_id for file_id, (entry, _) in tree.all_entries().items() if entry.name == "c")
    gate = judge(cancelled=[cancelled])
    survey = finished(Survey(tree, tree.recents(), gate, sees_inside=True))
    assert (survey.jobs, survey.tally.selected) == (0, 0)
    walk = TargetWalk(tree, tree.recents(), gate, tree.targets(judge()), sees_inside=True)
    assert targets(walk) == []
