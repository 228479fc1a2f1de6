"""Handlers that do as they are told, for tests of the host."""

import json
import logging
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.http import InstanceCrashed
from aliyun_fakes.fc.context import Context

calls_of_this_instance: list[str] = []  # a module is executed once per instance: this tells instances apart


def echo(event: bytes, context: Context, *, environ: Mapping[str, str]) -> object:
    """Tell what came in."""
    logging.getLogger().warning("echo was called")
    calls_of_this_instance.append(context.request_id)
    return {
        "event": event.decode(),
        "type": type(event).__name__,
        "context": json.loads(context.to_json()),
        "retry_count": context.retry_count,
        "environ": dict(environ),
        "calls": len(calls_of_this_instance),
    }


def plain(event: bytes, context: Context) -> object:
    """Take event and context only, as any handler may."""
    return {
        "request_id": [context.request_id, context.requestId],
        "key": [context.credentials.access_key_id, context.credentials.accessKeyId],
        "secret": [context.credentials.access_key_secret, context.credentials.accessKeySecret],
        "token": [context.credentials.security_token, context.credentials.securityToken],
        "function": vars(context.function),
        "service": vars(context.service),
        "tracing": vars(context.tracing),
        "place": [context.region, context.account_id],
        "retry_count": context.retry_count,
        "logger": context.logger,
        "root_logger": context.getLogger() is logging.getLogger(),
        "event": event.decode(),
    }


def process(event: bytes, context: Context) -> object:
    """Tell what a handler finds that takes event and context only, and change it."""
    logging.getLogger(__name__).info("%s was called with %d bytes", context.function.name, len(event))
    found = {name: os.environ[name] for name in ("GREETING", "FC_FUNCTION_NAME", "FC_INSTANCE_ID")}
    os.environ["GREETING"] = "changed"
    key_id = os.getenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
    return {**found, "key_id": key_id, "home": "HOME" in os.environ, "changed": os.environ["GREETING"]}


def act(event: bytes, context: Context, *, clock: Clock, random: random.Random) -> object:
    """Do what the event says: ``{"do": …, "seconds": …, "file": …}``."""
    order = json.loads(event)
    clock.sleep(order.get("seconds", 0))
    deeds: dict[str, Callable[[], object]] = {
        "raise": lambda: _raise(ValueError(order.get("message", "told to"))),
        "crash": lambda: _raise(InstanceCrashed("told to")),
        "crash-first": lambda: _raise(InstanceCrashed("first")) if context.retry_count == "0" else "second",
        "exit": lambda: _raise(SystemExit(3)),
        "unserialisable": lambda: {"set": {1, 2}},
        "mixed-keys": lambda: {1: "a", "b": 2},
        "none": lambda: None,
        "text": lambda: "grüße",
        "bytes": lambda: b"\x00\x01",
        "object": lambda: {"b": [1.5, None], "a": "ü"},
        "random": random.random,
        "fail-first": lambda: _raise(ValueError("first")) if context.retry_count == "0" else "second",
        "gather": lambda: clock.gather([lambda: clock.sleep(5), lambda: clock.sleep(5)]),
        "now": clock.now,
        "await": lambda: _await(Path(order["file"]), clock),
    }
    return deeds[order["do"]]()


def _raise(error: BaseException) -> None:
    raise error


def _await(file: Path, clock: Clock) -> None:
    """Wait until a file is there: a test ends the invocation by making it."""
    while not file.exists():  # bounded by the function's time-out
        clock.sleep(1)


def stumble(event: bytes, context: Context) -> object:
    """Crash, whatever comes."""
    raise InstanceCrashed(f"{len(event)} bytes of {context.request_id}")


def crowd(event: bytes, context: Context, *, clock: Clock) -> object:
    """Do several things side by side, one of which crashes after so many seconds."""
    crash_after = float(event)

    def crash() -> None:
        clock.sleep(crash_after)
        raise InstanceCrashed("told to")

    def note(after: float) -> None:
        clock.sleep(after)
        calls_of_this_instance.append(f"{context.request_id} {after:g}")
        logging.getLogger().warning("noted %g", after)

    clock.gather(
        [lambda: note(1), crash, lambda: clock.gather([lambda: note(2), lambda: note(8)]), lambda: note(9)],
    )
    return None
