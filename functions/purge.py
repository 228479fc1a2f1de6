"""The purge function: one slice of every run in a batch of queue messages."""

# ruff: noqa: E402 - the threshold has to be set before the imports that make most objects
import gc

gc.set_threshold(200_000)  # a cold start makes 100 000 objects that stay; looking for garbage took a tenth of it

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from random import Random

from functions.retention.cloud import SYSTEM_CLOCK, Cloud, read_settings
from functions.retention.core import Clock, read_invocation
from functions.retention.runs import Worker, unwrap


def handler(
    event: bytes,
    context: object,
    *,
    clock: Clock = SYSTEM_CLOCK,
    environ: Mapping[str, str] = os.environ,
    random: Random | None = None,
    connect: Callable[..., Cloud] = Cloud,
) -> dict[str, object]:
    """Work on each message of the event: see README, "How the pieces fit".

    Args:
        event: messages of the work queue, or a request (docs/requests.md), as any trigger wraps them.
        context: the runtime's.
        clock: time, randomness, environment and clients are parameters; the runtime leaves them alone.
        environ: see `clock`.
        random: see `clock`.
        connect: see `clock`.

    Returns:
        What became of each message.

    Raises:
        CloudError: a message could be neither worked on nor handed over, so the platform has to deliver it again.
        ConfigurationError: the environment cannot be used.
    """
    invocation = read_invocation(context, clock.now())
    rng = random or Random()
    settings = read_settings(environ, context)
    cloud = connect(settings, invocation, clock=clock, rng=rng)
    worker = Worker(
        cloud,
        clock,
        rng,
        request_id=invocation.request_id,
        deadline=invocation.deadline,
        redelivered=invocation.retry_count > 0,
    )
    return {"slices": [asdict(report) for report in worker.work(unwrap(event))]}
