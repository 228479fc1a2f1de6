"""Reads source files as syntax trees and says which rule of the project's shape each breaks, and where."""

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]

PACKAGES: dict[str, set[str]] = {
    "core": set(),
    "policy": {"core"},
    "audit": {"core"},
    "walk": {"core", "policy"},
    "cloud": {"core", "policy"},
    "jobs": {"core", "policy", "audit", "walk"},
    "runs": {"core", "policy", "audit", "walk", "jobs"},
    "console": {"core", "policy", "audit", "walk", "jobs", "runs"},
}
"""Packages of `functions.retention`, and which others each may import. Only handlers and tools import ``cloud``."""

IMPURE = {
    "functions.retention.policy.load": "reads the policy file",
    "functions.retention.policy.yaml_source": "parses YAML",
}
"""Modules outside ``cloud`` that may touch what lies outside the process, and why they must."""

LONGEST_CHAIN = 10
"""Modules one after the other, each importing the next, from a handler to the last."""

PURE = {
    *(
        "base64",
        "binascii",
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
    *("functools", "hashlib", "heapq", "hmac", "itertools", "json", "math", "operator", "re", "string", "typing"),
    *("struct", "unicodedata", "zlib", "zoneinfo", "msgspec", "msgspec.json", "pydantic", "pydantic_core"),
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

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @property
    def lines(self) -> int:
        return self.text.count("\n")


@cache
def sources(folder: str) -> tuple[Source, ...]:
    """Every module below a folder of the repository. Read once in a process, since many tests look at all of them."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return tuple(Source(".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text()) for path in paths)


def imports(source: Source) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it; of ``from a import b`` it is ``a.b``."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = source.name.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def forbidden_imports(source: Source, roots: set[str]) -> list[str]:
    """Imports from these top-level packages."""
    return [f"{source.name} imports {name}" for name in imports(source) if name.split(".")[0] in roots]


def package_of(name: str) -> str | None:
    """The package that a dotted name lies in: ``walk`` of ``functions.retention.walk.order``."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["functions", "retention"] and len(parts) > 2 and parts[2] != "__init__" else None


def misplaced(source: Source) -> list[str]:
    """A module that lies in no package of `functions.retention`."""
    package = package_of(source.name)
    nowhere = package is not None and (package not in PACKAGES or source.name.count(".") < 3)
    return [f"{source.name} lies in none of {', '.join(PACKAGES)}"] if nowhere else []


def wrong_way_imports(source: Source) -> list[str]:
    """Imports from packages that the module's own one may not know."""
    own = package_of(source.name)
    allowed = PACKAGES.get(own or "", set()) | {own}
    return [
        f"{source.name} imports {name}" for name in imports(source) if own and package_of(name) not in {None, *allowed}
    ]


def private_imports(source: Source, public: Mapping[str, set[str]]) -> list[str]:
    """Imports across packages that bypass the face of the other package, or take what it does not name.

    Args:
        source: the module.
        public: what the face of each package names in ``__all__``.
    """
    own = package_of(source.name)
    found = []
    for name in imports(source):
        package = package_of(name)
        if package in PACKAGES and package != own:
            rest = name.split(".")[3:]
            if len(rest) != 1 or rest[0] not in public[package]:
                found.append(f"{source.name} imports {name}, which retention.{package} does not offer")
    return found


def hidden_by_modules(modules: Iterable[Source]) -> list[str]:
    """Names of a package's face that are also a module of it: importing the module puts it in the name's place."""
    names = [module.name for module in modules]
    submodules = {name.removesuffix(".__init__") for name in names}
    return [
        f"{face.name} offers {offered}, which is also a module"
        for face in modules
        if face.name.endswith(".__init__")
        for offered in sorted(public_names(face))
        if f"{face.name.removesuffix('.__init__')}.{offered}" in submodules
    ]


def public_names(face: Source) -> set[str]:
    """What a package's ``__init__`` names in ``__all__``."""
    for node in face.tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__" and isinstance(node, ast.Assign | ast.AnnAssign):
            return set(ast.literal_eval(node.value)) if node.value else set()
    return set()


def faces(modules: Iterable[Source]) -> dict[str, Source]:
    """The ``__init__`` of each package of `functions.retention`."""
    return {
        source.name.split(".")[2]: source
        for source in modules
        if source.name.endswith(".__init__") and source.name.count(".") == 3
    }


def graph(modules: Iterable[Source]) -> dict[str, set[str]]:
    """Which module imports which; a name taken from a face counts for the module that defines it."""
    known = {source.name: source for source in modules}
    offered = {
        (source.name.removesuffix(".__init__"), name.rpartition(".")[2]): name.rpartition(".")[0]
        for source in known.values()
        if source.name.endswith(".__init__")
        for name in imports(source)
    }
    return {
        name: {
            offered.get((base, last), base)
            for base, _, last in (each.rpartition(".") for each in imports(source))
            if offered.get((base, last), base) in known
        }
        for name, source in known.items()
        if not name.endswith(".__init__")
    }


def longest_chain(edges: Mapping[str, set[str]], start: str) -> list[str]:
    """The longest way along imports from a module.

    Raises:
        ValueError: imports go round in a circle.
    """
    done: dict[str, list[str]] = {}

    def chain(name: str, above: tuple[str, ...]) -> list[str]:
        if name in above:
            raise ValueError(f"a circle of imports: {' -> '.join((*above, name))}")
        if name not in done:
            further = (chain(each, (*above, name)) for each in edges.get(name, ()))
            done[name] = [name, *max(further, key=len, default=[])]
        return done[name]

    return chain(start, ())


def subclasses(source: Source, base: str) -> list[str]:
    """Classes of a module that inherit from a class of this name, wherever they stand."""
    return [
        f"{source.name}.{node.name} inherits from {base}"
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and any(ast.unparse(each).rpartition(".")[2] == base for each in node.bases)
    ]


def outside_imports(source: Source) -> list[str]:
    """What a module of the centre imports beyond the project itself and what is pure."""
    return [f"{source.name} imports {name}" for name in imports(source) if not _central(name)]


def _central(name: str) -> bool:
    parts = name.split(".")
    return parts[:2] == ["functions", "retention"] or parts[0] in PURE or name in CHANCE


def outside_calls(source: Source) -> list[str]:
    """Calls by which a module would reach time, chance or the outside without being given them."""
    calls = [node for node in source.nodes if isinstance(node, ast.Call) and _reaches_out(node.func)]
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
    for node in source.nodes:
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
