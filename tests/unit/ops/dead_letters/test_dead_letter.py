"""Dead letters are read in every form in which they land, and whatever they are, they are shown."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.runs.worker import MAX_ATTEMPTS
from ops.dead_letters.dead_letter import plain_text, read_dead_letter
from ops.names import ROOT
from tests.examples import examples

EVENTS = ROOT / "events"
BODY = json.dumps(json.loads((EVENTS / "purge-message.json").read_text()))
MESSAGE = json.loads(BODY)
BEFORE, AFTER = MESSAGE["not_after"] - 1, MESSAGE["not_after"]


def wrapper(event: str, *, response: object = None, **context: object) -> str:
    return json.dumps(
        {
            "timestamp": 1,
            "requestContext": {
                "requestId": "r",
                "functionArn": "acs:fc:cn-hangzhou:1234567890123456:functions/nas-retention-purge",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 4,
                **context,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "functionError": "UnhandledInvocationError"},
            "responsePayload": response if response is not None else '{"errorMessage":"no","errorType":"CloudError"}',
        }
    )


def test_a_poison_body_says_what_is_wrong_with_it() -> None:
    letter = read_dead_letter('{"version": 2, "run": 7}')
    assert letter.form == "poison"
    assert "file_system" in letter.why
    assert letter.obstacle(BEFORE)


def test_an_original_of_the_event_stream_may_be_sent_again_until_its_run_is_over() -> None:
    letter = read_dead_letter(BODY)
    assert (letter.form, len(letter.messages)) == ("message", 1)
    assert "event stream" in letter.why
    assert letter.obstacle(BEFORE) == ""
    assert "time is over" in letter.obstacle(AFTER)


def test_what_the_queue_itself_buried_says_so() -> None:
    assert "delivered it too often" in read_dead_letter(BODY, {"DLQMessageType": "MaxReceiveCountExceeded"}).why


def test_what_purge_gave_up_would_end_at_once() -> None:
    letter = read_dead_letter(json.dumps({**MESSAGE, "attempt": MAX_ATTEMPTS}))
    assert letter.form == "message"
    assert "on record as failed" in letter.obstacle(BEFORE)


@pytest.mark.parametrize("event", ["purge-queue-single", "purge-queue-raw-data", "purge-topic"])
def test_a_wrapper_shows_the_error_and_the_messages_of_its_event(event: str) -> None:
    letter = read_dead_letter(wrapper((EVENTS / f"{event}.json").read_text()))
    assert (letter.form, len(letter.messages)) == ("wrapper", 1)
    assert letter.why == "nas-retention-purge was given up after about 4 tries (RetriesExhausted): CloudError: no"


def test_a_wrapper_tells_of_bodies_in_it_that_are_no_messages() -> None:
    letter = read_dead_letter(wrapper((EVENTS / "purge-queue-batch.json").read_text()))
    assert len(letter.messages) == 1
    assert "of its 2 bodies 1 parse to no message" in letter.why


def test_a_wrapper_of_a_sweep_has_nothing_to_send_again() -> None:
    letter = read_dead_letter(wrapper((EVENTS / "timer.json").read_text()))
    assert letter.messages == ()
    assert "next sweep" in letter.obstacle(BEFORE)


def test_a_wrapper_without_a_response_names_what_the_platform_knew() -> None:
    assert read_dead_letter(wrapper("{}", response="")).why.endswith(": UnhandledInvocationError")


def test_attempts_begin_anew_when_it_is_sent_again() -> None:
    letter = read_dead_letter(wrapper(json.dumps({**MESSAGE, "attempt": 3})))
    assert [message.attempt for message in letter.live(BEFORE)] == [0]
    assert letter.live(AFTER) == []


@pytest.mark.parametrize("text", ["{}", '{"a": "ü"}', BODY, "plain text"])
def test_bodies_are_read_as_base64_and_as_they_are(text: str) -> None:
    assert plain_text(base64.b64encode(text.encode()).decode()) == text
    assert plain_text(text) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@examples(60)
@given(
    st.fixed_dictionaries(
        {"requestContext": JSON, "requestPayload": JSON}, optional={"responsePayload": JSON, "responseContext": JSON}
    )
)
def test_no_wrapper_is_too_odd_to_be_shown(content: dict[str, object]) -> None:
    letter = read_dead_letter(json.dumps(content))
    assert letter.form == "wrapper"
    assert letter.obstacle(BEFORE)


@examples(60)
@given(st.text(max_size=50))
def test_no_body_is_too_odd_to_be_shown(body: str) -> None:
    assert read_dead_letter(plain_text(body)).why
