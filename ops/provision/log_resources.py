"""Resources of the log service over its official SDK. Importing this module imports the SDK.

Each call is one try of the SDK's (`cloud.sls.log_client` sees to that); the retry layer tries again. A
create whose reply was lost may so be answered with "exists already", which counts as done: what is there now is what
the same document made, or the next setup compares it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from aliyun.log import IndexConfig, LogClient

from functions.retention.cloud import Retry, Settings, ask
from functions.retention.core import CloudError
from ops.provision.plan import Shelf
from ops.provision.resource import Document, Kind

T = TypeVar("T")

_ABSENT = "NotExist"
"""How the codes of such errors end (documented: error codes of the log service, 2023-10)."""

_PRESENT = ("AlreadyExist", "already exist")
"""In the code, or for dashboards and saved searches only in the message (observed: tests of the vendor's Java SDK)."""


@dataclass(frozen=True)
class LogService:
    """The log service as seen from one project.

    Attributes:
        client: from `cloud.sls.log_client`.
        settings: project, and the credentials that errors must not show.
        retry: the retry layer.
    """

    client: LogClient
    settings: Settings
    retry: Retry

    def call(self, operation: str, function: Callable[[], T]) -> T:
        """One operation's result.

        Raises:
            CloudError: see `functions.retention.cloud.sls.log_error`.
        """
        return self.retry.call(operation, partial(ask, operation, function, self.settings.credentials), repeatable=True)

    def find(self, operation: str, function: Callable[[], T]) -> T | None:
        """What is looked for, or None when it does not exist.

        Raises:
            CloudError: as `call`.
        """
        try:
            return self.call(operation, function)
        except CloudError as error:
            if error.code.endswith(_ABSENT):
                return None
            raise

    def make(self, operation: str, function: Callable[[], object]) -> None:
        """Create something; that it exists already is fine.

        Raises:
            CloudError: as `call`.
        """
        try:
            self.call(operation, function)
        except CloudError as error:
            if _PRESENT[0] not in error.code and _PRESENT[1] not in error.message:
                raise

    def writable_shards(self, logstore: str) -> int | None:
        """How many shards of a logstore take writes; None when there is no such logstore.

        Raises:
            CloudError: as `call`.
        """
        found = self.find("ListShards", lambda: self.client.list_shards(self.settings.sls_project, logstore))
        return None if found is None else [shard["status"] for shard in found.get_shards_info()].count("readwrite")


def log_shelves(service: LogService) -> dict[Kind, Shelf]:
    """The shelves of one project."""
    client, project = service.client, service.settings.sls_project
    return {
        "project": _Projects(service),
        "logstore": _Logstores(service),
        "index": _Indexes(service),
        "dashboard": _Documents(
            service,
            "Dashboard",
            partial(client.get_dashboard, project),
            partial(client.create_dashboard, project),
            partial(client.update_dashboard, project),
        ),
        "saved search": _Documents(
            service,
            "SavedSearch",
            partial(client.get_savedsearch, project),
            partial(client.create_savedsearch, project),
            partial(client.update_savedsearch, project),
        ),
        "alert": _Documents(
            service,
            "Job",
            partial(client.get_alert, project),
            partial(client.create_alert, project),
            partial(client.update_alert, project),
        ),
    }


@dataclass(frozen=True)
class _Projects:
    service: LogService

    def read(self, name: str) -> Document | None:
        found = self.service.find("GetProject", lambda: self.service.client.get_project(name))
        return None if found is None else {"description": found.get_description()}

    def create(self, name: str, document: Document) -> None:
        client = self.service.client
        self.service.make("CreateProject", lambda: client.create_project(name, document["description"]))

    def update(self, name: str, document: Document) -> None:
        self.service.call("UpdateProject", lambda: self.service.client.update_project(name, document["description"]))


@dataclass(frozen=True)
class _Logstores:
    service: LogService

    def read(self, name: str) -> Document | None:
        service = self.service
        found = service.find("GetLogStore", lambda: service.client.get_logstore(service.settings.sls_project, name))
        if found is None:
            return None
        auto_split = found.auto_split  # type: ignore[attr-defined]  # the SDK's stub leaves it out
        return {"ttl": found.get_ttl(), "autoSplit": auto_split}

    def create(self, name: str, document: Document) -> None:
        service = self.service
        made = partial(
            service.client.create_logstore,
            service.settings.sls_project,
            name,
            ttl=document["ttl"],
            shard_count=document["shardCount"],
            auto_split=document["autoSplit"],
            max_split_shard=document["maxSplitShard"],
        )
        service.make("CreateLogStore", made)

    def update(self, name: str, document: Document) -> None:
        """The SDK reads everything else of a logstore first and sends it along (observed)."""
        service = self.service
        changed = partial(
            service.client.update_logstore,
            service.settings.sls_project,
            name,
            ttl=document["ttl"],
            auto_split=document["autoSplit"],
        )
        service.call("UpdateLogStore", changed)


@dataclass(frozen=True)
class _Indexes:
    service: LogService

    def read(self, name: str) -> Document | None:
        service = self.service
        found = service.find("GetIndex", lambda: service.client.get_index_config(service.settings.sls_project, name))
        if found is None:
            return None
        document: Document = found.get_index_config().to_json()
        return document

    def create(self, name: str, document: Document) -> None:
        service = self.service
        config = _index_config(document)
        service.make("CreateIndex", lambda: service.client.create_index(service.settings.sls_project, name, config))

    def update(self, name: str, document: Document) -> None:
        service = self.service
        config = _index_config(document)
        service.call("UpdateIndex", lambda: service.client.update_index(service.settings.sls_project, name, config))


def _index_config(document: Document) -> IndexConfig:
    config = IndexConfig()
    config.from_json(document)
    return config


@dataclass(frozen=True)
class _Documents:
    """One kind of documents that the SDK sends as they are."""

    service: LogService
    kind: str
    get: Callable[[str], object]
    add: Callable[[Document], object]
    replace: Callable[[Document], object]

    def read(self, name: str) -> Document | None:
        found = self.service.find(f"Get{self.kind}", lambda: self.get(name))
        document: Document | None = getattr(found, "body", None)
        return document

    def create(self, name: str, document: Document) -> None:  # noqa: ARG002 - the document holds its name
        self.service.make(f"Create{self.kind}", lambda: self.add(document))

    def update(self, name: str, document: Document) -> None:  # noqa: ARG002 - as above
        self.service.call(f"Update{self.kind}", lambda: self.replace(document))
