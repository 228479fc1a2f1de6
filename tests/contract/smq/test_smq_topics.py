"""Topics through the official SDK, over both fronts: what is published is in the queues that subscribed."""

import base64
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from mns.mns_exception import MNSServerException
from mns.subscription import SubscriptionMeta
from mns.topic import TopicMessage, TopicMeta

from tests.contract.fronts import Front

ENDPOINT = "acs:mns:cn-hangzhou:1234567890123456:queues/inbox"


@pytest.fixture
def topic(front: Front) -> Any:  # noqa: ANN401 - an SDK without types
    front.cloud.smq.create_queue("inbox")
    topic = front.mns_account().get_topic("news")
    topic.create(TopicMeta())
    return topic


def subscribe(topic: Any, name: str, content_format: str, tag: str = "") -> Any:  # noqa: ANN401 - as above
    subscription = topic.get_subscription(name)
    subscription.subscribe(SubscriptionMeta(ENDPOINT, notify_content_format=content_format, filter_tag=tag))
    return subscription


def bodies(front: Front) -> list[str]:
    (queue,) = front.cloud.smq.queues
    return [message.body for message in queue.receive(16)]


def refusal(call: Any, *arguments: object) -> str:  # noqa: ANN401 - as above
    with pytest.raises(MNSServerException) as caught:
        call(*arguments)
    return str(caught.value.type)


@pytest.mark.parametrize("text", ["plain", base64.b64encode("你好".encode()).decode()])
def test_a_simplified_message_is_the_published_body(front: Front, topic: Any, text: str) -> None:  # noqa: ANN401 - as above
    subscribe(topic, "s", "SIMPLIFIED")
    topic.publish_message(TopicMessage(text))
    assert bodies(front) == [text]


def test_a_message_in_json_and_one_in_xml_say_where_they_come_from(front: Front, topic: Any) -> None:  # noqa: ANN401 - as above
    subscribe(topic, "j", "JSON")
    subscribe(topic, "x", "XML")
    published = topic.publish_message(TopicMessage("hello"))
    in_json, in_xml = sorted(bodies(front), key=lambda body: body.startswith("<"))
    told = json.loads(in_json)
    assert (told["Message"], told["TopicName"], told["SubscriptionName"]) == ("hello", "news", "j")
    assert told["MessageId"] == published.message_id
    elements = {each.tag.rpartition("}")[2]: each.text for each in ET.fromstring(in_xml)}  # noqa: S314 - of the fake
    assert (elements["Message"], elements["SubscriptionName"]) == ("hello", "x")


def test_a_tag_goes_to_those_who_asked_for_it_and_to_those_who_asked_for_all(front: Front, topic: Any) -> None:  # noqa: ANN401 - as above
    subscribe(topic, "all", "SIMPLIFIED")
    subscribe(topic, "some", "SIMPLIFIED", tag="urgent")
    topic.publish_message(TopicMessage("a", "urgent"))
    topic.publish_message(TopicMessage("b", "other"))
    assert sorted(bodies(front)) == ["a", "a", "b"]


def test_what_is_not_there_is_refused(front: Front, topic: Any) -> None:  # noqa: ANN401 - as above
    nothing = front.mns_account().get_topic("nothing")
    assert refusal(nothing.publish_message, TopicMessage("x")) == "TopicNotExist"
    assert refusal(topic.get_subscription("nobody").get_attributes) == "SubscriptionNotExist"
    elsewhere = SubscriptionMeta("http://example.com/", notify_content_format="SIMPLIFIED")
    assert refusal(topic.get_subscription("s").subscribe, elsewhere) == "InvalidArgument"
    absent = SubscriptionMeta(ENDPOINT + "-absent", notify_content_format="SIMPLIFIED")
    assert refusal(topic.get_subscription("s").subscribe, absent) == "QueueNotExist"
    assert refusal(topic.get_subscription("no_name").subscribe, SubscriptionMeta(ENDPOINT)) == "SubscriptionNameInvalid"


def test_the_same_again_is_no_error_and_another_is(topic: Any) -> None:  # noqa: ANN401 - as above
    topic.create(TopicMeta())
    larger = TopicMeta()
    larger.set_maximum_message_size(2048)
    assert refusal(topic.create, larger) == "TopicAlreadyExist"
    subscribe(topic, "s", "JSON")
    subscribe(topic, "s", "JSON")
    other = SubscriptionMeta(ENDPOINT, notify_content_format="XML")
    assert refusal(topic.get_subscription("s").subscribe, other) == "SubscriptionAlreadyExist"


def test_topics_and_subscriptions_are_listed_page_by_page(front: Front, topic: Any) -> None:  # noqa: ANN401 - as above
    for name in ("a", "b", "c"):
        subscribe(topic, name, "JSON")
        front.mns_account().get_topic(f"t{name}").create(TopicMeta())
    first, marker = front.mns_account().list_topic(prefix="t", ret_number=2)
    rest, end = front.mns_account().list_topic(prefix="t", ret_number=2, marker=marker)
    assert ([url[-2:] for url in first + rest], end) == (["ta", "tb", "tc"], "")
    found, marker = topic.list_subscription(ret_number=2)
    assert ([url[-1] for url in found], marker) == (["a", "b"], "c")
    topic.get_subscription("a").unsubscribe()
    assert len(topic.list_subscription()[0]) == 2
    topic.delete()
    assert refusal(topic.get_attributes) == "TopicNotExist"


def test_a_topic_and_a_subscription_are_changed(topic: Any) -> None:  # noqa: ANN401 - as above
    meta = TopicMeta()
    meta.set_maximum_message_size(1024)
    topic.set_attributes(meta)
    assert topic.get_attributes().maximum_message_size == 1024
    assert refusal(topic.publish_message, TopicMessage("x" * 1025)) == "InvalidArgument"
    subscription = subscribe(topic, "s", "JSON")
    subscription.set_attributes(SubscriptionMeta(notify_strategy="EXPONENTIAL_DECAY_RETRY"))
    assert subscription.get_attributes().notify_strategy == "EXPONENTIAL_DECAY_RETRY"
