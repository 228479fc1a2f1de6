"""A run that selects far more than usual: what counts as usual, and what a person can do."""

import random
from collections.abc import Sequence

import pytest

from functions.retention.audit.complete_log import CompleteLog
from functions.retention.audit.journal import Journal
from functions.retention.audit.queries import RunLedger
from functions.retention.core.errors import NoAnswer
from functions.retention.core.seal import Seal, SealKey
from functions.retention.runs.approved_plan import find_plan
from functions.retention.runs.selection import put_survey
from functions.retention.runs.unusual import Amount, stop_if_unusual
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import SEAL, MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM
from tests.unit.retention.policies import DAY, guardrails

GIB = 1 << 30
OTHER = Seal(SealKey(bytes(range(1, 33))), region="r", account_id="1", queue="q")


def surveys(
    cloud: MemoryCloud, *days: Amount | Sequence[Amount], seal: Seal = SEAL, mode: str = "enforce", detail: str = ""
) -> None:
    """Surveys that selected so much, those of one day after the other."""
    for day in days:
        for number, each in enumerate([day] if isinstance(day, Amount) else day):
            common = {"file_system": FILE_SYSTEM, "mode": mode, "run": f"earlier-{cloud.clock.now()}-{number}"}
            journal = Journal(cloud.log, cloud.clock, random.Random(cloud.clock.now() + number), common)
            fields = {**common, "selected": each.entries, "bytes": each.bytes, "detail": detail}
            put_survey(journal, seal, {**fields, "plan_id": f"{cloud.clock.now()}"})
        cloud.clock.sleep(DAY)


def is_unusual(cloud: MemoryCloud, selected: Amount, times: object = 10) -> bool:
    ledger = RunLedger(cloud.log, "r", FILE_SYSTEM, cloud.clock.now())
    limits = guardrails(times_usual=times)
    end = stop_if_unusual(ledger, SEAL, limits, selected, run="r", now=cloud.clock.now())
    return end is not None and end.reason == "unusual"


@pytest.fixture
def cloud() -> MemoryCloud:
    """A file system without a run so far."""
    return MemoryCloud(deployed(), NOW)


LITTLE, MUCH = Amount(500, 2 * GIB), Amount(900_000, 0)


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        (Amount(5_000, 20 * GIB), False),
        (Amount(5_001, 0), True),
        (Amount(1, 20 * GIB + 1), True),
        (Amount(5_001, 20 * GIB + 1), True),
    ],
)
def test_more_than_ten_times_the_usual_entries_or_bytes_stop(
    cloud: MemoryCloud, selected: Amount, *, expected: bool
) -> None:
    surveys(cloud, LITTLE, LITTLE, LITTLE)
    assert is_unusual(cloud, selected) == expected


def test_a_thousand_entries_and_ten_gib_are_never_unusual(cloud: MemoryCloud) -> None:
    surveys(cloud, Amount(1, 1), Amount(1, 1), Amount(1, 1))
    assert not is_unusual(cloud, Amount(1_000, 10 * GIB))
    assert is_unusual(cloud, Amount(1_001, 10 * GIB))


@pytest.mark.parametrize("days", [(), (LITTLE,), (LITTLE, LITTLE), (LITTLE, Amount(0, 0), Amount(0, 0), LITTLE)])
def test_with_fewer_than_three_days_of_work_nothing_stops(cloud: MemoryCloud, days: tuple[Amount, ...]) -> None:
    surveys(cloud, *days)
    assert not is_unusual(cloud, MUCH)


def test_one_large_day_makes_nothing_usual_and_three_of_five_do(cloud: MemoryCloud) -> None:
    surveys(cloud, LITTLE, LITTLE, LITTLE, LITTLE, MUCH)
    assert is_unusual(cloud, MUCH)
    surveys(cloud, MUCH, MUCH)
    assert not is_unusual(cloud, MUCH)


def test_small_requests_do_not_make_the_nightly_run_unusual(cloud: MemoryCloud) -> None:
    day = [Amount(1, 1)] * 9
    surveys(cloud, [*day, MUCH], [MUCH, *day], [*day, MUCH])
    assert not is_unusual(cloud, MUCH)


@pytest.mark.parametrize(
    "unlike",
    [{"detail": "guardrails.times_usual: too many"}, {"mode": "dry-run"}, {"seal": OTHER}],
    ids=["stopped", "a dry run", "without our seal"],
)
def test_surveys_that_nobody_let_go_never_become_usual(cloud: MemoryCloud, unlike: dict[str, object]) -> None:
    surveys(cloud, LITTLE, LITTLE, LITTLE)
    surveys(cloud, *[MUCH] * 9, **unlike)  # type: ignore[arg-type]  # parametrised
    assert is_unusual(cloud, MUCH)


def test_a_plan_counts_once_a_person_has_let_it_go(cloud: MemoryCloud) -> None:
    surveys(cloud, LITTLE, LITTLE, LITTLE)
    surveys(cloud, MUCH, MUCH, MUCH, mode="dry-run")
    journal = Journal(cloud.log, cloud.clock, random.Random(0), {"file_system": FILE_SYSTEM})
    for plan in [each["plan_id"] for each in cloud.log.events("surveyed", mode="dry-run")]:
        assert is_unusual(cloud, MUCH)
        journal.put("asked", reason="purge", plan_id=plan)
    assert not is_unusual(cloud, MUCH)


def test_what_is_older_than_a_month_is_not_usual(cloud: MemoryCloud) -> None:
    surveys(cloud, LITTLE, LITTLE, LITTLE)
    cloud.clock.sleep(32 * DAY)
    assert not is_unusual(cloud, MUCH)


@pytest.mark.parametrize("times", [1, 2.5, 1_800, "unlimited"])
def test_the_factor_is_the_guardrails(cloud: MemoryCloud, times: float | str) -> None:
    surveys(cloud, LITTLE, LITTLE, LITTLE)
    assert is_unusual(cloud, MUCH, times) == (times in {1, 2.5})


def test_a_log_that_does_not_answer_is_not_a_file_system_without_history(cloud: MemoryCloud) -> None:
    cloud.log.reads = False
    with pytest.raises(NoAnswer, match="usually"):
        is_unusual(cloud, MUCH)
    assert not is_unusual(cloud, LITTLE)


@pytest.mark.parametrize("value", [0, 0.5, -1, True, "10", None, float("nan"), float("inf"), [], ""])
def test_a_factor_is_a_number_from_one_or_unlimited(value: object) -> None:
    with pytest.raises(ValueError, match="write a number from 1"):
        guardrails(times_usual=value)


# Whole runs.


def flooded(*, narrowing: dict[str, object] | None = None) -> MemoryCloud:
    """Three days of little work, then a run on a bin that holds a file of 100 GiB."""
    cloud = MemoryCloud(deployed(), NOW)
    surveys(cloud, LITTLE, LITTLE, LITTLE)
    cloud.bin.tree.drop("/flood", OLD, 100 * GIB)
    cloud.begin(narrowing=narrowing or {})
    return cloud


@pytest.mark.parametrize("narrowing", [{}, {"path": "/**"}, {"up_to": 5}, {"older_than": "8d"}])
def test_an_unusual_run_only_surveys_however_it_is_narrowed(narrowing: dict[str, object]) -> None:
    cloud = flooded(narrowing=narrowing)
    end = cloud.play()[-1]
    assert (end.reason, len(cloud.bin.tree.all_entries())) == ("unusual", 1)
    assert "100.0 GiB, usual are 2.0 GiB" in end.detail
    assert "purge it by its id" in end.detail
    assert cloud.log.events("surveyed")[-1]["detail"] == end.detail


def test_an_unusual_run_is_still_unusual_after_a_week_of_tries() -> None:
    cloud = flooded()
    for _ in range(7):
        assert cloud.play()[-1].reason == "unusual"
        cloud.clock.sleep(DAY)
        cloud.begin()


def test_a_run_that_breaks_a_limit_says_so_first() -> None:
    cloud = flooded()
    cloud.file = deployed(bytes="1GiB")
    cloud.queues.queued_messages.clear()
    cloud.begin()
    assert cloud.play()[-1].reason == "limits-exceeded"


def test_a_person_lets_an_unusual_run_go_by_its_plan() -> None:
    cloud = flooded()
    assert cloud.play()[-1].reason == "unusual"
    cloud.begin(mode="dry-run", trigger="console")
    assert cloud.play()[-1].reason == "completed"
    name = cloud.log.events("surveyed")[-1]["plan_id"]
    plan = find_plan(
        CompleteLog(cloud.log, cloud.clock),
        SEAL,
        name=name,
        file_system=FILE_SYSTEM,
        digest=cloud.file.digest,
        now=cloud.clock.now(),
    )
    cloud.begin(phase="purge", selection=plan.selection, sees_inside=True)
    cloud.play()
    assert cloud.bin.tree.all_entries() == {}
