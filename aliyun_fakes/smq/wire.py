"""The queue service's XML, in and out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import md5
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.queues import Queue
from aliyun_fakes.smq.values import (
    ATTRIBUTE_NAMES,
    BATCH_BYTES,
    BATCH_LIMIT,
    LIMITS,
    Draft,
    Message,
    Property,
    QueueAttributes,
)

NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"

_INTEGER = re.compile(r"-?[0-9]{1,18}")

Content: TypeAlias = "str | int | Mapping[str, Content] | list[tuple[str, Content]]"


def render(root: str, content: Content) -> str:
    """A document with this root element."""
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}">{_inner(content)}</{root}>'


def _inner(content: Content) -> str:
    if isinstance(content, (str, int)):
        return escape(str(content))
    pairs: Iterable[tuple[str, Content]] = content.items() if isinstance(content, Mapping) else content
    return "".join(f"<{name}>{_inner(value)}</{name}>" for name, value in pairs)


def milliseconds(moment: float) -> int:
    """Seconds since the epoch as the service shows them."""
    return round(moment * 1000)


def parse(body: bytes, root: str) -> ET.Element:
    """The root element of a request body.

    Raises:
        SmqError: MalformedXML (also for any DTD), InvalidArgument for another root.
    """
    if b"<!DOCTYPE" in body:
        raise SmqError("MalformedXML")
    try:
        element = ET.fromstring(body)  # noqa: S314 - documents with a DTD, hence with entities, were refused above
    except (ET.ParseError, ValueError, LookupError) as error:  # the last two: an encoding that expat does not have
        raise SmqError("MalformedXML") from error
    if _name(element) != root:
        raise SmqError("InvalidSchema", element=_name(element))
    return element


def parse_attributes(body: bytes, base: QueueAttributes) -> QueueAttributes:
    """The attributes of a ``<Queue>`` body; what it does not name stays as in `base`.

    Raises:
        SmqError: MalformedXML, or InvalidArgument for an unknown element or a value out of range.
    """
    given: dict[str, Any] = {}
    for child in parse(body, "Queue") if body else ():
        name, text = _name(child), (child.text or "").strip()
        if name not in ATTRIBUTE_NAMES:
            raise SmqError("InvalidSchema", element=name)
        given[ATTRIBUTE_NAMES[name]] = _boolean(name, text) if name == "LoggingEnabled" else integer(name, text)
    return replace(base, **given)


def parse_draft(element: ET.Element) -> Draft:
    """The message of a ``<Message>`` element.

    Raises:
        SmqError: InvalidArgument for an unknown element or one that is no number.
    """
    fields: dict[str, str] = {}
    properties: dict[str, tuple[Property, ...]] = {}
    for child in element:
        name = _name(child)
        if name in ("UserProperties", "SystemProperties"):
            properties[name] = tuple(_parse_property(item) for item in child)
        elif name in ("MessageBody", "DelaySeconds", "Priority", "MessageGroupId"):
            fields[name] = child.text or ""
        else:
            raise SmqError("InvalidSchema", element=name)
    if "MessageBody" not in fields:
        raise SmqError("InvalidSchema", element="MessageBody")
    return Draft(
        body=fields["MessageBody"],
        delay_seconds=integer("DelaySeconds", fields["DelaySeconds"]) if "DelaySeconds" in fields else None,
        priority=integer("Priority", fields.get("Priority", "8")),
        group_id=fields.get("MessageGroupId", ""),
        user_properties=properties.get("UserProperties", ()),
        system_properties=properties.get("SystemProperties", ()),
    )


def parse_batch(body: bytes) -> list[ET.Element]:
    """The ``<Message>`` elements of a batch.

    Raises:
        SmqError: MalformedXML, or InvalidArgument for a wrong element, none or more than 16, or bodies beyond 64 KB
            together (documented: BatchSendMessage page).
    """
    elements = _children(body, "Messages", "Message")
    size = sum(len((child.text or "").encode()) for item in elements for child in item if _name(child) == "MessageBody")
    if size > BATCH_BYTES:
        raise SmqError("ValueOutOfRange", element="Messages", low=1, high=BATCH_BYTES)
    return elements


def parse_handles(body: bytes) -> list[str]:
    """The receipt handles of a batch deletion.

    Raises:
        SmqError: as `parse_batch`.
    """
    return [(element.text or "").strip() for element in _children(body, "ReceiptHandles", "ReceiptHandle")]


def integer(element: str, text: str) -> int:
    """A parameter's number.

    Raises:
        SmqError: InvalidArgument with the parameter's range.
    """
    if not _INTEGER.fullmatch(text):
        low, high = LIMITS[element]
        raise SmqError("ValueOutOfRange", element=element, low=low, high=high)
    return int(text)


def message_fields(message: Message) -> dict[str, Content]:
    """What a peek shows of a message."""
    fields: dict[str, Content] = {
        "MessageId": message.id,
        "MessageBodyMD5": body_md5(message.body),
        "MessageBody": message.body,
        "EnqueueTime": milliseconds(message.enqueued_at),
        "FirstDequeueTime": milliseconds(message.first_dequeued_at),
        "DequeueCount": message.dequeue_count,
        "Priority": message.priority,
    }
    if message.group_id:
        fields["MessageGroupId"] = message.group_id
    for name, item, properties in (
        ("UserProperties", "PropertyValue", message.user_properties),
        ("SystemProperties", "SystemPropertyValue", message.system_properties),
    ):
        if properties:
            fields[name] = [(item, {"Name": p.name, "Value": p.value, "Type": p.type}) for p in properties]
    return fields


def received_fields(message: Message) -> dict[str, Content]:
    """What a receive shows of a message."""
    return message_fields(message) | {
        "ReceiptHandle": message.receipt_handle,
        "NextVisibleTime": milliseconds(message.visible_at),
    }


def sent_fields(message: Message, *, with_handle: bool = True) -> dict[str, Content]:
    """What a send's reply shows; a batch's shows no handles (observed: the SDK refuses further elements there)."""
    fields: dict[str, Content] = {"MessageId": message.id, "MessageBodyMD5": body_md5(message.body)}
    if with_handle and message.receipt_handle:
        fields["ReceiptHandle"] = message.receipt_handle
    return fields


def queue_fields(queue: Queue) -> dict[str, Content]:
    """What GetQueueAttributes shows; times there are whole seconds."""
    counts = queue.counts()
    fields: dict[str, Content] = {
        "QueueName": queue.name,
        "CreateTime": int(queue.created_at),
        "LastModifyTime": int(queue.modified_at),
        "ActiveMessages": counts["active"],
        "InactiveMessages": counts["inactive"],
        "DelayMessages": counts["delayed"],
    }
    for element, name in ATTRIBUTE_NAMES.items():
        fields[element] = str(getattr(queue.attributes, name))
    return fields


def body_md5(body: str) -> str:
    """MD5 of a body as on the wire, upper-case hex."""
    return md5(body.encode()).hexdigest().upper()


def _children(body: bytes, root: str, name: str) -> list[ET.Element]:
    elements = list(parse(body, root))
    for element in elements:
        if _name(element) != name:
            raise SmqError("InvalidSchema", element=_name(element))
    if not 1 <= len(elements) <= BATCH_LIMIT:
        raise SmqError("ValueOutOfRange", element=root, low=1, high=BATCH_LIMIT)
    return elements


def _parse_property(element: ET.Element) -> Property:
    values = {_name(child): child.text or "" for child in element}
    if set(values) != {"Name", "Value", "Type"}:
        raise SmqError("InvalidSchema", element=_name(element))
    return Property(values["Name"], values["Value"], values["Type"])


def _boolean(element: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise SmqError("InvalidSchema", element=element)
    return text.lower() == "true"


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
