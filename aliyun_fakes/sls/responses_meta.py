"""The log service's control plane on the wire: projects, logstores, indexes, dashboards, searches, jobs.

Field names and paths are observed on the wire of aliyun-log-python-sdk 0.9.52 and documented per operation.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from aliyun_fakes.core.http import Request, Response
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.index import IndexConfig
from aliyun_fakes.sls.models import Documents, Project, SlsModel

_MAX_PAGE = 500


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
        value = json.loads(request.body)
    except ValueError as error:
        raise SlsError("JsonInvalid") from error
    if not isinstance(value, dict):
        raise SlsError("JsonInvalid")
    return value


def _done() -> Response:
    return Response(200)


def _page(call: Call, names: Sequence[str]) -> list[str]:
    """The names on the page asked for (documented: ``size`` up to 500)."""
    try:
        offset, size = (int(call.request.query.get(name, default)) for name, default in (("offset", 0), ("size", 100)))
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
    body = json_body(call.request)
    if body.get("projectName") != call.project:
        raise SlsError("ParameterInvalid", f"projectName must be the host's project, {call.project}")
    model.create_project(call.project, str(body.get("description", "")), str(body.get("resourceGroupId", "")))
    return _done()


def _get_project(model: SlsModel, call: Call) -> Response:
    return Response.of_json(200, _describe(model, model.project(call.project)))


def _update_project(model: SlsModel, call: Call) -> Response:
    project = model.project(call.project)
    project.description = str(json_body(call.request).get("description", ""))
    project.modified = model.now()
    return _done()


def _delete_project(model: SlsModel, call: Call) -> Response:
    model.delete_project(call.project)
    return _done()


def _list_project(model: SlsModel, call: Call) -> Response:
    pattern = call.request.query.get("projectName", "")
    names = [name for name in model.projects if pattern in name]
    page = [_describe(model, model.projects[name]) for name in _page(call, names)]
    return Response.of_json(200, {"count": len(page), "total": len(names), "projects": page})


def _create_logstore(model: SlsModel, call: Call) -> Response:
    body = json_body(call.request)
    model.create_logstore(call.project, str(body.pop("logstoreName", "")), settings=body)
    return _done()


def _get_logstore(model: SlsModel, call: Call) -> Response:
    return Response.of_json(200, model.logstore(call.project, call.name).settings)


def _update_logstore(model: SlsModel, call: Call) -> Response:
    model.update_logstore(call.project, call.name, json_body(call.request))
    return _done()


def _delete_logstore(model: SlsModel, call: Call) -> Response:
    model.delete_logstore(call.project, call.name)
    return _done()


def _list_logstores(model: SlsModel, call: Call) -> Response:
    stores = model.project(call.project).logstores
    query = call.request.query
    names = [
        name
        for name, store in stores.items()
        if query.get("logstoreName", "") in name and query.get("mode", store.settings["mode"]) == store.settings["mode"]
    ]
    page = _page(call, names)
    return Response.of_json(200, {"count": len(page), "total": len(names), "logstores": page})


def _create_index(model: SlsModel, call: Call) -> Response:
    store = model.logstore(call.project, call.name)
    config = IndexConfig.read(json_body(call.request))
    if store.index is not None:
        raise SlsError("IndexAlreadyExist")
    store.set_index(config)
    return _done()


def _update_index(model: SlsModel, call: Call) -> Response:
    store = model.logstore(call.project, call.name)
    config = IndexConfig.read(json_body(call.request))
    if store.index is None:
        raise SlsError("IndexConfigNotExist")
    store.set_index(config)
    return _done()


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
    return _done()


@dataclass(frozen=True)
class _Kind:
    """How one kind of documents is reached and listed."""

    of: Callable[[Project], Documents]
    quota: Callable[[SlsModel], int]
    listed: Callable[[Call, Documents, list[str]], dict[str, object]]

    def create(self, model: SlsModel, call: Call) -> Response:
        documents = self.of(model.project(call.project))
        documents.create(json_body(call.request), model.settings, self.quota(model))
        return _done()

    def get(self, model: SlsModel, call: Call) -> Response:
        return Response.of_json(200, self.of(model.project(call.project)).get(call.name))

    def update(self, model: SlsModel, call: Call) -> Response:
        self.of(model.project(call.project)).replace(call.name, json_body(call.request), model.settings)
        return _done()

    def delete(self, model: SlsModel, call: Call) -> Response:
        self.of(model.project(call.project)).delete(call.name)
        return _done()

    def list(self, model: SlsModel, call: Call) -> Response:
        documents = self.of(model.project(call.project))
        names = sorted(documents.by_name)
        wanted = call.request.query.get("jobType")
        if wanted:
            names = [name for name in names if documents.by_name[name].get("type") == wanted]
        page = _page(call, names)
        return Response.of_json(200, {"count": len(page), "total": len(names)} | self.listed(call, documents, page))


def _names_and_items(
    plural: str, items: str, name_field: str
) -> Callable[[Call, Documents, list[str]], dict[str, object]]:
    """Lists of names with display names beside them, as ListDashboard and ListSavedSearch answer."""

    def listed(call: Call, documents: Documents, page: list[str]) -> dict[str, object]:  # noqa: ARG001 - one signature
        shown = [{name_field: name, "displayName": documents.by_name[name].get("displayName", "")} for name in page]
        return {plural: page, items: shown}

    return listed


def _whole(call: Call, documents: Documents, page: list[str]) -> dict[str, object]:  # noqa: ARG001 - one signature
    return {"results": [documents.by_name[name] for name in page]}


def _switch(state: str) -> Handler:
    def switch(model: SlsModel, call: Call) -> Response:
        model.project(call.project).jobs.get(call.name).update(state=state, status=state.upper())
        return _done()

    return switch


DASHBOARDS = _Kind(
    of=lambda project: project.dashboards,
    quota=lambda model: model.settings.dashboards_per_project,
    listed=_names_and_items("dashboards", "dashboardItems", "dashboardName"),
)
SAVED_SEARCHES = _Kind(
    of=lambda project: project.searches,
    quota=lambda model: model.settings.searches_per_project,
    listed=_names_and_items("savedsearches", "savedsearchItems", "savedsearchName"),
)
JOBS = _Kind(of=lambda project: project.jobs, quota=lambda model: model.settings.alerts_per_project, listed=_whole)

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
    "CreateDashboard": DASHBOARDS.create,
    "GetDashboard": DASHBOARDS.get,
    "UpdateDashboard": DASHBOARDS.update,
    "DeleteDashboard": DASHBOARDS.delete,
    "ListDashboard": DASHBOARDS.list,
    "CreateSavedSearch": SAVED_SEARCHES.create,
    "GetSavedSearch": SAVED_SEARCHES.get,
    "UpdateSavedSearch": SAVED_SEARCHES.update,
    "DeleteSavedSearch": SAVED_SEARCHES.delete,
    "ListSavedSearch": SAVED_SEARCHES.list,
    "CreateJob": JOBS.create,
    "GetJob": JOBS.get,
    "UpdateJob": JOBS.update,
    "DeleteJob": JOBS.delete,
    "ListJobs": JOBS.list,
    "EnableJob": _switch("Enabled"),
    "DisableJob": _switch("Disabled"),
}
"""Every operation of the control plane but ListShards."""
