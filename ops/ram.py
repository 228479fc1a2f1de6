"""RAM policies: what the functions' role and the deployer may do, and not more.

The role's document is made from one table of the operations the functions call; tests compare that table with the
operations their adapters name, and can compare it with the calls that a run on the fakes made (`allows`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from functions.retention.policy import PolicyFile
from ops.names import Deployment

Resources = Callable[[Deployment, Sequence[str]], list[str]]
"""From names and file system ids to resource names."""

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Grant:
    """One operation and what allows it.

    Attributes:
        service: ``nas``, ``sls`` or ``smq``, as the fakes name them.
        operation: as called, e.g. ``PutLogs``.
        action: the RAM action, e.g. ``log:PostLogStoreLogs``.
        resources: what it is allowed on.
        why: what it is for; when `resources` is wider than needed, why that cannot be helped.
    """

    service: str
    operation: str
    action: str
    resources: Resources
    why: str


def _file_systems(deployment: Deployment, file_systems: Sequence[str]) -> list[str]:
    return [deployment.file_system_arn(file_system) for file_system in file_systems]


def _everything(deployment: Deployment, file_systems: Sequence[str]) -> list[str]:  # noqa: ARG001 - one signature
    return ["*"]


def _audit(deployment: Deployment, file_systems: Sequence[str]) -> list[str]:  # noqa: ARG001 - one signature
    return [deployment.logstore_arn(deployment.audit_logstore)]


def _both_logs(deployment: Deployment, file_systems: Sequence[str]) -> list[str]:
    return [*_audit(deployment, file_systems), deployment.logstore_arn(deployment.function_logstore)]


def _queues(deployment: Deployment, file_systems: Sequence[str]) -> list[str]:  # noqa: ARG001 - one signature
    names = (deployment.work_queue, deployment.dead_letter_queue)
    return [f"{deployment.queue_arn(name)}/messages" for name in names]


_LISTING = "walks the bin"
_NEWEST = "reads the newest records of the audit log, which its index does not show yet"
_TAGS = "(that tagging can be limited to a file system is assumed)"

GRANTS = (
    Grant("nas", "GetRecycleBinAttribute", "nas:GetRecycleBinAttribute", _file_systems, "is the bin on, how full"),
    Grant("nas", "ListRecentlyRecycledDirectories", "nas:ListRecentlyRecycledDirectories", _file_systems, _LISTING),
    Grant("nas", "ListRecycledDirectoriesAndFiles", "nas:ListRecycledDirectoriesAndFiles", _file_systems, _LISTING),
    Grant("nas", "ListRecycleBinJobs", "nas:ListRecycleBinJobs", _file_systems, "watches jobs"),
    Grant("nas", "CreateRecycleBinDeleteJob", "nas:CreateRecycleBinDeleteJob", _file_systems, "deletes"),
    Grant(
        "nas",
        "CancelRecycleBinJob",
        "nas:CancelRecycleBinJob",
        _everything,
        "ends a job of ours on a person's order; a job belongs to no file system's resource name, so RAM takes only * "
        "here (documented: the operation's page, 2026; the vendor's own sample policy says otherwise)",
    ),
    Grant("nas", "ListTagResources", "nas:ListTagResources", _file_systems, f"sees the hold tag {_TAGS}"),
    Grant("nas", "TagResources", "nas:TagResources", _file_systems, f"pauses {_TAGS}"),
    Grant("nas", "UntagResources", "nas:UntagResources", _file_systems, f"resumes {_TAGS}"),
    Grant(
        "sls",
        "PutLogs",
        "log:PostLogStoreLogs",
        _both_logs,
        "writes the audit log; the platform writes what the functions print with the same role (documented: Function "
        "Compute, function roles page, 2025-09)",
    ),
    Grant("sls", "GetLogs", "log:GetLogStoreLogs", _audit, "reads the audit log back: it is the ledger"),
    Grant("sls", "ListShards", "log:ListShards", _audit, f"{_NEWEST} (documented: ListShards page, 2025)"),
    Grant("sls", "GetCursor", "log:GetCursorOrData", _audit, f"{_NEWEST} (documented: GetCursor page, 2025)"),
    Grant(
        "sls",
        "PullLogs",
        "log:GetCursorOrData",
        _audit,
        f"{_NEWEST} (that it is the action of GetCursor is assumed: the PullLogs page of 2025 names none)",
    ),
    Grant("sls", "GetIndex", "log:GetIndex", _audit, "refuses to enforce on a logstore that cannot be searched"),
    Grant(
        "smq",
        "SendMessage",
        "mns:SendMessage",
        _queues,
        "starts and continues runs; dead letters, also those the platform sends with the same role (documented: "
        "destinations of asynchronous invocations)",
    ),
)
"""Every operation the functions call."""


def function_policy(deployment: Deployment, file: PolicyFile, grants: Iterable[Grant] = GRANTS) -> Document:
    """The policy of the functions' role.

    Args:
        deployment: names.
        file: its guardrails name the only file systems there is anything to do on.
        grants: what to allow.
    """
    by_resources: dict[tuple[str, ...], list[str]] = {}
    for grant in grants:
        resources = tuple(grant.resources(deployment, file.guardrails.file_systems))
        by_resources.setdefault(resources, []).append(grant.action)
    return {
        "Version": "1",
        "Statement": [_statement(list(dict.fromkeys(each)), on) for on, each in by_resources.items()],
    }


def deployer_policy(deployment: Deployment) -> Document:
    """The policy of who runs ``s deploy``, `setup`, `doctor`, `dlq` and invokes the functions.

    Triggers cannot be listed by a policy for one function (documented: ListTriggers page, 2026-01: all resources; that
    reading a function is alike is assumed).
    EventBridge's and the service-linked roles' actions cannot be limited to resources that do not exist yet
    (documented: notes on event sources of the deployment tool, 2025).
    """
    functions = [deployment.function_arn(name) for name in sorted(deployment.functions)]
    queues = [deployment.queue_arn(name) for name in (deployment.work_queue, deployment.dead_letter_queue)]
    project = deployment.project_arn()
    nas = ("GetRecycleBinAttribute", "ListTagResources")
    buses = [f"eventbridge:{verb}{what}" for what in _EVENTBRIDGE for verb in ("Create", "Get", "Update", "Delete")]
    return {
        "Version": "1",
        "Statement": [
            _statement(["fc:*"], [each for name in functions for each in (name, f"{name}/*")]),
            _statement(["fc:GetFunction", "fc:ListTriggers"], ["*"]),
            _statement(["ram:PassRole"], [f"acs:ram::{deployment.account_id}:role/{deployment.role}"]),
            _statement([*buses, "eventbridge:ListEventStreamings", "ram:CreateServiceLinkedRole"], ["*"]),
            _statement(_QUEUE_ACTIONS, [each for arn in queues for each in (arn, f"{arn}/messages")]),
            _statement(_LOG_ACTIONS, [project, f"{project}/*"]),
            _statement([f"nas:{name}" for name in nas], ["*"]),
        ],
    }


_EVENTBRIDGE = ("EventBus", "Rule", "Targets", "EventStreaming")
_QUEUE_ACTIONS = [
    f"mns:{name}"
    for name in (
        "CreateQueue",
        "SetQueueAttributes",
        "GetQueueAttributes",
        "SendMessage",
        "ReceiveMessage",
        "PeekMessage",
        "DeleteMessage",
        "ChangeMessageVisibility",
    )
]
_LOG_KINDS = ("LogStore", "Index", "Dashboard", "SavedSearch", "Job")
_LOG_ACTIONS = [
    "log:CreateProject",
    "log:GetProject",
    "log:UpdateProject",
    *(f"log:{verb}{what}" for what in _LOG_KINDS for verb in ("Create", "Get", "Update")),
    "log:GetLogStoreLogs",
    "log:ListShards",
]


def allows(document: Document, action: str, resource: str) -> bool:
    """Whether a policy document allows an action on a resource; both may hold ``*`` in the document."""
    return any(
        statement["Effect"] == "Allow"
        and any(fnmatchcase(action, pattern) for pattern in statement["Action"])
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        for statement in document["Statement"]
    )


def uncovered(calls: Iterable[tuple[str, str]], grants: Iterable[Grant] = GRANTS) -> set[tuple[str, str]]:
    """Which calls, as (service, operation), no grant is for; the keys of a fake dispatcher's ``counts`` are such."""
    return set(calls) - {(grant.service, grant.operation) for grant in grants}


def _statement(actions: Sequence[str], resources: Sequence[str]) -> Document:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
