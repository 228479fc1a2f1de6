"""The shape of the code: who may know whom, and how long anything may get. Each rule is also seen to fail."""

import pytest

from tests.unit.architecture import (
    RIM,
    Source,
    forbidden_imports,
    imports,
    long_functions,
    long_modules,
    median_function,
    outside_calls,
    outside_imports,
    sources,
    undocumented,
)

DEPLOYED = sources("functions")
FAKES = sources("aliyun_fakes")
TOOLS = sources("ops", "demo")
TESTS = sources("tests")
RETENTION = [source for source in DEPLOYED if source.name.startswith("functions.retention.")]
CENTRE = [source for source in RETENTION if source.name.rpartition(".")[2] not in RIM]
HANDLERS = [source for source in DEPLOYED if source.name.count(".") == 1 and not source.name.endswith("__init__")]
LIBRARY = [*DEPLOYED, *FAKES, *TOOLS]


def _none(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def test_functions_import_nothing_that_is_not_deployed() -> None:
    _none([line for source in DEPLOYED for line in forbidden_imports(source, {"aliyun_fakes", "tests", "ops", "demo"})])


def test_fakes_import_nothing_of_what_they_are_there_to_test() -> None:
    _none([line for source in FAKES for line in forbidden_imports(source, {"functions", "tests", "ops", "demo"})])


def test_centre_imports_only_itself_and_what_is_pure() -> None:
    _none([line for source in CENTRE for line in outside_imports(source)])


def test_centre_asks_no_clock_no_chance_and_no_environment() -> None:
    _none([line for source in CENTRE for line in outside_calls(source)])


def test_every_module_of_the_rim_exists() -> None:
    assert set(RIM) <= {source.name.rpartition(".")[2] for source in RETENTION}


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


def _sample(text: str, name: str = "functions.retention.sample") -> Source:
    return Source(name, text)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import aliyun_fakes.nas", "aliyun_fakes.nas"),
        ("from aliyun_fakes import nas", "aliyun_fakes.nas"),
        ("def late():\n    from aliyun_fakes.nas import models", "aliyun_fakes.nas.models"),
        ("from . import sls", "functions.retention.cloud.sls"),
        ("from ..x import y", "functions.x.y"),
    ],
)
def test_an_import_is_seen_in_every_form(line: str, name: str) -> None:
    assert list(imports(_sample(line))) == [name]


def test_a_forbidden_import_is_named() -> None:
    assert forbidden_imports(_sample("import aliyun_fakes.nas"), {"aliyun_fakes"}) == ["functions.retention.sample imports aliyun_fakes.nas"]


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import environ",
        "import time",
        "from random import choice",
        "from alibabacloud_nas20170626.client import Client",
        "from aliyun.log import LogClient",
        "from functions.retention.nas import NasClient",
        "from functions.retention import sls",
        "from functions.retention.clock import SYSTEM_CLOCK",
        "from functions.retention.cloud import Cloud",
        "from .settings import Settings",
    ],
)
def test_the_outside_is_seen_in_the_centre(line: str) -> None:
    assert len(outside_imports(_sample(line))) == 1


@pytest.mark.parametrize("line", ["from functions.retention.walk import Walk", "import json", "from typing import Any"])
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


def test_too_many_lines_are_seen() -> None:
    long = _sample("def long():\n" + "    pass\n" * 39)
    assert long_modules(long, 40) == ["functions.retention.sample has 40 lines"]
    assert long_functions(long, 40) == ["functions.retention.sample.long has 40 lines"]
    assert long_modules(long, 41) == long_functions(long, 41) == []
    assert median_function([long, _sample("def short(): pass\n"), _sample("def other(): pass\n")]) == 1


def test_a_setter_needs_no_docstring_of_its_own() -> None:
    getter = '"""A class."""\n@property\ndef size(self):\n    """Bytes."""\n'
    assert undocumented(_sample(getter + "@size.setter\ndef size(self, value): pass\n")) == []


def test_a_missing_docstring_is_seen_where_it_is_public() -> None:
    public = "class Public:\n    def method(self): pass\n    def _private(self): pass\n"
    private = "class _Private:\n    def method(self): pass\n"
    prefix = "functions.retention.sample"
    assert undocumented(_sample(public + private)) == [prefix, f"{prefix}.Public", f"{prefix}.Public.method"]
