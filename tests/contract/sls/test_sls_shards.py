"""Reading a logstore by its shards, in the order of writing, through the official SDK."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from aliyun.log import LogClient, LogException, PutLogsRequest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.sls.shards import Shards
from tests.contract.fronts import Front
from tests.contract.log_item import log_item

PROJECT, STORE = "audit-project", "audit"
LOW_KEY, HIGH_KEY = "0" * 32, "f" * 32


class Stage:
    """A client with a project and a logstore that has no index."""

    def __init__(self, front: Front, shards: int = 1) -> None:
        self.cloud: FakeCloud = front.cloud
        self.client: LogClient = front.log_client()
        self.cloud.sls.create_project(PROJECT)
        self.cloud.sls.create_logstore(PROJECT, STORE, settings={"shardCount": shards})
        self.start = int(self.cloud.clock.now())

    @property
    def shards(self) -> Shards:
        return self.cloud.sls.logstore(PROJECT, STORE).shards

    def put(self, *ids: str, hash_key: str | None = None, **more: Any) -> None:  # noqa: ANN401 - as the SDK takes them
        items = [log_item(self.start, [("id", each)]) for each in ids]
        self.client.put_logs(PutLogsRequest(PROJECT, STORE, "", "stage", items, hashKey=hash_key, **more))

    def cursor(self, where: str | int, shard: int = 0) -> str:
        return str(self.client.get_cursor(PROJECT, STORE, shard, where).get_cursor())

    def pull(self, cursor: str, shard: int = 0, **more: Any) -> Any:  # noqa: ANN401 - an SDK without types
        return self.client.pull_logs(PROJECT, STORE, shard, cursor, **more)

    def read(self, shard: int = 0, where: str | int = "begin", **more: Any) -> list[str]:  # noqa: ANN401 - as above
        return ids(self.pull(self.cursor(where, shard), shard, **more))

    def statuses(self) -> Mapping[int, str]:
        described = self.client.list_shards(PROJECT, STORE).get_shards_info()
        return {each["shardID"]: each["status"] for each in described}


def ids(reply: Any) -> list[str]:  # noqa: ANN401 - an SDK without types
    return [log["id"] for log in reply.get_flatten_logs_json()]


def refusal(call: Callable[..., object], *arguments: object, **named: object) -> tuple[int, str, str]:
    with pytest.raises(LogException) as caught:
        call(*arguments, **named)
    return caught.value.get_resp_status(), caught.value.get_error_code(), caught.value.get_error_message()


@pytest.fixture
def stage(front: Front) -> Stage:
    return Stage(front)


@pytest.mark.parametrize("compress", [True, False])
def test_what_was_put_is_pulled_as_it_was_put(stage: Stage, compress: bool) -> None:  # noqa: FBT001 - under test
    item = log_item(stage.start + 0.5, [("id", "1"), ("name", "naïve 回收站" * 40), ("empty", "")])
    stage.client.put_logs(PutLogsRequest(PROJECT, STORE, "intent", "purge", [item], logtags=[("run", "r1")]))
    reply = stage.pull(stage.cursor("begin"), compress=compress)
    assert reply.get_loggroup_json_list() == [
        {
            "topic": "intent",
            "source": "purge",
            "tags": {"run": "r1"},
            "logs": [
                {
                    "@lh_time": stage.start,
                    "@time_ns": 500_000_000,
                    "id": "1",
                    "name": "naïve 回收站" * 40,
                    "empty": "",
                }
            ],
        }
    ]
    assert (reply.get_loggroup_count(), reply.get_log_count()) == (1, 1)


def test_one_shard_is_read_in_the_order_of_writing_whatever_times_the_logs_have(stage: Stage) -> None:
    for number, at in enumerate((5, 3, 9)):
        item = log_item(stage.start + at, [("id", str(number))])
        stage.client.put_logs(PutLogsRequest(PROJECT, STORE, "", "stage", [item]))
    assert stage.read() == ["0", "1", "2"]


def test_an_acknowledged_put_is_in_the_next_pull_whatever_the_index_lag(stage: Stage) -> None:
    stage.cloud.sls.settings = replace(stage.cloud.sls.settings, index_lag=60)
    stage.put("1")
    assert stage.read() == ["1"]


def test_with_a_pull_lag_neither_pulls_nor_the_end_show_what_is_younger(stage: Stage) -> None:
    stage.cloud.sls.settings = replace(stage.cloud.sls.settings, pull_lag=10)
    stage.put("1")
    first = stage.cursor("begin")
    assert ids(stage.pull(first)) == []
    assert stage.cursor("end") == stage.cursor(stage.start) == first
    stage.cloud.clock.sleep(10)
    assert ids(stage.pull(first)) == ["1"]
    assert stage.cursor("end") != first


@pytest.mark.parametrize("lag", [-1, 61])
def test_a_pull_lag_out_of_range_is_refused(stage: Stage, lag: float) -> None:
    with pytest.raises(ValueError, match="pull_lag"):
        replace(stage.cloud.sls.settings, pull_lag=lag)


def test_a_put_whose_reply_was_lost_is_pulled_twice(stage: Stage) -> None:
    stage.put("1")
    stage.put("1")
    assert stage.read() == ["1", "1"]


def test_a_cursor_is_found_by_whole_seconds_of_the_time_of_receipt(stage: Stage) -> None:
    stage.cloud.clock.sleep(stage.start + 2.7 - stage.cloud.clock.now())
    stage.put("early")
    second = int(stage.cloud.clock.now())
    stage.cloud.clock.sleep(1)
    stage.put("late")
    assert stage.read(where=second) == ["early", "late"]
    assert stage.read(where=second + 1) == ["late"]
    assert stage.read(where=second + 2) == []
    assert stage.cursor(second + 2) == stage.cursor("end")
    assert stage.cursor(1) == stage.client.get_begin_cursor(PROJECT, STORE, 0).get_cursor() == stage.cursor("begin")
    assert stage.client.get_end_cursor(PROJECT, STORE, 0).get_cursor() == stage.cursor("end")


def test_pages_of_groups_cover_the_shard_once(stage: Stage) -> None:
    for number in range(5):
        stage.put(f"{number}a", f"{number}b")
    found: list[str] = []
    cursor, end = stage.cursor("begin"), stage.cursor("end")
    for _ in range(3):
        page = stage.pull(cursor, count=2)
        found += ids(page)
        cursor = page.get_next_cursor()
    assert cursor == end
    assert found == [f"{number}{letter}" for number in range(5) for letter in "ab"]
    assert stage.pull(end).get_next_cursor() == end
    assert stage.pull(end).get_loggroup_count() == 0


def test_a_page_ends_before_it_is_too_large_but_holds_one_group(stage: Stage) -> None:
    stage.cloud.sls.settings = replace(stage.cloud.sls.settings, max_pull_bytes=10)
    stage.put("1")
    stage.put("2")
    page = stage.pull(stage.cursor("begin"))
    assert ids(page) == ["1"]
    assert ids(stage.pull(page.get_next_cursor())) == ["2"]


def test_the_end_cursor_ends_a_page_and_is_not_in_it(stage: Stage) -> None:
    stage.put("1")
    end = stage.cursor("end")
    stage.put("2")
    page = stage.pull(stage.cursor("begin"), end_cursor=end)
    assert ids(page) == ["1"]
    assert page.get_next_cursor() == end
    assert ids(stage.pull(end, end_cursor=end)) == []


def test_the_sdks_own_loop_over_a_range_of_time_ends(stage: Stage) -> None:
    for number in range(3):
        stage.put(str(number))
    pages: Iterator[Any] = stage.client.pull_log(PROJECT, STORE, 0, stage.start, stage.start + 600, batch_size=2)
    assert [ids(page) for page in pages] == [["0", "1"], ["2"]]


def test_the_time_of_a_cursor_is_when_its_group_was_received(stage: Stage) -> None:
    stage.put("1")
    received = int(stage.cloud.clock.now())
    first, end = stage.cursor("begin"), stage.cursor("end")
    stage.cloud.clock.sleep(30)
    assert stage.client.get_cursor_time(PROJECT, STORE, 0, first).get_cursor_time() == pytest.approx(received, abs=1)
    assert stage.client.get_previous_cursor_time(PROJECT, STORE, 0, end).get_cursor_time() == pytest.approx(
        received, abs=1
    )
    assert stage.client.get_cursor_time(PROJECT, STORE, 0, end).get_cursor_time() == int(stage.cloud.clock.now())


def test_a_hash_key_names_the_shard_and_without_one_chance_does(front: Front) -> None:
    stage = Stage(front, shards=2)
    stage.put("low", hash_key=LOW_KEY)
    stage.put("high", hash_key=HIGH_KEY)
    assert (stage.read(0), stage.read(1)) == (["low"], ["high"])
    for number in range(40):
        stage.put(str(number))
    first, second = stage.read(0)[1:], stage.read(1)[1:]
    assert first
    assert second
    assert sorted(first + second, key=int) == [str(number) for number in range(40)]
    assert first == sorted(first, key=int)


def test_the_same_seed_sends_writes_to_the_same_shards() -> None:
    def chosen() -> list[int]:
        cloud = FakeCloud(seed=7)
        shards = Shards(4, 0)
        return [shards.choose(None, cloud.ids.number).number for _ in range(50)]

    assert chosen() == chosen()
    assert set(chosen()) == {0, 1, 2, 3}


def test_a_split_shard_takes_no_more_writes_and_can_still_be_read(stage: Stage) -> None:
    stage.put("before")
    stage.shards.split(0, stage.start)
    assert stage.statuses() == {0: "readonly", 1: "readwrite", 2: "readwrite"}
    stage.put("low", hash_key=LOW_KEY)
    stage.put("high", hash_key=HIGH_KEY)
    assert [stage.read(shard) for shard in (0, 1, 2)] == [["before"], ["low"], ["high"]]


def test_cursors_of_another_shard_or_of_none_are_refused(front: Front) -> None:
    stage = Stage(front, shards=2)
    foreign = stage.cursor("end", shard=1)
    assert refusal(stage.pull, foreign) == (400, "ParameterInvalid", f"Invalid cursor {foreign}.")
    for cursor in ("no cursor", "bm9uZQ==", ""):
        assert refusal(stage.pull, cursor)[:2] == (400, "ParameterInvalid")
    assert refusal(stage.pull, stage.cursor("begin"), end_cursor="none")[:2] == (400, "ParameterInvalid")
    assert refusal(stage.client.get_cursor_time, PROJECT, STORE, 0, foreign)[:2] == (400, "InvalidCursor")


def test_what_is_not_there_is_named(stage: Stage) -> None:
    message = "Shard 7 does not exist."
    assert refusal(stage.cursor, "begin", 7) == (400, "ShardNotExist", message)
    assert refusal(stage.pull, stage.cursor("begin"), 7) == (400, "ShardNotExist", message)
    reply = refusal(stage.client.get_cursor, PROJECT, "other", 0, "begin")
    assert reply == (404, "LogStoreNotExist", "logstore other does not exist.")
    assert refusal(stage.client.list_shards, PROJECT, "other")[:2] == (404, "LogStoreNotExist")


@pytest.mark.parametrize("count", [-1, 1001, "many"])
def test_more_groups_than_a_page_can_hold_are_refused(stage: Stage, count: object) -> None:
    reply = refusal(stage.pull, stage.cursor("begin"), count=count)
    assert reply == (400, "ParameterInvalid", "ParameterCount should be in [0-1000].")


def test_a_filter_is_refused_by_the_fake(stage: Stage) -> None:
    reply = refusal(stage.pull, stage.cursor("begin"), query="* | where id = '1'")
    assert reply == (400, "ParameterInvalid", "not supported by the fake: PullLogs with query")


@pytest.mark.parametrize("key", ["short", "g" * 32])
def test_a_hash_key_that_is_none_is_refused_and_nothing_is_written(stage: Stage, key: str) -> None:
    assert refusal(stage.put, "1", hash_key=key)[:2] == (400, "ParameterInvalid")
    assert stage.read() == []


def test_reads_can_be_throttled_while_writes_go_on(stage: Stage) -> None:
    cursor = stage.cursor("begin")
    stage.cloud.faults.add(Fault("sls", "PullLogs", "throttle", times=1))
    assert refusal(stage.pull, cursor) == (403, "ShardReadQuotaExceed", "Shard read quota is exceeded.")
    stage.put("1")
    assert ids(stage.pull(cursor)) == ["1"]
