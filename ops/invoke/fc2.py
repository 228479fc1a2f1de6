"""A Function Compute 2.0 service over the official SDK aliyun-fc2. Importing this module imports the SDK.

Fenced here (observed: aliyun-fc2 2.5.2): after a refusal it logs the request's headers, the security token among them;
so while it works nothing is logged at all.
"""

import requests
from fc2 import Client, FcError

from functions.retention.cloud import Settings, refusal, silence
from functions.retention.core import CloudError, NoAnswer, Refused, Throttled
from ops.environment import unlogged
from ops.invoke.fc3 import MARGIN, outcome
from ops.invoke.invocation import Outcome

UNHANDLED = "UnhandledInvocationError"
"""What the platform calls an error that a function did not handle (documented: error handling page)."""

_OPERATION = "InvokeFunction"
_TOO_MANY = 429
_SERVER_ERROR = 500


class Fc2:
    """Invokes by the API of 2016-08-15; satisfies `ops.invoke.invocation.Invoker`.

    Args:
        settings: region, account and credentials.
        timeout: of the slowest function, seconds.
        service: the service the functions are in.
        endpoint_url: a URL in place of the region's own; None for that.
    """

    def __init__(self, settings: Settings, timeout: int, service: str, endpoint_url: str | None = None) -> None:
        credentials = settings.credentials
        self._credentials, self._service = credentials, service
        self._client = Client(
            endpoint=endpoint_url or f"https://{settings.account_id}.{settings.region}.fc.aliyuncs.com",
            accessKeyID=credentials.access_key_id,
            accessKeySecret=credentials.access_key_secret,
            securityToken=credentials.security_token,
            Timeout=timeout + MARGIN,
        )

    def invoke(self, function: str, event: bytes, *, queued: bool, tail: bool) -> Outcome:
        """See `ops.invoke.invocation.Invoker`. This SDK raises when a function did, without saying how (observed).

        Raises:
            CloudError: refused, or no answer.
        """
        headers = {"x-fc-invocation-type": "Async"} if queued else {"x-fc-log-type": "Tail"} if tail else {}
        try:
            with unlogged():
                reply = self._client.invoke_function(self._service, function, event, headers)
        except FcError as error:
            if not error.err_code and error.status_code < requests.codes.bad_request:
                return Outcome(error.request_id or "", str(error.message).encode(), UNHANDLED)
            raise self._error(error) from None
        except Exception as error:  # noqa: BLE001 - the SDK passes on whatever its transport raises
            raise silence(_OPERATION, error, self._credentials) from None
        return outcome(reply.headers, reply.data, queued=queued)

    def _error(self, error: FcError) -> CloudError:
        kind: type[CloudError] = Refused
        if error.status_code == _TOO_MANY:
            kind = Throttled
        elif error.status_code >= _SERVER_ERROR:
            kind = NoAnswer
        return refusal(
            kind,
            _OPERATION,
            self._credentials,
            code=error.err_code,
            status=error.status_code,
            request_id=error.request_id,
            said=error.message,
        )
