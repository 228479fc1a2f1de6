"""Whatever an event is wrapped in, its messages come out; what has no known shape is a message itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from functions.retention.core.errors import EventError
from functions.retention.core.service_time import parse_service_time
from functions.retention.core.validation import validated
from functions.retention.runs.event import Delivery, unwrap, unwrap_one

BODY = '{"run":"r1"}'
CLOUD_EVENT = {"specversion": "1.0", "id": "1", "type": "mns:Queue:SendMessage"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["data", "messageBody", "body", "x"]), inner),
)


def as_event(content: object) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("event", "bodies"),
    [
        ([{**CLOUD_EVENT, "data": {"messageBody": BODY}}], [BODY]),
        ([{**CLOUD_EVENT, "data": {"messageBody": BODY}}, {**CLOUD_EVENT, "data": {"messageBody": "2"}}], [BODY, "2"]),
        ({**CLOUD_EVENT, "data": {"messageBody": BODY}}, [BODY]),
        ({**CLOUD_EVENT, "data": {"messageBody": {"run": "r1"}}}, ['{"run": "r1"}']),
        ({**CLOUD_EVENT, "data": BODY}, [BODY]),
        ({**CLOUD_EVENT}, ["null"]),
        ([BODY, "2"], [BODY, "2"]),
        ([{"run": "r1"}], ['{"run": "r1"}']),
        ({"messageBody": BODY, "messageId": "1"}, [BODY]),
        ({"body": BODY, "attrs": {"a": "b"}}, [BODY]),
        ({"TopicName": "t", "Message": BODY, "Subscriber": "s"}, [BODY]),
        ([{**CLOUD_EVENT, "data": {"messageBody": json.dumps({"TopicName": "t", "Message": BODY})}}], [BODY]),
        ([{**CLOUD_EVENT, "data": {"messageBody": json.dumps({**CLOUD_EVENT, "detail": {"a": 1}})}}], ['{"a": 1}']),
        ([{**CLOUD_EVENT, "data": {"messageBody": '{"TopicName": "t"}'}}], ['{"TopicName": "t"}']),
        ({"run": "r1"}, ['{"run": "r1"}']),
        ([], []),
    ],
    ids=str,
)
def test_messages_come_out_of_their_envelopes(event: object, bodies: list[str]) -> None:
    assert [delivery.body for delivery in unwrap(as_event(event))] == bodies


@pytest.mark.parametrize("payload", ["", None, BODY])
def test_a_timer_says_when_it_fired(payload: str | None) -> None:
    event = {"triggerTime": "2026-01-31T02:00:00Z", "triggerName": "sweep-timer", "payload": payload}
    assert unwrap(as_event(event)) == [Delivery(payload or "", parse_service_time("2026-01-31T02:00:00Z"))]


@pytest.mark.parametrize("moment", ["soon", 7, None])
def test_a_timer_that_does_not_say_when_has_no_moment(moment: object) -> None:
    assert unwrap(as_event({"triggerTime": moment, "triggerName": "t"})) == [Delivery("", None)]


@pytest.mark.parametrize("event", [b"not json", b"\xff\xfe", b"", b"[" * 100_000, b"1" * 5_000, BODY.encode()])
def test_what_is_no_envelope_is_a_message_itself(event: bytes) -> None:
    assert [delivery.body for delivery in unwrap(event)] == [event.decode("utf-8", "backslashreplace")]


@given(st.binary() | st.text().map(str.encode) | JSON.map(as_event))
def test_no_event_is_too_strange_to_unwrap(event: bytes) -> None:
    for delivery in unwrap(event):
        assert isinstance(delivery.body, str)


@pytest.mark.parametrize("depth", [50, 200, 300, 450, 900, 990, 5_000])
def test_no_event_is_too_deep_to_unwrap(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    for event in (deep, f'{{"specversion":"1","data":{deep}}}', f'[{{"messageBody":{deep}}}]'):
        assert all(isinstance(delivery.body, str) for delivery in unwrap(event.encode()))


@pytest.mark.parametrize(("event", "number"), [(b"[]", 0), (b"[1, 2]", 2)])
def test_an_order_comes_alone(event: bytes, number: int) -> None:
    with pytest.raises(EventError, match=f"holds {number} messages; takes one"):
        unwrap_one(event)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [("{", "not JSON"), ("[]", "array"), ('"x"', "string"), ("true", "boolean"), ("null", "null"), ("1.5", "number")],
)
def test_a_body_that_is_no_object_is_refused_by_its_kind(body: str, complaint: str) -> None:
    with pytest.raises(EventError, match=f"^body: .*{complaint}"):
        Delivery(body).wire()


def test_no_text_is_an_empty_object_and_blanks_are_not() -> None:
    assert Delivery("").wire() == {}
    with pytest.raises(EventError, match="not JSON"):
        Delivery("  \n").wire()


@pytest.mark.parametrize("body", ['{"action": "lint", "action": "pause"}', '{"narrow": {"path": "/a", "path": "/b"}}'])
@pytest.mark.parametrize(
    "envelope",
    [
        "%s",
        "[%s]",
        '[{"specversion": "1.0", "data": %s}]',
        '{"specversion": "1.0", "data": {"messageBody": %s}}',
        '{"triggerTime": "2026-01-31T02:00:00Z", "triggerName": "t", "payload": %s}',
        '{"body": %s, "attrs": {}}',
        '{"TopicName": "t", "Message": %s}',
    ],
)
def test_a_key_given_twice_is_refused_by_name_in_every_envelope(envelope: str, body: str) -> None:
    with pytest.raises(EventError, match=r"the key '(action|path)' is given twice"):
        unwrap_one((envelope % body).encode()).wire()


@pytest.mark.parametrize(
    "event",
    [
        '{"specversion": "1.0", "data": {}, "data": {"file_systems": ["a"]}}',
        '{"specversion": "1.0", "data": {"messageBody": "{}", "messageBody": "[]"}}',
        '{"triggerTime": "x", "triggerName": "t", "payload": "", "payload": "{}"}',
        '{"body": "{}", "body": "{}", "attrs": {}}',
    ],
)
def test_an_envelope_that_gives_a_key_twice_is_refused(event: str) -> None:
    with pytest.raises(EventError, match="is given twice"):
        unwrap_one(event.encode()).wire()


def test_of_a_batch_only_the_message_that_gives_a_key_twice_is_spoilt() -> None:
    good, bad = unwrap(b'[{"data": {"run": "r1"}, "specversion": "1"}, {"data": {"a": 1, "a": 2}, "specversion": "1"}]')
    assert good.wire() == {"run": "r1"}
    assert bad.body == '{"a": 1, "a": 2}'


@pytest.mark.parametrize("payload", [[], False, 0, {"file_systems": []}])
def test_an_empty_payload_of_a_timer_is_not_taken_for_none(payload: object) -> None:
    event = {"triggerTime": "2026-01-31T02:00:00Z", "triggerName": "t", "payload": payload}
    assert unwrap(as_event(event))[0].body == json.dumps(payload)


def test_every_wrong_field_is_named_with_what_was_found() -> None:
    with pytest.raises(EventError, match=r"(?s)^a: .*\(found 'x'\)\nb: "):
        validated(TypeAdapter(dict[str, int]), {"a": "x", "b": None})
