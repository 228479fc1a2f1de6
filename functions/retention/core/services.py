"""The protocol of the message queue that carries runs from slice to slice; `smq.py` satisfies it over an SDK."""

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
