"""Saved searches: where a person begins to look."""

from collections.abc import Mapping

from ops.provision import queries
from ops.provision.queries import Query
from ops.provision.resource import Document

SEARCHES: Mapping[str, tuple[str, Query]] = {
    "deleted": ("What was deleted", Query("event: outcome and status: success")),
    "runs": ("How runs went", Query('event: started or event: surveyed or event: "handed-over" or event: ended')),
    "left-alone": ("What was selected and left alone", Query("event: skipped")),
    "people": ("What people asked for", Query("event: asked or event: cancel")),
    "refusals": ("Refusals and runs that ended badly", queries.REFUSALS),
    "dead-letters": ("What went to the dead-letter queue, and why", Query(queries.DEAD_LETTERS.search)),
    "dry-run-plans": ("What enforcing would take", queries.PLANS),
}
"""Display name and query by name."""


def search_name(name: str) -> str:
    """The full name of a saved search."""
    return f"nas-retention-{name}"


def saved_search(name: str, logstore: str) -> Document:
    """One of `SEARCHES`, as CreateSavedSearch takes it."""
    shown, query = SEARCHES[name]
    return {
        "savedsearchName": search_name(name),
        "displayName": shown,
        "logstore": logstore,
        "searchQuery": query.text,
        "topic": "",
    }
