"""The shape of the code: who may know whom, and how long anything may get. Each rule is also seen to fail."""

import ast

import pytest

import aliyun_fakes
from tests.unit.architecture import (
    IMPURE,
    LONGEST_CHAIN,
    PACKAGES,
    Source,
    faces,
    forbidden_imports,
    graph,
    hidden_by_modules,
    imports,
    long_functions,
    long_modules,
    longest_chain,
    median_function,
    misplaced,
    outside_calls,
    outside_imports,
    package_of,
    private_imports,
    public_names,
    sources,
    subclasses,
    undocumented,
    wrong_way_imports,
)

DEPLOYED = sources("functions")
FAKES = sources("aliyun_fakes")
SHARED = sources("deployment")
OPS = sources("ops")
TOOLS = [*OPS, *SHARED, *sources("demo")]
TESTS = sources("tests")
RETENTION = [source for source in DEPLOYED if package_of(source.name)]
FACES = faces(DEPLOYED)
PUBLIC = {name: public_names(face) for name, face in FACES.items()}
CENTRE = [source for source in RETENTION if package_of(source.name) != "cloud" and source.name not in IMPURE]
HANDLERS = [source for source in DEPLOYED if source.name.count(".") == 1 and not source.name.endswith("__init__")]
REHEARSAL = "ops.invoke.local"
LIBRARY = [*DEPLOYED, *FAKES, *TOOLS]


def _none(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def test_functions_import_nothing_that_is_not_deployed() -> None:
    outside = {"aliyun_fakes", "tests", "ops", "demo", "deployment"}
    _none([line for source in DEPLOYED for line in forbidden_imports(source, outside)])


def test_fakes_import_nothing_of_what_they_are_there_to_test() -> None:
    _none([line for source in FAKES for line in forbidden_imports(source, {"functions", "tests", "ops", "demo"})])


def test_only_the_rehearsal_of_ops_imports_the_fakes() -> None:
    _none([line for source in OPS if source.name != REHEARSAL for line in forbidden_imports(source, {"aliyun_fakes"})])


def test_deployment_imports_nothing_of_the_project() -> None:
    others = {"functions", "aliyun_fakes", "tests", "ops", "demo"}
    _none([line for source in SHARED for line in forbidden_imports(source, others)])


def test_every_module_lies_in_a_package() -> None:
    assert FACES.keys() == PACKAGES.keys()
    _none([line for source in RETENTION for line in misplaced(source)])


def test_imports_between_packages_go_one_way() -> None:
    _none([line for source in RETENTION for line in wrong_way_imports(source)])


def test_imports_between_packages_take_only_public_names() -> None:
    _none([line for source in [*DEPLOYED, *OPS] for line in private_imports(source, PUBLIC)])


def test_no_public_name_is_also_a_module_of_its_package() -> None:
    _none(hidden_by_modules(LIBRARY))


def test_every_face_says_what_it_is_in_six_lines() -> None:
    inner = [source for source in FAKES if source.name.endswith(".__init__") and source.name.count(".") > 1]
    assert inner
    for face in [*FACES.values(), *inner, *(source for source in SHARED if source.name.endswith(".__init__"))]:
        described = ast.get_docstring(face.tree) or ""
        assert "Start reading at" in described, face.name
        assert len(described.splitlines()) <= 6, face.name


def test_fakes_offer_their_public_names() -> None:
    offered = public_names(next(source for source in FAKES if source.name == "aliyun_fakes.__init__"))
    assert {"mock_alibaba_cloud", "FakeCloud", "Fault"} <= offered
    assert [name for name in offered if not hasattr(aliyun_fakes, name)] == []


def test_modules_of_the_fakes_and_the_deployment_stay_within_350_lines() -> None:
    _none([line for source in [*FAKES, *SHARED] for line in long_modules(source, 351)])


def test_no_import_chain_from_a_handler_is_long() -> None:
    edges = graph(DEPLOYED)
    chains = [longest_chain(edges, source.name) for source in HANDLERS]
    assert chains
    _none([f"{len(chain)} modules: {' -> '.join(chain)}" for chain in chains if len(chain) > LONGEST_CHAIN])


def test_no_imports_form_a_circle() -> None:
    edges = graph([*DEPLOYED, *FAKES, *SHARED, *OPS])
    assert {name.split(".")[0] for name in edges} == {"functions", "aliyun_fakes", "deployment", "ops"}
    for name in edges:
        longest_chain(edges, name)  # raises at a circle


def test_centre_imports_only_itself_and_what_is_pure() -> None:
    _none([line for source in CENTRE for line in outside_imports(source)])


def test_centre_asks_no_clock_no_chance_and_no_environment() -> None:
    _none([line for source in CENTRE for line in outside_calls(source)])


def test_nothing_inherits_from_the_gate() -> None:
    _none([line for source in [*LIBRARY, *TESTS] for line in subclasses(source, "Judge")])


def test_the_unit_tests_of_ops_lie_where_what_they_test_lies() -> None:
    modules = {source.name.removesuffix(".__init__") for source in OPS}
    tested = {
        source.name.removeprefix("tests.unit.").replace(".test_", ".")
        for source in TESTS
        if source.name.startswith("tests.unit.ops.") and ".test_" in source.name
    }
    assert tested
    assert tested <= modules


def test_every_exception_to_purity_exists() -> None:
    assert set(IMPURE) <= {source.name for source in RETENTION}


def test_handlers_stay_under_60_lines() -> None:
    assert HANDLERS
    _none([line for source in HANDLERS for line in long_modules(source, 60)])


def test_modules_stay_under_400_lines() -> None:
    _none([line for source in [*LIBRARY, *TESTS] for line in long_modules(source, 400)])


def test_functions_stay_under_40_lines() -> None:
    _none([line for source in [*LIBRARY, *TESTS] for line in long_functions(source, 40)])


def test_the_median_function_stays_under_10_lines() -> None:
    assert median_function(LIBRARY) < 10


def test_everything_public_says_what_it_is() -> None:
    _none([name for source in LIBRARY for name in undocumented(source)])


def _sample(text: str, name: str = "functions.retention.walk.sample") -> Source:
    return Source(name, text)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import aliyun_fakes.nas", "aliyun_fakes.nas"),
        ("from aliyun_fakes import nas", "aliyun_fakes.nas"),
        ("def late():\n    from aliyun_fakes.nas import models", "aliyun_fakes.nas.models"),
        ("from . import order", "functions.retention.walk.order"),
        ("from ..x import y", "functions.retention.x.y"),
    ],
)
def test_an_import_is_seen_in_every_form(line: str, name: str) -> None:
    assert list(imports(_sample(line))) == [name]


def test_a_forbidden_import_is_named() -> None:
    found = forbidden_imports(_sample("import aliyun_fakes.nas"), {"aliyun_fakes"})
    assert found == ["functions.retention.walk.sample imports aliyun_fakes.nas"]


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import environ",
        "import time",
        "from random import choice",
        "from alibabacloud_nas20170626.client import Client",
        "from aliyun.log import LogClient",
    ],
)
def test_the_outside_is_seen_in_the_centre(line: str) -> None:
    assert len(outside_imports(_sample(line))) == 1


@pytest.mark.parametrize("line", ["from functions.retention.policy import Judge", "import json", "import typing"])
def test_the_centre_may_know_itself_and_what_is_pure(line: str) -> None:
    assert outside_imports(_sample(line)) == []


@pytest.mark.parametrize(
    "line",
    ["open('x')", "datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "random.random()", "Random()"],
)
def test_a_call_to_the_outside_is_seen(line: str) -> None:
    assert len(outside_calls(_sample(line))) == 1


@pytest.mark.parametrize("line", ["clock.now()", "rng.random()", "path.open", "datetime.strptime('', '')"])
def test_what_is_given_may_be_called(line: str) -> None:
    assert outside_calls(_sample(line)) == []


@pytest.mark.parametrize(
    "line",
    [
        "from functions.retention.runs import Worker",
        "from functions.retention.cloud import Cloud",
        "from functions.retention.console.context import Desk",
        "from ..jobs import Slot",
    ],
)
def test_an_import_the_wrong_way_is_seen(line: str) -> None:
    assert len(wrong_way_imports(_sample(line))) == 1


@pytest.mark.parametrize("line", ["from functions.retention.policy.judge import Judge", "from ..policy import _Place"])
def test_an_import_past_a_face_is_seen(line: str) -> None:
    assert len(private_imports(_sample(line), {"policy": {"Judge"}})) == 1


@pytest.mark.parametrize("bases", ["Judge", "policy.Judge", "Other, judge.Judge"])
def test_a_class_that_inherits_from_the_gate_is_seen(bases: str) -> None:
    assert len(subclasses(_sample(f"def hidden():\n    class Lenient({bases}): pass"), "Judge")) == 1


def test_a_module_outside_the_packages_is_seen() -> None:
    assert len(misplaced(_sample("", "functions.retention.sample"))) == 1
    assert len(misplaced(_sample("", "functions.retention.x.y"))) == 1


def test_a_public_name_that_a_module_hides_is_seen() -> None:
    face = _sample('__all__ = ["plan"]', "functions.retention.runs.__init__")
    assert hidden_by_modules([face, _sample("", "functions.retention.runs.plan")])
    assert not hidden_by_modules([face, _sample("", "functions.retention.walk.plan")])


def test_a_circle_of_imports_is_seen() -> None:
    with pytest.raises(ValueError, match="circle"):
        longest_chain({"a": {"b"}, "b": {"a"}}, "a")


def test_a_chain_goes_through_faces_to_the_defining_module() -> None:
    modules = [
        _sample("from p import x", "a"),
        _sample("from p.b import x", "p.__init__"),
        _sample("from p.c import y", "p.b"),
        _sample("", "p.c"),
    ]
    assert longest_chain(graph(modules), "a") == ["a", "p.b", "p.c"]


def test_too_many_lines_are_seen() -> None:
    long = _sample("def long():\n" + "    pass\n" * 39)
    assert long_modules(long, 40) == ["functions.retention.walk.sample has 40 lines"]
    assert long_functions(long, 40) == ["functions.retention.walk.sample.long has 40 lines"]
    assert long_modules(long, 41) == long_functions(long, 41) == []
    assert median_function([long, _sample("def short(): pass\n"), _sample("def other(): pass\n")]) == 1


def test_a_setter_needs_no_docstring_of_its_own() -> None:
    getter = '"""A class."""\n@property\ndef size(self):\n    """Bytes."""\n'
    assert undocumented(_sample(getter + "@size.setter\ndef size(self, value): pass\n")) == []


def test_a_missing_docstring_is_seen_where_it_is_public() -> None:
    public = "class Public:\n    def method(self): pass\n    def _private(self): pass\n"
    private = "class _Private:\n    def method(self): pass\n"
    prefix = "functions.retention.walk.sample"
    assert undocumented(_sample(public + private)) == [prefix, f"{prefix}.Public", f"{prefix}.Public.method"]
