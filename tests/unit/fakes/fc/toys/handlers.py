"""Handlers that do as they are told, for tests of the host."""

import json
import logging
import random
from collections.abc import Mapping

from fakes.core.clock import Clock
from fakes.core.http import InstanceCrashed
from fakes.fc.context import Context

calls_of_this_instance = []  # a module is executed once per instance: this tells instances apart


def echo(event: bytes, context: Context, *, environ: Mapping[str, str]) -> object:
    """Tell what came in."""
    logging.getLogger().warning("echo was called")
    calls_of_this_instance.append(context.request_id)
    return {
        "event": event.decode(),
        "type": type(event).__name__,
        "context": json.loads(context.to_json()),
        "retry_count": context.retry_count,
        "greeting": environ.get("GREETING"),
        "name": environ.get("FC_FUNCTION_NAME"),
        "calls": len(calls_of_this_instance),
    }


def act(event: bytes, context: Context, *, clock: Clock, random: random.Random) -> object:
    """Do what the event says: ``{"do": …, "seconds": …}``."""
    order = json.loads(event)
    clock.sleep(order.get("seconds", 0))
    deeds = {
        "raise": lambda: _raise(ValueError(order.get("message", "told to"))),
        "crash": lambda: _raise(InstanceCrashed("told to")),
        "exit": lambda: _raise(SystemExit(3)),
        "unserialisable": lambda: {"set": {1, 2}},
        "none": lambda: None,
        "text": lambda: "plain",
        "bytes": lambda: b"\x00\x01",
        "random": random.random,
        "fail-first": lambda: _raise(ValueError("first")) if context.retry_count == "0" else "second",
        "gather": lambda: clock.gather([lambda: clock.sleep(5), lambda: clock.sleep(5)]),
    }
    return deeds[order["do"]]()


def _raise(error: BaseException) -> None:
    raise error
