"""The second pass of a run: hand out targets, one deletion job each.

A selected directory is on *trial* until everything below it was listed and qualifies; then it is one target.
The first thing below it that stays ends the trial of every directory above it: the outermost of them is read
again as an ordinary directory, its files become targets of their own, and what the trial found about its
subdirectories is used instead of asked again.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from functions.retention.cursor import Cursor
from functions.retention.entry import Entry
from functions.retention.errors import NotFound, StaleToken
from functions.retention.judge import Judge, Verdict
from functions.retention.recents import Recents
from functions.retention.recycle_bin import Page, RecycleBin
from functions.retention.walk import Child, Frame, Size, Walk, join

MAX_PAGES_TO_RECHECK = 2_000


@dataclass(frozen=True, slots=True)
class Target:
    """One entry that goes, by one deletion job.

    Attributes:
        entry: as listed.
        verdict: why it goes.
        directory_id: the directory whose listing named it.
        directory: that directory's path.
        token: of the page that named it.
        listed_at: when that page came, epoch seconds.
        size: bytes, of a directory with everything below.
        entries: how many entries go with it, itself included.
        cursor: where a walk finds it again.
    """

    entry: Entry
    verdict: Verdict
    directory_id: str
    directory: str
    token: str
    listed_at: float
    size: int
    entries: int
    cursor: Cursor

    @property
    def path(self) -> str:
        """Its absolute path before it was deleted."""
        return join(self.directory, self.entry.name)


class Purge(Walk):
    """Finds targets.

    Attributes:
        listed_again: directories read again because something below them turned out to stay.
        vanished: targets that were gone or different when looked at again.
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
        super().__init__(recycle_bin, recents, judge, cursor=cursor, sees_inside=sees_inside)
        self.listed_again = 0
        self.vanished = 0
        self._targets: deque[Target] = deque()

    @property
    def finished(self) -> bool:
        """Whether there are no more targets."""
        return not self._stack and not self._targets

    def cursor(self) -> Cursor:
        """Where a walk finds everything again that was not taken."""
        return self._targets[0].cursor if self._targets else super().cursor()

    def peek(self) -> Target | None:
        """The next target, if one is at hand; `step` finds more."""
        return self._targets[0] if self._targets else None

    def take(self) -> Target:
        """Remove and return the next target."""
        return self._targets.popleft()

    def recheck(self) -> None:
        """Look again at the targets at hand; those that are gone, changed or no longer selected are dropped."""
        if not self._targets:
            return
        first = self._targets[0]
        wanted = {(target.entry.file_id, target.entry.delete_time) for target in self._targets}
        fresh = self._look_again(first, wanted)
        kept = [
            replace(target, listed_at=fresh[key])
            for target in self._targets
            if (key := (target.entry.file_id, target.entry.delete_time)) in fresh
        ]
        self.vanished += len(self._targets) - len(kept)
        self._targets = deque(kept)

    def look_again(self, target: Target) -> Target | None:
        """The target as it is now, or None when it is gone, changed or no longer selected."""
        key = (target.entry.file_id, target.entry.delete_time)
        listed_at = self._look_again(target, {key}).get(key)
        return None if listed_at is None else replace(target, listed_at=listed_at)

    def _look_again(self, first: Target, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], float]:
        """Which of the wanted (id, DeleteTime) are still there and still selected, and when that was seen."""
        fresh: dict[tuple[str, str], float] = {}
        token = first.token
        for _ in range(MAX_PAGES_TO_RECHECK):
            self.list_calls += 1
            try:
                page = self._bin.page(first.directory_id, token)
            except (NotFound, StaleToken):
                break
            for entry in page.entries:
                key = (entry.file_id, entry.delete_time)
                if key in wanted and self._judge.verdict(entry, first.directory).delete:
                    fresh[key] = page.listed_at
            token = page.next_token
            if not token or not first.entry.is_directory or len(fresh) == len(wanted):
                break
        return fresh

    def _has_news(self) -> bool:
        return bool(self._targets)

    def _deal_with(self, frame: Frame, page: Page, verdicts: list[Verdict]) -> None:
        if not frame.whole:
            self._hand_out_files(frame, page, verdicts)
        elif all(verdict.delete for verdict in verdicts):
            for entry in page.entries:
                if not entry.is_directory:
                    frame.inside.add(Size(entry.size, 1))
        else:
            self._end_trial()

    def _hand_out_files(self, frame: Frame, page: Page, verdicts: Sequence[Verdict]) -> None:
        chosen = [
            (entry, verdict)
            for entry, verdict in zip(page.entries, verdicts, strict=True)
            if verdict.delete and not entry.is_directory
        ]
        if not chosen:
            return
        frame.restarts = 0
        steps = tuple(open_frame.step() for open_frame in self._stack)
        cursor = Cursor(steps, token=frame.token, saw_directories=bool(frame.children))
        self._targets.extend(
            Target(
                entry, verdict, frame.file_id, frame.path, frame.token, page.listed_at, entry.size, 1, cursor
            )
            for entry, verdict in chosen
        )

    def _restarted(self, frame: Frame) -> None:
        frame.inside = Size()

    def _enter(self, frame: Frame, child: Child) -> None:
        if child.verdict is not None and child.verdict.delete:
            self._try(frame, child)
        elif self._judge.may_select_below(child.path):
            opened = Frame(child)
            if frame.redo is not None and frame.redo.file_id == child.key.file_id:
                self._reuse(opened, frame)
            self._stack.append(opened)

    def _try(self, frame: Frame, child: Child) -> None:
        """Settle a selected directory: known to go whole, known not to, to be trusted, or put on trial."""
        known = frame.known.get(child.key.file_id)
        if known is None and self._goes_unseen(child):
            known = Size(0, 1)
        if known is not None and not frame.whole:
            self._hand_out_directory(frame, child, known)
        elif known is not None:
            frame.inside.add(known)
        elif frame.redo is not None and frame.redo.file_id == child.key.file_id:
            opened = Frame(child)
            self._reuse(opened, frame)
            self._stack.append(opened)
        else:
            self._stack.append(Frame(child, whole=True))

    def _reuse(self, opened: Frame, parent: Frame) -> None:
        """Take over what an ended trial found."""
        if parent.redo is not None:
            opened.known, opened.redo = parent.redo.known, parent.redo.redo
            parent.redo = None
            self.listed_again += 1

    def _close(self, frame: Frame) -> None:
        if not frame.whole:
            return
        parent = self._stack[-1]
        size = Size(frame.inside.size, frame.inside.entries + 1)
        if parent.whole:
            parent.known[frame.file_id] = size
            parent.inside.add(size)
        else:
            self._hand_out_directory(parent, frame.child, size)

    def _hand_out_directory(self, parent: Frame, child: Child, size: Size) -> None:
        if child.entry is None or child.verdict is None:
            return
        self._targets.append(
            Target(
                child.entry,
                child.verdict,
                parent.file_id,
                parent.path,
                "",
                parent.listed_at,
                size.size,
                size.entries,
                super().cursor(),
            )
        )

    def _unknown_inside(self, frame: Frame, *, answered: bool) -> None:  # noqa: ARG002 - either way it stays
        if frame.whole:
            self._end_trial()

    def _end_trial(self) -> None:
        """Something below stays: read the outermost directory on trial again as an ordinary one."""
        first = next(index for index, frame in enumerate(self._stack) if frame.whole)
        on_trial = self._stack[first:]
        for above, below in zip(on_trial, on_trial[1:], strict=False):
            above.redo = below
        opened = Frame(on_trial[0].child)
        opened.known, opened.redo = on_trial[0].known, on_trial[0].redo
        self._stack[first:] = [opened]
        self.listed_again += 1
