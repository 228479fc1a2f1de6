"""The audit logstore's index: the fields of the record schema, typed, with their values kept for SQL.

Documented: SLS "Create indexes": values on the wire are text; SQL sees a field only when its ``doc_value`` is on, and
as a number only when it is indexed as one; only records written after the index was made are found by it.
"""

from functions.retention.audit import FIELDS, NOT_INDEXED
from ops.provision.resource import Document

WHOLE_NUMBERS = frozenset(
    {"slice_number", "size", "entries", "listed", "selected", "jobs", "jobs_done", "bytes", "failed"}
    | {"list_calls", "beyond_set"}
)
FRACTIONS = frozenset({"alive_until", "next_at"})
PROSE = frozenset(
    {"path", "detail", "message", "rule", "kept", "skipped", "by_policy", "capacity", "narrowing", "policies", "tags"}
)
"""Fields that people search by a word; every other text is one word, so that an id is found by itself only."""

WORD_BREAKS = list(", '\";=()[]{}?@&<>/:\n\t\r")
"""Characters between words (documented: the CreateIndex page's example)."""

LONGEST_TEXT = 16_384
"""Bytes of a value that SQL sees; the default of 2 048 would cut long paths (documented: query and analysis limits)."""


def audit_index() -> Document:
    """The index, as CreateIndex takes it."""
    line = {"token": WORD_BREAKS, "caseSensitive": False}
    keys = {name: _key(name) for name in FIELDS if name not in NOT_INDEXED}
    return {"line": line, "keys": keys, "max_text_len": LONGEST_TEXT}


def function_index() -> Document:
    """The index of what the functions print: full text only."""
    return {"line": {"token": WORD_BREAKS, "caseSensitive": False}}


def sql_type(name: str) -> str:
    """``long``, ``double`` or ``text``: how SQL sees a field."""
    if name in WHOLE_NUMBERS:
        return "long"
    return "double" if name in FRACTIONS else "text"


def _key(name: str) -> Document:
    kind = sql_type(name)
    if kind != "text":
        return {"type": kind, "doc_value": True}
    return {"type": kind, "doc_value": True, "token": WORD_BREAKS if name in PROSE else [], "caseSensitive": True}
