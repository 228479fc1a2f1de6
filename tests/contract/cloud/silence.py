"""A server that never answers."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BACKLOG = 64


class Silence:
    """A port that takes connections and never answers. The kernel takes them, so it is never late.

    Args:
        listener: a listening socket from which nothing is accepted.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def connections(self) -> int:
        """How many connections came since the last call, at most `BACKLOG`."""
        self._listener.setblocking(False)  # noqa: FBT003 - the socket's own signature
        count = 0
        with suppress(BlockingIOError):
            while count < BACKLOG:
                self._listener.accept()[0].close()
                count += 1
        return count


@contextmanager
def silence() -> Iterator[Silence]:
    """Listen on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        yield Silence(listener)


@contextmanager
def nobody() -> Iterator[str]:
    """A ``host:port`` at which nobody listens, kept from other programs until the block ends."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"
