"""What people do to a file system, and what of it ends in the bin."""

import pytest

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.nas import FileSystem, NasModel
from aliyun_fakes.nas.from_directory import DAY
from tests.unit.aliyun_fakes.nas.looks import names, paths, recent


def test_a_removed_file_is_in_the_bin_under_its_id_with_its_times(file_system: FileSystem, clock: VirtualClock) -> None:
    file_id = file_system.write("/a/b", 9, mtime=1_500_000_000, atime=1_600_000_000)
    clock.sleep(100)
    file_system.unlink("/a/b")
    (entry,) = [entry for _, entry in file_system.bin_entries()]
    assert (entry.file_id, entry.path, entry.type, entry.size) == (file_id, "/a/b", "File", 9)
    assert (entry.mtime, entry.atime) == (1_500_000_000, 1_600_000_000)
    assert entry.delete_time == entry.ctime == int(clock.now())
    assert entry.parent_id == file_system.mkdir("/a")
    assert not file_system.exists("/a/b")


def test_rm_rf_recycles_children_before_their_parents(file_system: FileSystem) -> None:
    for path in ("/t/x/1", "/t/x/2", "/t/3"):
        file_system.write(path)
    top = file_system.rm_rf("/t")
    order = [node.name for node in sorted(file_system.nodes.values(), key=lambda n: n.sequence) if not node.is_live]
    assert order.index("1") < order.index("x") < order.index("t")
    assert order.index("2") < order.index("x")
    assert order[-1] == "t"
    assert names(file_system) == ["t"]
    assert sorted(names(file_system, top)) == ["3", "x"]


def test_rm_rf_takes_a_single_file_too(file_system: FileSystem) -> None:
    file_system.write("/f", 3)
    file_system.rm_rf("/f")
    assert paths(file_system) == ["/f"]


def test_a_file_replaced_by_a_rename_is_in_the_bin(file_system: FileSystem) -> None:
    old = file_system.write("/a", 1)
    new = file_system.write("/a.tmp", 2)
    file_system.rename_over("/a.tmp", "/a")
    assert [(path, entry.file_id) for path, entry in file_system.bin_entries()] == [("/a", old)]
    assert file_system.write("/a", 2) == new


def test_a_plain_rename_recycles_nothing_and_moves_what_was_deleted_below_along(file_system: FileSystem) -> None:
    file_system.write("/d/f")
    file_system.unlink("/d/f")
    file_system.rename_over("/d", "/e/d2")
    assert paths(file_system) == ["/e/d2/f"]
    assert recent(file_system) == ["/e/d2"]


def test_renaming_to_itself_does_nothing(file_system: FileSystem) -> None:
    file_id = file_system.write("/a", 1)
    assert file_system.rename_over("/a", "/a") == file_id
    assert file_system.exists("/a")
    assert paths(file_system) == []


@pytest.mark.parametrize(("source", "target"), [("/d", "/d/e/f"), ("/", "/x"), ("/nothing", "/x"), ("/d/f", "/d")])
def test_a_rename_that_no_file_system_allows_is_refused(file_system: FileSystem, source: str, target: str) -> None:
    file_system.write("/d/f")
    with pytest.raises(ValueError, match="/"):
        file_system.rename_over(source, target)
    assert file_system.exists("/d/f")


def test_overwriting_in_place_recycles_nothing(file_system: FileSystem) -> None:
    file_system.write("/a", 1)
    file_system.write("/a", 50)
    assert paths(file_system) == []
    assert file_system.live_size == 50


def test_the_same_name_deleted_twice_is_two_entries(file_system: FileSystem) -> None:
    ids = []
    for size in (1, 2):
        ids.append(file_system.write("/a", size))
        file_system.unlink("/a")
    assert paths(file_system) == ["/a", "/a"]
    assert len(set(ids)) == 2
    found = file_system.find("/a")
    assert found is not None
    assert found.file_id == ids[1]


def test_a_directory_deleted_and_made_again_has_two_lives(file_system: FileSystem) -> None:
    file_system.write("/d/one")
    first = file_system.rm_rf("/d")
    file_system.write("/d/two")
    file_system.unlink("/d/two")
    second = file_system.mkdir("/d")
    assert names(file_system, first) == ["one"]
    assert names(file_system, second) == ["two"]
    assert sorted(paths(file_system)) == ["/d", "/d/one", "/d/two"]


def test_unicode_names_are_kept_as_they_are(file_system: FileSystem) -> None:
    file_system.recycle("/ü/日本語/🙂 e\u0301.txt")
    assert paths(file_system) == ["/ü/日本語/🙂 e\u0301.txt"]


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 256, "a\0b", "\udcff"])
def test_names_that_no_file_system_takes_are_refused(file_system: FileSystem, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        file_system.recycle(f"/d/{name}")
    assert paths(file_system) == []


@pytest.mark.parametrize("path", ["relative", "/f/below-a-file"])
def test_paths_that_lead_nowhere_are_refused(file_system: FileSystem, path: str) -> None:
    file_system.write("/f")
    with pytest.raises(ValueError, match=r"path|file"):
        file_system.write(path)


def test_the_root_cannot_be_deleted(file_system: FileSystem) -> None:
    with pytest.raises(ValueError, match="root"):
        file_system.rm_rf("/")


def test_nothing_is_kept_while_the_bin_is_off(model: NasModel) -> None:
    file_system = model.create_file_system(bin_enabled=False)
    file_system.write("/d/f", 5)
    file_system.rm_rf("/d")
    assert paths(file_system) == []
    assert file_system.live_size == 0
    with pytest.raises(ValueError, match="off"):
        file_system.recycle("/x")


def test_recycle_takes_a_moment_in_the_past_and_every_time(file_system: FileSystem, clock: VirtualClock) -> None:
    at = clock.now() - 5 * DAY
    entry = file_system.recycle("/a", size=1, deleted_at=at, mtime=11, atime=12, ctime=13)
    assert (entry.delete_time, entry.mtime, entry.atime, entry.ctime) == (int(at), 11, 12, 13)
    assert file_system.entry(entry.file_id) == entry


def test_recycle_goes_into_a_recycled_directory_where_there_is_no_live_one(file_system: FileSystem) -> None:
    top = file_system.recycle("/gone", is_directory=True)
    inner = file_system.recycle("/gone/f")
    assert inner.parent_id == top.file_id
    file_system.mkdir("/gone")
    assert file_system.recycle("/gone/g").parent_id != top.file_id


def test_recycle_below_a_recycled_directory_wants_every_step_recycled(file_system: FileSystem) -> None:
    file_system.recycle("/gone", is_directory=True)
    with pytest.raises(ValueError, match="recycle that first"):
        file_system.recycle("/gone/missing/f")


def test_recycle_tree_recycles_a_whole_tree_at_one_moment(file_system: FileSystem) -> None:
    top = file_system.recycle_tree("/p", {"a": 1, "d/b": 2, "empty/": 0}, deleted_at=1_789_000_000)
    found = {path: (entry.type, entry.size, entry.delete_time) for path, entry in file_system.bin_entries()}
    assert found == {
        "/p": ("Directory", 0, 1_789_000_000),
        "/p/a": ("File", 1, 1_789_000_000),
        "/p/d": ("Directory", 0, 1_789_000_000),
        "/p/d/b": ("File", 2, 1_789_000_000),
        "/p/empty": ("Directory", 0, 1_789_000_000),
    }
    assert names(file_system) == ["p"]
    assert file_system.find("/p") == top


def test_recent_directories_drop_out_with_their_last_entry(file_system: FileSystem, clock: VirtualClock) -> None:
    file_system.write("/d/f")
    file_id = file_system.unlink("/d/f")
    assert recent(file_system) == ["/d"]
    file_system.delete_job(file_id)
    clock.sleep(60)
    assert recent(file_system) == []


def test_totals_are_those_of_the_entries(file_system: FileSystem) -> None:
    file_system.recycle_tree("/p", {"a": 10, "d/b": 20})
    file_system.recycle_many("/q", [("x", 1, 1_789_000_000.0), ("y", 2, 1_789_000_000.0)])
    assert (file_system.bin_count, file_system.bin_size) == (6, 33)
    assert len(paths(file_system)) == 6


def test_ids_of_the_cloud_come_from_the_seed() -> None:
    one, two, other = (NasModel(VirtualClock(), Ids(seed)).create_file_system() for seed in (1, 1, 2))
    assert one.file_system_id == two.file_system_id != other.file_system_id
    assert len(one.file_system_id) == 10


def test_two_file_systems_cannot_have_one_id(model: NasModel) -> None:
    model.create_file_system("same")
    with pytest.raises(ValueError, match="exists"):
        model.create_file_system("same")


@pytest.mark.parametrize("days", [0, 181])
def test_a_retention_that_the_service_does_not_have_is_refused(model: NasModel, days: int) -> None:
    with pytest.raises(ValueError, match="1 to 180"):
        model.create_file_system(reserved_days=days)
