"""Bodies that no client means to send: each service refuses them in its own words."""

from email.utils import formatdate

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, REGION, FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY
from aliyun_fakes.core.http import Headers, Request, read_json
from aliyun_fakes.smq.errors import SmqError
from aliyun_fakes.smq.wire import parse

HOSTS = {
    "nas": (f"nas.{REGION}.aliyuncs.com", "/"),
    "sls": (f"project.{REGION}.log.aliyuncs.com", "/logstores/audit/index"),
    "smq": (f"{ACCOUNT_ID}.mns.{REGION}.aliyuncs.com", "/queues/work/messages"),
    "fc": (f"{ACCOUNT_ID}.{REGION}.fc.aliyuncs.com", "/2023-03-30/functions/sweep/invocations"),
    "smq_control": (f"mns-open.{REGION}.aliyuncs.com", "/"),
}
BODIES = {
    "not utf-8": b"\xff\xfe\x00",
    "byte-order mark": b"\xef\xbb\xbf{}",
    "deep json": b"[" * 100_000,
    "deep xml": b"<a>" * 100_000,
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?><Message/>',
}
TYPES = ("application/json", "application/x-www-form-urlencoded", "text/xml")


@pytest.mark.parametrize("service", HOSTS)
@pytest.mark.parametrize("body", BODIES)
def test_an_odd_body_is_refused_and_never_the_fakes_own_failure(service: str, body: str) -> None:
    host, path = HOSTS[service]
    dispatch = FakeCloud().dispatcher.dispatch
    for content_type in TYPES:
        headers = Headers.of({"host": host, "content-type": content_type})
        reply = dispatch(Request("POST", host, path, headers=headers, body=BODIES[body]))
        assert 400 <= reply.status < 500, (content_type, reply)


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", BODIES["deep json"], b"{"])
def test_json_that_cannot_be_read_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"deep|codec|Expecting"):
        read_json(body)


def test_json_may_begin_with_a_byte_order_mark() -> None:
    assert read_json(BODIES["byte-order mark"]) == {}


@pytest.mark.parametrize("body", BODIES)
def test_xml_that_cannot_be_read_is_malformed(body: str) -> None:
    with pytest.raises(SmqError, match="MalformedXML"):
        parse(BODIES[body], "Message")


def test_a_signature_beyond_ascii_is_a_wrong_one() -> None:
    headers = Headers.of({"x-log-apiversion": "0.6.0", "authorization": f"LOG {TEST_KEY.id}:\u00fc"})
    headers |= {"x-log-signaturemethod": "hmac-sha1", "x-log-bodyrawsize": "0", "date": formatdate(usegmt=True)}
    reply = FakeCloud().dispatcher.dispatch(Request("GET", HOSTS["sls"][0], "/logstores", headers=Headers(headers)))
    assert (reply.status, b"SignatureNotMatch" in reply.body) == (401, True)
