"""The protocols of the log and of the message queue; `cloud.sls` and `cloud.smq` satisfy them over SDKs."""

from collections.abc import Mapping, Sequence
from typing import Protocol

Record = dict[str, str]


class AuditLog(Protocol):
    """A log that acknowledges what it stores and can be searched, a little later."""

    def put(self, records: Sequence[Record]) -> None:
        """Store records; returns only when the log acknowledged them.

        Raises:
            CloudError: it did not; nothing may be done that these records announce.
        """

    def find(self, terms: Mapping[str, str], since: float, limit: int = 1000) -> list[Record]:
        """Records whose fields equal all terms, written since a moment, oldest first, deduplicated by event_id.

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
