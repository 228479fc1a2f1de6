"""The slices of one invocation, which is billed until the last of them ends.

While one of them is busy the others may wait for free; when all of them only wait, it is cheaper to hand over.
"""

import threading


class Company:
    """Who is busy."""

    def __init__(self) -> None:
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        self._seats = 0

    def join(self) -> "Seat":
        """A slice begins, and is busy."""
        with self._lock:
            self._seats += 1
            self._busy.add(self._seats)
            return Seat(self, self._seats)

    def set_busy(self, number: int, *, busy: bool) -> None:
        """A slice works, or it waits or has ended."""
        with self._lock:
            (self._busy.add if busy else self._busy.discard)(number)

    def others_are_busy(self, number: int) -> bool:
        """Whether any slice but this one works."""
        with self._lock:
            return bool(self._busy - {number})


class Seat:
    """One slice's place in a company."""

    def __init__(self, company: Company, number: int) -> None:
        self._company, self._number = company, number

    def others_are_busy(self) -> bool:
        """Whether the invocation goes on anyway."""
        return self._company.others_are_busy(self._number)

    def set_busy(self, *, busy: bool) -> None:
        """This slice works, or it only waits."""
        self._company.set_busy(self._number, busy=busy)
