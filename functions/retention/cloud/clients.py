"""The rim put together: makes the clients of one invocation.

SDKs are imported when their first client is made: a sweep that asks NAS nothing never pays for its import.
"""

import random
from functools import cached_property
from typing import TYPE_CHECKING

from functions.retention.cloud.rate_limit import TokenBucket
from functions.retention.cloud.retry import Retry, ThrottlePauses
from functions.retention.cloud.settings import Settings
from functions.retention.core import (
    NO_KEY,
    SIDE_BY_SIDE,
    Clock,
    ConfigurationError,
    Invocation,
    RecycleBin,
    Seal,
    SealedQueue,
    WorkQueue,
)
from functions.retention.policy import PolicyFile, read_file_systems, read_policies

if TYPE_CHECKING:
    from functions.retention.cloud.nas import NasClient
    from functions.retention.cloud.sls import SlsAuditLog


class Cloud:
    """Makes clients; the queue SDK's and the log SDK's break when threads share them, so each thread asks for its own.

    Args:
        settings: of the deployment.
        invocation: how long calls are tried again, and what log records name as their source.
        clock: time to wait on.
        rng: spreads retries.
    """

    def __init__(self, settings: Settings, invocation: Invocation, *, clock: Clock, rng: random.Random) -> None:
        self.settings = settings
        self._clock, self._rng = clock, rng
        self._invocation = invocation
        self._bucket = TokenBucket(clock, share=settings.concurrent_invocations)
        self._pauses = ThrottlePauses(clock)

    @cached_property
    def policies(self) -> PolicyFile:
        """The policies this deployment enforces.

        Raises:
            PolicyError: they cannot be used.
        """
        return read_policies(self.settings.policies_file)

    @property
    def file_systems(self) -> tuple[str, ...]:
        """The file systems that the guardrails name, also while the rest of the policy file is wrong.

        Raises:
            PolicyError: the file does not say them.
        """
        return read_file_systems(self.settings.policies_file)

    @property
    def account_id(self) -> str:
        """The number of the account."""
        return self.settings.account_id

    @property
    def sweep_pace(self) -> int:
        """How many runs a sweep begins a minute."""
        return self.settings.sweep_pace

    def recycle_bin(self, file_system_id: str) -> RecycleBin:
        """The recycle bin of a file system, for one thread."""
        return self.nas(file_system_id).recycle_bin(file_system_id)

    def listings(self, file_system_id: str) -> list[RecycleBin]:
        """Further clients of a recycle bin, for listings side by side."""
        return [self.recycle_bin(file_system_id) for _ in range(SIDE_BY_SIDE - 1)]

    def nas(self, file_system_id: str) -> "NasClient":
        """A NAS client for what concerns one file system, for one thread."""
        from functions.retention.cloud.nas import NasClient  # noqa: PLC0415 - see above

        deadline = self._invocation.deadline  # beyond it others' messages would wait for this file system
        retry = Retry(self._clock, self._rng, deadline, self._pauses.of(file_system_id))
        return NasClient(self.settings, clock=self._clock, bucket=self._bucket, retry=retry)

    def audit(self) -> "SlsAuditLog":
        """The audit log, for one thread."""
        from functions.retention.cloud.sls import SlsAuditLog, log_client  # noqa: PLC0415 - see above

        client = log_client(self.settings, self._invocation.function)
        return SlsAuditLog(client, self.settings, clock=self._clock, retry=self._plain_retry())

    def queue(self) -> WorkQueue:
        """The queues, for one thread. What is sent is sealed first."""
        return SealedQueue(self.plain_queue(), self._seal())

    def plain_queue(self) -> WorkQueue:
        """The queues as they are, for one thread."""
        from functions.retention.cloud.smq import SmqWorkQueue  # noqa: PLC0415 - see above

        return SmqWorkQueue(self.settings, retry=self._plain_retry())

    def seal(self) -> Seal:
        """The seal of the functions' own messages.

        Raises:
            ConfigurationError: the deployment has no key.
        """
        seal = self._seal()
        if seal is None:
            raise ConfigurationError(NO_KEY)
        return seal

    def _seal(self) -> Seal | None:
        settings = self.settings
        if settings.seal_key is None:
            return None
        place = {"region": settings.region, "account_id": settings.account_id, "queue": settings.work_queue}
        return Seal(settings.seal_key, **place)

    def _plain_retry(self) -> Retry:
        """Without a common rest: log and queue count their quotas by the second."""
        return Retry(self._clock, self._rng, self._invocation.last_call)
