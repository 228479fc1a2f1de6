"""The console function: a person asks or orders something, and reads the answer as JSON."""

# ruff: noqa: E402 - the threshold has to be set before the imports that make most objects
import gc

gc.set_threshold(200_000)  # a cold start makes 100 000 objects that stay; looking for garbage took a tenth of it

import os
from collections.abc import Mapping
from random import Random

from functions.retention.cloud import SYSTEM_CLOCK, Cloud, read_settings
from functions.retention.console import answer
from functions.retention.core import Clock, read_invocation


def handler(
    event: bytes,
    context: object,
    *,
    clock: Clock = SYSTEM_CLOCK,
    environ: Mapping[str, str] = os.environ,
    random: Random | None = None,
) -> dict[str, object]:
    """Answer one request; ``events/console-*.json`` has one of every action.

    Args:
        event: a JSON object with an ``action``.
        context: the runtime's.
        clock: time, randomness and environment are parameters; the runtime leaves them alone.
        environ: see `clock`.
        random: see `clock`.

    Returns:
        An object with ``ok``. Whatever is wrong with request, settings, policies or services is an answer too.
    """
    invocation = read_invocation(context, clock.now())
    rng = random or Random()

    def services() -> Cloud:
        settings = read_settings(environ, context)
        return Cloud(settings, invocation, clock=clock, rng=rng)

    return answer(event, invocation, services, clock, rng)
