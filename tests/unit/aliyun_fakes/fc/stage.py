"""A host of the toy functions on a virtual clock, with the queues they need."""

import base64
import json
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from aliyun_fakes.core.clock import Clock, VirtualClock
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.fc import FcSettings, FunctionHost, InvocationRecord
from aliyun_fakes.fc.host import Delivery
from aliyun_fakes.smq import SmqModel

TOYS = Path(__file__).parent / "toys"
START = 1_790_000_000.0
"""2026-09-21T14:13:20Z."""

LONGEST_TIMEOUT = 86_400
"""Seconds; the most that s.yaml may say."""

LONGEST_VISIBILITY = 43_200
"""Seconds; the most that a queue takes."""

Document = dict[str, Any]
Change = Callable[[Document], object]


def epoch(text: str) -> float:
    """Seconds since the epoch of an ISO time with its offset."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()


def rewritten(folder: Path, change: Change) -> Path:
    """The toys' s.yaml, changed, in a copy of their folder."""
    shutil.copytree(TOYS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "s.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def unhurried(document: Document) -> None:
    """Give every function so long a time-out that a busy machine keeps it on a clock that runs faster."""
    for resource in document["resources"].values():
        resource["props"]["timeout"] = LONGEST_TIMEOUT


class Stage:
    """A clock, queues and a host.

    Args:
        s_yaml: what to host.
        visibility: of the work queue, seconds.
        clock: time; a virtual one from `start` when omitted.
        start: what that one shows first.
        settings: of the host.
        async_invocation: the reading of ``asyncInvocationType``.
        variables: extra environment variables.
        environ: of whoever deploys.
        seed: of everything random.
        key: the function role's.
    """

    def __init__(
        self,
        s_yaml: Path = TOYS / "s.yaml",
        *,
        visibility: int = 600,
        clock: Clock | None = None,
        start: float = START,
        settings: FcSettings | None = None,
        async_invocation: Delivery = "serial",
        variables: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        seed: int = 0,
        key: AccessKey = TEST_KEY,
    ) -> None:
        self.clock: Clock = clock or VirtualClock(start)
        ids = Ids(seed)
        self.smq = SmqModel(self.clock, ids)
        self.work = self.smq.create_queue("toys-work", visibility_timeout=visibility)
        self.dead = self.smq.create_queue("toys-dead")
        self.host = FunctionHost(
            s_yaml,
            clock=self.clock,
            smq=self.smq,
            ids=ids,
            seed=seed,
            settings=settings,
            async_invocation=async_invocation,
            variables=variables,
            environ=environ,
            key=key,
        )

    def act(self, **order: object) -> InvocationRecord:
        """Have ``act`` do something, synchronously; the record of it."""
        self.host.invoke("act", json.dumps(order).encode())
        return self.host.invocations[-1]

    def send(self, *bodies: str, delay: int = 0) -> None:
        """Put messages into the work queue as the queue SDK does, in base64."""
        for body in bodies:
            self.work.send(base64.b64encode(body.encode()).decode(), delay)

    def runs_of(self, function: str) -> list[InvocationRecord]:
        """The ended attempts of a function."""
        return [record for record in self.host.invocations if record.function == function]

    def batches(self) -> list[list[str]]:
        """Bodies of the batches that ``work`` finished."""
        return [json.loads(record.payload) for record in self.runs_of("work") if record.outcome == "success"]

    def letters(self) -> list[str]:
        """What is in the dead-letter queue, as on the wire."""
        return [message.body for message in self.dead.messages()]
