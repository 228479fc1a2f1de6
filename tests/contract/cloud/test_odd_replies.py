"""Replies that are no service's: whatever comes over the wire, an adapter says that it had no answer."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from aliyun_fakes.cloud import FakeCloud
from functions.retention.cloud.sls import CALL_TAKES
from functions.retention.core.errors import CloudError, NoAnswer
from tests.contract.cloud.clients import Clients
from tests.contract.fronts import Front

JSON = "Content-Type: application/json"


def reply(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        "Connection: close",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


REPLIES = {
    "nothing": b"",
    "bytes": b"\x00\x01\x02\r\n\r\n",
    "a page": reply(b"<html>", "Content-Type: text/html"),
    "an empty page": reply(b""),
    "a list": reply(b"[]", JSON),
    "null": reply(b"null", JSON),
    "a text": reply(b'"text"', JSON),
    "an empty object": reply(b"{}", JSON),
    "other fields": reply(b'{"meta":[],"data":1,"Entries":{},"JobId":7}', JSON),
    "half an object": reply(b'{"JobId":', JSON),
    "a cut body": reply(b'{"JobId":', JSON, length=100),
    "a cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nab",
    "no text": reply(b'"\xff\xfe"', JSON),
    "xml": reply(b"<Message/>", "Content-Type: text/xml"),
    "xml of a success": reply(b"<Message/>", "Content-Type: text/xml", status="201 Created"),
    "no gzip": reply(b"hello", "Content-Encoding: gzip"),
    "no lz4": reply(b"hello", "x-log-compresstype: lz4", "x-log-bodyrawsize: 50"),
    "no size": reply(b"hello", "x-log-compresstype: lz4", "x-log-bodyrawsize: many"),
    "no compression": reply(b"hello", "x-log-compresstype: odd", "x-log-bodyrawsize: 50"),
    "a login page": reply(b"<html>", "Content-Type: text/html", status="401 Unauthorized"),
    "a bare refusal": reply(b"{}", JSON, status="403 Forbidden"),
    "a list of refusals": reply(b"[]", JSON, status="403 Forbidden"),
    "a broken gateway": reply(b"<html>", "Content-Type: text/html", status="502 Bad Gateway"),
    "a broken gateway's list": reply(b"[]", JSON, status="503 Service Unavailable"),
}


class Parrot(socketserver.ThreadingTCPServer):
    """Gives every request the same reply, each on a thread of its own."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, canned: bytes) -> None:
        self.canned = canned
        super().__init__(("127.0.0.1", 0), _Answer)


class _Answer(socketserver.BaseRequestHandler):
    server: Parrot

    def handle(self) -> None:
        with suppress(OSError):
            self.request.recv(65_536)
            self.request.sendall(self.server.canned)
            self.request.shutdown(socket.SHUT_WR)
            while self.request.recv(65_536):
                pass


@pytest.fixture(params=REPLIES)
def odd(request: pytest.FixtureRequest) -> Iterator[Clients]:
    """Adapters whose endpoints all give one odd reply."""
    with Parrot(REPLIES[request.param]) as parrot:
        threading.Thread(target=parrot.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        at = f"http://127.0.0.1:{parrot.server_address[1]}"
        clients = Clients(Front(FakeCloud(), None))
        clients.settings = replace(clients.settings, nas_endpoint=at, sls_endpoint=at, smq_endpoint=at)
        yield clients
        parrot.shutdown()


CALLS: dict[str, Callable[[Clients], object]] = {
    "attributes": lambda clients: clients.nas(left=0).recycle_bin("1ca404").attributes(),
    "tags": lambda clients: clients.nas(left=0).recycle_bin("1ca404").tags(),
    "recent directories": lambda clients: clients.nas(left=0).recycle_bin("1ca404").recent_directories(),
    "page": lambda clients: clients.nas(left=0).recycle_bin("1ca404").page("2"),
    "jobs": lambda clients: clients.nas(left=0).recycle_bin("1ca404").jobs(),
    "delete": lambda clients: clients.nas(left=0).recycle_bin("1ca404").delete("3", "token"),
    "put": lambda clients: clients.audit(left=CALL_TAKES, timeout=5).put([{"event_id": "e1"}]),
    "find": lambda clients: clients.audit(left=CALL_TAKES, timeout=5).find({"run": "r1"}, 1),
    "send": lambda clients: clients.queue(left=0, timeout=5).send("x"),
}


def outcome(call: Callable[[Clients], object], clients: Clients) -> str:
    """What a call gave or raised."""
    try:
        return repr(call(clients))
    except NoAnswer:
        return "no answer"
    except Exception as error:  # noqa: BLE001 - each is a finding
        return repr(error)


def test_no_adapter_takes_an_odd_reply_for_an_answer(odd: Clients) -> None:
    assert {name: outcome(call, odd) for name, call in CALLS.items()} == dict.fromkeys(CALLS, "no answer")


def test_no_index_is_seen_in_an_odd_reply(odd: Clients) -> None:
    try:
        seen = odd.audit(left=CALL_TAKES, timeout=5).has_index()
    except CloudError:
        seen = False
    assert seen is False
