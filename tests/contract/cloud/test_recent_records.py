"""What every `RecentRecords` promises: the double that other tests use behaves as the audit log does on the fakes."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import pytest

from aliyun_fakes.cloud import mock_alibaba_cloud
from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.faults import Fault
from functions.retention.core.clock import Clock
from functions.retention.core.errors import CloudError, Refused
from functions.retention.core.services import AuditLog, RecentRecords, Record
from tests.contract.cloud.clients import PROJECT, STORE, Clients
from tests.contract.fronts import Front
from tests.unit.retention.doubles import MemoryLog
from tests.unit.retention.job_bin import Line


class Log(AuditLog, RecentRecords, Protocol):
    """What is under test."""


@dataclass(frozen=True)
class Stage:
    """A log, its clock, and how to refuse its readers."""

    log: Log
    clock: Clock
    refuse_reads: Callable[[], None]

    def put(self, *ids: str, **fields: str) -> None:
        self.log.put([{"event_id": each} | fields for each in ids])

    def read(self, moment: float) -> list[str]:
        return [each["event_id"] for each in self.log.written_since(moment)]


@contextmanager
def in_memory() -> Iterator[Stage]:
    clock = VirtualClock()
    log = MemoryLog(Line(clock), lag=60)
    yield Stage(log, clock, lambda: setattr(log, "reads", False))


@contextmanager
def on_the_fakes() -> Iterator[Stage]:
    with mock_alibaba_cloud(seed=5) as cloud:
        cloud.sls.create_project(PROJECT)
        cloud.sls.create_logstore(PROJECT, STORE, index=True, settings={"shardCount": 1})
        fault = Fault("sls", "PullLogs", "status", times=0, status=401, code="Unauthorized")
        yield Stage(Clients(Front(cloud, None)).audit(), cloud.clock, lambda: cloud.faults.add(fault))


@pytest.fixture(params=[in_memory, on_the_fakes], ids=["memory", "fakes"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with request.param() as stage:
        yield stage


def test_an_acknowledged_record_is_read_at_once_and_as_it_was_put(stage: Stage) -> None:
    record: Record = {"event_id": "e1", "event": "intent", "path": "/häuser/回收站 a", "empty": ""}
    begun = stage.clock.now()
    stage.log.put([record])
    assert stage.log.written_since(begun) == [record]


def test_records_come_in_the_order_of_writing(stage: Stage) -> None:
    begun = stage.clock.now()
    names = [f"e{number}" for number in range(12)]
    random.Random(3).shuffle(names)
    for first, second in zip(names[::2], names[1::2], strict=True):
        stage.put(first, second)
    assert stage.read(begun) == names


def test_of_copies_the_first_stays_where_it_was(stage: Stage) -> None:
    begun = stage.clock.now()
    stage.put("e1", "e2", copy="first")
    stage.put("e3")
    stage.put("e1", copy="second")
    assert stage.read(begun) == ["e1", "e2", "e3"]
    assert [each["copy"] for each in stage.log.written_since(begun) if "copy" in each] == ["first", "first"]


def test_a_copy_whose_first_writing_lies_before_the_moment_is_read(stage: Stage) -> None:
    stage.put("e1")
    stage.clock.sleep(5)
    begun = stage.clock.now()
    stage.put("e1")
    assert stage.read(begun) == ["e1"]


def test_the_moment_counts_by_whole_seconds_of_receipt(stage: Stage) -> None:
    stage.clock.sleep(int(stage.clock.now()) + 2 - stage.clock.now())
    stage.put("first")
    stage.clock.sleep(0.5)
    received = int(stage.clock.now())
    stage.clock.sleep(1)
    stage.put("second")
    assert stage.read(received + 0.9) == ["first", "second"]
    assert stage.read(received + 1) == ["second"]
    assert stage.read(stage.clock.now() + 3600) == []


def test_a_moment_before_everything_reads_everything(stage: Stage) -> None:
    stage.put("e1")
    assert stage.read(0) == stage.read(-1.5) == ["e1"]


def test_an_empty_log_is_read_as_empty(stage: Stage) -> None:
    assert stage.read(0) == []


def test_a_log_that_refuses_to_be_read_raises(stage: Stage) -> None:
    stage.put("e1")
    stage.refuse_reads()
    with pytest.raises(Refused, match="Unauthorized") as caught:
        stage.read(0)
    assert isinstance(caught.value, CloudError)


def test_what_was_read_can_be_changed_without_changing_the_log(stage: Stage) -> None:
    stage.put("e1")
    stage.log.written_since(0)[0]["event_id"] = "changed"
    assert stage.read(0) == ["e1"]
