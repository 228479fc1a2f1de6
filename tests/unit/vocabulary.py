"""Names that were replaced by standard terms and must not come back, and where they are looked for.

Only what a module defines is looked at: its own name, classes, functions, parameters, attributes, constants and the
fields of records. So a name that an SDK or the standard library gave is never found.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.unit.architecture import Source

ALL = frozenset({"module", "class", "function", "parameter", "attribute", "constant", "field"})
CLASS = frozenset({"class"})
MODULE = frozenset({"module"})
VALUE = ALL - CLASS - MODULE
RETENTION = "functions.retention"


@dataclass(frozen=True)
class Name:
    """One name that a module defines.

    Attributes:
        kind: one of `ALL`.
        name: as written.
        where: module and line.
    """

    kind: str
    name: str
    where: str


@dataclass(frozen=True)
class Banned:
    """One name that must not be used.

    Attributes:
        pattern: a regular expression for the whole name in snake case, without leading underscores.
        instead: the standard term.
        kinds: what must not be called so.
        under: the packages where it must not; a word of the private vocabulary can be an ordinary word elsewhere.
    """

    pattern: str
    instead: str
    kinds: frozenset[str] = ALL
    under: str = ""


def _word(word: str) -> str:
    """A pattern for names that hold a word."""
    return rf"(.*_)?{word}(_.*)?"


BANNED = (
    Banned(_word("hops?"), "slice number"),
    Banned("line", "send id", VALUE, f"{RETENTION}.runs"),
    Banned("line", "send id", VALUE, f"{RETENTION}.audit"),
    Banned(_word("twins?"), "duplicate"),
    Banned(_word("(thin_out|make_way|makes_way)"), "stop as a duplicate"),
    Banned(_word("(retire|retires|retired)"), "stop as a duplicate"),
    Banned(_word("(company|companies)"), "shared invocation"),
    Banned(_word("seats?"), "participant"),
    Banned(_word("scenes?"), "run context"),
    Banned("tools", "slice services", VALUE, RETENTION),
    Banned("(tools|terms|canary)", "slice services; guards", CLASS | MODULE),
    Banned("terms", "guards", VALUE, f"{RETENTION}.jobs"),
    Banned("terms", "guards", VALUE, f"{RETENTION}.runs"),
    Banned("place", "open path", under=RETENTION),
    Banned("child", "pending directory", under=RETENTION),
    Banned(_word("trials?"), "candidate", under=RETENTION),
    Banned("whole", "takes all", under=RETENTION),
    Banned(_word("debts?"), "broken directory"),
    Banned("pay", "list again"),
    Banned("driver", "purge loop"),
    Banned("(job_book|book)", "job tracker"),
    Banned("(start|started|stop)", "sweep, sweep result, run end", CLASS | MODULE),
    Banned(_word("ripe|ripeness"), "eligible before"),
    Banned("(the_)?floor", "min_age"),
    Banned("(sweeps|reaches)", "matches_all_below, may_match_below", under=f"{RETENTION}.policy"),
    Banned("told", "progress known"),
    Banned("sure", "confidence"),
    Banned("trip", "round trip"),
    Banned(_word("occupants?"), "active job"),
    Banned(_word("desks?"), "context"),
    Banned("site", "file system"),
    Banned("(words|hold|history|observer|locate)", "formatting, pause, past deletions, plan details, find", MODULE),
    Banned("rest", "throttle pause", CLASS | frozenset({"constant"})),
    Banned(_word("(shelf|shelves)"), "resources"),
    Banned("(letters?|letter_.*)", "dead letters", CLASS | MODULE | frozenset({"attribute"})),
    Banned("world", "environment"),
    Banned("exits", "exit codes"),
    Banned("pen", "journal"),
    Banned(_word("later_self"), "the next slice"),
)

PHRASES = re.compile(
    r"\b(later self|thins? out|makes? way|twins?|the floor|hops?|ripe|dead[- ]letter shelf|job book)\b", re.IGNORECASE
)
"""The same in running text, as far as no ordinary sentence needs them."""


def names(source: Source) -> Iterator[Name]:
    """Every name that a module defines."""
    yield Name("module", source.name.removesuffix(".__init__").rpartition(".")[2], source.name)
    for node in source.nodes:
        for kind, name in _defined(node):
            yield Name(kind, name, f"{source.name}:{getattr(node, 'lineno', 0)}")
    for node in source.tree.body:
        for name in _targets(node):
            yield Name("constant", name, f"{source.name}:{node.lineno}")


def banned(found: Iterable[Name], rules: Iterable[Banned] = BANNED) -> list[str]:
    """One line for each name that must not be used: where it is, and what to say instead."""
    rules = tuple(rules)
    return [
        f"{name.where}: {name.kind} {name.name}: say {rule.instead}"
        for name in found
        for rule in rules
        if name.kind in rule.kinds and _is_under(name, rule.under) and re.fullmatch(rule.pattern, _snake(name.name))
    ]


def _is_under(name: Name, package: str) -> bool:
    module = name.where.partition(":")[0]
    return not package or module == package or module.startswith(f"{package}.")


def _snake(name: str) -> str:
    """``_JobBook`` is ``job_book``, and so is ``JOB_BOOK``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def _defined(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ClassDef):
        yield "class", node.name
        yield from (("attribute", name) for statement in node.body for name in _targets(statement))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield "function", node.name
    elif isinstance(node, ast.arg):
        yield "parameter", node.arg
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield "attribute", node.attr
    elif isinstance(node, ast.Dict) and len(node.keys) > 1:
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        yield from (("field", key) for key in keys if isinstance(key, str) and key.isidentifier())


def _targets(node: ast.stmt) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    yield from (target.id for target in targets if isinstance(target, ast.Name))
