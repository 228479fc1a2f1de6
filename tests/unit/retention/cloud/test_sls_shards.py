"""`ShardReader` with replies that the fakes never give: a service that loses count or does not come to an end."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest
from aliyun.log import LogClient

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.cloud.retry import MAX_ATTEMPTS, Retry
from functions.retention.cloud.sls_shards import GROUPS, ShardReader
from functions.retention.core.errors import NoAnswer

T = TypeVar("T")


@dataclass
class Reply:
    """One page as the SDK gives it.

    Attributes:
        ids: one record each, one group each.
        next_cursor: of the page.
        counted: the number of groups the header names.
    """

    ids: Sequence[str]
    next_cursor: str
    counted: int

    def get_loggroup_list(self) -> Any:  # noqa: ANN401 - stands in for an SDK without types
        named = [[SimpleNamespace(Key="event_id", Value=each)] for each in self.ids]
        contents = [SimpleNamespace(Time=1, Contents=each) for each in named]
        return SimpleNamespace(LogGroups=[SimpleNamespace(Logs=[each]) for each in contents])

    def get_loggroup_count(self) -> int:
        return self.counted

    def get_next_cursor(self) -> str:
        return self.next_cursor

    def get_raw_size(self) -> int:
        return 100


@dataclass
class Client:
    """A log client whose shards begin at ``begin`` and end at ``end``."""

    replies: list[Reply]
    shards: Sequence[int] = (0,)
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def list_shards(self, *_: str) -> Any:  # noqa: ANN401 - as above
        return SimpleNamespace(get_shards_info=lambda: [{"shardID": each} for each in self.shards])

    def get_cursor(self, _project: str, _logstore: str, _shard: int, where: object) -> Any:  # noqa: ANN401 - as above
        return SimpleNamespace(get_cursor=lambda: "end" if where == "end" else "begin")

    def pull_logs(
        self, _project: str, _logstore: str, shard: int, cursor: str, *, count: int, end_cursor: str
    ) -> Reply:
        self.asked.append((shard, cursor, count, end_cursor))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def read(client: Client) -> list[str]:
    clock = VirtualClock()
    retry = Retry(clock, random.Random(1), clock.now() + 600)

    def call(operation: str, function: Callable[[], T]) -> T:
        return retry.call(operation, function, repeatable=True)

    reader = ShardReader(cast("LogClient", client), "project", "audit", call)
    return [each["event_id"] for each in reader.written_since(0)]


def test_pages_are_asked_for_from_cursor_to_cursor_up_to_the_end() -> None:
    client = Client([Reply(["e1"], "middle", 1), Reply([], "later", 0), Reply(["e2"], "end", 1)])
    assert read(client) == ["e1", "e2"]
    assert client.asked == [(0, cursor, GROUPS, "end") for cursor in ("begin", "middle", "later")]


def test_a_page_that_leads_nowhere_is_asked_for_again() -> None:
    client = Client([Reply([], "begin", 0), Reply(["e1"], "end", 1)])
    assert read(client) == ["e1"]


def test_a_shard_that_never_comes_to_its_end_is_not_read_in_part() -> None:
    client = Client([Reply(["e1"], "middle", 1), Reply([], "middle", 0)])
    with pytest.raises(NoAnswer, match="Incomplete: shard 0 at middle"):
        read(client)
    assert len(client.asked) == 1 + MAX_ATTEMPTS


def test_a_page_with_fewer_groups_than_it_says_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="1 log groups where x-log-count says 2"):
        read(Client([Reply(["e1"], "end", 2)]))


def test_a_logstore_that_lists_no_shard_is_not_an_empty_log() -> None:
    with pytest.raises(NoAnswer, match="no shard of audit is listed"):
        read(Client([Reply([], "end", 0)], shards=()))
