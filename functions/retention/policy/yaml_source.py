"""The YAML of a policy file: plain values, and the line that each stands on.

It is read as YAML 1.2's core schema, without anchors and tags, since YAML 1.1 hides traps where data is deleted: there
``010`` is 8, ``22:00`` is 1320 and ``no`` is not a word. What is refused instead of guessed: a key given twice, a key
without a value or with an empty one, aliases (a few of them swell to gigabytes).
"""

import re
from collections.abc import Iterator

import yaml

from functions.retention.core import EMPTY, Key, Problem

_INTEGER = re.compile("[-+]?[0-9]{1,18}")

_FRACTION = re.compile(r"[-+]?[0-9]{0,18}\.[0-9]{1,18}")

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}


class _Loader(yaml.SafeLoader):
    """Gives every scalar the tag of text, so that another tag is one that was written out."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the library's own way to say so


class PolicyYaml:
    """A policy file's text, read.

    Args:
        text: YAML; anything else is a problem, never an exception.

    Attributes:
        value: what it says as dicts, lists, texts, numbers, booleans and None.
        problems: what is wrong with it as YAML.
    """

    def __init__(self, text: str) -> None:
        self.problems: list[Problem] = []
        self.value: object = None
        self._lines: dict[tuple[Key, ...], int] = {(): 1}
        self._seen: set[int] = set()
        try:
            root = yaml.compose(text, Loader=_Loader)
            if root is None:
                self.problems.append(Problem((), "the file is empty"))
            else:
                self.value = self._read(root, ())
        except yaml.YAMLError as error:
            self._lines[()] = _line_of_error(error, text)
            self.problems = [Problem((), f"not YAML: {_what(error)}")]
        except RecursionError:
            self.problems = [Problem((), "is nested too deeply")]

    def line_of(self, where: tuple[Key, ...]) -> int:
        """The line of a key or list item, counted from 1; of the innermost one that is written when it is not.

        Keys that stand for themselves may be left out in the file, as ``ids`` in a plain list of file systems.
        """
        found: tuple[Key, ...] = ()
        for key in where:
            deeper = (*found, key)
            found = deeper if deeper in self._lines else found
        return self._lines[found]

    def _read(self, node: yaml.Node, where: tuple[Key, ...]) -> object:
        if id(node) in self._seen:
            self._complain(where, "is an alias (*): write the value out")
            return None
        self._seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            self._complain(where, f"has the tag {node.tag!r}: write a plain value")
        elif isinstance(node, yaml.CollectionNode) and not node.value:
            self._complain(where, EMPTY if where else "the file is empty")
            return {} if isinstance(node, yaml.MappingNode) else []
        elif isinstance(node, yaml.MappingNode):
            return dict(self._items(node, where))
        elif isinstance(node, yaml.SequenceNode):
            places = [self._at(item, (*where, index)) for index, item in enumerate(node.value)]
            return [self._read(item, place) for item, place in zip(node.value, places, strict=True)]
        elif isinstance(node, yaml.ScalarNode):
            return self._scalar(node, where)
        return None

    def _items(self, node: yaml.MappingNode, where: tuple[Key, ...]) -> Iterator[tuple[str, object]]:
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or not _is_unicode(key):
                self._lines.setdefault((*where, ""), key_node.start_mark.line + 1)
                self._complain((*where, ""), "a key has to be text")
            elif (place := (*where, key)) in self._lines:
                first = self._lines[place]
                self._complain(place, f"is given twice, on lines {first} and {key_node.start_mark.line + 1}")
            else:
                yield key, self._read(value_node, self._at(key_node, place))

    def _at(self, node: yaml.Node, where: tuple[Key, ...]) -> tuple[Key, ...]:
        self._lines[where] = node.start_mark.line + 1
        return where

    def _scalar(self, node: yaml.ScalarNode, where: tuple[Key, ...]) -> object:
        text = str(node.value)
        value = _value(text) if node.style is None else text
        if value is None:
            self._complain(where, "has no value: write one, or leave the key out" if where else "the file is empty")
        elif where and not text.strip():
            self._complain(where, EMPTY)
        if not _is_unicode(text):
            self._complain(where, "holds half of a surrogate pair, which is no text")
            return None
        return value

    def _complain(self, where: tuple[Key, ...], what: str) -> None:
        self.problems.append(Problem(where, what))


def _value(text: str) -> object:
    """What a scalar without quotes says."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _line_of_error(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    return text.count("\n", 0, getattr(error, "position", 0)) + 1


def _what(error: yaml.YAMLError) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
