"""Make what several test processes need once."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Make a folder once in a test session. The worker that needs it first makes it; the others wait.

    The workers of pytest-xdist share the parent of their own folders (documented: pytest-xdist, "Making session-scoped
    fixtures execute only once"). Its mark `xdist_group` would do too, but has no effect: it sets the attribute
    ``_nodeid`` of a test, which pytest no longer reads (observed: pytest-xdist 3.8.0, pytest 9.2.0).

    Args:
        factory: pytest's fixture `tmp_path_factory`.
        name: of the folder.
        make: makes the folder and what is in it. After an exception the next worker begins anew.
    """
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder
