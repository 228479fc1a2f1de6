"""Queues over the official SDK of the management API. Importing this module imports the SDK.

The SDK of the message API cannot set a dead-letter policy (observed: aliyun-mns-sdk 1.3.0); this one cannot send.
"""

from collections.abc import Callable, Mapping
from typing import Any

from alibabacloud_mns_open20220119 import models
from alibabacloud_mns_open20220119.client import Client
from darabonba.runtime import RuntimeOptions

from functions.retention.cloud import Retry, Settings, client_config, nas_error
from functions.retention.core import CloudError
from ops.provision.resource import Document

TIMEOUT_MS = 10_000
"""Milliseconds to connect and to wait for a reply; calls of this API are answered in a fraction of a second."""

_ABSENT = "QueueNotExist"
_SETTABLE = ("VisibilityTimeout", "MessageRetentionPeriod", "DlqPolicy")


def queue_client(settings: Settings) -> Client:
    """The SDK's client; it belongs to the family of the NAS SDK, so it is reached alike."""
    return Client(client_config(settings))


class Queues:
    """The queues of an account in a region; satisfies `ops.provision.plan.Resources`.

    Args:
        client: from `queue_client`.
        settings: the credentials that errors must not show.
        retry: the retry layer. Every call may be repeated: creating again what is there as asked for is fine.
    """

    def __init__(self, client: Client, settings: Settings, retry: Retry) -> None:
        self._client, self._credentials, self._retry = client, settings.credentials, retry
        self._runtime = RuntimeOptions(autoretry=False, connect_timeout=TIMEOUT_MS, read_timeout=TIMEOUT_MS)

    def read(self, name: str) -> Document | None:
        """A queue's settings and message counts, or None when there is no such queue.

        Raises:
            CloudError: see `functions.retention.cloud.nas.nas_error`.
        """
        request = models.GetQueueAttributesRequest(queue_name=name)
        try:
            answer = self._call("GetQueueAttributes", self._client.get_queue_attributes_with_options, request)
        except CloudError as error:
            if error.code != _ABSENT:
                raise
            return None
        data: Document = answer.get("Data") or {}
        return data

    def create(self, name: str, document: Document) -> None:
        """Make a queue.

        Raises:
            CloudError: see `functions.retention.cloud.nas.nas_error`; also when one of that name has other settings.
        """
        request = models.CreateQueueRequest().from_map({"QueueName": name, **document})
        self._call("CreateQueue", self._client.create_queue_with_options, request)

    def update(self, name: str, document: Document) -> None:
        """Change a queue's settings.

        Raises:
            CloudError: see `functions.retention.cloud.nas.nas_error`.
        """
        settable = {setting: document[setting] for setting in _SETTABLE if setting in document}
        request = models.SetQueueAttributesRequest().from_map({"QueueName": name, **settable})
        self._call("SetQueueAttributes", self._client.set_queue_attributes_with_options, request)

    def _call(self, operation: str, method: Callable[..., Any], request: object) -> Mapping[str, Any]:
        return self._retry.call(operation, lambda: self._try(operation, method, request), repeatable=True)

    def _try(self, operation: str, method: Callable[..., Any], request: object) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = method(request, self._runtime).body.to_map()
        except Exception as error:  # noqa: BLE001 - the SDK passes on whatever its transport raises
            raise nas_error(operation, error, self._credentials) from None
        return answer
