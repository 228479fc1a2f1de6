"""The list of directories in which something was deleted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.errors import StaleToken
from functions.retention.core.recycle_bin import RecentDirectory
from functions.retention.walk.recent_directories import Recents, fetch

NAMES = st.text(st.sampled_from("ab\u00e9 .\x01-"), min_size=1, max_size=2)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))


def never(_name: str) -> bool:
    return False


def test_the_topmost_directories_below_a_path_are_found_by_id() -> None:
    recents = Recents(
        RecentDirectory(str(number), path)
        for number, path in enumerate(["/a/b", "/a/b/c", "/a-b", "/a/b-c", "/d/e/f", "/"], start=3)
    )
    assert recents.pending("/", never) == [("3", "/a/b"), ("5", "/a-b"), ("6", "/a/b-c"), ("7", "/d/e/f")]
    assert recents.pending("/a/b", never) == [("4", "/a/b/c")]
    assert recents.pending("/d/e/f", never) == []
    assert len(recents) == 5


def test_a_recycled_name_stands_for_what_is_below_but_not_for_its_own_path() -> None:
    recents = Recents([RecentDirectory("3", "/a"), RecentDirectory("4", "/a"), RecentDirectory("5", "/a/b")])
    assert recents.pending("/", "a".__eq__) == [("3", "/a"), ("4", "/a")]
    deeper = Recents([RecentDirectory("5", "/a/b")])
    assert deeper.pending("/", "a".__eq__) == []


@given(paths=st.lists(PATHS, max_size=12))
def test_children_are_what_brute_force_finds(paths: list[str]) -> None:
    recents = Recents(RecentDirectory(str(number), path) for number, path in enumerate(paths, start=3))
    found = recents.pending("/a", never)
    below = [path for path in paths if path.startswith("/a/")]
    topmost = {path for path in below if not any(path.startswith(other + "/") for other in below)}
    assert {directory.path for directory in found} == topmost
    assert len(found) == sum(path in topmost for path in paths)


def test_all_pages_are_fetched_and_a_stale_token_starts_anew() -> None:
    pages = {"": (["/a"], "1"), "1": (["/b"], "2"), "2": (["/c"], "")}
    asked: list[str] = []

    def page(token: str) -> tuple[list[RecentDirectory], str]:
        asked.append(token)
        if asked == ["", "1"]:
            raise StaleToken("List", "InvalidParameter.InvalidNextToken", token)
        paths, following = pages[token]
        return [RecentDirectory(path, path) for path in paths], following

    assert len(Recents(fetch(page))) == 3
    assert asked == ["", "1", "", "1", "2"]


def test_a_list_that_always_goes_stale_is_given_up() -> None:
    def page(token: str) -> tuple[list[RecentDirectory], str]:
        raise StaleToken("List", "InvalidParameter.InvalidNextToken", token)

    with pytest.raises(StaleToken):
        list(fetch(page))
