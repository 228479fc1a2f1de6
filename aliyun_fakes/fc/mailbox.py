"""Write messages of the platform itself into queues: destinations and dead letters."""

import base64
from dataclasses import dataclass, field

from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.models import SmqModel


@dataclass(frozen=True)
class Undelivered:
    """Something the platform could not write, and dropped as the service would.

    Attributes:
        queue: where it should have gone.
        reason: why it did not.
        text: what it was.
    """

    queue: str
    reason: str
    text: str = field(repr=False)


class Mailbox:
    """Writes to queues on the platform's behalf.

    Args:
        smq: the queues.
        as_base64: in which form texts are written.

    Attributes:
        undelivered: what was lost.
    """

    def __init__(self, smq: SmqModel, *, as_base64: bool) -> None:
        self._smq, self._as_base64 = smq, as_base64
        self.undelivered: list[Undelivered] = []

    def post(self, queue_name: str, text: str) -> None:
        """Write `text` into a queue; a queue that is missing or refuses it loses it (assumed)."""
        self._put(queue_name, base64.b64encode(text.encode()).decode() if self._as_base64 else text)

    def forward(self, queue_name: str, body: str) -> None:
        """Write a message's body as it came."""
        self._put(queue_name, body)

    def _put(self, queue_name: str, body: str) -> None:
        try:
            self._smq.queue(queue_name).send(body)
        except SmqError as error:
            self.undelivered.append(Undelivered(queue_name, str(error), body))
