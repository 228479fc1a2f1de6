r"""The globs of a policy file.

==========  =====================================================================================================
``*``       any characters of one path component, also none (a component is never empty)
``**``      any number of components, also none; at the end of a path glob at least one: what is below, not itself
``?``       one character but ``/``
``[a-c]``   one of these characters; ``[!a-c]`` one that is none of these, and not ``/``; ``[*]`` a plain ``*``
==========  =====================================================================================================

Path globs are absolute and match a whole path; name globs match a whole name and hold no ``/``. Upper and lower case
differ, on SMB file systems too. Text is compared in Unicode's composed form (NFC), so that a name typed here finds the
one that a Mac wrote. There is no escape character, no ``{a,b}`` and no ``~``: what would silently match nothing is
refused.

A list of globs is one regular expression. Everything between two stars is matched at its first place and never tried
again (a look-ahead group and a reference to it: Python 3.10 has no atomic groups), which decides the same as trying
all places, in time that does not explode with the number of stars.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from string import ascii_letters, digits
from unicodedata import normalize

_PROBE_DEPTH = 8

_PROBE_SIGNS = f"{ascii_letters}{digits}._- ~#$@+=%&!(é文ф"

_ADVICE = {
    "\\": "has a backslash: components are separated by /, a plain backslash is [\\]",
    "{": "has a brace: write one glob for each alternative, a plain brace is [{]",
    "}": "has a brace: write one glob for each alternative, a plain brace is [}]",
}


def composed(text: str) -> str:
    """The text in the form in which globs, names and paths are compared."""
    return text if text.isascii() else normalize("NFC", text)


def check_path_glob(text: object) -> str:
    """The path glob in composed form, with ``/**`` for a leading ``**``.

    Raises:
        ValueError: with what is wrong and what to write instead.
    """
    glob = _check_text(text)
    if glob == "**" or glob.startswith("**/"):
        glob = f"/{glob}"
    if not glob.startswith("/"):
        raise ValueError(f"{text!r} is not an absolute path: start with /, or with /**/ for any directory")
    if glob == "/":
        raise ValueError(f"{text!r} is the root itself, which is never in the bin: write '/**' for everything below it")
    if glob.endswith("/"):
        raise ValueError(f"{text!r} ends with /: write {glob.rstrip('/')!r} for itself, '{glob}**' for what is below")
    for component in glob[1:].split("/"):
        _check_component(component, glob)
    return glob


def check_name_glob(text: object) -> str:
    """The name glob in composed form.

    Raises:
        ValueError: with what is wrong and what to write instead.
    """
    glob = _check_text(text)
    if "/" in glob:
        raise ValueError(f"{text!r} has a /: a name is one component, use a path glob")
    if glob == "**":
        raise ValueError(f"{text!r} crosses directories, a name does not: write '*'")
    _check_component(glob, glob)
    return glob


def _check_text(text: object) -> str:
    if not isinstance(text, str) or not text:
        raise ValueError(f"{text!r} is not a glob: write text like /logs/** (a path) or *.log (a name)")
    return composed(text)


def _check_component(component: str, glob: str) -> None:
    if component in {"", ".", ".."}:
        raise ValueError(f"{glob!r} has the component {component!r}, which no recycled path has")
    if component != "**":
        try:
            _component(component, count())
        except ValueError as error:
            raise ValueError(f"{glob!r} {error}") from error


def matches_everything(glob: str) -> bool:
    """Whether a checked glob, of a path or a name, leaves nothing out: ``/**``, ``/**/*``, ``*``."""
    components = glob.lstrip("/").split("/")
    if not all(set(part) <= {"*", "?"} and "*" in part and part.count("?") <= 1 for part in components):
        return False
    fixed = [part for part in components if part != "**"]
    if glob.startswith("/"):
        return len(fixed) < len(components) and len(fixed) + (components[-1] == "**") <= 1
    return True


def leave_nothing_out(globs: Sequence[str]) -> bool:
    """Whether checked globs of one kind take all there is to expect, together or one of them alone.

    Tried on thousands of names or paths, since ``[!x]*`` and ``x*`` only together leave nothing out: True says that
    they miss none of those, False that they surely miss something.
    """
    find = GlobList(globs).find
    probes = _probe_paths() if globs[0].startswith("/") else _probe_names()
    return all(find(probe) is not None for probe in probes)


def _probe_names() -> Iterator[str]:
    """Names of every usual character: alone, first, last, and long."""
    for sign in _PROBE_SIGNS:
        if sign != ".":
            yield sign
        yield from (f"{sign}b", f"a{sign}", f"{sign}0-report 2026.tar.gz", f"a.{sign}", sign * 64)


def _probe_paths() -> Iterator[str]:
    """Paths as deep as trees usually are, with each of the names at the bottom and at the top."""
    for depth in range(_PROBE_DEPTH):
        for name in _probe_names():
            yield f"{'/d' * depth}/{name}"
            yield f"/{name}{'/d' * depth}"


def covers(wide: str, narrow: str) -> bool:
    """Whether one checked glob surely matches all that another of its kind matches; False where that is not plain."""
    if wide == narrow or matches_everything(wide):
        return True
    fixed = narrow.split("/")
    wild = next((index for index, part in enumerate(fixed) if set(part) & set("*?[")), None)
    if wild is None:
        return GlobList([wide]).find(narrow) is not None
    return narrow.startswith("/") and GlobList([wide]).matches_all_below("/".join(fixed[:wild]) or "/")


class GlobList:
    """Checked globs, compiled together.

    Args:
        globs: checked globs in the order of the file.
        trees: whether a path glob that matches a directory also matches all that is below it. What keeps
            (``protect``, ``not_path``) keeps trees; what selects selects entries.

    Attributes:
        globs: the globs.
        find: something true when any glob matches the path (for path globs) or the name (for name globs) given in
            composed form, else None; not a method, since a run asks millions of times.
    """

    __slots__ = ("_by_group", "_reach", "_sweep", "find", "globs")

    def __init__(self, globs: Sequence[str], *, trees: bool = False) -> None:
        self.globs = tuple(globs)
        numbers = count()
        self._by_group = {f"glob{index}": glob for index, glob in enumerate(globs)}
        patterns = [f"(?P<glob{i}>{_translate(g, numbers, tree=trees)})" for i, g in enumerate(globs)]
        self.find: Callable[[str], re.Match[str] | None] = _any(patterns).fullmatch
        self._reach = _any([_reach(glob, numbers, tree=trees) for glob in globs])
        self._sweep = _any([_translate(glob, numbers, tree=True) for glob in globs if trees or glob.endswith("/**")])

    def which(self, text: str) -> str | None:
        """The first glob of the list that matches, None when none does."""
        found = self.find(text)
        return self._by_group[found.lastgroup] if found and found.lastgroup else None

    def may_match_below(self, directory: str) -> bool:
        """Whether some path at or below the directory could match; for path globs."""
        return self._reach.fullmatch(directory.rstrip("/")) is not None

    def matches_all_below(self, directory: str) -> bool:
        """Whether one glob alone surely matches every path below the directory; for path globs."""
        return self._sweep.fullmatch(directory.rstrip("/")) is not None


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    """One pattern that matches what any of these match; of none, nothing."""
    return re.compile("|".join(patterns) or "(?!)", re.DOTALL)


def _translate(glob: str, numbers: Iterator[int], *, tree: bool) -> str:
    """The regular expression of a whole glob; `numbers` keeps group names apart."""
    if not glob.startswith("/"):
        return _component(glob, numbers)
    runs = _runs(glob.split("/")[1:])
    if tree and len(runs) > 1 and not runs[-1]:
        runs.pop()
    below = "(?:/.*)?" if tree else ""
    if len(runs) == 1:
        return _run(runs[0], numbers) + below
    middle = "".join(_first(f"(?:/[^/]+)*?{_run(run, numbers)}(?=/)", numbers) for run in runs[1:-1])
    last = "(?:/[^/]+)*?" + _run(runs[-1], numbers) + below if runs[-1] else "/.+"
    return _run(runs[0], numbers) + middle + last


def _runs(components: Sequence[str]) -> list[list[str]]:
    """The components between one ``**`` and the next; only the first and the last run can be empty."""
    runs: list[list[str]] = [[]]
    for component in components:
        if component != "**":
            runs[-1].append(component)
        elif runs[-1] or len(runs) == 1:
            runs.append([])
    return runs


def _run(components: Sequence[str], numbers: Iterator[int]) -> str:
    return "".join("/" + _component(component, numbers) for component in components)


def _first(pattern: str, numbers: Iterator[int]) -> str:
    """The pattern at the first place where it matches, and at no other afterwards.

    Callers let every place end at a boundary that the rest of the glob does not look behind.
    """
    name = f"first{next(numbers)}"
    return f"(?=(?P<{name}>{pattern}))(?P={name})"


def _reach(glob: str, numbers: Iterator[int], *, tree: bool) -> str:
    """The regular expression of the directories (root is "") from which a match may be at hand or further down."""
    components = glob.split("/")[1:]
    pattern = "(?:/.*)?" if tree or "**" in components else ""
    fixed = components[: components.index("**")] if "**" in components else components
    for component in reversed(fixed):
        pattern = f"(?:/{_component(component, numbers)}{pattern})?"
    return pattern


def _component(component: str, numbers: Iterator[int]) -> str:
    """The regular expression of one component; raises ValueError with what is wrong with it."""
    start, *rest = _segments(component)
    if not rest:
        return start
    if component == "*":
        return "[^/]+"
    middle = "".join(_first("[^/]*?" + segment, numbers) for segment in rest[:-1])
    return start + middle + "[^/]*" + rest[-1]


def _segments(component: str) -> list[str]:
    """The regular expressions of what stands between the stars of a component."""
    segments = [""]
    place = 0
    while place < len(component):
        sign = component[place]
        end = place + 1
        if component.startswith("**", place):
            raise ValueError(f"has ** inside of {component!r}: ** stands alone between slashes, like /logs/**/*.log")
        if sign in _ADVICE:
            raise ValueError(_ADVICE[sign])
        if sign == "*":
            segments.append("")
        elif sign == "[":
            end = _set_end(component, place)
            segments[-1] += _set(component[place + 1 : end - 1])
        else:
            segments[-1] += "[^/]" if sign == "?" else re.escape(sign)
        place = end
    return segments


def _set_end(component: str, start: int) -> int:
    """The place behind the bracket that closes a set; one that comes first belongs to the set."""
    first = start + 2 if component.startswith("[!", start) else start + 1
    end = component.find("]", first + 1)
    if end < 0:
        raise ValueError(f"has a [ without its ] in {component!r}: a plain [ is [[]")
    return end + 1


def _set(body: str) -> str:
    if body.startswith("^"):
        raise ValueError("starts a set with ^: a set of other characters is [!...]")
    members = ""
    for member in re.findall(".-.|.", body.removeprefix("!"), re.DOTALL):
        low, high = member[0], member[-1]
        if low > high:
            raise ValueError(f"has the empty range {member}: write {high}-{low}")
        members += re.escape(low) if low == high else f"{re.escape(low)}-{re.escape(high)}"
    return f"(?!/)[{'^' if body.startswith('!') else ''}{members}]"
