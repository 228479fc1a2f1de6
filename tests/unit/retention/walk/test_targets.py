"""Targets: what they say, how they are looked at again, and what a hand-over between two of them does."""

import pytest
from msgspec.structs import replace

from functions.retention.walk.cursor import Cursor
from functions.retention.walk.target import Target
from functions.retention.walk.targets import MAX_PAGES_AT_HAND, TargetWalk
from tests.unit.retention.bins import NOW, OLD, YOUNG, TreeBin, judge


def next_target(walk: TargetWalk) -> Target:
    while walk.peek() is None:
        walk.step()
    return walk.take()


def all_targets(walk: TargetWalk) -> list[Target]:
    found = []
    while not walk.finished:
        if walk.peek() is None:
            walk.step()
        else:
            found.append(walk.take())
    return found


def purge(tree: TreeBin, *protect: str, cursor: Cursor | None = None) -> TargetWalk:
    gate = judge(*protect)
    return TargetWalk(tree, tree.recents(), gate, tree.targets(gate), cursor=cursor, sees_inside=True)


def tree_of_three() -> TreeBin:
    tree = TreeBin()
    for name in ("f", "d/g", "d/keep"):
        tree.write(f"/top/{name}", 10)
    tree.remove("/top", OLD)
    return tree


def test_a_whole_directory_is_one_target_with_the_size_of_everything_in_it() -> None:
    (target,) = all_targets(purge(tree_of_three()))
    assert (target.path, target.size, target.entries, target.directory) == ("/top", 30, 5, "/")
    assert target.listed_at == NOW


def test_what_is_selected_beside_something_kept_goes_one_by_one_and_is_read_once() -> None:
    walk = purge(tree_of_three(), "/**/keep")
    assert sorted(target.path for target in all_targets(walk)) == ["/top/d/g", "/top/f"]
    assert walk.list_calls == 3


def test_a_target_that_changed_or_went_is_dropped_when_looked_at_again() -> None:
    tree = TreeBin()
    ids = [tree.drop(f"/{name}", OLD) for name in "abc"]
    walk = purge(tree)
    walk.step()
    tree.delete(ids[0])
    members = tree.entries["2"]
    members[0] = replace(members[0], delete_time=YOUNG)
    walk.recheck()
    walk.recheck()
    walk.recheck()
    assert walk.vanished == 2
    assert [target.path for target in all_targets(walk)] == ["/c"]


def test_a_directory_is_looked_at_again_by_its_own_entry_even_behind_a_stale_token() -> None:
    tree = TreeBin(page_size=1)
    tree.drop("/young", YOUNG)
    tree.drop("/other", YOUNG)
    tree.write("/top/f", 1)
    tree.remove("/top", OLD)
    walk = purge(tree)
    target = next_target(walk)
    tree.stale_at = {len(tree.calls) + 1}
    again = walk.look_again(target)
    assert again is not None
    assert again.identity == target.identity
    tree.delete(target.entry.file_id)
    assert walk.look_again(target) is None


def test_a_directory_is_read_to_its_end_before_its_first_file_goes() -> None:
    tree = TreeBin(page_size=10, by_offset=True)
    for number in range(95):
        tree.drop(f"/f{number}", OLD)
    walk = purge(tree)
    next_target(walk)
    assert len(tree.calls) == 10


def test_a_hand_over_goes_on_with_the_page_of_the_first_target_not_taken() -> None:
    tree = TreeBin(page_size=10)
    ids = [tree.drop(f"/f{number}", OLD) for number in range(30)]
    walk = purge(tree)
    for file_id in ids[:15]:
        assert next_target(walk).entry.file_id == file_id
        tree.delete(file_id)
    tree.calls.clear()
    rest = all_targets(purge(tree, cursor=walk.cursor().shortened()))
    assert [target.entry.file_id for target in rest] == ids[15:]
    assert len(tree.calls) == 2


def test_a_hand_over_behind_a_long_look_does_not_look_again() -> None:
    tree = TreeBin()
    for number in range(20):
        tree.write(f"/top/d{number}/f", 1)
    tree.remove("/top", OLD)
    walk = purge(tree)
    while walk.peek() is None:
        walk.step()
    tree.calls.clear()
    (target,) = all_targets(purge(tree, cursor=walk.cursor().shortened()))
    assert (target.path, target.entries) == ("/top", 41)
    assert len(tree.calls) == 2


@pytest.mark.parametrize("broken", [0, 1])
def test_a_hand_over_between_two_directories_of_one_path_counts_neither_twice(broken: int) -> None:
    tree = TreeBin()
    for turn in range(2):
        tree.write("/a/b/f", 1)
        tree.remove("/a/b", OLD)
        if turn == broken:
            tree.drop("/a/young", YOUNG)
        tree.remove("/a", OLD)
    walk = purge(tree)
    found = []
    while not walk.finished:
        if walk.peek() is None:
            walk.step()
        else:
            walk = purge(tree, cursor=walk.cursor().shortened())
            found.append(next_target(walk))
            assert found[-1].entries == len(tree.delete(found[-1].entry.file_id))
    assert sorted((target.path, target.entries) for target in found) == [("/a", 3), ("/a/b", 2)]


@pytest.mark.parametrize(("beside", "listed"), [("", ["/a/b"]), ("/z", ["/", "/a/b", "/z"])])
def test_a_hand_over_lists_no_directory_again_that_showed_no_recycled_one(beside: str, listed: list[str]) -> None:
    tree = TreeBin()
    for name in ("a/b/1", "a/b/2", "a/b/3", "x"):
        tree.drop(f"/{name}", OLD)
    if beside:
        tree.write(f"{beside}/1", 1)
        tree.remove(beside, YOUNG)
    walk = purge(tree)
    while not next_target(walk).path.startswith("/a/b/"):
        pass
    tree.calls.clear()
    rest = all_targets(purge(tree, cursor=walk.cursor()))
    assert {target.path for target in rest} >= {"/a/b/2", "/a/b/3"}
    assert [tree.paths[file_id] for file_id, _ in tree.calls] == listed


def test_only_what_decides_over_a_directory_that_may_go_whole_is_sure_to_be_read() -> None:
    tree = tree_of_three()
    tree.write("/top/e/f", 1)
    tree.write("/top2/e/f", 1)
    for top in ("/top", "/top2"):
        tree.remove(top, OLD)
    walk = purge(tree)
    ahead: list[tuple[str, ...]] = []
    while not walk.finished:
        ahead.append(tuple(sorted(tree.paths[each] for each in walk.upcoming(5))))
        if walk.peek() is None:
            walk.step()
        else:
            assert not ahead[-1]
            walk.take()
    assert {each for each in ahead if len(each) > 1} == {("/top/d", "/top/e")}
    assert set(ahead) <= {(), ("/top/d", "/top/e"), ("/top/d",), ("/top/e",), ("/top2/e",)}


def test_a_directory_of_more_pages_than_a_slice_reads_is_purged_in_portions() -> None:
    tree = TreeBin(page_size=1)
    old = [tree.drop("/wide/first", OLD)]
    for number in range(3 * MAX_PAGES_AT_HAND):
        tree.drop(f"/wide/{number}", YOUNG)
    old.append(tree.drop("/wide/last", OLD))
    cursor: Cursor | None = None
    gone: list[str] = []
    for _ in range(4):
        walk = purge(tree, cursor=cursor)
        while not walk.finished and walk.list_calls < MAX_PAGES_AT_HAND + 5:
            if walk.peek() is None:
                walk.step()
            else:
                gone.append(walk.take().entry.file_id)
        cursor = walk.cursor()
        if walk.finished:
            break
    assert gone == old
