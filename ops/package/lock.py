"""The exact versions of everything that is deployed, direct and indirect."""

import re
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;#]+)")


class LockError(Exception):
    """The lock does not say what it has to; the message names each difference."""


def normalised(name: str) -> str:
    """A distribution's name as the packaging standards compare it: lower case, runs of ``-_.`` as one hyphen."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(text: str) -> dict[str, str]:
    """Normalised name to version, of lines like ``name==1.0``; comments and blank lines are skipped.

    Raises:
        LockError: a line is anything else.
    """
    pins = {}
    for line in text.splitlines():
        pin = line.partition("#")[0].strip()
        if not pin:
            continue
        matched = _PIN.fullmatch(pin)
        if not matched:
            raise LockError(f"{line!r} is no pin; takes name==version")
        pins[normalised(matched["name"])] = matched["version"]
    return pins


def installed(folder: Path) -> dict[str, str]:
    """Normalised name to version of what is installed below a folder."""
    return {normalised(each.metadata["Name"]): each.version for each in distributions(path=[str(folder)])}


def check_same(lock: Mapping[str, str], found: Mapping[str, str]) -> None:
    """What is installed is what is locked, neither more nor less.

    Raises:
        LockError: one line for each distribution on which they differ.
    """
    _refuse(lock, found, {*lock, *found}, "installed")


def check_covers(lock: Mapping[str, str], required: Mapping[str, str]) -> None:
    """What is required is locked, in the same version.

    Raises:
        LockError: one line for each distribution on which they differ.
    """
    _refuse(lock, required, set(required), "required")


def _refuse(lock: Mapping[str, str], other: Mapping[str, str], names: set[str], what: str) -> None:
    absent = "not at all"
    differences = [
        f"{name}: locked {lock.get(name, absent)}, {what} {other.get(name, absent)}"
        for name in sorted(names)
        if lock.get(name) != other.get(name)
    ]
    if differences:
        raise LockError("\n".join(differences))
