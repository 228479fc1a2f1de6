"""What an instance's process has to itself, for a handler that runs on a thread of this one: environment, log level."""

import logging
import os
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager


class HostedEnvironment(MutableMapping[str, str]):
    """Stands in for ``os.environ`` while functions run: on their threads it is theirs, elsewhere the process's own.

    Threads that a handler starts, and processes, have the process's own.

    Args:
        own: the environment of the process.
    """

    def __init__(self, own: MutableMapping[str, str]) -> None:
        self.own = own
        self._local = threading.local()

    @contextmanager
    def on_this_thread(self, variables: Mapping[str, str]) -> Iterator[None]:
        """Give this thread a copy of some variables until the block ends."""
        self._local.variables = dict(variables)
        try:
            yield
        finally:
            del self._local.variables

    @property
    def _variables(self) -> MutableMapping[str, str]:
        return getattr(self._local, "variables", self.own)

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._variables[name] = value

    def __delitem__(self, name: str) -> None:
        del self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def copy(self) -> dict[str, str]:
        """As ``os.environ.copy()``."""
        return dict(self)

    def __or__(self, other: Mapping[str, str]) -> dict[str, str]:
        return {**self, **other}

    def __ror__(self, other: Mapping[str, str]) -> dict[str, str]:
        return {**other, **self}

    def __repr__(self) -> str:
        """Without values, for they hold keys."""
        return f"<{type(self).__name__} of {len(self)} variables>"


class _Stage:
    """Puts the environment and the log level up for the first function, and away after the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._environment = HostedEnvironment(os.environ)
        self._level = logging.WARNING
        self._count = 0

    def enter(self) -> HostedEnvironment:
        with self._lock:
            self._count += 1
            if self._count == 1:
                self._environment = HostedEnvironment(os.environ)
                self._level = logging.getLogger().level
                os.environ = self._environment  # type: ignore[assignment]  # noqa: B003 - a view, put back in `leave`
                logging.getLogger().setLevel(min(self._level, logging.INFO) or logging.INFO)
            return self._environment

    def leave(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0:
                os.environ = self._environment.own  # type: ignore[assignment]  # noqa: B003 - as it was
                logging.getLogger().setLevel(self._level)


_STAGE = _Stage()


@contextmanager
def as_process(variables: Mapping[str, str]) -> Iterator[None]:
    """Let the code of a block find `variables` in ``os.environ``, and the root logger at INFO, as the runtime has it.

    The runtime of Python 3.10 sets the root logger to INFO before it loads the handler (observed). Here the level holds
    for all threads while a function runs.

    Args:
        variables: of the instance.
    """
    environment = _STAGE.enter()
    try:
        with environment.on_this_thread(variables):
            yield
    finally:
        _STAGE.leave()
