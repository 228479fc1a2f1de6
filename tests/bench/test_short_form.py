"""The benchmark's figures that are exact, on small workloads, so that none of them gets worse unnoticed.

Targets at full size are in `results.md`; a limit here is what the small workload reaches, with little to spare.
"""

import random

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.nas import DurationModel
from tests.bench.figures import Figures, bounds
from tests.bench.growth import growths
from tests.bench.peers import PEERS
from tests.bench.plan import Task, carry_out, tasks
from tests.bench.platform import Reading, run
from tests.bench.workloads import DAY, Workload, filled


def played(workload: str, scale: float, peer: str = "", reading: Reading = "serial") -> Figures:
    return carry_out(Task(workload, peer, reading, scale=scale)).figures


@pytest.mark.parametrize(
    ("workload", "scale", "busy", "listings"),
    [
        ("noise", 0.004, 0.94, 1.34),
        ("trees", 0.02, 0.99, 1.03),
        ("needles", 0.01, 0.97, 1.01),
        ("giants", 0.2, 0.995, 1.34),
    ],
)
@pytest.mark.parametrize("reading", ["serial", "concurrent"])
def test_jobs_are_the_fewest_the_slot_is_full_and_nothing_is_listed_in_vain(
    workload: str, scale: float, busy: float, listings: float, reading: Reading
) -> None:
    found = played(workload, scale, reading=reading)
    assert found.jobs == found.fewest
    assert found.busy >= busy
    assert found.listings_ratio <= listings
    assert None not in found.reclaimed


def test_a_job_of_a_second_costs_three_calls_and_what_a_slice_needs() -> None:
    found = played("noise", 0.004)
    assert found.calls <= 3.7 * found.jobs  # 3.6 before every run had a set


def test_many_file_systems_share_an_invocation() -> None:
    found = played("fleet", 0.02)
    assert found.jobs == found.fewest
    assert found.busy >= 0.73  # 0.74 before every run had a set
    assert found.invocations <= 4


def ninety(cloud: FakeCloud, rng: random.Random, scale: float) -> None:  # noqa: ARG001 - one signature for all
    """Ninety file systems with 20 files each; jobs of 16 s, so that a run takes three slices, the survey among them."""
    for _ in range(90):
        file_system = cloud.nas.create_file_system()
        file_system.durations = DurationModel(base=16.0)
        old = file_system.now() - 9 * DAY
        file_system.recycle_many("/logs", [(f"{number}.log", 1, old) for number in range(20)])


def test_no_run_of_a_fleet_is_lost_and_batches_stay_together_where_the_stream_does_not_wait() -> None:
    workload = Workload("ninety", "", ninety)
    cloud = filled(workload, 1, seed=0)
    found = run(workload, cloud, bounds(cloud.nas.file_systems.values()), reading="concurrent")
    assert found.unfinished == 0
    assert found.jobs == found.fewest
    sweep, batches, slices = 1, 15, 3
    assert found.invocations == sweep + batches * slices, "a batch stays together"


def test_long_jobs_cost_a_hundredth_of_a_loop() -> None:
    assert played("giants", 0.1).cu <= 0.01 * played("giants", 0.1, "loop").cu


def test_growth_is_told_of_ours_and_of_every_peer_and_is_even() -> None:
    grown = list(growths([carry_out(task) for task in tasks(["noise"], 0.005)]))
    assert [each.client for each in grown] == ["ours largest-first (serial)", *PEERS]
    assert {(each.entries, each.jobs) for each in grown} == {(10.0, 10.0)}
    assert all(each.seconds <= 10.5 for each in grown)


def kept_inside(cloud: FakeCloud, rng: random.Random, scale: float) -> None:  # noqa: ARG001 - one signature for all
    """Five removed directories with a file and a directory in each; in that of four of them something is young."""
    file_system = cloud.nas.create_file_system()
    old, young = file_system.now() - 9 * DAY, file_system.now() - DAY
    for name in "abcde":
        for directory in (f"/{name}", f"/{name}/sub"):
            file_system.recycle(directory, deleted_at=old, is_directory=True)
        file_system.recycle_many(f"/{name}", [("goes", 1, old)])
        file_system.recycle_many(f"/{name}/sub", [("stays", 1, old if name == "e" else young)])


def test_a_directory_in_which_something_stays_is_listed_once_in_each_walk() -> None:
    workload = Workload("kept inside", "", kept_inside)
    cloud = filled(workload, 1, seed=0)
    found = run(workload, cloud, bounds(cloud.nas.file_systems.values()))
    assert found.listings_ratio == 1.0
