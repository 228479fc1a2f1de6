"""Function Compute 3.0 over the official SDK alibabacloud-fc20230330. Importing this module imports the SDK."""

import base64
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_fc20230330.client import Client
from alibabacloud_fc20230330.models import InvokeFunctionHeaders, InvokeFunctionRequest
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.runtime import RuntimeOptions

from functions.retention.cloud import Credentials, Settings, nas_error
from functions.retention.core import CloudError, Throttled
from ops.invoke.invocation import Outcome

CONNECT_MS = 5_000
MARGIN = 30
"""Seconds for a cold start and the way on top of a function's own time-out."""

_TOO_MANY = 429


def fc3_client(settings: Settings, endpoint_url: str | None) -> Client:
    """The SDK's client for an account in a region.

    Args:
        settings: region, account and credentials.
        endpoint_url: a URL in place of the region's own; None for that.
    """
    credentials = settings.credentials
    url = urlsplit(endpoint_url or f"https://{settings.account_id}.{settings.region}.fc.aliyuncs.com")
    return Client(
        Config(
            access_key_id=credentials.access_key_id,
            access_key_secret=credentials.access_key_secret,
            security_token=credentials.security_token or None,
            region_id=settings.region,
            endpoint=url.netloc,
            protocol=url.scheme.upper(),
        )
    )


def fc3_error(operation: str, error: Exception, credentials: Credentials) -> CloudError:
    """What an SDK exception means; see `cloud.nas.nas_error`. 429 is throttling here (documented)."""
    known = nas_error(operation, error, credentials)
    if getattr(error, "status_code", None) != _TOO_MANY:
        return known
    return Throttled(known.operation, known.code, known.message, known.request_id)


class Fc3:
    """Invokes by the API of 2023-03-30; satisfies `ops.invoke.invocation.Invoker`.

    Args:
        settings: region, account and credentials.
        timeout: of the slowest function, seconds.
        endpoint_url: a URL in place of the region's own; None for that.
    """

    def __init__(self, settings: Settings, timeout: int, endpoint_url: str | None = None) -> None:
        self._credentials, self._client = settings.credentials, fc3_client(settings, endpoint_url)
        self._runtime = RuntimeOptions(
            autoretry=False, connect_timeout=CONNECT_MS, read_timeout=(timeout + MARGIN) * 1000
        )

    def invoke(self, function: str, event: bytes, *, queued: bool, tail: bool) -> Outcome:
        """See `ops.invoke.invocation.Invoker`.

        Raises:
            CloudError: refused, or no answer.
        """
        headers = InvokeFunctionHeaders(
            x_fc_invocation_type="Async" if queued else "Sync", x_fc_log_type="Tail" if tail else "None"
        )
        request = InvokeFunctionRequest(body=BytesIO(event))
        try:
            reply = self._client.invoke_function_with_options(function, request, headers, self._runtime)
            return outcome(reply.headers, reply.body.read(), queued=queued)
        except Exception as error:  # noqa: BLE001 - the SDK passes on whatever its transport raises
            raise fc3_error("InvokeFunction", error, self._credentials) from None


def outcome(headers: Any, body: bytes, *, queued: bool) -> Outcome:  # noqa: ANN401 - of either SDK
    """From a reply's headers, in whatever case, and body."""
    told = {str(name).lower(): str(value) for name, value in headers.items()}
    log = base64.b64decode(told.get("x-fc-log-result", "")).decode("utf-8", "replace")
    return Outcome(told.get("x-fc-request-id", ""), body, told.get("x-fc-error-type", ""), log, is_accepted=queued)
