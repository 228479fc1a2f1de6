"""What the pages say about the code is there: files, functions and the directions between packages."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.unit.architecture import PACKAGES, ROOT, Source

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BASES = (ROOT, ROOT / "functions" / "retention")
"""Folders below which a page names files."""

NAMED = re.compile(r"`([\w/]+\.py)(?:: ([\w.]+))?`")
A_PLACE_FOR_A_NAME = re.compile(r"/[A-Z]+\.py$")
DRAWN = re.compile(r"^ *(\w+(?:\[[^]]*\])?) --> (.+)$", re.MULTILINE)


def _file(path: str) -> Path | None:
    return next((base / path for base in BASES if (base / path).is_file()), None)


def missing(text: str) -> Iterator[str]:
    """Files with a folder, and functions in a file, that a page names and the code has not."""
    for path, function in NAMED.findall(text):
        file = _file(path)
        if file is None and "/" in path and not A_PLACE_FOR_A_NAME.search(path):
            yield path
        elif function and (file is None or function not in _functions(file)):
            yield f"{path}: {function}"


def _functions(file: Path) -> set[str]:
    tree = Source(file.name, file.read_text(encoding="utf-8")).tree
    methods = {f"{owner.name}.{name}" for owner in tree.body if isinstance(owner, ast.ClassDef) for name in _in(owner)}
    return {*_in(tree), *methods}


def _in(node: ast.Module | ast.ClassDef) -> Iterable[str]:
    return [each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.ClassDef)]


def reachable(text: str) -> dict[str, set[str]]:
    """For each package of a page's picture those that arrows lead to, in one step or several."""
    arrows = {(start, end.strip()) for start, ends in DRAWN.findall(text) for end in ends.split("&")}
    found = {package: {end for start, end in arrows if start == package} for package in PACKAGES}
    for _ in PACKAGES:
        found = {package: ends.union(*(found.get(end, set()) for end in ends)) for package, ends in found.items()}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_files_and_functions_that_are_there(page: Path) -> None:
    assert list(missing(page.read_text(encoding="utf-8"))) == []


def test_the_picture_of_the_packages_shows_which_may_import_which() -> None:
    assert reachable((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")) == PACKAGES


def test_the_way_of_a_purge_message_takes_six_files() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\d\. `([\w/]+\.py): [\w.]+`", text, re.MULTILINE)
    assert len(set(steps)) == len(steps) == 6


def test_what_is_not_there_is_seen() -> None:
    assert list(missing("`walk/gone.py` and `runs/slice.py: RunSlice.gone`, `runs/slice.py: RunSlice.work`")) == [
        "walk/gone.py",
        "runs/slice.py: RunSlice.gone",
    ]
