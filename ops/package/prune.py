"""Files of installed dependencies that are left out of the package, because nothing that is deployed reads them.

Whole distributions are left out earlier, when locks are made: see ``excludes.txt``. Tests hold both lists against the
code: one imports everything the functions use from a package, in a clean interpreter; others talk to the fakes of all
three services from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path


@dataclass(frozen=True)
class Pruned:
    """One line of the list.

    Attributes:
        what: a glob over paths below the folder of dependencies; ``*`` also matches ``/``.
        reason: why nothing of it is needed.
    """

    what: str
    reason: str


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
    Pruned("*.dist-info/RECORD", "names files that are left out; for installers only"),
    Pruned("*.dist-info/INSTALLER", "for installers only"),
    Pruned("*.dist-info/REQUESTED", "for installers only"),
    Pruned("*.dist-info/WHEEL", "for installers only; names the building tool's version"),
)
"""Licences stay since they are owed, METADATA since it is looked up at run time."""


def kept(folder: Path, pruned: Sequence[Pruned] = PATHS) -> list[Path]:
    """Return the files below a folder of dependencies that belong into the package, sorted.

    Raises:
        LookupError: a line of the list matches no file, so it is out of date.
    """
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    files = {name for name in files if "__pycache__" not in name}
    out = {line.what: {name for name in files if fnmatchcase(name, line.what)} for line in pruned}
    stale = [what for what, names in out.items() if not names]
    if stale:
        raise LookupError(f"The prune list names files that are no longer installed: {', '.join(stale)}. Review it.")
    return [folder / name for name in sorted(files.difference(*out.values()))]
