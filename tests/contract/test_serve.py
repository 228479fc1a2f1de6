"""``python -m aliyun_fakes serve`` as a process: used by SDKs directly and as a proxy, controlled over HTTP."""

import json
import signal
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
import requests
from alibabacloud_nas20170626.client import Client as NasClient
from alibabacloud_nas20170626.models import (
    CreateRecycleBinDeleteJobRequest,
    ListRecycleBinJobsRequest,
    ListRecycledDirectoriesAndFilesRequest,
)
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from aliyun.log import LogClient, PutLogsRequest
from darabonba.exceptions import UnretryableException
from mns.queue import Message, QueueMeta

from tests.contract.log_item import log_item
from tests.contract.serving import FILE_SYSTEM, Served, assert_refuses, serving
from tests.patience import PATIENCE

FILES = {"top.txt": 3, "a/one.log": 100, "a/b/zwei ü.log": 2000, "c/d/e/three": 0}

T = TypeVar("T")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One process on a virtual clock, its bin filled from a small tree."""
    tree = tmp_path_factory.mktemp("tree")
    for name, size in FILES.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    with serving("--tree", str(tree), "--clock", "virtual", "--seed", "3") as served:
        yield served


@pytest.fixture
def served(process: Served) -> Served:
    """The same process, started over."""
    process.admin("reset", "POST")
    return process


def entries(nas: NasClient, file_id: str = "2") -> list[Any]:
    request = ListRecycledDirectoriesAndFilesRequest(file_system_id=FILE_SYSTEM, file_id=file_id)
    return list(nas.list_recycled_directories_and_files(request).body.entries)


def delete(nas: NasClient, file_id: str) -> str:
    request = CreateRecycleBinDeleteJobRequest(file_system_id=FILE_SYSTEM, file_id=file_id)
    return str(nas.create_recycle_bin_delete_job(request).body.job_id)


def jobs(nas: NasClient) -> list[Any]:
    return list(nas.list_recycle_bin_jobs(ListRecycleBinJobsRequest(file_system_id=FILE_SYSTEM)).body.jobs)


def test_it_says_in_one_line_where_it_is_and_what_it_holds(served: Served) -> None:
    (volume,) = served.ready["file_systems"]
    assert (volume["file_system_id"], volume["bin_bytes"]) == (FILE_SYSTEM, sum(FILES.values()))
    assert volume["bin_entries"] >= len(FILES)
    assert served.ready["admin"] == served.endpoint + "/_fakes/"


def test_the_nas_sdk_lists_the_tree_and_deletes_from_it(served: Served) -> None:
    nas = served.nas()
    (top,) = (entry for entry in entries(nas) if entry.name == "top.txt")
    assert top.size == 3
    job_id = delete(nas, top.file_id)
    assert [(job.id, job.status) for job in jobs(nas)] == [(job_id, "Running")]
    served.admin("clock", "POST", {"advance": 60})
    assert [(job.id, job.status) for job in jobs(nas)] == [(job_id, "Success")]
    assert "top.txt" not in [entry.name for entry in entries(nas)]


def test_the_queue_sdk_sends_and_receives(served: Served) -> None:
    queue = served.queue("work")
    queue.create(QueueMeta())
    queue.send_message(Message("hello", delay_seconds=600))
    assert served.admin("state")["queues"]["work"] == {"active": 0, "inactive": 0, "delayed": 1}
    served.admin("clock", "POST", {"advance": 600})
    assert queue.receive_message().message_body == b"hello"


def write_and_find(served: Served, client: LogClient) -> list[str]:
    client.create_project("audit-project", "")
    client.create_logstore("audit-project", "audit")
    index = SimpleNamespace(
        to_json=lambda: {"line": {"token": [" "]}, "keys": {"id": {"type": "text", "token": [" "]}}}
    )
    client.create_index("audit-project", "audit", index)  # type: ignore[arg-type]  # anything with a body will do
    now = int(served.admin("clock")["now"])
    item = log_item(now, [("id", "1")])
    client.put_logs(PutLogsRequest("audit-project", "audit", "", "test", [item]))
    served.admin("clock", "POST", {"advance": 60})
    found = client.get_log("audit-project", "audit", now, now + 1, query="id: 1")
    return [str(log.get_contents()["id"]) for log in found.get_logs()]


def test_the_log_sdk_writes_and_finds(served: Served) -> None:
    client = served.log_client(served.endpoint)
    vars(client)["_isRowIp"] = True  # keeps the project out of the URL's host
    assert write_and_find(served, client) == ["1"]


def test_sdks_that_name_the_vendors_hosts_reach_it_as_a_proxy(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", served.endpoint)
    monkeypatch.setenv("http_proxy", served.endpoint)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    region = served.ready["region"]
    assert write_and_find(served, served.log_client(f"http://{region}.log.aliyuncs.com")) == ["1"]
    proxied = served.nas(region_id=region, http_proxy=served.endpoint)
    assert "top.txt" in [entry.name for entry in entries(proxied)]


def test_tunnels_are_refused_with_what_to_do_instead(served: Served) -> None:
    host, _, port = served.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(b"CONNECT nas.cn-hangzhou.aliyuncs.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        reply = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    assert reply.startswith("HTTP/1.1 405 ")
    assert "http instead of https" in reply


def test_a_host_that_is_no_service_is_told_what_it_asked_for(served: Served) -> None:
    reply = requests.get(served.endpoint + "/elsewhere", timeout=PATIENCE)
    assert (reply.status_code, reply.json()["Code"]) == (404, "NotInTheFakes")
    assert "GET 127.0.0.1" in reply.json()["Message"]
    assert "/elsewhere" in reply.json()["Message"]


def test_the_state_counts_calls_and_the_requests_can_be_read(served: Served) -> None:
    entries(served.nas())
    jobs(served.nas())
    state = served.admin("state")
    assert state["calls"] == {"nas.ListRecycleBinJobs": 1, "nas.ListRecycledDirectoriesAndFiles": 1}
    assert state["file_systems"] == served.ready["file_systems"]
    (line,) = served.admin("requests?service=nas&operation=ListRecycleBinJobs")["requests"]
    assert (line["parameters"]["FileSystemId"], line["status"]) == (FILE_SYSTEM, 200)
    assert not [secret for secret in served.keys if secret in json.dumps(line)]
    assert len(served.admin("requests?limit=1")["requests"]) == 1


def test_a_reset_brings_back_the_same_bin(served: Served) -> None:
    before = {entry.name: (entry.file_id, entry.size) for entry in entries(served.nas())}
    delete(served.nas(), before["top.txt"][0])
    served.admin("clock", "POST", {"advance": 3600})
    assert served.admin("reset", "POST")["calls"] == {}
    assert {entry.name: (entry.file_id, entry.size) for entry in entries(served.nas())} == before
    assert jobs(served.nas()) == []


def test_a_fault_strikes_as_scheduled_until_it_is_forgotten(served: Served) -> None:
    drop = {"service": "nas", "operation": "ListRecycleBinJobs", "kind": "drop", "times": 0}
    assert served.admin("faults", "POST", drop)["faults"][0]["operation"] == "ListRecycleBinJobs"
    with pytest.raises(UnretryableException):
        jobs(served.nas())
    assert served.admin("faults", "DELETE") == {"faults": []}
    assert jobs(served.nas()) == []


def test_a_fault_can_answer_as_flow_control_would(served: Served) -> None:
    served.admin("faults", "POST", [{"service": "nas", "operation": "*", "kind": "throttle"}])
    with pytest.raises(AlibabaCloudException) as caught:
        jobs(served.nas())
    assert caught.value.code == "Throttling.User"
    assert jobs(served.nas()) == []


@pytest.mark.parametrize(
    ("request_line", "body", "status", "said"),
    [
        ("GET nothing", None, 404, "clock, faults, requests, reset, state"),
        ("GET reset", None, 405, "allowed here: POST"),
        ("POST clock", {"advance": -1}, 400, "a positive number of seconds"),
        ("POST clock", {"advance": "soon"}, 400, "advance: 'soon' is not of type"),
        ("POST clock", {"now": 5}, 400, "'now' is not a field here: advance"),
        ("POST clock", [1], 400, "an object is needed, not list"),
        ("POST faults", {"service": "nas"}, 400, "a fault needs operation, kind"),
        ("POST faults", {"service": "nas", "operation": "*", "kind": "explode"}, 400, "'explode' is not one of"),
        ("POST faults", {"service": "nas", "operation": "*", "kind": "drop", "nth": "2"}, 400, "nth: '2' is not"),
        ("GET requests?limit=0", None, 400, "limit: '0' is not a positive whole number"),
    ],
)
def test_an_admin_request_that_is_wrong_is_told_what_is_allowed(
    served: Served, request_line: str, body: object, status: int, said: str
) -> None:
    method, _, path = request_line.partition(" ")
    assert said in served.admin(path, method, body, status)["error"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_a_signal_and_lets_the_port_go(number: signal.Signals) -> None:
    with serving() as served:
        port = served.endpoint.rpartition(":")[2]
        with requests.Session() as idle:  # a connection kept alive must not hold it up
            idle.get(f"{served.ready['admin']}state", timeout=PATIENCE)
            served.process.send_signal(number)
            assert served.process.wait(PATIENCE) == 0
    with socket.create_server(("127.0.0.1", int(port))):
        pass


def test_a_real_clock_runs_and_cannot_be_advanced() -> None:
    with serving("--clock", "scaled:1000") as served:
        first = served.admin("clock")
        assert (first["kind"], first["speed"]) == ("scaled", 1000.0)
        assert served.admin("clock")["now"] > first["now"]
        assert "only a virtual clock" in served.admin("clock", "POST", {"advance": 5}, 409)["error"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--clock", "fast"), "clock 'fast': allowed are real, virtual, or scaled:SPEED"),
        (("--clock", "scaled:0"), "clock 'scaled:0': allowed are"),
        (("--tree", "/dev/null"), "/dev/null: not a directory"),
        (("--port", "70000"), "port must be 0-65535"),
    ],
)
def test_an_option_that_cannot_be_used_ends_it_with_what_is_wrong(options: tuple[str, ...], said: str) -> None:
    assert_refuses(options, said)


def test_a_port_that_is_taken_ends_it(served: Served) -> None:
    assert_refuses(("--port", served.endpoint.rpartition(":")[2]), "Address already in use")
