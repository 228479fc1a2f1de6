"""A lazy, depth-first, resumable walk over a recycle bin: one listing per step.

The walk starts at the root directory and goes down two kinds of edges: recycled directories, which their
parent's listing names, and live directories in which something was deleted, which `Recents` names. Of a
directory it deals with its own entries first, page by page, then with its recycled subdirectories by id, then
with the live ones by id. `survey.Survey` and `purge.Purge` say what to do with what it finds.

That ListRecycledDirectoriesAndFiles shows one level, and that a recycled directory can be listed at all, is
inferred from its documentation and not stated there. So nothing is concluded from a listing that could mean
"cannot look inside", and an entry that shows up below two directories stops the run (`ListsRecursively`).
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import NamedTuple

from functions.retention.cursor import Cursor, Key, Step
from functions.retention.entry import Entry
from functions.retention.errors import NotFound, RetentionError, StaleToken
from functions.retention.judge import Judge, Verdict
from functions.retention.recents import Recents
from functions.retention.recycle_bin import ROOT_ID, Page, RecycleBin

SAMPLE = 2_000
"""How many entries of each open directory are remembered to notice one that shows up below two directories."""

MAX_RESTARTS = 5
"""How often one directory is read again from its first page because its token went stale, before it is left alone."""


class ListsRecursively(RetentionError):  # noqa: N818 - what the service does, not an error of ours
    """One entry was listed below two directories: the service lists recursively, or the entry is a hard link.

    Paths rebuilt from such listings would be wrong, and so would what protects them: nothing is deleted.
    """


class Child(NamedTuple):
    """A subdirectory to be walked: a recycled entry with its verdict, or a live directory (no entry)."""

    key: Key
    path: str
    entry: Entry | None
    verdict: Verdict | None


@dataclass(slots=True)
class Size:
    """How much there is.

    Attributes:
        size: bytes.
        entries: files and directories.
        jobs: deletion jobs it takes when it is not deleted as a whole.
    """

    size: int = 0
    entries: int = 0
    jobs: int = 0

    def add(self, other: "Size") -> None:
        """Add another amount to this one."""
        self.size += other.size
        self.entries += other.entries
        self.jobs += other.jobs


@dataclass(slots=True)
class Twins:
    """Directories that share one path.

    Attributes:
        count: how many there are.
        settled: ids of those that were looked into or left out.
        held: names and ids of what they hold.
    """

    count: int
    settled: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)


class Frame:
    """An open directory.

    Attributes:
        whole: it and everything seen below it so far qualifies.
        inside: what was finished below it.
        listed: its own entries are dealt with.
        listed_at: when its first page came, epoch seconds.
        replay: its entries are read only to find its subdirectories again.
        missed_pages: reading began behind its first page, so subdirectories may be missing.
        unknown: it could not be looked into.
        twins: by path, subdirectories that share it.
        known: sizes of subdirectories that were found to go whole (`Purge`).
        redo: the subdirectory known not to go whole, as it was when that came out (`Purge`).
    """

    __slots__ = (
        "child", "children", "done", "inside", "known", "listed", "listed_any", "missed_pages", "redo", "replay",
        "listed_at", "restarts", "sample", "token", "twins", "unknown", "whole",
    )  # fmt: skip

    def __init__(self, child: Child, *, whole: bool = False) -> None:
        self.child = child
        self.whole = whole
        self.inside = Size()
        self.known: dict[str, Size] = {}
        self.redo: Frame | None = None
        self.replay = False
        self.done: Key | None = None
        self.twins: dict[str, Twins] = {}
        self.restarts = 0
        self.missed_pages = False
        self.unknown = False
        self.restart()

    def restart(self, token: str = "") -> None:
        """Read its entries from the first page, or from a page that was reached before."""
        self.token = token
        self.listed = False
        self.listed_any = False
        self.listed_at = 0.0
        self.children: list[Child] = []
        self.sample: set[int] = set()

    @property
    def file_id(self) -> str:
        """The directory's id."""
        return self.child.key.file_id

    @property
    def path(self) -> str:
        """Its absolute path."""
        return self.child.path

    @property
    def is_recycled(self) -> bool:
        """Whether it is a recycled entry itself."""
        return self.child.entry is not None

    def step(self) -> Step:
        """This directory in a cursor."""
        inside = self.inside
        return Step(self.file_id, self.child.key.live, self.whole, inside.jobs, inside.size, inside.entries)


def join(directory: str, name: str) -> str:
    """The path of an entry of a directory."""
    return f"/{name}" if directory == "/" else f"{directory}/{name}"


ROOT = Child(Key(live=True, file_id=ROOT_ID), "/", None, None)


class Walk:
    """The walk itself; a subclass decides what to do with entries.

    Args:
        recycle_bin: what is walked.
        recents: where something was deleted.
        judge: the one gate.
        cursor: where an earlier slice stopped; None starts anew.
        sees_inside: whether this file system has shown a recycled directory with contents before.

    Attributes:
        list_calls: listings made, also those made again.
        listed: entries seen for the first time in this walk.
        sees_inside: as the argument, kept up to date.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        recents: Recents,
        judge: Judge,
        *,
        cursor: Cursor | None = None,
        sees_inside: bool = False,
    ) -> None:
        self.list_calls = 0
        self.listed = 0
        self.sees_inside = sees_inside
        self._bin, self._recents, self._judge = recycle_bin, recents, judge
        self._resume: deque[Step] = deque()
        self._resume_at: Cursor | None = None
        self._stack = [Frame(ROOT)]
        if cursor is not None and cursor.chain:
            self._prepare_resume(cursor)

    @property
    def finished(self) -> bool:
        """Whether everything has been walked."""
        return not self._stack

    def cursor(self) -> Cursor:
        """The position now. A directory whose entries are being read is read again when the walk goes on."""
        if self._resume_at is not None:
            return self._resume_at
        if not self._stack:
            return Cursor()
        top = self._stack[-1]
        steps = [frame.step() for frame in self._stack]
        if not top.listed:
            steps[-1] = Step(top.file_id, top.child.key.live, top.whole)
        return Cursor(tuple(steps), top.listed, top.done)

    def step(self) -> None:
        """Make at most one listing and deal with it."""
        calls = self.list_calls
        while self._stack and self.list_calls == calls and not self._has_news():
            top = self._stack[-1]
            if not top.listed:
                self._list(top)
            elif top.children:
                child = top.children.pop()
                self._enter(top, child)
                if self._stack[-1] is top:
                    top.done = child.key
                    if child.path in top.twins:
                        top.twins[child.path].settled.add(child.key.file_id)
            else:
                self._stack.pop()
                self._close(top)
                if self._stack:
                    self._stack[-1].done = top.child.key

    def _goes_unseen(self, child: Child) -> bool:
        """Whether a selected directory goes whole without being listed (``directories: trust``)."""
        return child.verdict is not None and child.verdict.trusts and not self._judge.may_keep_below(child.path)

    # What a subclass decides.

    def _has_news(self) -> bool:
        """Whether there is something to hand out before walking on."""
        return False

    def _deal_with(self, frame: Frame, page: Page, verdicts: list[Verdict]) -> None:
        """Deal with one page's entries."""
        raise NotImplementedError

    def _enter(self, frame: Frame, child: Child) -> None:
        """Open a subdirectory, or settle it without."""
        raise NotImplementedError

    def _close(self, frame: Frame) -> None:
        """A directory and all below it is finished."""
        raise NotImplementedError

    def _unknown_inside(self, frame: Frame, *, answered: bool) -> None:
        """A directory could not be looked into, or (`answered`) showed nothing and that proves nothing."""
        raise NotImplementedError

    def _restarted(self, frame: Frame) -> None:
        """A directory is about to be read again from its first page; forget what its pages gave."""

    # Listing.

    def _list(self, frame: Frame) -> None:
        page = self._fetch(frame)
        if page is None:
            return
        entries = page.entries
        frame.listed_at = frame.listed_at or page.listed_at
        if entries:
            frame.listed_any = True
            if frame.is_recycled:
                self.sees_inside = True
        self._notice_recursion(frame, entries)
        verdicts = self._judge_page(frame, entries)
        if frame.replay:
            self._end_of_page(frame, page)
            return
        self.listed += len(entries)
        unknown = not page.next_token and not frame.listed_any and frame.is_recycled and not self.sees_inside
        self._deal_with(frame, page, verdicts)
        if self._stack and self._stack[-1] is frame:
            self._end_of_page(frame, page)
            if unknown:
                self._unknown_inside(frame, answered=True)

    def _fetch(self, frame: Frame) -> Page | None:
        self.list_calls += 1
        try:
            return self._bin.page(frame.file_id, frame.token)
        except NotFound:
            self._leave_alone(frame)
        except StaleToken:
            frame.restarts += 1
            self._restarted(frame)
            frame.restart()
            if frame.restarts > MAX_RESTARTS:
                self._leave_alone(frame)
        return None

    def _leave_alone(self, frame: Frame) -> None:
        """It cannot be read: whatever is inside stays."""
        if frame.replay:
            frame.replay = False
            self._resume.clear()
            self._resume_at = None
        frame.listed, frame.children = True, []
        self._unknown_inside(frame, answered=False)

    def _judge_page(self, frame: Frame, entries: list[Entry]) -> list[Verdict]:
        path, judge = frame.path, self._judge.verdict
        verdicts = [judge(entry, path) for entry in entries]
        for entry, verdict in zip(entries, verdicts, strict=True):
            if entry.type == "Directory":
                frame.children.append(Child(Key(live=False, file_id=entry.file_id), join(path, entry.name), entry, verdict))
        return verdicts

    def _notice_recursion(self, frame: Frame, entries: list[Entry]) -> None:
        ids = {hash(entry.file_id) for entry in entries}
        for above in self._stack[:-1]:
            if not ids.isdisjoint(above.sample):
                twice = next(entry for entry in entries if hash(entry.file_id) in above.sample)
                raise ListsRecursively(
                    f"entry {twice.file_id} ({twice.name}) is listed below {above.path} and below {frame.path}: "
                    "the service lists recursively, or it is a hard link; nothing is deleted"
                )
        if any(entry.file_id == open_frame.file_id for open_frame in self._stack for entry in entries):
            raise ListsRecursively(f"{frame.path} lists a directory that it lies in; nothing is deleted")
        if len(frame.sample) < SAMPLE:
            frame.sample |= ids

    def _end_of_page(self, frame: Frame, page: Page) -> None:
        frame.token = page.next_token
        if frame.token:
            return
        if frame.missed_pages:
            frame.missed_pages = False
            frame.restart()
            frame.replay = True
            return
        frame.listed = True
        self._settle_children(frame)

    def _settle_children(self, frame: Frame) -> None:
        """All entries are known: add the live directories, order all, and take up an earlier position."""
        frame.children += self._live_children(frame)
        frame.children.sort(key=_by_key, reverse=True)
        if frame.replay:
            frame.replay = False
            self._take_up(frame)
        paths = Counter(child.path for child in frame.children)
        if self._stack[-1] is not frame:
            paths[self._stack[-1].path] += 1
        frame.twins = {path: Twins(count) for path, count in paths.items() if count > 1}

    def _live_children(self, frame: Frame) -> list[Child]:
        """The live directories below this one that no recycled subdirectory stands for.

        Where several directories share one path (deleted and made again), the last of them in the walk's order
        speaks for all, knowing what the others hold, so that none is walked twice.
        """
        names = {child.entry.name for child in frame.children if child.entry is not None}
        ids = {child.key.file_id for child in frame.children}
        twins = self._stack[-2].twins.get(frame.path) if len(self._stack) > 1 else None
        if twins is not None:
            twins.held |= names | ids
            twins.settled.add(frame.file_id)
            if len(twins.settled) < twins.count:
                return []
            names, ids = names | twins.held, ids | twins.held
        ids |= {open_frame.file_id for open_frame in self._stack}
        return [
            Child(Key(live=True, file_id=directory.file_id), directory.path, None, None)
            for directory in self._recents.children(frame.path, names.__contains__)
            if directory.file_id not in ids
        ]

    # Resuming.

    def _prepare_resume(self, cursor: Cursor) -> None:
        self._resume_at = cursor
        self._resume = deque(cursor.chain[1:])
        self._reopen(self._stack[0], cursor.chain[0])

    def _reopen(self, frame: Frame, step: Step) -> None:
        frame.whole = step.whole and frame.child.verdict is not None and frame.child.verdict.delete
        frame.inside = Size(step.size, step.entries, step.jobs)
        at = self._resume_at
        innermost = not self._resume
        if at is not None and innermost and not at.listed:
            frame.restart(at.token)
            frame.missed_pages = bool(at.token) and at.saw_directories
            self._resume_at = None
        else:
            frame.replay = True

    def _take_up(self, frame: Frame) -> None:
        """Go on where the cursor says: in the next open directory, or behind the last finished one."""
        at = self._resume_at
        if self._resume:
            step = self._resume.popleft()
            child = next((child for child in frame.children if child.key == step.key), None)
            frame.children = [child for child in frame.children if child.key > step.key]
            if child is not None:
                reopened = Frame(child)
                self._stack.append(reopened)
                self._reopen(reopened, step)
                return
            self._resume.clear()
            frame.done = step.key
        elif at is not None and at.done is not None:
            frame.children = [child for child in frame.children if child.key > at.done]
            frame.done = at.done
        self._resume_at = None


def _by_key(child: Child) -> Key:
    return child.key
