"""The gateway's memory of nonces; everything else about signatures is tried over the wire."""

import base64
import hashlib
import hmac
from urllib.parse import quote, urlencode

import pytest

from aliyun_fakes.core.credentials import TEST_KEY, AccessKeys
from aliyun_fakes.core.http import Request
from aliyun_fakes.core.signatures.acs import AcsVerifier
from aliyun_fakes.core.signatures.refusal import SignatureRefused

NOW = 1_790_000_000.0
STAMP = "2026-09-21T14:13:20Z"


def signed(nonce: str, stamp: str = STAMP) -> Request:
    """A request signed with HMAC-SHA1."""
    parameters = {
        "AccessKeyId": TEST_KEY.id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": nonce,
        "SignatureVersion": "1.0",
        "Timestamp": stamp,
    }
    query = urlencode(parameters, quote_via=quote)
    digest = hmac.new(
        f"{TEST_KEY.secret}&".encode(), f"GET&%2F&{quote(query, safe='')}".encode(), hashlib.sha1
    ).digest()
    signature = quote(base64.b64encode(digest), safe="")
    return Request("GET", "nas.cn-hangzhou.aliyuncs.com", "/", f"{query}&Signature={signature}")


def test_a_nonce_is_remembered_among_the_newest_only() -> None:
    verifier = AcsVerifier(AccessKeys(), wall_clock=lambda: NOW, remembered=2)
    for nonce in "abc":
        assert verifier.verify(signed(nonce)) == TEST_KEY
    for nonce in "bc":
        with pytest.raises(SignatureRefused, match="SignatureNonceUsed"):
            verifier.verify(signed(nonce))
    assert verifier.verify(signed("a")) == TEST_KEY


@pytest.mark.parametrize(("stamp", "passes"), [("2026-09-21T13:42:20Z", True), ("2026-09-21T13:42:19Z", False)])
def test_a_legacy_timestamp_lives_31_minutes(stamp: str, *, passes: bool) -> None:
    verifier = AcsVerifier(AccessKeys(), wall_clock=lambda: NOW)
    if passes:
        assert verifier.verify(signed("a", stamp)) == TEST_KEY
    else:
        with pytest.raises(SignatureRefused, match=r"InvalidTimeStamp\.Expired"):
            verifier.verify(signed("a", stamp))
