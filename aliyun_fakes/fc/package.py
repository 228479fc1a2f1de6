"""The code package of a host's functions, as the management API describes it."""

from pathlib import Path

from fastcrc import crc64


class CodePackage:
    """The zip that counts as uploaded. The host runs the sources themselves, so what lies there now counts as deployed.

    Args:
        path: where it lies; None, or no file there, is an empty package.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._checksum = crc64.xz(b"")

    def look(self) -> tuple[int, str]:
        """Size in bytes, and checksum as the service tells it (documented: CRC-64).

        That it is CRC-64/XZ (ECMA-182 with reflected bits) in decimal is observed: the tool fc3 computes that
        one and leaves the upload out when the service tells the same.
        """
        if self._path is None or not self._path.is_file():
            return 0, str(crc64.xz(b""))
        stat = self._path.stat()
        seen = (stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            self._checksum, self._seen = crc64.xz(self._path.read_bytes()), seen
        return stat.st_size, str(self._checksum)
