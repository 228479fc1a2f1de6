"""A bin of real size: quick to fill, small to keep."""

import tracemalloc

import pytest

from aliyun_fakes.nas import FileSystem
from tests.unit.aliyun_fakes.nas.looks import names

ENTRIES = 50_000
MOST_BYTES = 600


@pytest.mark.slow
def test_an_entry_takes_fewer_than_600_bytes(file_system: FileSystem) -> None:
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for directory in range(ENTRIES // 500):
            files = ((f"file-{directory}-{number}.dat", number, 1_789_000_000.0 + number) for number in range(500))
            assert file_system.recycle_many(f"/data/{directory}", files) == 500
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert file_system.bin_count == ENTRIES
    assert (after - before) / ENTRIES < MOST_BYTES


def test_what_was_loaded_in_bulk_is_like_what_was_loaded_singly(file_system: FileSystem) -> None:
    single = file_system.recycle("/d/a", size=5, deleted_at=1_789_000_000)
    file_system.recycle_many("/d", [("b", 5, 1_789_000_000.0)])
    bulk = file_system.find("/d/b")
    assert bulk is not None
    assert (bulk.parent_id, bulk.size, bulk.delete_time, bulk.mtime, bulk.atime, bulk.ctime) == (
        single.parent_id,
        single.size,
        single.delete_time,
        single.mtime,
        single.atime,
        single.ctime,
    )
    assert names(file_system, single.parent_id) == ["a", "b"]
