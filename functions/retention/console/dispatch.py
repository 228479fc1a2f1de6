"""Answer a request: choose the action, and turn every failure into an answer."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from functions.retention.console.actions.cancel import cancel
from functions.retention.console.actions.explain import explain
from functions.retention.console.actions.lint import lint
from functions.retention.console.actions.pause import pause, resume
from functions.retention.console.actions.plan import plan
from functions.retention.console.actions.purge import purge
from functions.retention.console.actions.status import status
from functions.retention.console.context import ConsoleContext
from functions.retention.console.refusal import failure
from functions.retention.console.requests import Request, parse_request
from functions.retention.core import Clock, Invocation, RetentionError
from functions.retention.runs import Services, unwrap_one

_ACTIONS: Mapping[str, Callable[[ConsoleContext, Any], dict[str, object]]] = {
    "plan": plan,
    "purge": purge,
    "status": status,
    "explain": explain,
    "cancel": cancel,
    "lint": lint,
    "pause": pause,
    "resume": resume,
}


def answer(
    event: bytes, invocation: Invocation, services: Callable[[], Services], clock: Clock, rng: random.Random
) -> dict[str, object]:
    """Answer an event.

    Args:
        event: a JSON object with an ``action``, see `functions.retention.console.requests`.
        invocation: request id and deadline.
        services: makes the clients; raises `ConfigurationError` when the settings are wrong.
        clock: time.
        rng: ids.

    Returns:
        ``ok`` true and the answer, or ``ok`` false and an ``error``: what was wrong, where, what is allowed.
    """
    try:
        request = parse_request(unwrap_one(event).wire())
        made = services()
        context = ConsoleContext(made, clock, rng, invocation.request_id, invocation.deadline)
        return {"ok": True, "action": request.action, **_carry_out(context, request)}
    except RetentionError as error:
        return failure(error)


def _carry_out(context: ConsoleContext, request: Request) -> dict[str, object]:
    return _ACTIONS[request.action](context, request)
