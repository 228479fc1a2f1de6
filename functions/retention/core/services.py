"""The audit log and the work queue as protocols; `cloud` satisfies both over the SDKs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

Record = dict[str, str]

Terms = Mapping[str, str | Sequence[str]]
"""What a search asks of a record: for each field its value, or several values of which one has to be there.

No record matches a field with an empty sequence of values. The log takes at most 30 values in one search (documented:
Simple Log Service, "Search syntax", 2025)."""


def values_of(wanted: str | Sequence[str]) -> Sequence[str]:
    """The values of one of the `Terms`."""
    return (wanted,) if isinstance(wanted, str) else wanted


def matches(record: Record, terms: Terms) -> bool:
    """Whether a record has one of the values for every field."""
    return all(record.get(field) in values_of(wanted) for field, wanted in terms.items())


class AuditLog(Protocol):
    """A log that acknowledges what it stores and can be searched, a little later."""

    def put(self, records: Sequence[Record]) -> None:
        """Store records; returns only when the log acknowledged them.

        Raises:
            CloudError: it did not; nothing may be done that these records announce.
        """

    def find(self, terms: Terms, since: float, limit: int = 1000) -> list[Record]:
        """Records that match all terms, written since a moment, oldest first, deduplicated by event_id.

        Raises:
            CloudError: the log cannot answer (now); `NotFound` when the logstore has no index.
        """


class RecentRecords(Protocol):
    """The newest part of the log, which needs no index and so lags behind no write."""

    def written_since(self, moment: float) -> list[Record]:
        """Every record that the log received since a moment, in the log's order, deduplicated by event_id.

        The log counts in whole seconds, so records of the moment's own second are in it too. Of copies the first one
        stays, and a record without an event_id always does.

        With one shard, the log's order is the order of writing. With several, records come shard by shard: in the
        order of writing within each, in no order between them.

        Args:
            moment: epoch seconds by the log's clock, which may differ from this machine's.

        Raises:
            CloudError: the log cannot be read to its end; no part of it is returned then.
        """


class ReadableLog(AuditLog, RecentRecords, Protocol):
    """A log that can be read both ways; `audit.CompleteLog` makes one answer of them."""

    def has_index(self) -> bool:
        """Whether what is put can be found again. Raises `CloudError` when it cannot say."""


SIDE_BY_SIDE = 4
"""Listings at once. Two reach six requests a second when a page takes 0.2 s; four do when it takes 0.6 s."""

MAX_DELAY = 3600
"""Longest delay this project asks of the queue, seconds (the service takes 604 800; documented: SendMessage)."""


class WorkQueue(Protocol):
    """At-least-once delivery, no order."""

    def send(self, body: str, delay_seconds: int = 0) -> str:
        """Put a message on the work queue; its id.

        Raises:
            CloudError: not accepted, or no answer (then it may have been).
        """

    def dead_letter(self, body: str) -> str:
        """Put a message on the dead-letter queue, verbatim; its id.

        Raises:
            CloudError: as `send`.
        """
