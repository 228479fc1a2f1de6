"""The CRC-64 of ECMA-182 with reflected bits, which starts and ends with all ones (CRC-64/XZ)."""

_POLYNOMIAL = 0xC96C5795D7870F42
_ONES = 0xFFFF_FFFF_FFFF_FFFF


def _entry(number: int) -> int:
    for _ in range(8):
        number = (number >> 1) ^ (_POLYNOMIAL if number & 1 else 0)
    return number


_TABLE = tuple(_entry(number) for number in range(256))


def crc64(content: bytes) -> int:
    """The checksum of bytes; takes about a second for 10 MB."""
    table, value = _TABLE, _ONES
    for byte in content:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ _ONES
