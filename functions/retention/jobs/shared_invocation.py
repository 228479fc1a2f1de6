"""The slices of one invocation, which is billed until the last of them ends.

While one of them is busy the others may wait for free; when all of them only wait, it is cheaper to hand over.
"""

import itertools


class SharedInvocation:
    """Who is busy. Threads may share it: each step is one operation on a set or a counter, atomic in Python."""

    def __init__(self) -> None:
        self._busy: set[int] = set()
        self._members: set[int] = set()
        self._numbers = itertools.count(1)

    def join(self) -> "Participant":
        """A slice begins, and is busy."""
        number = next(self._numbers)
        self._members.add(number)
        participant = Participant(self._busy, self._members, number)
        participant.set_busy(busy=True)
        return participant


class Participant:
    """One slice of a shared invocation."""

    def __init__(self, busy: set[int], members: set[int], number: int) -> None:
        self._busy, self._members, self._number = busy, members, number

    def is_shared(self) -> bool:
        """Whether the invocation has other slices, whatever became of them."""
        return len(self._members) > 1

    def others_busy(self) -> bool:
        """Whether the invocation goes on anyway."""
        return not self._busy <= {self._number}

    def set_busy(self, *, busy: bool) -> None:
        """This slice works, or it only waits or has ended."""
        (self._busy.add if busy else self._busy.discard)(self._number)
