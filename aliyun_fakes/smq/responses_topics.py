"""Topics on the wire: one method per operation, with the paths that aliyun-mns-sdk 1.3.0 sends (observed)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol
from xml.etree.ElementTree import Element

from aliyun_fakes.core.http import Response
from aliyun_fakes.smq import wire
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.models import SmqModel
from aliyun_fakes.smq.topics import RETENTION, Subscription, Topic, Topics
from aliyun_fakes.smq.urls import Call
from aliyun_fakes.smq.values import check_range


class Replies(Protocol):
    """How the service writes its answers."""

    def empty(self, status: int, headers: dict[str, str] | None = None) -> Response:
        """An answer without a body."""

    def reply(self, status: int, root: str, content: wire.Content) -> Response:
        """An answer with an XML document."""


class TopicOperations:
    """The operations on topics.

    Args:
        model: the queues that subscribe.
        replies: writes answers.
    """

    def __init__(self, model: SmqModel, replies: Replies) -> None:
        self._model, self._replies = model, replies
        self._topics = Topics(model)
        self.answers: Mapping[str, Callable[[Call], Response]] = {
            "CreateTopic": self._create,
            "SetTopicAttributes": self._set,
            "GetTopicAttributes": self._get,
            "DeleteTopic": self._delete,
            "ListTopic": self._list,
            "PublishMessage": self._publish,
            "Subscribe": self._subscribe,
            "SetSubscriptionAttributes": self._set_subscription,
            "GetSubscriptionAttributes": self._get_subscription,
            "Unsubscribe": self._unsubscribe,
            "ListSubscriptionByTopic": self._list_subscriptions,
        }

    def _create(self, call: Call) -> Response:
        size, logging = _topic_settings(call, 65_536, logging=False)
        topic, is_new = self._topics.ensure(call.topic, size, logging=logging)
        return self._replies.empty(201 if is_new else 204, {"Location": self._url(topic)})

    def _set(self, call: Call) -> Response:
        topic = self._topics.topic(call.topic)
        size, logging = _topic_settings(call, topic.maximum_message_size, logging=topic.logging_enabled)
        topic.maximum_message_size, topic.logging_enabled = check_range("MaximumMessageSize", size), logging
        topic.modified_at = self._model.clock.now()
        return self._replies.empty(204)

    def _get(self, call: Call) -> Response:
        return self._replies.reply(200, "Topic", _topic_fields(self._topics.topic(call.topic)))

    def _delete(self, call: Call) -> Response:
        self._topics.by_name.pop(call.topic, None)
        return self._replies.empty(204)

    def _list(self, call: Call) -> Response:
        with_meta = call.request.headers.get("x-mns-with-meta", "").lower() == "true"
        names, marker = _page(call, sorted(self._topics.by_name))
        listed: list[tuple[str, wire.Content]] = []
        for name in names:
            topic = self._topics.topic(name)
            url: dict[str, wire.Content] = {"TopicURL": self._url(topic)}
            listed.append(("Topic", url | _topic_fields(topic) if with_meta else url))
        return self._replies.reply(200, "Topics", listed + marker)

    def _publish(self, call: Call) -> Response:
        topic = self._topics.topic(call.topic)
        fields = _texts(wire.parse(call.request.body, "Message"))
        if not fields.get("MessageBody"):
            raise SmqError("InvalidSchema", element="MessageBody")
        message_id = self._topics.publish(topic, fields["MessageBody"], fields.get("MessageTag", ""))
        told: dict[str, wire.Content] = {
            "MessageId": message_id,
            "MessageBodyMD5": wire.body_md5(fields["MessageBody"]),
        }
        return self._replies.reply(201, "Message", told)

    def _subscribe(self, call: Call) -> Response:
        topic, now = self._topics.topic(call.topic), self._model.clock.now()
        fields = _texts(wire.parse(call.request.body, "Subscription"))
        wanted = Subscription(
            call.subscription,
            fields.get("Endpoint", ""),
            fields.get("FilterTag", ""),
            fields.get("NotifyStrategy", "BACKOFF_RETRY"),
            fields.get("NotifyContentFormat", "XML"),
            now,
            now,
        )
        made, is_new = self._topics.subscribe(topic, wanted)
        url = f"{self._url(topic)}/subscriptions/{made.name}"
        return self._replies.empty(201 if is_new else 204, {"Location": url})

    def _set_subscription(self, call: Call) -> Response:
        topic = self._topics.topic(call.topic)
        known = topic.subscription(call.subscription)
        fields = _texts(wire.parse(call.request.body, "Subscription"))
        topic.subscriptions[known.name] = replace(
            known, strategy=fields.get("NotifyStrategy", known.strategy), modified_at=self._model.clock.now()
        )
        return self._replies.empty(204)

    def _get_subscription(self, call: Call) -> Response:
        topic = self._topics.topic(call.topic)
        found = topic.subscription(call.subscription)
        fields: dict[str, wire.Content] = {
            "TopicOwner": self._model.account_id,
            "TopicName": topic.name,
            "SubscriptionName": found.name,
            "Subscriber": self._model.account_id,
            "Endpoint": found.endpoint,
            "FilterTag": found.filter_tag,
            "NotifyStrategy": found.strategy,
            "NotifyContentFormat": found.content_format,
            "CreateTime": int(found.created_at),
            "LastModifyTime": int(found.modified_at),
        }
        shown: dict[str, wire.Content] = {name: value for name, value in fields.items() if value != ""}
        return self._replies.reply(200, "Subscription", shown)

    def _unsubscribe(self, call: Call) -> Response:
        self._topics.topic(call.topic).subscriptions.pop(call.subscription, None)
        return self._replies.empty(204)

    def _list_subscriptions(self, call: Call) -> Response:
        topic = self._topics.topic(call.topic)
        names, marker = _page(call, sorted(topic.subscriptions))
        listed: list[tuple[str, wire.Content]] = [
            ("Subscription", {"SubscriptionURL": f"{self._url(topic)}/subscriptions/{name}"}) for name in names
        ]
        return self._replies.reply(200, "Subscriptions", listed + marker)

    def _url(self, topic: Topic) -> str:
        return f"{self._model.endpoint}/topics/{topic.name}"


def _topic_settings(call: Call, size: int, *, logging: bool) -> tuple[int, bool]:
    fields = _texts(wire.parse(call.request.body, "Topic")) if call.request.body else {}
    given = fields.get("MaximumMessageSize")
    size = size if given is None else wire.integer("MaximumMessageSize", given)
    return size, fields.get("LoggingEnabled", str(logging)).lower() == "true"


def _topic_fields(topic: Topic) -> dict[str, wire.Content]:
    return {
        "TopicName": topic.name,
        "CreateTime": int(topic.created_at),
        "LastModifyTime": int(topic.modified_at),
        "MaximumMessageSize": topic.maximum_message_size,
        "MessageRetentionPeriod": RETENTION,
        "MessageCount": 0,
        "LoggingEnabled": str(topic.logging_enabled),
    }


def _texts(element: Element) -> dict[str, str]:
    return {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element}


def _page(call: Call, names: list[str]) -> tuple[list[str], list[tuple[str, wire.Content]]]:
    """The names that the headers ask for, and the element that names the next page."""
    headers = call.request.headers
    limit = wire.integer("x-mns-ret-number", headers.get("x-mns-ret-number", "1000"))
    check_range("x-mns-ret-number", limit)
    prefix, marker = headers.get("x-mns-prefix", ""), headers.get("x-mns-marker", "")
    found = [name for name in names if name.startswith(prefix) and name >= marker]
    return found[:limit], [("NextMarker", found[limit])] if found[limit:] else []
