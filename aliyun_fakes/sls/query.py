"""The search half of a query statement: ``key: value`` terms with and / or / not, quotes and parentheses.

Documented: SLS, "Search syntax" (2024, 2025): terms side by side mean *and*; *not* and *and* bind more tightly than
*or*; ``*`` or nothing finds everything; a quoted text is searched for as the words in it, in any order; ``key: *``
finds what has the key; ``key: ""`` what has it empty; at most 30 conditions. A star or question mark may end or
interrupt a word, not begin it.

Numeric comparisons, ranges (``in``), phrases (``#"..."``) and anything after ``|`` are refused rather than guessed at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aliyun_fakes.sls.errors import SlsError

MAX_TERMS = 30
_LEXEMES = re.compile(r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<mark>[():|]|\#")|(?P<word>[^\s():|"]+))""", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TAG_PREFIX = "__tag__"


@dataclass(frozen=True)
class Term:
    """One condition.

    Attributes:
        key: the field, or None for a search in the whole log.
        text: what is looked for; "" looks for an empty value.
        quoted: whether stars and question marks stand for themselves.
    """

    key: str | None
    text: str
    quoted: bool

    @property
    def is_presence(self) -> bool:
        """Whether any value will do."""
        return self.text == "*" and not self.quoted


@dataclass(frozen=True)
class Everything:
    """No condition."""


@dataclass(frozen=True)
class Both:
    """All of the parts."""

    parts: tuple["Query", ...]


@dataclass(frozen=True)
class Either:
    """At least one of the parts."""

    parts: tuple["Query", ...]


@dataclass(frozen=True)
class Without:
    """Not the part."""

    part: "Query"


Query = Term | Everything | Both | Either | Without


@dataclass(frozen=True)
class _Lexeme:
    kind: str
    text: str

    def says(self, keyword: str) -> bool:
        return self.kind == "word" and self.text.lower() == keyword


_END = _Lexeme("end", "")


def read_query(text: str) -> Query:
    """Parse a query statement.

    Raises:
        SlsError: it cannot be parsed, is too long, or needs what the fake does not do.
    """
    return _Parser(_split(text)).whole()


def _split(text: str) -> list[_Lexeme]:
    lexemes = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _LEXEMES.match(text, position)
        if match is None:
            raise SlsError("ParameterInvalid", f"query: no closing quotation mark for the one at {position}")
        kind = match.lastgroup or "mark"
        lexeme = _Lexeme(kind, match[kind])
        _refuse(lexeme)
        if kind == "quoted":
            lexeme = _Lexeme(kind, _ESCAPED.sub(r"\1", lexeme.text[1:-1]))
        lexemes.append(lexeme)
        position = match.end()
    return lexemes


def _refuse(lexeme: _Lexeme) -> None:
    """Stop at syntax that the service knows and the fake does not."""
    if lexeme.text == "|":
        raise SlsError("NotSupported", "SQL after | in a query")
    if lexeme.text.startswith("#") and lexeme.kind in ("mark", "word"):
        raise SlsError("NotSupported", f"a phrase search: {lexeme.text}")
    if lexeme.kind == "word" and (lexeme.says("in") or lexeme.text == "=" or set(lexeme.text) & set("<>")):
        raise SlsError("NotSupported", f"a comparison in a query: {lexeme.text}")


class _Parser:
    """Recursive descent: or, then and / not, then a term or something in parentheses."""

    def __init__(self, lexemes: Sequence[_Lexeme]) -> None:
        self._lexemes = lexemes
        self._at = 0
        self._terms = 0

    def whole(self) -> Query:
        if not self._lexemes:
            return Everything()
        query = self._either()
        if self._next is not _END:
            raise self._unexpected()
        return query

    @property
    def _next(self) -> _Lexeme:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else _END

    def _take(self) -> _Lexeme:
        lexeme = self._next
        self._at += 1
        return lexeme

    def _unexpected(self) -> SlsError:
        found = self._next.text or "the end"
        return SlsError("ParameterInvalid", f"query: a search condition is expected, {found} was found")

    def _either(self) -> Query:
        parts = [self._both()]
        while self._next.says("or"):
            self._take()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Query:
        parts = [self._one()]
        while self._next is not _END and self._next.text != ")" and not self._next.says("or"):
            if self._next.says("and"):
                self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _one(self) -> Query:
        if self._next.says("not"):
            self._take()
            return Without(self._one())
        if self._next == _Lexeme("mark", "("):
            self._take()
            inner = self._either()
            if self._take() != _Lexeme("mark", ")"):
                raise SlsError("ParameterInvalid", "query: a parenthesis is not closed")
            return inner
        return self._term()

    def _term(self) -> Query:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise SlsError("ParameterInvalid", f"query: more than {MAX_TERMS} search conditions")
        first = self._operand()
        if self._next.text != ":" or self._next.kind != "mark":
            is_everything = first == _Lexeme("word", "*")
            return Everything() if is_everything else Term(None, first.text, first.kind == "quoted")
        self._take()
        key, value = first.text, self._operand()
        if key == _TAG_PREFIX and self._next == _Lexeme("mark", ":"):
            self._take()
            key, value = f"{key}:{value.text}", self._operand()
        return Term(key, value.text, value.kind == "quoted")

    def _operand(self) -> _Lexeme:
        lexeme = self._next
        if lexeme.kind not in ("word", "quoted") or any(lexeme.says(keyword) for keyword in ("and", "or", "not")):
            raise self._unexpected()
        return self._take()
