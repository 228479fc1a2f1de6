"""Resources of the log service over its official SDK. Importing this module imports the SDK.

Each call is one try of the SDK's (`cloud.sls.log_client` sees to that); the retry layer tries again. A
create whose reply was lost may so be answered with "exists already", which counts as done: what is there now is what
the same document made, or the next setup compares it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from aliyun.log import IndexConfig, LogClient

from functions.retention.cloud import Retry, Settings, ask
from functions.retention.core import CloudError
from ops.provision.plan import Resources
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


@dataclass(frozen=True)
class _LogResources:
    """Resources of one kind; satisfies `ops.provision.plan.Resources`.

    Attributes:
        service: calls the service.
        operation: how the operations of this kind end, e.g. ``LogStore``.
        get: reads one by its name.
        add: makes one, from its name and document.
        replace: changes one likewise.
        document: what a reply of `get` holds.
    """

    service: LogService
    operation: str
    get: Callable[[str], Any]
    add: Callable[[str, Document], object]
    replace: Callable[[str, Document], object]
    document: Callable[[Any], Document]

    def read(self, name: str) -> Document | None:
        found = self.service.find(f"Get{self.operation}", partial(self.get, name))
        return None if found is None else self.document(found)

    def create(self, name: str, document: Document) -> None:
        self.service.make(f"Create{self.operation}", partial(self.add, name, document))

    def update(self, name: str, document: Document) -> None:
        self.service.call(f"Update{self.operation}", partial(self.replace, name, document))


def log_resources(service: LogService) -> dict[Kind, Resources]:
    """The resources of one project, by kind."""
    client, project = service.client, service.settings.sls_project
    return {
        "project": _LogResources(
            service,
            "Project",
            client.get_project,
            lambda name, document: client.create_project(name, document["description"]),
            lambda name, document: client.update_project(name, document["description"]),
            lambda found: {"description": found.get_description()},
        ),
        "logstore": _LogResources(
            service,
            "LogStore",
            partial(client.get_logstore, project),
            partial(_create_logstore, service),
            # The SDK reads everything else of a logstore first and sends it along (observed).
            lambda name, document: client.update_logstore(project, name, ttl=document["ttl"]),
            lambda found: {"ttl": found.get_ttl()},
        ),
        "index": _LogResources(
            service,
            "Index",
            partial(client.get_index_config, project),
            lambda name, document: client.create_index(project, name, _index_config(document)),
            lambda name, document: client.update_index(project, name, _index_config(document)),
            lambda found: found.get_index_config().to_json(),
        ),
        "dashboard": _documents(
            service, "Dashboard", client.get_dashboard, client.create_dashboard, client.update_dashboard
        ),
        "saved search": _documents(
            service, "SavedSearch", client.get_savedsearch, client.create_savedsearch, client.update_savedsearch
        ),
        "alert": _documents(service, "Job", client.get_alert, client.create_alert, client.update_alert),
    }


def _create_logstore(service: LogService, name: str, document: Document) -> object:
    return service.client.create_logstore(
        service.settings.sls_project,
        name,
        ttl=document["ttl"],
        shard_count=document["shardCount"],
        auto_split=document["autoSplit"],
        max_split_shard=document["maxSplitShard"],
    )


def _index_config(document: Document) -> IndexConfig:
    config = IndexConfig()
    config.from_json(document)
    return config


def _documents(
    service: LogService,
    operation: str,
    get: Callable[..., Any],
    add: Callable[..., object],
    replace: Callable[..., object],
) -> _LogResources:
    """Resources that the SDK sends as they are; the documents hold their names."""
    project = service.settings.sls_project
    return _LogResources(
        service,
        operation,
        partial(get, project),
        lambda _, document: add(project, document),
        lambda _, document: replace(project, document),
        lambda found: found.body,
    )
