"""The two fronts of the fake cloud, for tests that go through official SDKs."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.responses_front import ResponsesFront
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import ServerFront
from tests.contract.fronts import Front


@pytest.fixture(params=["in-process", "server"])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    """A new cloud on a virtual clock, behind each of the two fronts."""
    cloud = FakeCloud(seed=1)
    with ExitStack() as stack:
        if request.param == "server":
            yield Front(cloud, stack.enter_context(ServerFront(Admin(cloud), longest_hold=10)))
        else:
            stack.enter_context(ResponsesFront(cloud.dispatcher))
            yield Front(cloud, None)
