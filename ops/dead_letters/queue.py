"""The messages of the dead-letter queue over the official queue SDK. Importing this module imports the SDK.

Peeking shows the same few messages again and again, so reading means receiving; what is only looked at is made
visible again a second later.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from functions.retention.cloud import Retry, Settings, queue_account, queue_error
from functions.retention.core import CloudError
from ops.dead_letters.dead_letter import DeadLetter, plain_text, read_dead_letter

T = TypeVar("T")

BATCH = 16
"""Messages of one receive at most (documented: SMQ limits page)."""

HIDDEN = 1
"""Seconds until a message that was only looked at can be received again; the least there is (documented: ditto)."""

WAIT = 2
"""Seconds a receive waits for messages: those that a command before this one looked at are hidden for `HIDDEN`."""

_EMPTY = "MessageNotExist"


@dataclass(frozen=True)
class Received:
    """A letter in hand.

    Attributes:
        id: the message's id.
        sent_at: when it was put into a queue first, epoch seconds.
        handle: deletes it while it is hidden.
        dead_letter: what it is.
    """

    id: str
    sent_at: float
    handle: str
    dead_letter: DeadLetter


class DeadLetterQueue:
    """The dead-letter queue of a deployment.

    Args:
        settings: endpoint, queue and credentials.
        retry: the retry layer.
    """

    def __init__(self, settings: Settings, retry: Retry) -> None:
        self._credentials, self._retry = settings.credentials, retry
        self._queue = queue_account(settings).get_queue(settings.dead_letter_queue)
        self._queue.set_encoding(False)  # bodies come as base64 and as plain text; the SDK would refuse the latter

    @contextmanager
    def all(self, most: int) -> Iterator[list[Received]]:
        """Up to so many letters in hand, oldest batch first; those not deleted meanwhile are put back at the end.

        Raises:
            CloudError: the queue cannot be read.
        """
        received: dict[str, Received] = {}
        try:
            while len(received) < most and (batch := self._receive(min(BATCH, most - len(received)))):
                received |= {each.id: each for each in batch}
            yield list(received.values())
        finally:
            for each in received.values():
                self._release(each)

    def delete(self, received: Received) -> None:
        """Remove a letter for good.

        Raises:
            CloudError: it may still be there.
        """
        self._call("DeleteMessage", lambda: self._queue.delete_message(received.handle))

    def _receive(self, most: int) -> list[Received]:
        try:
            messages = self._call("BatchReceiveMessage", lambda: self._queue.batch_receive_message(most, WAIT))
        except CloudError as error:
            if error.code != _EMPTY:
                raise
            return []
        return [
            Received(
                message.message_id,
                int(message.enqueue_time) / 1000,
                message.receipt_handle,
                read_dead_letter(plain_text(message.message_body), _properties(message.get_system_properties())),
            )
            for message in messages
        ]

    def _release(self, received: Received) -> None:
        """Put back what is still in hand; what was deleted has no valid handle, and the rest comes back by itself."""
        with contextlib.suppress(CloudError):
            self._call(
                "ChangeMessageVisibility", lambda: self._queue.change_message_visibility(received.handle, HIDDEN)
            )

    def _call(self, operation: str, function: Callable[[], T]) -> T:
        return self._retry.call(operation, lambda: self._try(operation, function), repeatable=True)

    def _try(self, operation: str, function: Callable[[], T]) -> T:
        try:
            return function()
        except Exception as error:  # noqa: BLE001 - the SDK passes on what its transport raises (observed)
            raise queue_error(operation, error, self._credentials) from None


def _properties(held: Mapping[str, Any]) -> dict[str, str]:
    """The queue's own notes as text (observed: the SDK's property values)."""
    return {name: str(value.string_value) for name, value in held.items()}
