"""One bad directory or entry stops nothing else: it is tried three times, set aside, and the others go."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from functions.retention.core.errors import CloudError, NoAnswer, NotFound, Refused, StaleToken
from functions.retention.core.service_time import parse_service_time
from functions.retention.runs.failing import APART, MOST_FAILING, TRIES
from tests.unit.retention.bins import DAY, NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, deployed

SILENT = NoAnswer("List", "Timeout", "nothing")
ILLEGAL = Refused("List", "IllegalCharacters", "no", "0A1B")
STALE = StaleToken("List", "InvalidParameter.InvalidNextToken", "dead")
GONE = NotFound("List", "InvalidFileId.NotFound", "gone")


def make_cloud(directories: int = 4, files: int = 3) -> MemoryCloud:
    """Directories that were deleted whole."""
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.base = 1.0
    for number in range(directories):
        for name in range(files):
            cloud.bin.tree.write(f"/top/d{number}/{name}", 1)
    cloud.bin.tree.remove("/top", OLD)
    return cloud


def id_of(cloud: MemoryCloud, name: str) -> str:
    return next(file_id for file_id, (entry, _) in cloud.bin.tree.all_entries().items() if entry.name == name)


def only(bad: str, error: Exception) -> Callable[[str], Exception | None]:
    return lambda file_id: error if file_id == bad else None


def left(cloud: MemoryCloud) -> list[str]:
    """Names of the directories that are left, and of what is in them."""
    return sorted(f"{at}/{entry.name}" for entry, at in cloud.bin.tree.all_entries().values())


def play(cloud: MemoryCloud) -> dict[str, str]:
    """Play a run; its end."""
    before = len(cloud.log.events("ended"))
    cloud.begin()
    cloud.play()
    (end,) = cloud.log.events("ended")[before:]
    return end


@pytest.mark.parametrize("error", [SILENT, ILLEGAL, STALE, GONE], ids=["silent", "refused", "stale", "not-found"])
def test_a_directory_that_cannot_be_listed_stays_with_all_in_it_and_the_others_go(error: CloudError) -> None:
    cloud = make_cloud()
    cloud.bin.listings = only(id_of(cloud, "d1"), error)
    end = play(cloud)
    assert left(cloud) == sorted(["//top", "/top/d1/0", "/top/d1/1", "/top/d1/2", "/top/d1"])
    assert (end["reason"], end["set_aside"], end["deleted"]) == ("partial", "1", "12")
    (aside,) = cloud.log.events("set-aside")
    assert (aside["path"], aside["reason"], aside.get("failed_request", "")) == (
        "/top/d1",
        error.code,
        error.request_id,
    )


def test_the_three_tries_are_ten_minutes_apart() -> None:
    cloud = make_cloud()
    cloud.bin.listings = only(id_of(cloud, "d1"), SILENT)
    play(cloud)
    tries = [*cloud.log.events("failing"), *cloud.log.events("set-aside")]
    at = [parse_service_time(each["at"]) or 0.0 for each in tries]
    assert [each["tries"] for each in tries] == ["1", "2", "3"]
    assert all(later - before >= APART for before, later in pairwise(at))


def test_a_directory_that_answers_at_its_second_try_goes() -> None:
    cloud = make_cloud()
    bad = id_of(cloud, "d1")
    cloud.bin.listings = lambda file_id: SILENT if file_id == bad and cloud.clock.now() < NOW + 300 else None
    assert play(cloud)["reason"] == "completed"
    assert left(cloud) == []
    assert len(cloud.log.events("recovered")) == 1


def test_a_later_run_tries_once_what_is_set_aside_and_deletes_it_when_it_answers() -> None:
    cloud = make_cloud()
    asked: list[float] = []
    bad = id_of(cloud, "d1")

    def silent(file_id: str) -> Exception | None:
        if file_id == bad:
            asked.append(cloud.clock.now())
            return SILENT
        return None

    cloud.bin.listings = silent
    play(cloud)
    cloud.clock.sleep(DAY)
    asked.clear()
    assert play(cloud)["reason"] == "partial"
    assert len(asked) == 1
    cloud.clock.sleep(DAY)
    cloud.bin.listings = lambda _: None
    assert play(cloud)["reason"] == "completed"
    assert left(cloud) == []


def test_what_was_set_aside_and_has_gone_since_is_no_trouble() -> None:
    cloud = make_cloud()
    bad = id_of(cloud, "d1")
    cloud.bin.listings = only(bad, SILENT)
    play(cloud)
    cloud.bin.tree.delete(id_of(cloud, "top"))
    cloud.bin.listings = only(bad, GONE)
    cloud.clock.sleep(DAY)
    assert play(cloud)["reason"] == "completed"


def test_a_dry_run_that_could_not_see_everything_is_partial() -> None:
    cloud = make_cloud()
    cloud.bin.listings = only(id_of(cloud, "d1"), SILENT)
    cloud.begin(mode="dry-run", trigger="console")
    cloud.play()
    (end,) = cloud.log.events("ended")
    assert (end["reason"], end["deleted"], end["by_error"]) == ("partial", "0", '{"Timeout": 1}')


def test_a_run_whose_log_does_not_say_what_is_set_aside_deletes_nothing() -> None:
    cloud = make_cloud()
    cloud.bin.listings = only(id_of(cloud, "d1"), SILENT)
    cloud.log.reads = False
    cloud.begin()
    cloud.play()
    assert not cloud.bin.ours


def test_more_than_a_hundred_bad_directories_are_set_aside_at_once() -> None:
    cloud = make_cloud(MOST_FAILING + 20, 1)
    good = {id_of(cloud, "top"), id_of(cloud, "d7")}
    cloud.bin.listings = lambda file_id: ILLEGAL if file_id != "2" and file_id not in good else None
    end = play(cloud)
    assert (end["reason"], end["set_aside"]) == ("partial", str(MOST_FAILING + 19))
    assert "/top/d7" not in left(cloud)
    assert {each["tries"] for each in cloud.log.events("set-aside")} >= {"1"}


# Entries for which no job can be had.


def flat(entries: int = 12) -> MemoryCloud:
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.base = 1.0
    for number in range(entries):
        cloud.bin.tree.drop(f"/logs/f{number:02}", OLD)
    return cloud


@pytest.mark.parametrize("bad", [1, 3, 11])
def test_refused_entries_starve_no_others(bad: int) -> None:
    cloud = flat()
    refused = {id_of(cloud, f"f{number:02}") for number in range(bad)}
    cloud.bin.refusals = lambda file_id: ILLEGAL if file_id in refused else None
    end = play(cloud)
    assert set(cloud.bin.tree.all_entries()) == refused
    assert (end["reason"], end["set_aside"], end["failed"]) == ("partial", str(bad), str(bad))
    assert {each["tries"] for each in cloud.log.events("set-aside")} == {str(TRIES)}


def test_entries_refused_in_every_run_are_tried_once_in_a_later_one_and_after_the_others() -> None:
    cloud = flat()
    refused = {id_of(cloud, f"f{number:02}") for number in range(4)}
    asked: list[str] = []

    def refuse(file_id: str) -> Exception | None:
        asked.append(file_id)
        return ILLEGAL if file_id in refused else None

    cloud.bin.refusals = refuse
    play(cloud)
    for number in range(20, 26):
        cloud.bin.tree.drop(f"/logs/f{number:02}", OLD)
    cloud.clock.sleep(DAY)
    asked.clear()
    assert play(cloud)["reason"] == "partial"
    assert set(cloud.bin.tree.all_entries()) == refused
    assert set(asked[-4:]) == refused
    assert [asked.count(each) for each in refused] == [1] * 4


def test_an_entry_whose_creates_never_answer_holds_up_no_other() -> None:
    cloud = flat(4)
    bad = id_of(cloud, "f00")
    cloud.bin.silent = lambda _operation, file_id: file_id == bad
    assert play(cloud)["reason"] == "partial"
    assert set(cloud.bin.tree.all_entries()) == {bad}


def test_jobs_that_fail_in_every_run_starve_no_others() -> None:
    cloud = flat(40)
    bad = {id_of(cloud, f"f{number:02}") for number in range(25)}
    create = cloud.bin._delete  # noqa: SLF001 - jobs of some entries fail

    def failing(file_id: str, token: str) -> str:
        cloud.bin.ends = ["fail"] if file_id in bad else []
        return create(file_id, token)

    cloud.bin._delete = failing  # type: ignore[method-assign]  # noqa: SLF001
    assert play(cloud)["reason"] == "partial"
    cloud.clock.sleep(DAY)
    assert play(cloud)["reason"] in {"all-failed", "too-many-failures"}
    assert set(cloud.bin.tree.all_entries()) == bad


def test_a_caller_that_may_delete_nothing_ends_the_run_at_once() -> None:
    cloud = flat(4)
    cloud.bin.refusals = lambda _: Refused("delete", "NoPermission", "no")
    assert play(cloud)["reason"] == "refused"
    assert not cloud.log.events("set-aside")


def test_what_failed_and_was_restored_before_its_second_try_is_no_trouble() -> None:
    cloud = make_cloud()
    bad = id_of(cloud, "d1")
    cloud.bin.listings = only(bad, SILENT)
    cloud.bin.later(300.0, lambda: cloud.bin.tree.delete(bad))
    assert play(cloud)["reason"] == "completed"
    assert left(cloud) == []
