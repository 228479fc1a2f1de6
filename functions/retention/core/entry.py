"""One entry of the recycle bin, and the service's way of writing times."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

MOST_BYTES = (1 << 63) - 1
"""The largest size that an entry can have (documented: int64)."""

_ON_THE_WIRE = {
    "file_id": "FileId",
    "type": "Type",
    "name": "Name",
    "delete_time": "DeleteTime",
    "atime": "ATime",
    "mtime": "MTime",
    "ctime": "CTime",
    "size": "Size",
    "inode": "Inode",
}

_NO_NAMES = ("", ".", "..")


class Entry(Struct, frozen=True, gc=False, rename=_ON_THE_WIRE):
    """One recycled file or directory exactly as ``ListRecycledDirectoriesAndFiles`` listed it.

    Strings are verbatim; what the listing left out or sent in another type is ``""`` or, of the size, None,
    and the judge keeps what it does not know. Fields as documented: ListRecycledDirectoriesAndFiles page, 2024-03.

    Attributes:
        file_id: opaque id, valid within its file system only; a leading zero matters.
        type: ``File`` or ``Directory``.
        name: last component of the path before deletion, no slash.
        delete_time: UTC ``yyyy-MM-ddTHH:mm:ssZ``, as are the three times that follow.
        atime: last access.
        mtime: last modification of the content.
        ctime: last change of the metadata.
        size: bytes; documented as 0 for every directory, so not the size of what is in it. None when it is not known:
            no rule about sizes selects such a file, and no limit on bytes has room for it.
        inode: inode number as text.
    """

    file_id: str = ""
    type: str = ""
    name: str = ""
    delete_time: str = ""
    atime: str = ""
    mtime: str = ""
    ctime: str = ""
    size: Annotated[int, Meta(ge=0, le=MOST_BYTES)] | None = None
    inode: str = ""

    @property
    def is_directory(self) -> bool:
        """Whether a job for this entry takes a whole tree with it."""
        return self.type == "Directory"


def is_component(name: str) -> bool:
    """Whether a name can be one component of a path."""
    return "/" not in name and name not in _NO_NAMES


def entry_from_wire(raw: Mapping[str, object]) -> Entry:
    """The entry in one element of ``Entries``; never raises, see `Entry` for what is missing or of another type."""
    size = raw.get("Size")
    texts = {field: text for field, name in _ON_THE_WIRE.items() if isinstance(text := raw.get(name), str)}
    texts.pop("size", None)
    return Entry(**texts, size=size if type(size) is int and 0 <= size <= MOST_BYTES else None)
