"""What a run may delete and must delete, read by brute force and by no code of the functions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from aliyun_fakes.nas.entries import BinEntry
from aliyun_fakes.nas.file_system import FileSystem

Key = tuple[str, int]


@dataclass(frozen=True)
class Rules:
    """One policy, in other words than the policy file's.

    Attributes:
        older_than: seconds.
        protected: directories, each with all that is in it.
        name: of the entries that go.
        kept_ids: entries that stay whatever their age.
    """

    older_than: float
    protected: tuple[str, ...] = ()
    name: str = "*"
    kept_ids: frozenset[str] = field(default_factory=frozenset)

    def selects(self, entry: BinEntry, as_of: float) -> bool:
        """Whether an entry goes by itself, whatever is in it; `as_of` in seconds since the epoch."""
        protected = any(entry.path == top or entry.path.startswith(f"{top}/") for top in self.protected)
        old = entry.delete_time <= as_of - self.older_than
        return old and not protected and fnmatchcase(entry.name, self.name) and entry.file_id not in self.kept_ids


def key(entry: BinEntry) -> Key:
    """What tells a deletion from every other: an entry restored and deleted again is another one."""
    return entry.file_id, entry.delete_time


def present(file_system: FileSystem) -> dict[Key, BinEntry]:
    """Everything in the bin now."""
    return {key(entry): entry for _, entry in file_system.bin_entries()}


def must_go(entries: Iterable[BinEntry], rules: Rules, as_of: float) -> set[Key]:
    """What a completed run takes: selected entries, and of directories those that hold nothing that stays."""
    entries = list(entries)
    children: dict[str, list[BinEntry]] = {}
    for entry in entries:
        children.setdefault(entry.parent_id, []).append(entry)

    def is_clear(entry: BinEntry) -> bool:
        return rules.selects(entry, as_of) and all(map(is_clear, children.get(entry.file_id, ())))

    return {key(entry) for entry in entries if is_clear(entry)}


def fewest_jobs(entries: Iterable[BinEntry], rules: Rules, as_of: float) -> int:
    """One job for each topmost entry that goes."""
    entries = list(entries)
    going = must_go(entries, rules, as_of)
    ids = {file_id for file_id, _ in going}
    return sum(entry.parent_id not in ids for entry in entries if key(entry) in going)
