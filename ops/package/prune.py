"""What is installed because some dependency declares it, and is left out of the package because nothing of it runs.

The list is reviewed by hand. Tests hold it against the code: one imports everything the functions use from a package,
in a clean interpreter; others talk to the fakes of all three services from there. Where an SDK insists on importing
what is left out, `ops.package.stand_ins` fills the place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import distributions
from pathlib import Path

from ops.package.lock import normalised


@dataclass(frozen=True)
class Pruned:
    """One line of the list.

    Attributes:
        what: a distribution, by its normalised name; or a glob over paths below the folder of dependencies.
        reason: why nothing of it is needed.
    """

    what: str
    reason: str


DISTRIBUTIONS: tuple[Pruned, ...] = (
    Pruned("pycryptodome", "declared by aliyun-mns-sdk, imported nowhere in it; it signs with hmac and hashlib"),
    Pruned("elasticsearch", "imported by aliyun.log.es_migration only, which is left out as well"),
    Pruned("elastic-transport", "of elasticsearch"),
    Pruned("anyio", "of elasticsearch"),
    Pruned("sniffio", "of elasticsearch and elastic-transport"),
    Pruned("exceptiongroup", "of anyio"),
    Pruned("dateparser", "imported by aliyun.log.util when a time is given in words; the functions give numbers"),
    Pruned("regex", "of dateparser"),
    Pruned("pytz", "of dateparser"),
    Pruned("alibabacloud-tea-util", "declared by alibabacloud-tea-openapi, whose newer versions use darabonba instead"),
    Pruned("aiohttp", "has a stand-in"),
    *(Pruned(name, "of aiohttp") for name in ("aiohappyeyeballs", "aiosignal", "async-timeout", "attrs", "frozenlist")),
    *(Pruned(name, "of aiohttp") for name in ("multidict", "propcache", "yarl")),
    Pruned("aiofiles", "has a stand-in"),
    Pruned("apscheduler", "has a stand-in"),
    Pruned("tzlocal", "of apscheduler and dateparser"),
    Pruned("cryptography", "has a stand-in"),
    Pruned("cffi", "of cryptography"),
    Pruned("pycparser", "of cffi"),
    *(Pruned(name, "has a stand-in") for name in ("jmespath", "python-dateutil", "websocket-client")),
    Pruned("charset-normalizer", "requests does without: replies that name no encoding then count as UTF-8"),
)
"""Whole distributions."""

PATHS: tuple[Pruned, ...] = (
    Pruned("bin/*", "commands for a shell"),
    Pruned("aliyun/log/es_migration/*", "copies indexes from Elasticsearch; imported inside one method of the client"),
    Pruned("yaml/cyaml.py", "PyYAML does without; the policies are read by its loaders in Python"),
    Pruned("yaml/_yaml.*", "of yaml.cyaml"),
    Pruned("_yaml/*", "an old name of yaml.cyaml"),
    Pruned("lz4/frame/*", "the log SDK compresses blocks"),
    Pruned("*.pyi", "for type checkers"),
    Pruned("*.py[xd]", "sources of compiled modules"),
    Pruned("*.px[di]", "sources of compiled modules"),
    Pruned("*.h", "sources of compiled modules"),
    Pruned("*.dist-info/RECORD", "names files that are left out; for pip only"),
    Pruned("*.dist-info/INSTALLER", "for pip only"),
    Pruned("*.dist-info/REQUESTED", "for pip only"),
    Pruned("*.dist-info/WHEEL", "for pip only; names the building tool's version"),
)
"""Files; ``*`` also matches ``/``. Licences stay since they are owed, METADATA since it is looked up at run time."""


def kept(folder: Path, whole: Sequence[Pruned] = DISTRIBUTIONS, paths: Sequence[Pruned] = PATHS) -> list[Path]:
    """The files below a folder of dependencies that belong into the package, sorted.

    Args:
        folder: made by ``pip install --target``, with its RECORD files.
        whole: the distributions to leave out.
        paths: globs of the files to leave out.

    Raises:
        LookupError: a line of the list matches nothing: what it was about is gone, and it needs another review.
    """
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    files = {name for name in files if "__pycache__" not in name}
    out: dict[Pruned, set[str]] = {line: {name for name in files if fnmatchcase(name, line.what)} for line in paths}
    for distribution in distributions(path=[str(folder)]):
        name = normalised(distribution.metadata["Name"])
        recorded = {file.as_posix() for file in distribution.files or ()}
        out |= {line: recorded for line in whole if line.what == name}
    stale = [line.what for line in (*whole, *paths) if not out.get(line)]
    if stale:
        raise LookupError(f"lines of the prune list that match nothing any more: {', '.join(stale)}")
    return [folder / name for name in sorted(files.difference(*out.values()))]
