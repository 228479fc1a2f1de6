"""The first pass of a run: count everything, delete nothing.

A survey knows at its end how many jobs a purge takes, because it packs as the purge does: a directory is one
job when everything below it was listed in this walk and qualifies, else its qualifying descendants are.
"""

from collections import Counter
from dataclasses import dataclass, field

from functions.retention.cursor import Cursor
from functions.retention.judge import Judge, Verdict
from functions.retention.recents import Recents
from functions.retention.recycle_bin import Page, RecycleBin
from functions.retention.walk import Child, Frame, Size, Walk

HOLDS_KEPT = "holds-kept-entries"
CANNOT_LOOK_INSIDE = "cannot-look-inside"


@dataclass
class Tally:
    """Counts of a survey.

    Attributes:
        selected: entries that go.
        size: their bytes.
        kept: entries that stay, by the verdict's reason.
        by_policy: [entries, bytes] by the policy that selects them.
        early_empty: empty directories met before this file system showed that it can look into recycled ones.
    """

    selected: int = 0
    size: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    by_policy: dict[str, list[int]] = field(default_factory=dict)
    early_empty: int = 0

    def select(self, verdict: Verdict, size: int) -> None:
        """Count one entry that goes."""
        self.selected += 1
        self.size += size
        counts = self.by_policy.setdefault(verdict.policy or "", [0, 0])
        counts[0] += 1
        counts[1] += size

    def add(self, other: "Tally") -> None:
        """Add another tally."""
        self.selected += other.selected
        self.size += other.size
        self.kept.update(other.kept)
        self.early_empty += other.early_empty
        for policy, (entries, size) in other.by_policy.items():
            counts = self.by_policy.setdefault(policy, [0, 0])
            counts[0] += entries
            counts[1] += size


class Survey(Walk):
    """Counts what a purge would do.

    Args:
        tally: an earlier slice's counts, when it goes on from that slice's cursor; taken over and added to.

    Attributes:
        tally: what was counted, a directory whose entries are still being read left out.
    """

    def __init__(
        self,
        recycle_bin: RecycleBin,
        recents: Recents,
        judge: Judge,
        *,
        cursor: Cursor | None = None,
        sees_inside: bool = False,
        tally: Tally | None = None,
    ) -> None:
        super().__init__(recycle_bin, recents, judge, cursor=cursor, sees_inside=sees_inside)
        self.tally = tally or Tally()
        self._partial = Tally()
        self._finished_jobs = 0

    @property
    def jobs(self) -> int:
        """Deletion jobs the purge takes; final when `finished`."""
        waiting = sum(frame.inside.jobs for frame in self._stack)
        return self._finished_jobs + waiting + (self.tally.early_empty if self.sees_inside else 0)

    def _deal_with(self, frame: Frame, page: Page, verdicts: list[Verdict]) -> None:
        inside = frame.inside
        for entry, verdict in zip(page.entries, verdicts, strict=True):
            if not verdict.delete:
                self._partial.kept[verdict.reason] += 1
                self._break()
            elif not entry.is_directory:
                self._partial.select(verdict, entry.size)
                inside.size += entry.size
                inside.entries += 1
                inside.jobs += 1
        if not page.next_token:
            self.tally.add(self._partial)
            self._partial = Tally()

    def _restarted(self, frame: Frame) -> None:
        frame.inside = Size()
        self._partial = Tally()

    def _break(self) -> None:
        """Something below stays, so none of the directories above it goes whole."""
        for frame in reversed(self._stack):
            if not frame.whole:
                return
            frame.whole = False

    def _enter(self, frame: Frame, child: Child) -> None:
        selected = child.verdict is not None and child.verdict.delete
        if selected and self._goes_unseen(child):
            self._count_whole(frame, child, Size())
        elif selected or self._judge.may_select_below(child.path):
            self._stack.append(Frame(child, whole=selected))

    def _close(self, frame: Frame) -> None:
        if not self._stack:
            self._finished_jobs = frame.inside.jobs
            return
        parent, verdict = self._stack[-1], frame.child.verdict
        if frame.whole:
            self._count_whole(parent, frame.child, frame.inside)
            return
        if verdict is not None and verdict.delete and not frame.unknown:
            self.tally.kept[HOLDS_KEPT] += 1
        parent.inside.add(frame.inside)

    def _count_whole(self, parent: Frame, child: Child, inside: Size) -> None:
        if child.verdict is not None:
            self.tally.select(child.verdict, 0)
        parent.inside.add(Size(inside.size, inside.entries + 1, 1))

    def _unknown_inside(self, frame: Frame, *, answered: bool) -> None:
        if not frame.is_recycled:
            return
        frame.unknown = True
        if frame.whole:
            self.tally.kept[CANNOT_LOOK_INSIDE] += 1
            self.tally.early_empty += answered
        self._break()
