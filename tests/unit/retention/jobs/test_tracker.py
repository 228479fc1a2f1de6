"""Which listed jobs are ours, what became of them, and what people do."""

from dataclasses import replace

import pytest

from functions.retention.audit.ledger import ROUNDING, Intent
from functions.retention.core.job import HISTORY, Job
from functions.retention.jobs.tracker import LISTED_AFTER, JobTracker
from tests.unit.retention.bins import NOW

OURS = Intent("7", "t", "token", NOW, 5, 2, "/a")
JOB = Job("j1", "Delete", "7", "running", 1, NOW + 1)
DONE = replace(JOB, status="success")


def test_a_job_created_after_an_open_intent_for_its_entry_is_ours() -> None:
    tracker = JobTracker([OURS])
    assert tracker.read([JOB], NOW) == []
    assert (tracker.is_ours(JOB), tracker.job_of(OURS), tracker.job_for("7", "t")) == (True, "j1", "j1")
    assert (tracker.entries_of(JOB), tracker.unmatched(), tracker.foreign_at) == (2, [], 0.0)


@pytest.mark.parametrize(
    "job",
    [
        replace(JOB, created_at=NOW - ROUNDING - 1),
        replace(JOB, created_at=None),
        replace(JOB, type="Restore"),
        replace(JOB, file_id="8"),
    ],
)
def test_an_older_job_a_restoration_and_one_for_another_entry_are_a_persons(job: Job) -> None:
    tracker = JobTracker([OURS])
    tracker.read([job], NOW)
    assert not tracker.is_ours(job)
    assert tracker.unmatched() == [OURS]
    assert tracker.entries_of(job) == 0


@pytest.mark.parametrize("ahead", [-100.0, 100.0])
def test_a_service_whose_clock_differs_does_not_mislead(ahead: float) -> None:
    for seconds, ours in ((1, True), (-10, False)):
        tracker = JobTracker([OURS])
        job = replace(JOB, created_at=NOW + ahead + seconds)
        tracker.read([job], NOW, ahead)
        assert tracker.is_ours(job) is ours


def test_of_two_jobs_for_an_entry_one_intent_claims_one() -> None:
    tracker = JobTracker([OURS])
    later = replace(DONE, id="j2", created_at=NOW + 9)
    outcomes = tracker.read([later, DONE], NOW)
    assert [outcome.intent for outcome in outcomes] == [OURS]


def test_a_job_that_had_ended_before_its_entry_was_announced_is_not_claimed() -> None:
    tracker = JobTracker()
    tracker.read([DONE], NOW)
    tracker.expect(replace(OURS, at=NOW))
    tracker.read([DONE], NOW)
    assert not tracker.is_ours(DONE)
    assert tracker.is_over("j1")


@pytest.mark.parametrize("status", ["success", "fail", "partialsuccess", "cancelled"])
def test_an_ended_job_is_settled_once(status: str) -> None:
    tracker = JobTracker()
    tracker.open("j1", OURS)
    (outcome,) = tracker.read([replace(JOB, status=status, error="E: x")], NOW)
    assert (outcome.intent, outcome.job_id, outcome.status, outcome.error) == (OURS, "j1", status, "E: x")
    assert tracker.read([replace(JOB, status=status)], NOW) == []
    assert tracker.failures("7") == (status != "success")


@pytest.mark.parametrize("status", ["running", "defragmenting"])
def test_a_job_that_holds_the_slot_is_not_settled(status: str) -> None:
    tracker = JobTracker()
    tracker.open("j1", OURS)
    active = replace(JOB, status=status)
    assert tracker.read([active], NOW) == []
    assert tracker.active == active


def test_failures_count_for_their_entry_and_since_a_moment_whoever_made_the_jobs() -> None:
    tracker = JobTracker()
    jobs = [
        replace(JOB, id=f"j{n}", status=status, created_at=NOW + n)
        for n, status in enumerate(["fail", "success", "cancelled", "partialsuccess"])
    ]
    tracker.read([*jobs, replace(JOB, id="j9", status="fail", file_id="8")], NOW)
    tracker.read(jobs, NOW)
    assert (tracker.failures("7"), tracker.failures("7", NOW + 2), tracker.failures("9")) == (3, 2, 0)


@pytest.mark.parametrize("others", [0, HISTORY])
def test_a_job_that_is_not_listed_is_waited_for_however_full_the_list(others: int) -> None:
    tracker = JobTracker()
    tracker.open("j1", OURS)
    newer = [replace(DONE, id=f"x{n}", file_id="8") for n in range(others)]
    assert tracker.read(newer, NOW + LISTED_AFTER + 1) == []
    assert not tracker.shows_all
    assert tracker.missing(newer, NOW + LISTED_AFTER - 1) == []
    assert tracker.missing(newer, NOW + LISTED_AFTER + 1) == [("j1", OURS)]


def test_a_job_that_nobody_knows_any_more_counts_as_failed_so_that_another_try_is_another_job() -> None:
    tracker = JobTracker()
    tracker.open("j1", OURS)
    (outcome,) = tracker.read([replace(JOB, status="unknown")], NOW + LISTED_AFTER + 1)
    assert (outcome.status, outcome.cancelled, tracker.opened, tracker.shows_all) == ("unknown", True, {}, True)
    assert tracker.failures("7") == 1
    assert tracker.is_over("j1")


@pytest.mark.parametrize(("jobs", "created_at", "hidden"), [(49, 9.0, False), (50, -9.0, False), (50, 9.0, True)])
def test_newer_jobs_hide_one_when_the_list_is_full_and_reaches_back_to_later(
    jobs: int,
    created_at: float,
    hidden: bool,  # noqa: FBT001 - drawn
) -> None:
    tracker = JobTracker()
    tracker.read([replace(DONE, id=f"x{n}", file_id="8", created_at=NOW + created_at) for n in range(jobs)], NOW)
    assert tracker.may_be_hidden(OURS) is hidden


def test_an_intent_is_known_while_its_job_may_exist() -> None:
    tracker = JobTracker()
    assert not tracker.knows(OURS)
    tracker.expect(OURS)
    assert tracker.knows(OURS)
    tracker.read([JOB], NOW)
    assert tracker.knows(OURS)
    tracker.expect(replace(OURS, client_token="other"))
    tracker.forget(replace(OURS, client_token="other"))
    assert tracker.unmatched() == []


def test_what_people_do_is_noticed() -> None:
    tracker = JobTracker()
    restore = replace(JOB, id="j2", type="Restore", created_at=NOW - 50)
    tracker.read([restore, replace(DONE, id="j3", created_at=NOW - 70)], NOW)
    assert (tracker.foreign_at, tracker.restore_at) == (NOW - 50, NOW)
    tracker.read([replace(restore, status="success")], NOW + 30)
    assert tracker.restore_at == NOW
