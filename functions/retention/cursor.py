"""Where a walk stands, small enough for a message.

A cursor names directories by FileId, never by name: names can be long and can repeat within a directory, ids
compare even after the directory they named is gone.
"""

import json
from dataclasses import dataclass, replace
from typing import NamedTuple

MAX_STEPS_BYTES = 1_600
"""How much of a message the chain of open directories may take; a deeper chain is cut and its tail walked again."""

MAX_TOKEN = 300
"""A longer pagination token is left out: without it the directory is read from its first page again."""


class Key(NamedTuple):
    """The order of a directory's subdirectories in a walk: recycled ones by id, then live ones by id."""

    live: bool
    file_id: str


class Step(NamedTuple):
    """One directory that was open when the walk stopped.

    Attributes:
        file_id: its id.
        live: whether it was reached as a live directory and not as a recycled entry.
        whole: whether everything seen below it so far qualifies, and it itself.
        jobs: deletion jobs for what was finished below it, if it does not go whole.
        size: bytes of what was finished below it.
        entries: entries finished below it.
    """

    file_id: str
    live: bool
    whole: bool
    jobs: int = 0
    size: int = 0
    entries: int = 0

    @property
    def key(self) -> Key:
        """Its place among its siblings."""
        return Key(self.live, self.file_id)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A walk's whole position.

    Attributes:
        chain: the open directories from the root down.
        listed: whether the innermost one's own entries are dealt with.
        done: the last finished subdirectory of the innermost one.
        token: the page of the innermost one to go on with, when its entries are not all dealt with.
        saw_directories: whether the pages before that one held subdirectories.
    """

    chain: tuple[Step, ...] = ()
    listed: bool = False
    done: Key | None = None
    token: str = ""
    saw_directories: bool = False

    def shortened(self) -> "Cursor":
        """The same or an earlier position that fits a message: about 2 100 bytes of JSON at most.

        What is walked again behind a cut is counted again too: the survey of a very deep bin may report more
        than there is, which makes its limits stricter.
        """
        kept = len(self.chain)
        while kept > 1 and len(json.dumps(self.chain[:kept], separators=(",", ":"))) > MAX_STEPS_BYTES:
            kept -= 1
        if kept < len(self.chain):
            return Cursor(self.chain[:kept], listed=True, done=_before(self.chain[kept].key))
        return self if len(self.token) <= MAX_TOKEN else replace(self, token="", saw_directories=False)


def _before(key: Key) -> Key:
    """A key that sorts just before a directory that has to be walked again."""
    return Key(key.live, key.file_id[:-1] + chr(ord(key.file_id[-1]) - 1)) if key.file_id else key
