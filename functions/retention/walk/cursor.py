"""Where a walk stands, small enough for a message.

A cursor names paths by a short digest of their last name, since names can be long, and directories by FileId.
"""

import json
from dataclasses import dataclass, replace
from typing import NamedTuple

MAX_STEPS_BYTES = 1_600
"""How much of a message the chain of open paths may take; a deeper chain is cut and its tail walked again."""

MAX_TOKEN = 300
"""A longer pagination token is left out: without it the directory is read from its first page again."""

HASH_MODULUS = 1 << 128
"""Sums of hashes of entries are counted modulo this."""


class Key(NamedTuple):
    """The order in which the directories of an open path are read: recycled ones by id, then live ones by id."""

    live: bool
    file_id: str


class Candidate(NamedTuple):
    """A directory that is selected itself, as is everything seen below it so far.

    Attributes:
        file_id: its id.
        jobs: deletion jobs for what was finished below it, if something in it stays after all.
        size: bytes of what was finished below it, without files of unknown size.
        entries: entries finished below it.
        unknown: files of unknown size finished below it.
        total: sum of the hashes of those entries, see `selection`; 0 while no set is made or taken.
    """

    file_id: str
    jobs: int = 0
    size: int = 0
    entries: int = 0
    unknown: int = 0
    total: int = 0


class Step(NamedTuple):
    """A path that was open when the walk stopped.

    Attributes:
        open_path: key of the path among those below its parent.
        candidates: those of its directories that may still go with all that is in them.
        flat: all its directories are live and were read to their end, and none showed a recycled subdirectory: to find
            what is below, nothing of it has to be listed again.
    """

    open_path: str
    candidates: tuple[Candidate, ...] = ()
    flat: bool = False

    def anew(self, *file_ids: str) -> "Step":
        """The same with nothing finished in some of its directories; in all of them when none is named."""
        return Step(
            self.open_path,
            tuple(
                Candidate(each.file_id) if not file_ids or each.file_id in file_ids else each
                for each in self.candidates
            ),
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """A walk's position.

    Attributes:
        chain: the open paths from the root down; empty for a walk that has not begun.
        listed: whether all directories of the innermost path are read.
        done: key of the path below it that was finished last.
        reading: the directory of the innermost path that is being read; None stands for its first.
        token: the page of that directory to go on with.
        saw_directories: whether the pages before that one showed subdirectories.
    """

    chain: tuple[Step, ...] = ()
    listed: bool = False
    done: str = ""
    reading: Key | None = None
    token: str = ""
    saw_directories: bool = False

    def shortened(self, room: int = MAX_STEPS_BYTES) -> "Cursor":
        """The same or an earlier position that fits a message: about 2 100 bytes of JSON at most.

        Args:
            room: bytes that the chain of open paths may take.

        What is walked again behind a cut is counted again too: the survey of a very deep bin may report more
        than there is, which makes its limits stricter.
        """
        for depth, step in enumerate(self.chain):
            room -= len(json.dumps(step, separators=(",", ":"))) + 1
            if room < 0 and depth:
                return Cursor((*self.chain[: depth - 1], self.chain[depth - 1].anew()))
        if len(self.token) <= MAX_TOKEN or self.reading is None:
            return self
        again = self.chain[-1].anew(self.reading.file_id)
        return replace(self, chain=(*self.chain[:-1], again), token="", saw_directories=False)
