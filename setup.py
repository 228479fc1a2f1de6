"""Build the distribution. Its dependencies are the pins of the requirements files, so no version is written twice."""

from collections.abc import Iterator
from pathlib import Path

from setuptools import setup

FILES = ("requirements.txt", "ops/requirements.txt")


def pins() -> Iterator[str]:
    """Requirements like ``name==1.0``, without comments and references to other files."""
    for file in FILES:
        for line in (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines():
            pin = line.partition("#")[0].strip()
            if pin and not pin.startswith("-"):
                yield pin


setup(install_requires=list(pins()))
