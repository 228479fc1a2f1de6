"""The HTTP front by hand: odd requests, replies that never come, and its end."""

import http.client
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from aliyun_fakes.core.clock import Clock, VirtualClock
from aliyun_fakes.core.dispatch import Dispatcher, LoggedRequest
from aliyun_fakes.core.faults import Fault, Faults
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import LARGEST_BODY, ServerFront
from tests.patience import PATIENCE
from tests.unit.aliyun_fakes.core.counter import Counter

pytestmark = pytest.mark.slow

HOST = {"Host": "counter.aliyuncs.com"}


@dataclass
class Cloud:
    """The least that can be served."""

    clock: Clock
    faults: Faults
    dispatcher: Dispatcher


@pytest.fixture
def cloud() -> Cloud:
    clock, faults = VirtualClock(), Faults()
    return Cloud(clock, faults, Dispatcher([Counter(clock)], clock, faults))


@pytest.fixture
def front(cloud: Cloud) -> Iterator[ServerFront]:
    with ServerFront(Admin(cloud), longest_hold=PATIENCE) as front:
        yield front


def raw(front: ServerFront, sent: bytes) -> bytes:
    """Everything that comes back until the connection is closed."""
    host, _, port = front.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE"])
def test_every_method_is_answered(front: ServerFront, method: str) -> None:
    reply = requests.request(method, front.endpoint + "/Count", headers=HOST, timeout=PATIENCE)
    assert (reply.status_code, reply.text) == (200, "done")


def test_a_head_is_answered_without_a_body(front: ServerFront) -> None:
    reply = requests.head(front.endpoint + "/Count", headers=HOST, timeout=PATIENCE)
    assert (reply.status_code, reply.headers["Content-Length"], reply.content) == (200, "4", b"")


def test_a_target_that_is_no_url_is_refused(front: ServerFront) -> None:
    assert raw(front, b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_one_connection_carries_many_requests(front: ServerFront, cloud: Cloud) -> None:
    connection = http.client.HTTPConnection(front.address, timeout=PATIENCE)
    for number in range(1, 4):
        connection.request("POST", "/Count", body=b"x" * 100, headers=HOST)
        reply = connection.getresponse()
        assert (reply.getheader("X-Count"), reply.read()) == (str(number), b"done")
    connection.close()
    assert cloud.dispatcher.counts["counter", "Count"] == 3


def test_a_chunked_body_is_put_together(front: ServerFront, cloud: Cloud) -> None:
    form = HOST | {"Content-Type": "application/x-www-form-urlencoded"}
    requests.post(front.endpoint + "/Count", data=iter([b"File", b"Id=7"]), headers=form, timeout=PATIENCE)
    assert cloud.dispatcher.log[-1].parameters == {"FileId": "7"}


def test_as_a_proxy_the_host_is_that_of_the_url(front: ServerFront) -> None:
    reply = raw(
        front, b"GET http://counter.aliyuncs.com:80/Count HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n"
    )
    assert reply.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("header", "status", "said"),
    [
        ("Content-Length: many", 400, "Content-Length: 'many' is not a number"),
        ("Content-Length: -1", 400, "Content-Length: '-1' is not a number"),
        (f"Content-Length: {LARGEST_BODY + 1}", 413, f"a body may have {LARGEST_BODY} bytes here"),
        ("Transfer-Encoding: chunked\r\n\r\nxyz", 400, "chunk size"),
        ("Transfer-Encoding: chunked\r\n\r\n-5", 413, "a body may have"),
        ("Content-Length: 20\r\n\r\nabc", 400, "the body ended after 7 of 20 bytes"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_the_connection_closed(
    front: ServerFront, header: str, status: int, said: str
) -> None:
    reply = raw(front, f"POST /Count HTTP/1.1\r\nHost: counter.aliyuncs.com\r\n{header}\r\n\r\n".encode())
    assert reply.startswith(f"HTTP/1.1 {status} ".encode())
    assert said in reply.decode()


def test_a_client_that_asks_first_is_told_to_go_on_before_it_sends_its_body(front: ServerFront) -> None:
    host, _, port = front.address.partition(":")
    asked = b"POST /Count HTTP/1.1\r\nHost: counter.aliyuncs.com\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(asked)
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("sent", "reply"),
    [
        (b"POST /Count HTTP/1.1\r\nHost: counter.aliyuncs.com\r\nContent-Length: 3\r\n\r\na", b"HTTP/1.1 408 "),
        (b"POST /Count HTT", b""),
        (b"", b""),
    ],
)
def test_half_a_request_holds_no_thread_for_long(cloud: Cloud, sent: bytes, reply: bytes) -> None:
    with ServerFront(Admin(cloud), longest_silence=0.05) as front:
        host, _, port = front.address.partition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            connection.sendall(sent)
            assert connection.recv(13) == reply


def test_a_request_line_that_cannot_be_read_is_refused_in_words(front: ServerFront) -> None:
    reply = raw(front, b"GET /Count HTTP/1.1 or so\r\n\r\n")
    assert b"<html" not in reply.lower()
    assert b"Bad request" in reply


@pytest.mark.parametrize(("origin", "status"), [("https://elsewhere.example", 403), ("null", 403), ("own", 200)])
def test_pages_of_other_sites_cannot_use_the_admin_interface(front: ServerFront, origin: str, status: int) -> None:
    named = front.endpoint if origin == "own" else origin
    assert (
        requests.get(f"{front.endpoint}/_fakes/clock", headers={"Origin": named}, timeout=PATIENCE).status_code
        == status
    )


def test_a_dropped_connection_ends_without_a_byte(front: ServerFront, cloud: Cloud) -> None:
    cloud.faults.add(Fault("counter", "*", "drop"))
    assert raw(front, b"GET /Count HTTP/1.1\r\nHost: counter.aliyuncs.com\r\n\r\n") == b""


def test_a_reply_that_never_comes_is_held_until_the_client_has_had_enough(front: ServerFront, cloud: Cloud) -> None:
    cloud.faults.add(Fault("counter", "*", "timeout"))
    with pytest.raises(requests.ReadTimeout):
        requests.get(front.endpoint + "/Count", headers=HOST, timeout=0.05)


def test_requests_on_a_virtual_clock_take_turns_and_each_moves_it_on(front: ServerFront, cloud: Cloud) -> None:
    before = cloud.clock.now()
    threads = [
        threading.Thread(
            target=requests.get, args=(front.endpoint + "/Count",), kwargs={"headers": HOST, "timeout": PATIENCE}
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert cloud.clock.now() - before == 8 * 4


def test_a_fault_of_the_fakes_own_is_told_as_one(
    front: ServerFront, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(line: LoggedRequest) -> None:
        raise ZeroDivisionError(line.operation)

    cloud.dispatcher.on_request.append(fail)
    reply = requests.get(front.endpoint + "/Count", headers=HOST, timeout=PATIENCE)
    assert (reply.status_code, reply.text) == (500, "the fake itself failed: ZeroDivisionError: Count\n")
    assert "Traceback" in capsys.readouterr().err


def test_once_closed_it_answers_no_more_and_idle_connections_are_ended(cloud: Cloud) -> None:
    with ServerFront(Admin(cloud)) as front:
        idle = http.client.HTTPConnection(front.address, timeout=PATIENCE)
        idle.request("GET", "/Count", headers=HOST)
        idle.getresponse().read()
        address = front.endpoint
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=1)
    assert idle.sock is not None
    assert idle.sock.recv(1) == b""
    idle.close()
