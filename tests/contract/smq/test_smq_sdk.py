"""The queue service through aliyun-mns-sdk, over both fronts."""

import base64
import threading
from collections.abc import Callable

import pytest
from mns.message_property import MessagePropertyValue, PropertyType
from mns.mns_exception import MNSClientNetworkException, MNSServerException
from mns.queue import Message, QueueMeta
from mns.queue import Queue as SdkQueue

from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.smq import Queue
from aliyun_fakes.smq.queues import DeadLetter
from tests.contract.fronts import Front
from tests.patience import PATIENCE


@pytest.fixture
def queue(front: Front) -> Queue:
    return front.cloud.smq.create_queue("work")


@pytest.fixture
def client(front: Front, queue: Queue) -> SdkQueue:
    return front.mns_account().get_queue(queue.name)


def code_of(error: pytest.ExceptionInfo[MNSServerException]) -> str:
    return str(error.value.type)


def test_a_message_makes_the_round_trip(client: SdkQueue, queue: Queue) -> None:
    sent = client.send_message(Message("grüße"))
    received = client.receive_message()
    assert received.message_body.decode() == "grüße"
    assert received.message_id == sent.message_id
    assert received.message_body_md5 == sent.message_body_md5
    assert received.dequeue_count == 1
    assert received.priority == 8
    client.delete_message(received.receipt_handle)
    assert queue.messages() == []


def test_times_are_milliseconds_of_the_fakes_clock(front: Front, client: SdkQueue) -> None:
    client.send_message(Message("x"))
    received = client.receive_message()
    now = front.clock.now() * 1000
    assert now - 1000 < received.enqueue_time < received.first_dequeue_time < now
    assert received.next_visible_time == received.first_dequeue_time + 30_000


def test_creating_twice_is_fine_with_the_same_attributes_only(front: Front) -> None:
    queue = front.mns_account().get_queue("fresh")
    assert queue.create(QueueMeta(vis_timeout=60)).endswith("/queues/fresh")
    assert queue.create(QueueMeta(vis_timeout=60)).endswith("/queues/fresh")
    with pytest.raises(MNSServerException) as error:
        queue.create(QueueMeta(vis_timeout=61))
    assert code_of(error) == "QueueAlreadyExist"
    assert error.value.host_id.endswith(".mns.cn-hangzhou.aliyuncs.com")
    assert error.value.req_id


@pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")  # the SDK announces the counters' end
def test_attributes_can_be_read_and_changed_one_by_one(front: Front, client: SdkQueue, queue: Queue) -> None:
    client.set_attributes(QueueMeta(vis_timeout=77, logging_enabled=True))
    client.set_attributes(QueueMeta(delay_sec=5))
    queue.send("eA==", 0)
    queue.send("eA==")
    queue.send("eA==", 0)
    queue.receive()
    meta = client.get_attributes()
    assert (meta.visibility_timeout, meta.delay_seconds, meta.logging_enabled) == (77, 5, True)
    assert (meta.maximum_message_size, meta.message_retention_period, meta.polling_wait_seconds) == (65_536, 345_600, 0)
    assert (meta.active_messages, meta.inactive_messages, meta.delay_messages) == (1, 1, 1)
    assert meta.queue_name == "work"
    assert meta.create_time <= meta.last_modify_time <= front.clock.now()


def test_queues_are_listed_by_prefix_and_page(front: Front) -> None:
    for name in ("b-2", "a-1", "b-1", "b-3"):
        front.cloud.smq.create_queue(name)
    account = front.mns_account()
    urls, marker = account.list_queue(prefix="b-", ret_number=2)
    assert [url.rpartition("/")[2] for url in urls] == ["b-1", "b-2"]
    urls, marker = account.list_queue(prefix="b-", ret_number=2, marker=marker)
    assert [url.rpartition("/")[2] for url in urls] == ["b-3"]
    assert marker == ""


def test_a_deleted_queue_is_gone_and_its_name_rests_for_a_while(front: Front, client: SdkQueue) -> None:
    client.delete()
    with pytest.raises(MNSServerException) as error:
        client.send_message(Message("x"))
    assert code_of(error) == "QueueNotExist"
    with pytest.raises(MNSServerException) as error:
        client.create(QueueMeta())
    assert code_of(error) == "QueueDeletedRecently"
    front.clock.sleep(10)
    client.create(QueueMeta())


def test_an_empty_queue_answers_message_not_exist_after_the_wait(front: Front, client: SdkQueue) -> None:
    before = front.clock.now()
    with pytest.raises(MNSServerException) as error:
        client.receive_message(7)
    assert code_of(error) == "MessageNotExist"
    assert front.clock.now() - before == pytest.approx(7, abs=0.2)


def test_the_queues_own_polling_time_holds_when_the_request_names_none(front: Front) -> None:
    queue = front.cloud.smq.create_queue("polled", polling_wait_seconds=9)
    before = front.clock.now()
    with pytest.raises(MNSServerException):
        front.mns_account().get_queue(queue.name).receive_message()
    assert front.clock.now() - before == pytest.approx(9, abs=0.2)


def test_a_long_poll_wakes_when_a_delayed_message_becomes_visible(front: Front, client: SdkQueue) -> None:
    client.send_message(Message("later", delay_seconds=4))
    before = front.clock.now()
    assert client.receive_message(30).message_body == b"later"
    assert front.clock.now() - before == pytest.approx(4, abs=0.2)


def test_a_delayed_send_answers_with_a_handle_that_deletes_it(client: SdkQueue, queue: Queue) -> None:
    sent = client.send_message(Message("later", delay_seconds=100))
    client.delete_message(sent.receipt_handle)
    assert queue.messages() == []


def test_a_new_handle_kills_the_old_one(front: Front, client: SdkQueue) -> None:
    client.send_message(Message("x"))
    first = client.receive_message()
    changed = client.change_message_visibility(first.receipt_handle, 120)
    assert int(changed.next_visible_time) == pytest.approx((front.clock.now() + 120) * 1000, abs=200)
    for call in (client.delete_message, lambda handle: client.change_message_visibility(handle, 10)):
        with pytest.raises(MNSServerException) as error:
            call(first.receipt_handle)
        assert code_of(error) == "ReceiptHandleError"
    client.delete_message(changed.receipt_handle)


def test_a_handle_dies_when_its_message_becomes_visible_again(front: Front, client: SdkQueue) -> None:
    client.send_message(Message("x"))
    received = client.receive_message()
    front.clock.sleep(31)
    with pytest.raises(MNSServerException) as error:
        client.change_message_visibility(received.receipt_handle, 10)
    assert code_of(error) == "MessageNotExist"
    with pytest.raises(MNSServerException) as error:
        client.delete_message(received.receipt_handle)
    assert code_of(error) == "ReceiptHandleError"
    assert client.receive_message().dequeue_count == 2


def test_a_batch_goes_in_comes_out_and_is_deleted(client: SdkQueue, queue: Queue) -> None:
    sent = client.batch_send_message([Message(str(n), priority=n + 1) for n in range(16)])
    received = client.batch_receive_message(16)
    assert [message.message_id for message in received] == [message.message_id for message in sent]
    client.batch_delete_message([message.receipt_handle for message in received])
    assert queue.messages() == []


def test_a_batch_send_names_the_messages_it_refused(client: SdkQueue, queue: Queue) -> None:
    with pytest.raises(MNSServerException) as error:
        client.batch_send_message([Message("good"), Message("bad", delay_seconds=700_000)])
    assert code_of(error) == "InvalidArgument"
    assert [set(told) for told in error.value.sub_errors] == [
        {"MessageId", "MessageBodyMD5"},
        {"ErrorCode", "ErrorMessage"},
    ]
    assert [base64.b64decode(message.body) for message in queue.messages()] == [b"good"]


def test_a_batch_deletion_names_the_handles_it_refused(client: SdkQueue, queue: Queue) -> None:
    client.batch_send_message([Message("a"), Message("b")])
    received = client.batch_receive_message(2)
    with pytest.raises(MNSServerException) as error:
        client.batch_delete_message([received[0].receipt_handle, "8-bm9uZQ=="])
    assert error.value.sub_errors == [
        {
            "ErrorCode": "ReceiptHandleError",
            "ErrorMessage": "The receipt handle you provide is not valid.",
            "ReceiptHandle": "8-bm9uZQ==",
        }
    ]
    assert [message.id for message in queue.messages()] == [received[1].message_id]


def test_peeking_changes_nothing(client: SdkQueue, queue: Queue) -> None:
    client.batch_send_message([Message("a"), Message("b")])
    before = queue.messages()
    assert client.peek_message().message_body == b"a"
    assert [message.message_body for message in client.batch_peek_message(16)] == [b"a", b"b"]
    assert queue.messages() == before


def test_properties_travel_with_the_message(client: SdkQueue) -> None:
    message = Message("x")
    message.add_user_property("answer", MessagePropertyValue.create_number(42))
    message.add_user_property("raw", MessagePropertyValue(PropertyType.BINARY, b"\x00\xff"))
    client.send_message(message)
    received = client.receive_message()
    assert received.user_properties["answer"].get_raw_value() == "42"
    assert received.user_properties["raw"].get_raw_value() == b"\x00\xff"


def test_a_message_received_too_often_becomes_a_dead_letter(front: Front, client: SdkQueue, queue: Queue) -> None:
    dead = front.cloud.smq.create_queue("dead")
    queue.set_dead_letter(DeadLetter(dead, 2))
    sent = client.send_message(Message("poison"))
    for _ in range(2):
        client.receive_message()
        front.clock.sleep(30)
    with pytest.raises(MNSServerException) as error:
        client.receive_message()
    assert code_of(error) == "MessageNotExist"
    letter = front.mns_account().get_queue("dead").receive_message()
    assert letter.message_body == b"poison"
    assert letter.message_id != sent.message_id
    about = {name: value.get_raw_value() for name, value in letter.system_properties.items()}
    assert about["DLQOriginMessageId"] == sent.message_id
    assert about["DLQSourceArn"] == "acs:mns:cn-hangzhou:1234567890123456:/queues/work"


@pytest.mark.parametrize(
    ("size", "accepted"), [(49_152, True), (49_153, False)], ids=["64 KB as base64", "one byte more"]
)
def test_the_size_limit_counts_base64(client: SdkQueue, size: int, accepted: bool) -> None:  # noqa: FBT001 - a parameter set
    if accepted:
        client.send_message(Message("x" * size))
        return
    with pytest.raises(MNSServerException) as error:
        client.send_message(Message("x" * size))
    assert code_of(error) == "InvalidArgument"
    assert "between 1 and 65536" in error.value.message


def test_a_batch_may_have_64_kilobytes_in_all(client: SdkQueue, queue: Queue) -> None:
    with pytest.raises(MNSServerException) as error:
        client.batch_send_message([Message("x" * 30_000), Message("x" * 30_000)])
    assert code_of(error) == "InvalidArgument"
    assert queue.messages() == []


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda q: q.send_message(Message("x", delay_seconds=604_801)), "InvalidArgument"),
        (lambda q: q.send_message(Message("x", priority=17)), "InvalidArgument"),
        (lambda q: q.receive_message(31), "InvalidArgument"),
        (lambda q: q.batch_receive_message(17), "InvalidArgument"),
        (lambda q: q.batch_peek_message(0), "InvalidArgument"),
        (lambda q: q.batch_send_message([Message("x")] * 17), "InvalidArgument"),
        (lambda q: q.batch_delete_message(["8-eA=="] * 17), "InvalidArgument"),
        (lambda q: q.change_message_visibility("8-eA==", 0), "InvalidArgument"),
        (lambda q: q.change_message_visibility("8-eA==", 10), "ReceiptHandleError"),
        (lambda q: q.set_attributes(QueueMeta(vis_timeout=43_201)), "InvalidArgument"),
        (lambda q: q.set_attributes(QueueMeta(max_msg_size=1023)), "InvalidArgument"),
        (lambda q: q.set_attributes(QueueMeta(msg_ttl=59)), "InvalidArgument"),
        (lambda q: q.peek_message(), "MessageNotExist"),
    ],
)
def test_what_is_out_of_range_is_refused(client: SdkQueue, call: Callable[[SdkQueue], object], code: str) -> None:
    with pytest.raises(MNSServerException) as error:
        call(client)
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("name", "code"), [("a" * 121, "QueueNameLengthError"), ("-a", "InvalidQueueName"), ("a_b", "InvalidQueueName")]
)
def test_bad_queue_names_are_refused(front: Front, name: str, code: str) -> None:
    with pytest.raises(MNSServerException) as error:
        front.mns_account().get_queue(name).create(QueueMeta())
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (AccessKey("LTAInobody", "x"), "InvalidAccessKeyId"),
        (AccessKey("LTAIwrong", "guessed"), "SignatureDoesNotMatch"),
        (AccessKey("LTAIsts", "right", "stolen"), "AccessDenied"),
        (AccessKey("LTAIold", "right"), "AccessDenied"),
        (AccessKey("LTAIreader", "right"), "AccessDenied"),
    ],
    ids=["unknown", "wrong secret", "wrong token", "disabled", "not allowed"],
)
def test_who_may_not_call_is_refused(front: Front, queue: Queue, key: AccessKey, code: str) -> None:
    front.cloud.keys.add(AccessKey("LTAIwrong", "right"))
    front.cloud.keys.add(AccessKey("LTAIsts", "right", "token"))
    front.cloud.keys.add(AccessKey("LTAIold", "right", active=False))
    front.cloud.keys.add(AccessKey("LTAIreader", "right", allowed=frozenset({"mns:ReceiveMessage"})))
    with pytest.raises(MNSServerException) as error:
        front.mns_account(key=key).get_queue(queue.name).send_message(Message("x"))
    assert code_of(error) == code


def test_temporary_keys_work_with_their_token(front: Front, queue: Queue) -> None:
    key = AccessKey("LTAIsts", "right", "token", frozenset({"mns:SendMessage"}))
    front.cloud.keys.add(key)
    front.mns_account(key=key).get_queue(queue.name).send_message(Message("x"))
    assert len(queue.messages()) == 1


def test_throttling_is_429_too_many_requests(front: Front, client: SdkQueue) -> None:
    front.cloud.faults.add(Fault("smq", "SendMessage", "throttle"))
    with pytest.raises(MNSServerException) as error:
        client.send_message(Message("x"))
    assert code_of(error) == "TooManyRequests"
    client.send_message(Message("x"))


def test_a_lost_reply_makes_the_sdk_send_twice(front: Front, client: SdkQueue, queue: Queue) -> None:
    front.cloud.faults.add(Fault("smq", "SendMessage", "drop", when="after"))
    client.send_message(Message("x"))
    assert len(queue.messages()) == 2


def test_a_connection_dropped_twice_is_a_network_error(front: Front, client: SdkQueue, queue: Queue) -> None:
    front.cloud.faults.add(Fault("smq", "SendMessage", "drop", times=2))
    with pytest.raises(MNSClientNetworkException) as error:
        client.send_message(Message("x"))
    assert error.value.type == "NetWorkException"
    assert queue.messages() == []


def test_garbage_is_a_damaged_reply(front: Front, client: SdkQueue) -> None:
    front.cloud.faults.add(Fault("smq", "SendMessage", "garbage", when="after"))
    with pytest.raises(MNSClientNetworkException) as error:
        client.send_message(Message("x"))
    assert error.value.type == "RespDataDamaged"


def test_a_reply_that_never_comes_is_a_network_error_and_not_sent_again(front: Front, queue: Queue) -> None:
    front.cloud.faults.add(Fault("smq", "SendMessage", "timeout", when="after", seconds=60))
    arrived = threading.Event()
    front.cloud.dispatcher.on_request.append(lambda _: arrived.set())
    account = front.mns_account()
    account.get_client().set_connection_timeout(0.05)
    with pytest.raises(MNSClientNetworkException) as error:
        account.get_queue(queue.name).send_message(Message("x"))
    assert error.value.type == "NetWorkException"
    assert arrived.wait(PATIENCE)
    assert len(queue.messages()) == 1
