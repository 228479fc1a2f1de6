"""The adversaries that send: copies and changes of our messages, requests, and people at the console.

See `tests.stateful.adversaries`.
"""

import base64
import json
import random
from collections.abc import Iterator, Mapping
from contextlib import suppress

from functions.retention.audit.complete_log import CompleteLog
from functions.retention.core.errors import RetentionError
from functions.retention.core.seal import Seal, SealKey
from functions.retention.core.services import Record
from functions.retention.runs.approved_plan import find_plan
from functions.retention.runs.message import new_message
from tests.stateful.environment import Environment
from tests.unit.retention.bins import OLD
from tests.unit.retention.doubles import SEAL, QueuedMessage, sealed
from tests.unit.retention.job_bin import FILE_SYSTEM, Crash

VALUES: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 10**12, 0.5, "", "x", "fs", "other", "enforce", "dry-run", "purge", "survey", "sweep",
    "console", "request", [], ["/"], {}, {"aged": 4e9}, {"path": "/**"}, {"up_to": 10**6}, "2030-01-01T00:00:00Z",
)  # fmt: skip
"""What is put into the fields of forged messages."""


def soon(rng: random.Random) -> float:
    """Seconds until something happens in the middle of what comes next."""
    return rng.uniform(0, rng.choice([5, 60, 400]))


def duplicate_a_delivery(environment: Environment) -> None:
    """Two or three copies of a message are delivered, up to 60 s apart."""
    if environment.queue.queued_messages:
        environment.met["duplicate_a_delivery"] += 1
        environment.deliver(
            environment.rng.randint(2, 3), environment.rng.choice([0.0, environment.rng.uniform(0, 60)])
        )


# Whoever may send to the work queue.


def forge_a_message(environment: Environment) -> None:
    """Somebody sends a message with one field changed: unsealed, under its old seal, or under a seal of their own."""
    body = SEAL.open(environment.rng.choice(environment.sent)) if _sealed_so_far(environment) else _first(environment)
    wire = json.loads(body)
    wire[environment.rng.choice([*sorted(wire), "phase", "selection", "cursor", "listed", "progress"])] = _value(
        environment.rng
    )
    text = json.dumps(wire)
    tag = SEAL.seal(body)[:52]
    other = Seal(SealKey(bytes(range(32, 64))), region="cn-hangzhou", account_id="1234567890123456", queue="work")
    elsewhere = Seal(SealKey(bytes(range(32))), region="cn-beijing", account_id="1234567890123456", queue="work")
    _send_forged(environment, environment.rng.choice([text, tag + text, other.seal(text), elsewhere.seal(text)]))
    environment.met["forge_a_message"] += 1


def _value(rng: random.Random) -> object:
    return rng.choice(VALUES)


def _sealed_so_far(environment: Environment) -> bool:
    environment.sent = [
        each for each in environment.sent if each.startswith("sealed1.") and each not in environment.forged
    ]
    return bool(environment.sent)


def _first(environment: Environment) -> str:
    now = environment.clock.now()
    message = new_message(
        FILE_SYSTEM, digest=environment.cloud.file.digest, trigger="sweep", mode="enforce", at=now, now=now
    )
    return message.to_body()


def _send_forged(environment: Environment, body: str) -> None:
    if body not in environment.sent:
        environment.forged.add(body)
        environment.queue.queued_messages.append(QueuedMessage(environment.clock.now() + soon(environment.rng), body))


def send_garbage(environment: Environment) -> None:
    """Somebody sends what is no message at all."""
    text = base64.b64encode(environment.rng.randbytes(24)).decode()
    _send_forged(
        environment, environment.rng.choice([text, "[]", "{}", "sealed1.", f"sealed1.{text}", '{"request": "all"}'])
    )
    environment.met["send_garbage"] += 1


def replay_a_message(environment: Environment) -> None:
    """Somebody sends an earlier message of ours again, as it was."""
    if _sealed_so_far(environment):
        body = environment.rng.choice(environment.sent)
        environment.queue.queued_messages.append(QueuedMessage(environment.clock.now() + soon(environment.rng), body))
        environment.met["replay_a_message"] += 1


def ask_for_a_purge(environment: Environment) -> None:
    """Another program asks for a purge, with fields that it may and may not send."""
    order: dict[str, object] = {
        "request": "purge",
        "id": f"job-{environment.rng.randint(0, 9)}",
        "file_system": FILE_SYSTEM,
    }
    if environment.rng.random() < 0.5:
        order |= {"path": environment.rng.choice(["/a/**", "/**", "/keep/**"])}
    if environment.rng.random() < 0.3:
        order |= {"older_than": environment.rng.choice(["1m", "9d", "30d"])}
    if environment.rng.random() < 0.3:
        order |= {
            environment.rng.choice(["protect", "min_age", "limits", "policies", "as_of", "mode"]): _value(
                environment.rng
            )
        }
    environment.queue.queued_messages.append(
        QueuedMessage(environment.clock.now() + soon(environment.rng), json.dumps(order))
    )
    environment.met["ask_for_a_purge"] += 1


def narrow_by_the_console(environment: Environment) -> None:
    """A person starts a run by the console, narrowed."""
    now = environment.clock.now()
    up_to = environment.rng.choice([1, 3, 6])
    narrowing: Mapping[str, object] = environment.rng.choice([{"path": "/a/**"}, {"up_to": up_to}, {"up_to": up_to}])
    message = new_message(
        FILE_SYSTEM,
        digest=environment.cloud.file.digest,
        trigger="console",
        mode="enforce",
        at=now,
        now=now,
        narrowing=narrowing,
    )
    if "up_to" in narrowing:
        environment.up_to[message.run] = up_to
    environment.queue.queued_messages.append(QueuedMessage(now, sealed(message)))
    environment.met["narrow_by_the_console"] += 1
    if environment.rng.random() < 0.5:
        duplicate_a_delivery(environment)


def purge_a_plan(environment: Environment) -> None:
    """A person makes a plan by the console, and purges it by its id some time later, when more lies in the bin."""
    environment.bin.tree.drop("/a/before-the-plan", OLD, 1)
    _send_plan(environment)
    environment.deliver()  # the plan's message, which is due before all others
    environment.pass_time(environment.rng.choice([5.0, 600.0]))
    environment.bin.tree.drop("/a/since-the-plan", OLD, 1)
    plans = [each for each in environment.log.events("surveyed", trigger="console", mode="dry-run") if each.get("set")]
    if plans:
        with suppress(RetentionError, Crash):
            _purge(environment, plans[-1])


def _send_plan(environment: Environment) -> None:
    now = environment.clock.now()
    message = new_message(
        FILE_SYSTEM,
        digest=environment.cloud.file.digest,
        trigger="console",
        mode="dry-run",
        at=now,
        now=now,
        narrowing={
            "policies": list(_armed(environment)),
            **environment.rng.choice([{}, {}, {"path": "/a/**"}, {"up_to": 4}]),
        },
    )
    environment.queue.queued_messages.append(QueuedMessage(0.0, sealed(message)))


def _armed(environment: Environment) -> Iterator[str]:
    return (policy.name for policy in environment.cloud.file.policies if policy.mode == "enforce")


def _purge(environment: Environment, made: Record) -> None:
    now, digest = environment.clock.now(), environment.cloud.file.digest
    audit = CompleteLog(environment.log, environment.clock)
    plan = find_plan(audit, SEAL, name=made["plan_id"], file_system=FILE_SYSTEM, digest=digest, now=now)
    message = new_message(
        FILE_SYSTEM,
        digest=digest,
        trigger="console",
        mode="enforce",
        at=now,
        now=now,
        narrowing=plan.narrowing,
        as_of=plan.as_of,
    )
    environment.plans[message.run] = made
    environment.queue.queued_messages.append(QueuedMessage(now, sealed(plan.carried_by(message))))
    environment.met["purge_a_plan"] += 1
