"""What goes first: ranks of targets, and how many of a set go in a first walk of the purge.

A purge deletes what it lists, so it cannot sort. Instead it walks twice: first for the targets that the order puts
in front, then for the rest.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import ceil, log2
from typing import Literal

from functions.retention.core import parse_service_time

Order = Literal["as-found", "largest-first", "oldest-first"]

BYTES_IN_FRONT = 0.9
"""Share of the bytes that ``largest-first`` takes in its first walk."""

JOBS_IN_FRONT = 0.5
"""Share of the jobs that ``oldest-first`` takes in its first walk."""

_SIZES_PER_DOUBLING = 4

_HOUR = 3_600


def rank(order: Order, size: int | None, delete_time: str) -> int:
    """Where a target stands; a lower rank goes first.

    Args:
        order: the policy's.
        size: bytes, of a directory with everything below; None, when they are not known, goes last.
        delete_time: of its entry, as listed.

    Returns:
        For ``largest-first`` quarters of a doubling of its size, negative; for ``oldest-first`` the hour of its
        deletion, counted from 1970; for ``as-found`` always 0.

    Raises:
        ValueError: the moment of its deletion is not known, so that nothing can select it.
    """
    if order == "largest-first":
        return 1 if size is None else -int(_SIZES_PER_DOUBLING * log2(size + 1))
    return moment_of(delete_time) // _HOUR if order == "oldest-first" else 0


def moment_of(delete_time: str) -> int:
    """The moment of a DeleteTime, epoch seconds.

    Raises:
        ValueError: it is not known.
    """
    moment = parse_service_time(delete_time)
    if moment is None:
        raise ValueError(f"DeleteTime {delete_time!r} is no time")
    return int(moment)


def front(order: Order, sizes: Sequence[int | None]) -> int:
    """How many targets of a set go in a first walk; 0 when one walk takes all.

    Args:
        order: what goes first.
        sizes: bytes of the targets, in that order; None where they are not known.
    """
    if order == "largest-first":
        known = [size for size in sizes if size is not None]  # the others come last
        enough = BYTES_IN_FRONT * sum(known)
        return next((number + 1 for number, size in enumerate(accumulate(known)) if size >= enough), 0)
    return ceil(JOBS_IN_FRONT * len(sizes)) if order == "oldest-first" else 0
