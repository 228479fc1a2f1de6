"""What belongs to Function Compute: the paths of its two API versions, as far as they are played."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from aliyun_fakes.core.http import Request
from aliyun_fakes.core.routes import Routes

Api = Literal["2016-08-15", "2023-03-30"]
_V2 = re.compile(r"/2016-08-15/services/([^/]+)/functions/([^/]+)/(invocations)")
_V3 = re.compile(r"/2023-03-30/functions/([^/]+)(?:/(invocations|triggers))?")
ROUTES = Routes(Path(__file__).with_name("operations.txt"))
"""Every operation of the vendor's."""
INVOKE = "InvokeFunction"
GET_FUNCTION = "GetFunction"
LIST_TRIGGERS = "ListTriggers"
OPERATIONS = {("POST", "invocations"): INVOKE, ("GET", None): GET_FUNCTION, ("GET", "triggers"): LIST_TRIGGERS}
"""By method and what follows the function's name in the path."""


@dataclass(frozen=True)
class Target:
    """What a request is about.

    Attributes:
        operation: of `OPERATIONS`.
        service: of Function Compute 2.0; "" in 3.0.
        function: its name.
        qualifier: version or alias; ``LATEST`` when none is named.
    """

    operation: str
    service: str
    function: str
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
    found = _V3.fullmatch(request.raw_path) or _V2.fullmatch(request.raw_path)
    if found is None:
        return None
    *names, what = found.groups()
    name = OPERATIONS.get((request.method, what))
    if name is None:
        return None
    if found.re is _V3:
        return Target(name, "", unquote(names[0]), request.query.get("qualifier") or "LATEST")
    service, _, qualifier = unquote(names[0]).partition(".")
    return Target(name, service, unquote(names[1]), qualifier or "LATEST")
