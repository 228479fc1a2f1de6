"""Parameters in, wire out: one method per operation."""

import time
from collections.abc import Callable
from xml.etree.ElementTree import Element

from aliyun_fakes.core.credentials import AccessKeys
from aliyun_fakes.core.dispatch import TryAgain
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.http import Request, Response
from aliyun_fakes.core.signatures.queue import verify
from aliyun_fakes.core.signatures.refusal import SignatureRefused
from aliyun_fakes.smq import urls, wire
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.models import SmqModel
from aliyun_fakes.smq.queues import Queue
from aliyun_fakes.smq.responses_topics import TopicOperations
from aliyun_fakes.smq.urls import Call
from aliyun_fakes.smq.values import Message, QueueAttributes, check_range

VERSION = "2015-06-06"
PARTIAL_SEND_STATUS = 400
"""Status of a batch send that stored only some messages: assumed (documented: not 201)."""
PARTIAL_DELETE_STATUS = 404
"""Status of a batch deletion that removed only some messages: assumed (documented: not 204)."""

RENAMED_ACTIONS = {"BatchReceiveMessage": "ReceiveMessage", "BatchPeekMessage": "PeekMessage"}
"""RAM action by operation where it is not the operation's own: assumed (BatchDeleteMessage has its own: documented)."""


class SmqService:
    """The service on the wire; see `aliyun_fakes.core.dispatch.Service`.

    Args:
        model: state and behaviour.
        keys: the identities that may call.
        wall: the machine's time, seconds since the epoch, for the freshness of signatures.
    """

    name = "smq"

    def __init__(self, model: SmqModel, keys: AccessKeys, wall: Callable[[], float] = time.time) -> None:
        self._model, self._keys, self._wall = model, keys, wall
        self._polls: dict[int, tuple[Request, float]] = {}
        self._answers: dict[str, Callable[[Call], Response | TryAgain]] = {
            "CreateQueue": self._create_queue,
            "SetQueueAttributes": self._set_queue_attributes,
            "GetQueueAttributes": self._get_queue_attributes,
            "DeleteQueue": self._delete_queue,
            "ListQueue": self._list_queue,
            "SendMessage": self._send_message,
            "BatchSendMessage": self._batch_send_message,
            "ReceiveMessage": self._receive_message,
            "BatchReceiveMessage": self._batch_receive_message,
            "PeekMessage": self._peek_message,
            "BatchPeekMessage": self._batch_peek_message,
            "DeleteMessage": self._delete_message,
            "BatchDeleteMessage": self._batch_delete_message,
            "ChangeMessageVisibility": self._change_message_visibility,
            **TopicOperations(model, self).answers,
        }

    def owns(self, request: Request) -> bool:
        """See `aliyun_fakes.smq.urls.owns`."""
        return urls.owns(request)

    def operation(self, request: Request) -> str:
        """The operation's name, ``Unknown`` for a request that is none."""
        return urls.to_call(request).operation

    def latency(self, operation: str, request: Request) -> float:  # noqa: ARG002 - the protocol's parameters
        """Seconds from request to reply, without a long poll's wait."""
        return self._model.settings.latency

    def handle(self, request: Request) -> Response | TryAgain:
        """Check signature and rights, act, answer; refusals are the documented error XML."""
        call = urls.to_call(request)
        try:
            self._authorize(call)
            return self._operate(call)
        except SmqError as error:
            return self._refuse(error)

    def failure(self, request: Request, fault: Fault) -> Response:  # noqa: ARG002 - the protocol's parameters
        """A fault as this service would tell it; throttling is 429 TooManyRequests."""
        error = SmqError("TooManyRequests") if fault.kind == "throttle" else fault
        return self._refuse(error)

    def _authorize(self, call: Call) -> None:
        try:
            key = verify(call.request, self._keys, self._wall())
        except SignatureRefused as refusal:
            raise SmqError(refusal.code) from refusal
        if not key.may(f"mns:{RENAMED_ACTIONS.get(call.operation, call.operation)}"):
            raise SmqError("AccessDenied")

    def _operate(self, call: Call) -> Response | TryAgain:
        answer = self._answers.get(call.operation)
        if answer is None:
            raise SmqError("InvalidRequestURL")
        unknown = next((name for name in call.query if name not in urls.PARAMETERS), None)
        if unknown is not None:
            raise SmqError("InvalidQueryString", element=unknown)
        return answer(call)

    def _refuse(self, error: SmqError | Fault) -> Response:
        request_id = self._request_id()
        content: dict[str, wire.Content] = {
            "Code": error.code,
            "Message": error.message,
            "RequestId": request_id,
            "HostId": self._model.endpoint,
        }
        return Response.of_xml(error.status, wire.render("Error", content), self._headers(request_id))

    def reply(self, status: int, root: str, content: wire.Content) -> Response:
        """An answer with an XML document."""
        return Response.of_xml(status, wire.render(root, content), self._headers(self._request_id()))

    def empty(self, status: int, headers: dict[str, str] | None = None) -> Response:
        """An answer without a body."""
        return Response(status, self._headers(self._request_id()) | (headers or {}))

    def _headers(self, request_id: str) -> dict[str, str]:
        return {"x-mns-request-id": request_id, "x-mns-version": VERSION}

    def _request_id(self) -> str:
        return self._model.ids.hex(24).upper()

    def _url(self, queue: Queue) -> str:
        return f"{self._model.endpoint}/queues/{queue.name}"

    def _create_queue(self, call: Call) -> Response:
        attributes = wire.parse_attributes(call.request.body, QueueAttributes())
        queue, is_new = self._model.ensure_queue(call.queue, attributes)
        return self.empty(201 if is_new else 204, {"Location": self._url(queue)})

    def _set_queue_attributes(self, call: Call) -> Response:
        queue = self._model.queue(call.queue)
        queue.set_attributes(wire.parse_attributes(call.request.body, queue.attributes))
        return self.empty(204)

    def _get_queue_attributes(self, call: Call) -> Response:
        return self.reply(200, "Queue", wire.queue_fields(self._model.queue(call.queue)))

    def _delete_queue(self, call: Call) -> Response:
        self._model.delete_queue(call.queue)
        return self.empty(204)

    def _list_queue(self, call: Call) -> Response:
        headers = call.request.headers
        limit = wire.integer("x-mns-ret-number", headers.get("x-mns-ret-number", "1000"))
        queues, marker = self._model.list_queues(
            headers.get("x-mns-prefix", ""),
            headers.get("x-mns-marker", ""),
            check_range("x-mns-ret-number", limit),
        )
        with_meta = headers.get("x-mns-with-meta", "").lower() == "true"
        listed: list[tuple[str, wire.Content]] = []
        for queue in queues:
            url: dict[str, wire.Content] = {"QueueURL": self._url(queue)}
            listed.append(("Queue", url | wire.queue_fields(queue) if with_meta else url))
        if marker:
            listed.append(("NextMarker", marker))
        return self.reply(200, "Queues", listed)

    def _send_message(self, call: Call) -> Response:
        queue = self._model.queue(call.queue)
        message = queue.put(wire.parse_draft(wire.parse(call.request.body, "Message")))
        return self.reply(201, "Message", wire.sent_fields(message))

    def _batch_send_message(self, call: Call) -> Response:
        queue = self._model.queue(call.queue)
        elements = wire.parse_batch(call.request.body)
        if not self._model.settings.partial_batches:
            for element in elements:
                queue.check(wire.parse_draft(element))
        sent = [_send_one(queue, element) for element in elements]
        status = PARTIAL_SEND_STATUS if any("ErrorCode" in fields for fields in sent) else 201
        return self.reply(status, "Messages", [("Message", fields) for fields in sent])

    def _receive_message(self, call: Call) -> Response | TryAgain:
        received = self._receive(call, 1)
        if isinstance(received, TryAgain):
            return received
        return self.reply(200, "Message", wire.received_fields(received[0]))

    def _batch_receive_message(self, call: Call) -> Response | TryAgain:
        received = self._receive(call, _batch_size(call))
        if isinstance(received, TryAgain):
            return received
        return self.reply(200, "Messages", [("Message", wire.received_fields(message)) for message in received])

    def _receive(self, call: Call, limit: int) -> list[Message] | TryAgain:
        queue = self._model.queue(call.queue)
        wait = queue.attributes.polling_wait_seconds
        if "waitseconds" in call.query:
            wait = check_range("waitseconds", wire.integer("waitseconds", call.query["waitseconds"]))
        received = queue.receive(limit)
        if not received:
            return self._wait(call.request, queue, wait)
        self._polls.pop(id(call.request), None)
        return received

    def _wait(self, request: Request, queue: Queue, wait: int) -> TryAgain:
        """When a long poll looks again.

        A waiting request is known by its identity, kept alive for that; entries of polls that were abandoned go
        when their time is over.

        Raises:
            SmqError: MessageNotExist: waited long enough, or too many others wait.
        """
        now = self._model.clock.now()
        if id(request) not in self._polls:
            self._polls = {key: poll for key, poll in self._polls.items() if poll[1] > now}
            wait = wait if len(self._polls) < self._model.settings.long_polls else 0
            self._polls[id(request)] = request, now + wait
        deadline = self._polls[id(request)][1]
        if deadline <= now:
            del self._polls[id(request)]
            raise SmqError("MessageNotExist")
        visible = queue.next_visible_at() or deadline
        return TryAgain(max(now, min(deadline, visible, now + self._model.settings.poll_step)))

    def _peek_message(self, call: Call) -> Response:
        return self.reply(200, "Message", wire.message_fields(self._peek(call, 1)[0]))

    def _batch_peek_message(self, call: Call) -> Response:
        seen = self._peek(call, _batch_size(call))
        return self.reply(200, "Messages", [("Message", wire.message_fields(message)) for message in seen])

    def _peek(self, call: Call, limit: int) -> list[Message]:
        seen = self._model.queue(call.queue).peek(limit)
        if not seen:
            raise SmqError("MessageNotExist")
        return seen

    def _delete_message(self, call: Call) -> Response:
        self._model.queue(call.queue).delete(_parameter(call, "receipthandle", "MissingReceiptHandle"))
        return self.empty(204)

    def _batch_delete_message(self, call: Call) -> Response:
        queue = self._model.queue(call.queue)
        told = [_delete_one(queue, handle) for handle in wire.parse_handles(call.request.body)]
        errors: list[tuple[str, wire.Content]] = [("Error", fields) for fields in told if fields is not None]
        return self.reply(PARTIAL_DELETE_STATUS, "Errors", errors) if errors else self.empty(204)

    def _change_message_visibility(self, call: Call) -> Response:
        queue = self._model.queue(call.queue)
        handle = _parameter(call, "receipthandle", "MissingReceiptHandle")
        timeout = _parameter(call, "visibilitytimeout", "MissingVisibilityTimeout")
        message = queue.change_visibility(handle, wire.integer("VisibilityTimeout", timeout))
        content: dict[str, wire.Content] = {
            "ReceiptHandle": message.receipt_handle,
            "NextVisibleTime": wire.milliseconds(message.visible_at),
        }
        return self.reply(200, "ChangeVisibility", content)


def _send_one(queue: Queue, element: Element) -> dict[str, wire.Content]:
    try:
        return wire.sent_fields(queue.put(wire.parse_draft(element)), with_handle=False)
    except SmqError as error:
        return {"ErrorCode": error.code, "ErrorMessage": error.message}


def _delete_one(queue: Queue, handle: str) -> dict[str, wire.Content] | None:
    try:
        queue.delete(handle)
    except SmqError as error:
        return {"ErrorCode": error.code, "ErrorMessage": error.message, "ReceiptHandle": handle}
    return None


def _batch_size(call: Call) -> int:
    return check_range("numOfMessages", wire.integer("numOfMessages", call.query["numofmessages"]))


def _parameter(call: Call, name: str, missing: str) -> str:
    value = call.query.get(name, "")
    if not value:
        raise SmqError(missing)
    return value
