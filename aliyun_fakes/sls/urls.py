"""Which requests belong to the log service, for which project they are, and which operation each is.

The project is in the host: ``<project>.<region>.log.aliyuncs.com`` (documented: "Endpoints"), or
``<project>.127.0.0.1`` from a client pointed at a local server (observed: the SDK's "row IP" mode).
"""

from dataclasses import dataclass
from pathlib import Path

from aliyun_fakes.core.http import Request
from aliyun_fakes.core.routes import Routes
from aliyun_fakes.sls.errors import SlsError

_SUFFIX = ".log.aliyuncs.com"
_LOCAL_HOSTS = ("127.0.0.1", "localhost")
_ENDPOINT_ENDINGS = ("", "-intranet", "-internal", "-vpc")


@dataclass(frozen=True)
class Route:
    """Where a request goes.

    Attributes:
        operation: the API operation, e.g. ``PutLogs``; "" when the vendor's SDKs know none.
        collection: the first part of the path.
        name: the second part: a logstore, dashboard, saved search or job; "" when none.
    """

    operation: str
    collection: str = ""
    name: str = ""


_ROUTES = Routes(Path(__file__).with_name("operations.txt"))


def owns(request: Request) -> bool:
    """Whether a request is for the log service: every SDK sends ``x-log-apiversion``."""
    return "x-log-apiversion" in request.headers or request.host.endswith(_SUFFIX)


def project_of(request: Request, region: str) -> str:
    """The project a request is for; "" when the host names none.

    Raises:
        SlsError: the host is none of this service, or of another region (assumed: as if there were no such project).
    """
    host = request.headers.get("host", request.host).partition(":")[0].lower()
    for local in _LOCAL_HOSTS:
        if host == local or host.endswith("." + local):
            return host.removesuffix(local).rstrip(".")
    project, dot, endpoint = host.removesuffix(_SUFFIX).rpartition(".")
    if not host.endswith(_SUFFIX) or "." in project:
        raise SlsError("InvalidHost", host)
    if endpoint not in tuple(region + ending for ending in _ENDPOINT_ENDINGS):
        raise SlsError("ProjectNotExist" if dot else "InvalidHost", project or host)
    return project


def route(request: Request) -> Route:
    """Tell the operation from method, path and query."""
    parts = [part for part in request.path.split("/") if part]
    operation = _ROUTES.find(request.method, request.path, request.query)
    if operation == "GetProject" and not _names_project(request):
        operation = "ListProject"
    return Route(operation, *parts[:2])


def _names_project(request: Request) -> bool:
    host = request.headers.get("host", request.host).partition(":")[0]
    return host not in _LOCAL_HOSTS and host.removesuffix(_SUFFIX).count(".") > 0


_RAM_ACTIONS = {
    "PutLogs": "PostLogStoreLogs",
    "GetLogs": "GetLogStoreLogs",
    "GetCursor": "GetCursorOrData",
    "GetCursorTime": "GetCursorOrData",
    "PullLogs": "GetCursorOrData",
    "GetHistograms": "GetLogStoreHistogram",
}


def ram_action(operation: str) -> str:
    """The RAM action an operation needs, e.g. ``log:PostLogStoreLogs`` (documented: "RAM actions")."""
    return "log:" + _RAM_ACTIONS.get(operation, operation)


def ram_resource(found: Route, project: str, region: str, owner: str) -> str:
    """The RAM resource a request is about, as a refusal names it."""
    resource = f"acs:log:{region}:{owner}:project/{project or '*'}"
    kinds = {
        "logstores": "logstore",
        "dashboards": "dashboard",
        "savedsearches": "savedsearch",
        "jobs": "job",
        "alerts": "alert",
    }
    if found.name:
        resource += f"/{kinds.get(found.collection, found.collection)}/{found.name}"
    return resource
