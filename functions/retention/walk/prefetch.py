"""Listings side by side: while a walk reads one directory, those it is sure to read next are fetched as well.

A listing takes as long as it takes; what bounds a walk should be the rate of requests that the service allows, which
all of an invocation's clients share.
"""

from collections.abc import Callable, Sequence
from functools import partial

from functions.retention.core import Clock, CloudError, Listings, Page

MOST_AHEAD = 8_000
"""Entries of pages fetched ahead and not asked for yet, beyond which nothing more is fetched ahead: some 6 MB."""

_Key = tuple[str, str]


class Prefetch:
    """Listings of one file system; satisfies `walk.Listings`.

    Args:
        listings: as many clients as listings may be made side by side, one thread for each.
        clock: its threads.

    Attributes:
        upcoming: at most so many ids of directories that are sure to be listed next; the walk's own, once there is one.
    """

    def __init__(self, listings: Sequence[Listings], clock: Clock) -> None:
        self._listings, self._clock = listings, clock
        self._ready: dict[_Key, Page] = {}
        self.upcoming: Callable[[int], list[str]] = _none

    def page(self, file_id: str, token: str = "") -> Page:
        """See `walk.Listings`. What could not be fetched ahead is asked for again when it is needed."""
        wanted = (file_id, token)
        if wanted in self._ready:
            return self._ready.pop(wanted)
        waiting = sum(len(page.entries) for page in self._ready.values())
        ahead = [(each, "") for each in self.upcoming(len(self._listings) - 1)] if waiting < MOST_AHEAD else []
        keys = [wanted, *(key for key in ahead if key != wanted and key not in self._ready)]
        tasks = [partial(_fetch, listings, *key) for listings, key in zip(self._listings, keys, strict=False)]
        first, *others = self._clock.gather(tasks)
        self._ready |= {key: page for key, page in zip(keys[1:], others, strict=False) if isinstance(page, Page)}
        if isinstance(first, CloudError):
            raise first
        return first


def _fetch(listings: Listings, file_id: str, token: str) -> Page | CloudError:
    try:
        return listings.page(file_id, token)
    except CloudError as error:
        return error


def _none(_: int) -> list[str]:
    return []
