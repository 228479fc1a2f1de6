"""The adapters of one invocation, pointed at a front of the fakes."""

import random
import traceback
from dataclasses import replace
from pathlib import Path

from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.smq.queues import Queue
from functions.retention.cloud.nas import NasClient
from functions.retention.cloud.rate_limit import TokenBucket
from functions.retention.cloud.retry import Retry, ThrottlePause
from functions.retention.cloud.settings import Credentials, Settings
from functions.retention.cloud.sls import SlsAuditLog, log_client
from functions.retention.cloud.smq import SmqWorkQueue
from functions.retention.core.clock import Clock
from functions.retention.core.errors import CloudError
from tests.contract.fronts import Front
from tests.patience import PATIENCE

PROJECT, STORE = "audit-project", "audit"
WORK, DEAD = "retention-work", "retention-dead"
SOURCE = "clients"
SLICE = 240.0
"""Seconds left of the slice unless a test says otherwise."""


class Clients:
    """Makes adapters for one identity.

    Args:
        front: the fakes behind one front, with the logstore and the queues that the settings name.
        key: whose keys the settings hold.
    """

    def __init__(self, front: Front, key: AccessKey = TEST_KEY) -> None:
        self.cloud: FakeCloud = front.cloud
        self.clock: Clock = front.clock
        self.key = key
        at = front.server.endpoint if front.server else None
        self.settings = Settings(
            region=REGION,
            account_id=ACCOUNT_ID,
            credentials=Credentials(key.id, key.secret, key.security_token or ""),
            work_queue=WORK,
            dead_letter_queue=DEAD,
            sls_project=PROJECT,
            sls_logstore=STORE,
            sls_endpoint=at or f"https://{REGION}.log.aliyuncs.com",
            smq_endpoint=at or f"https://{ACCOUNT_ID}.mns.{REGION}.aliyuncs.com",
            nas_endpoint=at,
            policies_file=Path("policies.yaml"),
            concurrent_invocations=1,
        )

    def retry(self, left: float = SLICE) -> Retry:
        return Retry(self.clock, random.Random(1), self.clock.now() + left)

    def audit(self, *, left: float = SLICE, timeout: float | None = None, logstore: str = STORE) -> SlsAuditLog:
        settings = replace(self.settings, sls_logstore=logstore)
        client = log_client(settings, SOURCE)
        if timeout is not None:
            client.timeout = timeout  # type: ignore[assignment]  # the SDK's stub knows whole seconds only
        return SlsAuditLog(client, settings, clock=self.clock, retry=self.retry(left))

    def queue(self, *, left: float = SLICE, timeout: float = PATIENCE, endpoint: str | None = None) -> SmqWorkQueue:
        settings = replace(self.settings, smq_endpoint=endpoint or self.settings.smq_endpoint)
        return SmqWorkQueue(settings, retry=self.retry(left), timeout=timeout)

    def nas(self, *, left: float = SLICE) -> NasClient:
        retry = Retry(self.clock, random.Random(1), self.clock.now() + left, ThrottlePause(self.clock))
        return NasClient(self.settings, clock=self.clock, bucket=TokenBucket(self.clock), retry=retry)

    @property
    def work(self) -> Queue:
        return self.cloud.smq.queue(WORK)

    @property
    def dead(self) -> Queue:
        return self.cloud.smq.queue(DEAD)

    def calls(self, operation: str) -> list[LoggedRequest]:
        """The requests of an operation that reached the service."""
        return [line for line in self.cloud.dispatcher.log if line.operation == operation]


def assert_shows_no_secret(error: CloudError, key: AccessKey) -> None:
    """Neither the error nor anything it is chained to tells the key or its token."""
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.message
    assert not [secret for secret in (key.id, key.secret, key.security_token) if secret and secret in shown]
