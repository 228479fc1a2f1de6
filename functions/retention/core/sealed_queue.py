"""A work queue that seals what the functions send to themselves."""

from functions.retention.core.errors import ConfigurationError
from functions.retention.core.seal import Seal
from functions.retention.core.services import WorkQueue

NO_KEY = (
    "SEAL_KEY: not set; no run can start, since nothing could tell the functions' own messages from others. Run "
    "`python -m ops setup`, export the key as it says, and deploy again"
)
"""What a deployment without a key says."""


class SealedQueue:
    """The queues of a deployment; satisfies `WorkQueue`.

    Args:
        queue: takes the sealed messages.
        seal: of the work queue; None when the deployment has no key.
    """

    def __init__(self, queue: WorkQueue, seal: Seal | None) -> None:
        self._queue, self._seal = queue, seal

    def send(self, body: str, delay_seconds: int = 0) -> str:
        """Seal a message and put it on the work queue; its id.

        Raises:
            ConfigurationError: the deployment has no key.
            CloudError: see `WorkQueue`.
        """
        if self._seal is None:
            raise ConfigurationError(NO_KEY)
        return self._queue.send(self._seal.seal(body), delay_seconds)

    def dead_letter(self, body: str) -> str:
        """See `WorkQueue`. Dead letters go verbatim: a message keeps the seal it came with, or has none."""
        return self._queue.dead_letter(body)
