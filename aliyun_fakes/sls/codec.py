"""The bodies of PutLogs and PullLogs: compression and the protobuf of log groups.

Documented: SLS, "Data encoding" (proto2: Log, Content, LogTag, LogGroup, LogGroupList) and "Common request headers"
(``x-log-compresstype`` lz4 and deflate). Observed: alibabacloud-sls20201230 takes zstd by default. On the wire of
aliyun-log-python-sdk lz4 is a bare block without the size in front, deflate is a zlib container, and a log's
nanoseconds travel as field 4, fixed32.

Only what is needed: no unknown wire type passes, and every length is checked against the bytes that are there.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import lz4.block
import zstandard

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
COMPRESSIONS = ("", "lz4", "zstd", "deflate")
_MAX_VARINT_BYTES = 10


class Unreadable(Exception):
    """Bytes that are no log group, or do not decompress."""


@dataclass(frozen=True)
class Log:
    """One log of a group.

    Attributes:
        time: seconds since the epoch; 0 when it was not given.
        nanoseconds: the part below a second, or None when it was not given.
        contents: fields in the order sent; repeated keys are kept.
        raw: its own bytes, which `read_log` reads again.
    """

    time: int
    nanoseconds: int | None
    contents: list[tuple[bytes, bytes]]
    raw: bytes


@dataclass(frozen=True)
class LogGroup:
    """What one PutLogs carries.

    Attributes:
        logs: in the order sent.
        topic: "" when none.
        source: "" when none.
        tags: in the order sent.
    """

    logs: list[Log]
    topic: bytes
    source: bytes
    tags: list[tuple[bytes, bytes]]


def decompress(body: bytes, compression: str, raw_size: int) -> bytes:
    """The body as it was before compression.

    Args:
        body: as received.
        compression: one of `COMPRESSIONS`.
        raw_size: the size it should have afterwards, bytes.

    Raises:
        Unreadable: it does not decompress, or not to that size.
    """
    try:
        if compression == "lz4":
            body = lz4.block.decompress(body, uncompressed_size=raw_size)
        elif compression == "deflate":
            body = zlib.decompress(body)
        elif compression == "zstd":
            body = zstandard.ZstdDecompressor().decompress(body, max_output_size=raw_size)
    except (lz4.block.LZ4BlockError, zlib.error, zstandard.ZstdError, ValueError, OverflowError) as error:
        raise Unreadable(f"{compression}: {error}") from error
    if len(body) != raw_size:
        raise Unreadable(f"{len(body)} bytes where x-log-bodyrawsize says {raw_size}")
    return body


def compress(body: bytes, compression: str = "lz4") -> bytes:
    """A body as the service sends it; a block of lz4 comes without the size in front.

    Args:
        body: not compressed.
        compression: one of `COMPRESSIONS`.
    """
    if compression == "lz4":
        block: bytes = lz4.block.compress(body, store_size=False)
        return block
    if compression == "zstd":
        return zstandard.ZstdCompressor().compress(body)
    return zlib.compress(body) if compression == "deflate" else body


def read_group(data: bytes) -> LogGroup:
    """Read a LogGroup.

    Raises:
        Unreadable: at the first byte that does not fit.
    """
    logs: list[Log] = []
    tags: list[tuple[bytes, bytes]] = []
    texts = {3: b"", 4: b""}
    for number, value in _fields(data):
        if number == 1:
            logs.append(read_log(_bytes(value)))
        elif number == 6:  # noqa: PLR2004 - LogTags, see the module's source
            tags.append(_pair(_bytes(value)))
        elif number in texts:
            texts[number] = _bytes(value)
    return LogGroup(logs, topic=texts[3], source=texts[4], tags=tags)


def read_log(data: bytes) -> Log:
    """Read a Log.

    Raises:
        Unreadable: at the first byte that does not fit, or a content lacks its key or value.
    """
    time, nanoseconds = 0, None
    contents: list[tuple[bytes, bytes]] = []
    for number, value in _fields(data):
        if number == 2:  # noqa: PLR2004 - Contents
            contents.append(_pair(_bytes(value)))
        elif number == 1:
            time = _int(value)
        elif number == 4:  # noqa: PLR2004 - Time_ns
            nanoseconds = _int(value)
    return Log(time, nanoseconds, contents, data)


def write_group(logs: Iterable[bytes], topic: str, source: str, tags: Iterable[tuple[str, str]]) -> bytes:
    """Write a LogGroup from logs that are encoded already; see `Log.raw`."""
    parts = [_field(1, log) for log in logs]
    parts += [_field(number, text.encode()) for number, text in ((3, topic), (4, source)) if text]
    parts += [_field(6, _field(1, key.encode()) + _field(2, value.encode())) for key, value in tags]
    return b"".join(parts)


def write_group_list(groups: Iterable[bytes]) -> bytes:
    """Write a LogGroupList from groups that are encoded already."""
    return b"".join(_field(1, group) for group in groups)


def _field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | LENGTH]) + _number(len(value)) + value


def _number(value: int) -> bytes:
    written = bytearray()
    while value >= 0x80:  # noqa: PLR2004 - the continuation bit
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _pair(data: bytes) -> tuple[bytes, bytes]:
    found = {number: _bytes(value) for number, value in _fields(data)}
    if not {1, 2} <= found.keys():
        raise Unreadable("a pair without its key or its value")
    return found[1], found[2]


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise Unreadable("a number where text belongs")
    return value


def _int(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise Unreadable("text where a number belongs")
    return value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers with their values: an int for varint and fixed32, bytes for the length-delimited."""
    position, end = 0, len(data)
    while position < end:
        tag, position = _varint(data, position)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, position = _varint(data, position)
            yield number, value
            continue
        if kind == LENGTH:
            size, position = _varint(data, position)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise Unreadable(f"wire type {kind} at byte {position}")
        if not number or position + size > end:
            raise Unreadable(f"field {number} at byte {position} runs over the end")
        part = data[position : position + size]
        position += size
        yield number, part if kind == LENGTH else int.from_bytes(part, "little")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    try:
        value = data[position]
        if value < 0x80:  # noqa: PLR2004 - the continuation bit
            return value, position + 1
        value &= 0x7F
        for shift in range(7, 7 * _MAX_VARINT_BYTES, 7):
            position += 1
            byte = data[position]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - as above
                return value, position + 1
    except IndexError as error:
        raise Unreadable(f"a number runs over the end at byte {position}") from error
    raise Unreadable(f"a number of more than {_MAX_VARINT_BYTES} bytes at byte {position}")
