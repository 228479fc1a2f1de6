"""Dashboards, saved searches, jobs and alerts on the log service's wire: JSON documents that a project keeps.

Field names and paths are observed on the wire of aliyun-log-python-sdk 0.9.52 and documented per operation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aliyun_fakes.core.http import Response
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.models import Document, Documents, Project, SlsModel
from aliyun_fakes.sls.responses_meta import Call, Handler, done, json_body, page_of

_Listed = Callable[[Documents, list[str]], dict[str, object]]


@dataclass(frozen=True)
class _Kind:
    """How one kind of documents is reached and listed.

    Attributes:
        of: finds the documents in a project.
        quota: how many there may be.
        listed: what a list says of the documents with certain names.
        usual_page: names on a page of a list that asks for no size.
        named_by: the parameter that filters a list by a part of the name.
        type: of the jobs that are meant; "" for any.
    """

    of: Callable[[Project], Documents]
    quota: Callable[[SlsModel], int]
    listed: _Listed
    usual_page: int = 100
    named_by: str = ""
    type: str = ""

    def create(self, model: SlsModel, call: Call) -> Response:
        documents = self.of(model.project(call.project))
        documents.create(self._typed(json_body(call.request)), model.settings, self.quota(model))
        return done()

    def get(self, model: SlsModel, call: Call) -> Response:
        return Response.of_json(200, self._one(model, call))

    def update(self, model: SlsModel, call: Call) -> Response:
        self._one(model, call)
        documents = self.of(model.project(call.project))
        documents.replace(call.name, self._typed(json_body(call.request)), model.settings)
        return done()

    def delete(self, model: SlsModel, call: Call) -> Response:
        self._one(model, call)
        self.of(model.project(call.project)).delete(call.name)
        return done()

    def list(self, model: SlsModel, call: Call) -> Response:
        documents = self.of(model.project(call.project))
        part = call.request.given.get(self.named_by, "")
        wanted = self.type or call.request.given.get("jobType")
        names = [
            name
            for name, document in sorted(documents.by_name.items())
            if part in name and wanted in (None, document.get("type"))
        ]
        page = page_of(call, names, self.usual_page)
        return Response.of_json(200, {"count": len(page), "total": len(names)} | self.listed(documents, page))

    def switch(self, state: str) -> Handler:
        """Enable or disable: sets the state that is given, and the status of the same name in capitals."""

        def switched(model: SlsModel, call: Call) -> Response:
            self._one(model, call).update(state=state, status=state.upper())
            return done()

        return switched

    def _one(self, model: SlsModel, call: Call) -> Document:
        documents = self.of(model.project(call.project))
        found = documents.get(call.name)
        if self.type and found.get("type") != self.type:
            raise SlsError(documents.missing, call.name)
        return found

    def _typed(self, document: Document) -> Document:
        return document | {"type": self.type} if self.type else document


def _names_and_items(plural: str, items: str, name_field: str) -> _Listed:
    """Lists of names with display names beside them, as ListDashboard and ListSavedSearch answer."""

    def listed(documents: Documents, page: list[str]) -> dict[str, object]:
        shown = [{name_field: name, "displayName": documents.by_name[name].get("displayName", "")} for name in page]
        return {plural: page, items: shown}

    return listed


def _whole(documents: Documents, page: list[str]) -> dict[str, object]:
    return {"results": [documents.by_name[name] for name in page]}


def _jobs(type_of_them: str) -> _Kind:
    return _Kind(
        of=lambda project: project.jobs,
        quota=lambda model: model.settings.alerts_per_project,
        listed=_whole,
        type=type_of_them,
    )


DASHBOARDS = _Kind(
    of=lambda project: project.dashboards,
    quota=lambda model: model.settings.dashboards_per_project,
    listed=_names_and_items("dashboards", "dashboardItems", "dashboardName"),
    usual_page=500,  # documented: ListDashboard page
    named_by="dashboardName",
)
SAVED_SEARCHES = _Kind(
    of=lambda project: project.searches,
    quota=lambda model: model.settings.searches_per_project,
    listed=_names_and_items("savedsearches", "savedsearchItems", "savedsearchName"),
    named_by="savedsearchName",
)
JOBS = _jobs("")
ALERTS = _jobs("Alert")

DOCUMENT_HANDLERS: Mapping[str, Handler] = {
    **{
        f"{verb}{noun}": getattr(kind, verb.lower())
        for noun, kind in (("Dashboard", DASHBOARDS), ("SavedSearch", SAVED_SEARCHES), ("Job", JOBS), ("Alert", ALERTS))
        for verb in ("Create", "Get", "Update", "Delete")
    },
    "ListDashboard": DASHBOARDS.list,
    "ListSavedSearch": SAVED_SEARCHES.list,
    "ListJobs": JOBS.list,
    "ListAlerts": ALERTS.list,
    "EnableJob": JOBS.switch("Enabled"),
    "DisableJob": JOBS.switch("Disabled"),
    "EnableAlert": ALERTS.switch("Enabled"),
    "DisableAlert": ALERTS.switch("Disabled"),
}
"""Every operation on documents."""
