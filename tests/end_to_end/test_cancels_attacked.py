"""Random worlds in which a person cancels a deletion job: at most one more is created, and the entry stays."""

import random
from pathlib import Path

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc import DeliveryFaults
from aliyun_fakes.nas.settings import NasSettings
from tests.end_to_end.stage import TIMER, Reading, stage
from tests.end_to_end.test_cancelled_jobs import HOUR, LAG, cancel, fill

TROUBLES = (
    Fault("nas", "CreateRecycleBinDeleteJob", "crash", when="after", nth=2),
    Fault("nas", "CreateRecycleBinDeleteJob", "drop", when="after", nth=2),
    Fault("nas", "ListRecycleBinJobs", "delay", seconds=8.0, nth=6, times=5),
    Fault("smq", "SendMessage", "drop", when="after", nth=2),
    Fault("sls", "PullLogs", "delay", seconds=9.0, nth=8, times=20),
    Fault("sls", "PullLogs", "status", nth=9, times=6),
)


@pytest.mark.parametrize("seed", range(12))
def test_at_most_one_job_follows_a_cancel_and_its_entry_stays(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    nas = NasSettings(history_order=rng.choice(["newest-first", "oldest-first"]))
    delivery = DeliveryFaults(duplicate=rng.choice([0.0, 1.0]), duplicate_after=rng.choice([0.5, 10.0]))
    reading: Reading = rng.choice(["serial", "concurrent"])
    faults = rng.sample(TROUBLES, rng.randrange(3))
    with stage(tmp_path, nas=nas, delivery=delivery, index_lag=LAG, reading=reading, seed=seed, faults=faults) as play:
        fill(play, rng.choice([2.0, 10.0, 40.0, 90.0]))
        cancelled: list[tuple[float, str]] = []

        def person() -> None:
            holder = play.file_system.jobs.holder
            if holder is None or cancelled:
                return
            cancel(play)
            if holder.status == "Cancelled":
                cancelled.append((play.now, holder.file_id))

        for _ in range(60):
            play.later(rng.uniform(8, 150), person)
        play.host.fire(TIMER)
        play.host.run_until(play.now + HOUR * 0.9)
        (at, file_id), *_ = cancelled
        later = [job for job in play.file_system.job_log if job.start > at]
        assert len(later) <= 1
        assert file_id not in [job.file_id for job in later]
        assert [line["file_id"] for line in play.records("cancel-seen", reason="person")][:1] == [file_id]
