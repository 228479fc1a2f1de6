"""`NasClient` on file systems and their tags: all pages, every tag, and only what has a recycle bin."""

from dataclasses import replace

from fakes.nas.file_system import FileSystem, Profile
from functions.retention.nas import NasRecycleBin
from tests.contract.rim.rim import Rim


def test_tags_come_from_all_pages(rim: Rim, volume: FileSystem, recycle_bin: NasRecycleBin) -> None:
    rim.cloud.nas.settings = replace(rim.cloud.nas.settings, tags_per_page=2)
    volume.tags.update({f"k{number}": "v" for number in range(4)})
    assert recycle_bin.tags() == {"team": "storage", **{f"k{number}": "v" for number in range(4)}}
    assert len(rim.calls("ListTagResources")) == 3


def test_a_file_system_without_tags_has_none(rim: Rim) -> None:
    volume = rim.cloud.nas.create_file_system()
    assert rim.nas().recycle_bin(volume.file_system_id).tags() == {}


def test_a_tag_is_set_changed_and_removed(rim: Rim, volume: FileSystem) -> None:
    client = rim.nas()
    for value in ("true", "until noon"):
        client.set_tag(volume.file_system_id, "retention-hold", value)
        assert volume.tags == {"team": "storage", "retention-hold": value}
    for _ in range(2):
        client.remove_tag(volume.file_system_id, "retention-hold")
        assert volume.tags == {"team": "storage"}


def test_only_general_purpose_file_systems_with_every_tag_are_found(rim: Rim, volume: FileSystem) -> None:
    nas = rim.cloud.nas
    nas.create_file_system(tags={"team": "other"})
    both = nas.create_file_system(tags={"team": "storage", "tier": "hot"})
    nas.create_file_system(profile=Profile("extreme-01", file_system_type="extreme"), tags={"team": "storage"})
    client = rim.nas()
    assert {each.id for each in client.file_systems({"team": "storage"})} == {
        volume.file_system_id,
        both.file_system_id,
    }
    assert [each.id for each in client.file_systems({"team": "storage", "tier": "hot"})] == [both.file_system_id]
    assert len(client.file_systems({})) == 3
    assert client.file_systems({"team": "nobody"}) == []


def test_file_systems_come_from_all_pages(rim: Rim) -> None:
    for _ in range(101):
        rim.cloud.nas.create_file_system()
    assert len(rim.nas().file_systems({})) == 101
    assert len(rim.calls("DescribeFileSystems")) == 2
