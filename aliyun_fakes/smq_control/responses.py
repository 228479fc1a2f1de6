"""The management API on the wire: parameters in, answers out; the state is that of `aliyun_fakes.smq`."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from aliyun_fakes.core.credentials import AccessKeys
from aliyun_fakes.core.gateway import Answer, Call, Gateway, RpcService
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.signatures.acs import AcsVerifier
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.models import SmqModel
from aliyun_fakes.smq.queues import Queue
from aliyun_fakes.smq.values import QueueAttributes
from aliyun_fakes.smq_control import urls
from aliyun_fakes.smq_control.parameters import PAGE_NUMBER, PAGE_SIZE, Parameters

Handler = Callable[[SmqModel, Parameters], object]

_DONE: Mapping[str, object] = {"Code": 200, "Success": True, "Message": "operation success"}


class SmqControlService(RpcService):
    """The service as the dispatcher calls it; see `aliyun_fakes.core.dispatch.Service`.

    Args:
        model: the queues.
        keys: the identities that may call.
        wall: the machine's time, seconds since the epoch, for the freshness of signatures.
    """

    name = "mns-open"

    def __init__(self, model: SmqModel, keys: AccessKeys, wall: Callable[[], float] = time.time) -> None:
        self._model = model
        verifier = AcsVerifier(keys, wall_clock=wall)
        gateway = Gateway("mns", urls.VERSION, keys, model.ids, known=urls.KNOWN, verifier=verifier)
        super().__init__(gateway, {name: partial(self._run, handler) for name, handler in HANDLERS.items()})

    def owns(self, request: Request) -> bool:
        """See `aliyun_fakes.core.dispatch.Service`."""
        return urls.owns(request)

    def latency(self, operation: str, request: Request) -> float:  # noqa: ARG002 - the protocol's
        """Seconds from request to reply."""
        return self._model.settings.latency

    def _run(self, handler: Handler, call: Call) -> Answer:
        data = handler(self._model, Parameters(call.parameters))
        return {**_DONE, "Status": "Success"} | ({} if data is None else {"Data": data})


def _create(model: SmqModel, given: Parameters) -> object:
    if given.text("QueueType") not in ("", "normal"):
        raise SmqError("InvalidSchema", element="QueueType")
    name = given.demand("QueueName")
    policy = given.dlq_policy()
    dead_letter = policy.resolve(model) if policy else None
    queue, is_new = model.ensure_queue(name, given.attributes(QueueAttributes()))
    if is_new:
        queue.set_dead_letter(dead_letter)
    return _DONE


def _set(model: SmqModel, given: Parameters) -> object:
    queue = model.queue(given.demand("QueueName"))
    policy = given.dlq_policy()
    changed = given.attributes(queue.attributes)
    if policy is not None:
        queue.set_dead_letter(policy.resolve(model))
    queue.set_attributes(changed)
    return _DONE


def _get(model: SmqModel, given: Parameters) -> object:
    return _described(model.queue(given.demand("QueueName")))


def _delete(model: SmqModel, given: Parameters) -> object:
    model.delete_queue(given.demand("QueueName"))
    return None


def _list(model: SmqModel, given: Parameters) -> object:
    number, size = given.number(PAGE_NUMBER), given.number(PAGE_SIZE)
    found = [queue for queue in model.queues if given.text("QueueName") in queue.name]
    page = found[(number - 1) * size : number * size]
    return {
        "PageNum": number,
        "PageSize": size,
        "Pages": -(-len(found) // size),
        "Size": len(page),
        "Total": len(found),
        "PageData": [_described(queue) for queue in page],
    }


def _described(queue: Queue) -> dict[str, object]:
    """A queue as GetQueueAttributes and ListQueue show it; the counts are there until the vendor ends them."""
    counts, set_to = queue.counts(), queue.attributes
    return {
        "QueueName": queue.name,
        "QueueType": "normal",
        "CreateTime": int(queue.created_at),
        "LastModifyTime": int(queue.modified_at),
        "VisibilityTimeout": set_to.visibility_timeout,
        "MaximumMessageSize": set_to.maximum_message_size,
        "MessageRetentionPeriod": set_to.message_retention_period,
        "DelaySeconds": set_to.delay_seconds,
        "PollingWaitSeconds": set_to.polling_wait_seconds,
        "LoggingEnabled": set_to.logging_enabled,
        "ActiveMessages": counts["active"],
        "InactiveMessages": counts["inactive"],
        "DelayMessages": counts["delayed"],
        "DlqPolicy": _policy(queue),
        "Tags": [],
    }


def _policy(queue: Queue) -> dict[str, object]:
    policy = queue.dead_letter
    if policy is None:
        return {"Enabled": False}
    return {
        "Enabled": True,
        "DeadLetterTargetQueue": policy.queue.name,
        "MaxReceiveCount": policy.max_receive_count,
    }


HANDLERS: Mapping[str, Handler] = {
    "CreateQueue": _create,
    "SetQueueAttributes": _set,
    "GetQueueAttributes": _get,
    "DeleteQueue": _delete,
    "ListQueue": _list,
}
"""By operation."""
