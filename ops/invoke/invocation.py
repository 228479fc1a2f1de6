"""An invocation as a person sees it, and the protocol of what makes one. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ops.exit_codes import DONE, PARTIAL, REFUSED, UNREACHABLE

_FAILURES = frozenset({"refused", "failed", "dead-lettered"})
"""States of the runs of a sweep (`retention.runs.sweep`) and of the slices of a batch (`worker` beside it)."""

_GOING_ON = frozenset({"started", "handed-over", "requeued", "duplicate"})
"""Of those states, the ones of runs that go on; a retired slice's run does so elsewhere."""


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation.

    Attributes:
        request_id: finds it in the logs.
        payload: what the function answered; nothing when it was only accepted.
        error_type: "" unless the function raised (documented: header ``X-Fc-Error-Type``).
        log: the end of what it printed, when that was asked for.
        is_accepted: it was queued; what becomes of it is in the logs.
    """

    request_id: str
    payload: bytes = b""
    error_type: str = ""
    log: str = ""
    is_accepted: bool = False

    def answer(self) -> object:
        """The payload as JSON, or as text when it is none."""
        text = self.payload.decode("utf-8", "backslashreplace")
        try:
            value: object = json.loads(text)
        except ValueError:
            return text
        return value

    def exit_code(self) -> int:
        """0, or why not.

        A function that raised or refused is 4, one that a service failed is 5. It is 3 for a plan that was not
        finished or that a limit stops, for findings of lint, and where a sweep or a slice could not begin or go
        on with some run.
        """
        answer = self.answer()
        if self.error_type:
            return REFUSED
        if not isinstance(answer, Mapping) or answer.get("ok", True):
            return PARTIAL if _is_incomplete(answer) or _has_failures(answer) or _has_findings(answer) else DONE
        error = answer.get("error")
        failed = isinstance(error, Mapping) and error.get("code") == "service-failed"
        return UNREACHABLE if failed else REFUSED

    def going_on(self) -> Sequence[str]:
        """Runs that go on by the answer, each once: a sweep's, a batch's, or those whose status the console names."""
        return list(dict.fromkeys(_going_on(self.answer())))


class Invoker(Protocol):
    """Invokes functions of a deployment."""

    def invoke(self, function: str, event: bytes, *, queued: bool, tail: bool) -> Outcome:
        """Invoke a function once; never twice, for not every order may be repeated.

        Args:
            function: its full name.
            event: what its handler gets.
            queued: only queue it (an asynchronous invocation).
            tail: ask for the end of its log.

        Raises:
            CloudError: refused, or no answer; then it may have run.
        """


def _is_incomplete(answer: Any) -> bool:  # noqa: ANN401 - any JSON value
    if not isinstance(answer, Mapping):
        return False
    return answer.get("complete") is False or any(_is_incomplete(part) for part in answer.values())


def _has_findings(answer: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a lint found something, or a limit stops a plan."""
    if not isinstance(answer, Mapping):
        return False
    parts = [answer.get("all_policies"), answer.get("enforcing_policies")] if answer.get("action") == "plan" else []
    stopped = any(isinstance(part, Mapping) and part.get("stopped_by") for part in parts)
    return stopped or (answer.get("action") == "lint" and bool(answer.get("findings")))


def _has_failures(answer: Any) -> bool:  # noqa: ANN401 - any JSON value
    if not isinstance(answer, Mapping):
        return False
    parts = [part for name in ("runs", "slices") if isinstance(found := answer.get(name), list) for part in found]
    return any(isinstance(part, Mapping) and part.get("state") in _FAILURES for part in parts)


def _going_on(answer: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(answer, list):
        for part in answer:
            yield from _going_on(part)
    elif isinstance(answer, Mapping):
        run = answer.get("run")
        if isinstance(run, str) and (answer.get("state") in _GOING_ON or answer.get("action") == "status"):
            yield run
        yield from _going_on(list(answer.values()))
