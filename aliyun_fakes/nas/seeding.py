"""Short cuts that fill a recycle bin directly, for tests, demos and benchmarks."""

from collections.abc import Iterable, Mapping, Sequence

from aliyun_fakes.nas.entries import BinEntry, Directory, Node, checked_name, components, entry_of
from aliyun_fakes.nas.tree import Tree, children, live_children


class SeedableTree(Tree):
    """A tree whose bin can be filled without writing and deleting first."""

    def recycle(
        self,
        path: str,
        *,
        size: int = 0,
        deleted_at: float | None = None,
        is_directory: bool = False,
        mtime: float | None = None,
        atime: float | None = None,
        ctime: float | None = None,
    ) -> BinEntry:
        """Put an entry into the bin as if it had been deleted at a moment, now when omitted.

        Its parent may be live (and is made when it does not exist) or itself in the bin.

        Raises:
            ValueError: the bin is off, the path runs through a file, or it leads out of a recycled directory to one
                that is not there.
        """
        self.settle()
        *parents, name = components(path) or [""]
        at = self.now() if deleted_at is None else int(deleted_at)
        node = self._add(checked_name(name), self._directory_for(parents), Directory() if is_directory else None)
        node.size = 0 if is_directory else size
        node.mtime = at if mtime is None else int(mtime)
        node.atime = node.mtime if atime is None else int(atime)
        node.ctime = at if ctime is None else int(ctime)
        self.bin.put(node, at)
        return entry_of(node)

    def recycle_many(self, directory: str, files: Iterable[tuple[str, int, float]]) -> int:
        """Put many files of one directory into the bin: (name, bytes, when deleted). Returns how many.

        The quick way to a bin of a million entries; their other times are that of the deletion.
        """
        self.settle()
        parent = self._directory_for(components(directory))
        nodes, numbers, put = self.nodes, self._numbers, self.bin.put
        before = self.bin.entries
        for name, size, deleted_at in files:
            at, inode = int(deleted_at), next(numbers)
            node = Node(inode, name, parent, None, at)
            node.size = size
            nodes[inode] = node
            put(node, at)
        return self.bin.entries - before

    def recycle_tree(self, path: str, files: Mapping[str, int], *, deleted_at: float | None = None) -> BinEntry:
        """Put a tree into the bin as if ``rm -rf`` had deleted it at one moment, now when omitted.

        Args:
            path: of its top directory.
            files: size by path relative to the top; a path ending in ``/`` is an empty directory.
            deleted_at: seconds since the epoch.
        """
        top = self.recycle(path, deleted_at=deleted_at, is_directory=True)
        made = {"": self.nodes[int(top.file_id)]}
        for relative, size in files.items():
            *parents, name = relative.split("/")
            parent = self._recycled_directories(parents, made, top.delete_time)
            if name:
                node = self._add(checked_name(name), parent, None, top.delete_time)
                node.size = size
                self.bin.put(node, top.delete_time)
        return top

    def _directory_for(self, names: Sequence[str]) -> Node:
        """The directory to recycle into: live, else in the bin, else made."""
        path = "/" + "/".join(names)
        if not self.bin_enabled:
            raise ValueError(f"{path}: nothing can be recycled while the bin is off")
        if self._found[0] == path and self.nodes.get(self._found[1].inode) is self._found[1]:
            return self._found[1]
        node = self.root
        for depth, name in enumerate(names):
            below = (live_children(node).get(name) if node.is_live else None) or _newest_recycled_directory(node, name)
            if below is None and not node.is_live:
                raise ValueError(f"{path}: {node.path} is in the bin and has no directory {name!r}; recycle that first")
            node = below or self._make_directories(names[: depth + 1])
            if node.directory is None:
                raise ValueError(f"{path}: {node.path} is a file, not a directory")
        self._found = (path, node)
        return node

    def _recycled_directories(self, names: Sequence[str], made: dict[str, Node], at: int) -> Node:
        node, path = made[""], ""
        for name in names:
            path = f"{path}/{name}"
            below = made.get(path)
            if below is None:
                below = self._add(checked_name(name), node, Directory(), at)
                self.bin.put(below, at)
                made[path] = below
            node = below
        return node


def _newest_recycled_directory(node: Node, name: str) -> Node | None:
    named = [below for below in children(node) if below.name == name and not below.is_live and below.directory]
    return max(named, key=lambda below: below.sequence, default=None)
