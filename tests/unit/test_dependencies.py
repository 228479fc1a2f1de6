"""`docs/dependencies.md` against the files that say what is installed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def named() -> set[str]:
    """What the page names as code, in lower case."""
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    return {name.lower() for name in re.findall(r"`([^`\n]+)`", text)}


@pytest.mark.parametrize(
    "path", ["requirements.txt", "ops/requirements.txt", "tests/requirements.txt", "ops/package/tools.txt"]
)
def test_the_page_names_every_direct_dependency(path: str) -> None:
    pins = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert pins
    assert {pin.lower() for pin in pins} - named() == set()


def test_the_page_names_everything_that_is_deployed() -> None:
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "ops/package/lock.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert locked
    assert set(locked) - named() == set()


def test_the_page_names_everything_that_is_left_out() -> None:
    excluded = re.findall(r"^([a-z0-9-]+) ", (ROOT / "ops/package/excludes.txt").read_text("utf-8"), re.MULTILINE)
    assert excluded
    assert set(excluded) - named() == set()
