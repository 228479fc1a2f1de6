"""The HTTP-server front: one real port for all services and the admin interface.

Official SDKs in any language reach it as an endpoint (``http://127.0.0.1:PORT``) or, where they put a project's
name into the host, as an HTTP proxy. It speaks plain HTTP/1.1 only.
"""

import contextlib
import socket
import sys
import threading
import traceback
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.http import ConnectionDropped, Headers, InstanceCrashed, ReadTimedOut, Request, Response
from aliyun_fakes.server.admin import Admin

LARGEST_BODY = 64 * 1024 * 1024
LONGEST_LINE = 65_536
BODILESS = frozenset({204, 304})

NO_CONNECT = (
    "These aliyun_fakes speak plain HTTP: tunnels (CONNECT) are refused. "
    "Give the SDK an endpoint or a protocol setting with http instead of https."
)


class BadRequest(Exception):
    """A request that cannot be read.

    Attributes:
        status: HTTP status to refuse it with.
    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class ServerFront:
    """Serves a cloud while it is open, on threads of its own.

    Args:
        admin: the admin interface, which holds the cloud that is served.
        host: address to listen on.
        port: 0 takes a free one.
        longest_hold: seconds for which a reply that never comes is held before the connection is closed.
        longest_silence: seconds that a client may take between two pieces of a request, or between two requests.

    On a virtual clock requests take turns, each moving the clock on by its latency. While functions that are hosted
    in the same process work for one request, other requests are taken for their own.
    """

    def __init__(
        self,
        admin: Admin[Any],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        longest_hold: float = 300,
        longest_silence: float = 60,
    ) -> None:
        self._admin = admin
        self._server = _Server((host, port), self, longest_hold, longest_silence)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """``host:port``."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def endpoint(self) -> str:
        """``http://host:port``."""
        return f"http://{self.address}"

    def __enter__(self) -> "ServerFront":  # noqa: PYI034 - typing.Self is newer than Python 3.10
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and close every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.close()

    def answer(self, request: Request) -> Response:
        """One request's answer; raises what `fakes.core.dispatch.Dispatcher.dispatch` raises."""
        clock = self._admin.cloud.clock
        while isinstance(clock, VirtualClock):  # bounded: once more for each reset that came first
            with clock.guest():
                if self._admin.cloud.clock is clock:
                    return self._answer(request)
            clock = self._admin.cloud.clock
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        if self._admin.owns(request):
            return self._admin.handle(request)
        response: Response = self._admin.cloud.dispatcher.dispatch(request)
        return response


class _Server(ThreadingHTTPServer):
    """The listening socket; remembers its connections to be able to close them."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1_024

    def __init__(
        self, address: tuple[str, int], front: ServerFront, longest_hold: float, longest_silence: float
    ) -> None:
        self.front, self.longest_hold, self.longest_silence = front, longest_hold, longest_silence
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base's types
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - the base's types
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base's types
        """A client that goes away is no error here."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Close the listening socket and every connection."""
        self.server_close()
        with self._lock:
            open_connections = list(self._connections)
        for connection in open_connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        """Give up on a client that goes silent, so that it does not hold a thread for good."""
        super().setup()
        self.connection.settimeout(self.server.longest_silence)

    def do_GET(self) -> None:
        """Any method but CONNECT."""
        try:
            self._write(self.server.front.answer(self._read()))
        except BadRequest as error:
            self._refuse(error.status, str(error))
        except TimeoutError:
            self._refuse(408, f"the rest of the request did not come within {self.server.longest_silence:g} s")
        except ReadTimedOut:
            self._hold()
        except (ConnectionDropped, InstanceCrashed):
            self.close_connection = True
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of the fakes must not look like a dropped connection
            traceback.print_exc()
            self._refuse(500, f"the fake itself failed: {type(error).__name__}: {error}")

    do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = do_GET  # noqa: N815 - the base class's names

    def do_CONNECT(self) -> None:
        """Refused: there is no TLS here."""
        self._refuse(405, NO_CONNECT)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what the base class refuses. A method that it has no name for goes to the service like any other."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            self.do_GET()
        else:
            self._refuse(code, message or explain or "this request cannot be read")

    def handle_expect_100(self) -> bool:
        """Let the client send its body at once: the base class keeps the line in its buffer (observed: curl waits)."""
        allowed = super().handle_expect_100()
        self.wfile.flush()
        return allowed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing: the dispatcher keeps the log."""

    def _read(self) -> Request:
        try:
            parts = urlsplit(self.path)
        except ValueError as error:
            raise BadRequest(400, f"the target of the request is no URL: {error}") from error
        headers = Headers.of(dict(self.headers.items()))
        host = parts.hostname or headers.get("host", "").partition(":")[0]
        return Request(
            method=self.command,
            host=host.lower(),
            raw_path=parts.path or "/",
            raw_query=parts.query,
            headers=headers,
            body=self._read_body(),
        )

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit():
            raise BadRequest(400, f"Content-Length: {length!r} is not a number")
        return self._read_exactly(int(length))

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while size := self._read_chunk_size():  # bounded: _read_exactly refuses what is too large in sum
            body += self._read_exactly(size, already=len(body))
            self.rfile.readline(LONGEST_LINE)
        while self.rfile.readline(LONGEST_LINE).strip():
            pass
        return bytes(body)

    def _read_chunk_size(self) -> int:
        line = self.rfile.readline(LONGEST_LINE)
        try:
            return int(line.partition(b";")[0], 16)
        except ValueError as error:
            raise BadRequest(400, f"chunk size: {line[:20]!r} is not a hexadecimal number") from error

    def _read_exactly(self, size: int, already: int = 0) -> bytes:
        if not 0 <= size <= LARGEST_BODY - already:
            raise BadRequest(413, f"a body may have {LARGEST_BODY} bytes here")
        piece = self.rfile.read(size)
        if len(piece) < size:
            raise BadRequest(400, f"the body ended after {len(piece)} of {size} bytes")
        return piece

    def _write(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in BODILESS:
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self._write(Response(status, {"Content-Type": "text/plain;charset=utf-8"}, f"{message}\n".encode()))

    def _hold(self) -> None:
        """Keep the client waiting until it gives up, for a while at most."""
        self.close_connection = True
        self.connection.settimeout(self.server.longest_hold)
        with contextlib.suppress(OSError):
            self.connection.recv(1)
