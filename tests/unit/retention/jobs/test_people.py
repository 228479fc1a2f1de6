"""A person's cancel stops the run and makes the file system rest, whatever the log or the job list lack."""

from collections.abc import Callable

import pytest

from functions.retention.audit.ledger import PERSON_GRACE, cancels_in
from functions.retention.audit.schema import record
from functions.retention.core.job import HISTORY
from functions.retention.core.service_time import format_service_time
from functions.retention.core.services import Record
from tests.unit.retention.bins import DAY, NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM

RUN = "f" * 32


def filled(files: int = 4, seconds: float = 20.0) -> MemoryCloud:
    """A bin of aged files whose jobs take so long each."""
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(files):
        cloud.bin.tree.drop(f"/{number}", OLD)
    cloud.bin.base = seconds
    return cloud


def cancel_at_create(
    cloud: MemoryCloud, number: int, after: float = 3.0, then: Callable[[], object] = lambda: None
) -> list[str]:
    """Have a person cancel the job so long after our create of this number; the entries of cancelled jobs."""
    cancelled: list[str] = []
    created: list[str] = []

    def act() -> None:
        holder = cloud.bin.holder()
        if holder is not None:
            cancelled.append(holder.job.file_id)
        cloud.bin.stop()
        then()

    def watch(file_id: str, _token: str) -> None:
        created.append(file_id)
        if len(created) == number:
            cloud.bin.later(after, act)

    cloud.bin.watcher = watch
    return cancelled


def created_after(cloud: MemoryCloud, cancelled: list[str]) -> list[str]:
    """Entries of the jobs of ours that followed the cancelled one."""
    ours = [work.job.file_id for work in cloud.bin.works if work.job.id in cloud.bin.ours]
    return ours[ours.index(cancelled[0]) + 1 :]


def ends(cloud: MemoryCloud) -> list[str]:
    return [line["reason"] for line in cloud.log.events("ended")]


def seen(cloud: MemoryCloud) -> list[str]:
    return [line["file_id"] for line in cloud.log.events("cancel-seen", reason="person")]


@pytest.mark.parametrize("number", [1, 3, 4])
@pytest.mark.parametrize("after", [0.5, 3.0, 19.0])
def test_at_most_one_job_follows_a_cancel_also_that_of_the_last_job(number: int, after: float) -> None:
    cloud = filled()
    cancelled = cancel_at_create(cloud, number, after)
    cloud.begin()
    cloud.play()
    assert len(created_after(cloud, cancelled)) <= 1
    assert ends(cloud) == ["stopped-by-person"]
    assert seen(cloud) == cancelled
    assert cancelled[0] in cloud.bin.tree.all_entries()


@pytest.mark.parametrize("after", [200.0, 254.9, 255.5, 400.0, 599.0])
def test_a_cancel_around_a_hand_over_ends_the_run_in_the_next_slice(after: float) -> None:
    cloud = filled(seconds=600.0)
    cancelled = cancel_at_create(cloud, 1, after)
    cloud.begin()
    cloud.play()
    assert created_after(cloud, cancelled) == []
    assert ends(cloud) == ["stopped-by-person"]
    assert seen(cloud) == cancelled


@pytest.mark.parametrize("part", ["reads", "pulls", "writes"])
@pytest.mark.parametrize("seconds", [3.0, 90.0])
def test_a_cancel_while_the_log_is_silent_for_ten_minutes_stops_all_work(part: str, seconds: float) -> None:
    cloud = filled(files=30, seconds=seconds)

    def silence() -> None:
        setattr(cloud.log, part, False)
        cloud.bin.later(600, lambda: setattr(cloud.log, part, True))

    cancelled = cancel_at_create(cloud, 2, 1.0, silence)
    cloud.begin()
    cloud.play()
    assert len(created_after(cloud, cancelled)) <= 1
    cloud.clock.sleep(700)
    cloud.bin.catch_up()
    cloud.begin(run=RUN)
    cloud.play()
    assert len(created_after(cloud, cancelled)) <= 1
    assert seen(cloud) == cancelled
    assert cancelled[0] in cloud.bin.tree.all_entries()


@pytest.mark.parametrize("number", [1, 3])
def test_a_cancel_in_a_job_list_without_times_ends_the_run(number: int) -> None:
    cloud = filled()
    cloud.bin.timeless = True
    cancelled = cancel_at_create(cloud, number)
    cloud.begin()
    cloud.play()
    assert len(created_after(cloud, cancelled)) <= 1
    assert ends(cloud) == ["stopped-by-person"]
    assert seen(cloud) == cancelled


def test_a_run_without_times_in_the_job_list_deletes_what_it_selects() -> None:
    cloud = filled()
    cloud.bin.timeless = True
    cloud.begin()
    cloud.play()
    assert ends(cloud) == ["completed"]
    assert cloud.bin.tree.all_entries() == {}


@pytest.mark.parametrize("number", [1, 4])
def test_a_cancelled_job_that_the_list_no_longer_shows_ends_the_run(number: int) -> None:
    cloud = filled(seconds=90.0)
    theirs = [cloud.bin.tree.drop(f"/theirs/{each}", OLD) for each in range(HISTORY)]

    def hide() -> None:
        for each in theirs:
            cloud.bin.remove(each, 0.0)
            cloud.bin.catch_up()

    cancelled = cancel_at_create(cloud, number, then=hide)
    cloud.begin()
    cloud.play()
    assert len(created_after(cloud, cancelled)) <= 1
    assert ends(cloud)[-1:] == ["stopped-by-person"]
    assert seen(cloud) == cancelled


# The rest, as the log's records tell it.


def line(event: str, at: float, job_id: str = "rb-1", **fields: object) -> Record:
    """A record of `FILE_SYSTEM`."""
    stamp = format_service_time(at)
    return record(event, {"at": stamp, "file_system": FILE_SYSTEM, "job_id": job_id, "file_id": "e", **fields})


def cancel_seen(at: float, job_id: str = "rb-1") -> Record:
    return line("cancel-seen", at, job_id, reason="person")


def test_a_lift_ends_the_rest_and_leaves_the_entry_alone() -> None:
    cancels = cancels_in([cancel_seen(NOW), line("rest-lifted", NOW + 9, "")])
    assert cancels.rests_until <= NOW + 9
    assert cancels.kept(NOW + 10, 7 * DAY) == {"e"}


def test_a_late_record_of_a_cancel_that_was_lifted_brings_no_rest_back() -> None:
    cancels = cancels_in([cancel_seen(NOW), line("rest-lifted", NOW + 9, ""), cancel_seen(NOW + 10)])
    assert cancels.rests_until <= NOW + 9


def test_the_cancel_of_a_second_person_after_a_lift_makes_it_rest_again() -> None:
    cancels = cancels_in([cancel_seen(NOW), line("rest-lifted", NOW + 9, ""), cancel_seen(NOW + 10, "rb-2")])
    assert cancels.rests_until == NOW + 10 + PERSON_GRACE


def test_of_two_persons_who_cancel_at_once_one_record_each_makes_it_rest_once() -> None:
    cancels = cancels_in([line("cancel", NOW), cancel_seen(NOW + 5), cancel_seen(NOW + 5, "rb-2")])
    assert cancels.rests_until == NOW + 5 + PERSON_GRACE
    assert cancels.jobs == {"rb-1", "rb-2"}
