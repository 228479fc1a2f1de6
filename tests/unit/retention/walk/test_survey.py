"""What a survey counts."""

from functions.retention.walk.survey import HOLDS_KEPT, Survey
from functions.retention.walk.tally import Tally
from tests.unit.retention.bins import OLD, YOUNG, TreeBin, judge


def surveyed(tree: TreeBin, survey: Survey) -> Tally:
    while not survey.finished:
        survey.step()
    tally = survey.tally
    assert tally.selected + tally.kept.total() == len(tree.all_entries()) == survey.listed
    return tally


def tree_with_a_protected_file() -> TreeBin:
    tree = TreeBin()
    for name in ("f", "g", "d/h", "d/i", "e/keep"):
        tree.write(f"/top/{name}", 100)
    tree.remove("/top", OLD)
    return tree


def test_a_directory_that_holds_a_kept_entry_counts_in_pieces() -> None:
    tree = tree_with_a_protected_file()
    tally = surveyed(tree, Survey(tree, tree.recents(), judge("/**/keep"), sees_inside=True))
    assert (tally.jobs, tally.selected, tally.size) == (3, 5, 400)
    assert tally.kept == {"protected": 1, HOLDS_KEPT: 2}
    assert tally.by_policy == {"aged": [5, 400, 0]}


def test_a_directory_with_nothing_kept_counts_as_one_job() -> None:
    tree = tree_with_a_protected_file()
    tally = surveyed(tree, Survey(tree, tree.recents(), judge(), sees_inside=True))
    assert (tally.jobs, tally.selected, tally.size) == (1, 8, 500)


def test_what_is_live_beside_a_recycled_directory_of_the_same_path_breaks_nothing() -> None:
    tree = tree_with_a_protected_file()
    tree.drop("/top/d/young", YOUNG)
    tree.drop("/top/d/old", OLD)
    tally = surveyed(tree, Survey(tree, tree.recents(), judge(), sees_inside=True))
    assert (tally.jobs, tally.kept["too-young"]) == (2, 1)


def test_an_unknown_size_is_counted_apart() -> None:
    tree = TreeBin()
    tree.drop("/f", OLD, size=None)
    tree.drop("/g", OLD, size=7)
    tally = surveyed(tree, Survey(tree, tree.recents(), judge()))
    assert (tally.size, tally.unknown, tally.listed_size, tally.listed_unknown) == (7, 1, 7, 1)
