"""A cloud that holds what the settings name, behind each front."""

import pytest

from aliyun_fakes.nas import DurationModel
from aliyun_fakes.nas.file_system import FileSystem
from functions.retention.cloud.nas import NasRecycleBin
from tests.contract.cloud.clients import DEAD, PROJECT, STORE, WORK, Rim
from tests.contract.fronts import Front


@pytest.fixture
def rim(front: Front) -> Rim:
    front.cloud.sls.create_project(PROJECT)
    front.cloud.sls.create_logstore(PROJECT, STORE, index=True)
    for name in (WORK, DEAD):
        front.cloud.smq.create_queue(name)
    return Rim(front)


@pytest.fixture
def volume(rim: Rim) -> FileSystem:
    """A file system with one recycled file; jobs take 100 seconds."""
    volume = rim.cloud.nas.create_file_system(tags={"team": "storage"})
    volume.durations = DurationModel(base=100)
    volume.write("/logs/old.log", 7)
    volume.unlink("/logs/old.log")
    return volume


@pytest.fixture
def recycle_bin(rim: Rim, volume: FileSystem) -> NasRecycleBin:
    return rim.nas().recycle_bin(volume.file_system_id)
