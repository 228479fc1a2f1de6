"""State and behaviour of the fake log service: projects, logstores, and the documents that live in a project."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.sls.codec import LogGroup
from aliyun_fakes.sls.errors import SlsError
from aliyun_fakes.sls.index import INDEX_OF_EVERYTHING, IndexConfig
from aliyun_fakes.sls.logstore import LogStore, Search
from aliyun_fakes.sls.settings import SlsSettings
from aliyun_fakes.sls.writing import check_group

_PROJECT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_LOGSTORE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]")
_DAYS = range(1, 3651)
_SHARDS = range(1, 101)
_SPLITS = range(1, 257)

LOGSTORE_DEFAULTS: Mapping[str, Any] = {
    "ttl": 30,
    "shardCount": 2,
    "enable_tracking": False,
    "autoSplit": False,
    "maxSplitShard": 64,
    "appendMeta": False,
    "telemetryType": "",
    "mode": "standard",
}
"""What GetLogStore answers for what CreateLogStore left out (assumed, but ``mode``: observed, Java tests)."""

Document = dict[str, Any]


@dataclass
class Documents:
    """One kind of JSON documents of a project: dashboards, saved searches or jobs.

    Attributes:
        name_field: the field that names a document.
        missing: the error kind for one that is not there.
        existing: the error kind for one that is.
        full: the error kind for one too many.
        check: refuses a document that is not right.
        by_name: the documents.
    """

    name_field: str
    missing: str
    existing: str
    full: str
    check: Callable[[Document, SlsSettings], None]
    by_name: dict[str, Document] = field(default_factory=dict)

    def get(self, name: str) -> Document:
        """The document with a name.

        Raises:
            SlsError: there is none.
        """
        if name not in self.by_name:
            raise SlsError(self.missing, name)
        return self.by_name[name]

    def create(self, document: Document, settings: SlsSettings, quota: int) -> None:
        """Add a document.

        Raises:
            SlsError: it is not right, is there already, or is one too many.
        """
        name = document.get(self.name_field)
        if not isinstance(name, str) or not name:
            raise SlsError("ParameterInvalid", f"{self.name_field} must be a non-empty string")
        self.check(document, settings)
        if name in self.by_name:
            raise SlsError(self.existing, name)
        if len(self.by_name) >= quota:
            raise SlsError(self.full)
        self.by_name[name] = document

    def replace(self, name: str, document: Document, settings: SlsSettings) -> None:
        """Put a document in the place of the one with its name.

        Raises:
            SlsError: there is none, or the new one is not right.
        """
        self.get(name)
        named = document | {self.name_field: name}
        self.check(named, settings)
        self.by_name[name] = named

    def delete(self, name: str) -> None:
        """Remove a document.

        Raises:
            SlsError: there is none.
        """
        self.get(name)
        del self.by_name[name]


def _check_dashboard(document: Document, settings: SlsSettings) -> None:
    name = str(document.get("dashboardName", ""))
    if not 2 <= len(name) <= 128:  # noqa: PLR2004 - observed: Java tests
        raise SlsError("InvalidDashboardName", name)
    charts = document.get("charts") or []
    titles = [chart.get("title") for chart in charts]
    for place, title in enumerate(titles):
        if title in titles[:place]:
            raise SlsError("DuplicateChart", title)
    if len(charts) > settings.charts_per_dashboard:
        raise SlsError("TooManyCharts")


def _check_search(document: Document, settings: SlsSettings) -> None:  # noqa: ARG001 - one signature for all checks
    if len(str(document.get("searchQuery", ""))) >= 65_535:  # noqa: PLR2004 - observed: Java tests
        raise SlsError("SavedSearchTooLong")


def _check_job(document: Document, settings: SlsSettings) -> None:  # noqa: ARG001 - as above
    if "schedule" not in document or "configuration" not in document:
        raise SlsError("ParameterInvalid", "a job needs schedule and configuration")


@dataclass
class Project:
    """A project.

    Attributes:
        name: unique in the region.
        description: any text.
        resource_group: its resource group's id.
        created: seconds since the epoch.
        modified: as above.
        logstores: by name, in the order they were made.
        dashboards: as created.
        searches: saved searches, as created.
        jobs: alerts and other jobs, as created.
    """

    name: str
    description: str
    resource_group: str
    created: float
    modified: float
    logstores: dict[str, LogStore] = field(default_factory=dict)
    dashboards: Documents = field(
        default_factory=lambda: Documents(
            "dashboardName", "DashboardNotExist", "DashboardAlreadyExist", "TooManyDashboards", _check_dashboard
        )
    )
    searches: Documents = field(
        default_factory=lambda: Documents(
            "savedsearchName", "SavedSearchNotExist", "SavedSearchAlreadyExist", "TooManySavedSearches", _check_search
        )
    )
    jobs: Documents = field(
        default_factory=lambda: Documents("name", "JobNotExist", "JobAlreadyExist", "TooManyJobs", _check_job)
    )


class SlsModel:
    """The log service of one account in one region.

    Args:
        clock: log times are compared with it and the index lag is counted on it.
        ids: request ids.
        settings: see `SlsSettings`.

    Attributes:
        settings: may be replaced at any time: ``sls.settings = replace(sls.settings, index_lag=60)``.
        projects: by name.
    """

    def __init__(self, clock: Clock, ids: Ids, settings: SlsSettings | None = None) -> None:
        self.settings = settings or SlsSettings()
        self.projects: dict[str, Project] = {}
        self._clock = clock
        self._ids = ids

    def request_id(self) -> str:
        """24 upper-case hex digits (documented in every operation's sample)."""
        return self._ids.hex(24).upper()

    def now(self) -> float:
        """The aliyun_fakes' time, seconds since the epoch."""
        return self._clock.now()

    def create_project(self, name: str, description: str = "", resource_group: str = "") -> Project:
        """Make a project.

        Raises:
            SlsError: the name is taken, or none.
        """
        if not _PROJECT_NAME.fullmatch(name):
            raise SlsError("ParameterInvalid", f"project name {name} is invalid")
        if name in self.projects:
            raise SlsError("ProjectAlreadyExist", name)
        now = self.now()
        self.projects[name] = project = Project(name, description, resource_group, now, now)
        return project

    def project(self, name: str) -> Project:
        """The project with a name.

        Raises:
            SlsError: there is none.
        """
        if name not in self.projects:
            raise SlsError("ProjectNotExist", name)
        return self.projects[name]

    def delete_project(self, name: str) -> None:
        """Delete a project with everything in it (documented: DeleteProject page).

        Raises:
            SlsError: there is none.
        """
        self.project(name)
        del self.projects[name]

    def create_logstore(
        self, project: str, name: str, *, index: bool | Mapping[str, Any] = False, settings: Document | None = None
    ) -> LogStore:
        """Make a logstore.

        Args:
            project: its project's name.
            name: its own.
            index: the body of a CreateIndex to make one at once; True indexes every field that comes.
            settings: fields of CreateLogStore; see `LOGSTORE_DEFAULTS`.

        Raises:
            SlsError: there is no such project, the name is taken, or something is out of range.
        """
        owner = self.project(project)
        if not _LOGSTORE_NAME.fullmatch(name):
            raise SlsError("LogStoreNameInvalid", name)
        if name in owner.logstores:
            raise SlsError("LogStoreAlreadyExist", name)
        if len(owner.logstores) >= self.settings.logstores_per_project:
            raise SlsError("ProjectQuotaExceed")
        now = int(self.now())
        described = dict(LOGSTORE_DEFAULTS) | {"createTime": now, "lastModifyTime": now} | (settings or {})
        store = LogStore(_checked(described) | {"logstoreName": name})
        if index:
            store.set_index(INDEX_OF_EVERYTHING if index is True else IndexConfig.read(index))
        owner.logstores[name] = store
        return store

    def update_logstore(self, project: str, name: str, settings: Document) -> None:
        """Change a logstore; the number of shards stays (observed: Java tests).

        Raises:
            SlsError: there is no such logstore, or something is out of range.
        """
        store = self.logstore(project, name)
        fixed = {key: store.settings[key] for key in ("logstoreName", "shardCount", "createTime")}
        changed = dict(store.settings) | settings | fixed | {"lastModifyTime": int(self.now())}
        store.settings = _checked(changed)

    def logstore(self, project: str, name: str) -> LogStore:
        """The logstore with a name.

        Raises:
            SlsError: there is no such project or logstore.
        """
        store = self.project(project).logstores.get(name)
        if store is None:
            raise SlsError("LogStoreNotExist", name)
        return store

    def delete_logstore(self, project: str, name: str) -> None:
        """Delete a logstore with its logs.

        Raises:
            SlsError: there is no such project or logstore.
        """
        self.logstore(project, name)
        del self.project(project).logstores[name]

    def put(self, project: str, logstore: str, group: LogGroup, hash_key: str | None = None) -> None:
        """Write a log group; see `aliyun_fakes.sls.writing.check_group` and `Shards.choose`.

        Raises:
            SlsError: there is no such logstore, or a log or the hash key is not right; nothing is written then.
        """
        store = self.logstore(project, logstore)
        now = self.now()
        check_group(group, self.settings, now)
        store.append(group, now, store.shards.choose(hash_key, self._ids.number))

    def find(self, project: str, logstore: str, search: Search) -> tuple[LogStore, Sequence[int]]:
        """The logs a search finds now: those written `index_lag` seconds ago or earlier.

        Raises:
            SlsError: there is no such logstore, it has no index, or the query cannot be answered.
        """
        store = self.logstore(project, logstore)
        found = store.find(search, self.now() - self.settings.index_lag)
        return store, found[: len(found) // 2] if self.settings.incomplete else found

    def records(self, project: str, logstore: str) -> list[dict[str, str]]:
        """Everything ever written to a logstore, in that order, whatever index and lag.

        Every value is text, as on the wire; each has ``__time__`` (seconds), ``__topic__``, ``__source__``, tags as
        ``__tag__:<name>``, and ``__time_ns_part__`` when nanoseconds were written.

        Raises:
            SlsError: there is no such logstore.
        """
        return list(self.logstore(project, logstore).records())


def _checked(settings: Document) -> Document:
    for name, allowed, kind in (
        ("ttl", _DAYS, "TtlInvalid"),
        ("shardCount", _SHARDS, "LogStoreInfoInvalid"),
        ("maxSplitShard", _SPLITS, "MaxSplitShardInvalid"),
    ):
        value = settings.get(name)
        if not isinstance(value, int) or (
            value not in allowed and not (name == "maxSplitShard" and not settings["autoSplit"])
        ):
            raise SlsError(kind)
    return settings
