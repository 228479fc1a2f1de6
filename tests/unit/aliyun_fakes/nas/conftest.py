"""A NAS on a virtual clock, without a wire."""

import pytest

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.nas import FileSystem, NasModel


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def model(clock: VirtualClock) -> NasModel:
    return NasModel(clock, Ids())


@pytest.fixture
def file_system(model: NasModel) -> FileSystem:
    return model.create_file_system()
