"""A cloud that holds what the settings name, behind each front."""

import pytest

from tests.contract.fronts import Front
from tests.contract.rim.rim import DEAD, PROJECT, STORE, WORK, Rim


@pytest.fixture
def rim(front: Front) -> Rim:
    front.cloud.sls.create_project(PROJECT)
    front.cloud.sls.create_logstore(PROJECT, STORE, index=True)
    for name in (WORK, DEAD):
        front.cloud.smq.create_queue(name)
    return Rim(front)
