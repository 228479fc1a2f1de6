"""The benchmark's figures that are exact, on small workloads, so that none of them gets worse unnoticed.

Targets at full size are in `results.md`; a limit here is what the small workload reaches, with little to spare.
"""

import pytest

from tests.bench.figures import Figures
from tests.bench.plan import Task, carry_out
from tests.bench.platform import Reading


def played(workload: str, scale: float, peer: str = "", reading: Reading = "serial") -> Figures:
    return carry_out(Task(workload, peer, reading, scale=scale)).figures


@pytest.mark.parametrize(
    ("workload", "scale", "busy", "listings"),
    [
        ("noise", 0.004, 0.93, 1.7),
        ("trees", 0.02, 0.98, 1.07),
        ("needles", 0.01, 0.93, 1.05),
        ("giants", 0.2, 0.995, 2.2),
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
    assert found.calls <= 3.5 * found.jobs


def test_many_file_systems_share_an_invocation() -> None:
    found = played("fleet", 0.02)
    assert found.jobs == found.fewest
    assert found.busy >= 0.75
    assert found.invocations <= 4


def test_long_jobs_cost_a_hundredth_of_a_loop() -> None:
    assert played("giants", 0.1).cu <= 0.01 * played("giants", 0.1, "loop").cu
