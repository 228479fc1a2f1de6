"""Keys, signatures and permissions through the official SDK."""

from dataclasses import replace

import pytest
from aliyun.log import LogClient, LogException, PutLogsRequest

from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from tests.contract.fronts import Front
from tests.contract.log_item import log_item

PROJECT = "audit-project"


@pytest.fixture(params=["v1", "v4"])
def auth_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refusal(client: LogClient) -> tuple[int, str, str]:
    with pytest.raises(LogException) as caught:
        client.get_project(PROJECT)
    return caught.value.get_resp_status(), caught.value.get_error_code(), caught.value.get_error_message()


def test_a_key_nobody_knows_is_refused(front: Front, auth_version: str) -> None:
    client = front.log_client(key=AccessKey("LTAIstranger", "x"), auth_version=auth_version)
    assert refusal(client) == (401, "Unauthorized", "AccessKeyId not found: LTAIstranger")


def test_a_wrong_secret_does_not_match(front: Front, auth_version: str) -> None:
    status, code, message = refusal(front.log_client(key=replace(TEST_KEY, secret="wrong"), auth_version=auth_version))
    assert (status, code) == (401, "SignatureNotMatch")
    assert message.startswith("signature ")
    assert message.endswith(" not match")
    assert TEST_KEY.secret not in message


def test_a_disabled_key_is_refused(front: Front, auth_version: str) -> None:
    key = AccessKey("LTAIdisabled", "secret", active=False)
    front.cloud.keys.add(key)
    assert refusal(front.log_client(key=key, auth_version=auth_version)) == (
        401,
        "Unauthorized",
        "AccessKeyId is disabled: LTAIdisabled",
    )


def test_a_temporary_key_works_with_its_token_only(front: Front, auth_version: str) -> None:
    front.cloud.sls.create_project(PROJECT)
    key = AccessKey("STS.temporary", "secret", security_token="token")
    front.cloud.keys.add(key)
    assert front.log_client(key=key, auth_version=auth_version).get_project(PROJECT).get_projectname() == PROJECT
    stale = front.log_client(key=replace(key, security_token="old"), auth_version=auth_version)
    assert refusal(stale) == (401, "Unauthorized", "The security token you provided is invalid.")


def test_what_a_key_may_not_do_is_refused_by_action_and_resource(front: Front, auth_version: str) -> None:
    key = AccessKey("LTAIwriter", "secret", allowed=frozenset({"log:PostLogStoreLogs"}))
    front.cloud.keys.add(key)
    front.cloud.sls.create_project(PROJECT)
    front.cloud.sls.create_logstore(PROJECT, "audit", index=True)
    client = front.log_client(key=key, auth_version=auth_version)
    item = log_item(front.cloud.clock.now(), [("id", "1")])
    client.put_logs(PutLogsRequest(PROJECT, "audit", "", "", [item]))
    with pytest.raises(LogException) as caught:
        client.get_log(PROJECT, "audit", 1, 2)
    assert caught.value.get_resp_status() == 401
    assert caught.value.get_error_message() == (
        "denied by sts or ram, action: log:GetLogStoreLogs, "
        "resource: acs:log:cn-hangzhou:1234567890123456:project/audit-project/logstore/audit"
    )


def test_signatures_hold_for_text_that_urls_must_escape(front: Front, auth_version: str) -> None:
    front.cloud.sls.create_project(PROJECT)
    front.cloud.sls.create_logstore(PROJECT, "audit", index=True)
    client = front.log_client(auth_version=auth_version)
    vars(client)["_get_logs_v2_enabled"] = False  # the SDK's only way to the older form
    now = int(front.cloud.clock.now())
    reply = client.get_log(PROJECT, "audit", now, now + 1, query='path: "/a b/~c+ü" and not x: 1*', topic="t & t")
    assert reply.get_count() == 0
