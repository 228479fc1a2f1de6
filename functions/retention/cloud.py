"""The rim put together: makes the clients of one invocation.

SDKs are imported when their first client is made: a sweep that asks NAS nothing never pays for its import.
"""

import random
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from functions.retention.clock import Clock
from functions.retention.policy import PolicyFile
from functions.retention.policy_file import read_policies
from functions.retention.prefetch import SIDE_BY_SIDE
from functions.retention.rate import TokenBucket
from functions.retention.recycle_bin import RecycleBin
from functions.retention.retry import Rest, Retry
from functions.retention.settings import Settings
from functions.retention.work_queue import WorkQueue

if TYPE_CHECKING:
    from functions.retention.nas import NasClient
    from functions.retention.sls import SlsAuditLog


class Cloud:
    """Makes clients; the queue SDK's and the log SDK's break when threads share them, so each thread asks for its own.

    Args:
        settings: of the deployment.
        clock: time to wait on.
        rng: spreads retries.
        deadline: epoch seconds after which no call is begun; see `Retry`.
        source: what log records name as their source.
    """

    def __init__(self, settings: Settings, *, clock: Clock, rng: random.Random, deadline: float, source: str) -> None:
        self.settings = settings
        self._clock, self._rng, self._deadline, self._source = clock, rng, deadline, source
        self._bucket = TokenBucket(clock, share=settings.concurrent_invocations)
        self._rest = Rest(clock)

    @cached_property
    def policies(self) -> PolicyFile:
        """The policies this deployment enforces.

        Raises:
            PolicyError: they cannot be used.
        """
        return read_policies(self.settings.policies_file)

    def recycle_bin(self, file_system_id: str) -> RecycleBin:
        """The recycle bin of a file system, for one thread."""
        return self.nas().recycle_bin(file_system_id)

    def listings(self, file_system_id: str) -> list[RecycleBin]:
        """Further clients of a recycle bin, for listings side by side."""
        return [self.recycle_bin(file_system_id) for _ in range(SIDE_BY_SIDE - 1)]

    def nas(self) -> "NasClient":
        """A NAS client, for one thread."""
        from functions.retention.nas import NasClient  # noqa: PLC0415 - see above

        retry = Retry(self._clock, self._rng, self._deadline, self._rest)
        return NasClient(self.settings, clock=self._clock, bucket=self._bucket, retry=retry)

    def audit(self) -> "SlsAuditLog":
        """The audit log, for one thread."""
        from functions.retention.sls import SlsAuditLog, log_client  # noqa: PLC0415 - see above

        client = log_client(self.settings, self._source)
        return SlsAuditLog(client, self.settings, clock=self._clock, retry=self._plain_retry())

    def queue(self) -> WorkQueue:
        """The queues, for one thread."""
        from functions.retention.smq import SmqWorkQueue  # noqa: PLC0415 - see above

        return SmqWorkQueue(self.settings, retry=self._plain_retry())

    def file_system_tags(self, file_system_id: str) -> Mapping[str, str]:
        """The tags of one file system."""
        return self.recycle_bin(file_system_id).tags()

    def _plain_retry(self) -> Retry:
        """Without a common rest: log and queue count their quotas by the second."""
        return Retry(self._clock, self._rng, self._deadline)
