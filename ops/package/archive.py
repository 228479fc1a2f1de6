"""Zips a folder so that the same files always give the same bytes."""

import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o644
_LEVEL = 6


def write_zip(folder: Path, target: Path) -> int:
    """Zip every file below a folder: sorted by name, one time for all, readable by all, owned by nobody.

    Equal up to the version of zlib, which may choose other compressions of the same content.

    Args:
        folder: what to zip; names in the archive are relative to it.
        target: the archive, replaced if it is there.

    Returns:
        Its size in bytes.
    """
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system = _UNIX
            member.external_attr = _MODE << 16
            archive.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED, _LEVEL)
    return target.stat().st_size
