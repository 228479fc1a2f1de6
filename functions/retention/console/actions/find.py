"""Finds entries of the bin by path or id. The service can do neither: directories are listed until they show up.

By path only the directories on the way are listed: live ones that ListRecentlyRecycledDirectories names, and recycled
ones that those listings show. By id everything is, until it is found or time is up.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from functions.retention.core import ROOT_ID, Entry, Listings, NotFound, RecentDirectory, StaleToken, Throttled
from functions.retention.policy import composed
from functions.retention.walk import fetch, join

MAX_PAGES = 1_000
"""Pages of one directory; a million entries."""


class Searchable(Listings, Protocol):
    """What is needed of a `recycle_bin.RecycleBin`."""

    def recent_directories(self, token: str = "") -> tuple[list[RecentDirectory], str]:
        """One page of the directories in which something was deleted, and the next token."""


class Found(NamedTuple):
    """An entry and where it is.

    Attributes:
        entry: as listed.
        directory: path of the directory whose listing shows it.
    """

    entry: Entry
    directory: str

    @property
    def path(self) -> str:
        """Its path before it was deleted."""
        return join(self.directory, self.entry.name)


class Finder:
    """Looks for entries.

    Args:
        recycle_bin: where.
        is_late: whether to give up.

    Attributes:
        gave_up: whether it did, so that what was not found may be there all the same.
    """

    def __init__(self, recycle_bin: Searchable, is_late: Callable[[], bool]) -> None:
        self.gave_up = False
        self._bin, self._is_late = recycle_bin, is_late

    def by_path(self, path: str) -> list[Found]:
        """Every entry that had this path: a name can be deleted more than once.

        Raises:
            CloudError: a listing failed.
        """
        wanted = composed(path)
        directories = self._live_above(wanted)
        found: list[Found] = []
        at, names = "/", wanted[1:].split("/")
        for name in names:
            listed = [each for each in self._all_in(at, directories.get(at, [])) if composed(each.entry.name) == name]
            at = join(at, name)
            if at == wanted:
                found += listed
            ids = directories.setdefault(at, [])
            ids += [each.entry.file_id for each in listed if each.entry.is_directory]
        return list(dict.fromkeys(found))

    def by_id(self, file_id: str) -> list[Found]:
        """The entry with this id; none or one.

        Raises:
            CloudError: a listing failed.
        """
        waiting = [("/", ROOT_ID), *((each.path, each.file_id) for each in fetch(self._bin.recent_directories))]
        seen = {directory_id for _, directory_id in waiting}
        while waiting:
            path, directory_id = waiting.pop()
            for found in self._all_in(path, [directory_id]):
                if found.entry.file_id == file_id:
                    return [found]
                if found.entry.is_directory and found.entry.file_id not in seen:
                    seen.add(found.entry.file_id)
                    waiting.append((found.path, found.entry.file_id))
        return []

    def _live_above(self, path: str) -> dict[str, list[str]]:
        """Ids of the directories on the way to a path in which something was deleted, by their paths."""
        directories = {"/": [ROOT_ID]}
        for recent in fetch(self._bin.recent_directories):
            above = composed(recent.path)
            if above != "/" and path.startswith(f"{above}/"):
                directories.setdefault(above, []).append(recent.file_id)
        return directories

    def _all_in(self, path: str, ids: list[str]) -> Iterator[Found]:
        for directory_id in dict.fromkeys(ids):
            for entry in self._entries(directory_id):
                yield Found(entry, path)

    def _entries(self, directory_id: str) -> Iterator[Entry]:
        """The entries of one directory, some twice when a token went stale; none of one that is gone."""
        token = ""
        for _ in range(MAX_PAGES):
            if self._is_late():
                break
            try:
                page = self._bin.page(directory_id, token)
            except NotFound:
                return
            except Throttled:  # for longer than there is time
                break
            except StaleToken:
                token = ""  # again from the first page
                continue
            yield from page.entries
            token = page.next_token
            if not token:
                return
        self.gave_up = True
