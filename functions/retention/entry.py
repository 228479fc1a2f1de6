"""One entry of the recycle bin, and the service's way of writing times."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

UNKNOWN_SIZE = -1
"""The size of an entry whose listing gave none: no rule about sizes ever selects it."""

_DAY = 86_400
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the service writes UTC and nothing else; plain values keep it quick
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
_TIME = re.compile(
    "([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])Z"
)
_FIRST_KNOWN = "1971"
_NO_NAMES = ("", ".", "..")
SURELY_KNOWN = re.compile(
    "(?:197[1-9]|19[89][0-9]|[2-9][0-9]{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
).fullmatch
"""Says at once what `is_known_time` says of days that every month has; for who asks a million times."""


class Entry(Struct, frozen=True, gc=False, rename=_ON_THE_WIRE):
    """One recycled file or directory exactly as ``ListRecycledDirectoriesAndFiles`` listed it.

    Strings are verbatim; what the listing left out or sent in another type is ``""`` or ``UNKNOWN_SIZE``, and the
    judge keeps what it does not know. Fields as documented: ListRecycledDirectoriesAndFiles page, 2024-03.

    Attributes:
        file_id: opaque id, valid within its file system only; a leading zero matters.
        type: ``File`` or ``Directory``.
        name: last component of the path before deletion, no slash.
        delete_time: UTC ``yyyy-MM-ddTHH:mm:ssZ``, as are the three times that follow.
        atime: last access.
        mtime: last modification of the content.
        ctime: last change of the metadata.
        size: bytes; documented as 0 for every directory, so not the size of what is in it.
        inode: inode number as text.
    """

    file_id: str = ""
    type: str = ""
    name: str = ""
    delete_time: str = ""
    atime: str = ""
    mtime: str = ""
    ctime: str = ""
    size: Annotated[int, Meta(ge=UNKNOWN_SIZE)] = UNKNOWN_SIZE
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
    return Entry(**texts, size=size if type(size) is int and size >= 0 else UNKNOWN_SIZE)


def parse_service_time(text: str) -> float | None:
    """Seconds since 1970 of a service time, or None for anything but a real ``yyyy-MM-ddTHH:mm:ssZ``.

    Documented: every time of the recycle bin is UTC in this form, to the second (ListRecycledDirectoriesAndFiles
    page, 2024-03).
    """
    found = _TIME.fullmatch(text)
    midnight = _midnight(found[1]) if found else None
    if not found or midnight is None:
        return None
    return midnight + int(found[2]) * 3600.0 + int(found[3]) * 60 + int(found[4])


@lru_cache(maxsize=512)
def _midnight(day: str) -> int | None:
    """Seconds since 1970 at the start of a day; a bin spans 180 days at most, so nearly all are remembered."""
    try:
        return (date(int(day[:4]), int(day[5:7]), int(day[8:])) - _EPOCH.date()).days * _DAY
    except ValueError:
        return None


def format_service_time(epoch: float) -> str:
    """The last full second at or before `epoch` (seconds since 1970) the way the service writes it.

    Raises:
        ValueError: when `epoch` is no number or outside the years 1 to 9999.
    """
    try:
        return (_EPOCH + timedelta(seconds=epoch // 1)).isoformat() + "Z"
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{epoch!r} is no time between the years 1 and 9999") from error


def is_known_time(text: str) -> bool:
    """Whether a service time says when something happened.

    Times that are not written as documented do not, nor do those before 1971: they are zero values (of Unix, Go,
    Windows) that stand for "not recorded". Assumed, not documented; the bin itself exists since 2021. Known times
    compare as strings.
    """
    return bool(SURELY_KNOWN(text)) or (text >= _FIRST_KNOWN and parse_service_time(text) is not None)
