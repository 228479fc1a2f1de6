"""The shards of a logstore: where a write goes, and reading it back in the order of writing.

Start reading at `Shards`. Reading by shards needs no index and knows nothing of its lag (documented: "Differences
between log consumption and log query" page). A position counts the log groups of one shard, one group for each
acknowledged PutLogs.
"""

import re
from array import array
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aliyun_fakes.sls.errors import SlsError

_KEY_SPACE = 1 << 128
_HASH_KEY = re.compile(r"[0-9a-fA-F]{32}")
_PER_SECOND = 1_000_000_000
_PER_SHARD = 10_000_000


@dataclass
class Shard:
    """One shard: log groups, first in, first out.

    Attributes:
        number: its id.
        begin: the first hash key that it takes.
        end: the first hash key that it does not take any more.
        created: seconds since the epoch.
        writable: False after a split; what it holds can still be read (documented: "Manage shards" page).
    """

    number: int
    begin: int
    end: int
    created: int
    writable: bool = True
    _first: "array[int]" = field(default_factory=lambda: array("I"))
    _sizes: "array[int]" = field(default_factory=lambda: array("I"))
    _received: "array[float]" = field(default_factory=lambda: array("d"))

    def append(self, first: int, size: int, now: float) -> None:
        """Add a group: the numbers of its logs in the logstore are `first` and the next ones, `size` in all."""
        self._first.append(first)
        self._sizes.append(size)
        self._received.append(now)

    def group(self, position: int) -> range:
        """The numbers of the logs in the group at a position."""
        first = self._first[position]
        return range(first, first + self._sizes[position])

    def received(self, position: int) -> float:
        """When the group at a position was received, seconds since the epoch."""
        return self._received[position]

    def visible(self, until: float) -> int:
        """How many groups, from the first one on, were received up to a moment."""
        return bisect_right(self._received, until)

    def position(self, since: int) -> int:
        """The first group that was received at a second or later; one more than the last if there is none."""
        return bisect_left(self._received, since)

    def cursor(self, position: int) -> str:
        """A position as a cursor.

        It is a decimal number in Base64 (documented: samples of the GetCursor page), and one less is the group before
        (observed: aliyun-log-python-sdk 0.9.52 counts down by one). That shards share no cursors is assumed.
        """
        return b64encode(str(self._base + position).encode()).decode()

    def find(self, cursor: str) -> int | None:
        """The position of a cursor, which may be any number; None if the text is no cursor at all."""
        try:
            text = b64decode(cursor, validate=True).decode("ascii")
        except (NotBase64, ValueError):
            return None
        return int(text) - self._base if text.isdecimal() else None

    @property
    def _base(self) -> int:
        return self.created * _PER_SECOND + self.number * _PER_SHARD

    def describe(self) -> dict[str, object]:
        """As ListShards answers it (documented: ListShards page)."""
        return {
            "shardID": self.number,
            "status": "readwrite" if self.writable else "readonly",
            "inclusiveBeginKey": f"{self.begin:032x}",
            "exclusiveEndKey": f"{min(self.end, _KEY_SPACE - 1):032x}",
            "createTime": self.created,
        }


class Shards:
    """The shards of a logstore.

    Args:
        count: how many there are at first; they divide the key space evenly.
        created: seconds since the epoch.
    """

    def __init__(self, count: int, created: int) -> None:
        borders = [_KEY_SPACE * number // count for number in range(count + 1)]
        self._all = [Shard(number, borders[number], borders[number + 1], created) for number in range(count)]

    def __iter__(self) -> Iterator[Shard]:
        return iter(self._all)

    def at(self, number: str) -> Shard:
        """The shard with an id.

        Raises:
            SlsError: there is none.
        """
        for shard in self._all:
            if str(shard.number) == number:
                return shard
        raise SlsError("ShardNotExist", number)

    def choose(self, hash_key: str | None, pick: Callable[[int, int], int]) -> Shard:
        """The writable shard for a write.

        Args:
            hash_key: 32 hexadecimal digits; None leaves the choice to chance (documented: "Manage shards" page).
            pick: a random integer between two, both included.

        Raises:
            SlsError: the hash key is none.
        """
        writable = [shard for shard in self._all if shard.writable]
        if hash_key is None:
            return writable[pick(0, len(writable) - 1)] if len(writable) > 1 else writable[0]
        if not _HASH_KEY.fullmatch(hash_key):
            raise SlsError("ParameterInvalid", f"the hash key {hash_key} is invalid")
        return next(shard for shard in writable if shard.begin <= int(hash_key, 16) < shard.end)

    def split(self, number: int, now: int) -> None:
        """Make a shard read-only and add two writable ones that share its keys (documented: "Manage shards" page).

        The fake never splits by itself.

        Args:
            number: the shard's id.
            now: when the new ones are created, seconds since the epoch.

        Raises:
            SlsError: there is no such shard, or it is read-only.
        """
        parent = self.at(str(number))
        if not parent.writable:
            raise SlsError("ParameterInvalid", f"shard {number} is read-only")
        parent.writable = False
        middle = (parent.begin + parent.end) // 2
        for begin, end in ((parent.begin, middle), (middle, parent.end)):
            self._all.append(Shard(len(self._all), begin, end, now))
