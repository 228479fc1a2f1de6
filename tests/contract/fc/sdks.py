"""The two official SDKs behind one shape, so that a test can go through either."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from alibabacloud_fc20230330.client import Client as Client3
from alibabacloud_fc20230330.models import InvokeFunctionHeaders, InvokeFunctionRequest
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.exceptions import DaraException
from darabonba.runtime import RuntimeOptions
from fc2 import Client as Client2
from fc2 import FcError

from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.fc import FunctionHost
from tests.contract.fronts import Front
from tests.patience import PATIENCE
from tests.unit.aliyun_fakes.fc.stage import TOYS

Api = Literal["fc2", "fc3"]
SERVICE = "toys"


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        status: of HTTP.
        headers: by lower-case name.
        body: as sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Refused(Exception):
    """The SDK raised because the service refused, or because a 2016 function failed.

    Attributes:
        status: of HTTP.
        code: of the error.
        message: as the SDK tells it.
        request_id: as the SDK tells it.
    """

    status: int
    code: str
    message: str
    request_id: str


class Invoker(Protocol):
    """An SDK."""

    def __call__(
        self,
        function: str,
        event: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        qualifier: str | None = None,
        service: str = SERVICE,
    ) -> Reply:
        """Invoke; raises Refused."""


class Fc2:
    """aliyun-fc2, API 2016-08-15."""

    def __init__(self, endpoint: str | None, key: AccessKey) -> None:
        self._client = Client2(
            endpoint=endpoint or f"https://{ACCOUNT_ID}.{REGION}.fc.aliyuncs.com",
            accessKeyID=key.id,
            accessKeySecret=key.secret,
            securityToken=key.security_token or "",
            Timeout=20,
        )

    def __call__(
        self,
        function: str,
        event: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        qualifier: str | None = None,
        service: str = SERVICE,
    ) -> Reply:
        """See `Invoker`; the SDK keeps the status to itself."""
        try:
            reply = self._client.invoke_function(service, function, event, dict(headers or {}), qualifier)
        except FcError as error:
            raise Refused(
                error.status_code, error.err_code or "", error.message or "", error.request_id or ""
            ) from error
        named = {name.lower(): value for name, value in reply.headers.items()}
        return Reply(0, named, reply.data)


class Fc3:
    """alibabacloud-fc20230330, by requests."""

    def __init__(self, endpoint: str | None, key: AccessKey) -> None:
        url = urlsplit(endpoint or "")
        where = {"endpoint": url.netloc, "protocol": "HTTP"} if endpoint else {"region_id": REGION}
        keys = {"access_key_id": key.id, "access_key_secret": key.secret, "security_token": key.security_token}
        self._client = Client3(Config(**keys, **where))

    def __call__(
        self,
        function: str,
        event: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        qualifier: str | None = None,
        service: str = SERVICE,  # noqa: ARG002 - there are no services in this version
    ) -> Reply:
        """See `Invoker`."""
        try:
            return self._send(function, event, qualifier, InvokeFunctionHeaders(common_headers=dict(headers or {})))
        except DaraException as error:
            data = error.data
            raise Refused(
                error.statusCode, error.code or "", error.message or "", str(data.get("RequestId", ""))
            ) from error

    def _send(self, function: str, event: bytes, qualifier: str | None, headers: Any) -> Reply:  # noqa: ANN401 - an SDK without types
        request = InvokeFunctionRequest(body=BytesIO(event), qualifier=qualifier)
        return _reply(self._client.invoke_function_with_options(function, request, headers, _options()))


class Fc3Aiohttp(Fc3):
    """The same SDK by aiohttp, which only a server can answer."""

    def _send(self, function: str, event: bytes, qualifier: str | None, headers: Any) -> Reply:  # noqa: ANN401 - as above
        request = InvokeFunctionRequest(body=_Awaited(event), qualifier=qualifier)
        call = self._client.invoke_function_with_options_async(function, request, headers, _options())
        return _reply(asyncio.run(call))


class _Awaited:
    """A body as this SDK's asynchronous calls take it: its ``read`` is awaited (observed: darabonba-core 1)."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def read(self) -> bytes:
        return self._content


def _options() -> Any:  # noqa: ANN401 - as above
    milliseconds = int(PATIENCE * 1000)
    return RuntimeOptions(read_timeout=milliseconds, connect_timeout=milliseconds, autoretry=False)


def _reply(response: Any) -> Reply:  # noqa: ANN401 - as above
    headers = {str(name).lower(): str(value) for name, value in response.headers.items()}
    return Reply(response.status_code, headers, response.body.read())


def deploy_toys(cloud: FakeCloud, s_yaml: Path = TOYS / "s.yaml") -> FunctionHost:
    """Host the toy functions, with the queues they need."""
    for name in ("toys-work", "toys-dead"):
        cloud.smq.create_queue(name)
    return cloud.deploy(s_yaml)


def invoker(api: Api, front: Front, key: AccessKey = TEST_KEY) -> Invoker:
    """An SDK at a front."""
    return invoker_at(api, front.server.endpoint if front.server else None, key)


def invoker_at(api: Api, endpoint: str | None, key: AccessKey = TEST_KEY) -> Invoker:
    """An SDK at a server's URL, or at the vendor's own hosts."""
    return Fc2(endpoint, key) if api == "fc2" else Fc3(endpoint, key)
