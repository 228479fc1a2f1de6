"""s.yaml: valid for our own strict models and for the vendor's schema, and in step with the code it deploys."""

import base64
import copy
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from aliyun_fakes.core.ids import Ids
from aliyun_fakes.fc import Deployment, FcSettings, FunctionProps, InvocationResult, load_deployment
from aliyun_fakes.fc.events import StreamEvents, destination_body
from aliyun_fakes.fc.host import Delivery
from aliyun_fakes.fc.results import error_body
from aliyun_fakes.smq.values import Message
from deployment.variables import Resolver
from functions.retention.audit.ledger import LONGEST_SLICE, VISIBILITY, alive_until
from functions.retention.cloud.settings import read_settings
from functions.retention.runs.message import MAX_BYTES
from functions.retention.runs.sweep import MINUTE, begins_in
from tests.unit.aliyun_fakes.fc.stage import TOYS, Stage

ROOT = Path(__file__).parents[2]
S_YAML = ROOT / "s.yaml"
ACCOUNT = "1234567890123456"
READINGS = pytest.mark.parametrize("reading", ["serial", "concurrent"])
RETRIES, LONGEST_WAIT = 3, 20.0  # of BACKOFF_RETRY
COLD_START = 10.0  # a generous guess; the vendor publishes none


def raw() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(S_YAML.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def deployment() -> Deployment:
    return load_deployment(S_YAML, environ={}, account_id=ACCOUNT)


@pytest.fixture(scope="module")
def purge(deployment: Deployment) -> FunctionProps:
    return deployment.functions["nas-retention-purge"]


def test_it_deploys_a_timer_a_queue_trigger_and_a_function_for_people(deployment: Deployment) -> None:
    handlers = {name: function.handler for name, function in deployment.functions.items()}
    assert handlers == {
        "nas-retention-sweep": "functions/sweep.handler",
        "nas-retention-purge": "functions/purge.handler",
        "nas-retention-console": "functions/console.handler",
    }
    sweep, purge, console = deployment.functions.values()
    assert [len(function.timers) for function in (sweep, purge, console)] == [1, 0, 0]
    assert [len(function.streams) for function in (sweep, purge, console)] == [0, 1, 0]


def test_the_region_can_be_chosen() -> None:
    chosen = load_deployment(S_YAML, environ={"NAS_RETENTION_REGION": "cn-beijing"}, account_id=ACCOUNT)
    assert {function.region for function in chosen.functions.values()} == {"cn-beijing"}
    assert chosen.functions["nas-retention-purge"].streams[0].source.region_id == "cn-beijing"


def test_no_account_number_and_no_key_is_in_it() -> None:
    text = S_YAML.read_text(encoding="utf-8")
    assert not re.search(r"\d{12}|LTAI", text)
    assert "${config('AccountID')}" in text


def numbers(value: object, where: str = "resources") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from numbers(item, f"{where}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from numbers(item, f"{where}[]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield where


def test_every_number_is_a_variable() -> None:
    assert list(numbers(raw()["resources"])) == []


class Watched(Mapping[str, str]):
    """An environment that remembers what was asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


IDENTITY = SimpleNamespace(
    credentials=SimpleNamespace(access_key_id="key", access_key_secret="secret", security_token="token"),
    region="cn-hangzhou",
    account_id=ACCOUNT,
)


def test_the_functions_settings_are_read_from_it_and_nothing_is_set_in_vain(deployment: Deployment) -> None:
    for function in deployment.functions.values():
        environ = Watched(function.environment_variables)
        settings = read_settings(environ, IDENTITY)
        assert set(environ) - environ.read == {"PYTHONPATH"}
        assert settings.work_queue == deployment.functions["nas-retention-purge"].streams[0].queue_name
        assert settings.dead_letter_queue == function_letters(deployment)
        assert settings.policies_file == ROOT / "functions/policies.yaml"


def function_letters(deployment: Deployment) -> str:
    """The one queue that all letters of the platform go to."""
    (name,) = {arn.name for function in deployment.functions.values() for arn in function.letter_queues}
    return name


def test_functions_are_told_how_many_instances_to_expect_and_that_many_may_run(
    deployment: Deployment, purge: FunctionProps
) -> None:
    assert purge.concurrency_config is not None
    for function in deployment.functions.values():
        told = read_settings(function.environment_variables, IDENTITY).concurrent_invocations
        assert 1 <= told <= purge.concurrency_config.reserved_concurrency


def test_a_sweep_begins_whole_batches_and_leaves_most_instances_to_runs_that_go_on(
    deployment: Deployment, purge: FunctionProps
) -> None:
    pace = read_settings(deployment.functions["nas-retention-sweep"].environment_variables, IDENTITY).sweep_pace
    batch = purge.streams[0].trigger_config.run_options.batch_window.count
    assert pace % batch == 0
    assert purge.concurrency_config is not None
    at_work = math.ceil(purge.timeout / MINUTE) * pace // batch
    assert 2 * at_work <= purge.concurrency_config.reserved_concurrency


def test_a_slice_ends_before_the_event_stream_gives_up_on_it(purge: FunctionProps) -> None:
    _, longest_delivery = FcSettings().queue_latency
    assert purge.timeout + COLD_START + longest_delivery < LONGEST_SLICE
    assert FcSettings().push_timeout == LONGEST_SLICE


def test_serially_the_visibility_covers_every_attempt_at_a_batch(purge: FunctionProps) -> None:
    options = purge.streams[0].trigger_config.run_options
    assert options.retry_strategy.push_retry_strategy == "BACKOFF_RETRY"
    assert FcSettings().push_retry_delay[1] == LONGEST_WAIT
    _, longest_delivery = FcSettings().queue_latency
    attempts = (RETRIES + 1) * (purge.timeout + COLD_START) + RETRIES * LONGEST_WAIT
    assert options.batch_window.seconds + longest_delivery + attempts <= VISIBILITY


def test_concurrently_no_attempt_ends_after_its_run_is_taken_for_dead(purge: FunctionProps) -> None:
    age = purge.async_invoke_config.max_async_event_age_in_seconds
    assert age + purge.timeout + COLD_START <= alive_until(0.0)
    assert purge.async_invoke_config.max_async_retry_attempts == RETRIES


def test_the_largest_batch_fits_an_asynchronous_event_and_a_failures_letter(purge: FunctionProps) -> None:
    body = json.dumps({"narrowing": {"path": "x" * 40}, "progress": {"jobs": 1}, "n": 0.5}, separators=(",", ":"))
    body = (body * (MAX_BYTES // len(body) + 1))[:MAX_BYTES]
    count = purge.streams[0].trigger_config.run_options.batch_window.count
    events = StreamEvents(
        "MNS-nas-retention-purge-work", "nas-retention-work", region="cn-hangzhou", account_id=ACCOUNT,
        base64_decode=False, ids=Ids(1),
    )  # fmt: skip
    batch = [
        Message(id="0" * 32, body=body, priority=8, enqueued_at=0, expires_at=0, visible_at=0) for _ in range(count)
    ]
    event = events.array(batch, 0.0)
    failure = error_body("RetentionError", "x" * 500)
    letter = destination_body(
        InvocationResult("id", failure, "UnhandledInvocationError"),
        event,
        function_arn=f"acs:fc:cn-hangzhou:{ACCOUNT}:functions/nas-retention-purge",
        condition="UnhandledInvocationError",
        attempts=4,
        now=0.0,
    )
    assert len(event) < 128 * 1024
    assert len(base64.b64encode(letter.encode())) < 64 * 1024, "in whichever form the platform writes it"


def staged(folder: Path, handler: str) -> Path:
    """s.yaml with the toys' queues, and a toy in the place of purge."""
    for toy in ("handlers.py", "nested/worker.py"):
        target = folder / toy
        target.parent.mkdir(exist_ok=True)
        target.write_text((TOYS / toy).read_text(encoding="utf-8"), encoding="utf-8")
    document = raw()
    document["vars"] |= {"work_queue": "toys-work", "dead_letter_queue": "toys-dead"}
    document["resources"]["purge"]["props"]["handler"] = handler
    path = folder / "s.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@READINGS
def test_a_batch_that_always_times_out_is_tried_four_times_and_never_comes_again(
    tmp_path: Path, reading: Delivery
) -> None:
    stage = Stage(
        staged(tmp_path, "nested/worker.work"), visibility=round(VISIBILITY), async_invocation=reading,
        settings=FcSettings(cold_start=COLD_START),
    )  # fmt: skip
    stage.send("sleep 1000", "b")
    stage.host.run_until(lambda: stage.host.idle and bool(stage.letters()))
    outcomes = [record.outcome for record in stage.runs_of("nas-retention-purge")]
    assert outcomes == ["timeout"] * (RETRIES + 1)
    assert stage.work.messages() == []
    assert stage.host.streams["work"].late == 0
    assert len(stage.letters()) == {"serial": 2, "concurrent": 1}[reading]
    assert stage.host.undelivered == []


@READINGS
def test_a_slice_that_takes_its_whole_time_succeeds_once(tmp_path: Path, reading: Delivery) -> None:
    stage = Stage(
        staged(tmp_path, "nested/worker.work"), visibility=round(VISIBILITY), async_invocation=reading,
        settings=FcSettings(cold_start=COLD_START),
    )  # fmt: skip
    stage.send("sleep 239", "b")
    stage.host.run_until(lambda: stage.host.idle and bool(stage.host.invocations))
    assert [record.outcome for record in stage.runs_of("nas-retention-purge")] == ["success"]
    assert (stage.work.messages(), stage.letters()) == ([], [])


FLEET = 330


def swept(folder: Path, delay: Callable[[int], int]) -> tuple[int, int]:
    """Messages of a fleet whose slices take 195 s: how many of them were worked on, how many letters came.

    Args:
        folder: for the deployment.
        delay: of a message by its number, seconds.
    """
    stage = Stage(
        staged(folder, "nested/worker.work"), visibility=round(VISIBILITY), async_invocation="concurrent",
        settings=FcSettings(cold_start=COLD_START),
    )  # fmt: skip
    for number in range(FLEET):
        stage.work.send(base64.b64encode(b"sleep 32.5").decode(), delay(number))
    stage.host.run_until(lambda: stage.host.idle)
    done = [json.loads(record.payload) for record in stage.runs_of("nas-retention-purge") if not record.error]
    return sum(len(bodies) for bodies in done), len(stage.letters())


def test_concurrently_every_batch_of_a_sweep_over_hundreds_finds_an_instance(
    deployment: Deployment, tmp_path: Path
) -> None:
    pace = read_settings(deployment.functions["nas-retention-sweep"].environment_variables, IDENTITY).sweep_pace
    assert swept(tmp_path, lambda number: begins_in(number, pace)) == (FLEET, 0)


def test_concurrently_batches_that_all_come_at_once_wait_ever_longer_and_some_are_given_up(tmp_path: Path) -> None:
    done, letters = swept(tmp_path, lambda _: 0)
    assert done < FLEET
    assert letters > 0


@pytest.fixture(scope="module")
def vendor() -> dict[str, Any]:
    """The schema of the fc3 component, which is not ours to copy."""
    path = os.environ.get("FC3_SCHEMA")
    if not path:
        pytest.skip("set FC3_SCHEMA to a copy of fc3's src/schema.json")
    schema: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return schema


def closed(schema: object) -> Any:  # noqa: ANN401 - JSON
    """A schema that also refuses what it does not name, wherever it names anything."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(item) for name, item in schema.items()}
    return {"additionalProperties": False} | inner if inner.get("properties") else inner


def props() -> list[dict[str, Any]]:
    resolved: Any = Resolver(raw(), {}, ACCOUNT).resolve(raw(), "s.yaml")
    return [resource["props"] for resource in resolved["resources"].values()]


CONFIGS = {"timer": "ITimerTriggerConfig", "eventbridge": "IEventBridge"}


def problems(schema: dict[str, Any], instance: object, definition: str | None = None) -> list[str]:
    strict = copy.deepcopy(schema["definitions"][definition]) if definition else schema
    strict = closed(strict) | {"definitions": closed(schema["definitions"])}
    return [error.message for error in Draft7Validator(strict).iter_errors(instance)]


def test_the_vendors_schema_takes_every_function_and_knows_every_key(vendor: dict[str, Any]) -> None:
    for function in props():
        assert problems(vendor, function) == []


def test_the_vendors_schema_takes_each_triggers_own_configuration(vendor: dict[str, Any]) -> None:
    triggers = [trigger for function in props() for trigger in function.get("triggers", [])]
    assert sorted(trigger["triggerType"] for trigger in triggers) == ["eventbridge", "timer"]
    for trigger in triggers:
        assert problems(vendor, trigger["triggerConfig"], CONFIGS[trigger["triggerType"]]) == []


def test_the_vendors_schema_would_notice(vendor: dict[str, Any]) -> None:
    sweep, purge, _ = props()
    assert problems(vendor, sweep | {"memmorySize": 512})
    assert problems(vendor, sweep | {"memorySize": 500})
    assert problems(vendor, sweep["triggers"][0]["triggerConfig"] | {"enabled": True}, "ITimerTriggerConfig")
    config = purge["triggers"][0]["triggerConfig"]
    assert problems(vendor, {name: config[name] for name in config if name != "runOptions"}, "IEventBridge")
