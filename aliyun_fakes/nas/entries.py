"""Files and directories, live and recycled, kept small: a bin may hold a million of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from time import gmtime, strftime
from typing import Any, Literal, TypeAlias

from sortedcontainers import SortedKeyList

from aliyun_fakes.nas.settings import DAY

ROOT_INODE = 2
LONGEST_NAME = 255


class Directory:
    """What a directory has beyond what a file has.

    Attributes:
        live: its live children by name; None until there is one.
        recycled: what was deleted from it and is still in the bin; None until something is.
        last_delete: newest DeleteTime of anything deleted from it, seconds since the epoch.
        is_recent: whether the bin lists it as a directory that something was deleted from.
    """

    __slots__ = ("is_recent", "last_delete", "live", "recycled")

    def __init__(self) -> None:
        self.live: dict[str, Node] | None = None
        self.recycled: Listing | None = None
        self.last_delete = 0
        self.is_recent = False


class Node:
    """One file or directory. Times are whole seconds since the epoch, as the API shows them.

    Attributes:
        inode: its number; the FileId is this number as a string.
        deleted_at: when it went into the bin; None while it is live.
        parent: the directory it is in or was deleted from; the root is its own.
        sequence: its place in the order of deletions; numbers are shared with the inodes, which saves memory.
        directory: None for a file.
    """

    __slots__ = ("atime", "ctime", "deleted_at", "directory", "inode", "mtime", "name", "parent", "sequence", "size")

    def __init__(self, inode: int, name: str, parent: "Node | None", directory: Directory | None, mtime: int) -> None:
        self.inode = inode
        self.name = name
        self.parent: Node = parent or self
        self.directory = directory
        self.size = 0
        self.sequence = inode
        self.deleted_at: int | None = None
        self.atime = self.mtime = self.ctime = mtime

    @property
    def is_live(self) -> bool:
        """Whether it is outside the bin. A file below a recycled directory is in the bin itself."""
        return self.deleted_at is None

    @property
    def path(self) -> str:
        """The absolute path it has, or had."""
        names = [self.name]
        node = self.parent
        while node is not node.parent:
            names.append(node.name)
            node = node.parent
        return "/" + "/".join(reversed(names))


Listing: TypeAlias = SortedKeyList[Node, Any]
"""Nodes in the order of a key, which is a number or a name with a number: one kind in one listing."""


@dataclass(frozen=True)
class BinEntry:
    """An entry of the bin, as tests and demos see it.

    Attributes:
        path: where it was deleted from, with its name.
        parent_id: FileId of the directory it was deleted from.
        delete_time, atime, mtime, ctime: seconds since the epoch.
        size: bytes; 0 for a directory.
    """

    file_id: str
    parent_id: str
    name: str
    path: str
    type: Literal["File", "Directory"]
    size: int
    delete_time: int
    atime: int
    mtime: int
    ctime: int


def entry_of(node: Node, path: str | None = None) -> BinEntry:
    """A node of the bin as a value; the path is worked out when not given."""
    if node.deleted_at is None:
        raise ValueError(f"{node.path} (FileId {node.inode}) is live: only what is in the bin is an entry")
    return BinEntry(
        file_id=str(node.inode),
        parent_id=str(node.parent.inode),
        name=node.name,
        path=node.path if path is None else path,
        type="File" if node.directory is None else "Directory",
        size=node.size,
        delete_time=node.deleted_at,
        atime=node.atime,
        mtime=node.mtime,
        ctime=node.ctime,
    )


def recycled_below(node: Node) -> Iterator[Node]:
    """A node's recycled descendants, parents before children, through recycled directories only."""
    stack = [node]
    while stack:
        top = stack.pop()
        if top is not node:
            yield top
        if top.directory is not None and top.directory.recycled is not None:
            stack.extend(reversed(list(top.directory.recycled)))


def service_time(moment: float) -> str:
    """A moment as the recycle-bin operations print it: UTC, whole seconds (documented: SDK 3.6.1 and the samples)."""
    day, second = divmod(int(moment), DAY)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{_date(day)}T{hour:02d}:{minute:02d}:{second:02d}Z"


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return strftime("%Y-%m-%d", gmtime(day * DAY))


def checked_name(name: str) -> str:
    """A name a file system takes.

    Raises:
        ValueError: empty, ``.``, ``..``, with a slash or NUL, not UTF-8, or longer than 255 bytes.
    """
    try:
        length = len(name.encode())
    except UnicodeEncodeError as error:
        raise ValueError(f"name {name!r}: not UTF-8; rename it or leave it out") from error
    if name in ("", ".", "..") or "/" in name or "\0" in name or length > LONGEST_NAME:
        raise ValueError(
            f"name {name!r}: must be 1 to {LONGEST_NAME} bytes without slash or NUL, and neither '.' nor '..'"
        )
    return name


def components(path: str) -> list[str]:
    """The names of an absolute path; none for ``/``.

    Raises:
        ValueError: not absolute, or with a name no file system takes.
    """
    if not path.startswith("/"):
        raise ValueError(f"path {path!r}: must start with '/'")
    return [checked_name(name) for name in path.split("/")[1:]] if path != "/" else []
