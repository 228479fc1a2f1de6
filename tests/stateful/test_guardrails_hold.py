"""No policy, narrowing, request or message loosens a guardrail.

The keys and fields are taken from the models, those within others too, so a new one is tried as soon as it exists. Each
is set to many values.
Whatever the models accept is played against a bin, and the promises of the guardrails are checked at each job.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from random import Random
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from functions.retention.core.errors import ContradictionsError, RetentionError
from functions.retention.core.run_end import EndReason, RunEnd
from functions.retention.jobs.progress import RunningJob
from functions.retention.policy.model import Policy, PolicyFile
from functions.retention.policy.narrowing import Narrowing
from functions.retention.runs.message import RunMessage, Selection, new_message
from functions.retention.runs.requests import PurgeOrder, SweepOrder
from functions.retention.walk.cursor import Cursor, Step
from tests.stateful.environment import Environment
from tests.stateful.promises import check
from tests.stateful.rules import Limits, Rules
from tests.unit.retention.bins import NOW, OLD, YOUNG
from tests.unit.retention.doubles import SEAL, QueuedMessage
from tests.unit.retention.job_bin import FILE_SYSTEM

GUARDRAILS = frozenset(
    {
        "nothing_protected_goes", "nothing_younger_than_min_age_goes", "no_job_starts_outside_the_window",
        "no_job_starts_while_the_policy_file_pauses", "a_hold_stops_jobs_within_a_minute", "the_limit_of_jobs_holds",
        "the_limit_of_bytes_holds", "the_limit_of_the_share_holds",
    }
)  # fmt: skip
"""The promises that are guardrails: whatever else a policy or a message says, these hold."""

VALUES: tuple[object, ...] = (
    None, True, False, 0, 1, 2, 7, -1, 10**9, 4e9, 0.5, "", "x", FILE_SYSTEM, "other", "enforce", "dry-run", "purge",
    "survey", "capacity", "sweep", "console", "request", "file", "directory", "largest-first", "oldest-first", "1h",
    "1d", "2d", "9d", "1B", "1GiB", "/**", "/keep/**", "*", "job-1", "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z",
    [], [FILE_SYSTEM], ["/**"], ["/keep/**"], ["*"], ["aged"], [None], [3], {}, {"min": "0B"}, {"max": "1TiB"},
    {"path": "/**"}, {"name": "*"}, {"aged": 4e9}, {"jobs": 1}, {"jobs": 10**9}, {"up_to": 10**6}, {"tags": {"a": "b"}},
    {"walks": 1}, {"reason": "completed", "detail": "x"},
)  # fmt: skip
"""What is put into each key and field."""

RULES = Rules(min_age=5, limits=Limits(jobs=9, bytes=1_000, share=0.95))


def environment() -> Environment:
    """A bin with what goes, what is young and what is protected; `min_age` is five days."""
    made = Environment(RULES, Random(1), check)
    for where in ("/a", "/b/c", "/keep", "/keep/in"):
        made.bin.tree.drop(f"{where}/old", OLD, 7)
        made.bin.tree.drop(f"{where}/young", YOUNG, 7)
        made.bin.tree.write(f"{where}/d/f", 3)
        made.bin.tree.remove(f"{where}/d", OLD)
    return made


def broken(made: Environment) -> list[tuple[str, str]]:
    """The guardrails that were broken."""
    return [each for each in made.broken if each[0] in GUARDRAILS]


Place = tuple[str, ...]
"""A key or field, and those that it is in: ``("match", "size", "min")``."""


def places(model: type[BaseModel]) -> list[Place]:
    """The keys of a model, as they are written, and those of the models in it."""
    found: list[Place] = []
    for name, each in model.model_fields.items():
        key = each.alias or name
        found += [(key,), *((key, *place) for one in within(each.annotation) for place in places(one))]
    return list(dict.fromkeys(found))


def within(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that stand in a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from within(each)


def message_places(message: object) -> list[Place]:
    """The fields of a message, and those of the values in it."""
    found: list[Place] = []
    for each in fields(message):  # type: ignore[arg-type]  # a dataclass
        value = getattr(message, each.name)
        inner = message_places(value) if is_dataclass(value) else []
        found += [(each.name,), *((each.name, *place) for place in inner)]
    return found


def put(wire: Mapping[str, Any], place: Place, value: object) -> dict[str, Any]:
    """A mapping with one key set, perhaps inside of others."""
    key, *inner = place
    below = wire.get(key)
    return {**wire, key: put(below if isinstance(below, dict) else {}, tuple(inner), value) if inner else value}


def dotted(place: Place) -> str:
    """A place as the name of a test."""
    return ".".join(place)


def some(values: Sequence[object], place: Place) -> Sequence[object]:
    """Every value for a key or field of its own; a quarter of them, by the place, for one within another."""
    return values if len(place) == 1 else values[len(dotted(place)) % 4 :: 4]


def test_the_run_that_is_changed_deletes_what_is_old_and_nothing_else() -> None:
    made = environment()
    play(made, first(made))
    assert {path for each in made.creations for _, path in each.entries} >= {"/a/old", "/b/c/old", "/a/d/f"}
    assert made.broken == []


# Policies.


POLICY = {"name": "aged", "file_systems": FILE_SYSTEM, "older_than": "7d", "mode": "enforce"}
UNBOUND = {"older_than": None, "unsafe-select-everything": True}


def file_with(changed: Mapping[str, Any]) -> PolicyFile | None:
    """The file with this policy; None when it is refused."""
    try:
        return PolicyFile(version=1, guardrails=RULES.file().guardrails, policies=(Policy.model_validate(changed),))
    except (ValidationError, ContradictionsError, RetentionError):
        return None


def accepted(place: Place) -> list[PolicyFile]:
    """The files that are accepted with some value at the place, each once."""
    files: dict[str, PolicyFile] = {}
    for value in VALUES:
        for more in ({}, UNBOUND):
            changed = {**put(POLICY, place, value), **more}
            file = file_with({name: each for name, each in changed.items() if each is not None})
            if file is not None:
                files[file.digest] = file
    return list(files.values())


@pytest.mark.parametrize("place", places(Policy), ids=dotted)
def test_no_policy_loosens_a_guardrail(place: Place) -> None:
    files = accepted(place)
    assert files, "no value is accepted: add one to VALUES"
    for file in files:
        made = environment()
        made.cloud.file = file
        made.sweep()
        made.cloud.play()
        assert broken(made) == []


# What an event says.


REQUEST = {"request": "purge", "id": "job-1", "file_system": FILE_SYSTEM}
FULL: Mapping[str, Any] = {
    "selection": Selection("", "r", NOW, (3,)),
    "running": RunningJob("1", "2", OLD, "t", 1, 1, NOW, NOW),
    "stopping": RunEnd(EndReason.COMPLETED),
    "cursor": Cursor((Step("a"),)),
}
"""Fields of a message that are empty at first, so that those within them are tried too."""


def wire_for(made: Environment, place: Place) -> dict[str, Any]:
    """The first message of a run as JSON, with a whole value around the field that is to be changed."""
    around = {name: value for name, value in FULL.items() if len(place) > 1 and name == place[0]}
    wire: dict[str, Any] = json.loads(replace(first(made), **around).written())
    return wire


def narrowed_message(made: Environment, narrowing: Mapping[str, object]) -> str:
    """The first message of a run that a person narrows so."""
    return SEAL.seal(replace(first(made), narrowing=narrowing, trigger="console").written())


def play_narrowed(narrowing: Mapping[str, object]) -> Environment:
    """A run that a person narrows so."""
    made = environment()
    deliver(made, narrowed_message(made, narrowing))
    return made


def first(made: Environment) -> RunMessage:
    """The first message of a run."""
    now = made.clock.now()
    return new_message(FILE_SYSTEM, digest=made.cloud.file.digest, trigger="sweep", mode="enforce", at=now, now=now)


def play(made: Environment, message: RunMessage) -> None:
    """Deliver a message, and all that follows."""
    deliver(made, SEAL.seal(message.written()))


def deliver(made: Environment, body: str) -> None:
    """Deliver a body, and all that follows."""
    made.queue.queued_messages.append(QueuedMessage(made.clock.now(), body))
    made.cloud.play()


NARROWING, PURGE = places(Narrowing), places(PurgeOrder)
MESSAGE = message_places(replace(first(environment()), **FULL))


@pytest.mark.parametrize("place", NARROWING, ids=dotted)
def test_no_narrowing_loosens_a_guardrail(place: Place) -> None:
    for value in VALUES:
        assert broken(play_narrowed(put({}, place, value))) == []


@pytest.mark.parametrize("place", sorted({*PURGE, *places(Policy), *NARROWING, ("min_age",), ("protect",)}), ids=dotted)
def test_no_purge_request_loosens_a_guardrail(place: Place) -> None:
    for value in some(VALUES, place):
        made = environment()
        deliver(made, json.dumps(put(REQUEST, place, value)))
        assert broken(made) == []


@pytest.mark.parametrize("place", places(SweepOrder), ids=dotted)
def test_no_sweep_request_loosens_a_guardrail(place: Place) -> None:
    for value in VALUES:
        made = environment()
        deliver(made, json.dumps(put({"request": "sweep", "id": "job-1"}, place, value)))
        assert broken(made) == []


@pytest.mark.parametrize("place", MESSAGE, ids=dotted)
def test_no_unsealed_field_of_a_message_is_read(place: Place) -> None:
    for value in some(VALUES, place):
        made = environment()
        deliver(made, json.dumps(put(wire_for(made, place), place, value)))
        assert made.creations == []


@pytest.mark.parametrize("place", MESSAGE, ids=dotted)
def test_no_field_of_a_sealed_message_opens_what_min_age_and_protect_keep(place: Place) -> None:
    for value in some(VALUES, place):
        made = environment()
        deliver(made, SEAL.seal(json.dumps(put(wire_for(made, place), place, value))))
        assert [each for each in broken(made) if not each[0].startswith("the_limit")] == []


# Where all work is stopped, nothing starts it.


def held() -> Environment:
    """A file system that carries the hold tag."""
    made = environment()
    made.bin.tags_now = {"nas-retention": "hold"}
    return made


def ruled(rules: Rules) -> Environment:
    """A bin under other rules."""
    made = environment()
    made.rules, made.cloud.file = rules, rules.file()
    return made


STOPPED: Mapping[str, Callable[[], Environment]] = {
    "hold": held,
    "pause": lambda: ruled(replace(RULES, pause=True)),
    "window": lambda: ruled(replace(RULES, open_from=(int(NOW) % 86_400 // 3_600 + 3) % 24)),
    "limit": lambda: ruled(replace(RULES, limits=Limits(jobs=0))),
}
BODIES: Mapping[str, tuple[list[Place], Callable[[Environment, Place, object], str]]] = {
    "narrowing": (NARROWING, lambda made, place, value: narrowed_message(made, put({}, place, value))),
    "request": (PURGE, lambda _made, place, value: json.dumps(put(REQUEST, place, value))),
    "message": (
        [("mode",), ("phase",), ("trigger",), ("narrowing",), ("as_of",), ("digest",), ("slice_number",)],
        lambda made, place, value: SEAL.seal(json.dumps(put(wire_for(made, place), place, value))),
    ),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("stopped", STOPPED)
def test_nothing_that_is_sent_starts_what_is_stopped(stopped: str, kind: str) -> None:
    at, body = BODIES[kind]
    for number, place in enumerate(at):
        for value in VALUES[number % 4 :: 4]:
            made = STOPPED[stopped]()
            deliver(made, body(made, place, value))
            assert made.creations == []
