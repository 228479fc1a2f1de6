"""The sweep function: a timer starts a run for every file system the policies name. It lists nothing itself."""

# ruff: noqa: E402 - the threshold has to be set before the imports that make most objects
import gc

gc.set_threshold(200_000)  # a cold start makes 100 000 objects that stay; looking for garbage took a tenth of it

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from random import Random

from functions.retention.audit import Journal
from functions.retention.cloud import SYSTEM_CLOCK, Cloud, read_settings
from functions.retention.core import Clock, read_invocation
from functions.retention.runs import Sweep, parse_sweep, unwrap_one


def handler(
    event: bytes,
    context: object,
    *,
    clock: Clock = SYSTEM_CLOCK,
    environ: Mapping[str, str] = os.environ,
    random: Random | None = None,
    connect: Callable[..., Cloud] = Cloud,
) -> dict[str, object]:
    """Send one message per file system and mode; see README, "How the pieces fit".

    Args:
        event: of a timer, or ``{}``; ``{"file_systems": [...]}``, also as a timer's payload, sweeps only those.
        context: the runtime's.
        clock: time, randomness, environment and clients are parameters; the runtime leaves them alone.
        environ: see `clock`.
        random: see `clock`.
        connect: see `clock`.

    Returns:
        What was started, skipped or refused.

    Raises:
        EventError: the event asks for something else.
        ConfigurationError: the environment cannot be used.
        PolicyError: the policies cannot be used.
        SweepFailed: some messages could not be sent; invoked again for the same moment it starts the same runs.
    """
    invocation = read_invocation(context, clock.now())
    rng = random or Random()
    settings = read_settings(environ, context)
    cloud = connect(settings, invocation, clock=clock, rng=rng)
    delivery = unwrap_one(event)
    journal = Journal(cloud.audit(), clock, rng, {"request": invocation.request_id})
    at = delivery.at if delivery.at is not None else clock.now()
    sweep = Sweep(cloud, clock, journal, at=at, pace=settings.sweep_pace)
    return {"runs": [asdict(started) for started in sweep.run(parse_sweep(delivery))]}
