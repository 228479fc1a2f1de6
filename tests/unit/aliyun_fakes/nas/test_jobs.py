"""Jobs on the clock: how long they take, how they end, and what they leave."""

import pytest

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.nas import DurationModel, FileSystem, JobFault, NasModel, NasSettings
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.jobs import Job
from aliyun_fakes.nas.tokens import ClientTokens
from tests.unit.aliyun_fakes.nas.looks import names, paths, with_settings


def refused(file_system: FileSystem, file_id: str) -> str:
    with pytest.raises(NasError) as refusal:
        file_system.delete_job(file_id)
    return refusal.value.code


def look(file_system: FileSystem, job: Job) -> tuple[str, int]:
    file_system.settle()
    return job.status, job.progress(file_system.now())


def test_a_job_takes_its_base_and_so_much_per_entry_and_byte(file_system: FileSystem) -> None:
    file_system.durations = DurationModel(base=1, per_entry=10, per_byte=0.5, of_entry=lambda entry: len(entry.name))
    top = file_system.recycle_tree("/tree", {"a": 100, "d/b": 20})
    job = file_system.delete_job(top.file_id)
    assert job.ends - job.start == 1 + 4 * 10 + 120 * 0.5 + len("tree")


def test_progress_grows_from_1_to_100_and_never_falls(file_system: FileSystem, clock: VirtualClock) -> None:
    file_system.durations = DurationModel(base=1000)
    job = file_system.delete_job(file_system.recycle("/a").file_id)
    seen = []
    for _ in range(21):
        seen.append(look(file_system, job))
        clock.sleep(50)
    shown = [progress for _, progress in seen]
    assert shown[0] == 1
    assert shown == sorted(shown)
    assert seen[-2] == ("Running", 95)
    assert seen[-1] == ("Success", 100)


def test_a_job_that_takes_no_time_is_over_at_once(file_system: FileSystem) -> None:
    file_system.durations = DurationModel(base=0)
    job = file_system.delete_job(file_system.recycle("/a").file_id)
    assert look(file_system, job) == ("Success", 100)
    assert paths(file_system) == []


@pytest.mark.parametrize("nth", [1, 2])
def test_a_fault_strikes_the_nth_job(file_system: FileSystem, clock: VirtualClock, nth: int) -> None:
    file_system.job_faults.append(JobFault("Fail", nth=nth))
    for name in "ab":
        file_system.delete_job(file_system.recycle(f"/{name}").file_id)
        clock.sleep(60)
    ends = [job.status for job in file_system.job_log]
    assert ends[nth - 1] == "Fail"
    assert ends[2 - nth] == "Success"
    assert paths(file_system) == ["/" + "ab"[nth - 1]]


def test_a_fault_strikes_one_entry_so_many_times(file_system: FileSystem, clock: VirtualClock) -> None:
    bad = file_system.recycle("/bad").file_id
    file_system.job_faults.append(JobFault("Fail", file_id=bad, times=2, error_code="Odd", error_message="Odd it is."))
    for _ in range(3):
        file_system.delete_job(bad)
        clock.sleep(60)
    assert [(job.status, job.error_code) for job in file_system.job_log] == [("Fail", "Odd")] * 2 + [("Success", "")]


def test_a_partial_success_removes_its_share_from_the_leaves_up(file_system: FileSystem, clock: VirtualClock) -> None:
    top = file_system.recycle_tree("/t", {f"f{number}": 1 for number in range(9)})
    file_system.job_faults.append(JobFault("PartialSuccess", nth=1, removes_share=0.5))
    file_system.delete_job(top.file_id)
    clock.sleep(60)
    assert len(paths(file_system)) == 5
    assert "/t" in paths(file_system)
    file_system.delete_job(top.file_id)
    clock.sleep(60)
    assert paths(file_system) == []


def test_a_cancelled_deletion_keeps_what_it_had_not_come_to(file_system: FileSystem, clock: VirtualClock) -> None:
    file_system.durations = DurationModel(base=100)
    job = file_system.delete_job(file_system.recycle_tree("/t", {f"f{n}": 1 for n in range(9)}).file_id)
    clock.sleep(30)
    file_system.cancel_job(job.id)
    assert look(file_system, job) == ("Cancelled", 30)
    assert len(paths(file_system)) == 7
    clock.sleep(1000)
    assert look(file_system, job) == ("Cancelled", 30)
    assert len(paths(file_system)) == 7


def test_a_cancelled_restore_leaves_the_rest_in_the_bin(file_system: FileSystem, clock: VirtualClock) -> None:
    file_system.durations = DurationModel(base=100)
    top = file_system.recycle_tree("/t", {f"f{n}": 1 for n in range(9)})
    job = file_system.restore_job(top.file_id)
    clock.sleep(50)
    file_system.cancel_job(job.id)
    assert file_system.exists("/t/f0")
    assert len(paths(file_system)) == 5
    assert file_system.bin_count == 5


def test_a_restore_onto_a_taken_name_keeps_both(file_system: FileSystem, clock: VirtualClock) -> None:
    old = file_system.recycle("/a", size=1)
    file_system.write("/a", 2)
    file_system.restore_job(old.file_id)
    clock.sleep(60)
    assert file_system.exists("/a")
    assert file_system.exists(f"/a.{old.file_id}")
    assert file_system.live_size == 3


def test_a_restore_whose_target_is_deleted_meanwhile_fails(file_system: FileSystem, clock: VirtualClock) -> None:
    entry = file_system.recycle("/a")
    job = file_system.restore_job(entry.file_id, file_system.mkdir("/target"))
    file_system.rm_rf("/target")
    clock.sleep(60)
    assert look(file_system, job)[0] == "Fail"
    assert job.error_code == "InvalidTargetFileId.NotFound"
    assert file_system.find("/a") == entry


def test_something_restored_and_deleted_again_has_a_new_delete_time_and_the_old_id(
    file_system: FileSystem, clock: VirtualClock
) -> None:
    first = file_system.recycle("/a", deleted_at=clock.now() - 1000)
    file_system.restore_job(first.file_id)
    clock.sleep(60)
    file_system.unlink("/a")
    again = file_system.entry(first.file_id)
    assert again is not None
    assert again.delete_time == int(clock.now()) > first.delete_time


def test_entries_can_leave_the_bin_one_by_one(model: NasModel, clock: VirtualClock) -> None:
    file_system = with_settings(model, removal="progressive")
    file_system.durations = DurationModel(base=100)
    file_system.delete_job(file_system.recycle_tree("/t", {f"f{n}": 1 for n in range(9)}).file_id)
    left = []
    for _ in range(3):
        left.append(file_system.bin_count)
        clock.sleep(50)
    assert left == [10, 5, 0]


def test_entries_leave_the_bin_at_the_end_by_default(file_system: FileSystem, clock: VirtualClock) -> None:
    file_system.durations = DurationModel(base=100)
    file_system.delete_job(file_system.recycle_tree("/t", {f"f{n}": 1 for n in range(9)}).file_id)
    clock.sleep(99)
    assert file_system.bin_count == 10
    clock.sleep(1)
    assert file_system.bin_count == 0


@pytest.mark.parametrize(("blocks", "code"), [(True, "OperationDenied.TooManyRunningJobs"), (False, "")])
def test_defragmenting_holds_the_slot_as_the_switch_says(
    model: NasModel, clock: VirtualClock, *, blocks: bool, code: str
) -> None:
    file_system = with_settings(model, defragment_seconds=100, defragmenting_blocks=blocks)
    one, two = (file_system.recycle(f"/{name}").file_id for name in "ab")
    job = file_system.restore_job(one)
    clock.sleep(10)
    assert look(file_system, job) == ("Defragmenting", 100)
    assert (refused(file_system, two) if code else file_system.delete_job(two) and "") == code


def test_a_defragmenting_job_cannot_be_cancelled(model: NasModel, clock: VirtualClock) -> None:
    file_system = with_settings(model, defragment_seconds=100)
    job = file_system.restore_job(file_system.recycle("/a").file_id)
    clock.sleep(10)
    file_system.cancel_job(job.id)
    assert look(file_system, job)[0] == "Defragmenting"


@pytest.mark.parametrize("position", ["itself", "above", "below"])
@pytest.mark.parametrize(
    ("switch", "code"),
    [("conflict", "OperationDenied.Conflict"), ("too-many", "OperationDenied.TooManyRunningJobs")],
)
def test_a_job_that_overlaps_the_running_one_is_refused_as_the_switch_says(
    model: NasModel, position: str, switch: str, code: str
) -> None:
    file_system = with_settings(model, overlapping_job=switch)
    top = file_system.recycle_tree("/t", {"d/f": 1})
    middle, bottom = file_system.find("/t/d"), file_system.find("/t/d/f")
    assert middle is not None
    assert bottom is not None
    file_system.delete_job(middle.file_id)
    wanted = {"itself": middle, "above": top, "below": bottom}[position]
    assert refused(file_system, wanted.file_id) == code


def test_a_live_directory_is_not_found_by_a_delete_job(file_system: FileSystem) -> None:
    file_system.write("/d/f")
    file_system.unlink("/d/f")
    assert refused(file_system, file_system.mkdir("/d")) == "InvalidFileId.NotFound"
    assert refused(file_system, "2") == "InvalidFileId.NotFound"


def test_or_it_purges_what_was_deleted_from_it(model: NasModel, clock: VirtualClock) -> None:
    file_system = with_settings(model, live_file_id="purges-contents")
    file_system.write("/d/f")
    file_system.unlink("/d/f")
    file_system.write("/d/live")
    file_system.recycle("/other")
    file_system.delete_job(file_system.mkdir("/d"))
    clock.sleep(60)
    assert paths(file_system) == ["/other"]
    assert file_system.exists("/d/live")


@pytest.mark.parametrize("file_id", ["", "x", "02", "-3", "3.0", "٣", "9" * 30])
def test_only_the_exact_id_is_found(file_system: FileSystem, file_id: str) -> None:
    file_system.recycle("/a")
    assert refused(file_system, file_id) == "InvalidFileId.NotFound"


def test_disabling_cancels_the_running_job_and_empties_the_bin(file_system: FileSystem) -> None:
    job = file_system.delete_job(file_system.recycle("/a").file_id)
    file_system.recycle_tree("/d", {"b/c": 1})
    file_system.disable()
    assert job.status == "Cancelled"
    assert (file_system.bin_count, file_system.bin_size, paths(file_system)) == (0, 0, [])


def test_a_delete_job_while_the_bin_is_off_can_be_not_found(model: NasModel) -> None:
    file_system = with_settings(model, delete_while_disabled="not-found")
    entry = file_system.recycle("/a")
    file_system.disable()
    assert refused(file_system, entry.file_id) == "InvalidFileId.NotFound"


def test_history_keeps_the_newest_in_the_order_asked_for(model: NasModel, clock: VirtualClock) -> None:
    file_system = with_settings(model, history_length=2, history_order="oldest-first")
    for name in "abc":
        file_system.delete_job(file_system.recycle(f"/{name}").file_id)
        clock.sleep(60)
    assert [job.file_name for job in file_system.recent_jobs()] == ["b", "c"]
    assert file_system.jobs_created == 3


def test_busy_seconds_are_those_in_which_a_job_held_the_slot(file_system: FileSystem, clock: VirtualClock) -> None:
    file_system.durations = DurationModel(base=10)
    start = clock.now()
    file_system.delete_job(file_system.recycle("/a").file_id)
    clock.sleep(100)
    file_system.delete_job(file_system.recycle("/b").file_id)
    clock.sleep(4)
    assert file_system.busy_seconds() == pytest.approx(14)
    assert file_system.busy_seconds(since=start + 5, until=start + 50) == pytest.approx(5)


def test_a_repeated_token_is_refused_while_its_job_runs_if_the_switch_says_so(
    model: NasModel, clock: VirtualClock
) -> None:
    model.settings = NasSettings(repeated_client_token="busy-while-running")
    file_system = model.create_file_system()
    given = {"FileSystemId": file_system.file_system_id, "FileId": file_system.recycle("/a").file_id}
    job_id = model.create_job("CreateRecycleBinDeleteJob", file_system, given, "token")
    with pytest.raises(NasError) as refusal:
        model.create_job("CreateRecycleBinDeleteJob", file_system, given, "token")
    assert refusal.value.code == "OperationDenied.TooManyRunningJobs"
    clock.sleep(60)
    assert model.create_job("CreateRecycleBinDeleteJob", file_system, given, "token") == job_id


def test_a_token_with_other_parameters_can_be_taken_for_a_new_one(model: NasModel, clock: VirtualClock) -> None:
    model.settings = NasSettings(client_token_mismatch="ignored")
    file_system = model.create_file_system()
    for name in "ab":
        given = {"FileSystemId": file_system.file_system_id, "FileId": file_system.recycle(f"/{name}").file_id}
        model.create_job("CreateRecycleBinDeleteJob", file_system, given, "token")
        clock.sleep(60)
    assert file_system.jobs_created == 2
    assert names(file_system) == []


def test_a_refused_request_leaves_no_token_behind(model: NasModel, clock: VirtualClock) -> None:
    file_system = model.create_file_system()
    one, two = (file_system.recycle(f"/{name}").file_id for name in "ab")
    file_system.delete_job(one)
    given = {"FileSystemId": file_system.file_system_id, "FileId": two}
    with pytest.raises(NasError):
        model.create_job("CreateRecycleBinDeleteJob", file_system, given, "token")
    clock.sleep(60)
    model.create_job("CreateRecycleBinDeleteJob", file_system, given, "token")
    assert file_system.jobs_created == 2


def test_tokens_are_forgotten_in_the_order_of_their_last_use(clock: VirtualClock) -> None:
    settings = NasSettings(client_token_seconds=100)
    tokens = ClientTokens(clock)
    for token in ("again", "once", "again"):
        tokens.remember("op", token, {}, f"job of {token}")
        clock.sleep(40)
    assert tokens.job_of("op", "again", {}, settings) == "job of again"
    clock.sleep(30)
    assert tokens.job_of("op", "once", {}, settings) is None
    assert tokens.job_of("op", "again", {}, settings) == "job of again"


def test_a_hand_that_cancels_a_job_there_never_was_is_told(file_system: FileSystem) -> None:
    with pytest.raises(KeyError, match="no job 'x'"):
        file_system.cancel_job("x")


def test_job_ids_differ_even_within_a_millisecond(file_system: FileSystem) -> None:
    file_system.durations = DurationModel(base=0)
    ids = [file_system.delete_job(file_system.recycle(f"/{n}").file_id).id for n in range(3)]
    assert len(set(ids)) == 3
