"""`SlsAuditLog.written_since`: all shards, the index not needed, whole or not at all."""

from dataclasses import replace

import pytest

from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.sls.codec import Log, LogGroup
from aliyun_fakes.sls.logstore import LogStore
from functions.retention.cloud.retry import MAX_ATTEMPTS
from functions.retention.cloud.sls import CALL_TAKES
from functions.retention.cloud.sls_shards import MAX_BYTES, MAX_CALLS
from functions.retention.core.errors import CloudError, NoAnswer, NotFound, Refused, Throttled
from tests.contract.cloud.clients import PROJECT, Clients, assert_shows_no_secret
from tests.contract.fronts import Front

Contents = list[tuple[bytes, bytes]]


@pytest.fixture
def store(clients: Clients) -> LogStore:
    """A logstore of one shard without an index, where records lie that nobody could put."""
    clients.settings = replace(clients.settings, sls_logstore="bare")
    return clients.cloud.sls.create_logstore(PROJECT, "bare", settings={"shardCount": 1})


def write(clients: Clients, store: LogStore, *contents: Contents, shard: int = 0) -> None:
    """Write one group past the checks of PutLogs; each shard has an order of its own."""
    logs = [Log(time=5, nanoseconds=None, contents=each, raw=raw(each)) for each in contents]
    store.append(LogGroup(logs, topic=b"", source=b"", tags=[]), clients.clock.now(), store.shards.at(str(shard)))


def raw(contents: Contents) -> bytes:
    """A Log of the wire: Time 5, then its contents, all shorter than 64 KiB."""
    return b"\x08\x05" + b"".join(field(0x12, field(0x0A, key) + field(0x12, value)) for key, value in contents)


def field(tag: int, value: bytes) -> bytes:
    size = len(value)
    return bytes([tag, size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]) + value


def named(event_id: str, **fields: str) -> Contents:
    return [(b"event_id", event_id.encode()), *((name.encode(), text.encode()) for name, text in fields.items())]


def read(clients: Clients, moment: float = 0) -> list[str]:
    return [each["event_id"] for each in clients.audit(logstore=clients.settings.sls_logstore).written_since(moment)]


def test_shards_are_read_one_after_the_other_and_those_that_were_split_first(clients: Clients, store: LogStore) -> None:
    write(clients, store, named("before"))
    store.shards.split(0, int(clients.clock.now()))
    write(clients, store, named("high"), shard=2)
    write(clients, store, named("low"), named("before"), shard=1)
    assert read(clients) == ["before", "low", "high"]


def test_nothing_is_asked_of_the_index(clients: Clients) -> None:
    clients.audit().put([{"event_id": "e1"}])
    assert read(clients) == ["e1"]
    assert clients.calls("GetLogs") == []


def test_what_the_log_does_not_show_yet_is_not_read_yet(clients: Clients) -> None:
    clients.cloud.sls.settings = replace(clients.cloud.sls.settings, pull_lag=20)
    clients.audit().put([{"event_id": "e1"}])
    assert read(clients) == []
    clients.clock.sleep(20)
    assert read(clients) == ["e1"]


@pytest.mark.usefixtures("store")
def test_a_second_reading_asks_only_for_what_came_since(clients: Clients) -> None:
    log = clients.audit(logstore="bare")
    for number in range(3):
        log.put([{"event_id": f"e{number}"}])
        assert len(log.written_since(0)) == number + 1
    assert log.written_since(0) == log.written_since(0)
    groups_read = [call.parameters["cursor"] for call in clients.calls("PullLogs")]
    assert len(groups_read) == len(set(groups_read)) == 3


@pytest.mark.usefixtures("store")
def test_what_shows_late_is_read_by_the_next_reading(clients: Clients) -> None:
    clients.cloud.sls.settings = replace(clients.cloud.sls.settings, pull_lag=4)
    log = clients.audit(logstore="bare")
    found = []
    for number in range(4):
        log.put([{"event_id": f"e{number}"}])
        found.append(len(log.written_since(0)))
        clients.clock.sleep(2)
    assert found == [0, 0, 1, 2]
    clients.clock.sleep(4)
    assert [each["event_id"] for each in log.written_since(0)] == ["e0", "e1", "e2", "e3"]


@pytest.mark.usefixtures("store")
def test_a_reading_from_earlier_on_begins_anew_and_one_from_later_on_leaves_out_what_is_older(clients: Clients) -> None:
    log, begun = clients.audit(logstore="bare"), clients.clock.now()
    for number in range(3):
        log.put([{"event_id": f"e{number}"}])
        clients.clock.sleep(10)
    moments = (begun + 15, begun + 5, begun, begun + 15, begun + 5000)
    found = [[each["event_id"] for each in log.written_since(moment)] for moment in moments]
    assert found == [["e2"], ["e1", "e2"], ["e0", "e1", "e2"], ["e2"], []]


def test_a_shard_that_is_split_between_two_readings_is_followed(clients: Clients, store: LogStore) -> None:
    log = clients.audit(logstore="bare")
    write(clients, store, named("before"))
    assert [each["event_id"] for each in log.written_since(0)] == ["before"]
    store.shards.split(0, int(clients.clock.now()))
    write(clients, store, named("high"), shard=2)
    write(clients, store, named("low"), shard=1)
    assert [each["event_id"] for each in log.written_since(0)] == ["before", "low", "high"]


def test_after_a_failure_a_reading_begins_anew(clients: Clients) -> None:
    log = clients.audit()
    log.put([{"event_id": "e1"}])
    assert len(log.written_since(0)) == 1
    log.put([{"event_id": "e2"}])
    clients.cloud.faults.add(
        Fault("sls", "PullLogs", "status", times=MAX_ATTEMPTS, status=500, code="InternalServerError")
    )
    with pytest.raises(CloudError):
        log.written_since(0)
    assert [each["event_id"] for each in log.written_since(0)] == ["e1", "e2"]


def test_pages_are_put_together(clients: Clients, store: LogStore) -> None:
    clients.cloud.sls.settings = replace(clients.cloud.sls.settings, max_pull_bytes=1)
    for number in range(5):
        write(clients, store, named(f"{number}a"), named(f"{number}b"))
    assert read(clients) == [f"{number}{letter}" for number in range(5) for letter in "ab"]
    assert len(clients.calls("PullLogs")) == 5


def test_a_quiet_time_costs_no_pull(clients: Clients, store: LogStore) -> None:
    write(clients, store, named("old"))
    clients.clock.sleep(60)
    assert read(clients, clients.clock.now() - 30) == []
    assert clients.calls("PullLogs") == []


def test_more_calls_than_a_reading_may_make_raise(clients: Clients, store: LogStore) -> None:
    clients.cloud.sls.settings = replace(clients.cloud.sls.settings, max_pull_bytes=1)
    for number in range(MAX_CALLS - 3):  # the list of shards and two cursors are calls as well
        write(clients, store, named(str(number)))
    assert len(read(clients)) == MAX_CALLS - 3
    write(clients, store, named("one more"))
    with pytest.raises(CloudError, match=r"Incomplete: .* more than 64 calls"):
        read(clients)


def test_more_bytes_than_a_reading_may_take_raise(clients: Clients, store: LogStore) -> None:
    filling = [named(str(number), path="x" * 65_000) for number in range(MAX_BYTES // 65_100)]
    write(clients, store, *filling[: len(filling) // 2])
    write(clients, store, *filling[len(filling) // 2 :])
    assert len(read(clients)) == len(filling)
    write(clients, store, *(named(f"more {number}", path="x" * 65_000) for number in range(2)))
    with pytest.raises(CloudError, match=f"Incomplete: .* more than {MAX_BYTES} bytes"):
        read(clients)


@pytest.mark.parametrize(
    "contents",
    [[(b"event_id", b"\xff\xfe")], [(b"event_id", b"e2"), (b"\xff", b"x")], [(b"event_id", b"a"), (b"event_id", b"b")]],
    ids=["value", "name", "field twice"],
)
def test_a_record_that_cannot_be_decoded_fails_the_reading_at_once(
    clients: Clients, store: LogStore, contents: Contents
) -> None:
    write(clients, store, named("e1"))
    write(clients, store, contents)
    with pytest.raises(CloudError, match="UnreadableRecord"):
        read(clients)
    assert len(clients.calls("PullLogs")) == 1


def test_records_of_others_without_an_event_id_all_stay_without_the_services_own_fields(
    clients: Clients, store: LogStore
) -> None:
    for _ in range(2):
        write(clients, store, [(b"event", b"x"), (b"__pack_meta__", b"y")])
    assert clients.audit(logstore="bare").written_since(0) == [{"event": "x"}, {"event": "x"}]


def test_an_answer_that_is_no_list_of_log_groups_is_no_answer_and_is_not_quoted(
    clients: Clients, store: LogStore
) -> None:
    broken = LogGroup([Log(5, None, [], raw=b"\x0a\x7fsecret-path")], topic=b"", source=b"", tags=[])
    store.append(broken, clients.clock.now(), store.shards.at("0"))
    with pytest.raises(NoAnswer, match="UnreadableReply: shard 0") as caught:
        read(clients)
    assert len(str(caught.value)) < 200
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)


@pytest.mark.parametrize("operation", ["ListShards", "GetCursor", "PullLogs"])
def test_a_call_that_is_refused_for_now_is_made_again(clients: Clients, operation: str) -> None:
    clients.audit().put([{"event_id": "e1"}])
    clients.cloud.faults.add(Fault("sls", operation, "throttle", times=2))
    assert read(clients) == ["e1"]


@pytest.mark.parametrize("operation", ["ListShards", "GetCursor", "PullLogs"])
@pytest.mark.parametrize(
    ("kind", "error"), [("throttle", Throttled), ("status", NoAnswer), ("garbage", NoAnswer), ("drop", NoAnswer)]
)
def test_a_call_that_keeps_failing_fails_the_reading_after_the_retry_layers_attempts(
    clients: Clients, operation: str, kind: str, error: type[CloudError]
) -> None:
    clients.audit().put([{"event_id": "e1"}])
    clients.cloud.faults.add(Fault("sls", operation, kind, times=0))  # type: ignore[arg-type]  # one of its literals
    with pytest.raises(error):
        read(clients)
    assert len(clients.calls(operation)) == MAX_ATTEMPTS


def test_a_logstore_that_is_not_there_is_named(clients: Clients) -> None:
    with pytest.raises(NotFound, match="LogStoreNotExist"):
        clients.audit(logstore="other").written_since(0)


def test_no_reading_begins_that_may_outlast_the_slice(clients: Clients) -> None:
    with pytest.raises(CloudError, match="TooLate"):
        clients.audit(left=CALL_TAKES - 1).written_since(0)
    assert clients.calls("ListShards") == []


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (replace(TEST_KEY, secret="guessed-secret"), "SignatureNotMatch"),
        (AccessKey("STS.temporary", "secret-of-sts", "token-of-yesterday"), "Unauthorized"),
        (AccessKey("LTAIlister", "secret-of-lister"), "Unauthorized"),
    ],
    ids=["wrong secret", "stale token", "may only list shards"],
)
def test_who_may_not_read_is_refused_at_once_and_no_secret_shows(
    front: Front, clients: Clients, key: AccessKey, code: str
) -> None:
    front.cloud.keys.add(AccessKey("STS.temporary", "secret-of-sts", "token-of-today"))
    front.cloud.keys.add(AccessKey("LTAIlister", "secret-of-lister", allowed=frozenset({"log:ListShards"})))
    with pytest.raises(Refused, match=code) as caught:
        Clients(front, key).audit().written_since(0)
    assert_shows_no_secret(caught.value, key)
    assert len(clients.calls("ListShards")) == 1


def test_the_two_rights_of_a_reader_are_enough(front: Front, clients: Clients) -> None:
    clients.audit().put([{"event_id": "e1"}])
    allowed = frozenset({"log:ListShards", "log:GetCursorOrData"})
    key = AccessKey("LTAIreader", "secret-of-reader", allowed=allowed)
    front.cloud.keys.add(key)
    assert [each["event_id"] for each in Clients(front, key).audit().written_since(0)] == ["e1"]
