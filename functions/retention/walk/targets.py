"""A later walk of a run: hand out targets, one deletion job each.

A selected directory is a candidate until everything below it was listed and qualifies; then it is one target. The
first entry below it that stays breaks every candidate above it. What is selected in each broken directory becomes a
target of its own. For that its entries are listed once more; what is known of its subdirectories is used again.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from functions.retention.core import Listings, NoAnswer, NotFound, Page, Refused, StaleToken
from functions.retention.policy import Judge, Verdict
from functions.retention.walk.cursor import Cursor
from functions.retention.walk.directory import Directory, OpenPath
from functions.retention.walk.failures import Failures
from functions.retention.walk.recent_directories import Recents
from functions.retention.walk.selection import TargetSet
from functions.retention.walk.target import Target
from functions.retention.walk.walk import Walk

MAX_PAGES_TO_RECHECK = 20
"""How far a directory is searched for a target that is not on the page that named it."""

MAX_AT_HAND = 2_000
"""A directory with fewer targets is read to its end before the first goes: what a page token does when entries go
between two pages is not documented. A larger one is handed out in such portions, and what a token skips is left to the
next run."""

MAX_PAGES_AT_HAND = 20
"""The same for pages read behind a target: a directory of more pages than a slice can read would be begun anew in each,
for a hand-over forgets what is at hand."""


class TargetWalk(Walk):
    """Finds targets.

    Args:
        recycle_bin: see `Walk`, as for the next four.
        recents: where something was deleted.
        judge: the one gate.
        cursor: where an earlier slice stopped.
        sees_inside: whether recycled directories were seen to have contents.
        failures: see `Walk`.
        chosen: the run's set, as far as this walk may take it. A directory goes whole only if the set has it and it is
            unchanged. Otherwise nothing in it goes but what the set has by itself.

    Attributes:
        vanished: targets that were gone or different when looked at again.
    """

    def __init__(
        self,
        recycle_bin: Listings,
        recents: Recents,
        judge: Judge,
        chosen: TargetSet,
        *,
        cursor: Cursor | None = None,
        sees_inside: bool = False,
        failures: Failures | None = None,
    ) -> None:
        self.vanished = 0
        self._chosen = chosen
        self._changed: list[Target] = []
        self._targets: deque[Target] = deque()
        self._pages_at_hand = 0
        super().__init__(
            recycle_bin, recents, judge, cursor=cursor, sees_inside=sees_inside, failures=failures, sums=True
        )

    @property
    def finished(self) -> bool:
        """Whether there are no more targets."""
        return not self._stack and not self._targets

    def cursor(self) -> Cursor:
        """Where a walk finds everything again that was not taken."""
        return self._targets[0].cursor if self._targets else super().cursor()

    def peek(self) -> Target | None:
        """The next target, if one is at hand; `step` finds more."""
        return self._targets[0] if self._has_news() else None

    def take(self) -> Target:
        """Remove and return the target that `peek` shows."""
        return self._targets.popleft()

    def take_changed(self) -> list[Target]:
        """Remove and return the directories of the set that do not hold what the survey found in them."""
        changed, self._changed = self._changed, []
        return changed

    # Looking again.

    def recheck(self) -> None:
        """Look again at the target at hand; it is dropped when it is gone, changed or no longer selected.

        Others that its page named get a new `Target.listed_at` if they were seen too. What was not seen stays at hand
        as it was, so the target that follows a dropped one has to be judged by its own `Target.listed_at`.

        Raises:
            CloudError: the listing failed.
        """
        if not self._targets:
            return
        first = self._targets[0]
        page_mates = {each.identity for each in self._targets if _page_of(each) == _page_of(first)}
        fresh = self._look(first, page_mates)
        if first.identity not in fresh:
            self._targets.popleft()
            self.vanished += 1
        self._targets = deque(
            replace(each, listed_at=fresh[each.identity]) if each.identity in fresh else each for each in self._targets
        )

    def look_again(self, target: Target) -> Target | None:
        """The target as it is now, or None when it is gone, changed or no longer selected.

        Raises:
            CloudError: the listing failed.
        """
        listed_at = self._look(target, {target.identity}).get(target.identity)
        return None if listed_at is None else replace(target, listed_at=listed_at)

    def _look(self, target: Target, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], float]:
        """Which of the wanted, all named by the target's page, are there and selected, and when that was seen."""
        fresh, token = self._look_at_page(target, target.token, wanted)
        token = "" if target.token else token
        for number in range(MAX_PAGES_TO_RECHECK):
            if target.identity in fresh or (number and not token) or not (target.token or token):
                break
            found, token = self._look_at_page(target, token, wanted)
            fresh |= found
        return fresh

    def _look_at_page(
        self, target: Target, token: str, wanted: set[tuple[str, str]]
    ) -> tuple[dict[tuple[str, str], float], str]:
        self.list_calls += 1
        try:
            page = self._bin.page(target.directory_id, token)
        except (NotFound, StaleToken):
            return {}, ""
        except (NoAnswer, Refused) as error:
            self._unlisted.failed(target.directory_id, target.directory, error)
            return {}, ""
        found = {
            key: page.listed_at
            for entry in page.entries
            if (key := (entry.file_id, entry.delete_time)) in wanted
            and self._judge.verdict(entry, target.directory).delete
        }
        return found, page.next_token

    # Handing out.

    def _leaves_flat_places(self) -> bool:
        """The survey of the run has listed the bin with them."""
        return True

    def _is_sure_to_be_read(self, open_path: OpenPath) -> bool:
        """What decides whether a directory takes all; with a target at hand the rest may be for a later slice."""
        return any(directory.takes_all for directory in open_path.directories)

    def _has_news(self) -> bool:
        if len(self._targets) >= MAX_AT_HAND or self._pages_at_hand >= MAX_PAGES_AT_HAND:
            return bool(self._targets)
        return bool(self._targets) and not self._reads_on()

    def _reads_on(self) -> bool:
        """Whether the directory that is being read has more pages."""
        top = self._stack[-1] if self._stack else None
        return top is not None and not top.listed and top.directories[top.reading].pages > 0

    def _deal_with(self, open_path: OpenPath, directory: Directory, page: Page, verdicts: Sequence[Verdict]) -> None:
        if not all(verdict.delete for verdict in verdicts):
            self._break(directory)
        cursor = super().cursor()
        files = list(_file_targets(directory, page, verdicts, (open_path.path, directory.token, cursor)))
        if directory.takes_all:
            for target in files:
                total = self._total([target.entry])
                directory.inside.add(target.size or 0, 1, unknown=target.size is None, total=total)
        else:
            _note_progress(directory, files)
            self._hand_out(files)
            self._pages_at_hand = self._pages_at_hand + 1 if self._targets else 0

    def _hand_out(self, targets: Iterable[Target]) -> None:
        chosen = self._chosen
        self._targets.extend(replace(each, rule=chosen.rule_of(each.entry)) for each in targets if each.entry in chosen)

    def _may_take_all(self, directory: Directory) -> bool:
        if directory.entry is None:
            return True
        return directory.entry in self._chosen or (directory.parent is not None and directory.parent.takes_all)

    def _takes_all(self, directory: Directory) -> None:
        parent, entry, inside = directory.parent, directory.entry, directory.inside
        if parent is None or entry is None or parent.takes_all:
            return
        target = self._target_of_all(directory, parent)
        if self._chosen.is_unchanged(entry, inside.entries, inside.total):
            self._hand_out(target)
        else:
            self._changed.extend(target)

    def _target_of_all(self, directory: Directory, parent: Directory) -> Iterable[Target]:
        entry, verdict, token, inside = directory.entry, directory.verdict, directory.parent_token, directory.inside
        if entry is not None and verdict is not None:
            path, size, entries = self._path_of(parent), inside.bytes, inside.entries + 1
            at = super().cursor()
            yield Target(entry, verdict, parent.file_id, path, token, parent.listed_at, size, entries, at)

    def _path_of(self, parent: Directory) -> str:
        return next(open_path.path for open_path in reversed(self._stack) if parent in open_path.directories)

    # What stays.

    def _break_candidates(self, broken: Sequence[Directory]) -> None:
        """Nothing but the directory itself stands in the set for what is in it, so nothing of it is handed out."""
        for each in broken:
            if each.parent is not None and each.entry is not None and each.entry in self._chosen:
                self._changed.extend(self._target_of_all(each, each.parent))


def _note_progress(directory: Directory, files: Sequence[Target]) -> None:
    """A directory whose first page shows other targets than before may be begun anew as often as that happens."""
    if files and not directory.pages and files[0].entry.file_id != directory.first:
        directory.first = files[0].entry.file_id
        directory.restarts = 0


def _page_of(target: Target) -> tuple[str, str]:
    return target.directory_id, target.token


def _file_targets(
    directory: Directory, page: Page, verdicts: Sequence[Verdict], where: tuple[str, str, Cursor]
) -> Iterable[Target]:
    """The selected files of a page; `where` is the directory's path, the page's token and the cursor."""
    path, token, cursor = where
    for entry, verdict in zip(page.entries, verdicts, strict=True):
        if verdict.delete and not entry.is_directory:
            yield Target(entry, verdict, directory.file_id, path, token, page.listed_at, entry.size, 1, cursor)
