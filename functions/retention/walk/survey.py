"""The first walk of a run: count everything, delete nothing.

A survey knows at its end how many jobs a purge takes, because it packs as the purge does: a directory is one
job when everything below it was listed in this walk and qualifies, else its qualifying descendants are.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from functions.retention.core import Entry, Listings, Page
from functions.retention.policy import Judge, Verdict
from functions.retention.walk.cursor import Candidate, Cursor
from functions.retention.walk.directory import Directory, OpenPath, Size
from functions.retention.walk.failures import Failures
from functions.retention.walk.order import Order, rank, ranks
from functions.retention.walk.recent_directories import Recents
from functions.retention.walk.selection import UNPROVEN, Collector, key_of, row_of
from functions.retention.walk.tally import Counts, Tally
from functions.retention.walk.walk import Walk

HOLDS_KEPT = "holds-kept-entries"

CANNOT_LOOK_INSIDE = "cannot-look-inside"


class SurveyObserver(Protocol):
    """Sees what a survey sees. It changes no verdict."""

    def see_page(self, directory: str, entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> None:
        """One page of a directory (its path), entry by entry; again when the directory is read again."""

    def see_left_out(self, directory: str, verdict: Verdict | None) -> None:
        """A directory (its path) is not looked into; the verdict on all in it when its path alone decides."""


class Survey(Walk):
    """Counts what a purge would do.

    Args:
        recycle_bin: see `Walk`, as for the next four.
        recents: where something was deleted.
        judge: the one gate.
        cursor: where an earlier slice stopped.
        sees_inside: whether recycled directories were seen to have contents.
        tally: an earlier slice's counts, when it goes on from that slice's cursor; taken over and added to.
        order: by which ranks are counted.
        observer: sees every page and every directory left out.
        collector: takes the targets; None when no set is made of them.
        failures: see `Walk`.

    Attributes:
        tally: what was counted.
    """

    def __init__(
        self,
        recycle_bin: Listings,
        recents: Recents,
        judge: Judge,
        *,
        cursor: Cursor | None = None,
        sees_inside: bool = False,
        tally: Tally | None = None,
        order: Order = "as-found",
        observer: SurveyObserver | None = None,
        collector: Collector | None = None,
        failures: Failures | None = None,
    ) -> None:
        self.tally = tally or Tally()
        self._order, self._observer, self._collector = order, observer, collector
        steps = cursor.chain if cursor is not None else ()
        self._written = {candidate.file_id for step in steps for candidate in step.candidates}
        if cursor is None or not cursor.token:
            self.tally.partial = Counts()
        sums = collector is not None
        super().__init__(
            recycle_bin, recents, judge, cursor=cursor, sees_inside=sees_inside, failures=failures, sums=sums
        )

    @property
    def jobs(self) -> int:
        """Deletion jobs the purge takes; final when `finished`, else a directory not finished counts in pieces."""
        candidates = (directory.inside.jobs for open_path in self._stack for directory in open_path.directories)
        return self.tally.jobs + self.tally.partial.jobs + sum(candidates)

    def step(self) -> None:
        """See `Walk.step`."""
        super().step()
        if self.sees_inside and self.tally.unproven:
            self._prove()
        if self._collector is not None and self.finished and not self.sees_inside:
            self._collector.absorb(UNPROVEN, written=True)

    def _prove(self) -> None:
        """What looked empty was, since recycled directories can be looked into."""
        tally = self.tally
        for policy, directories in tally.unproven.items():
            tally.select(policy, 0, directories)
            tally.jobs += directories
        empty = sum(tally.unproven.values())
        tally.kept -= Counter({CANNOT_LOOK_INSIDE: empty})
        tally.listed_unknown -= empty
        tally.unproven = {}

    def _deal_with(self, open_path: OpenPath, directory: Directory, page: Page, verdicts: Sequence[Verdict]) -> None:
        if self._observer is not None:
            self._observer.see_page(open_path.path, page.entries, verdicts)
        kept = [verdict.reason for verdict in verdicts if not verdict.delete]
        if kept:
            self._break(directory)
            self.tally.partial.kept.update(kept)
        self.tally.partial.see(page.entries)
        files: dict[str | None, list[Entry]] = {}
        for entry, verdict in zip(page.entries, verdicts, strict=True):
            if verdict.delete and not entry.is_directory:
                files.setdefault(verdict.policy, []).append(entry)
        for policy, of_policy in files.items():
            self._count_files(directory, policy, of_policy)
        if not page.next_token:
            self.tally.add(self.tally.partial)
            self.tally.partial = Counts()

    def _count_files(self, directory: Directory, policy: str | None, files: Sequence[Entry]) -> None:
        """Count the files of a page that a policy selects, together: a bin has millions."""
        known = [entry.size for entry in files if entry.size is not None]
        size, unknown = sum(known), len(files) - len(known)
        self.tally.partial.select(policy, size, len(files), unknown)
        if self._collector is not None:
            self._collect_files(self._collector, directory, files)
        if directory.takes_all:
            directory.inside.add(size, len(files), jobs=len(files), unknown=unknown, total=self._total(files))
        else:
            self.tally.partial.jobs += len(files)
            for of_rank, jobs in ranks(self._order, files).items():
                self.tally.ranks.add(of_rank, jobs)

    def _collect_files(self, collector: Collector, directory: Directory, files: Sequence[Entry]) -> None:
        owner = _owned_by(directory)
        for entry in files:
            ranked = rank(self._order, entry.size, entry.delete_time)
            collector.add(row_of(entry, ranked, size=entry.size, owner=owner))

    def _void(self, directory: Directory) -> None:  # noqa: ARG002 - there is only one that is being read
        self.tally.partial = Counts()

    def _break_candidates(self, broken: Sequence[Directory]) -> None:
        for directory in broken:
            being_read = directory is broken[0] and not directory.replay
            counts = self.tally.partial if being_read else self.tally
            inside = directory.inside
            if self._collector is not None and directory.entry is not None:
                self._collector.release(key_of(directory.entry))
            counts.jobs += inside.jobs
            if inside.jobs and directory.entry is not None:
                ranked = rank(self._order, inside.size // inside.jobs, directory.entry.delete_time)
                self.tally.ranks.add(ranked, inside.jobs)
            directory.inside = Size()

    def _drop_candidate(self, candidate: Candidate) -> None:
        self.tally.jobs += candidate.jobs

    def _takes_all(self, directory: Directory) -> None:
        if directory.entry is None or directory.verdict is None:
            return
        self.tally.select(directory.verdict.policy, 0)
        if self._collector is not None:
            self._collector.absorb(key_of(directory.entry), written=directory.file_id in self._written)
            self._collect(self._collector, directory.entry, directory.inside, _owned_by(directory.parent))
        if directory.parent is None or not directory.parent.takes_all:
            self.tally.jobs += 1
            self.tally.ranks.add(rank(self._order, directory.inside.bytes, directory.entry.delete_time))

    def _collect(self, collector: Collector, entry: Entry, inside: Size, owner: bytes) -> None:
        ranked = rank(self._order, inside.bytes, entry.delete_time)
        collector.add(row_of(entry, ranked, size=inside.bytes, entries=inside.entries, total=inside.total, owner=owner))

    def _stays(self, directory: Directory) -> None:
        if directory.is_selected and not directory.unknown:
            self.tally.kept[HOLDS_KEPT] += 1

    def _leave_out(self, directory: str) -> None:
        self.tally.listed_unknown += 1
        if self._observer is not None:
            self._observer.see_left_out(directory, self._judge.keeps_all_in(directory))

    def _unknown_inside(self, directory: Directory, *, answered: bool) -> None:
        self.tally.listed_unknown += 1
        if not directory.is_selected:
            return
        self.tally.kept[CANNOT_LOOK_INSIDE] += 1
        if answered and directory.verdict is not None and directory.verdict.policy is not None:
            policy = directory.verdict.policy
            self.tally.unproven[policy] = self.tally.unproven.get(policy, 0) + 1
            self.tally.ranks.add(rank(self._order, 0, directory.entry.delete_time if directory.entry else ""))
            if self._collector is not None and directory.entry is not None:
                self._collect(self._collector, directory.entry, Size(), UNPROVEN)


def _owned_by(directory: Directory | None) -> bytes:
    """The key of a directory that owns what lies in it, since it may go whole; empty when it does not."""
    if directory is None or directory.entry is None or not directory.takes_all:
        return b""
    return key_of(directory.entry)
