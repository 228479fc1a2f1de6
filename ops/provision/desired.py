"""Every resource a deployment needs beside its functions, in the order in which they can be made. Pure."""

from collections.abc import Iterator

from functions.retention.audit import VISIBILITY
from ops.names import Deployment
from ops.provision.alerts import alert_defaults, alert_document, alert_name, alerts, policy_document
from ops.provision.dashboard import NAME, dashboard
from ops.provision.index import audit_index, function_index
from ops.provision.resource import Document, Resource, merged
from ops.provision.searches import SEARCHES, saved_search, search_name

AUDIT_DAYS = 180
"""Days the audit log is kept: as long as an entry can have been in a bin (documented: ReservedDays is at most 180)."""
FUNCTION_LOG_DAYS = 30

RETENTION = 604_800
"""Seconds a queue keeps a message: the longest there is (documented: CreateQueue page), for a run's delay may count."""

DEAD_LETTER_VISIBILITY = 300
"""Seconds for which a dead letter in an operator's hand is hidden from others."""

MAX_RECEIVES = 16
"""Deliveries after which a message is a dead letter.

A delivery of a batch counts for each of its messages, also while the functions are throttled or a person has paused
everything; messages that merely waited must not go the way of those that cannot be worked on.
"""


def desired(deployment: Deployment, *, sweep_period: float, action_policy: str = "") -> list[Resource]:
    """All resources.

    Args:
        deployment: names.
        sweep_period: the longest time between two sweeps, seconds.
        action_policy: id of the log service's action policy that tells somebody; "" leaves each alert's own.
    """
    return [
        *_queues(deployment),
        *_log(deployment),
        Resource("dashboard", NAME, dashboard(deployment.audit_logstore)),
        *(
            Resource("saved search", search_name(name), saved_search(name, deployment.audit_logstore))
            for name in SEARCHES
        ),
        *_alerts(deployment, sweep_period, action_policy),
    ]


def queue_document(dead_letters: str = "") -> Document:
    """A queue's settings as CreateQueue takes them.

    Args:
        dead_letters: the queue for messages that were delivered too often; "" for none.
    """
    if not dead_letters:
        return {"VisibilityTimeout": DEAD_LETTER_VISIBILITY, "MessageRetentionPeriod": RETENTION}
    policy = {"Enabled": True, "DeadLetterTargetQueue": dead_letters, "MaxReceiveCount": MAX_RECEIVES}
    return {"VisibilityTimeout": int(VISIBILITY), "MessageRetentionPeriod": RETENTION, "DlqPolicy": policy}


def _queues(deployment: Deployment) -> Iterator[Resource]:
    yield Resource("queue", deployment.dead_letter_queue, queue_document())
    wanted = queue_document(deployment.dead_letter_queue)
    yield Resource("queue", deployment.work_queue, wanted, at_least=frozenset({"MaxReceiveCount"}))


def _log(deployment: Deployment) -> Iterator[Resource]:
    yield Resource("project", deployment.log_project, {}, {"description": f"Logs of {deployment.name}"})
    stores = (
        (deployment.audit_logstore, AUDIT_DAYS, audit_index()),
        (deployment.function_logstore, FUNCTION_LOG_DAYS, function_index()),
    )
    shards = {"shardCount": 1, "autoSplit": True, "maxSplitShard": 8}
    for name, days, index in stores:
        yield Resource("logstore", name, {"ttl": days}, shards, frozenset({"ttl"}))
        yield Resource("index", name, index)


def _alerts(deployment: Deployment, sweep_period: float, action_policy: str) -> Iterator[Resource]:
    for alert in alerts(sweep_period):
        wanted = alert_document(
            alert,
            region=deployment.region,
            project=deployment.log_project,
            logstore=deployment.function_logstore if alert.of_functions else deployment.audit_logstore,
        )
        if action_policy:
            wanted = merged(wanted, {"configuration": {"policyConfiguration": policy_document(action_policy)}})
        yield Resource("alert", alert_name(alert), wanted, alert_defaults())
