"""A file system with something live and something recycled, and the SDK to look at it."""

import pytest

from tests.contract.fronts import Front
from tests.contract.nas.raw import Raw
from tests.contract.nas.stage import Sdk, Stage


@pytest.fixture
def stage(front: Front) -> Stage:
    return Stage(front.cloud.nas)


@pytest.fixture
def sdk(front: Front) -> Sdk:
    return Sdk(front.nas_client())


@pytest.fixture
def raw(front: Front) -> Raw:
    return Raw(front)
