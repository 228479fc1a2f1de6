"""Searches of a `CompleteLog`: the newest records without the index, the others by it, each once."""

import pytest

from functions.retention.audit.complete_log import RECENT, CompleteLog
from functions.retention.core.clock import MAX_SKEW
from functions.retention.core.errors import CloudError
from tests.unit.retention.bins import NOW
from tests.unit.retention.doubles import MemoryCloud, MemoryLog, deployed

LAG = 60.0


@pytest.fixture
def log() -> MemoryLog:
    """A log whose index shows a record after a minute."""
    cloud = MemoryCloud(deployed(), NOW)
    cloud.log.lag = LAG
    return cloud.log


def ids(log: MemoryLog, since: float, run: str = "r1") -> list[str]:
    return [each["event_id"] for each in CompleteLog(log, log.line.clock).find({"run": run}, since)]


def put(log: MemoryLog, *names: str, run: str = "r1") -> None:
    log.put([{"event_id": name, "run": run} for name in names])


def test_a_record_is_found_as_soon_as_the_log_took_it(log: MemoryLog) -> None:
    put(log, "e2", "e1")
    put(log, "other", run="r2")
    assert ids(log, NOW - 1) == ids(log, NOW - 10 * RECENT) == ["e2", "e1"]


def test_older_records_come_first_and_none_comes_twice(log: MemoryLog) -> None:
    for name in ("old", "on the edge", "new"):
        put(log, name)
        log.line.clock.sleep(RECENT / 2 + MAX_SKEW)
    put(log, "newest")
    assert ids(log, NOW - 1) == ["old", "on the edge", "new", "newest"]


def test_what_happened_lately_is_found_without_an_index(log: MemoryLog) -> None:
    put(log, "e1")
    log.indexed = False
    assert ids(log, NOW) == ["e1"]
    log.line.clock.sleep(2 * RECENT)
    with pytest.raises(CloudError):
        ids(log, NOW)


def test_half_an_answer_is_none(log: MemoryLog) -> None:
    put(log, "e1")
    log.pulls = False
    with pytest.raises(CloudError):
        ids(log, NOW - 10 * RECENT)
