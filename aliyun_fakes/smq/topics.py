"""Topics and their subscriptions: what is published goes on to the queues that subscribed."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.models import LONGEST_NAME, QUEUE_NAME, SmqModel
from aliyun_fakes.smq.values import Draft, check_range
from aliyun_fakes.smq.wire import body_md5, milliseconds, render

RETENTION = 86_400
"""Seconds for which a topic keeps a message for another try (documented: Limits page)."""

FORMATS = ("XML", "JSON", "SIMPLIFIED")
STRATEGIES = ("BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY")
_TO_QUEUE = re.compile(r"acs:mns:([a-z0-9-]+):(\d+):/?queues/(.+)")


@dataclass(frozen=True)
class Subscription:
    """One subscription to a topic.

    Attributes:
        name: unique in its topic.
        endpoint: ``acs:mns:REGION:ACCOUNT:queues/QUEUE``.
        filter_tag: only messages with this tag; "" takes all.
        strategy: how the service tries again; a fake queue always takes a message, so nothing follows from it.
        content_format: how a message looks in the queue; one of `FORMATS`.
        created_at: seconds since the epoch.
        modified_at: as above.
    """

    name: str
    endpoint: str
    filter_tag: str
    strategy: str
    content_format: str
    created_at: float
    modified_at: float


@dataclass
class Topic:
    """A topic.

    Attributes:
        name: unique in the account.
        maximum_message_size: bytes of a body on the wire.
        logging_enabled: kept.
        created_at: seconds since the epoch.
        modified_at: as above.
        subscriptions: by name.
    """

    name: str
    maximum_message_size: int
    logging_enabled: bool
    created_at: float
    modified_at: float
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def subscription(self, name: str) -> Subscription:
        """The subscription of that name.

        Raises:
            SmqError: SubscriptionNotExist.
        """
        if name not in self.subscriptions:
            raise SmqError("SubscriptionNotExist")
        return self.subscriptions[name]


class Topics:
    """The topics of one account in one region.

    Args:
        model: the queues that subscribe, time and ids.
    """

    def __init__(self, model: SmqModel) -> None:
        self._model = model
        self.by_name: dict[str, Topic] = {}

    def topic(self, name: str) -> Topic:
        """The topic of that name.

        Raises:
            SmqError: TopicNotExist.
        """
        if name not in self.by_name:
            raise SmqError("TopicNotExist")
        return self.by_name[name]

    def ensure(self, name: str, size: int, *, logging: bool) -> tuple[Topic, bool]:
        """The topic of that name and whether it is new; an existing one must have the same attributes.

        Raises:
            SmqError: TopicNameInvalid, TopicAlreadyExist, InvalidArgument.
        """
        if len(name) > LONGEST_NAME or not QUEUE_NAME.fullmatch(name):
            raise SmqError("TopicNameInvalid")
        known = self.by_name.get(name)
        if known is not None:
            if (known.maximum_message_size, known.logging_enabled) != (size, logging):
                raise SmqError("TopicAlreadyExist")
            return known, False
        now = self._model.clock.now()
        topic = self.by_name[name] = Topic(name, check_range("MaximumMessageSize", size), logging, now, now)
        return topic, True

    def subscribe(self, topic: Topic, wanted: Subscription) -> tuple[Subscription, bool]:
        """Add a subscription; whether it is new. One that is there must be the same.

        Raises:
            SmqError: InvalidArgument, SubscriptionNameInvalid, SubscriptionAlreadyExist; QueueNotExist (assumed).
        """
        if len(wanted.name) > LONGEST_NAME or not QUEUE_NAME.fullmatch(wanted.name):
            raise SmqError("SubscriptionNameInvalid")
        for element, value, allowed in (
            ("NotifyContentFormat", wanted.content_format, FORMATS),
            ("NotifyStrategy", wanted.strategy, STRATEGIES),
        ):
            if value not in allowed:
                raise SmqError("InvalidSchema", element=element)
        self._queue_of(wanted)
        known = topic.subscriptions.get(wanted.name)
        if known is not None:
            if replace(known, created_at=0, modified_at=0) != replace(wanted, created_at=0, modified_at=0):
                raise SmqError("SubscriptionAlreadyExist")
            return known, False
        topic.subscriptions[wanted.name] = wanted
        return wanted, True

    def publish(self, topic: Topic, body: str, tag: str) -> str:
        """Hand a message on to every queue that takes it. Return its id.

        Raises:
            SmqError: InvalidArgument, the body is larger than the topic takes.
        """
        if len(body.encode()) > topic.maximum_message_size:
            raise SmqError("ValueOutOfRange", element="MessageBody", low=1, high=topic.maximum_message_size)
        message_id = self._model.ids.hex(32).upper()
        for subscription in topic.subscriptions.values():
            if subscription.filter_tag in ("", tag):
                written = self._written(topic, subscription, body, message_id)
                self._model.queue(self._queue_of(subscription)).put(Draft(written))
        return message_id

    def _queue_of(self, subscription: Subscription) -> str:
        """The name of the queue at an endpoint; others than queues of this account are not there."""
        found = _TO_QUEUE.fullmatch(subscription.endpoint)
        here = (self._model.region, self._model.account_id)
        if found is None or (found[1], found[2]) != here:
            raise SmqError("InvalidSchema", element="Endpoint")
        self._model.queue(found[3])
        return found[3]

    def _written(self, topic: Topic, subscription: Subscription, body: str, message_id: str) -> str:
        """A message as it stands in the queue (documented: topic message formats page)."""
        fields: Mapping[str, str | int] = {
            "TopicOwner": self._model.account_id,
            "TopicName": topic.name,
            "Subscriber": self._model.account_id,
            "SubscriptionName": subscription.name,
            "MessageId": message_id,
            "Message": body,
            "MessageMD5": body_md5(body),
            "PublishTime": milliseconds(self._model.clock.now()),
        }
        formats: Mapping[str, Callable[[], str]] = {
            "SIMPLIFIED": lambda: body,
            "JSON": lambda: json.dumps(fields),
            "XML": lambda: render("Notification", dict(fields)),
        }
        return formats[subscription.content_format]()
