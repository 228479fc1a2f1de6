"""The gateway in front of NAS: identities, signatures and its own errors, over both fronts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
import requests

from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.gateway import GatewayError
from aliyun_fakes.nas import NasSettings
from tests.contract.fronts import Front
from tests.contract.nas.raw import Raw, stamp

Request = Callable[[Front, Raw], requests.Response]
TEMPORARY = AccessKey("STS.temporary", "secret", security_token="token")
DISABLED = AccessKey("LTAIdisabled", "secret", active=False)
EXPIRED = replace(TEMPORARY, id="STS.expired", active=False)


def with_key(key: AccessKey, send: Callable[[Raw], requests.Response]) -> Request:
    def request(front: Front, raw: Raw) -> requests.Response:
        front.cloud.keys.add(key)
        return send(raw)

    return request


def with_parameter(name: str, value: str | None) -> Request:
    return lambda _, raw: raw.v2({name: value})


def twice(send: Callable[[Raw, str], requests.Response]) -> Request:
    def request(_: Front, raw: Raw) -> requests.Response:
        assert send(raw, "the-nonce").status_code == 200
        return send(raw, "the-nonce")

    return request


def throttled(front: Front, raw: Raw) -> requests.Response:
    front.cloud.nas.settings = NasSettings(calls_per_minute=1)
    raw.v3()
    return raw.v3()


def failing(code: str) -> Request:
    def request(front: Front, raw: Raw) -> requests.Response:
        kind = GatewayError.table.errors[code]
        front.cloud.faults.add(
            Fault("nas", "*", kind="status", status=kind.status, code=kind.code, message=kind.message)
        )
        return raw.v3()

    return request


def forbidden(front: Front, raw: Raw) -> requests.Response:
    key = AccessKey("LTAIreader", "secret", denied=frozenset({"nas:DescribeFileSystems"}))
    front.cloud.keys.add(key)
    return raw.v3(key=key)


OLD = stamp(datetime.now(tz=timezone.utc) - timedelta(minutes=16))
OLDER = stamp(datetime.now(tz=timezone.utc) - timedelta(minutes=32))

NOT_MATCHED = "Specified signature is not matched with our calculation. server string to sign is"

PROVOCATIONS: dict[tuple[str, str], tuple[int, str, Request]] = {
    ("Throttling.User", ""): (400, "Request was denied due to user flow control.", throttled),
    ("OperationLacking", ""): (
        404,
        "the fake does not have DescribeMountTargets",
        lambda _, raw: raw.v3(headers={"x-acs-action": "DescribeMountTargets"}),
    ),
    ("InvalidApi.NotFound", ""): (
        404,
        "Specified api is not found,please check your url and method.",
        lambda _, raw: raw.v3(headers={"x-acs-action": "EmptyTheBin"}),
    ),
    ("MissingAction", ""): (
        400,
        "Action is mandatory for this action.",
        lambda _, raw: raw.v3(headers={"x-acs-action": None}),
    ),
    ("MissingVersion", ""): (
        400,
        "Version is mandatory for this action.",
        lambda _, raw: raw.v3(headers={"x-acs-version": None}),
    ),
    ("InvalidVersion", ""): (
        400,
        "Specified parameter Version is not valid.",
        lambda _, raw: raw.v3(headers={"x-acs-version": "2017-06-27"}),
    ),
    ("UnsupportedHTTPMethod", ""): (
        400,
        "This http method is not supported.",
        lambda _, raw: raw.v3(method="DELETE"),
    ),
    ("InvalidParameter.Format", ""): (
        400,
        "Specified parameter Format is not valid.",
        lambda _, raw: raw.v3({"Format": "YAML"}),
    ),
    ("InvalidAccessKeyId.NotFound", "v3"): (
        404,
        "Specified access key is not found.",
        lambda _, raw: raw.v3(key=AccessKey("LTAIstranger", "x")),
    ),
    ("InvalidAccessKeyId.NotFound", "v2"): (
        404,
        "Specified access key is not found.",
        lambda _, raw: raw.v2(key=AccessKey("LTAIstranger", "x")),
    ),
    ("InvalidAccessKeyId.Inactive", ""): (
        400,
        "Specified access key is disabled.",
        with_key(DISABLED, lambda raw: raw.v3(key=DISABLED)),
    ),
    ("SignatureDoesNotMatch", "v3"): (
        400,
        NOT_MATCHED,
        lambda _, raw: raw.v3(key=replace(TEST_KEY, secret="wrong")),
    ),
    ("SignatureDoesNotMatch", "v2"): (
        400,
        NOT_MATCHED,
        lambda _, raw: raw.v2(key=replace(TEST_KEY, secret="wrong")),
    ),
    ("SignatureDoesNotMatch", "v3-header-changed"): (
        400,
        NOT_MATCHED,
        lambda _, raw: raw.v3(unsigned={"x-acs-action": "ListTagResources"}),
    ),
    ("SignatureDoesNotMatch", "v3-header-added"): (
        400,
        NOT_MATCHED,
        lambda _, raw: raw.v3(unsigned={"x-acs-security-token-type": "x"}),
    ),
    ("SignatureDoesNotMatch", "v3-body-unlike-its-hash"): (
        400,
        NOT_MATCHED,
        lambda _, raw: raw.v3(method="POST", form={"PageSize": "1"}, headers={"x-acs-content-sha256": "0" * 64}),
    ),
    ("SignatureDoesNotMatch", "v2-parameter-changed"): (
        400,
        NOT_MATCHED,
        lambda _, raw: raw.v2({"PageSize": "10"}, unsigned={"PageSize": "11"}),
    ),
    ("SignatureNonceUsed", "v3"): (
        400,
        "Specified signature nonce was used already.",
        twice(lambda raw, nonce: raw.v3(headers={"x-acs-signature-nonce": nonce})),
    ),
    ("SignatureNonceUsed", "v2"): (
        400,
        "Specified signature nonce was used already.",
        twice(lambda raw, nonce: raw.v2({"SignatureNonce": nonce})),
    ),
    ("InvalidTimeStamp.Format", "v3"): (
        400,
        "Specified time stamp or date value is not well formatted.",
        lambda _, raw: raw.v3(headers={"x-acs-date": "yesterday"}),
    ),
    ("InvalidTimeStamp.Format", "v2"): (
        400,
        "Specified time stamp or date value is not well formatted.",
        lambda _, raw: raw.v2({"Timestamp": "2021-01-01"}),
    ),
    ("InvalidTimeStamp.Expired", "v3"): (
        400,
        "Specified time stamp or date value is expired.",
        lambda _, raw: raw.v3(headers={"x-acs-date": OLD}),
    ),
    ("InvalidTimeStamp.Expired", "v2"): (
        400,
        "Specified time stamp or date value is expired.",
        lambda _, raw: raw.v2({"Timestamp": OLDER}),
    ),
    ("MissingAccessKeyId", ""): (
        400,
        "AccessKeyId is mandatory for this action.",
        lambda _, raw: raw.send("GET", {"Action": "DescribeFileSystems", "Version": "2017-06-26"}, {}, {}),
    ),
    **{
        (f"Missing{name}", ""): (
            400,
            f"{name} is mandatory for this action.",
            with_parameter(name, None),
        )
        for name in ("SignatureNonce", "SignatureMethod", "SignatureVersion", "Timestamp")
    },
    ("MissingSignature", ""): (
        400,
        "Signature is mandatory for this action.",
        lambda _, raw: raw.v2(unsigned={"Signature": ""}),
    ),
    **{
        (f"Invalid{name}", ""): (
            400,
            f"Specified parameter {name} is not valid.",
            with_parameter(name, "2.0"),
        )
        for name in ("SignatureMethod", "SignatureVersion")
    },
    ("IncompleteSignature", ""): (
        400,
        "The request signature does not conform to Aliyun standards.",
        lambda _, raw: raw.v3(unsigned={"authorization": "Basic Zm9vOmJhcg=="}),
    ),
    ("MissingSecurityToken", ""): (
        400,
        "SecurityToken is mandatory for this action.",
        with_key(TEMPORARY, lambda raw: raw.v3(key=TEMPORARY)),
    ),
    ("InvalidSecurityToken.MismatchWithAccessKey", ""): (
        400,
        "Specified SecurityToken mismatch with the AccessKey.",
        with_key(TEMPORARY, lambda raw: raw.v3(key=TEMPORARY, headers={"x-acs-security-token": "old"})),
    ),
    ("InvalidSecurityToken.Expired", ""): (
        400,
        "Specified SecurityToken is expired.",
        with_key(EXPIRED, lambda raw: raw.v3(key=EXPIRED, headers={"x-acs-security-token": "token"})),
    ),
    ("Forbidden.RAM", ""): (
        403,
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
        forbidden,
    ),
    ("InternalError", ""): (
        500,
        "The request processing has failed due to some unknown error.",
        failing("InternalError"),
    ),
    ("ServiceUnavailable", ""): (
        503,
        "The request has failed due to a temporary failure of the server.",
        failing("ServiceUnavailable"),
    ),
    ("ServiceTimeout", ""): (504, "The request processing has timed out.", failing("ServiceTimeout")),
}


def test_every_error_of_the_gateway_is_provoked_and_no_other() -> None:
    assert GatewayError.table.errors.keys() == {code for code, _ in PROVOCATIONS}


@pytest.mark.parametrize(("code", "how"), sorted(PROVOCATIONS), ids="-".join)
def test_the_gateway_answers_the_error(code: str, how: str, front: Front, raw: Raw) -> None:
    status, message, request = PROVOCATIONS[code, how]
    reply = request(front, raw)
    body = reply.json()
    assert (reply.status_code, body["Code"]) == (status, GatewayError.table.errors[code].code)
    said, _, signed = body["Message"].partition(":")
    assert said == message
    assert signed.startswith(("ACS3-HMAC-SHA256\n", "GET&%2F&")) if message == NOT_MATCHED else not signed
    assert body["HostId"] == raw.host.partition(":")[0]
    assert body["RequestId"] in body["Recommend"]


def test_a_date_within_the_window_passes(raw: Raw) -> None:
    now = datetime.now(tz=timezone.utc)
    assert raw.v3(headers={"x-acs-date": stamp(now - timedelta(minutes=14))}).status_code == 200
    assert raw.v3(headers={"x-acs-date": stamp(now + timedelta(minutes=14))}).status_code == 200
    assert raw.v2({"Timestamp": stamp(now - timedelta(minutes=30))}).status_code == 200


def test_freshness_is_judged_by_the_machines_clock_not_by_the_fakes(front: Front, raw: Raw) -> None:
    front.clock.sleep(10 * 86_400)
    assert raw.v3().status_code == 200


def test_a_request_that_was_refused_does_not_use_its_nonce_up(raw: Raw) -> None:
    headers = {"x-acs-signature-nonce": "again"}
    assert raw.v3(headers=headers, key=replace(TEST_KEY, secret="wrong")).status_code == 400
    assert raw.v3(headers=headers).status_code == 200
