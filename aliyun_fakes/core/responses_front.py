"""The in-process front: while it is open, `requests` calls to the fakes' hosts never leave the process.

It stands on the `responses` library. The queue SDK speaks `http.client`, which `responses` cannot see, so the
front also bridges that SDK's one choke point, ``MNSHttp.send_request``, into `requests` while it is open.
"""

import re
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
from responses import CallbackResponse, RequestsMock

from aliyun_fakes.core.dispatch import Dispatcher
from aliyun_fakes.core.http import ConnectionDropped, Headers, ReadTimedOut, Request

ALIBABA_HOSTS = re.compile(r"https?://([a-z0-9-]+\.)*(aliyuncs|fc\.aliyuncs)\.com(:\d+)?(/.*)?(\?.*)?$", re.DOTALL)
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_KEPT_CALLS = 100


def to_request(prepared: requests.PreparedRequest) -> Request:
    """What the fakes see of a prepared `requests` call."""
    parts = urlsplit(prepared.url or "")
    headers = Headers.of(prepared.headers)
    body = prepared.body or b""
    if hasattr(body, "read"):
        body = body.read()
    return Request(
        method=(prepared.method or "GET").upper(),
        host=headers.get("host", parts.hostname or "").split(":")[0].lower(),
        raw_path=parts.path or "/",
        raw_query=parts.query,
        headers=headers,
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


class ResponsesFront:
    """Opens and closes the in-process front over a dispatcher.

    Args:
        dispatcher: answers every request for a host of the vendor's; other hosts are refused as unreachable.
    """

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._mock = RequestsMock(assert_all_requests_are_fired=False)
        self._sender: Any = None

    def __enter__(self) -> "ResponsesFront":  # noqa: PYI034 - typing.Self is newer than Python 3.10
        """Open: from here on no call to the vendor's hosts leaves the process."""
        for method in _METHODS:
            self._mock.add(CallbackResponse(method, ALIBABA_HOSTS, callback=self._answer))
        self._mock.start()
        self._bridge_queue_sdk()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close: put both libraries back as they were."""
        from mns.mns_http import MNSHttp  # noqa: PLC0415 - the fakes also serve those who have no queue SDK installed

        MNSHttp.send_request = self._sender
        self._mock.stop(allow_assert=False)
        self._mock.reset()

    def _answer(self, prepared: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        if len(self._mock.calls) > _KEPT_CALLS:
            self._forget_calls()
        try:
            response = self._dispatcher.dispatch(to_request(prepared))
        except ConnectionDropped as error:
            raise requests.exceptions.ConnectionError(*error.args, request=prepared) from error
        except ReadTimedOut as error:
            raise requests.exceptions.ReadTimeout(*error.args, request=prepared) from error
        return response.status, response.headers, b"" if prepared.method == "HEAD" else response.body

    def _forget_calls(self) -> None:
        """The dispatcher keeps a bounded log of its own; `responses` would keep every call for ever."""
        self._mock.calls.reset()
        for registered in self._mock.registered():
            registered.calls.reset()

    def _bridge_queue_sdk(self) -> None:
        from mns.mns_http import MNSHttp  # noqa: PLC0415 - as in __exit__

        self._sender = MNSHttp.send_request
        MNSHttp.send_request = _send_by_requests


def _send_by_requests(http: Any, req_inter: Any) -> Any:  # noqa: ANN401 - the SDK's own untyped objects
    """Stand in for the queue SDK's ``MNSHttp.send_request``: the same request by `requests`.

    Like the original it sends once more when a connection ends without a reply (observed: aliyun-mns-sdk 1.3.0),
    and turns every other trouble into the SDK's own network exception.
    """
    from mns.mns_exception import MNSClientNetworkException  # noqa: PLC0415 - as in __exit__
    from mns.mns_http import ResponseInternal  # noqa: PLC0415 - as in __exit__

    try:
        try:
            reply = _send_once(http, req_inter)
        except requests.exceptions.ReadTimeout:
            raise
        except requests.exceptions.ConnectionError:
            reply = _send_once(http, req_inter)
    except requests.exceptions.RequestException as error:
        raise MNSClientNetworkException("NetWorkException", str(error), req_inter.get_req_id()) from error
    return ResponseInternal(reply.status_code, {k.lower(): v for k, v in reply.headers.items()}, reply.text)


def _send_once(http: Any, req_inter: Any) -> requests.Response:  # noqa: ANN401 - as above
    scheme = "https" if http.is_https else "http"
    body = req_inter.data.encode() if isinstance(req_inter.data, str) else req_inter.data
    return requests.request(
        req_inter.method,
        f"{scheme}://{http.host}{req_inter.uri}",
        headers=dict(req_inter.header) | {"host": http.host},
        data=body or None,
        timeout=60,
    )
