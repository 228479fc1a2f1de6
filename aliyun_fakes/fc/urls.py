"""What belongs to Function Compute: the paths of its two API versions, as far as they are played."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from aliyun_fakes.core.http import Request
from aliyun_fakes.core.routes import Routes

Api = Literal["2016-08-15", "2023-03-30"]
ROUTES = Routes(Path(__file__).with_name("operations.txt"))
"""Every operation of the vendor's."""
INVOKE = "InvokeFunction"
_BOTH = (INVOKE, "ListFunctions", "GetFunction", "ListTriggers", "GetTrigger", "GetAsyncInvokeConfig")
PLAYED: dict[Api, frozenset[str]] = {
    "2016-08-15": frozenset({*_BOTH, "ListServices", "GetService"}),
    "2023-03-30": frozenset({*_BOTH, "GetConcurrencyConfig"}),
}
"""The operations that the fake has, by API version."""
OPERATIONS = frozenset().union(*PLAYED.values())
"""Those of both versions."""


@dataclass(frozen=True)
class Target:
    """What a request is about. What its path does not name is "".

    Attributes:
        api: the version that it speaks.
        operation: of `PLAYED`.
        service: of Function Compute 2.0.
        function: its name.
        trigger: its name.
        qualifier: version or alias; ``LATEST`` when none is named.
    """

    api: Api
    operation: str
    service: str
    function: str
    trigger: str
    qualifier: str


def api_of(request: Request) -> Api:
    """The API version a request speaks; its path begins with it."""
    return "2016-08-15" if request.raw_path.startswith("/2016-08-15/") else "2023-03-30"


def owns(request: Request) -> bool:
    """Whether a request is for this service (documented: every path begins with an API version)."""
    return request.raw_path.startswith(("/2016-08-15/", "/2023-03-30/"))


def operation(request: Request) -> str:
    """The operation's name, or "" for what is not played."""
    found = target(request)
    return found.operation if found else ""


def target(request: Request) -> Target | None:
    """What the request is about, or None when its method and path are not played."""
    api = api_of(request)
    name = ROUTES.find(request.method, request.raw_path, request.query)
    if name not in PLAYED[api]:
        return None
    parts = [unquote(part) for part in request.raw_path.split("/") if part]
    names = dict(zip(parts[1::2], parts[2::2], strict=False))
    qualifier = request.query.get("qualifier", "")
    service = names.get("services", "")
    if api == "2016-08-15":
        service, _, qualifier = service.partition(".")
    return Target(api, name, service, names.get("functions", ""), names.get("triggers", ""), qualifier or "LATEST")
