"""The dashboard: what was reclaimed, how the slot was used, and what needs a person.

In the classic chart format (observed: the log SDK's own end-to-end test; how it is drawn cannot be seen offline).
"""

from dataclasses import dataclass

from ops.provision import queries
from ops.provision.queries import Query
from ops.provision.resource import Document

NAME = "nas-retention"
_WIDTH, _HEIGHT = 10, 6
"""Of one chart, in cells of the grid; two side by side."""


@dataclass(frozen=True)
class Chart:
    """One chart.

    Attributes:
        title: unique in the dashboard; also its name, so lower case and hyphens.
        shown: what a person reads above it.
        type: ``column``, ``line``, ``pie`` or ``table``.
        query: where its figures come from.
        x: columns along the x axis.
        y: columns that are drawn.
    """

    title: str
    shown: str
    type: str
    query: Query
    x: tuple[str, ...] = ()
    y: tuple[str, ...] = ()


CHARTS = (
    Chart("reclaimed-bytes", "Bytes reclaimed by day", "column", queries.RECLAIMED, ("day",), ("bytes",)),
    Chart("jobs-by-outcome", "Jobs by outcome", "pie", queries.OUTCOMES, ("status",), ("jobs",)),
    Chart("slot-busy", "Slot held by our jobs, % of the day", "line", queries.SLOT_BUSY, ("day",), ("percent",)),
    Chart("hand-overs", "Hand-overs by day", "column", queries.HAND_OVERS, ("day",), ("hand_overs",)),
    Chart("refusals", "Refusals and runs that ended badly", "table", queries.REFUSALS),
    Chart("oldest-backlog", "Runs without an end, oldest first", "table", queries.BACKLOG),
    Chart("plans", "Newest survey of each file system", "table", queries.PLANS),
    Chart("quarantined", "Entries that cannot be deleted", "table", queries.QUARANTINED),
)


def dashboard(logstore: str) -> Document:
    """The dashboard over the audit logstore, as CreateDashboard takes it."""
    return {
        "dashboardName": NAME,
        "displayName": "NAS recycle bin retention",
        "description": "Made by `python -m ops setup`, which puts it back as it was.",
        "attribute": {"type": "grid"},
        "charts": [_chart(chart, logstore, place) for place, chart in enumerate(CHARTS)],
    }


def _chart(chart: Chart, logstore: str, place: int) -> Document:
    row, column = divmod(place, 2)
    return {
        "title": chart.title,
        "type": chart.type,
        "action": {},
        "search": {"logstore": logstore, "topic": "", "query": chart.query.text, "start": "-2592000s", "end": "now"},
        "display": {
            "displayName": chart.shown,
            "xAxis": list(chart.x),
            "yAxis": list(chart.y),
            "xPos": column * _WIDTH,
            "yPos": row * _HEIGHT,
            "width": _WIDTH,
            "height": _HEIGHT,
        },
    }
