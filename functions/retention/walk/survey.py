"""The first walk of a run: count everything, delete nothing.

A survey knows at its end how many jobs a purge takes, because it packs as the purge does: a directory is one
job when everything below it was listed in this walk and qualifies, else its qualifying descendants are.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from functions.retention.core import Entry, Listings, Page
from functions.retention.policy import Judge, Verdict
from functions.retention.walk.capacity import BIN_IS_BELOW, CapacityRule
from functions.retention.walk.cursor import Candidate, Cursor
from functions.retention.walk.directory import Directory, OpenPath, Size
from functions.retention.walk.failures import Failures
from functions.retention.walk.order import Order, rank
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
        order: of the targets that it collects, but for those of capacity rules, which have their own.
        observer: sees every page and every directory left out.
        collector: takes the targets; None when no set is made of them.
        failures: see `Walk`.
        capacity: capacity rules by policy. What they may take is collected and counts as kept, since only the end of
            the survey tells what of it has to go.

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
        capacity: Mapping[str, CapacityRule] | None = None,
    ) -> None:
        self.tally = tally or Tally()
        self._capacity = capacity or {}
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
            if policy in self._capacity:
                tally.kept[BIN_IS_BELOW] += directories
            else:
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
        if kept or self._goes_in_parts(directory, verdicts):
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

    def _goes_in_parts(self, directory: Directory, verdicts: Sequence[Verdict]) -> bool:
        """Whether a directory holds what another rule takes: one may go in a run in which the other stays."""
        if not self._capacity or not directory.takes_all:
            return False
        rule = self._rule_of(directory.verdict)
        return any(self._rule_of(verdict) is not rule for verdict in verdicts if verdict.delete)

    def _rule_of(self, verdict: Verdict | None) -> CapacityRule | None:
        """The capacity rule that selects an entry; None when another policy does."""
        policy = verdict.policy if verdict is not None else None
        return self._capacity.get(policy) if policy is not None else None

    def _count_files(self, directory: Directory, policy: str | None, files: Sequence[Entry]) -> None:
        """Count the files of a page that a policy selects, together: a bin has millions."""
        known = [entry.size for entry in files if entry.size is not None]
        size, unknown, jobs = sum(known), len(files) - len(known), len(files)
        rule = self._capacity.get(policy or "")
        if rule is not None:
            self.tally.partial.kept[BIN_IS_BELOW] += len(files)
            jobs = 0
        else:
            self.tally.partial.select(policy, size, len(files), unknown)
        if self._collector is not None:
            self._collect_files(self._collector, directory, files, rule)
        if directory.takes_all:
            directory.inside.add(size, len(files), jobs=jobs, unknown=unknown, total=self._total(files))
        else:
            self.tally.partial.jobs += jobs

    def _collect_files(
        self, collector: Collector, directory: Directory, files: Sequence[Entry], rule: CapacityRule | None
    ) -> None:
        owner, order, number = _owned_by(directory), *self._place_of(rule)
        for entry in files:
            ranked = rank(order, entry.size, entry.delete_time)
            collector.add(row_of(entry, ranked, size=entry.size, rule=number, owner=owner))

    def _place_of(self, rule: CapacityRule | None) -> tuple[Order, int]:
        """The order and the number of a rule in a set."""
        return (rule.order, rule.number) if rule is not None else (self._order, 0)

    def _void(self, directory: Directory) -> None:  # noqa: ARG002 - there is only one that is being read
        self.tally.partial = Counts()

    def _break_candidates(self, broken: Sequence[Directory]) -> None:
        for directory in broken:
            being_read = directory is broken[0] and not directory.replay and not self._stack[-1].listed
            counts = self.tally.partial if being_read else self.tally
            inside = directory.inside
            if self._collector is not None and directory.entry is not None:
                self._collector.release(key_of(directory.entry))
            counts.jobs += inside.jobs
            directory.inside = Size()

    def _drop_candidate(self, candidate: Candidate) -> None:
        self.tally.jobs += candidate.jobs

    def _takes_all(self, directory: Directory) -> None:
        if directory.entry is None or directory.verdict is None:
            return
        rule = self._rule_of(directory.verdict)
        if rule is not None:
            self.tally.kept[BIN_IS_BELOW] += 1
        else:
            self.tally.select(directory.verdict.policy, 0)
        if self._collector is not None:
            self._collector.absorb(key_of(directory.entry), written=directory.file_id in self._written)
            self._collect(self._collector, directory, _owned_by(directory.parent))
        if rule is None and (directory.parent is None or not directory.parent.takes_all):
            self.tally.jobs += 1

    def _jobs_of(self, directory: Directory) -> int:
        """What capacity rules take is counted at the end of the survey."""
        return 0 if self._rule_of(directory.verdict) is not None else 1

    def _collect(self, collector: Collector, directory: Directory, owner: bytes) -> None:
        entry, inside = directory.entry, directory.inside
        if entry is None:
            return
        order, number = self._place_of(self._rule_of(directory.verdict))
        size, total = inside.bytes, inside.total
        ranked = rank(order, size, entry.delete_time)
        collector.add(row_of(entry, ranked, size=size, rule=number, entries=inside.entries, total=total, owner=owner))

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
            if self._collector is not None:
                self._collect(self._collector, directory, UNPROVEN)


def _owned_by(directory: Directory | None) -> bytes:
    """The key of a directory that owns what lies in it, since it may go whole; empty when it does not."""
    if directory is None or directory.entry is None or not directory.takes_all:
        return b""
    return key_of(directory.entry)
