"""The benchmark's short cut around HTTP and SDKs changes nothing that it measures."""

from collections import Counter

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.responses_front import ResponsesFront
from tests.bench.direct import Wire
from tests.bench.platform import TIMER, Reading, deployed
from tests.bench.workloads import DAY, WORKLOADS, filled


def history(cloud: FakeCloud) -> list[tuple[str, float]]:
    """Every job's entry and start."""
    return [(job.file_id, job.start) for each in cloud.nas.file_systems.values() for job in each.job_log]


def through_sdks(cloud: FakeCloud, reading: Reading) -> Counter[str]:
    with ResponsesFront(cloud.dispatcher), deployed(cloud, wire=None, reading=reading) as host:
        host.fire(TIMER)
        assert host.run_until_idle(limit=DAY)
    return Counter({operation: count for (_, operation), count in cloud.dispatcher.counts.items()})


def through_the_models(cloud: FakeCloud, reading: Reading) -> Counter[str]:
    wire = Wire(cloud)
    with deployed(cloud, wire=wire, reading=reading) as host:
        host.fire(TIMER)
        assert host.run_until_idle(limit=DAY)
    return wire.calls


@pytest.mark.parametrize(("name", "scale"), [("noise", 0.001), ("trees", 0.004), ("giants", 0.05)])
@pytest.mark.parametrize("reading", ["serial", "concurrent"])
def test_jobs_calls_and_times_are_those_of_the_whole_stack(name: str, scale: float, reading: Reading) -> None:
    whole, direct = (filled(WORKLOADS[name], scale, seed=3) for _ in range(2))
    assert through_sdks(whole, reading) == through_the_models(direct, reading)
    assert history(whole) == history(direct)
    assert whole.clock.now() == direct.clock.now()
