"""A collection in key order that stays quick at a million members: short sorted runs under one index."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
RUN = 512


class Key(Protocol):
    """What members are put in order by; all keys of a collection are of one kind."""

    def __lt__(self, other: Any, /) -> bool:  # noqa: ANN401 - as the standard library's own protocol for sorting has it
        """Whether it comes before another."""


class Ordered(Generic[T]):
    """Members by a unique key. Adding, removing and finding a place cost O(log n + RUN), a page O(page).

    Args:
        key: a member's key; must not change while it is a member.
        members: to begin with, in any order.

    Attributes:
        key: the same.
    """

    __slots__ = ("_lasts", "_length", "_runs", "key")

    def __init__(self, key: Callable[[T], Key], members: Iterable[T] = ()) -> None:
        self.key = key
        self._runs: list[list[T]] = []
        self._lasts: list[Key] = []  # the key each run ends with, or ended with before removals
        self._length = 0
        for member in members:
            self.add(member)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        for run in self._runs:
            yield from run

    def add(self, member: T) -> None:
        """Put a member in; its key must be new."""
        key = self.key(member)
        self._length += 1
        if not self._runs or self._lasts[-1] < key:
            self._append(member, key)
            return
        at = bisect_left(self._lasts, key)
        run = self._runs[at]
        run.insert(bisect_left(run, key, key=self.key), member)
        if len(run) > 2 * RUN:
            self._runs.insert(at + 1, run[RUN:])
            self._lasts.insert(at + 1, self._lasts[at])
            del run[RUN:]
            self._lasts[at] = self.key(run[-1])

    def _append(self, member: T, key: Key) -> None:
        if self._runs and len(self._runs[-1]) < RUN:
            self._runs[-1].append(member)
            self._lasts[-1] = key
        else:
            self._runs.append([member])
            self._lasts.append(key)

    def remove(self, member: T) -> None:
        """Take a member out.

        Raises:
            KeyError: it is not in.
        """
        key = self.key(member)
        at = bisect_left(self._lasts, key)
        run = self._runs[at] if at < len(self._runs) else []
        place = bisect_left(run, key, key=self.key)
        if place == len(run) or run[place] is not member:
            raise KeyError(f"no member with key {key!r}")
        del run[place]
        self._length -= 1
        if not run:
            del self._runs[at], self._lasts[at]

    def after(self, key: Key | None) -> Iterator[T]:
        """The members whose keys come after `key`, in order; all for None."""
        if key is None:
            yield from self
            return
        at = bisect_left(self._lasts, key)
        if at == len(self._runs):
            return
        run = self._runs[at]
        yield from islice(run, bisect_right(run, key, key=self.key), None)
        for later in self._runs[at + 1 :]:
            yield from later

    def from_place(self, place: int) -> Iterator[T]:
        """The members from the `place`-th on, counted from 0."""
        for run in self._runs:
            if place < len(run):
                yield from run[place:]
            place = max(0, place - len(run))
