"""The log service's control plane on the wire: projects, logstores, indexes.

Field names and paths are observed on the wire of aliyun-log-python-sdk 0.9.52 and documented per operation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from aliyun_fakes.core.http import Request, Response, read_json
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.index import IndexConfig
from aliyun_fakes.sls.models import Project, SlsModel

_MAX_PAGE = 500
_LOGSTORES = 200
"""On a page of ListLogStores that names no size (documented: ListLogStores page)."""


@dataclass(frozen=True)
class Call:
    """A checked request.

    Attributes:
        request: as received.
        project: the project it is for; "" when none.
        name: the logstore, dashboard, saved search or job; "" when none.
    """

    request: Request
    project: str
    name: str


Handler = Callable[[SlsModel, Call], Response]


def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        SlsError: it is none, or its content type is not JSON.
    """
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("application/json"):
        raise SlsError("InvalidContentType", content_type)
    try:
        value = read_json(request.body)
    except ValueError as error:
        raise SlsError("JsonInvalid") from error
    if not isinstance(value, dict):
        raise SlsError("JsonInvalid")
    return value


def done() -> Response:
    """The answer of an operation that returns nothing."""
    return Response(200)


def page_of(call: Call, names: Sequence[str], usual: int = 100) -> list[str]:
    """The names on the page asked for (documented: ``size`` up to 500)."""
    given = call.request.given
    try:
        offset, size = int(given.get("offset", 0)), int(given.get("size", usual))
    except ValueError as error:
        raise SlsError("ParameterInvalid", "offset and size must be integers") from error
    if offset < 0 or not 1 <= size <= _MAX_PAGE:
        raise SlsError("ParameterInvalid", f"offset {offset}, size {size}: 0 and up, 1 to {_MAX_PAGE} are allowed")
    return list(names[offset : offset + size])


def _clock_text(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def _describe(model: SlsModel, project: Project) -> dict[str, str]:
    return {
        "projectName": project.name,
        "status": "Normal",
        "description": project.description,
        "region": model.settings.region,
        "owner": model.settings.owner,
        "resourceGroupId": project.resource_group,
        "dataRedundancyType": "LRS",
        "createTime": _clock_text(project.created),
        "lastModifyTime": _clock_text(project.modified),
    }


def _create_project(model: SlsModel, call: Call) -> Response:
    """In the project's host, or in the region's (observed: aliyun-log-python-sdk; alibabacloud-sls20201230)."""
    body = json_body(call.request)
    name = str(body.get("projectName", ""))
    if call.project not in ("", name):
        raise SlsError("ParameterInvalid", f"projectName must be the host's project, {call.project}")
    model.create_project(name, str(body.get("description") or ""), str(body.get("resourceGroupId") or ""))
    return done()


def _get_project(model: SlsModel, call: Call) -> Response:
    return Response.of_json(200, _describe(model, model.project(call.project)))


def _update_project(model: SlsModel, call: Call) -> Response:
    project = model.project(call.project)
    project.description = str(json_body(call.request).get("description", ""))
    project.modified = model.now()
    return done()


def _delete_project(model: SlsModel, call: Call) -> Response:
    model.delete_project(call.project)
    return done()


def _list_project(model: SlsModel, call: Call) -> Response:
    pattern = call.request.given.get("projectName", "")
    names = [name for name in model.projects if pattern in name]
    page = [_describe(model, model.projects[name]) for name in page_of(call, names)]
    return Response.of_json(200, {"count": len(page), "total": len(names), "projects": page})


def _create_logstore(model: SlsModel, call: Call) -> Response:
    body = json_body(call.request)
    model.create_logstore(call.project, str(body.pop("logstoreName", "")), settings=body)
    return done()


def _get_logstore(model: SlsModel, call: Call) -> Response:
    return Response.of_json(200, model.logstore(call.project, call.name).settings)


def _update_logstore(model: SlsModel, call: Call) -> Response:
    model.update_logstore(call.project, call.name, json_body(call.request))
    return done()


def _delete_logstore(model: SlsModel, call: Call) -> Response:
    model.delete_logstore(call.project, call.name)
    return done()


def _list_logstores(model: SlsModel, call: Call) -> Response:
    stores = model.project(call.project).logstores
    query = call.request.given
    telemetry = query.get("telemetryType")
    names = [
        name
        for name, store in stores.items()
        if query.get("logstoreName", "") in name
        and query.get("mode", store.settings["mode"]) == store.settings["mode"]
        and telemetry in (None, store.settings["telemetryType"] or "None")
    ]
    page = page_of(call, names, _LOGSTORES)
    return Response.of_json(200, {"count": len(page), "total": len(names), "logstores": page})


def _create_index(model: SlsModel, call: Call) -> Response:
    store = model.logstore(call.project, call.name)
    config = IndexConfig.read(json_body(call.request))
    if store.index is not None:
        raise SlsError("IndexAlreadyExist")
    store.set_index(config)
    return done()


def _update_index(model: SlsModel, call: Call) -> Response:
    store = model.logstore(call.project, call.name)
    config = IndexConfig.read(json_body(call.request))
    if store.index is None:
        raise SlsError("IndexConfigNotExist")
    store.set_index(config)
    return done()


def _get_index(model: SlsModel, call: Call) -> Response:
    store = model.logstore(call.project, call.name)
    if store.index is None:
        raise SlsError("IndexConfigNotExist")
    extra = {"index_mode": "v2", "storage": "pg", "ttl": store.settings["ttl"]}
    return Response.of_json(200, dict(store.index.config.sent) | extra)


def _delete_index(model: SlsModel, call: Call) -> Response:
    store = model.logstore(call.project, call.name)
    if store.index is None:
        raise SlsError("IndexConfigNotExist")
    store.set_index(None)
    return done()


HANDLERS: Mapping[str, Handler] = {
    "CreateProject": _create_project,
    "GetProject": _get_project,
    "UpdateProject": _update_project,
    "DeleteProject": _delete_project,
    "ListProject": _list_project,
    "CreateLogStore": _create_logstore,
    "GetLogStore": _get_logstore,
    "UpdateLogStore": _update_logstore,
    "DeleteLogStore": _delete_logstore,
    "ListLogStores": _list_logstores,
    "CreateIndex": _create_index,
    "UpdateIndex": _update_index,
    "GetIndex": _get_index,
    "DeleteIndex": _delete_index,
}
"""Every operation on projects, logstores and indexes."""
