"""The words of the project: sentences that are easy to read, and standard terms for every name."""

import json
from pathlib import Path

import pytest

from tests.unit.architecture import ROOT, Source, sources
from tests.unit.prose import LONGEST, count, docstring_sentences, markdown_sentences, too_long, words
from tests.unit.prose import TREES as COUNTED
from tests.unit.vocabulary import PHRASES, banned, names

MEAN = 15
"""Words of the mean sentence of a page."""

TREES = ("functions", "ops", "aliyun_fakes", "deployment", "demo", "docs", "tests")
"""Folders whose names are checked.."""

TOP_LEVEL = [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES = [*TOP_LEVEL, *sorted((ROOT / "docs").rglob("*.md"))]
GENERATED = ROOT / "docs" / "reference"
LIMITS = json.loads((ROOT / "tests" / "unit" / "long_sentences.json").read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_sentence_of_a_page_is_too_long(page: Path) -> None:
    assert too_long(markdown_sentences(page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_mean_sentence_of_a_page_is_short(page: Path) -> None:
    lengths = [words(sentence) for sentence in markdown_sentences(page.read_text(encoding="utf-8"))]
    assert sum(lengths) <= MEAN * len(lengths)


@pytest.mark.parametrize("page", [page for page in PAGES if GENERATED not in page.parents], ids=_name)
def test_no_page_uses_a_replaced_term(page: Path) -> None:
    assert PHRASES.findall(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("tree", COUNTED)
def test_long_sentences_of_older_text_only_get_fewer(tree: str) -> None:
    found = count(tree)
    assert found <= LIMITS[tree], f"{tree} has {found} sentences of more than {LONGEST} words: split the new ones"


@pytest.mark.parametrize("tree", TREES)
def test_no_name_is_one_that_was_replaced(tree: str) -> None:
    found = banned(name for source in sources(tree) for name in names(source))
    assert not found, "\n" + "\n".join(found)


def test_sentences_of_paragraphs_items_and_cells_are_told_apart() -> None:
    text = (
        "# Title\n\nOne is, e.g. short. Two `a. B` is [a link](x.md).\n\n- Three\n  goes on.\n- Four\n\n| a | b c |\n"
    )
    assert markdown_sentences(text) == [
        "One is, eg short.",
        "Two Code is a link.",
        "Three goes on.",
        "Four",
        " a ",
        " b c ",
    ]


def test_code_and_rules_of_tables_are_no_sentences() -> None:
    assert markdown_sentences("```sh\nmake. Now.\n```\n\n    make demo\n\n| --- | --- |\n--8<-- 'a'\n") == []


def test_an_admonition_is_read() -> None:
    assert markdown_sentences('!!! note "Title"\n    It is read.\n') == ["It is read."]


def test_sentences_of_docstrings_are_told_apart() -> None:
    source = (
        '"""One. Two\ngoes on.\n\nArgs:\n    name: Three\n        goes on.\n    other: four.\n"""\nA = 1\n"""Five."""\n'
    )
    assert docstring_sentences(Source("ops.sample", source)) == [
        "One.",
        "Two goes on.",
        "Three goes on.",
        "four.",
        "Five.",
    ]


def test_a_long_sentence_is_seen() -> None:
    assert too_long(["word " * LONGEST, "word " * LONGEST + "more"]) == ["word " * LONGEST + "more"]


@pytest.mark.parametrize(
    "line",
    [
        "def next_hop(): pass",
        "class Canary: pass",
        "class A:\n    world: int",
        "def f(self, desk): self.occupant = desk",
        "LOG_SHELVES = ()",
        'FIELDS = {"run": "", "hop": ""}',
    ],
)
def test_a_replaced_name_is_seen(line: str) -> None:
    assert banned(names(Source("ops.sample", line)))


def test_a_replaced_module_name_is_seen_and_the_standard_term_named() -> None:
    (found,) = banned(names(Source("ops.shelf", "")))
    assert found == "ops.shelf: module shelf: say resources"


@pytest.mark.parametrize(
    "line",
    [
        "def start(line, place): return line.hop",
        "class DeadLetter:\n    canary: int\n    rest: str",
        "def history(): pass",
        "def sweeps(terms): pass",
    ],
)
def test_an_ordinary_name_is_left_alone(line: str) -> None:
    assert banned(names(Source("ops.sample", line))) == []
