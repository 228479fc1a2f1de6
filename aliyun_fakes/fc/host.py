"""The Function Compute host: plays what s.yaml deploys, on any clock.

Timers fire, queues feed their functions, asynchronous invocations are retried, time-outs and limits are enforced - all
of it while somebody plays: `FunctionHost.run_until`, `FunctionHost.run_until_idle` or a synchronous
`FunctionHost.invoke`. On a virtual clock that is a discrete-event simulation: one thread per running invocation, one
of them at a time.
"""

import random
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.fc.agenda import Agenda
from aliyun_fakes.fc.asynchronous import AsyncInvocations, TaskStatus
from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.events import StreamEvents, timer_event
from aliyun_fakes.fc.instances import Instances
from aliyun_fakes.fc.mailbox import Mailbox, Undelivered
from aliyun_fakes.fc.package import CodePackage
from aliyun_fakes.fc.results import InvocationRecord, InvocationResult
from aliyun_fakes.fc.runner import Call, OnEnd, Runner, Surroundings
from aliyun_fakes.fc.settings import FcSettings
from aliyun_fakes.fc.stream import ConcurrentPush, Push, QueueStream, SerialPush
from aliyun_fakes.fc.timers import Timers
from aliyun_fakes.smq.models import SmqModel
from aliyun_fakes.smq.queues import Queue
from deployment.s_yaml import FunctionProps, load_deployment
from deployment.triggers import EventBridgeTrigger, TimerTrigger

SYNC_PAYLOAD_LIMIT = 32 * 1024 * 1024
MONTH = 31 * 86_400.0
Delivery = Literal["concurrent", "serial"]


class FunctionHost:
    """Hosts the functions of one s.yaml.

    Args:
        s_yaml: the file; its folder is the code root, that is ``/code`` in the cloud, whatever its ``code`` says: no
            package has to be built first.
        clock: time and threads; on a virtual clock use the host from the clock's own threads only.
        smq: the queues that triggers read and destinations write to; they must exist.
        ids: request and instance ids.
        seed: of everything random here and in handlers.
        environ: resolves ``${env(…)}`` in s.yaml.
        variables: extra environment variables given to every function, over those of s.yaml.
        account_id: for ``${config('AccountID')}`` and ARNs.
        region: for ARNs and contexts.
        key: what handlers get as credentials.
        async_invocation: the reading of ``asyncInvocationType: false`` to play, since the vendor documents both: the
            stream waits for each batch (``serial``) or only for its being accepted (``concurrent``); ``true`` is the
            other one.
        settings: assumptions, limits, delivery faults.
        seam: further arguments for handlers that take them by keyword, beside clock, environ and random.
        package: the zip that counts as uploaded; nothing of it is run.

    Attributes:
        functions: by name.
        package: the zip that counts as uploaded.
        deployed_at: when it was made, seconds since the epoch.
        streams: queue triggers by name.

    Raises:
        SYamlError: s.yaml is not valid.
        SmqError: a queue that a trigger reads does not exist.
    """

    def __init__(
        self,
        s_yaml: Path,
        *,
        clock: Clock,
        smq: SmqModel,
        ids: Ids,
        seed: int = 0,
        environ: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        account_id: str = "1234567890123456",
        region: str = "cn-hangzhou",
        key: AccessKey = TEST_KEY,
        async_invocation: Delivery = "serial",
        settings: FcSettings | None = None,
        seam: Mapping[str, object] | None = None,
        package: Path | None = None,
    ) -> None:
        self.package, self.deployed_at, self.closed = CodePackage(package), clock.now(), False
        self.settings = settings or FcSettings()
        deployment = load_deployment(s_yaml, environ=environ or {}, account_id=account_id)
        self.service, self.functions = deployment.name, deployment.functions
        self._around = Surroundings(
            s_yaml.resolve().parent, deployment.name, region, account_id, key, variables or {}, seed, seam or {}
        )
        self._clock, self._ids, self._random = clock, ids, random.Random(f"fc:{seed}")
        self._lock, self._agenda = threading.RLock(), Agenda(clock)
        self._mailbox = Mailbox(smq, as_base64=self.settings.destination_base64)
        instances = Instances(self.functions, clock, ids, self.settings)
        self._runner = Runner(clock, self._agenda, instances, self._around, cold_start=self.settings.cold_start)
        self._asynchronous = AsyncInvocations(
            self._runner, self._agenda, clock, self._mailbox, new_id=self.new_request_id, settings=self.settings
        )
        self._timers = Timers(self.functions, self._on_tick)
        self.streams = {
            trigger.trigger_name: self._stream(function, trigger, smq.queue(trigger.queue_name), async_invocation)
            for function in self.functions.values()
            for trigger in function.streams
        }

    @property
    def invocations(self) -> list[InvocationRecord]:
        """Every ended attempt, in the order of ending."""
        return self._runner.records

    @property
    def undelivered(self) -> list[Undelivered]:
        """Destination messages and dead letters that could not be written."""
        return self._mailbox.undelivered

    @property
    def idle(self) -> bool:
        """No invocation running or waiting, no message in any trigger's queue, delayed ones included."""
        return not (self._runner.running or self._asynchronous.pending) and all(
            stream.idle for stream in self.streams.values()
        )

    @property
    def running(self) -> int:
        """How many invocations are under way."""
        return self._runner.running

    def close(self) -> None:
        """End every play, now and later. Invocations under way cannot be ended."""
        self.closed = True
        self._agenda.wake()

    def invoke(self, function_name: str, event: bytes) -> InvocationResult:
        """Invoke synchronously, playing everything else meanwhile.

        Args:
            function_name: as in s.yaml.
            event: what the handler gets, at most 32 MB.

        Raises:
            FcError: FunctionNotFound, EntityTooLarge, ResourceExhausted.
        """
        results: list[InvocationResult] = []
        self.start(function_name, event, results.append)
        limit = self.settings.cold_start + self.functions[function_name].timeout + 1
        self._play(lambda: bool(results), self._clock.now() + limit)
        return results[0]

    def start(self, function_name: str, event: bytes, on_end: OnEnd) -> str:
        """Start a synchronous invocation without waiting: `on_end` gets its result when somebody plays. Its request id.

        Raises:
            FcError: as `invoke`.
        """
        function = self._function(function_name)
        if len(event) > SYNC_PAYLOAD_LIMIT:
            raise FcError("EntityTooLarge", str(SYNC_PAYLOAD_LIMIT))
        with self._lock:
            call = Call(function, event, self.new_request_id(), "sync")
            self._runner.start(call, on_end)
        return call.request_id

    def invoke_async(self, function_name: str, event: bytes, delay: float = 0, task_id: str = "") -> str:
        """Queue an asynchronous invocation; its request id.

        Args:
            function_name: as in s.yaml.
            event: what the handler gets, at most 128 KB.
            delay: seconds before the first attempt, 0 to 3600.
            task_id: see `AsyncInvocations.submit`.

        Raises:
            FcError: FunctionNotFound, EntityTooLarge, InvalidArgument, StatefulAsyncInvocationAlreadyExists.
        """
        function = self._function(function_name)
        with self._lock:
            return self._asynchronous.submit(function, event, delay=delay, task_id=task_id)

    def task_status(self, function_name: str, task_id: str) -> TaskStatus | None:
        """A task's state, or None when it is not known."""
        return self._asynchronous.task_status(function_name, task_id)

    def fire(self, timer_name: str) -> None:
        """Fire a timer now, by hand.

        Raises:
            KeyError: no such timer; says which there are.
        """
        with self._lock:
            self._timers.fire(timer_name, self._clock.now())

    def run_until(self, goal: float | Callable[[], bool], *, limit: float = MONTH) -> bool:
        """Play until a moment, or until a condition holds; whether it was reached.

        Timer ticks due while nobody played are not made up for.

        Args:
            goal: seconds since the epoch, or a condition looked at after every event.
            limit: seconds after which a condition is given up.
        """
        if callable(goal):
            return self._play(goal, self._clock.now() + limit)
        moment = goal
        return self._play(lambda: self._clock.now() >= moment, moment)

    def run_until_idle(self, limit: float = MONTH) -> bool:
        """Play until `idle`; whether that came within `limit` seconds. Timers fire, but do not count."""
        return self._play(lambda: self.idle, self._clock.now() + limit)

    def now(self) -> float:
        """The host's time, seconds since the epoch."""
        return self._clock.now()

    def new_request_id(self) -> str:
        """An id in the service's form, a UUID in lower case (observed in published replies)."""
        return self._ids.request_id().lower()

    def arn(self, function_name: str) -> str:
        """The resource name of a function."""
        return self._around.arn(function_name)

    def pump(self) -> None:
        """Do what is due, timers apart, without waiting for anything."""
        with self._lock:
            while self._agenda.play_due() or self._receive_due():  # bounded: queues hold finitely many messages
                pass

    def _play(self, reached: Callable[[], bool], until: float) -> bool:
        signal = self._agenda.listen()
        self._timers.skip_missed(self._clock.now())
        try:
            while True:  # bounded: every round waits for an event, and none waits beyond `until`
                signal.clear()
                self.pump()
                if reached():
                    return True
                if self.closed:
                    return False
                if self._fire_due():
                    continue
                if self._clock.now() >= until:
                    return False
                self._clock.wait(signal, min(until, self._next_at(until)))
        finally:
            self._agenda.ignore(signal)
            self._agenda.wake()

    def _fire_due(self) -> bool:
        with self._lock:
            return self._timers.fire_due(self._clock.now())

    def _receive_due(self) -> bool:
        any_due = False
        for stream in self.streams.values():
            at = stream.next_at()
            if at is not None and at <= self._clock.now():  # read after `at`, which on a real clock may be "now"
                stream.receive()
                any_due = True
        return any_due

    def _next_at(self, until: float) -> float:
        moments = [self._agenda.next_at(), self._timers.next_at(), *(one.next_at() for one in self.streams.values())]
        return min((moment for moment in moments if moment is not None), default=until)

    def _on_tick(self, function: FunctionProps, trigger: TimerTrigger, moment: float) -> None:
        """Timers always invoke asynchronously (documented: asynchronous invocation page)."""
        event = timer_event(trigger.trigger_name, trigger.trigger_config.payload, moment)
        self._asynchronous.submit(function, event, trigger=f"timer:{trigger.trigger_name}")

    def _stream(
        self, function: FunctionProps, trigger: EventBridgeTrigger, queue: Queue, reading: Delivery
    ) -> QueueStream:
        queue.on_change.append(self._agenda.wake)
        serial = (reading == "serial") != trigger.trigger_config.async_invocation_type
        return QueueStream(
            trigger,
            queue,
            self._serial_push(function) if serial else ConcurrentPush(function, self._asynchronous),
            StreamEvents(
                f"MNS-{function.function_name}-{trigger.trigger_name}",
                trigger.queue_name,
                region=self._around.region,
                account_id=self._around.account_id,
                base64_decode=trigger.source.is_base64_decode,
                ids=self._ids,
            ),
            agenda=self._agenda,
            clock=self._clock,
            mailbox=self._mailbox,
            settings=self.settings,
            source=self._random,
        )

    def _serial_push(self, function: FunctionProps) -> Push:
        def start(event: bytes, label: str, on_end: OnEnd) -> None:
            self._runner.start(Call(function, event, self.new_request_id(), label), on_end)

        return SerialPush(start, self._agenda, self._clock, self.settings.push_timeout)

    def _function(self, name: str) -> FunctionProps:
        function = self.functions.get(name)
        if function is None:
            raise FcError("FunctionNotFound", name)
        return function
