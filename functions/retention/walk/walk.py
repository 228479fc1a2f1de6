"""A lazy, depth-first, resumable walk over a recycle bin: one listing per step.

The walk goes from path to path. An open path has all directories of that path: recycled ones, which the listings
of the path above show, and the live one if `Recents` names it. First the directories of an open path are read,
page by page, then the paths below it are walked in the order of their keys. `survey.Survey` and
`purge.TargetWalk` say what to do with what is found.

That ListRecycledDirectoriesAndFiles shows one level, and that a recycled directory can be listed at all, is
inferred from its documentation and not stated there. So nothing is concluded from a listing that could mean
"cannot look inside", and an entry that shows up below two directories ends the run.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from functions.retention.core import (
    ROOT_ID,
    Entry,
    Listings,
    NoAnswer,
    NotFound,
    Page,
    Refused,
    StaleToken,
)
from functions.retention.policy import Judge, Verdict
from functions.retention.walk.cursor import Candidate, Cursor, Step
from functions.retention.walk.directory import Directory, OpenPath, PendingDirectory, join
from functions.retention.walk.failures import Failures, NotCounted
from functions.retention.walk.recent_directories import Recents
from functions.retention.walk.recursion import notice_recursion
from functions.retention.walk.selection import hash_of
from functions.retention.walk.unlisted import Unlisted

MAX_RESTARTS = 5
"""How often one directory is read again from its first page because its token went stale, before it is left alone."""


class Walk:
    """The walk itself; a subclass decides what to do with entries.

    Args:
        recycle_bin: what is walked.
        recents: where something was deleted.
        judge: the one gate.
        cursor: where an earlier slice stopped; None starts anew.
        sees_inside: whether this file system has shown a recycled directory with contents before.
        failures: keeps account of directories that cannot be listed.
        sums: whether hashes of what lies in directories are added up, see `selection`.

    Attributes:
        list_calls: listings made, also those made again.
        listed: entries dealt with, each once.
        sees_inside: as the argument, kept up to date.
    """

    def __init__(
        self,
        recycle_bin: Listings,
        recents: Recents,
        judge: Judge,
        *,
        cursor: Cursor | None = None,
        sees_inside: bool = False,
        failures: Failures | None = None,
        sums: bool = False,
    ) -> None:
        self.list_calls = 0
        self.listed = 0
        self._sums = sums
        self.sees_inside = sees_inside
        self._bin, self._recents, self._judge = recycle_bin, recents, judge
        self._unlisted = Unlisted(recycle_bin, failures or NotCounted())
        self._stack = [OpenPath("/", "", [Directory(ROOT_ID)])]
        self._resume: deque[Step] = deque()
        self._resume_at: Cursor | None = None
        if cursor is not None and cursor.chain:
            self._resume_at = cursor
            self._resume.extend(cursor.chain[1:])
            self._reopen(self._stack[0], cursor.chain[0], cursor)

    @property
    def finished(self) -> bool:
        """Whether everything has been walked."""
        return not self._stack

    @property
    def is_resuming(self) -> bool:
        """Whether it has not come to where the earlier slice stopped."""
        return self._resume_at is not None

    def cursor(self) -> Cursor:
        """The position now."""
        if self._resume_at is not None:
            return self._resume_at
        if not self._stack:
            return Cursor()
        top = self._stack[-1]
        chain = tuple(open_path.step() for open_path in self._stack)
        rest = top.directories[top.reading :]
        if rest and rest[0].replay:
            rest = rest[1:]
            if rest:
                return Cursor(chain, reading=rest[0].key)
        if not rest:
            return Cursor(chain, listed=True, done=top.done)
        return Cursor(chain, reading=rest[0].key, token=rest[0].token, saw_directories=rest[0].saw_directories)

    def step(self) -> None:
        """Make at most one listing and deal with it.

        Raises:
            CloudError: a listing failed; the walk stands where it stood and the step can be made again.
            RunOver: nothing the service lists can be relied on.
        """
        calls = self.list_calls
        while self._stack and self.list_calls == calls and not self._has_news():
            open_path = self._stack[-1]
            if not open_path.listed:
                self._read(open_path, open_path.directories[open_path.reading])
            elif open_path.pending:
                self._enter(open_path)
            else:
                self._leave(open_path)

    def upcoming(self, count: int) -> list[str]:
        """Ids of directories that are sure to be listed next from their first page, at most so many."""
        found: list[str] = []
        for open_path in reversed(self._stack):
            if not self._is_sure_to_be_read(open_path):
                break
            found += [
                directory.file_id for directory in open_path.directories[open_path.reading + 1 :] if not directory.token
            ]
            for pending in reversed(open_path.pending if open_path.listed else []):
                if len(found) >= count:
                    return found[:count]
                if self._is_worth_it(open_path, [pending]):
                    found.append(pending.file_id)
        return found[:count]

    # What a subclass decides.

    def _may_take_all(self, directory: Directory) -> bool:  # noqa: ARG002 - for a purge that takes a set
        """Whether a directory that is selected, as it is opened, may go whole."""
        return True

    def _is_sure_to_be_read(self, open_path: OpenPath) -> bool:  # noqa: ARG002 - for subclasses that may stop before
        """Whether an open path and what is below it will be walked to its end before this slice is over."""
        return True

    def _leaves_flat_places(self) -> bool:
        """Whether open paths without recycled subdirectories need not be listed again for `notice_recursion`."""
        return False

    def _has_news(self) -> bool:
        """Whether there is something to hand out before walking on."""
        return False

    def _deal_with(self, open_path: OpenPath, directory: Directory, page: Page, verdicts: Sequence[Verdict]) -> None:
        """Deal with one page's entries."""
        raise NotImplementedError

    def _jobs_of(self, directory: Directory) -> int:  # noqa: ARG002 - for a survey with capacity rules
        """How many jobs a directory counts that goes with everything in it."""
        return 1

    def _takes_all(self, directory: Directory) -> None:
        """A directory goes with everything in it. Its own path is still open, unless it needed no listing."""
        raise NotImplementedError

    def _break_candidates(self, broken: Sequence[Directory]) -> None:
        """Something stays in directories that were candidates; each lies in the next."""
        raise NotImplementedError

    def _stays(self, directory: Directory) -> None:
        """A directory is finished and stays."""

    def _leave_out(self, directory: str) -> None:
        """A directory is not looked into, since nothing at or below it could go."""

    def _unknown_inside(self, directory: Directory, *, answered: bool) -> None:
        """A directory could not be looked into, or (`answered`) showed nothing and that proves nothing."""

    def _drop_candidate(self, candidate: Candidate) -> None:
        """A candidate of the earlier slice is none any more."""

    def _void(self, directory: Directory) -> None:
        """What the pages of a directory gave so far is void: it is read again or left alone."""

    # Reading directories.

    def _read(self, open_path: OpenPath, directory: Directory) -> None:
        page = self._fetch(open_path, directory)
        if page is None:
            return
        notice_recursion(self._stack, open_path, directory, page.entries)
        if not directory.replay:
            self._resume_at = None
        if page.entries:
            directory.listed_any = True
            self.sees_inside = self.sees_inside or directory.entry is not None
        directory.listed_at = directory.listed_at or page.listed_at
        verdicts = [self._judge.verdict(entry, open_path.path) for entry in page.entries]
        open_path.collect(directory, page.entries, verdicts)
        if cancelled := self._judge.cancelled:
            stay = (each for each in page.entries if each.is_directory and each.file_id in cancelled)
            open_path.closed.update(each.name for each in stay)
        if not directory.replay:
            self.listed += len(page.entries)
            directory.counted += len(page.entries)
            self._deal_with(open_path, directory, page, verdicts)
        elif not all(verdict.delete for verdict in verdicts):
            self._break(directory)
        self._end_page(open_path, directory, page.next_token)

    def _fetch(self, open_path: OpenPath, directory: Directory) -> Page | None:
        if not self._unlisted.may_list(directory):
            self._leave_alone(open_path, directory)
            return None
        self.list_calls += 1
        try:
            page = self._bin.page(directory.file_id, directory.token)
        except NotFound as error:
            self._unlisted.not_found(directory, open_path.path, error)
        except StaleToken as error:
            directory.restarts += 1
            if directory.restarts <= MAX_RESTARTS:
                self._read_again(open_path, directory)
                return None
            self._unlisted.failed(directory.file_id, open_path.path, error)
        except (NoAnswer, Refused) as error:
            self._unlisted.failed(directory.file_id, open_path.path, error)
        else:
            self._unlisted.answered(directory)
            return page
        self._leave_alone(open_path, directory)
        return None

    def _end_page(self, open_path: OpenPath, directory: Directory, next_token: str) -> None:
        directory.token = next_token
        directory.pages += 1
        if next_token:
            return
        if directory.entry is not None and not directory.listed_any and not self.sees_inside:
            self._cannot_look_inside(directory, answered=True)
        if directory.missed_pages:
            directory.replay = True
            self._read_again(open_path, directory)
        else:
            self._next_directory(open_path)

    def _read_again(self, open_path: OpenPath, directory: Directory) -> None:
        if not directory.replay:
            self.listed -= directory.counted
            self._void(directory)
        open_path.forget(directory)
        directory.restart()

    def _leave_alone(self, open_path: OpenPath, directory: Directory) -> None:
        """It cannot be read: whatever is inside stays."""
        self._read_again(open_path, directory)
        if directory.entry is not None:
            self._cannot_look_inside(directory, answered=False)
        self._next_directory(open_path)

    def _cannot_look_inside(self, directory: Directory, *, answered: bool) -> None:
        directory.unknown = True
        self._unknown_inside(directory, answered=answered)
        self._break(directory)

    def _break(self, directory: Directory) -> None:
        """Something in it stays, so neither it nor any of the recycled directories above it takes all."""
        broken = []
        last: Directory | None = directory
        while last is not None and last.takes_all:
            last.takes_all = False
            broken.append(last)
            last = last.parent
        if broken:
            self._break_candidates(broken)

    # Going from path to path.

    def _next_directory(self, open_path: OpenPath) -> None:
        open_path.reading += 1
        if not open_path.listed:
            return
        self._close(open_path)
        open_path.pending += self._live_pending(open_path)
        open_path.pending.sort(key=lambda pending: (pending.path_key, pending.name), reverse=True)
        if self._resume_at is not None:
            self._take_up(open_path, self._resume_at)

    def _close(self, open_path: OpenPath) -> None:
        """Walk nothing below the closed names. A directory of such a name stays unread, and so does all above it."""
        closed = [pending for pending in open_path.pending if pending.name in open_path.closed]
        open_path.pending = [pending for pending in open_path.pending if pending.name not in open_path.closed]
        for pending in closed:
            if pending.parent is not None:
                self._break(pending.parent)
            if pending.file_id not in self._judge.cancelled:
                self._stays(pending.open())

    def _live_pending(self, open_path: OpenPath) -> list[PendingDirectory]:
        """The live directories below this path that are at no other path below it."""
        names = {pending.name for pending in open_path.pending} | open_path.closed
        ids = {pending.file_id for pending in open_path.pending}
        ids.update(directory.file_id for above in self._stack for directory in above.directories)
        start = len(join(open_path.path, ""))
        return [
            PendingDirectory.live(recent.path[start:], recent.file_id)
            for recent in self._recents.pending(open_path.path, names.__contains__)
            if recent.file_id not in ids
            and recent.file_id not in self._judge.cancelled
            and recent.path[start:].partition("/")[0] not in open_path.closed
        ]

    def _enter(self, open_path: OpenPath) -> None:
        pending = open_path.next_pending()
        if self._is_worth_it(open_path, pending):
            self._open(open_path, pending)
            return
        self._leave_out(join(open_path.path, pending[0].name))
        open_path.done = pending[0].path_key

    def _open(self, open_path: OpenPath, pending: Sequence[PendingDirectory]) -> None:
        below = open_path.below(pending)
        for directory in below.directories:
            directory.takes_all = directory.takes_all and self._may_take_all(directory)
        self._stack.append(below)

    def _is_worth_it(self, open_path: OpenPath, pending: Sequence[PendingDirectory]) -> bool:
        """Whether anything at a path below could go."""
        selected = any(pending.verdict is not None and pending.verdict.delete for pending in pending)
        return selected or self._judge.may_select_below(join(open_path.path, pending[0].name))

    def _leave(self, open_path: OpenPath) -> None:
        for directory in open_path.directories:
            if not directory.takes_all:
                self._stays(directory)
        self._settle([directory for directory in open_path.directories if directory.takes_all])
        self._stack.pop()
        if self._stack:
            self._stack[-1].done = open_path.key

    def _settle(self, takes_all: Sequence[Directory]) -> None:
        """Directories take all. All are dealt with before the first counts above, so that cursors count none twice."""
        for directory in takes_all:
            self._takes_all(directory)
        for directory in takes_all:
            if directory.entry is not None and directory.parent is not None and directory.parent.takes_all:
                inside = directory.inside
                total = inside.total + self._total([directory.entry])
                jobs, unknown = self._jobs_of(directory), inside.unknown
                directory.parent.inside.add(inside.size, inside.entries + 1, jobs, unknown=unknown, total=total)

    def _total(self, entries: Iterable[Entry]) -> int:
        """The sum of the entries' hashes, or 0 in a walk that has to do with no set."""
        return sum(hash_of(entry.file_id, entry.delete_time) for entry in entries) if self._sums else 0

    # Resuming.

    def _reopen(self, open_path: OpenPath, step: Step, at: Cursor) -> None:
        """Prepare an open path to be read as far as an earlier slice had."""
        candidates = {candidate.file_id: candidate for candidate in step.candidates}
        ends_here = not self._resume and not at.listed
        for directory in open_path.directories:
            candidate = candidates.get(directory.file_id)
            directory.resume(candidate)
            if candidate is not None and not directory.takes_all:
                self._drop_candidate(candidate)
            directory.replay = not ends_here or (at.reading is not None and directory.key < at.reading)
            if ends_here and directory.key == at.reading:
                directory.token = at.token
                directory.missed_pages = directory.saw_directories = bool(at.token) and at.saw_directories
        if step.flat and open_path.is_live and not ends_here and self._leaves_flat_places():
            open_path.reading = len(open_path.directories) - 1
            self._next_directory(open_path)

    def _take_up(self, open_path: OpenPath, at: Cursor) -> None:
        """Go on where the cursor says: at the next open path, or behind the last finished one."""
        done = at.done if at.listed else ""
        if self._resume:
            step = self._resume.popleft()
            done = step.open_path
            below = [pending for pending in open_path.pending if pending.path_key == done]
            if below:
                self._open(open_path, below)
                self._reopen(self._stack[-1], step, at)
            else:
                self._resume.clear()
        open_path.pending = [pending for pending in open_path.pending if pending.path_key > done]
        open_path.done = done
        if self._stack[-1] is open_path:
            self._resume_at = None
