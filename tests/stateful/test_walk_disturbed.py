"""Walks while the bin changes under them: safe always, finished always, and the next run takes what was missed."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.retention.core.run_end import EndReason, RunOver
from functions.retention.policy.judge import Judge
from functions.retention.walk.targets import TargetWalk
from functions.retention.walk.walk import MAX_RESTARTS
from tests.stateful.test_walk_packing import BINS, PROTECTED, handed_over, purge
from tests.unit.retention.bins import YOUNG, TreeBin, judge

MANY = settings(max_examples=300, deadline=None)


def disturb(tree: TreeBin, chance: random.Random) -> None:
    """Something expires, is deleted, or is restored and deleted again."""
    everything = sorted(tree.all_entries())
    deed = chance.choice(["expire", "restore", "drop"])
    path = "/" + "/".join(chance.choice("abc") for _ in range(chance.randint(1, 3)))
    if deed == "expire" and everything:
        tree.delete(chance.choice(everything))
    elif deed == "restore" and everything:
        file_id = chance.choice(everything)
        entry, directory = tree.all_entries()[file_id]
        if tree.live.get(directory) in tree.entries and entry in tree.entries[tree.live[directory]]:
            members = tree.entries[tree.live[directory]]
            members[members.index(entry)] = replace(entry, delete_time=YOUNG)
    elif deed == "drop" and path not in tree.live:
        tree.drop(path, YOUNG)


def disturbed_purge(tree: TreeBin, gate: Judge, chance: random.Random, often: float) -> int:
    """Purge while things happen; every deletion is checked against the bin of that moment. Listings made.

    As the driver does, each target is looked at again by itself: behind one that was dropped stands one that was not.
    """
    chosen = tree.targets(gate)
    walk = TargetWalk(tree, tree.recents(), gate, chosen, sees_inside=True)
    calls = 0
    for _ in range(3_000):
        if walk.finished:
            return calls + walk.list_calls
        if chance.random() < often:
            disturb(tree, chance)
        if chance.random() < often / 4:
            calls += walk.list_calls
            walk = TargetWalk(tree, tree.recents(), gate, chosen, cursor=handed_over(walk.cursor()), sees_inside=True)
        if walk.peek() is None:
            walk.step()
            continue
        dropped = walk.vanished
        walk.recheck()
        if walk.vanished == dropped:
            delete_if_there(tree, gate, walk.take().entry.file_id)
    raise AssertionError("the walk does not end")


def delete_if_there(tree: TreeBin, gate: Judge, file_id: str) -> None:
    before = tree.all_entries()
    if file_id in before:
        for gone in tree.delete(file_id):
            entry, directory = before[gone]
            assert gate.verdict(entry, directory).delete, f"{directory}/{entry.name} should have stayed"


@MANY
@given(tree=BINS, protect=PROTECTED, seed=st.integers(0, 2**16), often=st.sampled_from([0.1, 0.4]))
def test_nothing_unselected_goes_whatever_changes_and_the_next_run_takes_the_rest(
    tree: TreeBin, protect: list[str], seed: int, often: float
) -> None:
    gate = judge(*protect)
    try:
        disturbed_purge(tree, gate, random.Random(seed), often)
    except RunOver:
        return
    jobs, gone = tree.fewest(gate)
    done = purge(tree, gate)
    assert len(done.targets) == jobs
    assert done.gone == gone


@MANY
@given(
    tree=BINS,
    protect=PROTECTED,
    stale=st.one_of(st.sets(st.integers(1, 60)), st.just(set(range(10_000)))),
    by_offset=st.booleans(),
)
def test_stale_and_skipping_tokens_cost_time_and_never_data(
    tree: TreeBin, protect: list[str], stale: set[int], *, by_offset: bool
) -> None:
    gate = judge(*protect)
    _, gone = tree.fewest(gate)
    tree.stale_at, tree.by_offset = stale, by_offset
    over: RunOver | None = None
    try:
        done = purge(tree, gate)
    except RunOver as raised:
        over = raised
    if over is not None:
        assert over.end.reason is EndReason.TOKENS_DIE
        assert len(stale) > MAX_RESTARTS
        return
    assert done.gone <= gone
    if not stale:
        assert done.gone == gone
