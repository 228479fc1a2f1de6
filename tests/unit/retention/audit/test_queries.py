"""Questions to the log: no answer is None, which is not the empty answer."""

import pytest

from functions.retention.audit.ledger import PERSON_GRACE, Cancels
from functions.retention.audit.queries import RunLedger, find_alive_runs, intent_of
from functions.retention.audit.schema import record
from functions.retention.core.errors import CloudError
from functions.retention.core.job import Job
from functions.retention.core.service_time import format_service_time
from tests.unit.retention.bins import NOW
from tests.unit.retention.doubles import MemoryCloud, MemoryLog, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM

JOB = Job("j1", "Delete", "7", "running", 1, NOW + 1)
COMMON = {"file_system": FILE_SYSTEM, "run": "r1", "mode": "enforce"}


@pytest.fixture
def log() -> MemoryLog:
    cloud = MemoryCloud(deployed(), NOW)
    cloud.clock.sleep(60.0)
    return cloud.log


def write(log: MemoryLog, event: str, at: float = NOW, **fields: object) -> None:
    number = f"e{len(log.records)}"
    line = record(event, {**COMMON, "event_id": number, "at": format_service_time(at), **fields})
    log.records.append((at, line))


def ledger(log: MemoryLog, request: str = "q1") -> RunLedger:
    return RunLedger(log, "r1", FILE_SYSTEM, NOW, request=request)


def announced(log: MemoryLog, at: float = NOW, **fields: object) -> None:
    write(log, "intent", at, **{"file_id": "7", "client_token": "t", "request": "q0", **fields})


def test_a_job_is_ours_by_an_earlier_intent_for_its_entry_of_any_run(log: MemoryLog) -> None:
    announced(log, run="r0")
    intent = ledger(log).whose(JOB)
    assert intent is not None
    assert intent.client_token == "t"


def test_a_job_is_a_persons_when_the_intent_is_later_settled_for_another_entry_or_of_this_very_slice(
    log: MemoryLog,
) -> None:
    announced(log, NOW + 10)
    announced(log, file_id="8")
    announced(log, client_token="own", request="q1")
    announced(log, client_token="done")
    write(log, "outcome", NOW + 1, client_token="done", file_id="7", status="success")
    assert ledger(log).whose(JOB) is None


def test_a_job_is_ours_by_the_id_that_a_create_returned_even_when_its_intent_was_settled(log: MemoryLog) -> None:
    announced(log, client_token="done")
    write(log, "created", client_token="done", file_id="7", job_id="j1")
    write(log, "outcome", client_token="done", file_id="7", status="not-created")
    for asked in (ledger(log).whose(JOB), intent_of(JOB, log, FILE_SYSTEM, now=NOW, ahead=0.0)):
        assert asked is not None
        assert asked.client_token == "done"


def test_a_job_is_a_persons_while_the_log_does_not_answer(log: MemoryLog) -> None:
    announced(log)
    log.reads = False
    assert ledger(log).whose(JOB) is None


def test_a_clock_that_differs_makes_no_persons_job_ours(log: MemoryLog) -> None:
    announced(log)
    assert ledger(log).whose(JOB, 60.0) is None
    assert ledger(log).whose(JOB, -60.0) is not None


def test_a_run_is_cancelled_by_its_own_name_only(log: MemoryLog) -> None:
    write(log, "cancel", run="other")
    assert not ledger(log).is_cancelled()
    write(log, "cancel")
    assert ledger(log).is_cancelled()


def rests_until(log: MemoryLog) -> float:
    cancels = ledger(log).cancels(NOW)
    assert cancels is not None
    return cancels.rests_until


def test_a_file_system_rests_after_a_person_stopped_a_run_on_it(log: MemoryLog) -> None:
    write(log, "cancel-seen", reason="person", file_system="other")
    assert rests_until(log) == 0.0
    write(log, "cancel-seen", reason="before-first-run", at=NOW + 20)
    write(log, "cancel-seen", reason="person", at=NOW + 10)
    write(log, "cancel-seen", reason="person")
    assert rests_until(log) == NOW + 10 + PERSON_GRACE


def test_the_rest_ends_when_a_person_lifts_it_and_comes_back_with_the_next_cancel(log: MemoryLog) -> None:
    write(log, "cancel-seen", reason="person", at=NOW)
    write(log, "rest-lifted", at=NOW + 10)
    assert rests_until(log) == 0.0
    write(log, "cancel-seen", reason="person", at=NOW + 20)
    assert rests_until(log) == NOW + 20 + PERSON_GRACE


def test_an_entry_stays_for_a_while_after_a_person_cancelled_its_job_by_whatever_means(log: MemoryLog) -> None:
    write(log, "cancel-seen", reason="person", file_id="7", job_id="j7", at=NOW)
    write(log, "cancel", file_id="8", job_id="j8", at=NOW + 5)
    write(log, "cancel-seen", reason="before-first-run", file_id="9", job_id="j9", at=NOW)
    cancels = ledger(log).cancels(NOW)
    assert cancels is not None
    assert cancels.jobs == {"j7", "j8", "j9"}
    assert cancels.kept(NOW + 60, 60.5) == {"7", "8"}
    assert cancels.kept(NOW + 62, 60.0) == {"8"}
    assert cancels.kept(NOW + 66, 60.0) == frozenset()


def test_hand_overs_and_the_end_are_found_with_one_search(log: MemoryLog) -> None:
    for event in ("started", "handed-over", "ended"):
        write(log, event)
    before = log.line.clock.now()
    assert [each["event"] for each in ledger(log).handed_over(NOW) or ()] == ["handed-over", "ended"]
    assert log.line.clock.now() - before == pytest.approx(0.05)


def test_runs_that_are_about_to_begin_are_found_only_when_asked_for(log: MemoryLog) -> None:
    write(log, "started", run="r1", alive_until=round(NOW + 600))
    write(log, "swept", run="r2", file_system="other", alive_until=round(NOW + 600))
    write(log, "asked", run="r3")

    def found(file_system: str | None, *begun_by: str) -> list[str]:
        return [each.run for each in find_alive_runs(log, NOW + 60, file_system, begun_by=begun_by)]

    assert found(FILE_SYSTEM) == ["r1"]
    assert found(None, "swept") == ["r1", "r2"]
    assert found(FILE_SYSTEM, "swept", "asked") == ["r1", "r3"]


def test_a_log_that_does_not_answer_is_told_from_one_that_has_nothing(log: MemoryLog) -> None:
    asked = ledger(log)
    assert (asked.records(NOW), asked.handed_over(NOW), asked.others_alive(NOW + 60)) == ([], [], [])
    assert (asked.is_cancelled(), asked.cancels(NOW + 60)) == (False, Cancels(frozenset(), 0.0, {}))
    log.reads = False
    silence: list[object] = [asked.records(NOW), asked.handed_over(NOW), asked.others_alive(NOW + 60)]
    silence += [asked.is_cancelled(), asked.cancels(NOW + 60)]
    assert silence == [None] * 5
    with pytest.raises(CloudError):
        find_alive_runs(log, NOW)
    with pytest.raises(CloudError):
        intent_of(JOB, log, FILE_SYSTEM, now=NOW, ahead=0.0)
