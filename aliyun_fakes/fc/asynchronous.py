"""Asynchronous invocations: accepted at once, retried until they succeed or fail for good, then reported.

The report goes to a destination, if there is one.

Documented: asynchronous invocation, retry, destination and task pages of Function Compute.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.fc.agenda import Agenda
from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.events import destination_body
from aliyun_fakes.fc.mailbox import Mailbox
from aliyun_fakes.fc.results import InvocationResult
from aliyun_fakes.fc.runner import Call, Runner
from aliyun_fakes.fc.settings import FcSettings
from deployment.arns import parse_queue_arn
from deployment.s_yaml import Destination, FunctionProps

ASYNC_PAYLOAD_LIMIT = 128 * 1024
MAX_DELAY = 3600
_TASK_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_FIRST_THROTTLE_WAIT = 0.5
TaskStatus = Literal["Enqueued", "Running", "Succeeded", "Failed", "Retrying", "Expired"]


@dataclass
class _Invocation:
    """One accepted invocation on its way."""

    function: FunctionProps
    event: bytes = field(repr=False)
    request_id: str
    trigger: str
    accepted: float
    task_id: str
    status: TaskStatus = "Enqueued"
    attempt: int = 0
    invoked: int = 0
    throttled: int = 0
    throttled_since: float = 0.0


class AsyncInvocations:
    """All asynchronous invocations of a host.

    Args:
        runner: where attempts run.
        agenda: what is to be done when.
        clock: time.
        mailbox: for destinations.
        new_id: makes request ids.
        settings: waits.

    Attributes:
        pending: accepted and neither succeeded nor given up yet.
    """

    def __init__(
        self,
        runner: Runner,
        agenda: Agenda,
        clock: Clock,
        mailbox: Mailbox,
        *,
        new_id: Callable[[], str],
        settings: FcSettings,
    ) -> None:
        self._runner, self._agenda, self._clock = runner, agenda, clock
        self._mailbox, self._new_id, self._settings = mailbox, new_id, settings
        self._tasks: dict[tuple[str, str], _Invocation] = {}
        self.pending = 0

    def submit(
        self, function: FunctionProps, event: bytes, *, trigger: str = "async", delay: float = 0, task_id: str = ""
    ) -> str:
        """Accept an invocation; its request id.

        Args:
            function: what to run.
            event: at most 128 KB.
            trigger: for the record.
            delay: seconds to wait first, 0 to 3600.
            task_id: refused when known already if the function runs tasks (``asyncTask``), else ignored (assumed).

        Raises:
            FcError: EntityTooLarge, InvalidArgument, StatefulAsyncInvocationAlreadyExists.
        """
        self._check(event, delay, task_id)
        now = self._clock.now()
        request_id = self._new_id()
        invocation = _Invocation(function, event, request_id, trigger, now + delay, task_id)
        if function.async_invoke_config.async_task:
            self._register(invocation)
        self.pending += 1
        self._agenda.at(now + delay, lambda: self._try(invocation))
        return request_id

    def task_status(self, function_name: str, task_id: str) -> TaskStatus | None:
        """A task's state, or None for one unknown."""
        invocation = self._tasks.get((function_name, task_id))
        return invocation.status if invocation else None

    def _check(self, event: bytes, delay: float, task_id: str) -> None:
        if len(event) > ASYNC_PAYLOAD_LIMIT:
            raise FcError("EntityTooLarge", str(ASYNC_PAYLOAD_LIMIT))
        if not 0 <= delay <= MAX_DELAY:
            raise FcError("InvalidArgument", f"async delay {delay:g} is not between 0 and {MAX_DELAY} seconds")
        if task_id and not _TASK_ID.fullmatch(task_id):
            raise FcError("InvalidArgument", f"async task id {task_id!r} does not match {_TASK_ID.pattern}")

    def _register(self, invocation: _Invocation) -> None:
        invocation.task_id = invocation.task_id or invocation.request_id
        known = self._tasks.setdefault((invocation.function.function_name, invocation.task_id), invocation)
        if known is not invocation:
            raise FcError("StatefulAsyncInvocationAlreadyExists", invocation.task_id)

    def _try(self, invocation: _Invocation) -> None:
        config = invocation.function.async_invoke_config
        if self._clock.now() - invocation.accepted > config.max_async_event_age_in_seconds:
            self._give_up(invocation, InvocationResult(invocation.request_id, b""), "EventAgeExceeded", "Expired")
            return
        call = Call(
            invocation.function, invocation.event, invocation.request_id, invocation.trigger, invocation.attempt
        )
        try:
            self._runner.start(call, lambda result: self._ended(invocation, result))
        except FcError as error:
            self._throttled(invocation, error)
            return
        invocation.invoked += 1
        invocation.status, invocation.throttled = "Running", 0

    def _throttled(self, invocation: _Invocation, error: FcError) -> None:
        """Back off 0.5, 1, 2, 4 … seconds for up to five hours; costs nothing (documented).

        There is no queue: the first to ask while an instance is free gets it (assumed). No longest wait is published,
        so there is none (assumed).
        """
        now = self._clock.now()
        if not invocation.throttled:
            invocation.throttled_since = now
        if now - invocation.throttled_since > self._settings.throttled_patience:
            result = InvocationResult(invocation.request_id, error.message.encode(), error.code)
            self._give_up(invocation, result, error.code, "Failed")
            return
        wait = _FIRST_THROTTLE_WAIT * 2**invocation.throttled
        invocation.throttled += 1
        self._agenda.at(now + wait, lambda: self._try(invocation))

    def _ended(self, invocation: _Invocation, result: InvocationResult) -> None:
        config = invocation.function.async_invoke_config
        if not result.error_type:
            self.pending -= 1
            invocation.status = "Succeeded"
            self._tell(config.destination_config.on_success, invocation, result, "")
        elif invocation.attempt < config.max_async_retry_attempts:
            invocation.attempt += 1
            invocation.status = "Retrying"
            again = self._clock.now() + self._settings.function_error_retry_delay
            self._agenda.at(again, lambda: self._try(invocation))
        else:
            self._give_up(invocation, result, result.error_type, "Failed")

    def _give_up(self, invocation: _Invocation, result: InvocationResult, condition: str, status: TaskStatus) -> None:
        self.pending -= 1
        invocation.status = status
        destinations = invocation.function.async_invoke_config.destination_config
        self._tell(destinations.on_failure, invocation, result, condition)

    def _tell(
        self, destination: Destination | None, invocation: _Invocation, result: InvocationResult, condition: str
    ) -> None:
        if destination is None:
            return
        body = destination_body(
            result,
            invocation.event,
            function_arn=self._runner.surroundings.arn(invocation.function.function_name),
            condition=condition,
            attempts=invocation.invoked,
            now=self._clock.now(),
        )
        self._mailbox.post(parse_queue_arn(destination.destination).name, body)
