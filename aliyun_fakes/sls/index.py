"""Indexes of a logstore: their configuration, how a value is cut into words, and the words' postings.

Documented: SLS, "Create indexes" and the CreateIndex page: an index has a full-text part (``line``), fields (``keys``)
or both; text is cut at the characters of ``token`` and compared without case unless ``caseSensitive``; numeric
fields compare as numbers. Documented too: only logs written after the index was made are found by it.
"""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from aliyun_fakes.sls.errors import SlsError

DEFAULT_TOKENS = ", '\";=()[]{}?@&<>/:\n\t\r"
"""The characters the vendor's own examples cut text at (CreateIndex page, 2018)."""

_KINDS = ("text", "long", "double", "json")
_NUMERIC = ("long", "double")
_WILD = frozenset("*?")
_MAX_WILD_WORDS = 100


@dataclass(frozen=True)
class FieldConfig:
    """How one field, or the whole line, is indexed.

    Attributes:
        kind: ``text``, ``long``, ``double`` or ``json`` (searched like text).
        tokens: the characters that separate words.
        case_sensitive: whether ``A`` and ``a`` differ.
    """

    kind: str = "text"
    tokens: str = DEFAULT_TOKENS
    case_sensitive: bool = False

    @cached_property
    def _table(self) -> dict[int, str]:
        return dict.fromkeys(map(ord, self.tokens), "\0")

    def words(self, text: str) -> list[str]:
        """Cut a value, or what is looked for, into words; a value without any gives [""]."""
        if self.kind in _NUMERIC:
            return [_as_number(text)]
        folded = text if self.case_sensitive else text.lower()
        return [word for word in folded.translate(self._table).split("\0") if word] or [""]


def _as_number(text: str) -> str:
    try:
        return repr(float(text))
    except ValueError:
        return ""


@dataclass(frozen=True)
class IndexConfig:
    """An index as configured.

    Attributes:
        sent: the configuration as it was sent, for GetIndex.
        line: the full-text part, or None.
        keys: the indexed fields.
        every_key: index each field that comes, as the fake's own `create_logstore(index=True)` does.
    """

    sent: Mapping[str, Any] = field(default_factory=dict)
    line: FieldConfig | None = None
    keys: Mapping[str, FieldConfig] = field(default_factory=dict)
    every_key: bool = False

    @classmethod
    def read(cls, sent: Mapping[str, Any]) -> "IndexConfig":
        """From the body of CreateIndex.

        Raises:
            SlsError: IndexInfoInvalid.
        """
        line, keys = sent.get("line"), sent.get("keys") or {}
        if not isinstance(keys, Mapping) or not (line or keys):
            raise SlsError("IndexInfoInvalid")
        return cls(
            sent=dict(sent),
            line=None if line is None else _read_field({"type": "text"} | dict(line)),
            keys={name: _read_field(config) for name, config in keys.items()},
        )


INDEX_OF_EVERYTHING = IndexConfig({"line": {"token": list(DEFAULT_TOKENS)}, "keys": {}}, FieldConfig(), every_key=True)


def _read_field(sent: Mapping[str, Any]) -> FieldConfig:
    kind, tokens = sent.get("type"), sent.get("token", [])
    listed = isinstance(tokens, list) and all(isinstance(token, str) for token in tokens)
    if kind not in _KINDS or not listed or (kind == "text" and "token" not in sent):
        raise SlsError("IndexInfoInvalid")
    return FieldConfig(str(kind), "".join(tokens), bool(sent.get("caseSensitive", False)))


class FieldIndex:
    """Which logs have which words in one field. Log numbers only ever grow, so postings are sorted."""

    __slots__ = ("_postings", "config", "present")

    def __init__(self, config: FieldConfig) -> None:
        self.config = config
        self.present = array("I")
        self._postings: dict[str, int | array[int]] = {}  # most words of an audit log occur once: no array for those

    def add(self, number: int, value: str) -> None:
        """Take one log's value in."""
        self.present.append(number)
        for word in self.config.words(value):
            known = self._postings.get(word)
            if known is None:
                self._postings[word] = number
            elif isinstance(known, int):
                if known != number:
                    self._postings[word] = array("I", (known, number))
            elif known[-1] != number:
                known.append(number)

    def find(self, text: str, *, wild: bool) -> set[int]:
        """The logs that have every word of `text`.

        Args:
            text: what is looked for.
            wild: whether stars and question marks stand for other characters.

        Raises:
            SlsError: a word begins with a star or question mark.
        """
        found: set[int] | None = None
        for word in self.config.words(text):
            logs = self._of_pattern(word) if wild and _WILD & set(word) else set(self._of(word))
            found = logs if found is None else found & logs
        return found or set()

    def _of(self, word: str) -> Iterator[int]:
        known = self._postings.get(word, ())
        return iter((known,) if isinstance(known, int) else known)

    def _of_pattern(self, pattern: str) -> set[int]:
        check_pattern(pattern)
        words = [word for word in self._postings if fnmatchcase(word, pattern.replace("[", "[[]"))]
        return {number for word in words[:_MAX_WILD_WORDS] for number in self._of(word)}


def check_pattern(pattern: str) -> None:
    """Refuse a word that begins with a star or question mark (documented: "Search syntax").

    Raises:
        SlsError: it does.
    """
    if pattern[0] in _WILD:
        raise SlsError("ParameterInvalid", f"query: {pattern} begins with a wildcard")


class StoreIndex:
    """A logstore's index at work.

    Attributes:
        config: as configured now.
        since: the first log that it knows.
    """

    def __init__(self, config: IndexConfig, since: int) -> None:
        self.config = config
        self.since = since
        self._fields: dict[str, FieldIndex] = {}
        self.change(config)

    def change(self, config: IndexConfig) -> None:
        """UpdateIndex: a field that is new, or differs from before, knows only the logs to come (assumed)."""
        self.config = config
        wanted = dict.fromkeys(("__topic__", "__source__"), FieldConfig()) | dict(config.keys)
        known = {name: index for name, index in self._fields.items() if name not in wanted and _is_tag(name)}
        for name, setting in wanted.items():
            old = self._fields.get(name)
            known[name] = old if old is not None and old.config == setting else FieldIndex(setting)
        self._fields = known

    def add(self, number: int, name: str, value: str) -> None:
        """Take one field of one log in."""
        index = self._fields.get(name)
        if index is None:
            if not (self.config.every_key or _is_tag(name)):
                return
            index = self._fields[name] = FieldIndex(FieldConfig())
        index.add(number, value)

    def of(self, name: str) -> FieldIndex:
        """The index of a field.

        Raises:
            SlsError: KeyNotIndexed.
        """
        index = self._fields.get(name)
        if index is not None:
            return index
        if self.config.every_key or _is_tag(name):
            return FieldIndex(FieldConfig())
        raise SlsError("KeyNotIndexed", name)


def _is_tag(name: str) -> bool:
    """Reserved fields are always indexed (documented: "Reserved fields")."""
    return name.startswith("__tag__:")
