"""Finds globs that match nothing as they are written, although they look right.

What can only be a mistake is refused (`odd_sign`); what may be meant is asked about (`doubts`, shown by ``lint``).
Every refused character can be written in brackets, ``[ ]`` like ``[*]``: then it is meant.
"""

import re
import unicodedata
from collections.abc import Iterator

_FULL_WIDTH = {"\uff0a": "*", "\uff0f": "/"}

_DOUBTFUL_FULL_WIDTH = re.compile("[\uff01-\uff5e]")

_JOINERS = "\u200c\u200d"
"""Zero-width characters that Persian, Indic scripts and emoji need."""

_SET = re.compile(r"\[(!?\]?[^\]]*)\]")

_MOUNT = re.compile("/(mnt|media|Volumes|nfs)/[^/]+(?=/)")


def odd_sign(glob: str) -> str | None:
    """What is wrong with a glob that can only be a mistake, and how to write what was meant; None when nothing is."""
    plain = _SET.sub("x", glob)
    if re.search(r",\s*/", plain):
        each = ", ".join(part.strip() for part in glob.split(","))
        return f"has a comma: write a list, [{each}]; a comma that is meant is [,]"
    for component in plain.split("/"):
        if component != component.strip():
            return "has a blank at an end of a name: leave it out; a blank that is meant is [ ]"
    for sign in plain:
        if sign in _FULL_WIDTH:
            return f"has a full-width {sign}: write {_FULL_WIDTH[sign]}; one that is meant is [{sign}]"
        if unicodedata.category(sign) in {"Cc", "Cf"} and sign not in _JOINERS:
            return f"has the invisible character U+{ord(sign):04X}: type the glob anew without it"
    return None


def doubts(glob: str) -> Iterator[str]:
    """What a checked glob most likely does not mean as it is written; each with what to write instead."""
    for found in _SET.finditer(glob):
        if _reads_as_name(found[1]):
            name = f"[[]{found[1]}]"
            yield f"{found[0]} is one character out of {found[1]!r}: for a name with brackets write {name}"
    plain = _SET.sub("x", glob)
    if "," in plain:
        yield "the comma is a part of the name: for several globs write a list; a comma that is meant is [,]"
    if wide := _DOUBTFUL_FULL_WIDTH.search(plain):
        narrow = unicodedata.normalize("NFKC", wide[0])
        yield f"the full-width {wide[0]} is not {narrow}: write {narrow}, or [{wide[0]}] if it is meant"
    if any(sign in _JOINERS for sign in plain):
        yield "it holds an invisible joiner (U+200C or U+200D): type it anew, unless names are written so"
    if mount := _MOUNT.match(plain):
        rest = glob[mount.end() :]
        yield f"paths begin at the file system's root, not where it is mounted: most likely it is {rest}"


def as_name(glob: str) -> str:
    """The glob with its sets taken for parts of names, ``[[]final]`` for ``[final]``; a set of one sign stays."""
    return _SET.sub(lambda found: found[0] if len(found[1]) == 1 else f"[[]{found[1]}]", glob)


def _reads_as_name(members: str) -> bool:
    """Whether a set reads like a name in brackets: ``[final]``, and not ``[a-z]``, ``[!x]`` or ``[Ff]``."""
    if members.startswith("!") or not re.fullmatch(r"[\w .-]{2,}", members):
        return False
    if len(set(members)) < len(members):
        return True
    is_range, is_one_letter = re.search("[^-]-[^-]", members), len(set(members.casefold())) == 1
    return not (is_range or is_one_letter)
