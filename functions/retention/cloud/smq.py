"""The work queue over the official queue SDK.

What is fenced here (all observed with aliyun-mns-sdk 1.3.0): its objects break when threads share them; over https it
ignores every time-out it offers; a temporary key's token must be ``""`` when there is none; and it silently sends again
when a connection ends without a reply, so a message may arrive twice even when one send was asked for.

Importing this module imports the SDK.
"""

import base64
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from mns.account import Account
from mns.mns_exception import MNSClientNetworkException, MNSExceptionBase
from mns.queue import Message

from functions.retention.cloud.foreign_errors import refusal, silence, silence_words
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import Credentials, Settings
from functions.retention.core import MAX_DELAY, CloudError, NoAnswer, NotFound, Refused, Throttled

TIMEOUT = 10.0
"""Seconds a connection or a reply may take. A send is answered in milliseconds; nothing here polls."""

MAX_MESSAGE_BYTES = 65_536
"""Of the Base64 form, some 48 KB of text (documented: SMQ limits page; counted encoded: FAQ on message size)."""

_NOT_FOUND = frozenset({"QueueNotExist"})

_THROTTLED = frozenset({"TooManyRequests"})

_NO_ANSWER = frozenset({"InternalError", "InternalServerError"})


def queue_error(operation: str, error: Exception, credentials: Credentials) -> CloudError:
    """What an exception of the SDK, or of what it calls, means.

    Codes as documented on the error response page, 2026-02; the SDK does not tell the HTTP status (observed). None of
    its text is kept (`foreign_errors`), so raise it ``from None``.
    """
    if not isinstance(error, MNSExceptionBase):
        return silence(operation, error, credentials)
    kind: type[CloudError] = Refused
    if error.type in _THROTTLED:
        kind = Throttled
    elif error.type in _NOT_FOUND:
        kind = NotFound
    elif error.type in _NO_ANSWER or isinstance(error, MNSClientNetworkException):
        kind = NoAnswer
    extra = silence_words(error, credentials) if isinstance(error, MNSClientNetworkException) else ""
    return refusal(
        kind, operation, credentials, code=error.type, request_id=error.req_id, said=error.message, extra=extra
    )


def queue_account(settings: Settings, timeout: float = TIMEOUT) -> Account:
    """The SDK's account for these settings, with time-outs that hold over https too; one for each thread."""
    credentials = settings.credentials
    account = Account(
        settings.smq_endpoint,
        credentials.access_key_id,
        credentials.access_key_secret,
        credentials.security_token,
    )
    account.mns_client.set_connection_timeout(timeout)
    account.mns_client.http.conn.timeout = timeout
    _use_proxy(account.mns_client.http, settings.smq_endpoint)
    return account


def _use_proxy(http: Any, endpoint: str) -> None:  # noqa: ANN401 - the SDK has no types
    """Let the SDK go through the proxy that the environment names, as all other SDKs here do.

    It opens its connection to the endpoint's host when the first request is made, and keeps the object (observed).
    """
    url = urlsplit(endpoint)
    proxy = urlsplit(getproxies().get(url.scheme, ""))
    if not proxy.hostname or proxy_bypass(url.hostname or ""):
        return
    connection, host = http.conn, http.conn.host
    port, connection.host, connection.port = connection.port, proxy.hostname, proxy.port or 80
    sign_in = {}
    if proxy.username:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        sign_in = {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    if url.scheme == "https":
        connection.set_tunnel(host, port, sign_in)
        return
    send = connection.request

    def request(method: str, path: str, body: object = None, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        send(method, f"http://{url.netloc}{path}", body, {**headers, **sign_in})

    connection.request = request


class SmqWorkQueue:
    """The two queues of a deployment; satisfies `WorkQueue`. Not shared between threads: build one for each.

    A send may put the message on the queue more than once: the SDK repeats a send whose connection dropped, and so does
    the retry layer when the reply was lost. Receivers have to cope, which they do anyway (delivery is at least once).

    Args:
        settings: endpoint, queue names and credentials.
        retry: the retry layer, without a common rest: limits are by the second here.
        timeout: seconds a connection or a reply may take.
    """

    def __init__(self, settings: Settings, *, retry: Retry, timeout: float = TIMEOUT) -> None:
        self._account = queue_account(settings, timeout)
        self._credentials = settings.credentials
        self._work = settings.work_queue
        self._dead_letter = settings.dead_letter_queue
        self._retry = retry

    def send(self, body: str, delay_seconds: int = 0) -> str:
        """See `WorkQueue`.

        Raises:
            ValueError: the delay is not between 0 and `MAX_DELAY` seconds.
            CloudError: see `queue_error`; code ``MessageTooLong`` without a call.
        """
        if not 0 <= delay_seconds <= MAX_DELAY:
            raise ValueError(f"delay of {delay_seconds} s is not between 0 and {MAX_DELAY} s")
        return self._send(self._work, body, delay_seconds)

    def dead_letter(self, body: str) -> str:
        """See `WorkQueue`.

        Raises:
            CloudError: see `queue_error`; code ``MessageTooLong`` without a call.
        """
        return self._send(self._dead_letter, body, 0)

    def _send(self, queue: str, body: str, delay_seconds: int) -> str:
        # Half of a surrogate pair, which no encoding takes, goes as \udxxx: its escape in JSON.
        text = body.encode("utf-8", "backslashreplace").decode()
        length = encoded_length(text)
        if length > MAX_MESSAGE_BYTES:
            message = f"{length} bytes as Base64; queue {queue} takes {MAX_MESSAGE_BYTES}"
            raise Refused("SendMessage", "MessageTooLong", message)
        return self._retry.call(
            "SendMessage", lambda: self._send_once(queue, Message(text, delay_seconds)), repeatable=True
        )

    def _send_once(self, queue: str, message: Message) -> str:
        try:
            return str(self._account.get_queue(queue).send_message(message).message_id)
        except Exception as error:  # noqa: BLE001 - the SDK passes on what its transport raises (observed)
            raise queue_error("SendMessage", error, self._credentials) from None


def encoded_length(body: str) -> int:
    """Bytes of a body as the queue counts it: UTF-8, then Base64."""
    return math.ceil(len(body.encode()) / 3) * 4
