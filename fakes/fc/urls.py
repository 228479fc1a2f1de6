"""What belongs to Function Compute: the invocation paths of its two API versions."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from fakes.core.http import Request

Api = Literal["2016-08-15", "2023-03-30"]
_V2 = re.compile(r"/2016-08-15/services/([^/]+)/functions/([^/]+)/invocations")
_V3 = re.compile(r"/2023-03-30/functions/([^/]+)/invocations")
INVOKE = "InvokeFunction"


@dataclass(frozen=True)
class Target:
    """What an invocation path names.

    Attributes:
        service: of Function Compute 2.0; "" in 3.0.
        function: its name.
        qualifier: version or alias; ``LATEST`` when none is named.
    """

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
    """``InvokeFunction``, or "" for anything else."""
    return INVOKE if request.method == "POST" and target(request) else ""


def target(request: Request) -> Target | None:
    """What the path names, or None when it is no invocation's."""
    found = _V3.fullmatch(request.raw_path)
    if found:
        return Target("", unquote(found[1]), request.query.get("qualifier") or "LATEST")
    found = _V2.fullmatch(request.raw_path)
    if found is None:
        return None
    service, _, qualifier = unquote(found[1]).partition(".")
    return Target(service, unquote(found[2]), qualifier or "LATEST")
