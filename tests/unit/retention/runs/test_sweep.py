"""A sweep starts what is due, repeats nothing and says what it left out."""

import random
from collections import Counter

import pytest

from functions.retention.audit.journal import Journal
from functions.retention.audit.ledger import PERSON_GRACE, alive_until
from functions.retention.core.errors import ConfigurationError, EventError
from functions.retention.core.services import MAX_DELAY
from functions.retention.policy.model import PolicyFile
from functions.retention.runs.event import Delivery
from functions.retention.runs.sweep import Sweep, SweepFailed, SweepRequest, SweepResult, begins_in, parse_sweep
from tests.unit.retention.bins import DAY, NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, deployed, opened
from tests.unit.retention.job_bin import FILE_SYSTEM, Mishap

FILE = deployed()


def sweep(
    cloud: MemoryCloud, request: SweepRequest | None = None, at: float | None = None, pace: int = 6
) -> list[SweepResult]:
    journal = Journal(cloud.log, cloud.clock, random.Random(cloud.line.calls), {})
    moment = cloud.clock.now() if at is None else at
    return Sweep(cloud, cloud.clock, journal, at=moment, pace=pace).run(request or SweepRequest())


def states(started: list[SweepResult]) -> list[str]:
    return [each.state for each in started]


def test_a_sweep_sends_one_message_for_each_mode_and_says_so() -> None:
    cloud = MemoryCloud(FILE, NOW)
    (started,) = sweep(cloud)
    (queued,) = cloud.queues.queued_messages
    message = opened(queued.body)
    assert (started.state, started.mode, message.run, message.digest) == (
        "started",
        "enforce",
        started.run,
        FILE.digest,
    )
    assert (message.as_of, message.slice_number, message.phase) == (NOW, 0, "survey")
    assert [line["run"] for line in cloud.log.events("swept")] == [started.run]


def test_a_sweep_that_is_repeated_for_the_same_moment_forks_no_run() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.log.reads = False
    runs = {started.run for _ in range(3) for started in sweep(cloud, at=NOW)}
    assert len(runs) == 1
    assert sweep(cloud, at=NOW + 1)[0].run not in runs


def test_a_sweep_finds_the_run_that_another_began_before_the_index_shows_it() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.log.lag = 90.0
    (first,), (second,) = sweep(cloud, at=NOW), sweep(cloud, at=NOW + 1)
    assert (second.state, second.run) == ("skipped", first.run)


def fleet(count: int) -> PolicyFile:
    """The policies for so many file systems."""
    names = tuple(f"fs{number:04d}" for number in range(count))
    everywhere = FILE.policies[0].file_systems.model_copy(update={"ids": names})
    return FILE.model_copy(
        update={
            "guardrails": FILE.guardrails.model_copy(update={"file_systems": names}),
            "policies": (FILE.policies[0].model_copy(update={"file_systems": everywhere}),),
        }
    )


def minutes(cloud: MemoryCloud) -> list[int]:
    """After how many minutes each message is due."""
    return [int((queued.due - NOW) // 60) for queued in cloud.queues.queued_messages]


def test_a_sweep_begins_so_many_runs_a_minute_the_first_at_once() -> None:
    cloud = MemoryCloud(fleet(15), NOW)
    sweep(cloud, pace=6)
    assert minutes(cloud) == [0] * 6 + [1] * 6 + [2] * 3


def test_what_an_hour_does_not_hold_is_spread_over_it_evenly() -> None:
    pace, count = 6, 800
    delays = Counter(begins_in(number, pace) for number in range(count))
    assert max(delays) <= MAX_DELAY
    assert set(delays) == set(range(0, MAX_DELAY + 60, 60))
    assert max(delays.values()) - min(delays.values()) <= pace


def test_what_is_not_started_takes_up_no_time_of_the_others() -> None:
    cloud = MemoryCloud(fleet(12), NOW)
    sweep(cloud, SweepRequest(tuple(f"fs{number:04d}" for number in range(6))))
    cloud.queues.queued_messages.clear()
    assert states(sweep(cloud)) == ["skipped"] * 6 + ["started"] * 6
    assert minutes(cloud) == [0] * 6


def test_a_sweep_that_is_tried_again_sends_what_was_not_sent_before() -> None:
    cloud = MemoryCloud(fleet(9), NOW)
    cloud.queues.room = 4
    with pytest.raises(SweepFailed):
        sweep(cloud, at=NOW)
    cloud.queues.room = None
    assert states(sweep(cloud, at=NOW)) == ["skipped"] * 4 + ["started"] * 5
    messages = [opened(queued.body) for queued in cloud.queues.queued_messages]
    assert len({message.file_system for message in messages}) == len(messages) == 9


def test_a_run_whose_message_is_held_back_is_alive_until_it_had_every_chance_to_begin() -> None:
    cloud = MemoryCloud(fleet(2), NOW)
    sweep(cloud, pace=1)
    records = cloud.log.events("swept")
    due = [float(record["next_at"]) for record in records]
    assert due[1] == pytest.approx(due[0] + 60, abs=1)
    assert [float(record["alive_until"]) for record in records] == [alive_until(each) for each in due]
    cloud.clock.sleep(alive_until(due[0]) + 1 - cloud.clock.now())
    assert states(sweep(cloud)) == ["started", "skipped"]


def test_dry_runs_are_held_back_like_others() -> None:
    file = fleet(3)
    both = (file.policies[0], file.policies[0].model_copy(update={"name": "all", "mode": "dry-run"}))
    cloud = MemoryCloud(file.model_copy(update={"policies": both}), NOW)
    sweep(cloud, pace=2)
    assert minutes(cloud) == [0, 0, 1, 1, 2, 2]


def test_ages_are_never_measured_in_the_future() -> None:
    cloud = MemoryCloud(FILE, NOW)
    sweep(cloud, at=NOW + DAY)
    assert opened(cloud.queues.queued_messages[0].body).as_of <= cloud.clock.now()


def test_a_file_system_whose_run_is_alive_is_skipped_until_it_ended_or_was_lost() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.bin.tree.drop("/a", OLD)
    cloud.bin.base = 2_000.0
    sweep(cloud)
    cloud.invoke(cloud.queues.queued_messages.pop())
    assert states(sweep(cloud)) == ["skipped"]
    cloud.clock.sleep(DAY)
    assert states(sweep(cloud)) == ["started"]


def test_runs_under_outdated_policies_keep_no_new_one_from_starting_and_working() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.bin.tree.drop("/a", OLD)
    cloud.bin.tree.drop("/b", OLD)
    cloud.bin.base = 600.0
    sweep(cloud)
    cloud.invoke(cloud.queues.queued_messages.pop())
    cloud.file = deployed(older_than="8d")
    assert states(sweep(cloud)) == ["started"]
    reasons = {report.reason for report in cloud.play() if report.state == "ended"}
    assert reasons == {"policy-changed", "completed"}
    assert cloud.bin.tree.all_entries() == {}


def test_a_log_that_does_not_answer_keeps_no_run_from_starting_and_the_sweep_says_what_it_did_not_know() -> None:
    cloud = MemoryCloud(FILE, NOW)
    assert [each.detail for each in sweep(cloud, at=NOW)] == [""]
    cloud.log.reads = False
    (started,) = sweep(cloud, at=NOW + 1)
    assert (started.state, started.detail) == ("started", "the audit log does not say whether another run is at work")


def test_of_two_runs_that_a_silent_log_let_start_one_ends_once_the_log_answers() -> None:
    cloud = MemoryCloud(FILE, NOW)
    for name in ("/a", "/b", "/c"):
        cloud.bin.tree.drop(name, OLD)
    cloud.bin.base = 600.0
    cloud.log.reads = False
    (older,) = sweep(cloud)
    cloud.clock.sleep(1)
    (younger,) = sweep(cloud)
    cloud.log.reads = True
    ends = {report.run: report.reason for report in cloud.play() if report.state == "ended"}
    assert ends.keys() == {older.run, younger.run}
    assert sorted(ends.values()) == ["completed", "superseded"]


def test_a_logstore_without_an_index_refuses_what_deletes() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.log.indexed = False
    (refused,) = sweep(cloud)
    assert (refused.state, cloud.queues.queued_messages) == ("refused", [])
    assert "index" in refused.detail


def test_file_systems_that_are_not_allowed_are_refused_and_the_others_not_swept() -> None:
    cloud = MemoryCloud(FILE, NOW)
    assert states(sweep(cloud, SweepRequest(("other",)))) == ["refused"]
    assert states(sweep(cloud, SweepRequest((FILE_SYSTEM, "other")))) == ["started", "refused"]
    assert len(cloud.queues.queued_messages) == 1


def test_a_pause_that_is_deployed_starts_nothing_and_is_no_refusal_to_be_woken_for() -> None:
    paused: PolicyFile = FILE.model_copy(update={"guardrails": FILE.guardrails.model_copy(update={"pause": True})})
    cloud = MemoryCloud(paused, NOW)
    assert states(sweep(cloud)) == ["paused"]
    assert cloud.queues.queued_messages == []
    assert [line["reason"] for line in cloud.log.events("swept")] == ["paused"]
    assert cloud.log.events("refused") == []


def test_a_queue_that_takes_nothing_makes_the_sweep_fail_after_it_was_written_down() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.queues.open = False
    with pytest.raises(SweepFailed, match=FILE_SYSTEM):
        sweep(cloud)
    assert [line["reason"] for line in cloud.log.events("refused")] == ["failed"]


def test_what_a_sweep_is_asked_is_checked_by_field() -> None:
    assert parse_sweep(Delivery("")) == SweepRequest()
    assert parse_sweep(Delivery('{"file_systems": ["fs"]}')) == SweepRequest(("fs",))
    with pytest.raises(EventError, match=r"^file_systems"):
        parse_sweep(Delivery('{"file_systems": 7}'))
    with pytest.raises(EventError, match=r"^colour"):
        parse_sweep(Delivery('{"colour": "red"}'))


@pytest.mark.parametrize(
    "body",
    [
        '{"file_systems": []}',
        '{"file_systems": [""]}',
        '{"file_systems": null}',
        '{"file_systems": ""}',
        '{"file_systems": [7]}',
        '{"file_systems": ["a"], "file_systems": ["b"]}',
    ],
)
def test_a_sweep_of_no_file_system_is_refused_and_not_a_sweep_of_all(body: str) -> None:
    with pytest.raises(EventError, match="file_systems"):
        parse_sweep(Delivery(body))


def test_who_leaves_file_systems_out_sweeps_all() -> None:
    assert parse_sweep(Delivery("{}")).file_systems == parse_sweep(Delivery("")).file_systems == ()


def test_without_a_key_no_sweep_starts_and_it_says_what_to_set() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cloud.sealing = None
    with pytest.raises(ConfigurationError, match=r"SEAL_KEY: not set.*ops setup"):
        sweep(cloud)
    assert cloud.queues.queued_messages == []


def cancelled_by_a_person(cloud: MemoryCloud) -> str:
    """A job of ours in the bin that a person cancelled and that no record names; its entry."""
    file_id = cloud.bin.tree.drop("/a", OLD)
    cloud.bin.delete(file_id, "token", before=cloud.clock.now() + 60)
    cloud.bin.stop()
    return file_id


def test_a_sweep_records_a_cancel_that_no_run_saw_and_starts_nothing_for_an_hour() -> None:
    cloud = MemoryCloud(FILE, NOW)
    file_id = cancelled_by_a_person(cloud)
    assert states(sweep(cloud)) == ["resting"]
    assert [line["file_id"] for line in cloud.log.events("cancel-seen", reason="person")] == [file_id]
    cloud.clock.sleep(PERSON_GRACE - 60)
    assert states(sweep(cloud)) == ["resting"]
    assert (cloud.queues.queued_messages, len(cloud.log.events("cancel-seen"))) == ([], 1)
    assert cloud.log.events("refused") == []
    cloud.clock.sleep(61)
    assert states(sweep(cloud)) == ["started"]


def test_a_sweep_begins_on_a_file_system_whose_rest_was_lifted() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cancelled_by_a_person(cloud)
    assert states(sweep(cloud)) == ["resting"]
    Journal(cloud.log, cloud.clock, random.Random(7), {}).put("rest-lifted", file_system=FILE_SYSTEM)
    assert states(sweep(cloud)) == ["started"]
    assert {report.reason for report in cloud.play() if report.state == "ended"} == {"completed"}


def test_a_rest_of_another_file_system_keeps_no_run_from_starting() -> None:
    cloud = MemoryCloud(fleet(2), NOW)
    journal = Journal(cloud.log, cloud.clock, random.Random(7), {})
    journal.put("cancel-seen", file_system="fs0001", job_id="rb-1", file_id="e", reason="person")
    assert states(sweep(cloud)) == ["started", "resting"]


@pytest.mark.parametrize("mishap", ["refuse", "silence-before", "throttle"])
def test_a_job_list_that_cannot_be_read_is_left_to_the_run(mishap: Mishap) -> None:
    cloud = MemoryCloud(FILE, NOW)
    cancelled_by_a_person(cloud)
    cloud.line.after(2, mishap)  # after both ways to read the log
    assert states(sweep(cloud)) == ["started"]
    assert {report.reason for report in cloud.play() if report.state == "ended"} == {"stopped-by-person"}


def test_a_sweep_that_a_silent_log_leaves_in_doubt_about_a_cancel_starts_nothing() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cancelled_by_a_person(cloud)
    cloud.log.reads = False
    assert states(sweep(cloud)) == ["resting"]


def test_a_cancel_that_the_log_takes_no_record_of_makes_the_sweep_fail() -> None:
    cloud = MemoryCloud(FILE, NOW)
    cancelled_by_a_person(cloud)
    cloud.log.writes = False
    with pytest.raises(SweepFailed, match=FILE_SYSTEM):
        sweep(cloud)
    assert cloud.queues.queued_messages == []
