"""A NAS on a virtual clock, without a wire."""

import pytest

from fakes.core.clock import VirtualClock
from fakes.core.ids import Ids
from fakes.nas import FileSystem, NasModel


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def model(clock: VirtualClock) -> NasModel:
    return NasModel(clock, Ids())


@pytest.fixture
def file_system(model: NasModel) -> FileSystem:
    return model.create_file_system()
