"""What a handler gets and what becomes of its answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from aliyun_fakes.core.credentials import AccessKey
from aliyun_fakes.fc import FcError, FcSettings
from aliyun_fakes.fc.billing import compute_units
from tests.unit.aliyun_fakes.fc.stage import Document, Stage, rewritten

KEY = AccessKey("STS.key", "secret", "token")


def told_by(stage: Stage, function: str, event: bytes = b"hello") -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(stage.host.invoke(function, event).payload)


def test_an_event_is_bytes_as_they_were_sent() -> None:
    told = told_by(Stage(), "echo", "grüße".encode())
    assert (told["type"], told["event"]) == ("bytes", "grüße")


def test_the_context_is_that_of_the_runtime_of_python_3_10() -> None:
    stage = Stage(key=KEY)
    result = stage.host.invoke("plain", b"")
    assert json.loads(result.payload) == {
        "request_id": [result.request_id] * 2,
        "key": ["STS.key"] * 2,
        "secret": ["secret"] * 2,
        "token": ["token"] * 2,
        "function": {"name": "plain", "handler": "handlers.plain", "memory": 512, "timeout": 10},
        "service": {
            "name": "toys",
            "log_project": "toys-logs",
            "log_store": "functions",
            "qualifier": "LATEST",
            "version_id": "",
        },
        "tracing": {"span_context": None, "jaeger_endpoint": None, "span_baggages": {}},
        "place": ["cn-hangzhou", "1234567890123456"],
        "retry_count": "0",
        "logger": None,
        "root_logger": True,
        "event": "",
    }


def test_the_context_as_json_holds_no_secret() -> None:
    text = json.dumps(told_by(Stage(key=KEY), "echo")["context"])
    assert "STS.key" in text
    assert "secret" not in text
    assert "token" not in text


def test_request_ids_differ_and_have_the_form_of_a_uuid() -> None:
    stage = Stage()
    first, second = (stage.host.invoke("echo", b"").request_id for _ in range(2))
    assert first != second
    assert [len(part) for part in first.split("-")] == [8, 4, 4, 4, 12]


def test_the_environment_is_the_files_the_platforms_and_the_deployers() -> None:
    stage = Stage(variables={"EXTRA": "1"}, key=KEY)
    environ = told_by(stage, "echo")["environ"]
    assert environ.pop("FC_INSTANCE_ID").startswith("c-")
    assert environ == {
        "GREETING": "hello",
        "EXTRA": "1",
        "FC_FUNC_CODE_PATH": "/code",
        "FC_ACCOUNT_ID": "1234567890123456",
        "FC_FUNCTION_HANDLER": "handlers.echo",
        "FC_FUNCTION_MEMORY_SIZE": "1024",
        "FC_FUNCTION_NAME": "echo",
        "FC_REGION": "cn-hangzhou",
        "FC_CUSTOM_LISTEN_PORT": "9000",
        "FC_VER_ID": "LATEST",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "STS.key",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "token",
    }


def test_variables_that_only_look_like_the_platforms_are_gone() -> None:
    stage = Stage(variables={"FC_MINE": "1", "_FC_MINE": "1", "FC_REGION": "elsewhere", "MY_FC": "stays"})
    environ = told_by(stage, "echo")["environ"]
    assert {"FC_MINE", "_FC_MINE"}.isdisjoint(environ)
    assert (environ["FC_REGION"], environ["MY_FC"]) == ("cn-hangzhou", "stays")


def test_a_deployers_environment_fills_the_file() -> None:
    assert told_by(Stage(environ={"GREETING": "moin"}), "echo")["environ"]["GREETING"] == "moin"


def test_a_handler_gets_the_hosts_clock_by_keyword() -> None:
    stage = Stage()
    record = stage.act(do="now", seconds=7)
    assert float(record.payload) == record.end == stage.clock.now()


def test_randomness_comes_from_the_seed() -> None:
    first, again, other = (Stage(seed=seed).act(do="random").payload for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    ("deed", "payload"),
    [
        ("none", b"null"),
        ("text", "grüße".encode()),
        ("bytes", b"\x00\x01"),
        ("object", b'{\n    "a": "\\u00fc",\n    "b": [\n        1.5,\n        null\n    ]\n}'),
        ("gather", b"[\n    null,\n    null\n]"),
    ],
)
def test_answers_are_encoded_as_the_runtime_does(deed: str, payload: bytes) -> None:
    record = Stage().act(do=deed)
    assert (record.outcome, record.payload) == ("success", payload)


@pytest.mark.parametrize("deed", ["unserialisable", "mixed-keys"])
def test_an_answer_that_cannot_be_encoded_is_an_error(deed: str) -> None:
    record = Stage().act(do=deed)
    assert record.outcome == "error"
    assert json.loads(record.payload)["errorType"] == "TypeError"


def test_an_exception_is_answered_with_its_type_message_and_stack() -> None:
    stage = Stage()
    result = stage.host.invoke("act", b'{"do": "raise", "message": "no luck"}')
    body = json.loads(result.payload)
    assert result.error_type == "UnhandledInvocationError"
    assert (body["errorType"], body["errorMessage"]) == ("ValueError", "no luck")
    assert any("in act" in frame for frame in body["stackTrace"])


@pytest.mark.parametrize(
    ("function", "error_type", "part"),
    [
        ("missing", "HandlerNotFound", "not_there"),
        ("relative", "ImportModuleError", "relative import"),
        ("unpackaged", "ImportModuleError", "__init__.py"),
        ("nowhere", "ImportModuleError", "nowhere.py"),
        ("broken", "UserCodeSyntaxError", "invalid syntax"),
        ("misnamed", "InvalidHandleName", "<module>.<function>"),
    ],
)
def test_a_handler_that_cannot_be_loaded_says_why(tmp_path: Path, function: str, error_type: str, part: str) -> None:
    def add(document: Document) -> None:
        like = document["resources"]["relative"]
        for name, handler in (
            ("unpackaged", "nested.worker.work"),
            ("nowhere", "nowhere.handler"),
            ("broken", "broken.handler"),
            ("misnamed", "handler"),
        ):
            props = like["props"] | {"functionName": name, "handler": handler}
            document["resources"][name] = like | {"props": props}

    s_yaml = rewritten(tmp_path, add)
    (tmp_path / "broken.py").write_text("def handler(:\n", encoding="utf-8")
    result = Stage(s_yaml).host.invoke(function, b"")
    body = json.loads(result.payload)
    assert (result.error_type, body["errorType"]) == ("UnhandledInvocationError", error_type)
    assert part in body["errorMessage"]


def test_the_runtime_finds_a_handler_in_a_folder_without_init() -> None:
    stage = Stage()
    assert stage.host.invoke("work", b"[]").payload == b"[]"


def test_a_second_request_finds_the_instance_warm() -> None:
    stage = Stage()
    assert [told_by(stage, "echo")["calls"] for _ in range(2)] == [1, 2]
    first, second = stage.runs_of("echo")
    assert (first.cold, second.cold) == (True, False)
    assert second.start == first.end


def test_a_cold_start_takes_its_time_before_the_handler_runs() -> None:
    stage = Stage(settings=FcSettings(cold_start=4.0))
    before = stage.clock.now()
    record = stage.act(do="none")
    assert record.start == before + 4.0
    assert record.billed_seconds == 0.0


def test_an_idle_instance_is_let_go_after_a_while() -> None:
    stage = Stage(settings=FcSettings(keep_warm=60.0))
    told_by(stage, "echo")
    stage.clock.sleep(61)
    assert told_by(stage, "echo")["calls"] == 1


def test_an_instance_that_raised_is_used_again() -> None:
    stage = Stage()
    stage.act(do="raise")
    assert stage.act(do="none").cold is False


@pytest.mark.parametrize(("deed", "outcome"), [("crash", "crash"), ("exit", "crash")])
def test_a_process_that_ends_is_not_used_again(deed: str, outcome: str) -> None:
    stage = Stage()
    result = stage.host.invoke("act", json.dumps({"do": deed, "seconds": 1.5}).encode())
    assert json.loads(result.payload) == {
        "errorMessage": "Process exited unexpectedly before completing request (duration: 1500ms, maxMemoryUsage: 0MB)"
    }
    assert result.error_type
    assert stage.host.invocations[-1].outcome == outcome
    assert stage.act(do="none").cold is True


def test_a_crash_in_one_thread_ends_the_others_where_they_stand(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def crowded(document: Document) -> None:
        document["resources"]["act"]["props"]["handler"] = "handlers.crowd"

    stage = Stage(rewritten(tmp_path, crowded))
    stage.host.invoke("act", b"5")
    (record,) = stage.host.invocations
    assert (record.outcome, record.end - record.start) == ("crash", 5.0)
    stage.clock.sleep(60)
    assert caplog.messages == ["noted 1", "noted 2"]


def test_a_time_out_ends_all_threads_where_they_stand(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def crowded(document: Document) -> None:
        document["resources"]["act"]["props"] |= {"handler": "handlers.crowd", "timeout": 5}

    stage = Stage(rewritten(tmp_path, crowded))
    stage.host.invoke("act", b"30")
    (record,) = stage.host.invocations
    assert (record.outcome, record.end - record.start) == ("timeout", 5.0)
    stage.clock.sleep(60)
    assert caplog.messages == ["noted 1", "noted 2"]


def test_a_time_out_ends_the_handler_where_it_stands_and_its_instance() -> None:
    stage = Stage()
    record = stage.act(do="none", seconds=31)
    assert (record.outcome, record.error) == ("timeout", "Function time out after 30 seconds (maxMemoryUsage: 0MB)")
    assert (record.end - record.start, record.billed_seconds) == (30.0, 30.0)
    assert stage.act(do="none").cold is True


def test_a_handler_may_use_its_last_second() -> None:
    assert Stage().act(do="none", seconds=29.9).outcome == "success"


def test_requests_at_once_run_on_instances_of_their_own() -> None:
    stage = Stage()
    for _ in range(3):
        stage.host.start("act", b'{"do": "none", "seconds": 10}', lambda _result: None)
    stage.host.run_until_idle()
    records = stage.runs_of("act")
    assert len({record.start for record in records}) == 1
    assert all(record.cold for record in records)


def test_reserved_concurrency_is_a_functions_limit() -> None:
    stage = Stage()
    for _ in range(2):
        stage.host.start("task", b'{"do": "none", "seconds": 10}', lambda _result: None)
    with pytest.raises(FcError, match=r"ResourceExhausted.*2 of 2"):
        stage.host.invoke("task", b"{}")
    stage.host.run_until_idle()
    assert stage.host.invoke("task", b'{"do": "text"}').error_type == ""


def test_what_is_reserved_is_taken_from_the_accounts_instances() -> None:
    stage = Stage(settings=FcSettings(account_instances=3))
    stage.host.start("act", b'{"do": "none", "seconds": 10}', lambda _result: None)
    with pytest.raises(FcError, match="account has 1 of 1"):
        stage.host.invoke("echo", b"")


def test_only_so_many_instances_are_made_within_a_minute() -> None:
    stage = Stage(settings=FcSettings(scale_out_per_minute=1))
    stage.act(do="none")
    with pytest.raises(FcError, match="within a minute"):
        stage.host.invoke("echo", b"")
    stage.clock.sleep(60)
    stage.host.invoke("echo", b"")


def test_an_unknown_function_and_a_huge_payload_are_refused() -> None:
    stage = Stage()
    with pytest.raises(FcError, match=r"FunctionNotFound.*'nobody'"):
        stage.host.invoke("nobody", b"")
    with pytest.raises(FcError, match=r"EntityTooLarge.*33554432"):
        stage.host.invoke("echo", b"x" * (32 * 1024 * 1024 + 1))


def test_the_log_has_the_platforms_lines_around_the_functions() -> None:
    stage = Stage()
    result = stage.host.invoke("echo", b"")
    start, line, end = result.log.splitlines()
    assert start == f"FC Invoke Start RequestId: {result.request_id}"
    assert line == f"2026-09-21T14:13:22.000Z {result.request_id} [WARNING] echo was called"
    assert end == f"FC Invoke End RequestId: {result.request_id}"
    failed = stage.host.invoke("act", b'{"do": "raise"}')
    assert failed.log.endswith(", Error: Unhandled function error\n")


def test_cost_is_cpu_memory_disk_and_the_call() -> None:
    assert compute_units(60, cpu=0.35, memory_mb=512, disk_mb=512) == pytest.approx(25.5 + 0.0075)
    assert compute_units(10, cpu=1, memory_mb=2048, disk_mb=10_240) == pytest.approx(10 + 3 + 9.5 * 0.05 * 10 + 0.0075)
    record = Stage().act(do="none", seconds=20)
    assert record.cu == pytest.approx(20 * 0.35 + 20 * 0.5 * 0.15 + 0.0075)
