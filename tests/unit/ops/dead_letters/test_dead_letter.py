"""Dead letters are read in every form in which they land, and whatever they are, they are shown."""

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.core.seal import Seal, SealKey
from functions.retention.policy.model import MESSAGE_VERSION
from functions.retention.runs.worker import MAX_ATTEMPTS
from ops.dead_letters.dead_letter import plain_text, read_dead_letter
from ops.names import ROOT
from tests.examples import examples

EVENTS = ROOT / "events"
SEAL = Seal(SealKey(bytes(range(32))), region="cn-hangzhou", account_id="1234567890123456", queue="work")
MESSAGE = {
    "version": MESSAGE_VERSION,
    "run": "d47cd463323d3eb14a1947d7cc4a763b",
    "file_system": "1ca404a5e2",
    "trigger": "sweep",
    "mode": "dry-run",
    "digest": "0cb63466c2777dae8ebca846eb0dca1eeb9d0e46d0d374b0b4740e14ef064a60",
    "as_of": 1790015400.0,
    "not_after": 1790620200.0,
    "sent_at": 1790015400.0,
    "send_id": "d47cd463323d",
}
BEFORE, AFTER = 1790620199.0, 1790620200.0


def sealed(**changes: object) -> str:
    return SEAL.seal(json.dumps({**MESSAGE, **changes}))


BODY = sealed()


def batch(*bodies: str) -> str:
    return json.dumps([{"specversion": "1.0", "data": {"messageBody": body}} for body in bodies])


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
    letter = read_dead_letter(SEAL.seal(json.dumps({"version": MESSAGE_VERSION, "run": 7})))
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
    letter = read_dead_letter(sealed(attempt=MAX_ATTEMPTS))
    assert letter.form == "message"
    assert "on record as failed" in letter.obstacle(BEFORE)


@pytest.mark.parametrize("event", [BODY, batch(BODY), json.dumps({"TopicName": "t", "Message": BODY})])
def test_a_wrapper_shows_the_error_and_the_messages_of_its_event(event: str) -> None:
    letter = read_dead_letter(wrapper(event))
    assert (letter.form, len(letter.messages)) == ("wrapper", 1)
    assert letter.why == "nas-retention-purge was given up after about 4 tries (RetriesExhausted): CloudError: no"


def test_a_wrapper_tells_of_bodies_in_it_that_are_no_messages() -> None:
    letter = read_dead_letter(wrapper(batch(BODY, json.dumps(MESSAGE))))
    assert len(letter.messages) == 1
    assert "of its 2 bodies 1 parse to no message" in letter.why


def test_a_wrapper_of_a_sweep_has_nothing_to_send_again() -> None:
    letter = read_dead_letter(wrapper((EVENTS / "timer.json").read_text()))
    assert letter.messages == ()
    assert "next sweep" in letter.obstacle(BEFORE)


def test_a_wrapper_without_a_response_names_what_the_platform_knew() -> None:
    assert read_dead_letter(wrapper("{}", response="")).why.endswith(": UnhandledInvocationError")


def test_what_is_sent_again_is_the_sealed_body_verbatim() -> None:
    body = sealed(attempt=3)
    assert [each for _, each in read_dead_letter(wrapper(batch(body))).live(BEFORE)] == [body]
    assert [each for _, each in read_dead_letter(body).live(BEFORE)] == [body]
    assert read_dead_letter(body).live(AFTER) == []


def test_a_message_without_a_seal_would_be_refused_again() -> None:
    letter = read_dead_letter(json.dumps(MESSAGE))
    assert (letter.form, letter.messages) == ("unsealed", ())
    assert "no seal" in letter.obstacle(BEFORE)


@pytest.mark.parametrize("wrap", [str, wrapper, lambda body: wrapper(batch(body))], ids=["bare", "wrapper", "batch"])
def test_a_refused_request_may_be_sent_again_verbatim(wrap: Callable[[str], str]) -> None:
    body = '{"request": "purge",  "id": "job-17"}'
    letter = read_dead_letter(wrap(body))
    assert letter.obstacle(AFTER) == ""
    assert letter.live(AFTER) == [("request job-17", body)]


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
