"""The queues of one account in one region."""

import re
import threading

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.queues import DeadLetter, Queue
from aliyun_fakes.smq.values import QueueAttributes, SmqSettings

QUEUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*", re.ASCII)
LONGEST_NAME = 120


class SmqModel:
    """State and behaviour of the service; knows no HTTP.

    Args:
        clock: time.
        ids: source of message ids.
        settings: what can be chosen about the service.
        account_id: whose queues they are.
        region: where.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        settings: SmqSettings | None = None,
        *,
        account_id: str = "1234567890123456",
        region: str = "cn-hangzhou",
    ) -> None:
        self.clock, self.ids = clock, ids
        self.settings = settings or SmqSettings()
        self.account_id, self.region = account_id, region
        self._queues: dict[str, Queue] = {}
        self._deleted: dict[str, float] = {}
        self._lock = threading.RLock()

    @property
    def endpoint(self) -> str:
        """The account's endpoint, as URLs in replies show it."""
        return f"http://{self.account_id}.mns.{self.region}.aliyuncs.com"

    @property
    def queues(self) -> tuple[Queue, ...]:
        """All queues by name."""
        return tuple(self._queues[name] for name in sorted(self._queues))

    def create_queue(
        self,
        name: str,
        *,
        visibility_timeout: int = 30,
        delay_seconds: int = 0,
        message_retention_period: int = 345_600,
        maximum_message_size: int = 65_536,
        polling_wait_seconds: int = 0,
        dead_letter: tuple[Queue, int] | None = None,
    ) -> Queue:
        """A new queue; seconds and bytes as in `QueueAttributes`.

        Args:
            name: up to 120 letters, digits and hyphens, not starting with a hyphen.
            visibility_timeout: how long a received message is hidden.
            delay_seconds: how long a sent message is hidden unless it says otherwise.
            message_retention_period: how long a message is kept.
            maximum_message_size: of a body on the wire, so of its base64.
            polling_wait_seconds: how long an empty receive waits unless it says otherwise.
            dead_letter: where messages go that were received so many times.

        Raises:
            SmqError: bad name or attributes, or it exists with other attributes.
        """
        attributes = QueueAttributes(
            visibility_timeout, maximum_message_size, message_retention_period, delay_seconds, polling_wait_seconds
        )
        queue, _ = self.ensure_queue(name, attributes)
        if dead_letter is not None:
            queue.set_dead_letter(DeadLetter(*dead_letter))
        return queue

    def ensure_queue(self, name: str, attributes: QueueAttributes) -> tuple[Queue, bool]:
        """The queue of that name and whether it is new; an existing one must have the same attributes.

        Raises:
            SmqError: InvalidQueueName, QueueNameLengthError, QueueDeletedRecently, QueueAlreadyExist.
        """
        if len(name) > LONGEST_NAME:
            raise SmqError("QueueNameLengthError", high=LONGEST_NAME)
        if not QUEUE_NAME.fullmatch(name):
            raise SmqError("InvalidQueueName")
        existing = self._queues.get(name)
        if existing is not None:
            if existing.attributes != attributes:
                raise SmqError("QueueAlreadyExist")
            return existing, False
        if self._deleted.get(name, float("-inf")) + self.settings.deleted_recently > self.clock.now():
            raise SmqError("QueueDeletedRecently")
        arn = f"acs:mns:{self.region}:{self.account_id}:/queues/{name}"
        queue = Queue(name, attributes, clock=self.clock, ids=self.ids, arn=arn, lock=self._lock)
        self._queues[name] = queue
        return queue, True

    def queue(self, name: str) -> Queue:
        """The queue of that name.

        Raises:
            SmqError: QueueNotExist.
        """
        queue = self._queues.get(name)
        if queue is None:
            raise SmqError("QueueNotExist")
        return queue

    def delete_queue(self, name: str) -> None:
        """Remove a queue and its messages; one that does not exist is fine (assumed). Sources keep their messages."""
        queue = self._queues.pop(name, None)
        if queue is None:
            return
        self._deleted[name] = self.clock.now()
        for source in self._queues.values():
            if source.dead_letter is not None and source.dead_letter.queue is queue:
                source.set_dead_letter(None)

    def list_queues(self, prefix: str = "", marker: str = "", limit: int = 1_000) -> tuple[list[Queue], str]:
        """One page of queues by name, and the marker of the next page or ""."""
        found = [queue for queue in self.queues if queue.name.startswith(prefix) and queue.name >= marker]
        rest = found[limit:]
        return found[:limit], rest[0].name if rest else ""
