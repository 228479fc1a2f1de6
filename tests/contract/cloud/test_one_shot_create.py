"""`NasRecycleBin.delete` sends a create once, or not at all."""

import math

import pytest

from aliyun_fakes.core.faults import Fault
from aliyun_fakes.nas.file_system import FileSystem
from functions.retention.cloud.nas import NasRecycleBin
from functions.retention.core.errors import Throttled
from tests.contract.cloud.clients import Clients

DELETE = "CreateRecycleBinDeleteJob"


@pytest.fixture
def file_id(volume: FileSystem) -> str:
    """The recycled file's id."""
    entry = volume.find("/logs/old.log")
    assert entry is not None
    return entry.file_id


def test_a_throttled_deletion_is_not_made_again_by_the_client(
    clients: Clients, volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str
) -> None:
    clients.cloud.faults.add(Fault("nas", DELETE, "throttle"))
    with pytest.raises(Throttled):
        recycle_bin.delete(file_id, "token-1", before=math.inf)
    assert (len(clients.calls(DELETE)), volume.jobs_created) == (1, 0)


def test_a_deletion_is_not_sent_after_its_moment(
    clients: Clients, volume: FileSystem, recycle_bin: NasRecycleBin, file_id: str
) -> None:
    with pytest.raises(Throttled, match="TooLate"):
        recycle_bin.delete(file_id, "token-1", before=clients.clock.now() - 0.1)
    assert (clients.calls(DELETE), volume.jobs_created) == ([], 0)
