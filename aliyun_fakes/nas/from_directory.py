"""Fill a recycle bin from a real directory tree: real names, sizes and mtimes; deletion times by seed.

Some directories stay live and lose their files one by one, others go whole as ``rm -rf`` takes them, so that the
bin has both shapes a real one has. Nothing of the real tree is changed, and symbolic links are not followed.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DAY = 86_400.0
LONGEST_NAME = 255
WHOLE_SHARE = 0.3


class Bin(Protocol):
    """What is filled: a fake NAS file system."""

    def mkdir(self, path: str) -> object:
        """Create a live directory."""

    def recycle(
        self,
        path: str,
        *,
        size: int = 0,
        deleted_at: float | None = None,
        is_directory: bool = False,
        mtime: float | None = None,
    ) -> object:
        """Put an entry into the bin as if it had been deleted at a moment."""


@dataclass(frozen=True)
class Filled:
    """What came of it.

    Attributes:
        files: how many went into the bin.
        directories: how many went into the bin as entries of their own.
        size: bytes of the files.
        unreadable: directories and files that could not be looked at.
    """

    files: int = 0
    directories: int = 0
    size: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class _Place:
    """A directory of the real tree on its way into the bin; `deleted_at` is None while it stays live."""

    real: str
    path: str
    deleted_at: float | None = None


class TreeLoader:
    """Walks a real tree into a bin.

    Args:
        target: the file system whose bin is filled.
        now: no deletion is later; seconds since the epoch.
        over_days: deletions are spread evenly over so many days before `now`.
        seed: of the deletion times and of which directories go whole.
        leave_out: names that are not loaded, wherever they are.
    """

    def __init__(
        self,
        target: Bin,
        *,
        now: float,
        over_days: float = 28.0,
        seed: int = 0,
        leave_out: frozenset[str] = frozenset(),
    ) -> None:
        self._target, self._now, self._over = target, now, over_days * DAY
        self._leave_out = leave_out
        self._random = random.Random(f"tree:{seed}")
        self._files = self._directories = self._size = self._unreadable = 0

    def load(self, directory: Path) -> Filled:
        """Put what is below `directory` into the bin, at the same paths from the file system's root.

        Raises:
            NotADirectoryError: `directory` is none.
        """
        if not directory.is_dir():
            raise NotADirectoryError(f"{directory}: not a directory")
        waiting = [_Place(str(directory), "")]
        while waiting:
            place = waiting.pop()
            waiting.extend(self._load_one(place))
        return Filled(self._files, self._directories, self._size, self._unreadable)

    def _load_one(self, place: _Place) -> Iterator[_Place]:
        """Recycle one directory's files; its directories are yielded, placed."""
        taken: set[str] = set()
        for entry in self._scan(place.real):
            path = f"{place.path}/{_service_name(entry.name, taken)}"
            try:
                is_directory, stat = entry.is_dir(follow_symlinks=False), entry.stat(follow_symlinks=False)
            except OSError:
                self._unreadable += 1
                continue
            if is_directory:
                yield self._load_directory(entry.path, path, place, stat.st_mtime)
            else:
                self._load_file(path, place, stat)

    def _load_directory(self, real: str, path: str, parent: _Place, mtime: float) -> _Place:
        goes_whole = parent.deleted_at is not None or self._random.random() < WHOLE_SHARE
        if not goes_whole:
            self._target.mkdir(path)
            return _Place(real, path)
        at = self._deletion(parent)
        self._target.recycle(path, deleted_at=at, is_directory=True, mtime=min(mtime, at))
        self._directories += 1
        return _Place(real, path, at)

    def _load_file(self, path: str, parent: _Place, stat: os.stat_result) -> None:
        at = self._deletion(parent)
        self._target.recycle(path, size=stat.st_size, deleted_at=at, mtime=min(stat.st_mtime, at))
        self._files += 1
        self._size += stat.st_size

    def _deletion(self, parent: _Place) -> float:
        """What is in a recycled directory was deleted with it; else each at its own moment."""
        moment = self._now - self._random.random() * self._over
        return moment if parent.deleted_at is None else parent.deleted_at

    def _scan(self, real: str) -> list["os.DirEntry[str]"]:
        """A directory's entries by name, so that the same tree and seed give the same bin."""
        try:
            with os.scandir(real) as entries:
                known = (entry for entry in entries if entry.name not in self._leave_out)
                return sorted(known, key=lambda entry: entry.name)
        except OSError:
            self._unreadable += 1
            return []


def _service_name(name: str, taken: set[str]) -> str:
    """A name the service can show: UTF-8 (what is not becomes U+FFFD), at most 255 bytes, and not taken yet."""
    clean = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    candidate, number = _shortened(clean, ""), 1
    while candidate in taken:  # bounded by the number of names taken
        number += 1
        candidate = _shortened(clean, f"~{number}")
    taken.add(candidate)
    return candidate


def _shortened(name: str, suffix: str) -> str:
    room = LONGEST_NAME - len(suffix)
    return name.encode()[:room].decode("utf-8", "ignore") + suffix
