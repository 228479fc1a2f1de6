"""The in-process front: what it catches, what its clients see, and that it leaves no trace."""

import io
import threading
from collections.abc import Iterator

import pytest
import requests
from mns.mns_http import MNSHttp

from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.core.dispatch import Dispatcher
from aliyun_fakes.core.faults import Fault, Faults
from aliyun_fakes.core.http import InstanceCrashed
from aliyun_fakes.core.responses_front import ResponsesFront, to_request
from tests.patience import PATIENCE
from tests.unit.aliyun_fakes.core.counter import Counter

URL = "https://counter.aliyuncs.com/Count?a=b%20c"


@pytest.fixture
def dispatcher() -> Dispatcher:
    clock = VirtualClock()
    return Dispatcher([Counter(clock)], clock, Faults())


@pytest.fixture
def _open(dispatcher: Dispatcher) -> Iterator[None]:
    with ResponsesFront(dispatcher):
        yield


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize("url", [URL, URL.replace("https", "http"), "https://counter.aliyuncs.com:443/Count?a=b%20c"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD"])
def test_calls_to_the_vendors_hosts_are_answered_by_the_fakes(dispatcher: Dispatcher, method: str, url: str) -> None:
    reply = requests.request(method, url, timeout=1)
    assert (reply.status_code, reply.headers["X-Count"]) == (200, "1")
    assert dispatcher.log[-1].parameters == {"a": "b c"}


@pytest.mark.usefixtures("_open")
def test_any_other_host_is_unreachable() -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get("https://example.com/", timeout=1)


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize(("kind", "seen"), [("drop", requests.ConnectionError), ("timeout", requests.ReadTimeout)])
def test_a_reply_that_does_not_come_looks_as_it_does_to_requests(
    dispatcher: Dispatcher, kind: str, seen: type[Exception]
) -> None:
    dispatcher.faults.add(Fault("counter", "*", kind))  # type: ignore[arg-type]  # parameter sets are text
    with pytest.raises(seen):
        requests.get(URL, timeout=1)


@pytest.mark.usefixtures("_open")
def test_a_crash_goes_through_whatever_the_client_catches(dispatcher: Dispatcher) -> None:
    dispatcher.faults.add(Fault("counter", "*", "crash"))

    def careful() -> None:
        try:
            requests.get(URL, timeout=1)
        except Exception as error:
            raise AssertionError("a crash was caught") from error

    with pytest.raises(InstanceCrashed):
        careful()


def test_once_closed_everything_is_as_it_was(dispatcher: Dispatcher) -> None:
    before = MNSHttp.send_request, requests.adapters.HTTPAdapter.send
    front = ResponsesFront(dispatcher)
    with front:
        while_open = MNSHttp.send_request, requests.adapters.HTTPAdapter.send
    assert (while_open[0] is before[0], while_open[1] is before[1]) == (False, False)
    assert (MNSHttp.send_request, requests.adapters.HTTPAdapter.send) == before


@pytest.mark.usefixtures("_open")
def test_threads_are_served_side_by_side(dispatcher: Dispatcher) -> None:
    threads = [threading.Thread(target=requests.get, args=(URL,), kwargs={"timeout": 1}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert dispatcher.counts["counter", "Count"] == 8


@pytest.mark.parametrize("body", [b"x=1", "x=1", io.BytesIO(b"x=1")])
def test_a_body_is_bytes_whatever_the_client_gave(body: "bytes | str | io.BytesIO") -> None:
    request = to_request(requests.Request("post", "https://A.aliyuncs.com/p%20q?x=%2F", data=body).prepare())
    assert (request.method, request.host, request.raw_path, request.raw_query) == (
        "POST",
        "a.aliyuncs.com",
        "/p%20q",
        "x=%2F",
    )
    assert request.body == b"x=1"


def test_the_host_header_tells_the_host() -> None:
    prepared = requests.Request("GET", "http://127.0.0.1:99", headers={"Host": "P.log.aliyuncs.com:80"}).prepare()
    request = to_request(prepared)
    assert (request.host, request.raw_path, request.body) == ("p.log.aliyuncs.com", "/", b"")
