"""What is deployed, by the API of 2023-03-30. Importing this module imports the SDK."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from alibabacloud_fc20230330.models import GetFunctionRequest, ListTriggersRequest
from darabonba.runtime import RuntimeOptions

from functions.retention.cloud import Retry, Settings
from functions.retention.core import CloudError, NoAnswer
from ops.doctor.functions import SETTINGS, Deployed, DeployedTrigger
from ops.invoke.fc3 import CONNECT_MS, fc3_client, fc3_error

READ_MS = 10_000
"""Milliseconds; reads are answered in a fraction of a second."""

PAGE = 100
"""Triggers of one page, and more than a function can have (documented: 50; pages of 100 in the API of 2021-04-06)."""

_ABSENT = "FunctionNotFound"


class DeployedFunctions:
    """Reads functions and their triggers.

    Args:
        settings: region, account and credentials.
        endpoint_url: a URL in place of the region's own; None for that.
        retry: the retry layer.
    """

    def __init__(self, settings: Settings, endpoint_url: str | None, retry: Retry) -> None:
        self._client, self._credentials, self._retry = fc3_client(settings, endpoint_url), settings.credentials, retry
        self._runtime = RuntimeOptions(autoretry=False, connect_timeout=CONNECT_MS, read_timeout=READ_MS)

    def read(self, name: str) -> Deployed | None:
        """A function, or None when there is none of that name.

        Raises:
            CloudError: refused, or no answer.
        """
        found = self._call("GetFunction", self._client.get_function_with_options, name, GetFunctionRequest())
        if found is None:
            return None
        return Deployed(
            settings={field: found.get(field) for field in SETTINGS},
            environment=found.get("environmentVariables") or {},
            code_checksum=str(found.get("codeChecksum", "")),
            modified=str(found.get("lastModifiedTime", "")),
        )

    def triggers(self, name: str) -> list[DeployedTrigger] | None:
        """A function's triggers, or None when there is no function of that name.

        Raises:
            CloudError: refused, no answer, or one that is not understood.
        """
        request = ListTriggersRequest(limit=PAGE)
        found = self._call("ListTriggers", self._client.list_triggers_with_options, name, request)
        return None if found is None else [_trigger(each) for each in found.get("triggers") or []]

    def _call(self, operation: str, method: Callable[..., Any], name: str, request: object) -> Mapping[str, Any] | None:
        try:
            return self._retry.call(operation, lambda: self._try(operation, method, name, request), repeatable=True)
        except CloudError as error:
            if error.code != _ABSENT:
                raise
            return None

    def _try(self, operation: str, method: Callable[..., Any], name: str, request: object) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = method(name, request, {}, self._runtime).body.to_map()
        except Exception as error:  # noqa: BLE001 - the SDK passes on whatever its transport raises
            raise fc3_error(operation, error, self._credentials) from None
        return answer


def _trigger(found: Mapping[str, Any]) -> DeployedTrigger:
    try:
        config: Mapping[str, Any] = json.loads(found.get("triggerConfig") or "{}")
    except ValueError as error:
        raise NoAnswer("ListTriggers", "NotUnderstood", "a trigger's configuration is no JSON") from error
    return DeployedTrigger(str(found.get("triggerName", "")), config)
