"""The live tree of a file system and how people's deletions fill its bin.

What goes into the bin is documented by the user guide "Recycle bin" (2026-01): unlinked files and directories and
files replaced by a rename. Overwriting a file in place does not. FileIds are inode numbers as strings, the root's
is "2" (documented since SDK 3.7.4); that an object keeps its inode in the bin, and after a restore, is assumed.
"""

from collections.abc import Iterator, Sequence
from itertools import count

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.nas.bin import RecycleBin
from aliyun_fakes.nas.entries import (
    ROOT_INODE,
    BinEntry,
    Directory,
    Node,
    checked_name,
    components,
    entry_of,
    recycled_below,
)
from aliyun_fakes.nas.settings import NasSettings


class Tree:
    """Files and directories, live and recycled, by path and by inode.

    Args:
        settings: of the bin.
        clock: deletions happen at its present moment.
        reserved_days: of the bin.
        bin_enabled: while it is off, what is deleted is gone.
    """

    def __init__(self, settings: NasSettings, clock: Clock, *, reserved_days: int, bin_enabled: bool) -> None:
        self.settings = settings
        self._clock = clock
        self._numbers = count(ROOT_INODE + 1)
        self.bin = RecycleBin(settings, reserved_days, self._numbers)
        self.bin_enabled = bin_enabled
        self.root = Node(ROOT_INODE, "", None, Directory(), self.now())
        self.nodes: dict[int, Node] = {ROOT_INODE: self.root}
        self.live_size = 0
        self._found: tuple[str, Node] = ("/", self.root)

    def now(self) -> int:
        """The present moment in whole seconds, as a file system stamps."""
        return int(self._clock.now())

    def settle(self) -> None:
        """Let happen what was due by now; a bare tree has nothing that happens by itself."""

    # What people do

    def write(self, path: str, size: int = 0, *, mtime: float | None = None, atime: float | None = None) -> str:
        """Create a file, its directories with it, or overwrite one in place. Returns its FileId.

        Raises:
            ValueError: the path is taken by a directory, or runs through a file.
        """
        self.settle()
        *parents, name = components(path) or [""]
        parent = self._make_directories(parents)
        node = live_children(parent).get(checked_name(name))
        if node is None:
            node = self._add(name, parent, None)
            live_children(parent)[name] = node
        elif node.directory is not None:
            raise ValueError(f"{path}: a directory is there")
        self.live_size += size - node.size
        node.size = size
        node.ctime = self.now()
        node.mtime = int(mtime) if mtime is not None else self.now()
        node.atime = int(atime) if atime is not None else node.mtime
        return str(node.inode)

    def mkdir(self, path: str) -> str:
        """Create a directory and those above it, unless they exist. Returns its FileId."""
        self.settle()
        return str(self._make_directories(components(path)).inode)

    def unlink(self, path: str) -> str:
        """Delete a file, as ``rm`` does. Returns its FileId.

        Raises:
            ValueError: no file is there.
        """
        self.settle()
        node = self._live_at(path)
        if node.directory is not None:
            raise ValueError(f"{path}: a directory; use rm_rf")
        self._delete(node)
        return str(node.inode)

    def rm_rf(self, path: str) -> str:
        """Delete a file or a tree, children before parents, as ``rm -rf`` does. Returns its FileId.

        Raises:
            ValueError: nothing is there, or it is the root.
        """
        self.settle()
        top = self._live_at(path)
        if top is self.root:
            raise ValueError("/: the root cannot be deleted")
        for node in reversed(list(_live_below(top))):
            self._delete(node)
        self._delete(top)
        return str(top.inode)

    def rename_over(self, source: str, target: str) -> str:
        """Rename a file or directory; a file it replaces goes into the bin. Returns the moved one's FileId.

        Raises:
            ValueError: nothing is at the source, it is the root, or the target is a directory or below the source.
        """
        self.settle()
        node = self._live_at(source)
        *parents, name = components(target) or [""]
        if source == target and node is not self.root:
            return str(node.inode)
        if node is self.root or target.startswith(f"{source}/"):
            raise ValueError(f"{source}: cannot be moved to {target}, which is below it")
        parent = self._make_directories(parents)
        replaced = live_children(parent).get(checked_name(name))
        if replaced is not None and replaced.directory is not None:
            raise ValueError(f"{target}: a directory is there")
        if replaced is not None:
            self._delete(replaced)
        del live_children(node.parent)[node.name]
        self.bin.rename(node, name)
        node.parent, node.ctime = parent, self.now()
        live_children(parent)[name] = node
        self._found = ("/", self.root)
        return str(node.inode)

    # What is there

    def bin_entries(self) -> Iterator[tuple[str, BinEntry]]:
        """Everything in the bin with its path, whatever the API would list: the reading that tests check against."""
        self.settle()
        stack = [(self.root, "")]
        while stack:
            node, path = stack.pop()
            if node.deleted_at is not None:
                yield path, entry_of(node, path)
            if node.directory is not None:
                children = [*(node.directory.live or {}).values(), *(node.directory.recycled or ())]
                stack.extend((child, f"{path}/{child.name}") for child in reversed(children))

    def find(self, path: str) -> BinEntry | None:
        """The entry of the bin at a path, the newest if several were deleted there; None when there is none."""
        self.settle()
        found = self._recycled_at(components(path))
        return entry_of(max(found, key=lambda node: node.sequence)) if found else None

    def entry(self, file_id: str) -> BinEntry | None:
        """The entry of the bin with a FileId, or None."""
        self.settle()
        node = self.node(file_id)
        return None if node is None or node.is_live else entry_of(node)

    def exists(self, path: str) -> bool:
        """Whether a live file or directory is at a path."""
        self.settle()
        try:
            self._live_at(path)
        except ValueError:
            return False
        return True

    def node(self, file_id: str) -> Node | None:
        """The live or recycled node with a FileId; None for anything that is not exactly the number's string."""
        if not (file_id.isascii() and file_id.isdigit()) or file_id != file_id.lstrip("0") or len(file_id) > 20:  # noqa: PLR2004 - a 64-bit number's digits
            return None
        return self.nodes.get(int(file_id))

    # What jobs, expiry and the switch do

    def purge(self, node: Node) -> None:
        """Take a node and what is left below it out of the bin for good."""
        below = list(recycled_below(node))
        self.bin.drop(below)
        for child in below:
            del self.nodes[child.inode]
        self.bin.take(node)
        del self.nodes[node.inode]

    def restore(self, node: Node, target: Node) -> None:
        """Put one recycled node back to life in a live directory; what was deleted below it stays in the bin.

        A name that is taken gets the FileId appended (assumed: nothing is published about collisions).
        """
        self.bin.take(node)
        siblings = live_children(target)
        if node.name in siblings:
            self.bin.rename(node, f"{node.name}.{node.inode}")
        node.parent = target
        siblings[node.name] = node
        self.live_size += node.size
        self._found = ("/", self.root)

    def empty_bin(self) -> None:
        """Purge everything."""
        for directory in list(self.bin.recent):
            if directory.is_live:
                for node in list((directory.directory and directory.directory.recycled) or ()):
                    self.purge(node)

    def _delete(self, node: Node) -> None:
        del live_children(node.parent)[node.name]
        self.live_size -= node.size
        self._found = ("/", self.root)
        if self.bin_enabled:
            node.ctime = self.now()
            self.bin.bury(node, node.ctime)
        else:
            del self.nodes[node.inode]

    def _add(self, name: str, parent: Node, directory: Directory | None, at: int | None = None) -> Node:
        node = Node(next(self._numbers), name, parent, directory, self.now() if at is None else at)
        self.nodes[node.inode] = node
        return node

    def _live_at(self, path: str) -> Node:
        node = self.root
        for name in components(path):
            below = live_children(node).get(name) if node.directory is not None else None
            if below is None:
                raise ValueError(f"{path}: no such file or directory")
            node = below
        return node

    def _make_directories(self, names: Sequence[str]) -> Node:
        node = self.root
        for name in names:
            below = live_children(node).get(name)
            if below is None:
                below = self._add(name, node, Directory())
                live_children(node)[name] = below
                self._found = ("/", self.root)
            if below.directory is None:
                raise ValueError(f"{below.path}: a file, not a directory")
            node = below
        return node

    def _recycled_at(self, names: Sequence[str]) -> list[Node]:
        level = [self.root]
        for name in names:
            directories = [node for node in level if node.directory is not None]
            level = [below for node in directories for below in children(node) if below.name == name]
        return [node for node in level if not node.is_live]


def live_children(node: Node) -> dict[str, Node]:
    """A directory's live children, to read or to change."""
    if node.directory is None:
        raise ValueError(f"{node.path}: a file, not a directory")
    if node.directory.live is None:
        node.directory.live = {}
    return node.directory.live


def _live_below(node: Node) -> Iterator[Node]:
    """A node's live descendants, parents before children."""
    stack = [node]
    while stack:
        top = stack.pop()
        if top is not node:
            yield top
        if top.directory is not None and top.directory.live:
            stack.extend(reversed(list(top.directory.live.values())))


def children(node: Node) -> Iterator[Node]:
    """Everything that is or was in a directory: live, then recycled; nothing for a file."""
    if node.directory is not None:
        yield from (node.directory.live or {}).values()
        yield from node.directory.recycled or ()
