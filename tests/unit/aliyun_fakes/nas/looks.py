"""Short ways to make a file system and to look at it."""

from dataclasses import replace

from aliyun_fakes.nas import FileSystem, NasModel, NasSettings


def with_settings(model: NasModel, **switches: object) -> FileSystem:
    """A file system whose settings are the defaults but for these."""
    settings: NasSettings = replace(NasSettings(), **switches)  # type: ignore[arg-type]  # fields by name
    return model.create_file_system(settings=settings)


def paths(file_system: FileSystem) -> list[str]:
    """Of everything in the bin."""
    return [path for path, _ in file_system.bin_entries()]


def names(file_system: FileSystem, file_id: str = "2", *, page: int = 1000) -> list[str]:
    """A listing in full, page by page."""
    found, token = [], ""
    while True:
        listed = file_system.list_recycled(file_id, token, page)
        found += [node.name for node in listed.nodes]
        token = listed.next_token
        if not token:
            return found


def recent(file_system: FileSystem) -> list[str]:
    """Paths of the directories listed as recent."""
    return [node.path for node in file_system.list_recent("", 1000).nodes]
