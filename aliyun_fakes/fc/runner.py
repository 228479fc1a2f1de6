"""One attempt of one invocation: a thread of the clock, a time-out, an outcome."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aliyun_fakes.core.clock import Clock, Killed
from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.fc.agenda import Agenda
from aliyun_fakes.fc.billing import compute_units
from aliyun_fakes.fc.context import Context, Credentials, FunctionMeta, ServiceMeta
from aliyun_fakes.fc.events import service_time
from aliyun_fakes.fc.instances import Instance, Instances
from aliyun_fakes.fc.loading import LoadError, bind_seam, load_handler
from aliyun_fakes.fc.process import as_process
from aliyun_fakes.fc.results import (
    CRASHED,
    TIMED_OUT,
    UNHANDLED,
    InvocationRecord,
    InvocationResult,
    Outcome,
    error_body,
    platform_error_body,
    serialise,
)
from deployment.s_yaml import FunctionProps

_LOG_CHARACTERS = 65_536
_REMOVED = ("FC_", "_FC_")
OnEnd = Callable[[InvocationResult], None]


@dataclass(frozen=True)
class Surroundings:
    """What is the same for every invocation of a host.

    Attributes:
        code_root: the folder that is ``/code`` in the cloud.
        service: the s.yaml's name, which stands for the service of Function Compute 2.0.
        region: of the functions.
        account_id: their owner's.
        key: the function role's key.
        variables: extra environment variables of every function.
        seed: of the randomness given to handlers.
        seam: further arguments for handlers that take them by keyword.
    """

    code_root: Path
    service: str
    region: str
    account_id: str
    key: AccessKey
    variables: Mapping[str, str]
    seed: int
    seam: Mapping[str, object]

    def arn(self, function_name: str) -> str:
        """The ARN of a function, in the form s.yaml takes for destinations."""
        return f"acs:fc:{self.region}:{self.account_id}:functions/{function_name}"


@dataclass(frozen=True)
class Call:
    """What is to be run.

    Attributes:
        function: its props.
        event: the bytes the handler gets.
        request_id: of the invocation.
        trigger: see `InvocationRecord`.
        attempt: how many attempts came before.
    """

    function: FunctionProps
    event: bytes = field(repr=False)
    request_id: str
    trigger: str
    attempt: int = 0


class Runner:
    """Runs calls on instances and keeps their records.

    Args:
        clock: its threads are the instances' processes.
        agenda: where an ended invocation is reported.
        instances: where to run.
        surroundings: what handlers see.
        cold_start: seconds that a new instance takes before its handler runs.

    Attributes:
        surroundings: as given.
        records: every ended attempt, in the order of ending.
        running: attempts now under way.
    """

    def __init__(
        self, clock: Clock, agenda: Agenda, instances: Instances, surroundings: Surroundings, *, cold_start: float
    ) -> None:
        self._clock, self._agenda, self._instances = clock, agenda, instances
        self.surroundings, self._cold_start = surroundings, cold_start
        self.records: list[InvocationRecord] = []
        self.running = 0

    def start(self, call: Call, on_end: OnEnd) -> None:
        """Start an attempt; `on_end` is called once, from the agenda, when it is over.

        Raises:
            FcError: ResourceExhausted; nothing was started then.
        """
        instance = self._instances.take(call.function)
        self.running += 1
        delay = self._cold_start if instance.cold else 0.0
        begins = self._clock.now() + delay
        attempt = _Attempt(call, instance, begins, self, on_end)
        deadline = begins + call.function.timeout
        self._agenda.at(deadline, lambda: attempt.end("timeout", TIMED_OUT % call.function.timeout))
        self._clock.spawn(lambda: self._process(attempt, delay), kill_at=deadline)

    def _process(self, attempt: "_Attempt", delay: float) -> None:
        """What the instance does, on its own thread. Nothing that is raised here leaves it."""
        self._clock.sleep(delay)
        environ = self._environ(attempt.instance)
        with as_process(environ), _InvocationLog(self._clock, attempt.call.request_id) as log:
            attempt.log = log
            try:
                attempt.end("success", "", payload=serialise(self._call_handler(attempt, environ)))
            except LoadError as error:
                attempt.end("error", str(error), payload=error_body(error.error_type, str(error)))
            except Exception as error:  # noqa: BLE001 - whatever the function raises is its outcome
                attempt.end("error", str(error), payload=error_body(type(error).__name__, str(error), error))
            except Killed:
                attempt.end("timeout", TIMED_OUT % attempt.call.function.timeout)
            except BaseException:  # noqa: BLE001 - not caught by the runtime: the process dies (observed)
                attempt.end("crash", CRASHED)

    def _call_handler(self, attempt: "_Attempt", environ: dict[str, str]) -> object:
        call, instance, around = attempt.call, attempt.instance, self.surroundings
        if instance.handler is None:
            instance.handler = load_handler(around.code_root, call.function.handler)
        seam = {
            "clock": self._clock,
            "environ": environ,
            "random": random.Random(f"{around.seed}:{call.request_id}:{call.attempt}:{instance.id}"),
        }
        return bind_seam(instance.handler, {**around.seam, **seam})(call.event, self._context(call))

    def _context(self, call: Call) -> Context:
        around, function = self.surroundings, call.function
        log = function.log_config if function.log_config is not None and function.log_config != "auto" else None
        return Context(
            request_id=call.request_id,
            credentials=Credentials(around.key.id, around.key.secret, around.key.security_token or ""),
            function=FunctionMeta(function.function_name, function.handler, function.memory_size, function.timeout),
            service=ServiceMeta(around.service, log.project if log else "", log.logstore if log else ""),
            region=around.region,
            account_id=around.account_id,
            retry_count=str(call.attempt),
        )

    def _environ(self, instance: Instance) -> dict[str, str]:
        """The environment of a process (documented: environment variables page, 2026-04).

        The runtime of Python 3.10 removes variables that look like the platform's own but are not (observed).
        """
        around, function = self.surroundings, instance.function
        given = {
            "FC_FUNC_CODE_PATH": "/code",
            "FC_ACCOUNT_ID": around.account_id,
            "FC_FUNCTION_HANDLER": function.handler,
            "FC_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "FC_FUNCTION_NAME": function.function_name,
            "FC_REGION": around.region,
            "FC_CUSTOM_LISTEN_PORT": "9000",
            "FC_INSTANCE_ID": instance.id,
            "FC_VER_ID": "LATEST",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": around.key.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": around.key.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": around.key.security_token or "",
        }
        own = dict(function.environment_variables) | dict(around.variables)
        return {name: value for name, value in own.items() if not name.startswith(_REMOVED)} | given

    def finish(self, attempt: "_Attempt", outcome: Outcome, message: str, payload: bytes | None) -> None:
        """Settle an attempt: instance, record, report. Called once per attempt, on any thread."""
        now = self._clock.now()
        seconds = max(0.0, now - attempt.begins)
        if payload is None:
            message = message.format(milliseconds=round(seconds * 1000))
            payload = platform_error_body(message, seconds)
        call, function = attempt.call, attempt.call.function
        cost = compute_units(seconds, cpu=function.cpu, memory_mb=function.memory_size, disk_mb=function.disk_size)
        record = InvocationRecord(
            function=function.function_name,
            request_id=call.request_id,
            trigger=call.trigger,
            attempt=call.attempt,
            start=attempt.begins,
            end=now,
            cold=attempt.cold,
            outcome=outcome,
            error=message,
            billed_seconds=seconds,
            cu=cost,
            payload=payload,
        )
        error_type = "" if outcome == "success" else UNHANDLED
        log, instance_id = attempt.log_text(outcome), attempt.instance.id
        result = InvocationResult(call.request_id, payload, error_type, seconds, log, instance_id)
        alive = outcome in ("success", "error") and attempt.instance.handler is not None
        self._agenda.soon(lambda: self._settle(attempt, record, result, alive=alive))

    def _settle(self, attempt: "_Attempt", record: InvocationRecord, result: InvocationResult, *, alive: bool) -> None:
        self.running -= 1
        self.records.append(record)
        self._instances.give_back(attempt.instance, alive=alive)
        attempt.on_end(result)


class _Attempt:
    """An attempt under way; it ends once, whoever says so first."""

    def __init__(self, call: Call, instance: Instance, begins: float, runner: Runner, on_end: OnEnd) -> None:
        self.call, self.instance, self.begins, self.on_end = call, instance, begins, on_end
        self.cold = instance.cold
        self.log: _InvocationLog | None = None
        self._runner = runner
        self._open = threading.Lock()

    def end(self, outcome: Outcome, message: str, payload: bytes | None = None) -> None:
        """It is over; later words are ignored. Without a payload `message` is the platform's own."""
        if self._open.acquire(blocking=False):
            self._runner.finish(self, outcome, message, payload)

    def log_text(self, outcome: Outcome) -> str:
        """The platform's lines around the function's own (observed)."""
        fate = "" if outcome == "success" else ", Error: Unhandled function error"
        written = self.log.text if self.log is not None else ""
        request_id = self.call.request_id
        return f"FC Invoke Start RequestId: {request_id}\n{written}FC Invoke End RequestId: {request_id}{fate}\n"


class _InvocationLog(logging.Handler):
    """Collects what the invocation's own thread logs, in the runtime's form. Threads it starts are left out."""

    def __init__(self, clock: Clock, request_id: str) -> None:
        super().__init__()
        self.text = ""
        self._clock, self._request_id = clock, request_id
        self._thread = threading.get_ident()

    def __enter__(self) -> "_InvocationLog":  # noqa: PYI034 - typing.Self is newer than Python 3.10
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, up to a bound."""
        if record.thread == self._thread and len(self.text) < _LOG_CHARACTERS:
            at = service_time(self._clock.now(), milliseconds=True)
            self.text += f"{at} {self._request_id} [{record.levelname}] {record.getMessage()}\n"
