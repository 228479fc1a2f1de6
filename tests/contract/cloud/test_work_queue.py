"""`SmqWorkQueue`: sent means the queue has it, once or more, and nothing waits for ever."""

import base64
import threading
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.real_clock import RealClock
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import ServerFront
from functions.retention.cloud.retry import MAX_ATTEMPTS
from functions.retention.cloud.smq import MAX_MESSAGE_BYTES, encoded_length
from functions.retention.cloud.system_clock import SystemClock
from functions.retention.core.errors import CloudError, NoAnswer, NotFound, Refused, Throttled
from functions.retention.core.services import MAX_DELAY
from tests.contract.cloud.clients import DEAD, WORK, Clients, assert_shows_no_secret
from tests.contract.cloud.silence import Silence
from tests.contract.fronts import Front
from tests.patience import PATIENCE

IN_PROCESS = pytest.mark.parametrize("front", ["in-process"], indirect=True)
SERVER = pytest.mark.parametrize("front", ["server"], indirect=True)


def bodies(clients: Clients) -> list[str]:
    return [base64.b64decode(message.body).decode() for message in clients.work.messages()]


def test_a_message_arrives_with_its_text_and_its_id(clients: Clients) -> None:
    sent = clients.queue().send('{"path": "/häuser/回收站"}')
    (message,) = clients.work.messages()
    assert message.id == sent
    assert bodies(clients) == ['{"path": "/häuser/回收站"}']
    assert clients.dead.messages() == []


def test_a_delayed_message_is_hidden_for_exactly_that_long(clients: Clients) -> None:
    clients.queue().send("later", MAX_DELAY)
    (message,) = clients.work.messages()
    assert message.visible_at - message.enqueued_at == MAX_DELAY
    assert message.state == "delayed"


def test_without_a_delay_a_message_can_be_received_at_once_even_if_the_queue_delays(clients: Clients) -> None:
    clients.cloud.smq.delete_queue(WORK)
    clients.clock.sleep(60)
    clients.cloud.smq.create_queue(WORK, delay_seconds=30)
    clients.queue().send("now")
    assert [message.state for message in clients.work.messages()] == ["active"]


@pytest.mark.parametrize("delay", [-1, MAX_DELAY + 1])
def test_a_delay_out_of_range_is_a_mistake_of_ours_and_not_sent(clients: Clients, delay: int) -> None:
    with pytest.raises(ValueError, match="is not between 0 and 3600"):
        clients.queue().send("x", delay)
    assert clients.calls("SendMessage") == []


def test_a_dead_letter_goes_verbatim_to_the_other_queue(clients: Clients) -> None:
    body = '{"torn": \r\n<&>\x00'
    sent = clients.queue().dead_letter(body)
    (message,) = clients.dead.messages()
    assert (message.id, base64.b64decode(message.body).decode()) == (sent, body)
    assert bodies(clients) == []


def test_half_a_surrogate_pair_goes_as_its_escape(clients: Clients) -> None:
    clients.queue().send("bad\udcff")
    assert bodies(clients) == [r"bad\udcff"]


def test_the_largest_message_passes_and_one_byte_more_is_refused_unsent(clients: Clients) -> None:
    largest = "x" * (MAX_MESSAGE_BYTES // 4 * 3)
    assert encoded_length(largest) == MAX_MESSAGE_BYTES
    clients.queue().send(largest)
    with pytest.raises(Refused, match="MessageTooLong"):
        clients.queue().send(largest + "x")
    assert len(clients.calls("SendMessage")) == 1


def test_a_send_refused_for_now_is_sent_again_after_a_wait_on_the_clock(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("smq", "SendMessage", "throttle", times=2))
    clients.queue().send("x")
    assert bodies(clients) == ["x"]
    first, _, third = (line.at for line in clients.calls("SendMessage"))
    assert third - first > 0.05


def test_a_send_refused_for_ever_is_told_as_throttled(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("smq", "SendMessage", "throttle", times=0))
    with pytest.raises(Throttled, match="TooManyRequests") as caught:
        clients.queue().send("x")
    assert caught.value.request_id
    assert len(clients.calls("SendMessage")) == MAX_ATTEMPTS


@pytest.mark.parametrize("code", ["InternalError", "InternalServerError"])
def test_a_server_error_is_tried_again_and_in_the_end_no_answer(clients: Clients, code: str) -> None:
    clients.cloud.faults.add(Fault("smq", "SendMessage", "status", times=0, code=code))
    with pytest.raises(NoAnswer, match=code):
        clients.queue().send("x")
    assert len(clients.calls("SendMessage")) == MAX_ATTEMPTS


def test_a_page_of_html_is_no_answer_and_tried_again(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("smq", "SendMessage", "garbage"))
    clients.queue().send("x")
    assert bodies(clients) == ["x"]
    clients.cloud.faults.add(Fault("smq", "SendMessage", "garbage", times=0))
    with pytest.raises(NoAnswer, match="RespDataDamaged"):
        clients.queue().send("y")


def test_a_message_whose_reply_was_lost_is_there_twice(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("smq", "SendMessage", "drop", when="after"))
    sent = clients.queue().send("x")
    assert bodies(clients) == ["x", "x"]
    assert clients.work.messages()[1].id == sent


def test_connections_that_always_drop_are_no_answer(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("smq", "SendMessage", "drop", times=0))
    with pytest.raises(NoAnswer, match="NetWorkException"):
        clients.queue().send("x")
    assert bodies(clients) == []


@IN_PROCESS
def test_replies_that_never_come_end_with_the_slice(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("smq", "SendMessage", "timeout", times=0, seconds=10))
    begun = clients.clock.now()
    with pytest.raises(NoAnswer, match="NetWorkException"):
        clients.queue(left=25).send("x")
    assert 20 <= clients.clock.now() - begun < 40


@SERVER
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_silent_server_is_asked_once_an_attempt_over_https_as_over_http(
    clients: Clients, silent: Silence, scheme: str
) -> None:
    begun = time.monotonic()
    with pytest.raises(NoAnswer, match="TimeoutError"):
        clients.queue(timeout=0.05, endpoint=f"{scheme}://{silent.address}").send("x")
    assert time.monotonic() - begun < PATIENCE
    assert silent.connections() == MAX_ATTEMPTS


@SERVER
def test_nobody_listening_is_no_answer(clients: Clients, nobody_at: str) -> None:
    with pytest.raises(NoAnswer, match="NetWorkException"):
        clients.queue(endpoint=f"http://{nobody_at}").send("x")


@pytest.mark.parametrize("name", [WORK, DEAD])
def test_a_queue_that_is_not_there_is_not_found(clients: Clients, name: str) -> None:
    clients.cloud.smq.delete_queue(name)
    with pytest.raises(NotFound, match="QueueNotExist"):
        clients.queue().send("x") if name == WORK else clients.queue().dead_letter("x")
    assert len(clients.calls("SendMessage")) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (AccessKey("LTAIunknown", "secret-of-none"), "InvalidAccessKeyId"),
        (AccessKey(TEST_KEY.id, "guessed-secret"), "SignatureDoesNotMatch"),
        (AccessKey("STS.temporary", "secret-of-sts", "token-of-yesterday"), "AccessDenied"),
        (AccessKey("LTAIreader", "secret-of-reader"), "AccessDenied"),
    ],
    ids=["unknown", "wrong secret", "stale token", "not allowed"],
)
def test_who_may_not_send_is_refused_at_once_and_no_secret_shows(
    front: Front, clients: Clients, key: AccessKey, code: str
) -> None:
    front.cloud.keys.add(AccessKey("STS.temporary", "secret-of-sts", "token-of-today"))
    front.cloud.keys.add(AccessKey("LTAIreader", "secret-of-reader", allowed=frozenset({"mns:ReceiveMessage"})))
    with pytest.raises(Refused, match=code) as caught:
        Clients(front, key).queue().send("x")
    assert_shows_no_secret(caught.value, key)
    assert len(clients.calls("SendMessage")) == 1


@pytest.mark.parametrize("status", [403, 503])
def test_an_error_that_quotes_a_request_is_told_without_the_quotation(
    front: Front, clients: Clients, status: int
) -> None:
    front.cloud.keys.add(key := AccessKey("STS.temporary", "secret-of-sts", "token-of-today"))
    quoting = f"string to sign: {key.id} {key.secret} security-token:{key.security_token}"
    clients.cloud.faults.add(Fault("smq", "*", "status", times=0, status=status, code="Odd", message=quoting))
    with pytest.raises(CloudError) as caught:
        Clients(front, key).queue().send("x")
    assert "string to sign" not in str(caught.value)
    assert_shows_no_secret(caught.value, key)


def test_temporary_keys_send_with_their_token(front: Front, clients: Clients) -> None:
    front.cloud.keys.add(key := AccessKey("STS.temporary", "secret", "token", frozenset({"mns:SendMessage"})))
    Clients(front, key).queue().send("x")
    assert bodies(clients) == ["x"]


def test_threads_with_a_queue_of_their_own_lose_and_repeat_nothing() -> None:
    cloud = FakeCloud(clock=RealClock(speed=1000))
    cloud.smq.create_queue(WORK)
    with ExitStack() as stack:
        clients = Clients(Front(cloud, stack.enter_context(ServerFront(Admin(cloud)))))
        started = threading.Barrier(6)

        def send(worker: int) -> None:
            queue = clients.queue(left=600_000)
            started.wait()
            for number in range(20):
                queue.send(f"{worker}.{number}")

        SystemClock().gather([partial(send, worker) for worker in range(6)])
    assert Counter(bodies(clients)) == Counter(f"{worker}.{number}" for worker in range(6) for number in range(20))
