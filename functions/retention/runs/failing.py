"""Things that fail: how often each was tried, which are set aside, and when the next try is due.

The records `failing` and `set-aside` of a file system are the memory: a message has no room for more than a few ids.
A thing is tried three times, ten minutes apart at least. Then it is set aside. It and all in it stay, and the run goes
on. Each later run tries it once more, after everything else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from functions.retention.audit import Journal
from functions.retention.core import Clock, CloudError, Listings, NotFound, Record, parse_service_time
from functions.retention.walk import Failure

TRIES = 3
"""Failures after which a thing is set aside."""

APART = 600.0
"""Seconds between two tries at least."""

MOST_FAILING = 100
"""Failing things from which on a failure is final at once."""

SHARE_OF_SLICE = 0.1
"""Part of a slice that tries of failing things may take."""

FORGOTTEN_AFTER = 32 * 86_400.0
"""Seconds for which a thing that was set aside is remembered; a run that tries it again renews that."""

_NO_TIME = Failure("", "not tried again: too many things failed, or they took too long")

_LIST, _DELETE = "list", "delete"

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FailingThing:
    """A thing that failed.

    Attributes:
        file_id: its id.
        operation: what failed: list or delete.
        path: for people.
        reason: the error's code.
        tries: how often it failed.
        at: when it failed last, epoch seconds.
        run: the run that tried it last.
        is_set_aside: whether it is set aside.
    """

    file_id: str
    operation: str
    path: str
    reason: str
    tries: int
    at: float
    run: str
    is_set_aside: bool


def failing_in(records: Iterable[Record]) -> dict[_Key, FailingThing]:
    """What fails by the records of `RunLedger.failing` in the log's order, by operation and id."""
    things: dict[_Key, FailingThing] = {}
    for record in records:
        key = (record.get("operation", ""), record.get("file_id", ""))
        if record["event"] == "recovered":
            things.pop(key, None)
            continue
        tries = record.get("tries", "")
        things[key] = FailingThing(
            key[1],
            key[0],
            record.get("path", ""),
            record.get("reason", ""),
            int(tries) if tries.isdecimal() else 1,
            parse_service_time(record.get("at", "")) or 0.0,
            record.get("run", ""),
            record["event"] == "set-aside",
        )
    return things


class FailingThings:
    """Keeps account of what fails on a file system; satisfies `walk.Failures`.

    Args:
        things: what the log knows; see `failing_in`.
        journal: for records.
        clock: time.
        run: the run at work.
        walk_began: when its walk began, epoch seconds; what failed before and not since is gone or answers.
        deadline: end of the slice, epoch seconds.
        is_last: everything else was tried, so that what earlier runs set aside is due.
    """

    def __init__(
        self,
        things: Mapping[_Key, FailingThing],
        journal: Journal,
        clock: Clock,
        *,
        run: str,
        walk_began: float,
        deadline: float,
        is_last: bool = False,
    ) -> None:
        self._things, self._journal, self._clock = dict(things), journal, clock
        self._run, self._walk_began, self._is_last = run, walk_began, is_last
        self._budget = SHARE_OF_SLICE * max(deadline - clock.now(), 0.0)
        self._asked_at = clock.now()

    def set_aside(self) -> Mapping[str, int]:
        """How many things this run set aside, by the error's code."""
        mine = (each for each in self._things.values() if each.is_set_aside and each.run == self._run)
        return Counter(each.reason for each in mine)

    def again_at(self) -> float | None:
        """When all that failed in this run may be tried once more, epoch seconds; None when nothing waits for it."""
        return max((each.at + APART for each in self._waiting()), default=None)

    def _waiting(self) -> list[FailingThing]:
        return [each for each in self._things.values() if not each.is_set_aside and each.at >= self._walk_began]

    # Listings.

    def may_list(self, file_id: str) -> bool:
        """See `walk.Failures`."""
        thing = self._things.get((_LIST, file_id))
        self._asked_at = self._clock.now()
        if thing is None:
            return True
        return not thing.is_set_aside and not self._is_too_early(thing) and self._may_try_again(thing)

    def listed(self, file_id: str) -> None:
        """See `walk.Failures`."""
        self._recovered((_LIST, file_id))

    def cannot_list(self, file_id: str, path: str, error: CloudError) -> None:
        """See `walk.Failures`.

        Raises:
            CloudError: the log did not take the record that the directory is set aside.
        """
        self._failed((_LIST, file_id), path, Failure(error.code, str(error), error.request_id))

    def try_set_aside(self, listings: Listings) -> bool:
        """List what earlier runs set aside, each directory once; whether one answered.

        Raises:
            CloudError: the log did not take the record that a directory stays set aside.
        """
        earlier = [
            each
            for each in self._things.values()
            if each.is_set_aside and each.run != self._run and each.operation == _LIST
        ]
        answers = [self._try(thing, listings) for thing in earlier[:MOST_FAILING]]
        return any(answers)

    def _try(self, thing: FailingThing, listings: Listings) -> bool:
        """List a directory that an earlier run set aside; whether it answered."""
        if self._budget <= 0:
            self._put(replace(thing, run=self._run), _NO_TIME)
            return False
        self._asked_at = self._clock.now()
        try:
            listings.page(thing.file_id)
        except NotFound:
            self.listed(thing.file_id)
            return False
        except CloudError as error:
            self.cannot_list(thing.file_id, thing.path, error)
            return False
        self.listed(thing.file_id)
        return True

    def close(self) -> None:
        """Set everything aside that waits for another try: there is none any more in this run.

        Raises:
            CloudError: the log did not take a record.
        """
        for thing in self._waiting():
            self._put(replace(thing, is_set_aside=True, run=self._run), _NO_TIME)

    # Jobs.

    def may_delete(self, file_id: str) -> bool:
        """See `walk.Failures`."""
        thing = self._things.get((_DELETE, file_id))
        self._asked_at = self._clock.now()
        if thing is None:
            return True
        if thing.is_set_aside:
            return self._is_last and thing.run != self._run
        return not self._is_too_early(thing) and self._may_try_again(thing)

    def has_job(self, file_id: str) -> None:
        """See `walk.Failures`."""
        self._recovered((_DELETE, file_id))

    def is_done_with(self, file_id: str) -> bool:
        """Whether this run set an entry aside, so that it tries it no more."""
        thing = self._things.get((_DELETE, file_id))
        return thing is not None and thing.is_set_aside and thing.run == self._run

    def cannot_delete(self, file_id: str, path: str, failure: Failure, *, for_now: bool) -> bool:
        """See `walk.Failures`.

        Raises:
            CloudError: the log did not take the record that the entry is set aside.
        """
        return self._failed((_DELETE, file_id), path, failure, final=not for_now)

    # Both.

    def _recovered(self, key: _Key) -> None:
        thing = self._things.pop(key, None)
        if thing is not None:
            self._journal.note("recovered", **_fields(thing))

    def _is_too_early(self, thing: FailingThing) -> bool:
        return self._clock.now() < thing.at + APART

    def _may_try_again(self, thing: FailingThing) -> bool:
        """Whether there is time to try a failing thing again; if not, it is set aside as it is."""
        if self._budget > 0:
            return True
        self._put(replace(thing, is_set_aside=True, run=self._run), _NO_TIME)
        return False

    def _failed(self, key: _Key, path: str, failure: Failure, *, final: bool = False) -> bool:
        before = self._things.get(key)
        tries = before.tries + 1 if before is not None else 1
        is_known = before is not None and before.is_set_aside
        aside = final or is_known or tries >= TRIES or len(self._things) >= MOST_FAILING
        now = self._clock.now()
        self._budget -= now - self._asked_at
        self._asked_at = now
        self._put(FailingThing(key[1], key[0], path, failure.code, tries, now, self._run, aside), failure)
        return aside

    def _put(self, thing: FailingThing, failure: Failure) -> None:
        fields = {**_fields(thing), "detail": failure.detail, "failed_request": failure.request_id}
        if thing.is_set_aside:
            self._journal.put("set-aside", **fields)
        else:
            self._journal.note("failing", **fields)
        self._things[thing.operation, thing.file_id] = thing


def _fields(thing: FailingThing) -> dict[str, object]:
    return {
        "file_id": thing.file_id,
        "operation": thing.operation,
        "path": thing.path,
        "reason": thing.reason,
        "tries": thing.tries,
    }
