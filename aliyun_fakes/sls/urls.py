"""Which requests belong to the log service, for which project they are, and which operation each is.

The project is in the host: ``<project>.<region>.log.aliyuncs.com`` (documented: "Endpoints"), or
``<project>.127.0.0.1`` from a client pointed at a local server (observed: the SDK's "row IP" mode).
"""

from dataclasses import dataclass

from aliyun_fakes.core.http import Request
from aliyun_fakes.sls.errors import SlsError

_SUFFIX = ".log.aliyuncs.com"
_LOCAL_HOSTS = ("127.0.0.1", "localhost")
_ENDPOINT_ENDINGS = ("", "-intranet", "-internal", "-vpc")


@dataclass(frozen=True)
class Route:
    """Where a request goes.

    Attributes:
        operation: the API operation, e.g. ``PutLogs``; "" when the fake knows none.
        collection: the first part of the path.
        name: the second part: a logstore, dashboard, saved search or job; "" when none.
    """

    operation: str
    collection: str = ""
    name: str = ""


_OF_ONE = {"GET": "Get", "PUT": "Update", "DELETE": "Delete"}
_OF_ALL = {"GET": "List", "POST": "Create"}
_OF_INDEX = {"GET": "GetIndex", "POST": "CreateIndex", "PUT": "UpdateIndex", "DELETE": "DeleteIndex"}
_COLLECTIONS = {
    "logstores": ("LogStore", "LogStores"),
    "dashboards": ("Dashboard", "Dashboard"),
    "savedsearches": ("SavedSearch", "SavedSearch"),
    "jobs": ("Job", "Jobs"),
}
_SWITCHES = {"enable": "EnableJob", "disable": "DisableJob"}
_PUT_PATHS = (["shards", "lb"], ["shards", "route"])
_OF_A_SHARD = {"cursor": "GetCursor", "cursor_time": "GetCursorTime", "log": "PullLogs"}
"""By the parameter ``type``."""


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
    if not parts:
        return Route(_project_operation(request))
    collection, name, rest = parts[0], parts[1] if len(parts) > 1 else "", parts[2:]
    if collection not in _COLLECTIONS:
        return Route("", collection, name)
    one, many = _COLLECTIONS[collection]
    if not name:
        verb = _OF_ALL.get(request.method, "")
        return Route(verb and verb + (many if verb == "List" else one), collection)
    if collection == "logstores" and (rest or request.query.get("type")):
        return Route(_logstore_operation(request, rest), collection, name)
    verb = "" if rest else _OF_ONE.get(request.method, "")
    if collection == "jobs" and verb == "Update" and "action" in request.query:
        return Route(_SWITCHES.get(request.query["action"], ""), collection, name)
    return Route(verb and verb + one, collection, name)


def _project_operation(request: Request) -> str:
    host = request.headers.get("host", request.host).partition(":")[0]
    has_project = host not in _LOCAL_HOSTS and host.removesuffix(_SUFFIX).count(".") > 0
    if request.method == "GET":
        return "GetProject" if has_project else "ListProject"
    return {"POST": "CreateProject", "PUT": "UpdateProject", "DELETE": "DeleteProject"}.get(request.method, "")


def _logstore_operation(request: Request, rest: list[str]) -> str:
    if rest in _PUT_PATHS:
        return "PutLogs" if request.method == "POST" else ""
    if rest == ["logs"]:
        return "GetLogs" if request.method == "POST" else ""
    if rest == ["index"]:
        return _OF_INDEX.get(request.method, "")
    if rest == ["shards"]:
        return "ListShards" if request.method == "GET" else ""
    if len(rest) == 2 and rest[0] == "shards" and request.method == "GET":  # noqa: PLR2004 - shards/<id>
        return _OF_A_SHARD.get(request.query.get("type", ""), "")
    return "GetLogs" if not rest and request.query.get("type") == "log" and request.method == "GET" else ""


_RAM_ACTIONS = {
    "PutLogs": "PostLogStoreLogs",
    "GetLogs": "GetLogStoreLogs",
    "GetCursor": "GetCursorOrData",
    "GetCursorTime": "GetCursorOrData",
    "PullLogs": "GetCursorOrData",
}


def ram_action(operation: str) -> str:
    """The RAM action an operation needs, e.g. ``log:PostLogStoreLogs`` (documented: "RAM actions")."""
    return "log:" + _RAM_ACTIONS.get(operation, operation)


def ram_resource(found: Route, project: str, region: str, owner: str) -> str:
    """The RAM resource a request is about, as a refusal names it."""
    resource = f"acs:log:{region}:{owner}:project/{project or '*'}"
    kinds = {"logstores": "logstore", "dashboards": "dashboard", "savedsearches": "savedsearch", "jobs": "job"}
    if found.name:
        resource += f"/{kinds.get(found.collection, found.collection)}/{found.name}"
    return resource
