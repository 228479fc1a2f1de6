"""What a client costs is measured in a process of its own, which does the whole work there and waits for nothing."""

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import ServerFront
from tests.bench.footprint import OURS, measure
from tests.bench.plan import Task, carry_out
from tests.bench.served import ServedClock

SCALE = 0.001
MB = 1e6


def test_a_client_sleeps_through_the_servers_clock() -> None:
    cloud = FakeCloud()
    with ServerFront(Admin(cloud)) as front:
        clock = ServedClock(front.endpoint)
        began_at = clock.now()
        assert began_at == cloud.clock.now()
        for seconds in (86_400.0, 0.0, -5.0):
            clock.sleep(seconds)
        assert clock.now() == cloud.clock.now() == began_at + 86_400
        assert clock.spent > 0


@pytest.mark.parametrize("peer", ["loop", "list-all"])
def test_a_peer_makes_the_same_calls_in_its_own_process(peer: str) -> None:
    measured = measure("fleet", peer, SCALE)
    played = carry_out(Task("fleet", peer, scale=SCALE)).figures
    assert (measured.entries, measured.calls) == (played.entries, played.calls)
    assert measured.seconds > 0
    assert measured.peak_bytes > 10 * MB


def test_our_function_does_its_runs_to_their_ends_in_its_own_process() -> None:
    measured = measure("fleet", OURS, SCALE)
    played = carry_out(Task("fleet", scale=SCALE)).figures
    assert measured.entries == played.entries
    assert 0.8 * played.calls < measured.calls < 1.3 * played.calls
