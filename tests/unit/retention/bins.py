"""An in-memory recycle bin, filled the way people fill real ones."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from functions.retention.core.entry import Entry
from functions.retention.core.errors import NotFound, StaleToken
from functions.retention.core.recycle_bin import ROOT_ID, Listings, Page, RecentDirectory
from functions.retention.core.service_time import format_service_time
from functions.retention.policy.judge import Judge
from functions.retention.policy.model import Guardrails, Policy
from functions.retention.walk.recent_directories import Recents
from functions.retention.walk.selection import Collector, TargetSet, rows_of
from functions.retention.walk.survey import Survey

NOW = 1_790_000_000.0
DAY = 86_400.0
_AGES = 10_000_000
OLD = format_service_time(NOW - 30 * DAY)
YOUNG = format_service_time(NOW - 3 * DAY)


def judge(*protect: str, now: float = NOW, cancelled: Collection[str] = (), **match: object) -> Judge:
    """A gate that selects what was deleted a week ago, is not protected, and whose job nobody cancelled."""
    policy = {"name": "aged", "file_systems": "fs", "older_than": "7d", "match": match}
    guardrails = Guardrails.model_validate({"file_systems": "fs", "protect": list(protect)})
    return Judge([Policy.model_validate(policy)], guardrails, as_of=NOW, now=now, cancelled=cancelled)


def set_of(listings: Listings, recents: Recents, gate: Judge, *, sees_inside: bool = True) -> TargetSet:
    """All targets that a survey finds now."""
    collector = Collector()
    survey = Survey(listings, recents, gate, sees_inside=sees_inside, collector=collector)
    while not survey.finished:
        survey.step()
    return TargetSet(rows_of(collector.payloads()))


@dataclass
class TreeBin:
    """A live tree, and what was deleted from it.

    Attributes:
        page_size: entries on a page.
        entries: recycled entries by id of the directory they were deleted from, in the order of deletion.
        paths: of every directory, live or recycled, by id.
        live: ids of live directories by path; live files are listed by `files`.
        calls: (directory, token) of every listing.
        stale_at: numbers of the listings, from 1, that find their token stale.
        by_offset: tokens count entries, and so skip some when others before them go.
    """

    page_size: int = 1000
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=lambda: {ROOT_ID: "/"})
    live: dict[str, str] = field(default_factory=lambda: {"/": ROOT_ID})
    files: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    stale_at: Collection[int] = ()
    by_offset: bool = False
    numbers: int = 2

    # What people do.

    def mkdir(self, path: str) -> str:
        """Make a directory and those above it; its id."""
        if path not in self.live:
            self.mkdir(_parent(path))
            self.live[path] = self._number()
            self.paths[self.live[path]] = path
        return self.live[path]

    def write(self, path: str, size: int) -> None:
        """Make a file and the directories above it, unless the name is a directory's."""
        self.mkdir(_parent(path))
        if path not in self.live:
            self.files[path] = size

    def drop(self, path: str, deleted: str, size: int | None = 1, kind: str = "File") -> str:
        """Put an entry into the bin as if it had been deleted from a live directory; its id."""
        file_id = self._number()
        if kind == "Directory":
            self.paths[file_id] = path
        return self._recycle(path, Entry(file_id, kind, "", deleted, OLD, OLD, OLD, size, file_id))

    def remove(self, path: str, deleted: str) -> None:
        """``rm -rf``: what is in a directory before the directory; nothing when nothing is there."""
        for file in sorted(each for each in self.files if f"{each}/".startswith(f"{path}/")):
            self.drop(file, deleted, self.files.pop(file))
        for each in sorted(self.live, reverse=True):
            if f"{each}/".startswith(f"{path}/"):
                file_id = self.live.pop(each)
                self._recycle(each, Entry(file_id, "Directory", "", deleted, OLD, OLD, OLD, 0, file_id))

    def _recycle(self, path: str, entry: Entry) -> str:
        members = self.entries.setdefault(self.mkdir(_parent(path)), [])
        members.append(replace(entry, name=path.rpartition("/")[2]))
        members.sort(key=self._age)
        return entry.file_id

    def _number(self) -> str:
        self.numbers += 1
        return str(self.numbers * 7919 % 1009 * _AGES + self.numbers)

    # What the service does.

    def recents(self) -> Recents:
        """Where something was deleted."""
        return Recents(RecentDirectory(file_id, self.paths[file_id]) for file_id in self.entries)

    def targets(self, gate: Judge) -> TargetSet:
        """All targets that a survey finds now; its listings are not counted."""
        calls, stale_at, self.stale_at = list(self.calls), self.stale_at, ()
        found = set_of(self, self.recents(), gate)
        self.calls[:] = calls
        self.stale_at = stale_at
        return found

    def page(self, file_id: str, token: str = "") -> Page:
        """One page; tokens name the entry before."""
        self.calls.append((file_id, token))
        if file_id not in self.paths:
            raise NotFound("List", "InvalidFileId.NotFound", file_id)
        if token and len(self.calls) in self.stale_at:
            raise StaleToken("List", "InvalidParameter.InvalidNextToken", token)
        members = self.entries.get(file_id, [])
        if self.by_offset:
            start = int(token or 0)
        else:
            start = next((at for at, each in enumerate(members) if self._age(each) > int(token or 0)), len(members))
        end = start + self.page_size
        last = str(end) if self.by_offset else str(self._age(members[end - 1])) if end < len(members) else ""
        return Page(members[start:end], last if end < len(members) else "", NOW)

    def _age(self, entry: Entry) -> int:
        return int(entry.file_id) % _AGES

    def delete(self, file_id: str) -> list[str]:
        """Take an entry and all below it out of the bin; the ids."""
        for members in self.entries.values():
            for entry in members:
                if entry.file_id == file_id:
                    members.remove(entry)
                    return [file_id, *self._drop_below(file_id)]
        raise NotFound("Delete", "InvalidFileId.NotFound", file_id)

    def _drop_below(self, file_id: str) -> Iterator[str]:
        self.paths.pop(file_id, None)
        for entry in self.entries.pop(file_id, []):
            yield entry.file_id
            yield from self._drop_below(entry.file_id)

    # What tests compare with.

    def all_entries(self) -> dict[str, tuple[Entry, str]]:
        """Every entry with the path of the directory it was deleted from, by id."""
        return {entry.file_id: (entry, self.paths[at]) for at, members in self.entries.items() for entry in members}

    def fewest(self, gate: Judge) -> tuple[int, set[str]]:
        """By brute force: the fewest jobs that delete all that can go, and the ids of what goes."""
        above = {entry.file_id: at for at, members in self.entries.items() for entry in members}
        everything = self.all_entries()
        targets = {
            file_id
            for file_id, (entry, directory) in everything.items()
            if gate.verdict(entry, directory).delete and self._goes(gate, entry)
            if not (above[file_id] in everything and self._goes(gate, everything[above[file_id]][0]))
        }
        gone = set(targets)
        pending = list(targets)
        while pending:
            inside = {entry.file_id for entry in self.entries.get(pending.pop(), [])}
            pending += inside
            gone |= inside
        return len(targets), gone

    def _goes(self, gate: Judge, entry: Entry) -> bool:
        """Whether an entry is selected, and so is everything in it."""
        _, directory = self.all_entries()[entry.file_id]
        inside = self.entries.get(entry.file_id, []) if entry.is_directory else []
        return gate.verdict(entry, directory).delete and all(self._goes(gate, each) for each in inside)


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"
