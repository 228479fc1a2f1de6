"""The protocol of the message queue that carries runs from slice to slice; `smq.py` satisfies it over an SDK."""

from typing import Protocol

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
