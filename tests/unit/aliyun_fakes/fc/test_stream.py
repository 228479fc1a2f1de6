"""From a queue to its function, under both readings of ``asyncInvocationType`` and every fault of delivery."""

import base64
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aliyun_fakes.fc import DeliveryFaults, FcSettings, InvocationRecord
from aliyun_fakes.fc.host import Delivery
from tests.unit.aliyun_fakes.fc.stage import START, Document, Stage, rewritten

READINGS = pytest.mark.parametrize("reading", ["serial", "concurrent"])


def trigger_of(document: Document) -> Any:  # noqa: ANN401 - YAML without a schema
    return document["resources"]["work"]["props"]["triggers"][0]["triggerConfig"]


def run_options(**options: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        trigger_of(document)["runOptions"].update(options)

    return change


def faulty(**faults: float | frozenset[int]) -> FcSettings:
    return FcSettings(cold_start=0.0, delivery_faults=DeliveryFaults(**faults))  # type: ignore[arg-type]  # by name


def overlap(first: InvocationRecord, second: InvocationRecord) -> bool:
    return first.start < second.end and second.start < first.end


@READINGS
def test_messages_arrive_together_and_are_deleted_afterwards(reading: Delivery) -> None:
    stage = Stage(async_invocation=reading)
    stage.send("a", "b", "c")
    assert stage.host.run_until_idle()
    assert stage.batches() == [["a", "b", "c"]]
    assert stage.work.messages() == []
    assert stage.letters() == []


def test_an_event_is_an_array_of_cloud_events_even_of_one(tmp_path: Path) -> None:
    def show(document: Document) -> None:
        document["resources"]["work"]["props"]["handler"] = "handlers.echo"

    stage = Stage(rewritten(tmp_path, show))
    stage.send("grüße")
    message_id = stage.work.messages()[0].id
    stage.host.run_until_idle()
    (event,) = json.loads(json.loads(stage.host.invocations[0].payload)["event"])
    event_id, data, published = event.pop("id"), event.pop("data"), event.pop("aliyunpublishtime")
    assert event == {
        "source": "MNS-work-feed",
        "specversion": "1.0",
        "type": "mns:Queue:SendMessage",
        "datacontenttype": "application/json; charset=utf-8",
        "subject": "acs:mns:cn-hangzhou:1234567890123456:queues/toys-work",
        "time": "2026-09-21T14:13:20.000Z",
        "aliyunaccountid": "1234567890123456",
        "aliyunoriginalaccountid": "1234567890123456",
        "aliyuneventbusname": "MNS-work-feed",
        "aliyunregionid": "cn-hangzhou",
        "aliyunpublishaddr": "42.120.0.1",
    }
    assert event_id
    assert "2026-09-21T14:13:23" <= published <= "2026-09-21T14:13:25.999Z"
    assert (data["messageId"], data["messageBody"]) == (message_id, "grüße")
    assert data["requestId"]


@pytest.mark.parametrize(
    ("wire", "decode", "body"),
    [
        ("Z3LDvMOfZQ==", True, "grüße"),
        ("Z3LDvMOfZQ==", False, "Z3LDvMOfZQ=="),
        ("not base64", True, "not base64"),
        ("\ufeff你好", True, "\ufeff你好"),
    ],
)
def test_a_body_is_decoded_if_asked_for_and_possible(tmp_path: Path, wire: str, decode: bool, body: str) -> None:  # noqa: FBT001 - a parameter set
    def choose(document: Document) -> None:
        trigger_of(document)["eventSourceConfig"]["eventSourceParameters"]["sourceMNSParameters"]["IsBase64Decode"] = (
            decode
        )

    stage = Stage(rewritten(tmp_path, choose))
    stage.work.send(wire)
    stage.host.run_until_idle()
    assert stage.batches() == [[body]]


def test_delivery_takes_one_to_three_seconds_beyond_the_window() -> None:
    stage = Stage(settings=FcSettings(cold_start=0.0))
    waits = []
    for n in range(20):
        sent = stage.clock.now()
        stage.send(str(n))
        stage.host.run_until_idle()
        waits.append(stage.runs_of("work")[-1].start - sent)
    assert all(2 + 1 <= wait <= 2 + 3 for wait in waits)
    assert max(waits) - min(waits) > 1


def test_a_window_closes_when_it_is_full() -> None:
    stage = Stage(async_invocation="concurrent", settings=FcSettings(cold_start=0.0))
    stage.send(*"abcdef")
    stage.host.run_until_idle()
    full, rest = sorted(stage.runs_of("work"), key=lambda record: -len(record.payload))
    assert (json.loads(full.payload), json.loads(rest.payload)) == (["a", "b", "c", "d"], ["e", "f"])
    assert START + 1 <= full.start <= START + 3
    assert START + 3 <= rest.start <= START + 5


def test_a_window_closes_when_its_time_is_over() -> None:
    stage = Stage(settings=FcSettings(cold_start=0.0))
    stage.send("a")
    stage.send("b", delay=1)
    stage.send("c", delay=3)
    stage.host.run_until_idle()
    assert stage.batches() == [["a", "b"], ["c"]]


def test_a_window_of_no_seconds_sends_at_once(tmp_path: Path) -> None:
    change = run_options(batchWindow={"CountBasedWindow": 10, "TimeBasedWindow": 0})
    stage = Stage(rewritten(tmp_path, change), settings=FcSettings(cold_start=0.0))
    stage.send("a", "b")
    stage.host.run_until_idle()
    assert stage.batches() == [["a", "b"]]
    assert START + 1 <= stage.runs_of("work")[0].start <= START + 3


def test_a_delayed_message_is_delivered_when_it_becomes_visible() -> None:
    stage = Stage()
    stage.send("later", delay=5000)
    assert not stage.host.idle
    stage.host.run_until_idle()
    assert 5003 <= stage.runs_of("work")[0].start - START <= 5008


def test_serially_a_batch_waits_for_the_one_before() -> None:
    stage = Stage(async_invocation="serial")
    stage.send("sleep 50", "a", "b", "c", "d")
    stage.host.run_until_idle()
    first, second = stage.runs_of("work")
    assert second.start > first.end
    assert len(stage.batches()) == 2


def test_concurrently_a_batch_does_not_wait_for_the_one_before() -> None:
    stage = Stage(async_invocation="concurrent")
    stage.send("sleep 50", "a", "b", "c", "sleep 50")
    stage.host.run_until_idle()
    first, second = stage.runs_of("work")
    assert overlap(first, second)


def test_the_other_value_of_the_switch_is_the_other_reading(tmp_path: Path) -> None:
    def flip(document: Document) -> None:
        trigger_of(document)["asyncInvocationType"] = True

    stage = Stage(rewritten(tmp_path, flip), async_invocation="serial")
    stage.send("sleep 50", "a", "b", "c", "sleep 50")
    stage.host.run_until_idle()
    assert overlap(*stage.runs_of("work"))


def test_serially_a_message_is_deleted_only_after_success() -> None:
    stage = Stage(async_invocation="serial")
    stage.send("sleep 50")
    stage.host.run_until(START + 30)
    assert len(stage.work.messages()) == 1
    stage.host.run_until_idle()
    assert stage.work.messages() == []


def test_concurrently_a_message_is_deleted_once_accepted() -> None:
    stage = Stage(async_invocation="concurrent")
    stage.send("sleep 50")
    stage.host.run_until(START + 30)
    assert stage.work.messages() == []
    assert stage.host.invocations == []


def test_serially_a_failing_batch_has_four_tries_ten_to_twenty_seconds_apart_then_its_bodies_are_dead_letters() -> None:
    stage = Stage(async_invocation="serial")
    stage.send("a", "fail")
    stage.host.run_until_idle()
    records = stage.runs_of("work")
    assert len(records) == 4
    gaps = [later.start - earlier.end for earlier, later in itertools.pairwise(records)]
    assert all(10 <= gap <= 20 for gap in gaps)
    assert len({record.request_id for record in records}) == 4
    assert sorted(base64.b64decode(body) for body in stage.letters()) == [b"a", b"fail"]
    assert stage.work.messages() == []


def test_concurrently_the_functions_own_retries_count_and_its_destination_gets_the_batch() -> None:
    stage = Stage(async_invocation="concurrent")
    stage.send("a", "fail")
    stage.host.run_until_idle()
    records = stage.runs_of("work")
    assert [record.attempt for record in records] == [0, 1]
    assert len({record.request_id for record in records}) == 1
    (text,) = stage.letters()
    quoted = json.loads(json.loads(text)["requestPayload"])
    assert [event["data"]["messageBody"] for event in quoted] == ["a", "fail"]


def test_serially_no_retry_count_is_given() -> None:
    stage = Stage(async_invocation="serial")
    stage.send("fail-once")
    stage.host.run_until_idle()
    assert len(stage.runs_of("work")) == 4
    assert len(stage.letters()) == 1


def test_concurrently_the_second_attempt_knows_that_it_is_one() -> None:
    stage = Stage(async_invocation="concurrent")
    stage.send("fail-once")
    stage.host.run_until_idle()
    assert [record.outcome for record in stage.runs_of("work")] == ["error", "success"]
    assert stage.letters() == []


def test_without_a_dead_letter_queue_what_failed_is_dropped(tmp_path: Path) -> None:
    stage = Stage(rewritten(tmp_path, run_options(deadLetterQueue=None)))
    stage.send("fail")
    stage.host.run_until_idle()
    assert (stage.letters(), stage.work.messages()) == ([], [])


def test_without_tolerance_the_stream_stops_at_what_failed_for_good(tmp_path: Path) -> None:
    stage = Stage(rewritten(tmp_path, run_options(errorsTolerance="NONE")))
    stage.send("fail", "a", "b", "c")
    stage.send("never seen")
    assert stage.host.run_until_idle()
    assert stage.host.streams["feed"].stopped
    assert stage.batches() == []
    assert len(stage.work.messages()) == 5


def test_none_is_the_default_tolerance(tmp_path: Path) -> None:
    def leave_out(document: Document) -> None:
        del trigger_of(document)["runOptions"]["errorsTolerance"]

    stage = Stage(rewritten(tmp_path, leave_out))
    stage.send("fail")
    stage.host.run_until_idle()
    assert stage.host.streams["feed"].stopped


def test_exponential_decay_tries_176_times_within_a_day_and_a_bit(tmp_path: Path) -> None:
    change = run_options(retryStrategy={"PushRetryStrategy": "EXPONENTIAL_DECAY_RETRY"})
    stage = Stage(rewritten(tmp_path, change), visibility=43_200, settings=FcSettings(cold_start=0.0))
    stage.send("fail")
    stage.host.run_until(lambda: len(stage.letters()) > 0)
    records = stage.runs_of("work")
    gaps = [round(later.start - earlier.end) for earlier, later in itertools.pairwise(records)]
    assert gaps[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]
    assert gaps.count(512) == 167
    assert len(records) == 177


def test_a_disabled_trigger_moves_nothing(tmp_path: Path) -> None:
    def disable(document: Document) -> None:
        trigger_of(document)["triggerEnable"] = False

    stage = Stage(rewritten(tmp_path, disable))
    stage.send("a")
    stage.host.run_until(START + 100)
    assert len(stage.work.messages()) == 1


def test_a_message_not_processed_within_its_visibility_comes_again() -> None:
    stage = Stage(visibility=20, async_invocation="serial")
    stage.send("sleep 30")
    stage.host.run_until(START + 60)
    assert stage.host.streams["feed"].late == 1
    assert len(stage.work.messages()) == 1
    stage.host.run_until(START + 100)
    assert len(stage.batches()) == 2


def test_serially_the_stream_waits_for_an_answer_five_minutes_at_most(tmp_path: Path) -> None:
    def slow(document: Document) -> None:
        document["resources"]["work"]["props"]["timeout"] = 600

    stage = Stage(rewritten(tmp_path, slow), visibility=10_000, settings=FcSettings(cold_start=0.0))
    stage.send("sleep 400")
    stage.host.run_until_idle()
    records = stage.runs_of("work")
    assert [record.outcome for record in records] == ["success"] * 4
    assert all(310 <= later.start - earlier.start <= 320 for earlier, later in itertools.pairwise(records))
    assert len(stage.letters()) == 1


def test_serially_a_time_out_is_a_failure() -> None:
    stage = Stage(async_invocation="serial", visibility=2000)
    stage.send("sleep 61")
    stage.host.run_until_idle()
    assert [record.outcome for record in stage.runs_of("work")] == ["timeout"] * 4
    assert len(stage.letters()) == 1


def test_serially_a_throttled_push_counts_as_a_failed_try(tmp_path: Path) -> None:
    def none_left(document: Document) -> None:
        document["resources"]["work"]["props"]["concurrencyConfig"] = {"reservedConcurrency": 0}

    stage = Stage(rewritten(tmp_path, none_left), async_invocation="serial")
    stage.send("a")
    stage.host.run_until_idle()
    assert (len(stage.letters()), stage.host.invocations) == (1, [])
    assert 30 <= stage.clock.now() - START <= 65


def test_a_duplicate_runs_beside_the_original_on_another_instance() -> None:
    stage = Stage(settings=faulty(duplicate=frozenset({1}), duplicate_after=0.0))
    stage.send("sleep 5")
    stage.send("b", delay=60)
    stage.host.run_until_idle()
    first, duplicate, second = stage.runs_of("work")
    assert [first.trigger, duplicate.trigger, second.trigger] == ["queue:feed", "duplicate:feed", "queue:feed"]
    assert overlap(first, duplicate)
    assert first.start == duplicate.start
    assert (first.cold, duplicate.cold) == (True, True)
    assert stage.work.messages() == []


@READINGS
def test_a_held_back_message_is_overtaken_and_still_arrives(reading: Delivery) -> None:
    settings = faulty(reorder=frozenset({1}), reorder_hold=40.0)
    stage = Stage(settings=settings, async_invocation=reading)
    stage.send("first", "second")
    stage.send("third", delay=10)
    stage.host.run_until_idle()
    assert stage.batches() == [["second"], ["third"], ["first"]]
    assert stage.work.messages() == []


def test_a_dropped_batch_is_deleted_and_never_runs() -> None:
    stage = Stage(settings=faulty(drop=frozenset({1})))
    stage.send("lost")
    stage.send("kept", delay=30)
    stage.host.run_until_idle()
    assert stage.batches() == [["kept"]]
    assert stage.work.messages() == []


def test_faults_by_chance_follow_the_seed() -> None:
    def labels(seed: int) -> list[str]:
        stage = Stage(settings=faulty(duplicate=0.5), seed=seed)
        for n in range(8):
            stage.send("x", delay=60 * n)
        stage.host.run_until_idle()
        return [record.trigger for record in stage.runs_of("work")]

    assert labels(1) == labels(1)
    assert {"queue:feed", "duplicate:feed"} == set(labels(1))
    assert len({tuple(labels(seed)) for seed in range(4)}) > 1


@READINGS
def test_a_crash_ends_the_attempt_without_a_reply_and_is_tried_again(tmp_path: Path, reading: Delivery) -> None:
    def crash(document: Document) -> None:
        document["resources"]["work"]["props"]["handler"] = "handlers.stumble"

    stage = Stage(rewritten(tmp_path, crash), async_invocation=reading)
    stage.send("a")
    stage.host.run_until_idle()
    records = stage.runs_of("work")
    assert {record.outcome for record in records} == {"crash"}
    assert len(records) == {"serial": 4, "concurrent": 2}[reading]
    assert all(record.cold for record in records)


@READINGS
def test_the_same_seed_plays_the_same_history(reading: Delivery) -> None:
    def history() -> list[InvocationRecord]:
        stage = Stage(async_invocation=reading, settings=faulty(duplicate=0.3, reorder=0.3), seed=5)
        stage.send("a", "fail", "sleep 3", "b", "c")
        stage.host.run_until_idle()
        return [record for record in stage.runs_of("work") if record.outcome == "success"]

    assert history() == history()
