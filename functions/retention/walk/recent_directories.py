"""The directories in which something was deleted, kept small and asked by path.

ListRecentlyRecycledDirectories names live directories and recycled ones alike. `Recents` holds them as sorted
bytes, about as many as their paths have, because a bin can have more directories than a function has memory
for objects.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from functions.retention.core import ROOT_ID, RecentDirectory, StaleToken

# No name holds a zero byte, so these sort before every name and cannot be mistaken for a part of one.
_ID = b"\x00\x00"  # between path and id

_DOWN = b"\x00\x01"  # stands for "/": a directory's subtree sorts right behind the directory

_AFTER = b"\x00\x02"  # sorts behind a directory's whole subtree

MAX_PAGES = 100_000
"""More pages than any bin fills: a list that repeats its tokens comes to an end."""

MAX_RESTARTS = 5


def _encode(path: str) -> bytes:
    """The sortable form of a path; the root is empty."""
    return b"".join(_DOWN + name.encode("utf-8", "surrogatepass") for name in path.split("/") if name)


def _decode(key: bytes) -> str:
    return key.replace(_DOWN, b"/").decode("utf-8", "surrogatepass") or "/"


class Recents:
    """A sorted set of (path, file id).

    Args:
        directories: as listed, in any order; the root is left out, it is always walked.
    """

    def __init__(self, directories: Iterable[RecentDirectory]) -> None:
        self._keys = sorted(
            {
                _encode(directory.path) + _ID + directory.file_id.encode("utf-8", "surrogatepass")
                for directory in directories
                if directory.file_id and directory.file_id != ROOT_ID and directory.path.strip("/")
            }
        )

    def __len__(self) -> int:
        return len(self._keys)

    def pending(self, path: str, is_recycled: Callable[[str], bool]) -> list[RecentDirectory]:
        """The topmost directories below a path, by file id.

        A name that is also a recycled directory of this one stands for its whole subtree, which is walked from
        there: of it only directories with that very path are returned (the caller knows their ids).

        Args:
            path: the directory looked into.
            is_recycled: whether it has a recycled subdirectory of this name.
        """
        prefix = _encode(path) + _DOWN
        found: list[RecentDirectory] = []
        index = bisect_left(self._keys, prefix)
        while index < len(self._keys) and self._keys[index].startswith(prefix):
            below, _, file_id = self._keys[index].partition(_ID)
            name = below[len(prefix) :].split(_DOWN, 1)[0]
            whole_name = prefix + name
            if below == whole_name or not is_recycled(name.decode("utf-8", "surrogatepass")):
                found.append(RecentDirectory(file_id.decode("utf-8", "surrogatepass"), _decode(below)))
                same_path = index + 1 < len(self._keys) and self._keys[index + 1].startswith(below + _ID)
                index = index + 1 if same_path else bisect_left(self._keys, below + _AFTER)
            else:
                index = bisect_left(self._keys, whole_name + _AFTER)
        return sorted(found)


def fetch(next_page: Callable[[str], tuple[list[RecentDirectory], str]]) -> Iterator[RecentDirectory]:
    """All pages of the list, one after the other; from the first again when a token went stale.

    Args:
        next_page: the page behind a token; ``""`` is the first.

    Raises:
        StaleToken: it went stale too often.
    """
    token, restarts = "", 0
    for _ in range(MAX_PAGES):
        try:
            directories, token = next_page(token)
        except StaleToken:
            restarts, token = restarts + 1, ""
            if restarts > MAX_RESTARTS:
                raise
            continue
        yield from directories
        if not token:
            return
