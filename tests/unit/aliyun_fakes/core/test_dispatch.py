"""From request to reply: half the latency, the effect, the other half; and what a fault makes of it."""

import json
from email.utils import formatdate

import pytest

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.dispatch import LOG_LENGTH, Dispatcher, LoggedRequest
from aliyun_fakes.core.faults import Fault, Faults, Kind, When
from aliyun_fakes.core.http import ConnectionDropped, Headers, InstanceCrashed, ReadTimedOut, Request
from tests.unit.aliyun_fakes.core.counter import LATENCY, START, Counter


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def counter(clock: VirtualClock) -> Counter:
    return Counter(clock)


@pytest.fixture
def dispatcher(clock: VirtualClock, counter: Counter) -> Dispatcher:
    return Dispatcher([counter], clock, Faults())


REQUEST = Request("GET", "counter.aliyuncs.com", "/Count", "FileId=7&Signature=s&AccessKeyId=k&SecurityToken=t")


def test_the_effect_is_half_way_and_the_reply_at_the_end(
    clock: VirtualClock, counter: Counter, dispatcher: Dispatcher
) -> None:
    reply = dispatcher.dispatch(REQUEST)
    assert counter.effects == [LATENCY / 2]
    assert clock.now() == START + LATENCY
    assert (reply.status, reply.body, reply.headers["X-Count"]) == (200, b"done", "1")


def test_every_reply_is_dated_by_the_fakes_clock(clock: VirtualClock, dispatcher: Dispatcher) -> None:
    assert dispatcher.dispatch(REQUEST).headers["Date"] == formatdate(clock.now(), usegmt=True)


def test_the_first_service_that_owns_a_request_answers(clock: VirtualClock, counter: Counter) -> None:
    second = Counter(clock, name="second")
    Dispatcher([counter, second], clock, Faults()).dispatch(REQUEST)
    assert (len(counter.effects), len(second.effects)) == (1, 0)


def test_a_request_that_is_nobodys_is_refused_by_what_it_asks_for_and_not_logged(dispatcher: Dispatcher) -> None:
    plain = dispatcher.dispatch(Request("GET", "example.com", "/x"))
    assert (plain.status, json.loads(plain.body)["Message"]) == (404, "no fake service takes GET example.com/x")
    rpc = dispatcher.dispatch(Request("POST", "ecs.aliyuncs.com", "/", "Action=DescribeInstances"))
    assert json.loads(rpc.body) == {
        "Code": "NotInTheFakes",
        "Message": "no fake service takes POST ecs.aliyuncs.com/ (action DescribeInstances)",
    }
    assert list(dispatcher.log) == []


def test_a_service_that_wants_to_be_asked_again_is(
    clock: VirtualClock, counter: Counter, dispatcher: Dispatcher
) -> None:
    counter.patience = 3
    dispatcher.dispatch(REQUEST)
    assert counter.effects == [LATENCY / 2 + 30]
    assert clock.now() == START + LATENCY + 30


def test_a_request_is_logged_without_secrets_and_counted(dispatcher: Dispatcher) -> None:
    dispatcher.dispatch(REQUEST)
    assert list(dispatcher.log) == [LoggedRequest(START, "counter", "Count", {"FileId": "7"}, 200)]
    assert dispatcher.counts == {("counter", "Count"): 1}


def test_parameters_of_a_form_are_logged_like_those_of_a_query(dispatcher: Dispatcher) -> None:
    headers = Headers.of({"Content-Type": "application/x-www-form-urlencoded"})
    dispatcher.dispatch(Request("POST", "counter.aliyuncs.com", "/Count", "", headers, b"FileId=8&Signature=s"))
    assert dispatcher.log[-1].parameters == {"FileId": "8"}


def test_watchers_see_every_request(dispatcher: Dispatcher) -> None:
    seen: list[str] = []
    dispatcher.on_request.append(lambda line: seen.append(line.operation))
    dispatcher.faults.add(Fault("counter", "*", "drop"))
    with pytest.raises(ConnectionDropped):
        dispatcher.dispatch(REQUEST)
    dispatcher.dispatch(REQUEST)
    assert seen == ["Count", "Count"]


def test_the_log_is_bounded_and_the_counts_are_not(clock: VirtualClock, dispatcher: Dispatcher) -> None:
    for _ in range(LOG_LENGTH + 5):
        dispatcher.dispatch(REQUEST)
    assert len(dispatcher.log) == LOG_LENGTH
    assert dispatcher.counts["counter", "Count"] == LOG_LENGTH + 5
    assert dispatcher.log[-1].at == clock.now() - LATENCY


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "raised"), [("drop", ConnectionDropped), ("timeout", ReadTimedOut), ("crash", InstanceCrashed)]
)
def test_a_reply_that_does_not_come_is_raised_with_or_without_the_effect(
    counter: Counter, dispatcher: Dispatcher, kind: Kind, raised: type[BaseException], when: When
) -> None:
    dispatcher.faults.add(Fault("counter", "Count", kind, when))
    with pytest.raises(raised):
        dispatcher.dispatch(REQUEST)
    assert len(counter.effects) == (when == "after")
    assert (dispatcher.log[-1].status, dispatcher.log[-1].fault) == (0, kind)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("status", (503, b"counter: status Busy")),
        ("throttle", (503, b"counter: throttle Busy")),
        ("garbage", (502, b"<html><body>502 Bad Gateway</body></html>")),
    ],
)
def test_a_spoilt_reply_comes_with_or_without_the_effect(
    counter: Counter, dispatcher: Dispatcher, kind: Kind, expected: tuple[int, bytes], when: When
) -> None:
    dispatcher.faults.add(Fault("counter", "Count", kind, when, status=503, code="Busy"))
    reply = dispatcher.dispatch(REQUEST)
    assert (reply.status, reply.body) == expected
    assert len(counter.effects) == (when == "after")
    assert (dispatcher.log[-1].status, dispatcher.log[-1].fault) == (reply.status, kind)


@pytest.mark.parametrize(("when", "effect_at"), [("before", 62.0), ("after", 2.0)])
def test_a_delay_lengthens_the_way_there_or_back(
    clock: VirtualClock, counter: Counter, dispatcher: Dispatcher, when: When, effect_at: float
) -> None:
    dispatcher.faults.add(Fault("counter", "Count", "delay", when, seconds=60))
    assert dispatcher.dispatch(REQUEST).status == 200
    assert counter.effects == [effect_at]
    assert clock.now() == START + LATENCY + 60


def test_a_timeout_takes_its_seconds(clock: VirtualClock, dispatcher: Dispatcher) -> None:
    dispatcher.faults.add(Fault("counter", "Count", "timeout", seconds=10))
    with pytest.raises(ReadTimedOut):
        dispatcher.dispatch(REQUEST)
    assert clock.now() == START + LATENCY / 2 + 10
