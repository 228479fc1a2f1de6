"""Asynchronous invocations: delays, retries, throttling, age, tasks and destinations."""

import json
from pathlib import Path

import pytest

from aliyun_fakes.fc import FcError, FcSettings
from tests.unit.aliyun_fakes.fc.stage import START, Document, Stage, rewritten


def order(do: str, seconds: float = 0) -> bytes:
    return json.dumps({"do": do, "seconds": seconds}).encode()


def patient(document: Document) -> None:
    """Give ``act`` three attempts and a destination for either outcome."""
    config = document["resources"]["task"]["props"]["asyncInvokeConfig"]
    document["resources"]["act"]["props"]["asyncInvokeConfig"] = {**config, "asyncTask": False}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(rewritten(tmp_path, patient), settings=FcSettings(cold_start=0.0))


def test_an_accepted_invocation_runs_when_somebody_plays(stage: Stage) -> None:
    request_id = stage.host.invoke_async("echo", b"hi")
    assert stage.host.invocations == []
    assert not stage.host.idle
    assert stage.host.run_until_idle()
    (record,) = stage.host.invocations
    assert (record.request_id, record.trigger, record.outcome) == (request_id, "async", "success")


def test_a_delay_is_waited_for(stage: Stage) -> None:
    stage.host.invoke_async("echo", b"", delay=3600)
    stage.host.run_until_idle()
    assert [record.start for record in stage.runs_of("echo")] == [START + 3600]


@pytest.mark.parametrize("deed", ["raise", "crash", "exit"])
def test_what_fails_is_tried_again_until_its_attempts_are_used_up(stage: Stage, deed: str) -> None:
    request_id = stage.host.invoke_async("act", order(deed, seconds=5))
    stage.host.run_until_idle()
    records = stage.host.invocations
    assert [record.attempt for record in records] == [0, 1, 2]
    assert {record.request_id for record in records} == {request_id}
    assert [record.start - START for record in records] == [0, 15, 30]


def test_a_time_out_is_tried_again_like_any_failure(stage: Stage) -> None:
    stage.host.invoke_async("act", order("none", seconds=99))
    stage.host.run_until_idle()
    assert [record.outcome for record in stage.host.invocations] == ["timeout"] * 3


@pytest.mark.parametrize("deed", ["fail-first", "crash-first"])
def test_a_handler_learns_from_retry_count_as_text_that_it_runs_again(stage: Stage, deed: str) -> None:
    stage.host.invoke_async("act", order(deed))
    stage.host.run_until_idle()
    assert [record.outcome for record in stage.host.invocations][1:] == ["success"]
    assert stage.host.invocations[-1].payload == b"second"


def test_three_retries_are_the_default(stage: Stage) -> None:
    stage.host.invoke_async("missing", b"")
    stage.host.run_until_idle()
    assert len(stage.runs_of("missing")) == 4


def test_a_failure_is_told_to_its_destination(stage: Stage) -> None:
    request_id = stage.host.invoke_async("act", order("raise"))
    stage.host.run_until_idle()
    (text,) = stage.letters()
    letter = json.loads(text)
    told = json.loads(letter.pop("responsePayload"))
    assert letter == {
        "timestamp": round(stage.clock.now() * 1000),
        "requestContext": {
            "requestId": request_id,
            "functionArn": "acs:fc:cn-hangzhou:1234567890123456:functions/act",
            "condition": "UnhandledInvocationError",
            "approximateInvokeCount": 3,
        },
        "requestPayload": order("raise").decode(),
        "responseContext": {"statusCode": 200, "functionError": "UnhandledInvocationError"},
    }
    assert told["errorType"] == "ValueError"


def test_a_success_is_told_to_its_destination(stage: Stage) -> None:
    stage.host.invoke_async("act", order("text"))
    stage.host.run_until_idle()
    (text,) = stage.letters()
    letter = json.loads(text)
    assert (letter["responsePayload"], letter["requestContext"]["condition"]) == ("grüße", "")


def test_a_message_to_a_destination_that_is_gone_is_recorded_as_undelivered(stage: Stage) -> None:
    stage.smq.delete_queue("toys-dead")
    stage.host.invoke_async("act", order("text"))
    stage.host.run_until_idle()
    (lost,) = stage.host.undelivered
    assert lost.queue == "toys-dead"
    assert lost.reason.startswith("404 QueueNotExist")


def test_letters_can_be_written_in_base64(tmp_path: Path) -> None:
    stage = Stage(rewritten(tmp_path, patient), settings=FcSettings(destination_base64=True))
    stage.host.invoke_async("act", order("text"))
    stage.host.run_until_idle()
    assert not stage.letters()[0].startswith("{")


def test_a_throttled_invocation_waits_half_a_second_then_twice_as_long_and_costs_nothing(stage: Stage) -> None:
    for _ in range(3):
        stage.host.invoke_async("task", order("text", seconds=4))
    stage.host.run_until_idle()
    records = stage.host.invocations
    assert [record.start - START for record in records] == [0, 0, 0.5 + 1 + 2 + 4]
    assert [record.attempt for record in records] == [0, 0, 0]


def test_a_throttled_invocation_is_given_up_after_hours(tmp_path: Path) -> None:
    def never(document: Document) -> None:
        document["resources"]["task"]["props"]["concurrencyConfig"]["reservedConcurrency"] = 0

    stage = Stage(rewritten(tmp_path, never), settings=FcSettings(throttled_patience=100.0))
    stage.host.invoke_async("task", order("text"), task_id="t")
    stage.host.run_until_idle()
    letter = json.loads(stage.letters()[0])
    assert letter["requestContext"]["condition"] == "ResourceExhausted"
    assert letter["requestContext"]["approximateInvokeCount"] == 0
    assert stage.host.task_status("task", "t") == "Failed"
    assert stage.host.invocations == []


def test_an_invocation_that_became_too_old_is_not_tried_any_more(tmp_path: Path) -> None:
    def hurried(document: Document) -> None:
        document["resources"]["task"]["props"]["asyncInvokeConfig"]["maxAsyncEventAgeInSeconds"] = 20

    stage = Stage(rewritten(tmp_path, hurried))
    stage.host.invoke_async("task", order("raise", seconds=25), task_id="t")
    stage.host.run_until_idle()
    assert len(stage.host.invocations) == 1
    letter = json.loads(stage.letters()[0])
    assert letter["requestContext"]["condition"] == "EventAgeExceeded"
    assert letter["requestContext"]["approximateInvokeCount"] == 1
    assert stage.host.task_status("task", "t") == "Expired"


def test_a_task_id_is_taken_once(stage: Stage) -> None:
    stage.host.invoke_async("task", order("text"), task_id="run-1")
    with pytest.raises(FcError, match=r"StatefulAsyncInvocationAlreadyExists.*run-1"):
        stage.host.invoke_async("task", order("text"), task_id="run-1")
    stage.host.run_until_idle()
    with pytest.raises(FcError, match="StatefulAsyncInvocationAlreadyExists"):
        stage.host.invoke_async("task", order("text"), task_id="run-1")
    assert len(stage.host.invocations) == 1


def test_without_task_mode_nothing_is_told_apart(stage: Stage) -> None:
    for _ in range(2):
        stage.host.invoke_async("echo", b"", task_id="run-1")
    stage.host.run_until_idle()
    assert len(stage.host.invocations) == 2


def test_a_tasks_state_can_be_followed(stage: Stage) -> None:
    stage.host.invoke_async("task", order("fail-first", seconds=5), delay=10, task_id="t")
    seen = []
    for moment in (5, 12, 18, 27, 40):
        stage.host.run_until(START + moment)
        seen.append(stage.host.task_status("task", "t"))
    assert seen == ["Enqueued", "Running", "Retrying", "Running", "Succeeded"]
    assert stage.host.task_status("task", "unknown") is None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"delay": 3601}, "not between 0 and 3600"),
        ({"delay": -1}, "not between 0 and 3600"),
        ({"task_id": "1-begins-with-a-digit"}, "does not match"),
        ({"task_id": "a" * 129}, "does not match"),
    ],
)
def test_what_is_out_of_range_is_refused(stage: Stage, arguments: dict[str, str | float], problem: str) -> None:
    with pytest.raises(FcError, match=f"InvalidArgument.*{problem}"):
        stage.host.invoke_async("task", b"{}", **arguments)  # type: ignore[arg-type]  # names choose the types
    assert stage.host.idle


def test_an_event_has_128_kilobytes_at_most(stage: Stage) -> None:
    stage.host.invoke_async("echo", b"x" * 131_072)
    with pytest.raises(FcError, match=r"EntityTooLarge.*131072"):
        stage.host.invoke_async("echo", b"x" * 131_073)
