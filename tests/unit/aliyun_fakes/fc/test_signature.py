"""The request signature of Function Compute 2.0, by hand: what no SDK would send."""

from email.utils import formatdate
from urllib.parse import unquote

import pytest
from fc2.auth import Auth

from aliyun_fakes.core.credentials import AccessKey, AccessKeys
from aliyun_fakes.core.http import Headers, Request, Response
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.core.signatures.fc import sign, verify
from aliyun_fakes.core.signatures.refusal import ALLOWED_SKEW, SignatureRefused
from aliyun_fakes.fc import FcService
from tests.unit.aliyun_fakes.fc.stage import START, Stage

KEY = AccessKey("LTAIkey", "secret")
STS = AccessKey("STS.key", "secret", "token")
KEYS = AccessKeys([KEY, STS])
PATH = "/2016-08-15/services/toys/functions/plain/invocations"


def request(at: float = START, **headers: str) -> Request:
    """A signed request; a header given as "" is left out after signing, any other replaces the signed one."""
    named = Headers.of({"date": formatdate(at, usegmt=True), "x-fc-trace-id": "t", "content-type": "text/plain"})
    bare = Request("POST", "host", PATH, headers=named)
    named = Headers.of(named | {"authorization": f"FC {KEY.id}:{sign(bare, KEY.secret)}"})
    changed = named | {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "host", PATH, headers=Headers.of({name: value for name, value in changed.items() if value}))


def refusal(bad: Request) -> tuple[str, str]:
    with pytest.raises(SignatureRefused) as refused:
        verify(bad, KEYS, START)
    return refused.value.code, refused.value.subject


@pytest.mark.parametrize("path", [PATH, "/2016-08-15/services/s/functions/a%20b/invocations"])
def test_the_signature_is_that_of_the_sdk(path: str) -> None:
    headers = {"date": "Wed, 01 Jan 2025 00:00:00 GMT", "content-md5": "m", "x-fc-b": "2", "X-Fc-A": "1", "other": "x"}
    theirs = Auth(KEY.id, KEY.secret, "").sign_request("POST", unquote(path), headers)
    assert theirs == f"FC {KEY.id}:{sign(Request('POST', 'host', path, headers=Headers.of(headers)), KEY.secret)}"


def test_a_signed_request_names_its_key() -> None:
    assert verify(request(), KEYS, START) is KEY


@pytest.mark.parametrize("skew", [-ALLOWED_SKEW, ALLOWED_SKEW])
def test_a_date_may_be_a_quarter_of_an_hour_off(skew: float) -> None:
    assert verify(request(START + skew), KEYS, START) is KEY
    assert refusal(request(START + skew * 1.01))[0] == "AccessDenied"


def test_a_missing_header_is_named() -> None:
    assert refusal(request(authorization="")) == ("MissingRequiredHeader", "authorization")
    assert refusal(request(date="")) == ("MissingRequiredHeader", "date")


def test_what_was_changed_after_signing_does_not_match() -> None:
    assert refusal(request(x_fc_trace_id="other"))[0] == "SignatureNotMatch"
    assert refusal(request(content_type="application/json"))[0] == "SignatureNotMatch"
    assert refusal(request(x_fc_more="1"))[0] == "SignatureNotMatch"


@pytest.mark.parametrize("authorization", ["FC", "FC LTAIkey", "Bearer LTAIkey:x", "FC LTAIkey:"])
def test_another_scheme_does_not_match(authorization: str) -> None:
    assert refusal(request(authorization=authorization))[0] == "SignatureNotMatch"


def test_a_key_is_told_apart_from_its_token() -> None:
    assert refusal(request(authorization="FC LTAInobody:x")) == ("InvalidAccessKeyID", "LTAInobody")
    assert refusal(request(authorization="FC STS.key:x")) == ("AccessDenied", "STS.key")
    assert refusal(request(x_fc_security_token="token")) == ("AccessDenied", "LTAIkey")


@pytest.mark.parametrize(
    ("bad", "status", "code"),
    [
        (request(date=""), 400, "MissingRequiredHeader"),
        (request(START - 1000), 403, "AccessDenied"),
        (request(date="yesterday"), 403, "SignatureNotMatch"),
        (request(x_fc_trace_id="other"), 403, "SignatureNotMatch"),
    ],
)
def test_the_service_says_what_is_wrong(bad: Request, status: int, code: str) -> None:
    service = FcService(KEYS, Ids(0), Stage().host, wall_clock=lambda: START)
    answer = service.handle(bad)
    assert isinstance(answer, Response)
    assert answer.status == status
    assert f'"ErrorCode": "{code}"' in answer.body.decode()


def test_a_date_that_is_none_is_refused_even_when_signed() -> None:
    headers = Headers.of({"date": "yesterday"})
    signature = sign(Request("POST", "host", PATH, headers=headers), KEY.secret)
    headers = Headers.of(headers | {"authorization": f"FC {KEY.id}:{signature}"})
    assert refusal(Request("POST", "host", PATH, headers=headers)) == ("AccessDenied", "yesterday")
