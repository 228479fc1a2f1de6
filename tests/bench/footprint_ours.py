"""``python -m tests.bench.footprint_ours WHAT_THE_SERVER_PRINTED``: an instance of the purge function, and its cost.

The handler is called as the platform calls it, with the first message of a run of each file system and then with what
it sent itself, until there is no more; services are reached through their SDKs. One warm instance does all slices.
"""

import json
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from functions.purge import handler
from functions.retention.cloud.clients import Cloud
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import Settings, read_settings
from functions.retention.cloud.smq import SmqWorkQueue
from functions.retention.policy.load import read_policies
from functions.retention.runs.message import new_message
from tests.bench.served import Meter, ServedClock, environment

MOST_INVOCATIONS = 10_000

TRIGGER = 7.0
"""Seconds from a message's being due to its batch: the trigger's window and delivery."""


@dataclass(frozen=True)
class _Function:
    name: str
    timeout: int


@dataclass(frozen=True)
class _Context:
    request_id: str
    function: _Function


class _Queue(SmqWorkQueue):
    """Keeps what was sent, and when it is due, for the platform's part."""

    def __init__(self, settings: Settings, *, retry: Retry, clock: ServedClock, due: list[tuple[float, str]]) -> None:
        super().__init__(settings, retry=retry)
        self._clock, self._due = clock, due

    def send(self, body: str, delay_seconds: int = 0) -> str:
        """See `functions.retention.core.services.WorkQueue`."""
        message_id = super().send(body, delay_seconds)
        self._due.append((self._clock.now() + delay_seconds, body))
        return message_id


class _Cloud(Cloud):
    """Clients as deployed, but for the queue's; `due` is told of what it sends. The other arguments are `Cloud`'s."""

    def __init__(self, due: list[tuple[float, str]], served: ServedClock, *given: Any, **options: Any) -> None:  # noqa: ANN401 - handed through as they are
        super().__init__(*given, **options)
        self._due, self._served = due, served

    def plain_queue(self) -> _Queue:
        """See `Cloud`."""
        return _Queue(self.settings, retry=self._plain_retry(), clock=self._served, due=self._due)


class Instance:
    """One warm instance of the purge function, and the platform around it.

    Args:
        served: what the server said.
        clock: the server's.
    """

    def __init__(self, served: Mapping[str, Any], clock: ServedClock) -> None:
        self._clock, self._environ = clock, environment(served)
        self._function, self._batch = _Function("purge", served["timeout"]), int(served["batch"])
        self._settings = read_settings(self._environ, None)
        self._file_systems: list[str] = served["file_systems"]
        self._rng = random.Random(1)
        self._due: list[tuple[float, str]] = []
        self._clouds: list[Cloud] = []

    def warm_up(self) -> None:
        """Have the SDKs do what they do at their first calls only."""
        self._invoke(0, [])
        for cloud in self._clouds:
            cloud.recycle_bin(self._file_systems[0]).attributes()
            cloud.audit().find({"run": "none"}, self._clock.now())

    def work(self) -> None:
        """One run of each file system, to its end.

        Raises:
            AssertionError: a run ended otherwise than completed, or not at all.
        """
        now, digest = self._clock.now(), read_policies(self._settings.policies_file).digest
        first = partial(new_message, digest=digest, trigger="sweep", mode="enforce", at=now, now=now)
        seal = self._clouds[0].seal()
        self._due += [(now, seal.seal(first(file_system).to_body())) for file_system in self._file_systems]
        ends = []
        for number in range(1, MOST_INVOCATIONS):
            if not self._due:
                break
            answer = self._invoke(number, self._deliver())
            ends += [each["reason"] for each in answer if each["state"] == "ended"]
        if ends != ["completed"] * len(self._file_systems):
            raise AssertionError(f"{len(self._file_systems)} file systems; ends of runs: {ends}")

    def _deliver(self) -> list[str]:
        self._due.sort()
        self._clock.sleep(self._due[0][0] + TRIGGER - self._clock.now())
        now = self._clock.now()
        batch = [each for each in self._due if each[0] <= now][: self._batch]
        for each in batch:
            self._due.remove(each)
        return [body for _, body in batch]

    def _invoke(self, number: int, bodies: list[str]) -> list[dict[str, Any]]:
        event = json.dumps([{"specversion": "1.0", "data": {"messageBody": body}} for body in bodies])
        answer = handler(
            event.encode(),
            _Context(f"request-{number}", self._function),
            clock=self._clock,
            environ=self._environ,
            random=self._rng,
            connect=self._connect,
        )
        slices: Any = answer["slices"]
        return list(slices)

    def _connect(self, *given: Any, **options: Any) -> Cloud:  # noqa: ANN401 - handed through as they are
        self._clouds = [_Cloud(self._due, self._clock, *given, **options)]
        return self._clouds[0]


def main() -> None:
    """Measure and say."""
    served = json.loads(sys.argv[1])
    clock = ServedClock(served["endpoint"])
    instance = Instance(served, clock)
    instance.warm_up()
    meter = Meter(clock)
    instance.work()
    meter.say()


if __name__ == "__main__":
    main()
