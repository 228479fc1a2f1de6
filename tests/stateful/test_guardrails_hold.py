"""No policy, narrowing, request or message loosens a guardrail.

The keys and fields are taken from the models, so a new one is tried as soon as it exists. Each is set to many values.
Whatever the models accept is played against a bin, and the promises of the guardrails are checked at each job.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from functions.retention.core.errors import ContradictionsError, RetentionError
from functions.retention.policy.model import Match, Policy, PolicyFile
from functions.retention.policy.narrowing import Narrowing
from functions.retention.runs.message import RunMessage, new_message
from functions.retention.runs.requests import PurgeOrder, SweepOrder
from tests.stateful.environment import Environment
from tests.stateful.promises import check
from tests.stateful.rules import Limits, Rules
from tests.unit.retention.bins import OLD, YOUNG
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


def keys(model: type[BaseModel]) -> list[str]:
    """The keys of a model, as they are written."""
    return [each.alias or name for name, each in model.model_fields.items()]


def test_the_run_that_is_changed_deletes_what_is_old_and_nothing_else() -> None:
    made = environment()
    play(made, first(made))
    assert {path for each in made.creations for _, path in each.entries} >= {"/a/old", "/b/c/old", "/a/d/f"}
    assert made.broken == []


# Policies.


def policy(key: str, value: object, *, inside: str = "") -> dict[str, Any]:
    """A policy with one key set, perhaps inside of another one."""
    base = {"name": "aged", "file_systems": FILE_SYSTEM, "older_than": "7d", "mode": "enforce"}
    return base | ({inside: {key: value}} if inside else {key: value})


def file_with(changed: Mapping[str, Any]) -> PolicyFile | None:
    """The file with this policy; None when it is refused."""
    try:
        return PolicyFile(version=1, guardrails=RULES.file().guardrails, policies=(Policy.model_validate(changed),))
    except (ValidationError, ContradictionsError, RetentionError):
        return None


def accepted(key: str, inside: str) -> list[PolicyFile]:
    """The files that are accepted with some value under the key, each once."""
    files: dict[str, PolicyFile] = {}
    for value in VALUES:
        for more in ({}, {"older_than": None, "unsafe-select-everything": True}):
            changed = policy(key, value, inside=inside)
            wanted = {name: each for name, each in {**changed, **more}.items() if each is not None}
            file = file_with(wanted)
            if file is not None:
                files[file.digest] = file
    return list(files.values())


@pytest.mark.parametrize(
    ("key", "inside"), [*((key, "") for key in keys(Policy)), *((key, "match") for key in keys(Match))]
)
def test_no_policy_loosens_a_guardrail(key: str, inside: str) -> None:
    files = accepted(key, inside)
    assert files, "no value is accepted: add one to VALUES"
    for file in files:
        made = environment()
        made.cloud.file = file
        made.sweep()
        made.cloud.play()
        assert broken(made) == []


# What an event says.


def play_narrowed(narrowing: Mapping[str, object]) -> Environment:
    """A run that a person narrows so."""
    made = environment()
    play(made, replace(first(made), narrowing=narrowing, trigger="console"))
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


@pytest.mark.parametrize("key", keys(Narrowing))
def test_no_narrowing_loosens_a_guardrail(key: str) -> None:
    for value in VALUES:
        assert broken(play_narrowed({key: value})) == []


@pytest.mark.parametrize("key", sorted({*keys(PurgeOrder), *keys(SweepOrder), *keys(Policy), "limits", "protect"}))
def test_no_request_loosens_a_guardrail(key: str) -> None:
    for value in VALUES:
        made = environment()
        order = {"request": "purge", "id": "job-1", "file_system": FILE_SYSTEM} | {key: value}
        deliver(made, json.dumps(order))
        assert broken(made) == []


@pytest.mark.parametrize("name", [each.name for each in fields(RunMessage)])
def test_no_unsealed_field_of_a_message_is_read(name: str) -> None:
    for value in VALUES:
        made = environment()
        wire = json.loads(first(made).to_body()) | {name: value}
        deliver(made, json.dumps(wire))
        assert made.creations == []


@pytest.mark.parametrize("name", [each.name for each in fields(RunMessage)])
def test_no_field_of_a_sealed_message_opens_what_min_age_and_protect_keep(name: str) -> None:
    for value in VALUES:
        made = environment()
        wire = json.loads(first(made).to_body()) | {name: value}
        deliver(made, SEAL.seal(json.dumps(wire)))
        assert [each for each in broken(made) if not each[0].startswith("the_limit")] == []
