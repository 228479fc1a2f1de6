"""The record schema is closed, and every field and event says what it is for."""

import pytest

from functions.retention.audit.schema import EVENTS, FIELDS, SCHEMA_VERSION, record


def test_a_record_holds_text_and_leaves_out_what_is_empty() -> None:
    assert record("ended", {"run": "r1", "bytes": 0, "detail": "", "reason": None, "alive_until": 1.5}) == {
        "schema": SCHEMA_VERSION, "event": "ended", "run": "r1", "bytes": "0", "alive_until": "1.5",
    }  # fmt: skip


def test_an_event_that_is_not_in_the_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="'vanished' is not one of"):
        record("vanished", {})


def test_a_field_that_is_not_in_the_schema_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\['colour'\] are not in the schema"):
        record("ended", {"run": "r1", "colour": "red"})


def test_every_field_and_event_is_documented() -> None:
    assert all({**FIELDS, **EVENTS}.values())
    assert {"event_id", "event", "at", "schema"} <= FIELDS.keys()
