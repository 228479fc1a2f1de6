"""Reads source files as syntax trees and says which rule of the project's shape each breaks, and where."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]

RIM = {
    "nas": "the NAS SDK",
    "nas_replies": "its replies",
    "sls": "the log SDK",
    "smq": "the queue SDK",
    "retry": "waits",
    "rate": "waits",
    "clock": "is the time; the centre is given one",
    "settings": "is handed the environment",
    "policy_file": "reads the file",
    "policy_yaml": "parses YAML",
}
"""Modules of `functions.retention` that may touch what lies outside, and why they must."""

ASSEMBLY = {"cloud", "start", "worker"}
"""Modules that put rim and centre together: they may know the rim, but touch nothing outside themselves."""

SEAMS = {"functions.retention.core.clock.Clock"}
"""Of the rim, what the centre may know by name: a Protocol without anything behind it."""

PURE = {
    *(
        "base64",
        "bisect",
        "calendar",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "difflib",
        "enum",
    ),
    *("functools", "hashlib", "heapq", "itertools", "json", "math", "operator", "re", "string", "typing"),
    *("unicodedata", "zoneinfo", "msgspec", "msgspec.json", "pydantic", "pydantic_core"),
}
"""What the centre may import: no I/O, no environment, no time."""

CHANCE = {"random", "random.Random"}
"""Of chance, the type of what the centre is given."""

_READS_THE_CLOCK = {"now", "utcnow", "today"}
_TOUCHES_THE_OUTSIDE = {"open", "input", "print", "exec", "eval", "__import__"} & set(dir(builtins))


@dataclass(frozen=True)
class Source:
    """One module.

    Attributes:
        name: dotted, e.g. ``functions.retention.walk.walk``.
        text: its source.
    """

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        return self.text.count("\n")


def sources(*folders: str) -> list[Source]:
    """Every module below these folders of the repository."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [Source(".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text()) for path in paths]


def imports(source: Source) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it; of ``from a import b`` it is ``a.b``."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = source.name.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def forbidden_imports(source: Source, roots: set[str]) -> list[str]:
    """Imports from these top-level packages."""
    return [f"{source.name} imports {name}" for name in imports(source) if name.split(".")[0] in roots]


def outside_imports(source: Source) -> list[str]:
    """What a module of the centre imports beyond other modules of the centre and what is pure."""
    return [f"{source.name} imports {name}" for name in imports(source) if not _central(name, source)]


def _central(name: str, source: Source) -> bool:
    parts = name.split(".")
    if parts[:2] != ["functions", "retention"]:
        return parts[0] in PURE or name in CHANCE
    short = source.name.rpartition(".")[2]
    return name in SEAMS or parts[2] not in {*RIM, *ASSEMBLY} or short in ASSEMBLY


def outside_calls(source: Source) -> list[str]:
    """Calls by which a module would reach time, chance or the outside without being given them."""
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call) and _reaches_out(node.func)]
    return [f"{source.name}:{call.lineno} calls {ast.unparse(call.func)}" for call in calls]


def _reaches_out(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in _TOUCHES_THE_OUTSIDE or function.id == "Random"
    if not isinstance(function, ast.Attribute):
        return False
    owner = ast.unparse(function.value).rpartition(".")[2]
    return owner == "random" or (owner in {"datetime", "date"} and function.attr in _READS_THE_CLOCK)


def long_modules(source: Source, limit: int) -> list[str]:
    """A module of ``limit`` lines or more."""
    return [f"{source.name} has {source.lines} lines"] if source.lines >= limit else []


def functions(source: Source) -> Iterator[tuple[str, int]]:
    """Name and lines, from ``def`` to the end, of each function and method."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{source.name}.{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def long_functions(source: Source, limit: int) -> list[str]:
    """Functions of ``limit`` lines or more."""
    return [f"{name} has {size} lines" for name, size in functions(source) if size >= limit]


def median_function(modules: list[Source]) -> float:
    """Lines of the median function."""
    return median(size for source in modules for _, size in functions(source))


def undocumented(source: Source) -> list[str]:
    """The module, and public classes, functions and methods, without a docstring; nested functions are private."""
    names = [] if ast.get_docstring(source.tree) else [source.name]
    return names + list(_undocumented(source.tree, source.name))


def _undocumented(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in parent.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        name = f"{prefix}.{node.name}"
        if not ast.get_docstring(node) and not any(
            ast.unparse(each).endswith(".setter") for each in node.decorator_list
        ):
            yield name
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node, name)
