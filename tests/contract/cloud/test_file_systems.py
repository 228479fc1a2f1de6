"""`NasClient` on the tags of file systems: all pages, set, changed and removed."""

from dataclasses import replace

from aliyun_fakes.nas.file_system import FileSystem
from functions.retention.cloud.nas import NasRecycleBin
from tests.contract.cloud.clients import Clients


def test_tags_come_from_all_pages(clients: Clients, volume: FileSystem, recycle_bin: NasRecycleBin) -> None:
    clients.cloud.nas.settings = replace(clients.cloud.nas.settings, tags_per_page=2)
    volume.tags.update({f"k{number}": "v" for number in range(4)})
    assert recycle_bin.tags() == {"team": "storage", **{f"k{number}": "v" for number in range(4)}}
    assert len(clients.calls("ListTagResources")) == 3


def test_a_file_system_without_tags_has_none(clients: Clients) -> None:
    volume = clients.cloud.nas.create_file_system()
    assert clients.nas().recycle_bin(volume.file_system_id).tags() == {}


def test_a_tag_is_set_changed_and_removed(clients: Clients, volume: FileSystem) -> None:
    client = clients.nas()
    for value in ("true", "until noon"):
        client.set_tag([volume.file_system_id], "retention-hold", value)
        assert volume.tags == {"team": "storage", "retention-hold": value}
    for _ in range(2):
        client.remove_tag([volume.file_system_id], "retention-hold")
        assert volume.tags == {"team": "storage"}
