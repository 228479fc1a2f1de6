"""The recycle bin of one file system: what is in it, in which order it is listed, and when it expires."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from math import inf
from operator import attrgetter
from typing import Any

from sortedcontainers import SortedKeyList

from aliyun_fakes.nas.entries import Directory, Listing, Node
from aliyun_fakes.nas.expiry import ExpiryQueue
from aliyun_fakes.nas.settings import DAY, NasSettings

_MIX, _MASK = 0x9E3779B97F4A7C15, 2**64 - 1  # an odd factor permutes the 64-bit numbers


class RecycleBin:
    """Entries by directory, with their totals.

    Args:
        settings: listing order and expiry.
        reserved_days: retention, 1 to 180.
        numbers: the file system's counter of inodes and deletions.

    Attributes:
        entries: how many files and directories are in it.
        size: bytes in it.
        changes: how often an entry entered or left.
        recent: directories that something in the bin was deleted from; by the switch, those in the bin as well.
    """

    def __init__(self, settings: NasSettings, reserved_days: int, numbers: "count[int]") -> None:
        self._settings = settings
        self._numbers = numbers
        self._retention: list[tuple[float, int]] = [(-inf, reserved_days)]
        self._expiry = ExpiryQueue(self.due)
        self._overdue: dict[int, Node] = {}
        self.entry_key = order_key(settings, "sequence")
        self.directory_key = order_key(settings, "inode")
        self.recent: Listing = SortedKeyList(key=self.directory_key)
        self.entries = self.size = self.changes = 0

    @property
    def reserved_days(self) -> int:
        """The retention now in force."""
        return self._retention[-1][1]

    def set_reserved_days(self, days: int, now: float) -> None:
        """Change the retention, for what is in the bin too unless the switch says otherwise."""
        if self._settings.retention_change == "existing":
            self._retention = [(-inf, days)]
        else:
            self._retention.append((now, days))
        self._expiry.refresh()

    def due(self, node: Node) -> float:
        """When a recycled node's retention ends: DeleteTime + ReservedDays times 24 h + lag (assumed)."""
        deleted_at = node.deleted_at if node.deleted_at is not None else inf
        days = self._retention[-1][1]
        if len(self._retention) > 1:
            days = self._retention[bisect_right(self._retention, (deleted_at, inf)) - 1][1]
        return deleted_at + days * DAY + self._settings.expiry_lag

    def bury(self, node: Node, at: int) -> None:
        """Put a node that was live until now into the bin."""
        node.sequence = next(self._numbers)
        self.put(node, at)

    def put(self, node: Node, at: int) -> None:
        """Put a node with a fresh sequence number into the bin, as deleted from its parent at a moment."""
        node.deleted_at = at
        parent = node.parent
        directory = _directory(parent)
        if directory.recycled is None:
            directory.recycled = SortedKeyList(key=self.entry_key)
        directory.recycled.add(node)
        directory.last_delete = max(directory.last_delete, at)
        self._tell_recent(parent)
        if node.directory is not None:
            self._tell_recent(node)
        self._expiry.add(node)
        self.entries += 1
        self.size += node.size
        self.changes += 1

    def take(self, node: Node) -> None:
        """Take a node out, purged or restored. What was deleted from it stays where it is."""
        directory = _directory(node.parent)
        if directory.recycled is None:
            raise KeyError(f"{node.path} (FileId {node.inode}) is not in the bin")
        directory.recycled.remove(node)
        if not directory.recycled:
            directory.recycled = None
        node.deleted_at = None
        self._tell_recent(node.parent)
        if node.directory is not None:
            self._tell_recent(node)
        self.entries -= 1
        self.size -= node.size
        self.changes += 1

    def drop(self, nodes: Iterable[Node]) -> None:
        """Purge nodes that make up everything below a directory; quicker than taking each out."""
        for node in nodes:
            node.deleted_at = None
            self.entries -= 1
            self.size -= node.size
            self.changes += 1
            _directory(node.parent).recycled = None
            if node.directory is not None and node.directory.is_recent:
                node.directory.is_recent = False
                self.recent.remove(node)

    def rename(self, node: Node, name: str) -> None:
        """Give a live node another name; its place among the recent directories may depend on it."""
        listed = node.directory is not None and node.directory.is_recent
        if listed:
            self.recent.remove(node)
        node.name = name
        if listed:
            self.recent.add(node)

    def expired(self, until: float) -> Iterator[Node]:
        """The nodes to purge because their retention ended by `until`; the caller takes each out before the next.

        A directory waits for what is in it (assumed; in a real bin nothing in it was deleted later).
        """
        while (node := self._expiry.pop(until)) is not None:
            if node.directory is not None and node.directory.recycled:
                self._overdue[node.inode] = node
            else:
                yield node
        while ready := [node for node in self._overdue.values() if not (node.directory and node.directory.recycled)]:
            for node in ready:
                del self._overdue[node.inode]
                if node.deleted_at is not None and self.due(node) <= until:
                    yield node

    def _tell_recent(self, node: Node) -> None:
        directory = _directory(node)
        itself = node.deleted_at is not None and self._settings.recent_directories == "deleted-too"
        belongs = itself or directory.recycled is not None
        if belongs != directory.is_recent:
            directory.is_recent = belongs
            if belongs:
                self.recent.add(node)
            else:
                self.recent.remove(node)


def order_key(settings: NasSettings, number: str) -> Callable[[Node], Any]:
    """Return the key of the listing order; `number` names the attribute that orders nodes of equal name."""
    numbered: Callable[[Node], int] = attrgetter(number)
    if settings.list_order == "insertion":
        return numbered
    if settings.list_order == "name":
        return lambda node: (node.name, numbered(node))
    return lambda node: (numbered(node) * _MIX + settings.shuffle_seed * (_MIX >> 1)) * _MIX & _MASK


def _directory(node: Node) -> Directory:
    if node.directory is None:
        raise ValueError(f"{node.path} (FileId {node.inode}) is a file")
    return node.directory
