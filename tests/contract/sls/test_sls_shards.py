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


class Desk:
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
        self.client.put_logs(PutLogsRequest(PROJECT, STORE, "", "desk", items, hashKey=hash_key, **more))

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
def desk(front: Front) -> Desk:
    return Desk(front)


@pytest.mark.parametrize("compress", [True, False])
def test_what_was_put_is_pulled_as_it_was_put(desk: Desk, compress: bool) -> None:  # noqa: FBT001 - under test
    item = log_item(desk.start + 0.5, [("id", "1"), ("name", "naïve 回收站" * 40), ("empty", "")])
    desk.client.put_logs(PutLogsRequest(PROJECT, STORE, "intent", "purge", [item], logtags=[("run", "r1")]))
    reply = desk.pull(desk.cursor("begin"), compress=compress)
    assert reply.get_loggroup_json_list() == [
        {
            "topic": "intent",
            "source": "purge",
            "tags": {"run": "r1"},
            "logs": [
                {
                    "@lh_time": desk.start,
                    "@time_ns": 500_000_000,
                    "id": "1",
                    "name": "naïve 回收站" * 40,
                    "empty": "",
                }
            ],
        }
    ]
    assert (reply.get_loggroup_count(), reply.get_log_count()) == (1, 1)


def test_one_shard_is_read_in_the_order_of_writing_whatever_times_the_logs_have(desk: Desk) -> None:
    for number, at in enumerate((5, 3, 9)):
        item = log_item(desk.start + at, [("id", str(number))])
        desk.client.put_logs(PutLogsRequest(PROJECT, STORE, "", "desk", [item]))
    assert desk.read() == ["0", "1", "2"]


def test_an_acknowledged_put_is_in_the_next_pull_whatever_the_index_lag(desk: Desk) -> None:
    desk.cloud.sls.settings = replace(desk.cloud.sls.settings, index_lag=60)
    desk.put("1")
    assert desk.read() == ["1"]


def test_with_a_pull_lag_neither_pulls_nor_the_end_show_what_is_younger(desk: Desk) -> None:
    desk.cloud.sls.settings = replace(desk.cloud.sls.settings, pull_lag=10)
    desk.put("1")
    first = desk.cursor("begin")
    assert ids(desk.pull(first)) == []
    assert desk.cursor("end") == desk.cursor(desk.start) == first
    desk.cloud.clock.sleep(10)
    assert ids(desk.pull(first)) == ["1"]
    assert desk.cursor("end") != first


@pytest.mark.parametrize("lag", [-1, 61])
def test_a_pull_lag_out_of_range_is_refused(desk: Desk, lag: float) -> None:
    with pytest.raises(ValueError, match="pull_lag"):
        replace(desk.cloud.sls.settings, pull_lag=lag)


def test_a_put_whose_reply_was_lost_is_pulled_twice(desk: Desk) -> None:
    desk.put("1")
    desk.put("1")
    assert desk.read() == ["1", "1"]


def test_a_cursor_is_found_by_whole_seconds_of_the_time_of_receipt(desk: Desk) -> None:
    desk.cloud.clock.sleep(desk.start + 2.7 - desk.cloud.clock.now())
    desk.put("early")
    second = int(desk.cloud.clock.now())
    desk.cloud.clock.sleep(1)
    desk.put("late")
    assert desk.read(where=second) == ["early", "late"]
    assert desk.read(where=second + 1) == ["late"]
    assert desk.read(where=second + 2) == []
    assert desk.cursor(second + 2) == desk.cursor("end")
    assert desk.cursor(1) == desk.client.get_begin_cursor(PROJECT, STORE, 0).get_cursor() == desk.cursor("begin")
    assert desk.client.get_end_cursor(PROJECT, STORE, 0).get_cursor() == desk.cursor("end")


def test_pages_of_groups_cover_the_shard_once(desk: Desk) -> None:
    for number in range(5):
        desk.put(f"{number}a", f"{number}b")
    found: list[str] = []
    cursor, end = desk.cursor("begin"), desk.cursor("end")
    for _ in range(3):
        page = desk.pull(cursor, count=2)
        found += ids(page)
        cursor = page.get_next_cursor()
    assert cursor == end
    assert found == [f"{number}{letter}" for number in range(5) for letter in "ab"]
    assert desk.pull(end).get_next_cursor() == end
    assert desk.pull(end).get_loggroup_count() == 0


def test_a_page_ends_before_it_is_too_large_but_holds_one_group(desk: Desk) -> None:
    desk.cloud.sls.settings = replace(desk.cloud.sls.settings, max_pull_bytes=10)
    desk.put("1")
    desk.put("2")
    page = desk.pull(desk.cursor("begin"))
    assert ids(page) == ["1"]
    assert ids(desk.pull(page.get_next_cursor())) == ["2"]


def test_the_end_cursor_ends_a_page_and_is_not_in_it(desk: Desk) -> None:
    desk.put("1")
    end = desk.cursor("end")
    desk.put("2")
    page = desk.pull(desk.cursor("begin"), end_cursor=end)
    assert ids(page) == ["1"]
    assert page.get_next_cursor() == end
    assert ids(desk.pull(end, end_cursor=end)) == []


def test_the_sdks_own_loop_over_a_range_of_time_ends(desk: Desk) -> None:
    for number in range(3):
        desk.put(str(number))
    pages: Iterator[Any] = desk.client.pull_log(PROJECT, STORE, 0, desk.start, desk.start + 600, batch_size=2)
    assert [ids(page) for page in pages] == [["0", "1"], ["2"]]


def test_the_time_of_a_cursor_is_when_its_group_was_received(desk: Desk) -> None:
    desk.put("1")
    received = int(desk.cloud.clock.now())
    first, end = desk.cursor("begin"), desk.cursor("end")
    desk.cloud.clock.sleep(30)
    assert desk.client.get_cursor_time(PROJECT, STORE, 0, first).get_cursor_time() == pytest.approx(received, abs=1)
    assert desk.client.get_previous_cursor_time(PROJECT, STORE, 0, end).get_cursor_time() == pytest.approx(
        received, abs=1
    )
    assert desk.client.get_cursor_time(PROJECT, STORE, 0, end).get_cursor_time() == int(desk.cloud.clock.now())


def test_a_hash_key_names_the_shard_and_without_one_chance_does(front: Front) -> None:
    desk = Desk(front, shards=2)
    desk.put("low", hash_key=LOW_KEY)
    desk.put("high", hash_key=HIGH_KEY)
    assert (desk.read(0), desk.read(1)) == (["low"], ["high"])
    for number in range(40):
        desk.put(str(number))
    first, second = desk.read(0)[1:], desk.read(1)[1:]
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


def test_a_split_shard_takes_no_more_writes_and_can_still_be_read(desk: Desk) -> None:
    desk.put("before")
    desk.shards.split(0, desk.start)
    assert desk.statuses() == {0: "readonly", 1: "readwrite", 2: "readwrite"}
    desk.put("low", hash_key=LOW_KEY)
    desk.put("high", hash_key=HIGH_KEY)
    assert [desk.read(shard) for shard in (0, 1, 2)] == [["before"], ["low"], ["high"]]


def test_cursors_of_another_shard_or_of_none_are_refused(front: Front) -> None:
    desk = Desk(front, shards=2)
    foreign = desk.cursor("end", shard=1)
    assert refusal(desk.pull, foreign) == (400, "ParameterInvalid", f"Invalid cursor {foreign}.")
    for cursor in ("no cursor", "bm9uZQ==", ""):
        assert refusal(desk.pull, cursor)[:2] == (400, "ParameterInvalid")
    assert refusal(desk.pull, desk.cursor("begin"), end_cursor="none")[:2] == (400, "ParameterInvalid")
    assert refusal(desk.client.get_cursor_time, PROJECT, STORE, 0, foreign)[:2] == (400, "InvalidCursor")


def test_what_is_not_there_is_named(desk: Desk) -> None:
    message = "Shard 7 does not exist."
    assert refusal(desk.cursor, "begin", 7) == (400, "ShardNotExist", message)
    assert refusal(desk.pull, desk.cursor("begin"), 7) == (400, "ShardNotExist", message)
    reply = refusal(desk.client.get_cursor, PROJECT, "other", 0, "begin")
    assert reply == (404, "LogStoreNotExist", "logstore other does not exist.")
    assert refusal(desk.client.list_shards, PROJECT, "other")[:2] == (404, "LogStoreNotExist")


@pytest.mark.parametrize("count", [-1, 1001, "many"])
def test_more_groups_than_a_page_can_hold_are_refused(desk: Desk, count: object) -> None:
    reply = refusal(desk.pull, desk.cursor("begin"), count=count)
    assert reply == (400, "ParameterInvalid", "ParameterCount should be in [0-1000].")


def test_a_filter_is_refused_by_the_fake(desk: Desk) -> None:
    reply = refusal(desk.pull, desk.cursor("begin"), query="* | where id = '1'")
    assert reply == (400, "ParameterInvalid", "not supported by the fake: PullLogs with query")


@pytest.mark.parametrize("key", ["short", "g" * 32])
def test_a_hash_key_that_is_none_is_refused_and_nothing_is_written(desk: Desk, key: str) -> None:
    assert refusal(desk.put, "1", hash_key=key)[:2] == (400, "ParameterInvalid")
    assert desk.read() == []


def test_reads_can_be_throttled_while_writes_go_on(desk: Desk) -> None:
    cursor = desk.cursor("begin")
    desk.cloud.faults.add(Fault("sls", "PullLogs", "throttle", times=1))
    assert refusal(desk.pull, cursor) == (403, "ShardReadQuotaExceed", "Shard read quota is exceeded.")
    desk.put("1")
    assert ids(desk.pull(cursor)) == ["1"]
