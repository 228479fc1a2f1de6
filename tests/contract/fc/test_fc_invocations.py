"""Invocations through aliyun-fc2 (2016-08-15) and alibabacloud-fc20230330, over both fronts."""

import base64
import json
import logging
import os
from pathlib import Path

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.core.real_clock import RealClock
from aliyun_fakes.fc import FunctionHost
from aliyun_fakes.server.admin import Admin
from aliyun_fakes.server.front import ServerFront
from tests.contract.fc.sdks import Api, Fc3Aiohttp, Invoker, Refused, deploy_toys, invoker
from tests.contract.fronts import Front
from tests.unit.aliyun_fakes.fc.stage import rewritten, unhurried

ASYNC = {"x-fc-invocation-type": "Async"}
LARGEST = 32 * 1024 * 1024


def deed(do: str, seconds: float = 0) -> bytes:
    return json.dumps({"do": do, "seconds": seconds}).encode()


def test_a_synchronous_invocation_answers_what_the_handler_returned(invoke: Invoker, host: FunctionHost) -> None:
    reply = invoke("plain", "grüße".encode())
    (record,) = host.invocations
    assert json.loads(reply.body)["event"] == "grüße"
    assert reply.body == record.payload
    assert reply.headers["x-fc-request-id"] == record.request_id
    assert "x-fc-error-type" not in reply.headers


def test_a_handler_finds_its_environment_in_its_process(invoke: Invoker, host: FunctionHost) -> None:
    before, level = os.environ, logging.getLogger().level
    first, second = invoke("process"), invoke("process")
    found = json.loads(first.body)
    assert (found["GREETING"], found["FC_FUNCTION_NAME"], found["changed"]) == ("hello", "process", "changed")
    assert (found["key_id"], found["home"]) == (TEST_KEY.id, False)
    assert found["FC_INSTANCE_ID"] == first.headers["x-fc-instance-id"] == second.headers["x-fc-instance-id"]
    assert first.headers["x-fc-code-checksum"] == host.package.look()[1]
    assert (os.environ is before, logging.getLogger().level) == (True, level)
    assert "GREETING" not in os.environ


def test_info_is_in_the_log_of_an_invocation(invoke: Invoker) -> None:
    reply = invoke("process", b"12345", headers={"x-fc-log-type": "Tail"})
    assert "[INFO] process was called with 5 bytes" in base64.b64decode(reply.headers["x-fc-log-result"]).decode()


@pytest.mark.parametrize(("do", "body"), [("bytes", b"\x00\x01"), ("text", "grüße".encode()), ("none", b"null")])
def test_an_answer_crosses_the_wire_unchanged(invoke: Invoker, do: str, body: bytes) -> None:
    assert invoke("act", deed(do)).body == body


def test_the_caller_waits_as_long_as_the_function_takes(front: Front, invoke: Invoker) -> None:
    before = front.clock.now()
    reply = invoke("act", deed("none", seconds=20))
    assert 20 <= front.clock.now() - before <= 20 + 2 + 0.2
    assert reply.headers["x-fc-invocation-duration"] == "20000"


def test_a_function_error_is_a_reply_in_3_0_and_an_exception_in_2_0(api: Api, invoke: Invoker) -> None:
    if api == "fc3":
        reply = invoke("act", deed("raise"))
        assert (reply.status, reply.headers["x-fc-error-type"]) == (200, "UnhandledInvocationError")
        error = json.loads(reply.body)
    else:
        with pytest.raises(Refused) as raised:
            invoke("act", deed("raise"))
        assert raised.value.status == 200
        error = json.loads(raised.value.message)
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "told to")
    assert [frame[2] for frame in error["stackTrace"]] == ["in act", "in <lambda>", "in _raise"]


@pytest.mark.parametrize(
    ("order", "part"),
    [
        (deed("crash"), "Process exited unexpectedly"),
        (deed("exit"), "Process exited unexpectedly"),
        (deed("none", seconds=31), "Function time out after 30 seconds"),
    ],
)
def test_an_instance_that_dies_is_told_as_an_error(front: Front, host: FunctionHost, order: bytes, part: str) -> None:
    reply = invoker("fc3", front)("act", order)
    assert reply.headers["x-fc-error-type"] == "UnhandledInvocationError"
    assert json.loads(reply.body)["errorMessage"].startswith(part)
    assert len(host.invocations) == 1


def test_the_log_comes_along_when_asked_for(invoke: Invoker) -> None:
    reply = invoke("echo", headers={"x-fc-log-type": "Tail"})
    log = base64.b64decode(reply.headers["x-fc-log-result"]).decode()
    assert log.startswith("FC Invoke Start RequestId: " + reply.headers["x-fc-request-id"])
    assert "echo was called" in log
    assert "x-fc-log-result" not in invoke("echo").headers


def test_an_asynchronous_invocation_is_accepted_at_once_and_runs_later(invoke: Invoker, host: FunctionHost) -> None:
    reply = invoke("act", deed("text", seconds=10), headers=ASYNC)
    assert (reply.status or 202, reply.body, host.invocations) == (202, b"", [])
    host.run_until_idle()
    (record,) = host.invocations
    assert (record.request_id, record.payload) == (reply.headers["x-fc-request-id"], "grüße".encode())


def test_an_asynchronous_invocation_is_tried_again(invoke: Invoker, host: FunctionHost) -> None:
    invoke("task", deed("fail-first"), headers=ASYNC)
    host.run_until_idle()
    assert [(record.attempt, record.outcome) for record in host.invocations] == [(0, "error"), (1, "success")]


def test_an_asynchronous_invocation_can_be_delayed(front: Front, invoke: Invoker, host: FunctionHost) -> None:
    before = front.clock.now()
    invoke("act", deed("none"), headers=ASYNC | {"x-fc-async-delay": "90"})
    host.run_until_idle()
    assert host.invocations[0].start - before == pytest.approx(92, abs=0.2)


@pytest.mark.parametrize("header", ["x-fc-async-task-id", "x-fc-stateful-async-invocation-id"])
def test_a_task_id_is_taken_once(invoke: Invoker, host: FunctionHost, header: str) -> None:
    invoke("task", deed("text"), headers=ASYNC | {header: "run-1"})
    with pytest.raises(Refused) as refused:
        invoke("task", deed("text"), headers=ASYNC | {header: "run-1"})
    assert (refused.value.status, refused.value.code) == (409, "StatefulAsyncInvocationAlreadyExists")
    host.run_until_idle()
    assert host.task_status("task", "run-1") == "Succeeded"
    assert len(host.invocations) == 1


def test_a_payload_may_have_128_kilobytes_asynchronously(invoke: Invoker) -> None:
    with pytest.raises(Refused) as refused:
        invoke("plain", b"x" * 131_073, headers=ASYNC)
    assert refused.value.code == "EntityTooLarge"
    assert invoke("plain", b"x" * 131_072, headers=ASYNC).body == b""


def test_a_payload_may_have_32_megabytes_synchronously(front: Front, host: FunctionHost) -> None:
    """By the older SDK only: the newer one joins a body by kilobytes and was not through in ten minutes."""
    with pytest.raises(Refused) as refused:
        invoker("fc2", front)("plain", b"x" * (LARGEST + 1))
    assert refused.value.code == "EntityTooLarge"
    assert host.invocations == []


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({"x-fc-invocation-type": "Later"}, "'Later' is not Sync or Async"),
        ({"x-fc-log-type": "All"}, "'All' is not None or Tail"),
        (ASYNC | {"x-fc-async-delay": "3601"}, "not between 0 and 3600"),
        (ASYNC | {"x-fc-async-delay": "soon"}, "not a whole number"),
        (ASYNC | {"x-fc-async-task-id": "1st"}, "does not match"),
    ],
)
def test_a_bad_header_is_an_invalid_argument(
    invoke: Invoker, host: FunctionHost, headers: dict[str, str], part: str
) -> None:
    with pytest.raises(Refused) as refused:
        invoke("task", deed("text"), headers=headers)
    assert (refused.value.status, refused.value.code) == (400, "InvalidArgument")
    assert part in refused.value.message
    assert host.idle


def test_an_unknown_function_or_version_is_not_found(invoke: Invoker) -> None:
    with pytest.raises(Refused) as refused:
        invoke("nobody")
    assert (refused.value.status, refused.value.code) == (404, "FunctionNotFound")
    assert "'nobody'" in refused.value.message
    assert refused.value.request_id
    with pytest.raises(Refused) as refused:
        invoke("plain", qualifier="7")
    assert (refused.value.status, refused.value.code) == (404, "AliasNotFound")
    assert invoke("plain", qualifier="LATEST").body


def test_a_function_of_2_0_belongs_to_its_service(front: Front, host: FunctionHost) -> None:
    with pytest.raises(Refused) as refused:
        invoker("fc2", front)("plain", service="elsewhere")
    assert (refused.value.status, refused.value.code) == (404, "ServiceNotFound")
    assert host.invocations == []


def test_a_function_at_its_limit_is_throttled(front: Front, invoke: Invoker, host: FunctionHost) -> None:
    for _ in range(2):
        host.start("task", deed("none", seconds=10), lambda _result: None)
    with pytest.raises(Refused) as refused:
        invoke("task", deed("none"))
    assert (refused.value.status, refused.value.code) == (429, "ResourceExhausted")
    front.clock.sleep(20)
    assert invoke("task", deed("text")).body == "grüße".encode()


WRONG_KEYS = {
    "unknown": (AccessKey("LTAInobody", "x"), "InvalidAccessKeyID", "InvalidAccessKeyId.NotFound"),
    "wrong secret": (AccessKey("LTAIwrong", "guessed"), "SignatureNotMatch", "SignatureDoesNotMatch"),
    "wrong token": (AccessKey("LTAIsts", "right", "stolen"), "AccessDenied", "InvalidSecurityToken.Mismatch"),
    "disabled": (AccessKey("LTAIold", "right"), "InvalidAccessKeyID", "InvalidAccessKeyId.Inactive"),
    "not allowed": (AccessKey("LTAIreader", "right"), "AccessDenied", "AccessDenied"),
}


@pytest.mark.parametrize("who", WRONG_KEYS)
def test_who_may_not_invoke_is_refused(front: Front, host: FunctionHost, api: Api, who: str) -> None:
    for key in (
        AccessKey("LTAIwrong", "right"),
        AccessKey("LTAIsts", "right", "token"),
        AccessKey("LTAIold", "right", active=False),
        AccessKey("LTAIreader", "right", allowed=frozenset({"fc:GetFunction"})),
    ):
        front.cloud.keys.add(key)
    key, *codes = WRONG_KEYS[who]
    with pytest.raises(Refused) as refused:
        invoker(api, front, key)("plain")
    assert refused.value.status in (400, 403, 404)
    assert refused.value.code.startswith(codes[0] if api == "fc2" else codes[1])
    assert host.invocations == []


def test_temporary_keys_work_with_their_token(front: Front, host: FunctionHost, api: Api) -> None:
    key = AccessKey("STS.key", "secret", "token", frozenset({"fc:InvokeFunction"}))
    front.cloud.keys.add(key)
    assert invoker(api, front, key)("plain").body
    assert len(host.invocations) == 1


def test_faults_of_the_schedule_look_like_the_service(front: Front, invoke: Invoker, host: FunctionHost) -> None:
    front.cloud.faults.add(Fault("fc", "InvokeFunction", "throttle"))
    front.cloud.faults.add(Fault("fc", "InvokeFunction", "status", nth=2, status=503, code="ServiceUnavailable"))
    for status, code in ((429, "ResourceExhausted"), (503, "ServiceUnavailable")):
        with pytest.raises(Refused) as refused:
            invoke("plain")
        assert (refused.value.status, refused.value.code) == (status, code)
    assert host.invocations == []
    assert invoke("plain").body


def test_what_belongs_to_no_operation_is_not_supported(front: Front, host: FunctionHost) -> None:
    with pytest.raises(Refused) as refused:
        invoker("fc2", front)("plain/extra")
    assert (refused.value.status, refused.value.code) == (400, "PathNotSupported")
    assert host.invocations == []


def deployed() -> tuple[FakeCloud, FunctionHost]:
    cloud = FakeCloud(seed=1)
    return cloud, deploy_toys(cloud)


def test_a_server_on_real_time_answers_when_the_function_has_ended(tmp_path: Path) -> None:
    cloud = FakeCloud(clock=RealClock(speed=100.0), seed=1)
    host = deploy_toys(cloud, rewritten(tmp_path / "toys", unhurried))
    with ServerFront(Admin(cloud), longest_hold=10) as server:
        reply = invoker("fc3", Front(cloud, server))("act", deed("text", seconds=5))
    assert reply.body == "grüße".encode()
    assert host.invocations[0].billed_seconds >= 5


def test_the_sdks_asynchronous_calls_work_against_the_server() -> None:
    cloud, host = deployed()
    with ServerFront(Admin(cloud), longest_hold=10) as server:
        invoke = Fc3Aiohttp(server.endpoint, TEST_KEY)
        assert invoke("act", deed("text", seconds=5)).body == "grüße".encode()
        assert invoke("act", deed("raise")).headers["x-fc-error-type"] == "UnhandledInvocationError"
        assert invoke("act", deed("text"), headers=ASYNC).status == 202
        with pytest.raises(Refused) as refused:
            invoke("nobody")
    assert refused.value.code == "FunctionNotFound"
    host.run_until_idle()
    assert len(host.invocations) == 3
