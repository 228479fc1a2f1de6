# ruff: noqa: SLF001 - http.client tells nobody where a tunnel goes
"""The queue SDK goes through the proxy that the environment names, as the other SDKs do."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from functions.retention.cloud.settings import Credentials, Settings
from functions.retention.cloud.smq import queue_account

HOST = "1234567890123456.mns.cn-hangzhou.aliyuncs.com"
SETTINGS = Settings(
    region="cn-hangzhou",
    account_id="1234567890123456",
    credentials=Credentials("id", "secret"),
    work_queue="work",
    dead_letter_queue="dead",
    sls_project="project",
    sls_logstore="audit",
    sls_endpoint="https://sls",
    smq_endpoint=f"https://{HOST}",
    nas_endpoint=None,
    policies_file=Path("policies.yaml"),
    concurrent_invocations=1,
)


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the variables that a test sets; `urllib` reads those of the process."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_https_is_tunnelled_with_the_users_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://ann:p%40ss@proxy.example:3128")
    connection = queue_account(SETTINGS).mns_client.http.conn
    assert (connection.host, connection.port) == ("proxy.example", 3128)
    assert (connection._tunnel_host, connection._tunnel_port) == (HOST, 443)
    sign_in = connection._tunnel_headers["Proxy-Authorization"]
    assert base64.b64decode(sign_in.removeprefix("Basic ")) == b"ann:p@ss"


def test_without_a_proxy_the_host_itself_is_asked() -> None:
    connection = queue_account(SETTINGS).mns_client.http.conn
    assert (connection.host, connection._tunnel_host) == (HOST, None)


def test_no_proxy_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", ".aliyuncs.com")
    assert queue_account(SETTINGS).mns_client.http.conn.host == HOST


def test_plain_http_names_the_host_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    connection = queue_account(replace(SETTINGS, smq_endpoint=f"http://{HOST}")).mns_client.http.conn
    sent: list[str] = []
    connection.putrequest = lambda method, url, **_: sent.append(f"{method} {url}")
    connection.putheader = connection.endheaders = lambda *_, **__: None
    connection.request("GET", "/queues/work")
    assert (connection.host, connection.port) == ("proxy.example", 3128)
    assert sent == [f"GET http://{HOST}/queues/work"]
