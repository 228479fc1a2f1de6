"""What the official SDK never sends, sent by hand over both fronts: each is refused as documented."""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests

from aliyun_fakes.cloud import ACCOUNT_ID, REGION
from aliyun_fakes.core.credentials import TEST_KEY
from aliyun_fakes.core.http import Headers, Request
from aliyun_fakes.core.signatures.queue import sign
from aliyun_fakes.smq.wire import NAMESPACE
from tests.contract.fronts import Front
from tests.patience import PATIENCE

MESSAGES = "/queues/work/messages"
XML = f'<Message xmlns="{NAMESPACE}"><MessageBody>eA==</MessageBody></Message>'


@dataclass
class Sent:
    """A request by hand: what goes out, and what is changed after it was signed."""

    method: str
    path: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    altered: Mapping[str, str | None] = field(default_factory=dict)

    def over(self, front: Front) -> requests.Response:
        endpoint = front.server.endpoint if front.server else f"https://{ACCOUNT_ID}.mns.{REGION}.aliyuncs.com"
        parts = urlsplit(self.path)
        headers = Headers.of({"date": formatdate(usegmt=True), "x-mns-version": "2015-06-06", **self.headers})
        request = Request(self.method, "", parts.path, parts.query, headers, self.body.encode())
        headers["authorization"] = f"MNS {TEST_KEY.id}:{sign(request, TEST_KEY.secret)}"
        final = {name: value for name, value in (headers | dict(self.altered)).items() if value is not None}
        return requests.request(
            self.method, endpoint + self.path, data=self.body.encode() or None, headers=final, timeout=PATIENCE
        )


@pytest.fixture(autouse=True)
def _queue(front: Front) -> None:
    front.cloud.smq.create_queue("work")


def problem(reply: requests.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal that has every element the documentation names."""
    fields = {element.tag.removeprefix(f"{{{NAMESPACE}}}"): element.text or "" for element in ET.fromstring(reply.text)}  # noqa: S314 - the fake's own
    assert fields.keys() == {"Code", "Message", "RequestId", "HostId"}
    assert fields["RequestId"] == reply.headers["x-mns-request-id"]
    return reply.status_code, fields["Code"], fields["Message"]


def test_a_request_signed_by_hand_is_taken(front: Front) -> None:
    assert Sent("POST", MESSAGES, XML).over(front).status_code == 201


@pytest.mark.parametrize(
    ("altered", "status", "code"),
    [
        ({"authorization": None}, 400, "MissingAuthorizationHeader"),
        ({"authorization": "MNS"}, 400, "InvalidAuthorizationHeader"),
        ({"authorization": "Basic eA=="}, 400, "InvalidAuthorizationHeader"),
        ({"date": None}, 400, "MissingDateHeader"),
        ({"date": "yesterday"}, 400, "InvalidDateHeader"),
        ({"date": formatdate(time.time() - 16 * 60, usegmt=True)}, 408, "TimeExpired"),
        ({"x-mns-added": "later"}, 403, "SignatureDoesNotMatch"),
    ],
)
def test_a_request_that_is_not_signed_right_is_refused(
    front: Front, altered: dict[str, str | None], status: int, code: str
) -> None:
    assert problem(Sent("POST", MESSAGES, XML, altered=altered).over(front))[:2] == (status, code)
    assert front.cloud.smq.queue("work").messages() == []


@pytest.mark.parametrize("digest", [base64.b64encode(hashlib.md5(b"other").digest()).decode(), "no base64"])  # noqa: S324 - the wire's
def test_a_wrong_digest_is_refused(front: Front, digest: str) -> None:
    assert problem(Sent("POST", MESSAGES, XML, {"content-md5": digest}).over(front))[:2] == (400, "InvalidDegist")


def test_the_documented_form_of_the_digest_is_taken(front: Front) -> None:
    digest = base64.b64encode(hashlib.md5(XML.encode()).digest()).decode()  # noqa: S324 - the wire's
    assert Sent("POST", MESSAGES, XML, {"content-md5": digest}).over(front).status_code == 201


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("<Message>", "MalformedXML", "not well-formed"),
        ('<!DOCTYPE x [<!ENTITY e "x">]><Message/>', "MalformedXML", "not well-formed"),
        ("<Letter/>", "InvalidArgument", "cause by Letter"),
        ("<Message/>", "InvalidArgument", "cause by MessageBody"),
        ("<Message><Colour>red</Colour></Message>", "InvalidArgument", "cause by Colour"),
        ("<Message><MessageBody/></Message>", "InvalidArgument", "between 1 and 65536"),
        (
            "<Message><MessageBody>x</MessageBody><DelaySeconds>soon</DelaySeconds></Message>",
            "InvalidArgument",
            "604800",
        ),
        ("<Messages/>", "InvalidArgument", "between 1 and 16"),
        ("<Messages><Letter/></Messages>", "InvalidArgument", "cause by Letter"),
    ],
)
def test_a_body_that_is_not_right_is_refused_with_what_is_wrong(front: Front, body: str, code: str, said: str) -> None:
    status, told, message = problem(Sent("POST", MESSAGES, body).over(front))
    assert (status, told) == (400, code)
    assert said in message


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"{MESSAGES}?colour=red", "InvalidQueryString"),
        ("GET", "/queues/work/letters", "InvalidRequestURL"),
        ("POST", "/queues", "InvalidRequestURL"),
        ("DELETE", MESSAGES, "MissingReceiptHandle"),
        ("PUT", f"{MESSAGES}?visibilityTimeout=1", "MissingReceiptHandle"),
        ("PUT", f"{MESSAGES}?receiptHandle=8-eA==", "MissingVisibilityTimeout"),
        ("GET", f"{MESSAGES}?waitseconds=long", "InvalidArgument"),
    ],
)
def test_a_url_that_is_not_right_is_refused(front: Front, method: str, path: str, code: str) -> None:
    assert problem(Sent(method, path).over(front))[:2] == (400, code)


def test_names_in_a_query_count_in_any_case(front: Front) -> None:
    queue = front.cloud.smq.queue("work")
    queue.send("eA==")
    (message,) = queue.receive()
    reply = Sent("DELETE", f"{MESSAGES}?receiptHandle={message.receipt_handle}").over(front)
    assert reply.status_code == 204
    assert queue.messages() == []


def test_a_batch_is_refused_as_a_whole_where_the_switch_says_so(front: Front) -> None:
    smq = front.cloud.smq
    smq.settings = replace(smq.settings, partial_batches=False)
    bad = "<Message><MessageBody>eA==</MessageBody><Priority>99</Priority></Message>"
    body = f"<Messages><Message><MessageBody>eA==</MessageBody></Message>{bad}</Messages>"
    assert problem(Sent("POST", MESSAGES, body).over(front))[:2] == (400, "InvalidArgument")
    assert smq.queue("work").messages() == []


def test_more_long_polls_than_may_wait_are_answered_at_once(front: Front) -> None:
    smq = front.cloud.smq
    smq.settings = replace(smq.settings, long_polls=0)
    before = front.clock.now()
    assert problem(Sent("GET", f"{MESSAGES}?waitseconds=30").over(front))[1] == "MessageNotExist"
    assert front.clock.now() - before < 1
