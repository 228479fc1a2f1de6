"""Finds the sentences in Markdown and in docstrings, and how long they are.

``python -m tests.unit.prose`` prints the counts that `long_sentences.json` holds.
"""

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterable, Iterator

from tests.unit.architecture import ROOT, Source, sources

LONGEST = 30
"""Words of a sentence."""

TREES = ("README.md", "functions", "aliyun_fakes", "deployment", "ops", "demo", "docs", "tests")
"""What is counted: a page, and the docstrings of folders."""

_FENCE = re.compile(r"^\s*(```|~~~)")
_ITEM = re.compile(r"^\s*([-*+]|\d+\.|:)\s+")
_CONTAINER = re.compile(r"^(!!!|[-*+] |\d+\. |: )")
_RULE = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
_SKIPPED = re.compile(r"^\s*(#|--8<--|!!!|===)")
_CODE = re.compile(r"``.+?``|`[^`]+`")
_LINK = re.compile(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')*_]*\s+(?=[A-Z0-9(\"'*_])")
_ABBREVIATION = re.compile(r"\b(e\.g|i\.e|cf|vs|etc)\.")
_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$")
_ENTRY = re.compile(r"^ +[*\w., ]+: ")


def markdown_sentences(text: str) -> list[str]:
    """The sentences of a Markdown page: of paragraphs, list items and table cells, but of no code and no heading."""
    return [sentence for block in _markdown_blocks(text) for sentence in _split(block)]


def docstring_sentences(source: Source) -> list[str]:
    """The sentences of every docstring of a module, also of those below constants and attributes."""
    found = []
    for node in source.nodes:
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            for block in _docstring_blocks(inspect.cleandoc(value.value)):
                found += _split(block)
    return found


def words(sentence: str) -> int:
    """How many words a sentence has; code in backticks is one."""
    return sum(any(character.isalnum() for character in token) for token in sentence.split())


def too_long(sentences: Iterable[str]) -> list[str]:
    """Sentences of more than `LONGEST` words."""
    return [sentence for sentence in sentences if words(sentence) > LONGEST]


def count(tree: str) -> int:
    """How many sentences are too long, in a Markdown page or in the docstrings of a folder."""
    if tree.endswith(".md"):
        return len(too_long(markdown_sentences((ROOT / tree).read_text(encoding="utf-8"))))
    return sum(len(too_long(docstring_sentences(source))) for source in sources(tree))


def _markdown_blocks(text: str) -> Iterator[str]:
    block, in_code, container = list[str](), False, False
    for line in [*re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).splitlines(), ""]:
        if _FENCE.match(line):
            in_code = not in_code
        if line and not line.startswith(" "):
            container = bool(_CONTAINER.match(line))
        is_code = in_code or _FENCE.match(line) or (line.startswith("    ") and not block and not container)
        is_text = bool(line.strip()) and not is_code and not _SKIPPED.match(line)
        if block and (not is_text or _ITEM.match(line) or line.lstrip().startswith("|")):
            yield " ".join(block)
            block = []
        if is_text and line.lstrip().startswith("|"):
            yield from () if _RULE.match(line) else re.split(r"(?<!\\)\|", line.strip().strip("|"))
        elif is_text:
            block.append(_ITEM.sub("", line).strip().lstrip("> "))


def _docstring_blocks(text: str) -> Iterator[str]:
    block, section, is_code = list[str](), False, False
    for line in [*text.splitlines(), ""]:
        section = bool(_SECTION.match(line)) or (section and (not line or line.startswith(" ")))
        starts = _ITEM.match(line) or (section and _ENTRY.match(line))
        is_code = is_code and (not line or line.startswith(" "))
        is_text = bool(line.strip()) and not _SECTION.match(line) and not is_code
        if block and (not is_text or starts):
            yield " ".join(block)
            block = []
        if is_text:
            without_name = _ENTRY.sub("", line, count=1) if section else line
            block.append(_ITEM.sub("", without_name).strip())
        is_code = is_code or line.endswith("::")
    if block:
        yield " ".join(block)


def _split(block: str) -> list[str]:
    plain = _LINK.sub(r"\1", _CODE.sub("Code", block))
    plain = _ABBREVIATION.sub(lambda found: found[1].replace(".", ""), plain)
    return [sentence for sentence in _SENTENCE_END.split(plain) if words(sentence)]


if __name__ == "__main__":
    sys.stdout.write(json.dumps({tree: count(tree) for tree in TREES}, indent=2) + "\n")
