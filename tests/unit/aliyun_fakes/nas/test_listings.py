"""Listings: order, pages, tokens, and what the switches make of them."""

import pytest
from sortedcontainers import SortedKeyList

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.nas import DurationModel, FileSystem, NasModel, NasSettings
from aliyun_fakes.nas.entries import Node
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.file_system import last_delete
from aliyun_fakes.nas.pages import Pager
from aliyun_fakes.nas.settings import DAY
from tests.unit.aliyun_fakes.nas.looks import names, paths, recent, with_settings

ORDERS = ("insertion", "name", "shuffled")


def filled(file_system: FileSystem, count: int = 30) -> list[str]:
    """Ids of files in the root's bin, named backwards."""
    return [file_system.recycle(f"/{count - number:03d}").file_id for number in range(count)]


def stale(file_system: FileSystem, token: str) -> bool:
    """Whether a token of the root's listing is refused, with the page's own words if so."""
    try:
        file_system.list_recycled("2", token, 10)
    except NasError as refusal:
        return str(refusal) == "404 InvalidParameter.InvalidNextToken: The specified NextToken is invaild."
    return False


@pytest.mark.parametrize("page", [10, 29, 30, 31])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("tokens", ["stable", "offset"])
def test_pages_join_to_all_entries_once_in_every_order(model: NasModel, order: str, tokens: str, page: int) -> None:
    file_system = with_settings(model, list_order=order, page_tokens=tokens)
    filled(file_system)
    assert sorted(names(file_system, page=page)) == [f"{number:03d}" for number in range(1, 31)]
    assert names(file_system, page=page) == names(file_system)


def test_the_orders_are_what_they_say(model: NasModel) -> None:
    found = {}
    for order in ORDERS:
        file_system = with_settings(model, list_order=order)
        filled(file_system)
        found[order] = names(file_system)
    assert found["insertion"] == sorted(found["insertion"], reverse=True)
    assert found["name"] == sorted(found["name"])
    assert found["shuffled"] not in (found["name"], found["insertion"])


def test_another_seed_shuffles_otherwise(model: NasModel) -> None:
    orders = []
    for seed in (0, 1):
        file_system = with_settings(model, list_order="shuffled", shuffle_seed=seed)
        filled(file_system)
        orders.append(names(file_system))
    assert orders[0] != orders[1]


@pytest.mark.parametrize("order", ORDERS)
def test_recent_directories_are_listed_in_the_same_orders(model: NasModel, order: str) -> None:
    file_system = with_settings(model, list_order=order)
    for name in "cab":
        file_system.recycle(f"/{name}/f")
    expected = {"insertion": ["/c", "/a", "/b"], "name": ["/a", "/b", "/c"]}
    assert recent(file_system) == expected.get(order, recent(file_system))
    assert sorted(recent(file_system)) == ["/a", "/b", "/c"]


@pytest.mark.parametrize(("tokens", "missed"), [("stable", 0), ("offset", 1)])
def test_deletions_before_a_token_make_a_counting_one_miss_entries(
    model: NasModel, clock: VirtualClock, tokens: str, missed: int
) -> None:
    file_system = with_settings(model, page_tokens=tokens)
    ids = filled(file_system)
    first = file_system.list_recycled("2", "", 10)
    file_system.delete_job(ids[0])
    clock.sleep(60)
    second = file_system.list_recycled("2", first.next_token, 1000)
    seen = {node.inode for node in (*first.nodes, *second.nodes)}
    assert len(set(map(int, ids)) - seen) == missed


@pytest.mark.parametrize("order", ORDERS)
def test_a_token_outlives_the_entry_it_stands_at(model: NasModel, clock: VirtualClock, order: str) -> None:
    file_system = with_settings(model, list_order=order)
    filled(file_system)
    whole = names(file_system)
    first = file_system.list_recycled("2", "", 10)
    file_system.delete_job(str(first.nodes[-1].inode))
    clock.sleep(60)
    second = file_system.list_recycled("2", first.next_token, 1000)
    assert [node.name for node in second.nodes] == whole[10:]


@pytest.mark.parametrize(("lasts", "is_stale"), [(None, False), (30.0, True), (90.0, False)])
def test_a_token_ages_as_the_switch_says(
    model: NasModel, clock: VirtualClock, lasts: float | None, *, is_stale: bool
) -> None:
    file_system = with_settings(model, page_token_seconds=lasts)
    filled(file_system)
    token = file_system.list_recycled("2", "", 10).next_token
    clock.sleep(60)
    assert stale(file_system, token) is is_stale


@pytest.mark.parametrize("survives", [True, False])
def test_a_token_survives_changes_as_the_switch_says(model: NasModel, *, survives: bool) -> None:
    file_system = with_settings(model, page_tokens_survive_changes=survives)
    filled(file_system)
    token = file_system.list_recycled("2", "", 10).next_token
    assert stale(file_system, token) is False
    file_system.recycle("/new")
    assert stale(file_system, token) is not survives


@pytest.mark.parametrize("token", ["None", "x", "1256****25", "ü", "====", "AAAA", "MDAwMDAwMDB8MXwxfDE="])
def test_what_is_no_token_is_refused(file_system: FileSystem, token: str) -> None:
    assert stale(file_system, token)


def test_a_token_that_was_changed_is_refused(file_system: FileSystem) -> None:
    filled(file_system)
    token = file_system.list_recycled("2", "", 10).next_token
    changed = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
    assert stale(file_system, changed)


def test_listing_a_live_file_finds_nothing_or_is_not_found(model: NasModel) -> None:
    strict, lenient = with_settings(model), with_settings(model, listed_file="empty")
    with pytest.raises(NasError, match=r"InvalidFileId\.NotFound"):
        strict.list_recycled(strict.write("/f"), "", 10)
    assert names(lenient, lenient.write("/f")) == []


def test_a_live_directory_without_deletions_lists_nothing(file_system: FileSystem) -> None:
    assert names(file_system, file_system.mkdir("/d")) == []
    assert names(file_system) == []


@pytest.mark.parametrize(("which", "listed"), [("deleted-from", ["/", "/d"]), ("deleted-too", ["/", "/d", "/empty"])])
def test_empty_deleted_directories_are_recent_as_the_switch_says(
    model: NasModel, clock: VirtualClock, which: str, listed: list[str]
) -> None:
    file_system = with_settings(model, recent_directories=which)
    file_system.recycle_tree("/d", {"f": 1})
    empty = file_system.recycle("/empty", is_directory=True)
    assert recent(file_system) == listed
    file_system.delete_job(empty.file_id)
    clock.sleep(60)
    assert recent(file_system) == ["/", "/d"]


def test_recent_reaches_back_as_far_as_the_switch_says(model: NasModel, clock: VirtualClock) -> None:
    file_system = with_settings(model, recent_days=2.0)
    file_system.recycle("/old/f", deleted_at=clock.now() - 3 * DAY)
    file_system.recycle("/new/f", deleted_at=clock.now() - DAY)
    assert recent(file_system) == ["/new"]
    assert names(file_system, file_system.mkdir("/old")) == ["f"]


def test_a_recent_directory_shows_its_newest_deletion(file_system: FileSystem) -> None:
    for at in (1_789_000_000, 1_789_500_000, 1_788_000_000):
        file_system.recycle("/d/f", deleted_at=at)
    (directory,) = file_system.list_recent("", 10).nodes
    assert last_delete(directory) == 1_789_500_000


# Expiry


def test_an_entry_expires_to_the_second(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system(reserved_days=3)
    file_system.recycle("/a", deleted_at=clock.now() - 2 * DAY)
    clock.sleep(DAY - 1)
    assert paths(file_system) == ["/a"]
    clock.sleep(1)
    assert paths(file_system) == []
    assert (file_system.bin_count, file_system.bin_size) == (0, 0)


def test_expiry_can_lag(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system(reserved_days=1, settings=NasSettings(expiry_lag=3600.0))
    file_system.recycle("/a")
    clock.sleep(DAY + 3599)
    assert paths(file_system) == ["/a"]
    clock.sleep(1)
    assert paths(file_system) == []


def test_a_directory_expires_after_what_is_in_it(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system(reserved_days=10)
    top = file_system.recycle("/d", is_directory=True, deleted_at=clock.now() - 5 * DAY)
    file_system.recycle("/d/later", deleted_at=clock.now() - 4 * DAY)
    clock.sleep(5 * DAY)
    assert paths(file_system) == ["/d", "/d/later"]
    assert file_system.entry(top.file_id) == top
    clock.sleep(DAY)
    assert paths(file_system) == []


@pytest.mark.parametrize(("change", "left"), [("existing", ["/new"]), ("later-only", ["/old", "/new"])])
def test_a_shorter_retention_holds_for_old_entries_as_the_switch_says(
    model: NasModel, clock: VirtualClock, change: str, left: list[str]
) -> None:
    file_system = with_settings(model, retention_change=change)
    file_system.recycle("/old", deleted_at=clock.now() - 5 * DAY)
    file_system.set_reserved_days(3)
    file_system.recycle("/new")
    assert paths(file_system) == left
    clock.sleep(3 * DAY)
    assert paths(file_system) == left[:-1]


def test_a_longer_retention_saves_what_would_have_expired(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system(reserved_days=1)
    file_system.recycle("/a")
    file_system.set_reserved_days(5)
    clock.sleep(4 * DAY)
    assert paths(file_system) == ["/a"]


def test_something_restored_and_deleted_again_gets_a_new_retention(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system(reserved_days=3)
    entry = file_system.recycle("/a")
    clock.sleep(2 * DAY)
    file_system.restore_job(entry.file_id)
    clock.sleep(60)
    file_system.unlink("/a")
    clock.sleep(2 * DAY)
    assert paths(file_system) == ["/a"]
    clock.sleep(DAY)
    assert paths(file_system) == []


def test_nor_does_its_old_retention_count_once_others_have_expired(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system(reserved_days=3)
    entry = file_system.recycle("/a")
    file_system.recycle("/older", deleted_at=clock.now() - 2 * DAY)
    clock.sleep(DAY)
    assert paths(file_system) == ["/a"]
    file_system.restore_job(entry.file_id)
    clock.sleep(60)
    file_system.unlink("/a")
    clock.sleep(2 * DAY)
    assert paths(file_system) == ["/a"]


def test_what_expires_during_its_restore_is_not_restored(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system(reserved_days=1)
    file_system.durations = DurationModel(base=100)
    entry = file_system.recycle("/a")
    clock.sleep(DAY - 50)
    file_system.restore_job(entry.file_id)
    clock.sleep(DAY)
    assert not file_system.exists("/a")
    assert paths(file_system) == []


# Size


class Counting:
    """The key of a node, with a count of how often it was asked for."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, node: Node) -> int:
        self.calls += 1
        return node.inode


@pytest.mark.parametrize("place", ["", "70000"])
def test_a_page_costs_no_more_in_a_bin_of_a_hundred_thousand(place: str) -> None:
    key = Counting()
    parent = Node(2, "", None, None, 0)
    members = SortedKeyList((Node(inode, "f", parent, None, 0) for inode in range(100_000)), key=key)
    before = key.calls
    found, following = Pager(NasSettings()).page(members, place, 100)
    assert key.calls - before < 40
    assert [node.inode for node in found] == list(range(int(place or -1) + 1, int(place or -1) + 101))
    assert following == str(found[-1].inode)
