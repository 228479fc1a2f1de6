"""Which listed jobs are ours, what became of them, and what people do."""

from dataclasses import replace

import pytest

from functions.retention.audit.ledger import ROUNDING, Intent
from functions.retention.core.recycle_bin import HISTORY, Job
from functions.retention.jobs.tracker import LISTED_AFTER, SETTLE_BEFORE, JobBook
from tests.unit.retention.bins import NOW

OURS = Intent("7", "t", "token", NOW, 5, 2, "/a")
JOB = Job("j1", "Delete", "7", "running", 1, NOW + 1)
DONE = replace(JOB, status="success")


def test_a_job_created_after_an_open_intent_for_its_entry_is_ours() -> None:
    book = JobBook([OURS])
    assert book.read([JOB], NOW) == []
    assert (book.is_ours(JOB), book.job_of(OURS), book.job_for("7", "t")) == (True, "j1", "j1")
    assert (book.entries_of(JOB), book.unmatched(), book.foreign_at) == (2, [], 0.0)


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
    book = JobBook([OURS])
    book.read([job], NOW)
    assert not book.is_ours(job)
    assert book.unmatched() == [OURS]
    assert book.entries_of(job) == 0


@pytest.mark.parametrize("ahead", [-100.0, 100.0])
def test_a_service_whose_clock_differs_does_not_mislead(ahead: float) -> None:
    for seconds, ours in ((1, True), (-10, False)):
        book = JobBook([OURS])
        job = replace(JOB, created_at=NOW + ahead + seconds)
        book.read([job], NOW, ahead)
        assert book.is_ours(job) is ours


def test_of_two_jobs_for_an_entry_one_intent_claims_one() -> None:
    book = JobBook([OURS])
    later = replace(DONE, id="j2", created_at=NOW + 9)
    outcomes = book.read([later, DONE], NOW)
    assert [outcome.intent for outcome in outcomes] == [OURS]


def test_a_job_that_had_ended_before_its_entry_was_announced_is_not_claimed() -> None:
    book = JobBook()
    book.read([DONE], NOW)
    book.expect(replace(OURS, at=NOW))
    book.read([DONE], NOW)
    assert not book.is_ours(DONE)
    assert book.is_over("j1")


@pytest.mark.parametrize("status", ["success", "fail", "partialsuccess", "cancelled"])
def test_an_ended_job_is_settled_once(status: str) -> None:
    book = JobBook()
    book.open("j1", OURS)
    (outcome,) = book.read([replace(JOB, status=status, error="E: x")], NOW)
    assert (outcome.intent, outcome.job_id, outcome.status, outcome.error) == (OURS, "j1", status, "E: x")
    assert book.read([replace(JOB, status=status)], NOW) == []
    assert book.failures("7") == (status != "success")


@pytest.mark.parametrize("status", ["running", "defragmenting"])
def test_a_job_that_holds_the_slot_is_not_settled(status: str) -> None:
    book = JobBook()
    book.open("j1", OURS)
    active = replace(JOB, status=status)
    assert book.read([active], NOW) == []
    assert book.active == active


def test_failures_count_for_their_entry_and_since_a_moment_whoever_made_the_jobs() -> None:
    book = JobBook()
    jobs = [
        replace(JOB, id=f"j{n}", status=status, created_at=NOW + n)
        for n, status in enumerate(["fail", "success", "cancelled", "partialsuccess"])
    ]
    book.read([*jobs, replace(JOB, id="j9", status="fail", file_id="8")], NOW)
    book.read(jobs, NOW)
    assert (book.failures("7"), book.failures("7", NOW + 2), book.failures("9")) == (3, 2, 0)


@pytest.mark.parametrize("others", [0, HISTORY])
def test_a_job_that_is_not_listed_is_waited_for_however_full_the_list(others: int) -> None:
    book = JobBook()
    book.open("j1", OURS)
    newer = [replace(DONE, id=f"x{n}", file_id="8") for n in range(others)]
    assert book.read(newer, NOW + LISTED_AFTER - 1) == []
    (outcome,) = book.read(newer, NOW + LISTED_AFTER + 1)
    assert (outcome.status, outcome.job_id) == ("unknown", "j1")
    assert book.opened == {}


def test_a_job_that_was_never_seen_to_end_counts_as_failed_so_that_another_try_is_another_job() -> None:
    book = JobBook()
    book.open("j1", OURS)
    book.read([], NOW + LISTED_AFTER + 1)
    assert book.failures("7") == 1
    assert book.is_over("j1")


def test_outcomes_are_collected_before_newer_jobs_can_hide_one() -> None:
    book = JobBook()
    for number in range(SETTLE_BEFORE):
        assert not book.must_settle
        book.open(f"j{number}", replace(OURS, client_token=f"t{number}"))
    assert book.must_settle
    assert SETTLE_BEFORE < HISTORY


def test_an_intent_is_known_while_its_job_may_exist() -> None:
    book = JobBook()
    assert not book.knows(OURS)
    book.expect(OURS)
    assert book.knows(OURS)
    book.read([JOB], NOW)
    assert book.knows(OURS)
    book.expect(replace(OURS, client_token="other"))
    book.forget(replace(OURS, client_token="other"))
    assert book.unmatched() == []


def test_what_people_do_is_noticed() -> None:
    book = JobBook()
    restore = replace(JOB, id="j2", type="Restore", created_at=NOW - 50)
    book.read([restore, replace(DONE, id="j3", created_at=NOW - 70)], NOW)
    assert (book.foreign_at, book.restore_at) == (NOW - 50, NOW)
    book.read([replace(restore, status="success")], NOW + 30)
    assert book.restore_at == NOW
