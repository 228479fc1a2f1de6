"""A slice's journal: what the log refuses is kept, what has to be acknowledged is."""

import random

import pytest

from functions.retention.audit.journal import MOST_HELD_BACK, Journal
from functions.retention.core.errors import CloudError
from tests.unit.retention.bins import NOW
from tests.unit.retention.doubles import MemoryCloud, MemoryLog, deployed


def journal_and_log() -> tuple[Journal, MemoryLog]:
    cloud = MemoryCloud(deployed(), NOW)
    return Journal(cloud.log, cloud.clock, random.Random(0), {"run": "r1"}), cloud.log


def events(log: MemoryLog) -> list[str]:
    return [line["event"] for _, line in log.records]


def test_notes_go_with_the_next_record_and_before_it() -> None:
    journal, log = journal_and_log()
    journal.note("outcome")
    assert events(log) == []
    journal.put("intent")
    assert events(log) == ["outcome", "intent"]
    assert journal.flush() is None
    assert len(log.records) == 2


def test_notes_that_the_log_refuses_are_kept_and_the_record_that_was_refused_is_not() -> None:
    journal, log = journal_and_log()
    journal.note("outcome")
    log.writes = False
    with pytest.raises(CloudError):
        journal.put("intent")
    assert isinstance(journal.flush(), CloudError)
    log.writes = True
    assert journal.flush() is None
    assert events(log) == ["outcome"]


def test_of_too_many_notes_the_newest_are_kept() -> None:
    journal, log = journal_and_log()
    for number in range(MOST_HELD_BACK + 5):
        journal.note("outcome", job_id=number)
    journal.flush()
    assert [line["job_id"] for _, line in log.records] == [str(number + 5) for number in range(MOST_HELD_BACK)]


def test_every_record_has_an_id_of_its_own_a_moment_and_what_they_have_in_common() -> None:
    journal, log = journal_and_log()
    journal.note("outcome")
    journal.set(phase="purge")
    journal.note("outcome", run="other")
    journal.flush()
    (_, one), (_, other) = log.records
    assert one["event_id"] != other["event_id"]
    assert (one["run"], other["run"]) == ("r1", "other")
    assert ("phase" in one, other["phase"]) == (False, "purge")
    assert one["at"].endswith("Z")
