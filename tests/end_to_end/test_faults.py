"""What goes wrong in a cloud, one thing at a time; afterwards the same brute-force check."""

from dataclasses import replace
from pathlib import Path

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc import DeliveryFaults
from aliyun_fakes.nas import DurationModel, NasSettings
from demo import brute_force
from tests.end_to_end.stage import DAY, LOGSTORE, POLICIES, PROJECT, RULES, TIMER, WORK, Reading, Stage, stage

HOUR = 3600.0


def fewest(play: Stage) -> int:
    return brute_force.fewest_jobs(play.before.values(), RULES, play.began_at)


@pytest.mark.parametrize("kind", ["drop", "timeout", "garbage"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_reply_to_a_created_job_makes_no_second_one(tmp_path: Path, kind: str, when: str) -> None:
    fault = Fault("nas", "CreateRecycleBinDeleteJob", kind, when=when, nth=3, seconds=10)  # type: ignore[arg-type]  # parametrised
    with stage(tmp_path, faults=[fault]) as play:
        play.fill()
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == fewest(play)


@pytest.mark.parametrize(
    "operation", ["CreateRecycleBinDeleteJob", "ListRecycleBinJobs", "ListRecycledDirectoriesAndFiles"]
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_of_the_instance_loses_nothing(tmp_path: Path, operation: str, when: str) -> None:
    with stage(tmp_path, faults=[Fault("nas", operation, "crash", when=when, nth=4)]) as play:  # type: ignore[arg-type]
        play.fill()
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == fewest(play)


def test_a_crash_between_hand_over_and_return_forks_no_run(tmp_path: Path) -> None:
    faults = [Fault("smq", "SendMessage", "crash", when="after", nth=n) for n in (2, 4)]
    with stage(tmp_path, faults=faults) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=60)
        play.sweep()
        play.check()
        assert set(play.ends()) == {"completed"}
        assert play.file_system.jobs_created == fewest(play)


@pytest.mark.parametrize(("lag", "reading"), [(0, "serial"), (5, "concurrent"), (60, "serial"), (60, "concurrent")])
def test_duplicates_in_lockstep_delete_nothing_twice_and_end(tmp_path: Path, lag: float, reading: Reading) -> None:
    faults = DeliveryFaults(duplicate=1.0, duplicate_after=0.0)
    with stage(tmp_path, delivery=faults, index_lag=lag, reading=reading) as play:
        files = [(f"{n}.log", 10, play.now - (20 if n < 5 else 2) * DAY) for n in range(7)]
        play.file_system.recycle_many("/many", files)
        play.remember()
        play.file_system.durations = DurationModel(base=40)
        play.sweep()
        play.check()
        assert set(play.ends()) == {"completed"}
        assert play.file_system.jobs_created == fewest(play)
        assert len(play.host.invocations) < 40 * fewest(play)


def test_messages_that_overtake_each_other_do_no_harm(tmp_path: Path) -> None:
    faults = DeliveryFaults(duplicate=0.3, duplicate_after=45.0, reorder=0.5, reorder_hold=200.0)
    with stage(tmp_path, delivery=faults, seed=3) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=90)
        play.sweep()
        play.check()
        assert set(play.ends()) == {"completed"}
        assert play.file_system.jobs_created == fewest(play)


def test_a_lost_chain_is_resumed_by_the_next_sweep(tmp_path: Path) -> None:
    with stage(tmp_path, delivery=DeliveryFaults(drop=frozenset({3}))) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=60)
        play.sweep()
        assert play.ends() == []
        play.host.run_until(play.now + 2 * HOUR)
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]


def test_a_restore_that_holds_the_slot_is_waited_for_with_an_hour_of_grace(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        file_system = play.file_system
        restored = file_system.find("/home/ünïcode/файл.txt")
        assert restored is not None
        file_system.durations = DurationModel(base=5)
        started: list[float] = []

        def restore() -> None:
            file_system.restore_job(restored.file_id)
            started.append(play.now)

        play.later(2.0, restore)
        play.sweep()
        play.check(spared=[brute_force.key(restored)])
        assert file_system.exists("/файл.txt")
        first = min(job.start for job in file_system.job_log if job.type == "Delete")
        assert first >= started[0] + HOUR
        assert play.ends() == ["completed"]


def test_a_job_that_a_person_cancels_ends_the_run_and_the_file_system_rests(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        file_system = play.file_system
        file_system.durations = DurationModel(base=300)

        def cancel() -> None:
            holder = next(job for job in file_system.job_log if job.status == "Running")
            file_system.cancel_job(holder.id)

        play.later(700.0, cancel)
        play.sweep()
        assert play.ends() == ["stopped-by-person"]
        play.check(complete=False)
        play.host.run_until(play.now + HOUR / 2)
        play.sweep()
        assert play.records("swept")[-1]["reason"] == "resting"
        assert play.ends() == ["stopped-by-person"]
        play.host.run_until(play.now + HOUR / 2)
        play.sweep()
        assert play.ends()[-1] == "completed"
        (cancelled,) = play.records("cancel-seen")
        stays = {cancelled["file_id"]}
        for entry in sorted(play.before.values(), key=lambda entry: entry.path):
            if entry.parent_id in stays:
                stays.add(entry.file_id)
        play.check(spared=[key for key, entry in play.before.items() if entry.file_id in stays])


def test_a_log_that_refuses_reads_lets_no_run_go_on_where_a_job_was_cancelled(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=60)
        play.later(40.0, lambda: play.file_system.cancel_job(play.file_system.job_log[-1].id))
        play.sweep()
        assert play.ends() == ["stopped-by-person"]
        before = play.file_system.jobs_created
        play.cloud.faults.add(Fault("sls", "GetLogs", "status", times=0, status=403, code="Unauthorized"))
        play.sweep()
        assert play.file_system.jobs_created == before


def test_an_entry_restored_and_deleted_again_between_listing_and_job_stays(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        file_system = play.file_system
        file_system.durations = DurationModel(base=200)
        entry = file_system.find("/logs/app-11.log")
        assert entry is not None

        def restore_and_delete_again() -> None:
            node = file_system.node(entry.file_id)
            assert node is not None
            file_system.restore(node, node.parent)
            file_system.unlink("/logs/app-11.log")

        play.later(150.0, restore_and_delete_again)
        play.sweep()
        again = file_system.find("/logs/app-11.log")
        assert again is not None
        assert again.delete_time > entry.delete_time
        play.check(spared=[brute_force.key(entry)])


def test_changed_policies_end_the_run_and_nothing_more_is_deleted(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=100)
        jobs: list[int] = []

        def change() -> None:
            play.policies.write_text(POLICIES.replace("7d", "30d"))
            jobs.append(play.file_system.jobs_created)

        play.later(450.0, change)
        play.sweep()
        assert play.ends() == ["policy-changed"]
        assert play.file_system.jobs_created <= jobs[0] + 1
        play.check(complete=False)
        assert {line["client_token"] for line in play.records("intent")} == {
            line["client_token"] for line in play.records("outcome")
        }


def test_throttling_slows_a_run_down_and_no_more(tmp_path: Path) -> None:
    with stage(tmp_path, nas=NasSettings(calls_per_minute=20)) as play:
        play.fill()
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]


def test_pagination_tokens_that_go_stale_start_the_listing_anew(tmp_path: Path) -> None:
    with stage(tmp_path, nas=NasSettings(page_tokens_survive_changes=False)) as play:
        files = [(f"{n:04}.log", 10, play.now - (20 if n % 100 == 7 else 2) * DAY) for n in range(2500)]
        play.file_system.recycle_many("/many", files)
        play.remember()
        play.sweep()
        play.check()
        assert play.ends() == ["completed"]


def test_while_the_log_refuses_writes_nothing_is_deleted_and_no_message_is_lost(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        refusal = Fault("sls", "PutLogs", "status", times=0, status=403, code="Unauthorized", until=play.now + 900)
        play.cloud.faults.add(refusal)
        play.host.fire("sweep-timer")
        play.host.run_until(play.now + 890)
        assert play.file_system.jobs_created == 0
        assert play.host.run_until_idle()
        play.check()
        assert play.ends() == ["completed"]


def test_a_log_that_refuses_writes_for_long_brings_the_message_to_the_dead_letter_queue(tmp_path: Path) -> None:
    with stage(tmp_path, faults=[Fault("sls", "PutLogs", "status", times=0, status=403, code="Unauthorized")]) as play:
        play.fill()
        play.sweep()
        assert play.file_system.jobs_created == 0
        play.check(complete=False)
        assert len(play.dead_letters()) == 1


def test_a_log_that_refuses_reads_keeps_runs_from_deleting_until_it_answers(tmp_path: Path) -> None:
    refused = Fault("sls", "GetLogs", "status", times=0, status=403, code="Unauthorized")
    with stage(tmp_path, faults=[refused]) as play:
        play.fill()
        play.sweep()
        assert play.file_system.jobs_created == 0
        play.cloud.faults.clear()
        play.sweep()
        play.check()
        assert play.ends()[-1] == "completed"


@pytest.mark.parametrize("listing", ["empty", "not-found"])
def test_a_directory_that_cannot_be_looked_into_stays(tmp_path: Path, listing: str) -> None:
    settings = NasSettings(recycled_directory_listing=listing)  # type: ignore[arg-type]  # parametrised
    with stage(tmp_path, nas=settings) as play:
        play.fill()
        directories = {entry.file_id for entry in play.before.values() if entry.type == "Directory"}
        below = {entry.file_id for entry in play.before.values() if entry.parent_id in directories}
        play.sweep()
        play.check(rules=replace(RULES, kept_ids=frozenset(directories | below)))
        (plan,) = play.records("surveyed")
        assert "cannot-look-inside" in plan["kept"]


def test_recursive_listings_stop_the_run(tmp_path: Path) -> None:
    with stage(tmp_path, nas=NasSettings(recycled_directory_listing="recursive")) as play:
        play.fill()
        play.sweep()
        assert play.ends() == ["lists-recursively"]
        assert play.file_system.jobs_created == 0


@pytest.mark.parametrize("skew", [-300.0, 300.0])
def test_a_clock_that_is_wrong_stops_the_run(tmp_path: Path, skew: float) -> None:
    with stage(tmp_path, skew=skew) as play:
        play.fill()
        play.sweep()
        assert play.ends() == ["clock-skew"]
        assert play.file_system.jobs_created == 0


def test_the_hold_tag_stops_a_run_within_a_minute_and_the_next_sweep_resumes(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.file_system.durations = DurationModel(base=8)
        held_at: list[float] = []

        def hold() -> None:
            play.file_system.tags["nas-retention"] = "hold"
            held_at.append(play.now)

        play.later(60.0, hold)
        play.sweep()
        assert play.ends() == ["held"]
        assert max(job.start for job in play.file_system.job_log) <= held_at[0] + 61
        play.check(complete=False)
        play.file_system.tags.clear()
        play.host.run_until(play.now + 60)
        play.sweep()
        assert play.ends() == ["held", "completed"]
        play.check()


def test_a_logstore_without_an_index_allows_no_enforcing_run(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.cloud.sls.logstore(PROJECT, LOGSTORE).set_index(None)
        play.sweep()
        assert play.file_system.jobs_created == 0
        assert [line["event"] for line in play.records()] == ["refused"]


def test_a_message_that_parses_to_nothing_is_dead_lettered_and_harms_no_other(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        play.fill()
        play.cloud.smq.queue("nas-retention-work").send("bm90IGEgbWVzc2FnZQ==")
        play.sweep()
        play.check()
        assert play.dead_letters() == ["bm90IGEgbWVzc2FnZQ=="]
        assert len(play.records("poison")) == 1


def test_a_body_that_no_queue_takes_is_kept_by_the_log_and_harms_no_other(tmp_path: Path) -> None:
    body = "x" * 60_000  # it came without Base64, which makes it longer than a message may be
    with stage(tmp_path) as play:
        play.fill()
        play.host.fire(TIMER)
        play.host.run_until(play.now + 0.5)
        play.cloud.smq.queue(WORK).send(body)
        assert play.host.run_until_idle(limit=DAY)
        play.check()
        (poison,) = play.records("poison")
        assert poison["message"] == body
        assert "MessageTooLong" in poison["detail"]
        assert play.ends() == ["completed"]
        assert {each.outcome for each in play.host.invocations} == {"success"}


def test_a_sweep_that_cannot_read_tags_says_which_policies_it_left_out(tmp_path: Path) -> None:
    by_tags = POLICIES.replace("file_systems: [1ca404a5e2]\n    older", "file_systems: {tags: {env: prod}}\n    older")
    denied = Fault("nas", "ListTagResources", "status", times=0, status=403, code="Forbidden.RAM", message="no")
    with stage(tmp_path, policies=by_tags, faults=[denied]) as play:
        play.fill()
        play.sweep()
        (refusal,) = play.records("refused")
        assert "tags cannot be read" in refusal["detail"]
        assert play.file_system.jobs_created == 0
