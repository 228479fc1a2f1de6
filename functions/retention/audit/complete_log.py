"""One answer from both ways to read the audit log: by its index, which lags, and by its shards, which do not."""

from collections.abc import Sequence

from functions.retention.core import MAX_SKEW, Clock, ReadableLog, Record, Terms, matches

RECENT = 600.0
"""Seconds for which records are read by the shards. The index shows them within a minute, typically (documented)."""


class CompleteLog:
    """An audit log whose searches find every acknowledged record; satisfies `AuditLog`.

    Args:
        log: reads by index and by shards.
        clock: tells which records are recent.
    """

    def __init__(self, log: ReadableLog, clock: Clock) -> None:
        self._log, self._clock = log, clock

    def put(self, records: Sequence[Record]) -> None:
        """See `AuditLog`."""
        self._log.put(records)

    def has_index(self) -> bool:
        """See `ReadableLog`."""
        return self._log.has_index()

    def find(self, terms: Terms, since: float, limit: int = 1000) -> list[Record]:
        """See `AuditLog`. Records come in the log's order: first those that only the index shows.

        Clocks may differ, so records of up to `MAX_SKEW` seconds before `since` can be among them.

        Raises:
            CloudError: one of the two ways gives no answer; half an answer is none.
        """
        recent_since = self._clock.now() - RECENT
        indexed = self._log.find(terms, since, limit) if since < recent_since else []
        written = self._log.written_since(max(since, recent_since) - MAX_SKEW)
        recent = [record for record in written if matches(record, terms)]
        known = {record.get("event_id") for record in recent}
        return [*(record for record in indexed if record.get("event_id") not in known), *recent]
