"""aliyun-mns-sdk: queues, messages, topics and subscriptions of SMQ."""

import time

from mns.account import Account
from mns.mns_exception import MNSServerException
from mns.queue import Message, QueueMeta
from mns.subscription import SubscriptionMeta
from mns.topic import TopicMessage, TopicMeta

from tests.clients.python import harness
from tests.clients.python.harness import case, refused, same

AT = harness.where()


def account(secret: str = AT.secret) -> Account:
    """An account at the fake's address."""
    return Account(AT.endpoint, AT.key_id, secret)


QUEUE = account().get_queue("clients")


@case
def create_a_queue() -> None:
    meta = QueueMeta()
    meta.set_visibilitytimeout(30)
    QUEUE.create(meta)
    same(QUEUE.get_attributes().visibility_timeout, 30)


@case
def change_a_queue() -> None:
    meta = QueueMeta()
    meta.set_delay_seconds(1)
    QUEUE.set_attributes(meta)
    same(QUEUE.get_attributes().delay_seconds, 1)
    meta.set_delay_seconds(0)
    QUEUE.set_attributes(meta)


@case
def list_queues() -> None:
    found, _ = account().list_queue(prefix="cli", ret_number=10)
    assert [url for url in found if url.endswith("/queues/clients")]


@case
def send_receive_and_delete() -> None:
    sent = QUEUE.send_message(Message("hello ✓"))
    assert sent.message_id
    received = QUEUE.receive_message(wait_seconds=3)
    same(received.message_body, "hello ✓".encode())
    kept = QUEUE.change_message_visibility(received.receipt_handle, 60)
    QUEUE.delete_message(kept.receipt_handle)
    refused(lambda: QUEUE.receive_message(wait_seconds=1), "MessageNotExist")


@case
def batches() -> None:
    QUEUE.batch_send_message([Message(f"m{number}") for number in range(3)])
    same(len(QUEUE.batch_peek_message(3)), 3)
    received = QUEUE.batch_receive_message(3, wait_seconds=2)
    QUEUE.batch_delete_message([each.receipt_handle for each in received])


@case
def a_message_of_the_largest_size() -> None:
    QUEUE.send_message(Message("x" * 49_000))
    QUEUE.delete_message(QUEUE.receive_message(wait_seconds=3).receipt_handle)


@case
def a_wrong_secret_is_refused() -> None:
    refused(lambda: account("wrong").get_queue("clients").get_attributes(), "SignatureDoesNotMatch")


TOPIC = account().get_topic("announcements")


@case
def create_a_topic() -> None:
    meta = TopicMeta()
    meta.set_maximum_message_size(4096)
    TOPIC.create(meta)
    same(TOPIC.get_attributes().maximum_message_size, 4096)
    found, _ = account().list_topic(prefix="ann")
    assert [url for url in found if url.endswith("/topics/announcements")]


@case
def a_topic_hands_on_to_a_queue() -> None:
    subscription = TOPIC.get_subscription("to-clients")
    endpoint = f"acs:mns:{AT.region}:{AT.account}:queues/clients"
    subscription.subscribe(SubscriptionMeta(endpoint, notify_content_format="SIMPLIFIED"))
    same(subscription.get_attributes().endpoint, endpoint)
    TOPIC.publish_message(TopicMessage("published"))
    plain = account().get_queue("clients")
    plain.set_encoding(False)
    harness.eventually(lambda: plain.receive_message(wait_seconds=2).message_body, lambda body: body == "published")
    found, _ = TOPIC.list_subscription()
    same(len(found), 1)
    subscription.unsubscribe()


@case
def delete_what_was_made() -> None:
    TOPIC.delete()
    QUEUE.delete()
    try:
        QUEUE.get_attributes()
    except MNSServerException as error:
        same(error.type, "QueueNotExist")
        return
    time.sleep(0)
    raise AssertionError("still there")


if __name__ == "__main__":
    harness.run()
