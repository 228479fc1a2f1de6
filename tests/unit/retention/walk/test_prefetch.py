"""Listings side by side give what listings one after the other give, sooner and without a call more."""

import pytest

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.core.entry import Entry
from functions.retention.core.errors import NotFound
from functions.retention.core.recycle_bin import Page
from functions.retention.core.services import SIDE_BY_SIDE
from functions.retention.walk.prefetch import MOST_AHEAD, Prefetch

LATENCY = 0.2


class SlowListings:
    """Pages that tell what was asked, a while later."""

    def __init__(self, clock: VirtualClock, asked: list[tuple[str, str]], refuses: set[str], entries: int) -> None:
        self._clock, self._asked, self._refuses, self._entries = clock, asked, refuses, entries

    def page(self, file_id: str, token: str = "") -> Page:
        self._clock.sleep(LATENCY)
        self._asked.append((file_id, token))
        if file_id in self._refuses:
            raise NotFound("ListRecycledDirectoriesAndFiles", "InvalidFileId.NotFound", file_id)
        return Page([Entry()] * self._entries, f"after {file_id}{token}", self._clock.now())


class Rig:
    def __init__(self, *refuses: str, entries: int = 0) -> None:
        self.clock = VirtualClock()
        self.asked: list[tuple[str, str]] = []
        listings = [SlowListings(self.clock, self.asked, set(refuses), entries) for _ in range(SIDE_BY_SIDE)]
        self.prefetch = Prefetch(listings, self.clock)
        self.began_at = self.clock.now()

    def expect(self, *file_ids: str) -> None:
        remaining = list(file_ids)

        def upcoming(count: int) -> list[str]:
            return [each for each in remaining if (each, "") not in self.asked][:count]

        self.prefetch.upcoming = upcoming

    @property
    def seconds(self) -> float:
        return self.clock.now() - self.began_at


def test_what_comes_next_is_fetched_along_and_asked_once() -> None:
    rig = Rig()
    rig.expect("b", "c", "d", "e")
    pages = [rig.prefetch.page(each).next_token for each in "abcde"]
    assert pages == [f"after {each}" for each in "abcde"]
    assert sorted(rig.asked) == [(each, "") for each in "abcde"]
    assert rig.seconds == pytest.approx(2 * LATENCY)


def test_a_further_page_is_not_the_first_one() -> None:
    rig = Rig()
    rig.expect("b")
    assert rig.prefetch.page("a").next_token == "after a"
    assert rig.prefetch.page("a", "token").next_token == "after atoken"
    assert rig.prefetch.page("b").next_token == "after b"


def test_a_page_that_could_not_be_fetched_along_is_asked_for_again_and_says_why() -> None:
    rig = Rig("b")
    rig.expect("b", "c")
    rig.prefetch.page("a")
    with pytest.raises(NotFound):
        rig.prefetch.page("b")
    assert rig.asked.count(("b", "")) == 2
    assert rig.asked.count(("c", "")) == 1


def test_a_refusal_is_raised_and_what_came_along_is_kept() -> None:
    rig = Rig("a")
    rig.expect("b")
    with pytest.raises(NotFound):
        rig.prefetch.page("a")
    rig.prefetch.page("b")
    assert rig.asked.count(("b", "")) == 1


def test_without_a_walk_it_asks_for_what_is_wanted_only() -> None:
    rig = Rig()
    rig.prefetch.page("a")
    assert rig.asked == [("a", "")]


def test_no_more_is_fetched_along_while_much_waits_to_be_asked_for() -> None:
    rig = Rig(entries=MOST_AHEAD // 2)
    rig.expect("b", "c", "d", "e", "f")
    rig.prefetch.page("a")
    assert sorted(rig.asked) == [(each, "") for each in "abcd"]
    rig.prefetch.page("x")
    assert ("e", "") not in rig.asked
    for each in "bcd":
        rig.prefetch.page(each)
    rig.prefetch.page("y")
    assert ("e", "") in rig.asked
