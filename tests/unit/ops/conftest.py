"""An operator in front of a fake cloud, in process."""

from collections.abc import Iterator

import pytest

from aliyun_fakes.cloud import FakeCloud, mock_alibaba_cloud
from tests.unit.ops.operator import Operator


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with mock_alibaba_cloud(seed=3) as cloud:
        yield cloud


@pytest.fixture
def operator(cloud: FakeCloud) -> Operator:
    return Operator(cloud.clock)
