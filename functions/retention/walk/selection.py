"""A run's set: the targets that it may take, named before the first one goes.

A survey collects targets as rows and the run writes the first of them, in order, to the log. A purge takes a target
only if its row is there. A directory goes only if everything below it is what the survey found there.

A row is 55 bytes. Rows compare as their targets are ordered: those of capacity rules last, in the order of the rules;
then by rank, `DeleteTime` and key. What lies in a
directory that may still go whole is provisional: it belongs to that directory until the directory breaks or goes whole.
"""

import base64
import binascii
import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from functions.retention.core import Entry
from functions.retention.walk.order import moment_of

MOST_TARGETS = 50_000
"""Targets of a set at most. A run that finds more takes the first of them, and the next run goes on."""

ROWS_A_RECORD = 4_000
"""Rows of one record: 280 kB of text; a field takes 1 MB (documented: Simple Log Service, "Limits", 2025)."""

UNPROVEN = b"unproven"
"""Owner of directories that look empty while nobody knows whether a listing shows what recycled directories hold."""

_FINAL = bytes(8)
_LAYOUT = struct.Struct(">HII8sQI16s8s")
_RULE_BYTES = 2
_RANK_ZERO = 1 << 31
_UNKNOWN = (1 << 64) - 1
_MOST_ENTRIES = (1 << 32) - 1


class Row(NamedTuple):
    """One target of a set.

    Attributes:
        rule: number of the capacity rule that takes it, from 1; 0 when any other policy does.
        rank: as of `order.rank`.
        deleted_at: its DeleteTime, epoch seconds.
        key: see `key_of`.
        size: bytes, of a directory with everything below; None when they are not known.
        entries: how many entries are below it; 0 for a file.
        total: sum of the hashes of all entries below it.
        owner: key of the directory in which it is provisional.
    """

    rule: int
    rank: int
    deleted_at: int
    key: bytes
    size: int | None
    entries: int
    total: int
    owner: bytes = _FINAL


def hash_of(file_id: str, delete_time: str) -> int:
    """The hash of an entry, 128 bits: an entry that is restored and deleted again has another one."""
    return int.from_bytes(_digest(file_id, delete_time), "big")


def key_of(entry: Entry) -> bytes:
    """The name of an entry in a set: the first 8 bytes of its hash."""
    return _digest(entry.file_id, entry.delete_time)[:8]


def _digest(file_id: str, delete_time: str) -> bytes:
    return hashlib.sha256(f"{file_id}\0{delete_time}".encode("utf-8", "surrogatepass")).digest()[:16]


def packed(row: Row) -> bytes:
    """A row as bytes that compare as targets are ordered."""
    size = _UNKNOWN if row.size is None else min(row.size, _UNKNOWN - 1)
    entries = min(row.entries, _MOST_ENTRIES)
    return _LAYOUT.pack(
        row.rule,
        row.rank + _RANK_ZERO,
        row.deleted_at,
        row.key,
        size,
        entries,
        row.total.to_bytes(16, "big"),
        row.owner,
    )


def unpacked(row: bytes) -> Row:
    """The row of which these are the bytes."""
    rule, rank, deleted_at, key, size, entries, total, owner = _LAYOUT.unpack(row)
    known = None if size == _UNKNOWN else size
    return Row(rule, rank - _RANK_ZERO, deleted_at, key, known, entries, int.from_bytes(total, "big"), owner)


class _Rows:
    """The first rows in order of each rule, so many at most and each once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._of_rule: dict[bytes, list[bytes]] = {}

    def extend(self, rows: Iterable[bytes]) -> None:
        for row in rows:
            found = self._of_rule.setdefault(row[:_RULE_BYTES], [])
            found.append(row)
            if len(found) >= 2 * self._limit + 1_000:
                found[:] = self._first(found)

    def first(self) -> list[bytes]:
        return [row for _, rows in sorted(self._of_rule.items()) for row in self._first(rows)]

    def _first(self, rows: Iterable[bytes]) -> list[bytes]:
        return sorted(set(rows))[: self._limit]


class Collector:
    """Collects the targets that one slice of a survey finds.

    Args:
        limit: only so many of each rule, the first in order, are needed.
    """

    def __init__(self, limit: int = MOST_TARGETS) -> None:
        self._limit = min(limit, MOST_TARGETS)
        self._final, self._unproven = _Rows(self._limit), _Rows(self._limit)
        self._provisional: dict[bytes, _Rows] = {}
        self._void: set[bytes] = set()

    def add(self, row: Row) -> None:
        """Keep a target; with an owner it is provisional."""
        if row.owner == _FINAL:
            rows = self._final
        elif row.owner == UNPROVEN:
            rows = self._unproven
        else:
            rows = self._provisional.setdefault(row.owner, _Rows(self._limit))
        rows.extend([packed(row)])

    def release(self, owner: bytes) -> None:
        """A directory does not go whole: what it owns are targets of their own."""
        rows = self._provisional.pop(owner, None)
        if rows is not None:
            self._final.extend(row[: -len(_FINAL)] + _FINAL for row in rows.first())

    def absorb(self, owner: bytes, *, written: bool) -> None:
        """A directory goes whole, or (`UNPROVEN`) stays: what it owns are no targets.

        Args:
            owner: its key.
            written: an earlier slice may have written down what it owned then.
        """
        self._provisional.pop(owner, None)
        if written:
            self._void.add(owner)

    def payloads(self) -> Iterator[str]:
        """All that was collected, as text for records; none when there is nothing."""
        rows = [row for some in (self._final, self._unproven, *self._provisional.values()) for row in some.first()]
        return _payloads(rows, sorted(self._void))


def _payloads(rows: Sequence[bytes], void: Sequence[bytes]) -> Iterator[str]:
    for start in range(0, max(len(rows), len(void)), ROWS_A_RECORD):
        some = rows[start : start + ROWS_A_RECORD]
        raw = struct.pack(">I", len(some)) + b"".join(some) + b"".join(void[start : start + ROWS_A_RECORD])
        yield base64.b64encode(zlib.compress(raw)).decode()


def payloads_of(rows: Iterable[Row]) -> Iterator[str]:
    """The rows of a set as text for records."""
    return _payloads([packed(row) for row in rows], [])


def rows_of(payloads: Iterable[str]) -> list[Row]:
    """The targets in what was written down: final ones, each once, in order.

    Raises:
        ValueError: it is not what `Collector.payloads` or `payloads_of` writes.
    """
    rows: list[bytes] = []
    void: set[bytes] = set()
    for payload in payloads:
        some, of_them = _parsed(payload)
        rows += some
        void |= of_them
    found: dict[bytes, Row] = {}
    for row in map(unpacked, sorted(rows)):
        if row.owner not in void:
            found.setdefault(row.key, row._replace(owner=_FINAL))
    return list(found.values())


def _parsed(payload: str) -> tuple[list[bytes], set[bytes]]:
    try:
        raw = zlib.decompress(base64.b64decode(payload, validate=True))
        end = 4 + _LAYOUT.size * int(struct.unpack_from(">I", raw)[0])
    except (binascii.Error, zlib.error, struct.error) as error:
        raise ValueError("targets: not the text of a set") from error
    if end > len(raw) or (len(raw) - end) % len(_FINAL):
        raise ValueError("targets: the set is cut")
    void = {raw[at : at + len(_FINAL)] for at in range(end, len(raw), len(_FINAL))}
    return [raw[at : at + _LAYOUT.size] for at in range(4, end, _LAYOUT.size)], void


def row_of(
    entry: Entry, rank: int, *, size: int | None, rule: int = 0, entries: int = 0, total: int = 0, owner: bytes = b""
) -> Row:
    """The row of a target that a survey found; see `Row`."""
    return Row(rule, rank, moment_of(entry.delete_time), key_of(entry), size, entries, total, owner or _FINAL)


class TargetSet:
    """The targets that one walk of a purge may take.

    Args:
        rows: of the set.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: Mapping[bytes, Row] = {row.key: row for row in rows}

    def __contains__(self, entry: Entry) -> bool:
        return key_of(entry) in self._rows

    def rule_of(self, entry: Entry) -> int:
        """The `Row.rule` of an entry of the set."""
        return self._rows[key_of(entry)].rule

    def is_unchanged(self, entry: Entry, entries: int, total: int) -> bool:
        """Whether a directory of the set holds so many entries with this sum of hashes, as the survey found it."""
        row = self._rows.get(key_of(entry))
        return row is not None and (row.entries, row.total) == (entries, total)
