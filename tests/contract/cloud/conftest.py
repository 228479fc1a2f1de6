"""A cloud that holds what the settings name, behind each front."""

from collections.abc import Iterator

import pytest

from aliyun_fakes.nas import DurationModel
from aliyun_fakes.nas.file_system import FileSystem
from functions.retention.cloud.nas import NasRecycleBin
from tests.contract.cloud.clients import DEAD, PROJECT, STORE, WORK, Clients
from tests.contract.cloud.silence import Silence, nobody, silence
from tests.contract.fronts import Front


@pytest.fixture
def clients(front: Front) -> Clients:
    front.cloud.sls.create_project(PROJECT)
    front.cloud.sls.create_logstore(PROJECT, STORE, index=True)
    for name in (WORK, DEAD):
        front.cloud.smq.create_queue(name)
    return Clients(front)


@pytest.fixture
def silent() -> Iterator[Silence]:
    with silence() as found:
        yield found


@pytest.fixture
def nobody_at() -> Iterator[str]:
    with nobody() as found:
        yield found


@pytest.fixture
def volume(clients: Clients) -> FileSystem:
    """A file system with one recycled file; jobs take 100 seconds."""
    volume = clients.cloud.nas.create_file_system(tags={"team": "storage"})
    volume.durations = DurationModel(base=100)
    volume.write("/logs/old.log", 7)
    volume.unlink("/logs/old.log")
    return volume


@pytest.fixture
def recycle_bin(clients: Clients, volume: FileSystem) -> NasRecycleBin:
    return clients.nas().recycle_bin(volume.file_system_id)
