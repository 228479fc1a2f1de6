"""Survey and purge against brute force, on bins filled the way people fill them."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from functions.retention.policy.judge import Judge
from functions.retention.walk.cursor import Cursor
from functions.retention.walk.order import Order, front
from functions.retention.walk.selection import Collector, TargetSet, rows_of
from functions.retention.walk.survey import Survey
from functions.retention.walk.tally import Tally
from functions.retention.walk.targets import TargetWalk
from tests.unit.retention.bins import OLD, YOUNG, TreeBin, judge
from tests.unit.retention.job_bin import subtree

MANY = settings(max_examples=300, deadline=None)
PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))
TIMES = st.sampled_from([OLD, OLD, OLD, OLD, YOUNG, ""])
DEEDS = st.one_of(
    st.tuples(st.just("write"), PATHS, st.integers(0, 9)),
    st.tuples(st.just("drop"), PATHS, TIMES),
    st.tuples(st.just("remove"), PATHS, TIMES),
    st.tuples(st.just("remove"), PATHS.map(lambda path: path[:2]), TIMES),
)
PROTECTED = st.lists(st.sampled_from(["/a/b", "/**/c", "/b/**", "/a/*/a"]), max_size=1)


def filled(deeds: list[tuple[str, str, str | int]], page_size: int) -> TreeBin:
    """A bin after some deeds; what is still live at the end stays so."""
    tree = TreeBin(page_size)
    for deed, path, detail in deeds:
        if deed == "write" and isinstance(detail, int) and not any(_above(file, path) for file in tree.files):
            tree.write(path, detail)
        elif deed == "remove" and isinstance(detail, str):
            tree.remove(path, detail)
        elif deed == "drop" and isinstance(detail, str) and not any(_above(file, path) for file in tree.files):
            tree.drop(path, detail)
    return tree


def _above(file: str, path: str) -> bool:
    return path == file or path.startswith(file + "/")


BINS = st.builds(filled, st.lists(DEEDS, max_size=25), st.integers(1, 5))


def handed_over(cursor: Cursor) -> Cursor:
    """The cursor as the next slice gets it."""
    adapter = TypeAdapter(Cursor)
    return adapter.validate_json(adapter.dump_json(cursor.shortened()))


@dataclass
class Purged:
    """What a purge did: targets in order, ids of all that is gone, and listings."""

    targets: list[str]
    gone: set[str]
    list_calls: int


def purge(
    tree: TreeBin,
    gate: Judge,
    breaks: random.Random | None = None,
    *,
    rate: float = 0.0,
    handed_over_after: Collection[int] = (),
    sees_inside: bool = True,
    chosen: TargetSet | None = None,
) -> Purged:
    """Delete every target as it is handed out, in slices that end at random; recents are read anew by each."""
    chosen = chosen or tree.targets(gate)
    walk = TargetWalk(tree, tree.recents(), gate, chosen, sees_inside=sees_inside)
    done = Purged([], set(), 0)
    slices = count(1)
    for rounds in count():
        if walk.finished:
            break
        assert walk.list_calls < 2_000
        if rounds in handed_over_after or (breaks is not None and breaks.random() < rate / next(slices)):
            done.list_calls += walk.list_calls
            cursor = handed_over(walk.cursor())
            walk = TargetWalk(tree, tree.recents(), gate, chosen, cursor=cursor, sees_inside=walk.sees_inside)
        if walk.peek() is None:
            walk.step()
            continue
        target = walk.take()
        done.targets.append(target.entry.file_id)
        gone = tree.delete(target.entry.file_id)
        assert target.entries == len(gone)
        done.gone.update(gone)
    done.list_calls += walk.list_calls
    return done


def surveyed(tree: TreeBin, gate: Judge, breaks: random.Random | None = None, *, rate: float = 0.0) -> Survey:
    survey = Survey(tree, tree.recents(), gate, sees_inside=True)
    adapter = TypeAdapter(Tally)
    slices = count(1)
    while not survey.finished:
        survey.step()
        if breaks is not None and not survey.finished and breaks.random() < rate / next(slices):
            tally = adapter.validate_json(adapter.dump_json(survey.tally))
            cursor = handed_over(survey.cursor())
            survey = Survey(tree, tree.recents(), gate, cursor=cursor, sees_inside=survey.sees_inside, tally=tally)
    return survey


@MANY
@given(tree=BINS, protect=PROTECTED)
def test_a_survey_counts_every_entry_once_and_the_fewest_jobs(tree: TreeBin, protect: list[str]) -> None:
    gate = judge(*protect)
    jobs, gone = tree.fewest(gate)
    survey = surveyed(tree, gate)
    everything = tree.all_entries()
    assert survey.jobs == jobs
    assert survey.tally.selected == len(gone)
    assert survey.tally.size == sum(everything[file_id][0].size or 0 for file_id in gone)


@MANY
@given(tree=BINS, protect=PROTECTED)
def test_a_purge_takes_the_fewest_jobs_and_exactly_what_is_selected(tree: TreeBin, protect: list[str]) -> None:
    gate = judge(*protect)
    jobs, gone = tree.fewest(gate)
    done = purge(tree, gate)
    assert len(done.targets) == jobs
    assert done.gone == gone


@MANY
@given(tree=BINS, protect=PROTECTED, seed=st.integers(0, 2**16), rate=st.sampled_from([0.2, 1.0, 5.0, 20.0]))
def test_hand_overs_change_nothing_of_a_purge(tree: TreeBin, protect: list[str], seed: int, rate: float) -> None:
    gate = judge(*protect)
    jobs, gone = tree.fewest(gate)
    done = purge(tree, gate, random.Random(seed), rate=rate)
    assert len(done.targets) == jobs
    assert done.gone == gone


@MANY
@given(tree=BINS, protect=PROTECTED, seed=st.integers(0, 2**16), rate=st.sampled_from([0.2, 1.0, 5.0, 20.0]))
def test_hand_overs_change_no_count_of_a_survey(tree: TreeBin, protect: list[str], seed: int, rate: float) -> None:
    gate = judge(*protect)
    undisturbed = surveyed(tree, gate)
    survey = surveyed(tree, gate, random.Random(seed), rate=rate)
    assert survey.jobs == undisturbed.jobs
    assert survey.tally.selected == undisturbed.tally.selected
    assert survey.tally.kept == undisturbed.tally.kept
    assert survey.tally.by_policy == undisturbed.tally.by_policy


@MANY
@given(tree=BINS, protect=PROTECTED)
def test_a_directory_is_listed_once_in_each_walk(tree: TreeBin, protect: list[str]) -> None:
    gate = judge(*protect)
    pages = sum(max(-(-len(tree.entries.get(file_id, [])) // tree.page_size), 1) for file_id in tree.paths)
    survey = surveyed(tree, gate)
    assert survey.list_calls <= pages
    assert len(set(tree.calls)) == len(tree.calls)
    done = purge(tree, gate)
    assert done.list_calls <= pages


@MANY
@given(tree=BINS, protect=PROTECTED, order=st.sampled_from(["as-found", "largest-first", "oldest-first"]))
def test_each_target_goes_in_exactly_one_walk_and_jobs_stay_the_fewest(
    tree: TreeBin, protect: list[str], order: Order
) -> None:
    gate = judge(*protect)
    jobs, gone = tree.fewest(gate)
    collector = Collector()
    survey = Survey(tree, tree.recents(), gate, sees_inside=True, order=order, collector=collector)
    while not survey.finished:
        survey.step()
    rows = rows_of(collector.payloads())
    ends = [front(order, [row.size for row in rows]), len(rows)]
    done = [purge(tree, gate, chosen=TargetSet(rows[:end])) for end in ends]
    assert len(done[0].targets) == ends[0]
    assert sum(len(each.targets) for each in done) == jobs
    assert set().union(*(each.gone for each in done)) == gone


@MANY
@given(tree=BINS, protect=PROTECTED)
def test_what_a_listing_at_the_root_says_of_contents_is_not_needed_to_be_safe(
    tree: TreeBin, protect: list[str]
) -> None:
    gate = judge(*protect)
    _, selected = tree.fewest(gate)
    assert purge(tree, gate, sees_inside=False).gone <= selected


def tree_with_kept_files_at_every_depth() -> TreeBin:
    tree = TreeBin(page_size=2)
    for branch in "pqrs":
        for twig in "xyz":
            tree.write(f"/top/{branch}/{twig}/f", 1)
            tree.write(f"/top/{branch}/{twig}/g", 1)
        tree.write(f"/top/{branch}/h", 1)
    tree.write("/top/r/y/keep", 1)
    tree.write("/top/keep", 1)
    tree.remove("/top", OLD)
    return tree


@pytest.mark.parametrize("protect", ["/top/r/y/keep", "/top/keep", "/top/q/h", "/top/s/z/g", "/none"])
def test_a_hand_over_after_any_step_changes_nothing(protect: str) -> None:
    gate = judge(protect)
    jobs, gone = tree_with_kept_files_at_every_depth().fewest(gate)
    for steps in range(120):
        tree = tree_with_kept_files_at_every_depth()
        done = purge(tree, gate, handed_over_after={steps, steps + 9})
        assert (len(done.targets), done.gone) == (jobs, gone), f"handed over after {steps} steps"


@settings(max_examples=60, deadline=None)
@given(BINS, st.data())
def test_an_entry_whose_job_was_cancelled_stays_with_all_that_is_in_it(tree: TreeBin, data: st.DataObject) -> None:
    entries = sorted(tree.all_entries())
    cancelled = data.draw(st.lists(st.sampled_from(entries), min_size=1, max_size=2)) if entries else []
    kept = {each for file_id in cancelled for each in subtree(tree, file_id)}
    gate, cursor = judge(cancelled=cancelled), Cursor()
    chosen, selected = tree.targets(gate), surveyed(tree, gate).tally.selected
    going: set[str] = set()
    for _ in range(400):
        walk = TargetWalk(tree, tree.recents(), gate, chosen, cursor=handed_over(cursor), sees_inside=True)
        while not walk.finished and walk.peek() is None:
            walk.step()
        if walk.finished:
            break
        going.update(tree.delete(walk.take().entry.file_id))
        cursor = walk.cursor()
        for _ in range(data.draw(st.integers(0, 2))):
            if not walk.finished and walk.peek() is None:
                walk.step()
                cursor = walk.cursor()
    assert not going & kept
    assert len(going) == selected
