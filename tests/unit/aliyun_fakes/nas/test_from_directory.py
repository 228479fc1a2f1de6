"""Filling a bin from a real tree: real names and sizes, deletion times by seed, and nothing real is touched."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.nas.from_directory import DAY, LONGEST_NAME, Filled, TreeLoader

NOW = 1_790_000_000.0
OLD = NOW - 1000 * DAY


@dataclass
class Recycled:
    size: int
    deleted_at: float
    is_directory: bool
    mtime: float


@dataclass
class Notebook:
    """A bin that only writes down what it is told."""

    live: list[str] = field(default_factory=list)
    recycled: dict[str, Recycled] = field(default_factory=dict)

    def mkdir(self, path: str) -> None:
        self.live.append(path)

    def recycle(
        self,
        path: str,
        *,
        size: int = 0,
        deleted_at: float | None = None,
        is_directory: bool = False,
        mtime: float | None = None,
    ) -> None:
        assert path not in self.recycled
        assert deleted_at is not None
        assert mtime is not None
        self.recycled[path] = Recycled(size, deleted_at, is_directory, mtime)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Twenty directories of three files, one below another, all of them old."""
    for number in range(20):
        directory = tmp_path / f"d{number % 5}" / f"e{number}"
        directory.mkdir(parents=True)
        for name in ("a", "b c", "ü"):
            (directory / name).write_bytes(b"x" * number)
            os.utime(directory / name, (OLD, OLD))
    return tmp_path


def load(tree: Path, seed: int = 1) -> tuple[Notebook, Filled]:
    notebook = Notebook()
    return notebook, TreeLoader(notebook, now=NOW, over_days=28, seed=seed).load(tree)


def test_every_file_is_in_the_bin_once_with_its_size_and_time(tree: Path) -> None:
    notebook, filled = load(tree)
    files = {path: each for path, each in notebook.recycled.items() if not each.is_directory}
    real = {f"/{path.relative_to(tree)}": path.stat().st_size for path in tree.rglob("*") if path.is_file()}
    assert {path: each.size for path, each in files.items()} == real
    assert {each.mtime for each in files.values()} == {OLD}
    assert (filled.files, filled.size, filled.unreadable) == (60, sum(real.values()), 0)
    assert filled.directories == len(notebook.recycled) - 60


def test_every_directory_is_either_live_or_in_the_bin_and_both_shapes_occur(tree: Path) -> None:
    notebook, _ = load(tree)
    gone = {path for path, each in notebook.recycled.items() if each.is_directory}
    real = {f"/{path.relative_to(tree)}" for path in tree.rglob("*") if path.is_dir()}
    assert set(notebook.live) | gone == real
    assert gone
    assert notebook.live
    assert not set(notebook.live) & gone


def test_what_is_in_a_recycled_directory_went_with_it(tree: Path) -> None:
    notebook, _ = load(tree)
    for path, each in notebook.recycled.items():
        parent = notebook.recycled.get(path.rpartition("/")[0])
        assert parent is None or parent.deleted_at == each.deleted_at


def test_deletions_are_spread_over_the_days_before_now_and_never_before_the_file_was_written(tree: Path) -> None:
    (tree / "fresh").write_bytes(b"x")
    os.utime(tree / "fresh", (NOW + DAY, NOW + DAY))
    notebook, _ = load(tree)
    moments = [each.deleted_at for each in notebook.recycled.values()]
    assert NOW - 28 * DAY <= min(moments) < NOW - 14 * DAY < max(moments) <= NOW
    assert all(each.mtime <= each.deleted_at for each in notebook.recycled.values())


def test_the_same_seed_gives_the_same_bin_and_another_another(tree: Path) -> None:
    assert load(tree)[0] == load(tree)[0]
    assert load(tree)[0] != load(tree, seed=2)[0]


def test_the_real_tree_is_left_as_it_is(tree: Path) -> None:
    before = sorted((str(path), path.stat().st_mtime) for path in tree.rglob("*"))
    load(tree)
    assert sorted((str(path), path.stat().st_mtime) for path in tree.rglob("*")) == before


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_bytes(b"12345")
    (tmp_path / "loop").symlink_to(tmp_path)
    notebook, filled = load(tmp_path)
    assert filled.files == 2
    assert not [path for path in notebook.recycled if path.startswith("/loop/")]


def test_names_that_are_no_text_are_made_text_and_stay_apart(tmp_path: Path) -> None:
    for name in (b"bad\xff", b"bad\xfe", b"\xff" * 255, b"\xfe" * 255):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    notebook, filled = load(tmp_path)
    assert filled.files == len(notebook.recycled) == 4
    assert all(len(path.removeprefix("/").encode()) <= LONGEST_NAME for path in notebook.recycled)


@pytest.mark.parametrize("name", ["absent", "file"])
def test_what_is_no_directory_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(NotADirectoryError, match=name):
        load(tmp_path / name)


def test_the_fake_nas_takes_a_tree(tree: Path) -> None:
    cloud = FakeCloud()
    volume = cloud.nas.create_file_system()
    filled = TreeLoader(volume, now=cloud.clock.now(), seed=1).load(tree)
    assert (volume.bin_count, volume.bin_size) == (filled.files + filled.directories, filled.size)
