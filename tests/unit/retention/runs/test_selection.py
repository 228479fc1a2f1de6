"""A run's selection: what counts of the surveys that the log shows, and what is not believed."""

import pytest

from functions.retention.audit.queries import RunLedger
from functions.retention.core.errors import NoAnswer
from functions.retention.core.run_end import RunOver
from functions.retention.policy.model import Limits
from functions.retention.runs.message import Selection
from functions.retention.runs.selection import is_sealed_record, load, part_id, read_parts, walks_of, within
from functions.retention.walk.selection import Collector, Row, TargetSet, key_of, payloads_of, rows_of
from tests.unit.retention.bins import NOW, OLD, TreeBin
from tests.unit.retention.doubles import SEAL, MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM


@pytest.fixture
def cloud() -> MemoryCloud:
    """Twenty aged files, of which a run takes three; its survey has ended."""
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(20):
        cloud.bin.tree.drop(f"/{number:02}", OLD)
    cloud.begin(narrowing={"up_to": 3})
    (report,) = cloud.invoke(cloud.queues.queued_messages.pop())
    assert report.state == "handed-over"
    return cloud


def row(number: int, *, size: int = 1, entries: int = 0) -> Row:
    return Row(0, 0, number, number.to_bytes(8, "big"), size, entries, 0)


def gone(cloud: MemoryCloud) -> int:
    return 20 - len(cloud.bin.tree.all_entries())


def test_a_limited_run_deletes_nothing_in_the_slice_in_which_its_survey_ended(cloud: MemoryCloud) -> None:
    assert gone(cloud) == 0
    assert cloud.play()[-1].reason == "completed"
    assert gone(cloud) == 3


@pytest.mark.parametrize("change", [{"targets": "AAAA"}, {"targets": ""}, {"previous": "0" * 32}, {"part": "0" * 32}])
def test_a_run_whose_set_was_changed_in_the_log_creates_no_job(cloud: MemoryCloud, change: dict[str, str]) -> None:
    for _, record in cloud.log.records:
        if record["event"] == "targets":
            record.update(change)
    assert cloud.play()[-1].reason == "selection-lost"
    assert gone(cloud) == 0


def test_a_run_whose_set_cannot_be_read_is_tried_again(cloud: MemoryCloud) -> None:
    cloud.log.reads = False
    (report,) = cloud.invoke(cloud.queues.queued_messages.pop())
    assert report.state in {"requeued", "handed-over"}
    assert gone(cloud) == 0
    cloud.log.reads = True
    assert cloud.play()[-1].reason == "completed"
    assert gone(cloud) == 3


def test_the_first_sealed_survey_counts_and_a_forged_one_in_front_does_not() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(20):
        cloud.bin.tree.drop(f"/{number:02}", OLD)
    message = cloud.begin(narrowing={"up_to": 3})
    forged = {"event": "surveyed", "event_id": "f" * 24, "run": message.run, "file_system": FILE_SYSTEM, "listed": "20"}
    cloud.log.records.append((NOW, {**forged, "set": '{"head":"","run":"x","since":0,"walks":[20]}', "seal": "A" * 43}))
    assert cloud.play()[-1].reason == "completed"
    assert gone(cloud) == 3


def test_a_seal_covers_every_field_that_decides(cloud: MemoryCloud) -> None:
    (record,) = cloud.log.events("surveyed")
    assert is_sealed_record(SEAL, record)
    for name in ("run", "file_system", "mode", "digest", "as_of", "narrowing", "plan_id", "set", "listed", "seal"):
        assert not is_sealed_record(SEAL, record | {name: "other"}), name


def test_a_copy_of_the_survey_goes_on_with_the_set_of_the_first() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(20):
        cloud.bin.tree.drop(f"/{number:02}", OLD)
    cloud.begin(narrowing={"up_to": 3})
    (queued,) = cloud.queues.queued_messages
    cloud.invoke(queued)  # the first copy ends its survey and dies before it hands over
    del cloud.queues.queued_messages[:]
    cloud.log.records[:] = [each for each in cloud.log.records if each[1]["event"] != "handed-over"]
    cloud.queues.queued_messages.append(queued)
    cloud.bin.tree.drop("/older", "2020-01-01T00:00:00Z")
    cloud.play()
    first, second = cloud.log.events("surveyed")
    assert first["set"] != second["set"]
    assert "/older" in {f"{at}{entry.name}" for entry, at in cloud.bin.tree.all_entries().values()}
    assert len(cloud.bin.tree.all_entries()) == 18


def test_parts_are_read_only_as_they_were_written() -> None:
    with pytest.raises(ValueError, match="not the text of a set"):
        rows_of(["%"])
    text = next(payloads_of([row(1)]))
    assert rows_of([text]) == [row(1)]
    assert part_id("", text) != part_id("a", text)


def test_a_set_of_many_parts_is_read_back_in_order() -> None:
    rows = [row(number) for number in range(9_001)]
    payloads = list(payloads_of(rows))
    assert len(payloads) == 3
    assert rows_of(reversed(payloads)) == rows


def test_what_a_directory_owns_is_void_once_it_goes_whole() -> None:
    collector, owner = Collector(), b"ownerkey"
    collector.add(row(1)._replace(owner=owner))
    collector.add(row(2))
    written = list(collector.payloads())
    later = Collector()
    later.absorb(owner, written=True)
    assert rows_of([*written, *later.payloads()]) == [row(2)]
    assert rows_of(written) == [row(1), row(2)]


def test_a_set_ends_before_the_first_target_that_would_break_a_limit() -> None:
    rows = [row(number, size=10, entries=number) for number in range(6)]
    assert len(within(rows, Limits(jobs=4), up_to=None, bin_size=10**6)) == 4
    assert len(within(rows, Limits.model_validate({"bytes": "35B"}), up_to=None, bin_size=10**6)) == 3
    assert len(within(rows, Limits(), up_to=2, bin_size=10**6)) == 2
    assert len(within(rows, Limits(share=0.1), up_to=5, bin_size=400)) == 4


def test_walks_take_the_canary_first_and_all_in_the_end() -> None:
    rows = [row(number) for number in range(10)]
    assert walks_of(rows, "as-found", 0) == (10,)
    assert walks_of(rows, "as-found", 3) == (3, 10)
    assert walks_of(rows, "oldest-first", 3) == (3, 5, 10)
    assert walks_of(rows, "as-found", 10) == (10,)
    assert walks_of([], "largest-first", 3) == (0,)


def test_a_log_that_does_not_answer_is_not_an_empty_set(cloud: MemoryCloud) -> None:
    ledger = RunLedger(cloud.log, "run", FILE_SYSTEM, NOW)
    cloud.log.reads = False
    with pytest.raises(NoAnswer):
        read_parts(ledger, "0" * 32, run="run", since=NOW)
    cloud.log.reads = True
    with pytest.raises(RunOver):
        read_parts(ledger, "0" * 32, run="run", since=NOW)
    assert read_parts(ledger, "", run="run", since=NOW) == []


def test_a_walk_gets_only_its_part_of_the_set(cloud: MemoryCloud) -> None:
    record = cloud.log.events("targets")[0]
    ledger = RunLedger(cloud.log, record["run"], FILE_SYSTEM, NOW)
    selection = Selection(record["part"], record["run"], NOW - 100, (1, 3))
    entries = [entry for entry, _ in cloud.bin.tree.all_entries().values()]
    sizes = [sum(entry in load(ledger, selection, walk) for entry in entries) for walk in (0, 1, 2)]
    assert sizes == [1, 3, 3]


def test_a_directory_is_unchanged_only_with_the_same_entries() -> None:
    tree = TreeBin()
    directory = tree.drop("/d", OLD, kind="Directory")
    entry, _ = tree.all_entries()[directory]
    chosen = TargetSet([Row(0, 0, 0, key_of(entry), 0, 2, 7)])
    assert chosen.is_unchanged(entry, 2, 7)
    assert not chosen.is_unchanged(entry, 2, 8)
    assert not chosen.is_unchanged(entry, 1, 7)
