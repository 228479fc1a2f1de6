"""Writing and finding logs through the official SDK."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from aliyun.log import GetLogsRequest, LogClient, LogException, LogItem, PutLogsRequest
from aliyun.log.index_config import IndexConfig, IndexKeyConfig, IndexLineConfig

from aliyun_fakes.core.faults import Fault
from tests.contract.fronts import Front
from tests.contract.log_item import log_item

PROJECT, STORE = "audit-project", "audit"
TOKENS = [",", " ", "/", ":"]


class Stage:
    """A client with a project and a logstore whose fields are all indexed."""

    def __init__(self, front: Front, auth_version: str = "v4", *, index: bool = True) -> None:
        self.cloud = front.cloud
        self.client: LogClient = front.log_client(auth_version=auth_version)
        self.cloud.sls.create_project(PROJECT)
        self.cloud.sls.create_logstore(PROJECT, STORE, index=index)
        self.start = int(self.cloud.clock.now())

    def put(
        self,
        *logs: dict[str, str],
        at: float = 0,
        topic: str = "",
        compress: bool = True,
        hash_key: str | None = None,
    ) -> None:
        items = [log_item(self.start + at, list(log.items())) for log in logs]
        request = PutLogsRequest(PROJECT, STORE, topic, "stage", items, hashKey=hash_key, compress=compress)
        self.client.put_logs(request)

    def settle(self) -> None:
        self.cloud.clock.sleep(60)

    def find(
        self,
        query: str | None = None,
        *,
        from_time: int | None = None,
        to_time: int | None = None,
        offset: int = 0,
        size: int = 100,
        reverse: bool = False,
    ) -> list[str]:
        since = self.start if from_time is None else from_time
        until = self.start + 1000 if to_time is None else to_time
        reply = self.client.get_log(
            PROJECT, STORE, since, until, query=query, offset=offset, size=size, reverse=reverse
        )
        assert reply.is_completed()
        return [log.get_contents()["id"] for log in reply.get_logs()]


@pytest.fixture(params=["v1", "v4"])
def auth_version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stage(front: Front) -> Stage:
    return Stage(front)


def test_what_was_put_is_recorded_with_its_topic_source_tags_and_time(front: Front, auth_version: str) -> None:
    stage = Stage(front, auth_version)
    items = [LogItem(timestamp=stage.start, time_nano_part=7, contents=[("id", "1"), ("name", "naïve 回收站")])]
    request = PutLogsRequest(PROJECT, STORE, "intent", "purge", items, logtags=[("run", "r1")])
    stage.client.put_logs(request)
    assert stage.cloud.sls.records(PROJECT, STORE) == [
        {
            "__time__": str(stage.start),
            "__time_ns_part__": "7",
            "__topic__": "intent",
            "__source__": "purge",
            "__tag__:run": "r1",
            "id": "1",
            "name": "naïve 回收站",
        }
    ]


def test_what_was_put_is_found_by_both_forms_of_get_logs(front: Front, auth_version: str) -> None:
    stage = Stage(front, auth_version)
    stage.put({"id": "1", "run": "r1 x"}, {"id": "2", "run": "r2"})
    stage.settle()
    assert stage.find("run: r1") == ["1"]
    vars(stage.client)["_get_logs_v2_enabled"] = False  # the SDK's only way to the older form
    assert stage.find("run: r1") == ["1"]
    assert stage.find('run: "x r1" or id: 2', reverse=True) == ["2", "1"]


def test_logs_put_at_a_whole_second_have_no_nanoseconds(stage: Stage) -> None:
    stage.put({"id": "1"}, {"id": "2"})
    assert [record.get("__time_ns_part__") for record in stage.cloud.sls.records(PROJECT, STORE)] == [None, None]


def test_logs_of_one_second_are_found_by_their_nanoseconds(stage: Stage) -> None:
    stage.put({"id": "later"}, at=1.75)
    stage.put({"id": "earlier"}, at=1.25)
    stage.settle()
    assert stage.find() == ["earlier", "later"]


@pytest.mark.parametrize("compress", [True, False])
def test_a_body_may_be_compressed_or_not(stage: Stage, compress: bool) -> None:  # noqa: FBT001 - the parameter under test
    stage.put({"id": "1", "detail": "x" * 5000}, compress=compress)
    assert [record["id"] for record in stage.cloud.sls.records(PROJECT, STORE)] == ["1"]


def test_a_hash_key_routes_to_a_shard(stage: Stage) -> None:
    stage.put({"id": "1"}, hash_key="14d2f850ad6ea48e46e4547edbbb27e0")
    assert len(stage.cloud.sls.records(PROJECT, STORE)) == 1


def test_a_log_is_found_only_after_the_index_lag(stage: Stage) -> None:
    stage.cloud.sls.settings = replace(stage.cloud.sls.settings, index_lag=60)
    stage.put({"id": "1"})
    stage.cloud.clock.sleep(59)
    assert stage.find("*") == []
    stage.cloud.clock.sleep(1)
    assert stage.find("*") == ["1"]


def test_without_lag_a_log_is_found_at_once(stage: Stage) -> None:
    stage.cloud.sls.settings = replace(stage.cloud.sls.settings, index_lag=0)
    stage.put({"id": "1"})
    assert stage.find("*") == ["1"]


def test_the_time_range_includes_its_start_and_not_its_end(stage: Stage) -> None:
    for second in range(4):
        stage.put({"id": str(second)}, at=second)
    stage.settle()
    assert stage.find(from_time=stage.start + 1, to_time=stage.start + 3) == ["1", "2"]


def test_pages_cover_every_log_once_in_the_order_of_time(stage: Stage) -> None:
    for second in (5, 3, 9, 1):
        stage.put(*({"id": f"{second}.{n:03}", "run": "r1"} for n in range(60)), at=second)
    stage.settle()
    expected = [f"{second}.{n:03}" for second in (1, 3, 5, 9) for n in range(60)]
    assert stage.find("run: r1", size=-1) == expected
    assert stage.find("run: r1", size=-1, reverse=True) == expected[::-1]
    assert stage.find("run: r1", offset=239, size=100) == expected[239:]
    assert stage.find("run: r1", offset=240) == []


def test_a_request_object_reads_like_the_arguments(stage: Stage) -> None:
    stage.put({"id": "1"}, topic="a")
    stage.put({"id": "2"}, topic="b")
    stage.settle()
    request = GetLogsRequest(PROJECT, STORE, stage.start, stage.start + 1, topic="b", query="*", line=10)
    assert [log.get_contents()["id"] for log in stage.client.get_logs(request).get_logs()] == ["2"]


def refusal(call: Callable[..., object], *arguments: object, **named: object) -> tuple[int, str, str]:
    with pytest.raises(LogException) as caught:
        call(*arguments, **named)
    assert caught.value.get_request_id()
    return caught.value.get_resp_status(), caught.value.get_error_code(), caught.value.get_error_message()


def test_a_logstore_without_an_index_is_written_but_not_searched(front: Front) -> None:
    stage = Stage(front, index=False)
    stage.put({"id": "1"})
    assert refusal(stage.find, "*") == (400, "IndexConfigNotExist", "logstore without index config")


def test_logs_from_before_the_index_are_never_found(front: Front) -> None:
    stage = Stage(front, index=False)
    stage.put({"id": "before"})
    keys = {"id": IndexKeyConfig(TOKENS)}
    stage.client.create_index(PROJECT, STORE, IndexConfig(line_config=IndexLineConfig(TOKENS), key_config_list=keys))
    stage.put({"id": "after"})
    stage.settle()
    assert stage.find("*") == ["after"]
    assert stage.find("not id: nothing") == ["after"]
    assert len(stage.cloud.sls.records(PROJECT, STORE)) == 2


def test_a_field_that_is_not_indexed_is_refused(front: Front) -> None:
    stage = Stage(front, index=False)
    stage.client.create_index(PROJECT, STORE, IndexConfig(key_config_list={"id": IndexKeyConfig(TOKENS)}))
    status, code, message = refusal(stage.find, "run: r1")
    assert (status, code) == (400, "ParameterInvalid")
    assert message.startswith("key (run) is not config as key value config")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("* | select count(1)", "not supported by the fake: SQL"),
        ('#"a b"', "not supported by the fake: a phrase"),
        ("size > 5", "not supported by the fake: a comparison"),
        ("and run: r1", "a search condition is expected, and was found"),
        ("(run: r1", "a parenthesis is not closed"),
        ('run: "r1', "no closing quotation mark"),
        ("run: *1", "begins with a wildcard"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused(stage: Stage, query: str, said: str) -> None:
    status, code, message = refusal(stage.find, query)
    assert (status, code) == (400, "ParameterInvalid")
    assert said in message


def test_parameters_out_of_range_are_refused(stage: Stage) -> None:
    now = stage.start
    assert refusal(stage.find, from_time=now, to_time=now) == (400, "InvalidTimeRange", "request time range is invalid")
    message = "The parameter from must be a positive integer"
    assert refusal(stage.find, from_time=-1) == (400, "ParameterInvalid", message)
    assert refusal(stage.find, offset=-1) == (400, "ParameterInvalid", "limit expression is required")


def test_what_is_not_there_is_named(stage: Stage) -> None:
    reply = refusal(stage.client.get_log, PROJECT, "other", stage.start, stage.start + 1)
    assert reply == (404, "LogStoreNotExist", "logstore other does not exist.")
    reply = refusal(stage.client.get_log, "no-project", STORE, stage.start, stage.start + 1)
    assert reply == (404, "ProjectNotExist", "The Project does not exist : no-project")


@pytest.mark.parametrize(
    ("log", "at", "code"),
    [
        ({"id": "2"}, 901, "PostBodyInvalid"),
        ({"id": "2"}, -7 * 86_400 - 2, "PostBodyInvalid"),
        ({"": "2"}, 0, "InvalidKey"),
        ({"k" * 129: "2"}, 0, "InvalidKey"),
        ({"__time__": "2"}, 0, "InvalidKey"),
        ({"id": "x" * (1024 * 1024 + 1)}, 0, "PostBodyTooLarge"),
        ({}, 0, "PostBodyInvalid"),
    ],
)
def test_one_bad_log_fails_the_whole_put(stage: Stage, log: dict[str, str], at: int, code: str) -> None:
    items = [
        log_item(stage.start, [("id", "good")]),
        log_item(stage.start + at, list(log.items())),
    ]
    assert refusal(stage.client.put_logs, PutLogsRequest(PROJECT, STORE, "", "", items))[:2] == (400, code)
    assert stage.cloud.sls.records(PROJECT, STORE) == []


def test_a_key_given_twice_is_refused_unless_it_is_allowed(stage: Stage) -> None:
    items = [log_item(stage.start, [("id", "1"), ("id", "2")])]
    request = PutLogsRequest(PROJECT, STORE, "", "", items)
    assert refusal(stage.client.put_logs, request)[:2] == (400, "InvalidKey")
    stage.cloud.sls.settings = replace(stage.cloud.sls.settings, unique_keys=False)
    stage.client.put_logs(request)
    assert len(stage.cloud.sls.records(PROJECT, STORE)) == 1


def test_too_many_logs_and_too_large_a_body_are_refused(stage: Stage) -> None:
    stage.cloud.sls.settings = replace(stage.cloud.sls.settings, max_logs_per_put=2, max_body_bytes=200)
    assert refusal(stage.put, {"id": "1"}, {"id": "2"}, {"id": "3"})[:2] == (400, "PostBodyTooLarge")
    status, code, message = refusal(stage.put, {"id": "x" * 200})
    assert (status, code) == (413, "PostBodyTooLarge")
    assert message.endswith("must little than 10485760.")


def test_reads_can_fail_while_writes_go_on(stage: Stage) -> None:
    stage.cloud.faults.add(Fault("sls", "GetLogs", "throttle", times=1))
    assert refusal(stage.find, "*") == (403, "ReadQuotaExceed", "Read quota is exceeded.")
    stage.put({"id": "1"})
    stage.settle()
    assert stage.find("*") == ["1"]


def test_writes_can_fail_before_or_after_their_effect(stage: Stage) -> None:
    stage.cloud.faults.add(Fault("sls", "PutLogs", "throttle"))
    assert refusal(stage.put, {"id": "1"}) == (403, "WriteQuotaExceed", "Write quota is exceeded.")
    assert stage.cloud.sls.records(PROJECT, STORE) == []
    stage.cloud.faults.add(Fault("sls", "PutLogs", "status", when="after", status=403, code="ShardWriteQuotaExceed"))
    assert refusal(stage.put, {"id": "1"})[:2] == (403, "ShardWriteQuotaExceed")
    assert len(stage.cloud.sls.records(PROJECT, STORE)) == 1


def test_a_repeated_put_is_stored_twice(stage: Stage) -> None:
    stage.put({"id": "1"})
    stage.put({"id": "1"})
    assert len(stage.cloud.sls.records(PROJECT, STORE)) == 2


def test_every_call_is_in_the_request_log_by_its_operation(stage: Stage) -> None:
    stage.put({"id": "1"})
    stage.find("*")
    assert [line.operation for line in stage.cloud.dispatcher.log] == ["PutLogs", "GetLogs"]
