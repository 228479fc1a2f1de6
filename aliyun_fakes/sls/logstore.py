"""One logstore: what was written to it, and finding it again.

Made for a million logs: a log is kept as the bytes it came in and read again when somebody asks; times, writing
moments and postings are arrays of numbers. A log's number is its place in the order of writing, so what the index
lag hides is always a tail of the numbers.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from aliyun_fakes.sls.codec import Log, LogGroup, read_log, write_group
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.index import FieldConfig, IndexConfig, StoreIndex, check_pattern
from aliyun_fakes.sls.query import Both, Everything, Query, Term, Without, read_query
from aliyun_fakes.sls.shards import Shard, Shards

NANOSECONDS = 1_000_000_000
_CACHED_SEARCHES = 16
_TAG = "__tag__:"


@dataclass(frozen=True)
class _Origin:
    """What the logs of a group share."""

    topic: str
    source: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Search:
    """What GetLogs asks for.

    Attributes:
        query: the search statement.
        since: from here on, nanoseconds since the epoch.
        until: up to here, not included.
        topic: only this topic; None for all.
    """

    query: str
    since: int
    until: int
    topic: str | None = None


@dataclass(frozen=True)
class _Hits:
    """Log numbers, or with `all_but` every number except these; so *not* costs nothing until the end."""

    numbers: frozenset[int] | set[int]
    all_but: bool = False

    def inverted(self) -> "_Hits":
        return _Hits(self.numbers, not self.all_but)

    def and_(self, other: "_Hits") -> "_Hits":
        if self.all_but and other.all_but:
            return _Hits(self.numbers | other.numbers, all_but=True)
        if self.all_but:
            return _Hits(other.numbers - self.numbers)
        return _Hits(self.numbers - other.numbers if other.all_but else self.numbers & other.numbers)

    def or_(self, other: "_Hits") -> "_Hits":
        return self.inverted().and_(other.inverted()).inverted()


class LogStore:
    """A logstore's settings, logs and index.

    Args:
        settings: as GetLogStore answers them; ``shardCount`` and ``createTime`` make its shards.

    Attributes:
        settings: as above; replaced by UpdateLogStore.
        index: its index, or None.
        shards: where each write goes.
        generation: counts changes of the index.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.index: StoreIndex | None = None
        self.shards = Shards(settings["shardCount"], settings["createTime"])
        self._raw: list[bytes] = []
        self._times = array("q")
        self._written = array("d")
        self._origins: list[_Origin] = []
        self._origin_of = array("I")
        self._by_time = array("I")
        self._sorted_times = array("q")
        self._searches: dict[tuple[Search, int], Sequence[int]] = {}

    def __len__(self) -> int:
        return len(self._raw)

    def set_index(self, config: IndexConfig | None) -> None:
        """Make, change or drop the index."""
        self._searches.clear()
        if config is None:
            self.index = None
        elif self.index is None:
            self.index = StoreIndex(config, len(self))
        else:
            self.index.change(config)

    def append(self, group: LogGroup, now: float, shard: Shard) -> None:
        """Write a checked group to one of the shards; see `aliyun_fakes.sls.writing`."""
        shard.append(len(self), len(group.logs), now)
        tags = tuple((f"{_TAG}{key.decode()}", value.decode()) for key, value in group.tags)
        origin = _Origin(group.topic.decode(), group.source.decode(), tags)
        if not self._origins or self._origins[-1] != origin:
            self._origins.append(origin)
        for log in group.logs:
            number = len(self._raw)
            self._raw.append(log.raw)
            self._written.append(now)
            self._origin_of.append(len(self._origins) - 1)
            self._place(number, log.time * NANOSECONDS + (log.nanoseconds or 0))
            if self.index is not None:
                self._index(self.index, number, origin, log)

    @staticmethod
    def _index(index: StoreIndex, number: int, origin: _Origin, log: Log) -> None:
        index.add(number, "__topic__", origin.topic)
        index.add(number, "__source__", origin.source)
        for tag, value in origin.tags:
            index.add(number, tag, value)
        for key, content in log.contents:
            index.add(number, key.decode(), content.decode())

    def _place(self, number: int, time: int) -> None:
        """Keep the order by time; logs come nearly sorted, so little moves."""
        self._times.append(time)
        place = bisect_right(self._sorted_times, time)
        self._sorted_times.insert(place, time)
        self._by_time.insert(place, number)

    def _fields(self, number: int) -> Iterator[tuple[str, str]]:
        origin = self._origins[self._origin_of[number]]
        yield "__topic__", origin.topic
        yield "__source__", origin.source
        yield from origin.tags
        for key, value in read_log(self._raw[number]).contents:
            yield key.decode(), value.decode()

    def group(self, numbers: range) -> bytes:
        """The logs of a group as the LogGroup they came in, without the machine's id."""
        origin = self._origins[self._origin_of[numbers[0]]]
        tags = ((key.removeprefix(_TAG), value) for key, value in origin.tags)
        return write_group((self._raw[number] for number in numbers), origin.topic, origin.source, tags)

    def time(self, number: int) -> int:
        """When a log says that it happened, nanoseconds since the epoch."""
        return self._times[number]

    def record(self, number: int) -> dict[str, str]:
        """One log as GetLogs answers it; every value is text.

        ``__time_ns_part__`` is there when nanoseconds were written (documented: "Reserved fields").
        """
        found = {"__time__": str(self._times[number] // NANOSECONDS)}
        nanoseconds = self._times[number] % NANOSECONDS
        if nanoseconds:
            found["__time_ns_part__"] = str(nanoseconds)
        return found | dict(self._fields(number))

    def records(self) -> Iterator[dict[str, str]]:
        """Every log in the order of writing, whatever the index knows."""
        return (self.record(number) for number in range(len(self)))

    def find(self, search: Search, written_until: float) -> Sequence[int]:
        """The numbers of the logs found, in the order of their times.

        Args:
            search: what is asked for.
            written_until: logs written later are not found yet.

        Raises:
            SlsError: there is no index, or the query is not answered by it.
        """
        if self.index is None:
            raise SlsError("LogStoreWithoutIndex")
        visible = bisect_right(self._written, written_until)
        known = self._searches.get((search, visible))
        if known is None:
            known = self._select(
                search, self._evaluate(read_query(search.query), self.index), self.index.since, visible
            )
            if len(self._searches) >= _CACHED_SEARCHES:
                self._searches.clear()
            self._searches[search, visible] = known
        return known

    def _select(self, search: Search, hits: _Hits, first: int, visible: int) -> Sequence[int]:
        low = bisect_left(self._sorted_times, search.since)
        high = bisect_left(self._sorted_times, search.until)
        if not hits.all_but:
            in_time = (n for n in hits.numbers if search.since <= self._times[n] < search.until)
            candidates: Sequence[int] = sorted(in_time, key=lambda n: (self._times[n], n))
        elif not hits.numbers and not first and visible == len(self) and search.topic is None:
            return self._by_time[low:high]
        else:
            candidates = [n for n in self._by_time[low:high] if n not in hits.numbers]
        return [n for n in candidates if first <= n < visible and self._has_topic(n, search.topic)]

    def _has_topic(self, number: int, topic: str | None) -> bool:
        return topic is None or self._origins[self._origin_of[number]].topic == topic

    def _evaluate(self, query: Query, index: StoreIndex) -> _Hits:
        if isinstance(query, Everything):
            return _Hits(frozenset(), all_but=True)
        if isinstance(query, Without):
            return self._evaluate(query.part, index).inverted()
        if isinstance(query, Term):
            return _Hits(self._find_term(query, index))
        hits = self._evaluate(query.parts[0], index)
        for part in query.parts[1:]:
            other = self._evaluate(part, index)
            hits = hits.and_(other) if isinstance(query, Both) else hits.or_(other)
        return hits

    def _find_term(self, term: Term, index: StoreIndex) -> set[int]:
        if term.key is None:
            return self._find_anywhere(term, index)
        of_key = index.of(term.key)
        return set(of_key.present) if term.is_presence else of_key.find(term.text, wild=not term.quoted)

    def _find_anywhere(self, term: Term, index: StoreIndex) -> set[int]:
        """A search without a key reads every log again: right, and slow beyond some ten thousand."""
        line = index.config.line
        if line is None:
            raise SlsError("ParameterInvalid", f"query: {term.text} has no key and the index has no full-text part")
        wanted = line.words(term.text)
        wild = not term.quoted
        for word in wanted:
            if wild and word:
                check_pattern(word)
        return {n for n in range(index.since, len(self)) if _contains(self._words(n, line), wanted, wild=wild)}

    def _words(self, number: int, line: FieldConfig) -> set[str]:
        return {word for pair in self._fields(number) for text in pair for word in line.words(text)}


def _contains(words: set[str], wanted: list[str], *, wild: bool) -> bool:
    for word in wanted:
        pattern = word.replace("[", "[[]")
        matches = (
            any(fnmatchcase(w, pattern) for w in words) if wild and ("*" in word or "?" in word) else word in words
        )
        if not matches:
            return False
    return True
