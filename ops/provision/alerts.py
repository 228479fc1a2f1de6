"""Alerts: what somebody has to be told without having asked. Each fires when its query has a row.

In format 2.0 (documented: the CreateAlert page and the log SDK's README). Who is told is an action policy of the log
service; without one an alert only shows in the alert centre. A query may look back a day at most and its first 100 rows
count (documented: limits of the alerting feature, 2023-08).
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

from deployment.schedules import Schedule
from ops.provision import queries
from ops.provision.queries import Query
from ops.provision.resource import Document

MINUTE, HOUR, DAY = 60, 3_600, 86_400
LONGEST_SPAN = DAY
_SEVERITIES = {"high": 8, "medium": 6}
_LOOKED_AT = 50
"""Ticks of a timer that are looked at to find the longest time between two."""


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes:
        name: unique in the project.
        title: what it says in a few words.
        advice: what to do about it.
        query: fires when it has a row.
        span: seconds that the query looks back.
        every: seconds between two looks.
        severity: ``high`` when nothing is deleted until somebody acts.
        of_functions: asks the functions' own log instead of the audit log.
    """

    name: str
    title: str
    advice: str
    query: Query
    span: int = HOUR + 10 * MINUTE  # a little over `every`: records are found a little late
    every: int = HOUR
    severity: Literal["high", "medium"] = "medium"
    of_functions: bool = False


NO_SWEEP = Alert(
    "no-sweep",
    "No sweep for two periods",
    "Look at the timer of the sweep function and at its last errors.",
    queries.NO_SWEEP,
    span=LONGEST_SPAN,
    severity="high",
)
"""Its span is the deployment's own; see `alerts`."""

OTHERS = (
    Alert(
        "nothing-deleted",
        "Deleted nothing although entries qualify",
        "See what the runs' ends and skipped targets say: saved searches runs and left-alone.",
        queries.NOTHING_DELETED,
        span=LONGEST_SPAN,
        every=6 * HOUR,
        severity="high",
    ),
    Alert("refused", "Refused, or ended badly", "The reason and its detail say what.", queries.REFUSALS),
    Alert(
        "quarantined",
        "An entry cannot be deleted",
        "Its job failed each time it was tried; the outcome records hold the service's error.",
        queries.QUARANTINED,
    ),
    Alert(
        "policies-differ",
        "Tags of a file system let more be deleted than before",
        "Find out who changed its tags. Unless they are changed back, runs delete there after a day.",
        queries.POLICIES_DIFFER,
        severity="high",
    ),
    Alert(
        "far-above-usual",
        "Selects far more than usual",
        "Look at the plan before the next enforcing run. Above guardrails.times_usual a run stops by itself.",
        queries.FAR_ABOVE_USUAL,
        span=LONGEST_SPAN,
        every=6 * HOUR,
    ),
    Alert(
        "unsealed",
        "A message without a valid seal came to the work queue",
        "Find out who may send to it. After a change of SEAL_KEY, messages of runs under way come here once.",
        queries.UNSEALED,
        severity="high",
    ),
    Alert(
        "dead-letters",
        "Something went to the dead-letter queue",
        "python -m ops dlq list shows what and why.",
        queries.DEAD_LETTERS,
        severity="high",
    ),
    Alert(
        "function-errors",
        "A function raised",
        "Tried again it may have come good; if not, it is in the dead-letter queue: python -m ops dlq list.",
        queries.FUNCTION_ERRORS,
        of_functions=True,
    ),
)
"""Alerts that are the same for every deployment."""


def alerts(sweep_period: float) -> tuple[Alert, ...]:
    """All alerts.

    Args:
        sweep_period: the longest time between two sweeps, seconds. When two of them are longer than a query can look
            back, a day without a sweep is what counts.
    """
    too_long = 2 * sweep_period > LONGEST_SPAN - HOUR
    silence = LONGEST_SPAN if too_long else math.ceil(2 * sweep_period / HOUR) * HOUR + HOUR
    return (replace(NO_SWEEP, span=silence), *OTHERS)


def longest_period(schedule: Schedule, begin: float) -> float:
    """The longest time between two ticks of a timer, seconds; infinite when it stops.

    Args:
        schedule: of the timer.
        begin: looked at from here on, epoch seconds.
    """
    longest, moment = 0.0, schedule.next_after(begin)
    for _ in range(_LOOKED_AT):
        following = None if moment is None else schedule.next_after(moment)
        if moment is None or following is None:
            return math.inf
        longest, moment = max(longest, following - moment), following
    return longest


def alert_name(alert: Alert) -> str:
    """The full name of an alert."""
    return f"nas-retention-{alert.name}"


def alert_document(alert: Alert, *, region: str, project: str, logstore: str) -> Document:
    """An alert, as CreateAlert takes it."""
    return {
        "name": alert_name(alert),
        "displayName": f"NAS retention: {alert.title}",
        "description": alert.advice,
        "type": "Alert",
        "schedule": {"type": "FixedRate", "interval": _minutes(alert.every)},
        "configuration": {
            "version": "2.0",
            "type": "default",
            "dashboard": "internal-alert-analysis",
            "threshold": 1,
            "queryList": [_query(alert, region, project, logstore)],
            "groupConfiguration": {"type": "no_group", "fields": []},
            "joinConfigurations": [],
            "severityConfigurations": [
                {
                    "severity": _SEVERITIES[alert.severity],
                    "evalCondition": {"condition": "", "countCondition": "__count__ > 0"},
                }
            ],
            "annotations": [{"key": "title", "value": alert.title}, {"key": "desc", "value": alert.advice}],
            "labels": [],
            "noDataFire": False,
            "noDataSeverity": _SEVERITIES[alert.severity],
            "sendResolved": False,
            "autoAnnotation": True,
        },
    }


def alert_defaults() -> Document:
    """What an alert has at first and people change later: whether it is on, and for how long it is muted."""
    return {"state": "Enabled", "configuration": {"muteUntil": 0, "policyConfiguration": policy_document("")}}


def policy_document(action_policy: str) -> Document:
    """Who is told, and again after how long at the earliest.

    Args:
        action_policy: id of an action policy; "" for the alert centre only.
    """
    return {
        "alertPolicyId": "sls.builtin.dynamic",
        "actionPolicyId": action_policy,
        "repeatInterval": _minutes(DAY),
    }


def _query(alert: Alert, region: str, project: str, logstore: str) -> Document:
    return {
        "storeType": "log",
        "region": region,
        "project": project,
        "store": logstore,
        "query": alert.query.text,
        "timeSpanType": "Relative",
        "start": f"-{_minutes(alert.span)}",
        "end": "now",
        "powerSqlMode": "auto",
    }


def _minutes(seconds: int) -> str:
    return f"{seconds // MINUTE}m"
