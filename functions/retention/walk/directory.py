"""The parts of a walk: open paths, the directories at them, and the subdirectories still to be walked."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2b
from itertools import takewhile
from typing import NamedTuple

from functions.retention.core import Entry, is_component
from functions.retention.policy import Verdict
from functions.retention.walk.cursor import HASH_MODULUS, Candidate, Key, Step

_FIELD_END = "\0"


class Size:
    """How much there is below a directory.

    Attributes:
        size: bytes, without files of unknown size.
        entries: files and directories.
        jobs: deletion jobs it takes when something in the directory stays.
        unknown: files of unknown size.
        total: sum of the hashes of those entries, see `selection`; 0 while no set is made or taken.
    """

    __slots__ = ("entries", "jobs", "size", "total", "unknown")

    def __init__(self, size: int = 0, entries: int = 0, jobs: int = 0, *, unknown: int = 0, total: int = 0) -> None:
        self.size = size
        self.entries = entries
        self.jobs = jobs
        self.unknown = unknown
        self.total = total

    @property
    def bytes(self) -> int | None:
        """All bytes; None when they are not known."""
        return None if self.unknown else self.size

    def add(self, size: int, entries: int, jobs: int = 1, *, unknown: int = 0, total: int = 0) -> None:
        """Add something that goes by so many jobs."""
        self.size += size
        self.entries += entries
        self.jobs += jobs
        self.unknown += unknown
        self.total = (self.total + total) % HASH_MODULUS


class Directory:
    """One directory that is open: recycled, or live with something deleted from it.

    Attributes:
        file_id: its id.
        entry: as its parent's listing shows it; None when it is live.
        verdict: on that entry.
        parent: the directory whose listing shows it; None when it is live.
        parent_token: of the page of that listing.
        takes_all: it is selected, and so is everything seen below it so far.
        inside: what was finished below it, while it takes all.
        unknown: it could not be looked into.
        token: of the page to read next.
        replay: its entries are read only to find its subdirectories again.
        missed_pages: reading began behind its first page, where subdirectories may be.
        saw_directories: pages so far showed subdirectories.
        pages: how many pages were read since the first.
        first: id of the first target on its first page when that was last read (`TargetWalk`).
        restarts: how often it was read again from its first page.
        listed_any: its listing showed something.
        listed_at: when its first page came, epoch seconds.
        counted: its entries that were dealt with since its first page.
        sample: hashed ids of some of its entries.
    """

    __slots__ = (
        "counted",
        "entry",
        "file_id",
        "first",
        "inside",
        "listed_any",
        "listed_at",
        "missed_pages",
        "pages",
        "parent",
        "parent_token",
        "replay",
        "restarts",
        "sample",
        "saw_directories",
        "takes_all",
        "token",
        "unknown",
        "verdict",
    )  # fmt: skip

    def __init__(
        self,
        file_id: str,
        entry: Entry | None = None,
        verdict: Verdict | None = None,
        parent: "Directory | None" = None,
        parent_token: str = "",
    ) -> None:
        self.file_id = file_id
        self.entry = entry
        self.verdict = verdict
        self.parent = parent
        self.parent_token = parent_token
        self.takes_all = verdict is not None and verdict.delete
        self.unknown = self.replay = False
        self.restarts = 0
        self.first = ""
        self.restart()

    def restart(self) -> None:
        """Read its entries from the first page; what was finished is void unless that is a replay."""
        if not self.replay:
            self.inside = Size()
        self.token = ""
        self.missed_pages = self.saw_directories = self.listed_any = False
        self.listed_at = 0.0
        self.pages = self.counted = 0
        self.sample: set[int] = set()

    def resume(self, candidate: Candidate | None) -> None:
        """Take over what an earlier slice found about it; unless it was a candidate, it does not take all."""
        self.takes_all = self.takes_all and candidate is not None
        if candidate is not None and self.takes_all:
            self.inside = Size(
                candidate.size, candidate.entries, candidate.jobs, unknown=candidate.unknown, total=candidate.total
            )

    @property
    def is_selected(self) -> bool:
        """Whether its entry may go."""
        return self.verdict is not None and self.verdict.delete

    @property
    def key(self) -> Key:
        """Its position in the order in which the directories of an open path are read."""
        return Key(self.entry is None, self.file_id)

    def candidate(self) -> Candidate:
        """What a cursor keeps of it while it takes all."""
        inside = self.inside
        return Candidate(self.file_id, inside.jobs, inside.size, inside.entries, inside.unknown, inside.total)


class PendingDirectory(NamedTuple):
    """A directory still to be walked, kept small because an open path can have very many.

    Attributes:
        name: below the open path it was found at; several components when it is live and those above it are not listed.
        verdict: on its entry; None when it is live.
        parent: the directory whose listing shows it; None when it is live.
        parent_token: of the page of that listing.
        fields: its entry as one text, or its id when it is live.
    """

    name: str
    verdict: Verdict | None
    parent: Directory | None
    parent_token: str
    fields: str

    @classmethod
    def recycled(cls, entry: Entry, verdict: Verdict, parent: Directory) -> "PendingDirectory":
        """A subdirectory that the page now being read of `parent` shows."""
        size = "" if entry.size is None else str(entry.size)
        parts = (entry.file_id, entry.delete_time, entry.atime, entry.mtime, entry.ctime, size, entry.inode)
        return cls(entry.name, verdict, parent, parent.token, _FIELD_END.join(parts))

    @classmethod
    def live(cls, name: str, file_id: str) -> "PendingDirectory":
        """A live directory in which something was deleted."""
        return cls(name, None, None, "", file_id)

    @property
    def file_id(self) -> str:
        """Its id."""
        return self.fields.partition(_FIELD_END)[0]

    @property
    def path_key(self) -> str:
        """Key of its path among those below the parent; short for names of any length."""
        return urlsafe_b64encode(blake2b(self.name.encode("utf-8", "surrogatepass"), digest_size=6).digest()).decode()

    def open(self) -> Directory:
        """The directory, ready to be read."""
        if self.verdict is None:
            return Directory(self.fields)
        file_id, delete_time, atime, mtime, ctime, size, inode = self.fields.split(_FIELD_END)
        entry = Entry(
            file_id, "Directory", self.name, delete_time, atime, mtime, ctime, int(size) if size else None, inode
        )
        return Directory(file_id, entry, self.verdict, self.parent, self.parent_token)


class OpenPath:
    """A path, and all directories that have it: a name can be deleted several times and exist once more.

    Attributes:
        path: absolute.
        key: names it among the paths below its parent.
        directories: recycled ones by id, then live ones by id.
        reading: how many of them were read to their end.
        pending: subdirectories of all of them still to be walked, the next one last.
        closed: names below which nothing is walked: an entry there stays with all that is in it.
        done: key of the path below that was finished last.
    """

    __slots__ = ("closed", "directories", "done", "key", "path", "pending", "reading")

    def __init__(self, path: str, key: str, directories: list[Directory]) -> None:
        self.path = path
        self.key = key
        self.directories = sorted(directories, key=lambda directory: directory.key)
        self.restart()

    def restart(self) -> None:
        """Begin anew with its first directory."""
        self.reading = 0
        self.pending: list[PendingDirectory] = []
        self.closed: set[str] = set()
        self.done = ""

    @property
    def listed(self) -> bool:
        """Whether all its directories were read."""
        return self.reading >= len(self.directories)

    @property
    def is_live(self) -> bool:
        """Whether none of its directories is recycled itself."""
        return all(directory.entry is None for directory in self.directories)

    def step(self) -> Step:
        """This path in a cursor."""
        flat = self.listed and self.is_live and not any(directory.saw_directories for directory in self.directories)
        return Step(
            self.key, tuple(directory.candidate() for directory in self.directories if directory.takes_all), flat
        )

    def collect(self, directory: Directory, entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> None:
        """Remember the subdirectories of a page; one without an id or a proper name cannot be looked into."""
        for entry, verdict in zip(entries, verdicts, strict=True):
            if entry.is_directory and entry.file_id and is_component(entry.name):
                self.pending.append(PendingDirectory.recycled(entry, verdict, directory))
                directory.saw_directories = True

    def below(self, pending: Sequence[PendingDirectory]) -> "OpenPath":
        """The path of subdirectories of one name, opened."""
        path = join(self.path, pending[0].name)
        return OpenPath(path, pending[0].path_key, [each.open() for each in pending])

    def next_pending(self) -> list[PendingDirectory]:
        """Take the subdirectories out that are at the next path below."""
        name = self.pending[-1].name
        found = list(takewhile(lambda pending: pending.name == name, reversed(self.pending)))
        del self.pending[-len(found) :]
        return found

    def forget(self, directory: Directory) -> None:
        """Drop the subdirectories of one directory."""
        self.pending = [pending for pending in self.pending if pending.parent is not directory]


def join(directory: str, name: str) -> str:
    """The path of an entry of a directory."""
    return f"/{name}" if directory == "/" else f"{directory}/{name}"
