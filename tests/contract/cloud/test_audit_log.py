"""`SlsAuditLog`: stored means acknowledged, found means all of it, and the clock is ours."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.faults import Fault
from functions.retention.cloud.retry import MAX_ATTEMPTS
from functions.retention.cloud.sls import CALL_TAKES, PUT_RECORDS, TOPIC
from functions.retention.core.errors import CloudError, NoAnswer, NotFound, Refused, Throttled
from functions.retention.core.services import Record
from tests.contract.cloud.clients import PROJECT, SOURCE, STORE, Clients, assert_shows_no_secret
from tests.contract.cloud.silence import Silence
from tests.contract.fronts import Front

IN_PROCESS = pytest.mark.parametrize("front", ["in-process"], indirect=True)
"""For faults that would cost real waiting over a socket."""

SERVER = pytest.mark.parametrize("front", ["server"], indirect=True)


def record(number: int, **fields: str) -> Record:
    return {"event_id": f"e{number}", "event": "intent", "run": "r1"} | fields


def stored(clients: Clients) -> list[str]:
    return [log["event_id"] for log in clients.cloud.sls.records(PROJECT, STORE)]


def settle(clients: Clients) -> None:
    """Let the index catch up."""
    clients.clock.sleep(clients.cloud.sls.settings.index_lag)


def found(clients: Clients, limit: int = 1000, **terms: str | Sequence[str]) -> list[str]:
    return [each["event_id"] for each in clients.audit().find(terms, clients.clock.now() - 3600, limit)]


def test_a_record_is_stored_as_it_is_with_topic_source_and_the_clocks_time(clients: Clients) -> None:
    clients.clock.sleep(0.25)
    clients.audit().put([record(1, path="/häuser/回收站 a")])
    (log,) = clients.cloud.sls.records(PROJECT, STORE)
    moment = clients.calls("PutLogs")[0].at
    assert (log["__topic__"], log["__source__"]) == (TOPIC, SOURCE)
    assert float(log["__time__"]) + int(log["__time_ns_part__"]) / 1e9 == pytest.approx(moment, abs=1e-6)
    assert {name: value for name, value in log.items() if not name.startswith("__")} == record(
        1, path="/häuser/回收站 a"
    )


def test_what_was_put_is_found_as_it_was_put(clients: Clients) -> None:
    records = [record(1, path="/a b"), record(2, path="")]
    clients.audit().put(records)
    settle(clients)
    assert clients.audit().find({"run": "r1"}, clients.clock.now() - 60) == records


def test_nothing_is_sent_for_no_records(clients: Clients) -> None:
    clients.audit().put([])
    assert clients.calls("PutLogs") == []


def test_a_record_without_an_event_id_stops_the_whole_put_before_it_leaves(clients: Clients) -> None:
    with pytest.raises(ValueError, match="event_id"):
        clients.audit().put([record(1), {"event": "intent"}])
    assert clients.calls("PutLogs") == []


def test_many_records_go_in_several_puts_in_their_order(clients: Clients) -> None:
    clients.audit().put([record(number) for number in range(PUT_RECORDS + 1)])
    assert len(clients.calls("PutLogs")) == 2
    assert stored(clients) == [f"e{number}" for number in range(PUT_RECORDS + 1)]


def test_large_records_go_in_several_puts(clients: Clients) -> None:
    clients.audit().put([record(number, detail="x" * 800_000) for number in range(3)])
    assert len(clients.calls("PutLogs")) == 2
    assert stored(clients) == ["e0", "e1", "e2"]


def test_a_file_name_that_no_encoding_takes_is_stored_escaped(clients: Clients) -> None:
    clients.audit().put([record(1, path="/bad\udcff")])
    (log,) = clients.cloud.sls.records(PROJECT, STORE)
    assert log["path"] == r"/bad\udcff"


def test_a_put_that_was_refused_for_now_is_put_again_after_a_wait_on_the_clock(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "throttle", times=2))
    clients.audit().put([record(1)])
    assert stored(clients) == ["e1"]
    first, _, third = (line.at for line in clients.calls("PutLogs"))
    assert third - first > 0.05


def test_a_put_that_is_refused_for_ever_is_told_as_throttled(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "throttle", times=0))
    with pytest.raises(Throttled, match="WriteQuotaExceed"):
        clients.audit().put([record(1)])
    assert stored(clients) == []
    assert len(clients.calls("PutLogs")) == MAX_ATTEMPTS


@pytest.mark.parametrize("code", ["InternalServerError", "RequestTimeout", "ServerBusy"])
def test_only_the_retry_layer_repeats_what_answers_5xx(clients: Clients, code: str) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "status", times=0, status=503, code=code))
    with pytest.raises(NoAnswer, match=code) as caught:
        clients.audit().put([record(1)])
    assert caught.value.request_id
    assert len(clients.calls("PutLogs")) == MAX_ATTEMPTS
    assert stored(clients) == []


def test_a_server_error_that_passes_is_not_noticed(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "status", times=3))
    clients.audit().put([record(1)])
    assert stored(clients) == ["e1"]


def test_a_page_of_html_is_no_answer(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "garbage", times=0))
    with pytest.raises(NoAnswer, match="BadResponse"):
        clients.audit().put([record(1)])
    assert len(clients.calls("PutLogs")) == MAX_ATTEMPTS


def test_a_put_whose_reply_was_lost_is_stored_twice_and_found_once(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "drop", when="after"))
    clients.audit().put([record(1), record(2)])
    assert stored(clients) == ["e1", "e2", "e1", "e2"]
    settle(clients)
    assert found(clients, run="r1") == ["e1", "e2"]


def test_a_connection_that_always_drops_is_no_answer(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "drop", times=0))
    with pytest.raises(NoAnswer, match="LogRequestError"):
        clients.audit().put([record(1)])
    assert len(clients.calls("PutLogs")) == MAX_ATTEMPTS


@IN_PROCESS
def test_replies_that_never_come_end_with_the_slice(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "timeout", times=0, seconds=5))
    begun = clients.clock.now()
    with pytest.raises(NoAnswer, match="LogRequestError"):
        clients.audit(left=28).put([record(1)])
    assert 5 < clients.clock.now() - begun <= 28
    assert len(clients.calls("PutLogs")) > 1


@SERVER
def test_a_client_over_http_does_not_repeat_a_silent_put_by_itself(clients: Clients, silent: Silence) -> None:
    clients.settings = replace(clients.settings, sls_endpoint=f"http://{silent.address}")
    with pytest.raises(NoAnswer, match="TimeoutError"):
        clients.audit(timeout=0.05).put([record(1)])
    assert silent.connections() == MAX_ATTEMPTS


@SERVER
def test_nobody_listening_is_no_answer(clients: Clients, nobody_at: str) -> None:
    clients.settings = replace(clients.settings, sls_endpoint=f"http://{nobody_at}")
    with pytest.raises(NoAnswer, match="LogRequestError"):
        clients.audit().put([record(1)])


def test_no_call_begins_that_may_outlast_the_slice(clients: Clients) -> None:
    with pytest.raises(CloudError, match="TooLate"):
        clients.audit(left=CALL_TAKES - 1).put([record(1)])
    assert clients.calls("PutLogs") == []


def test_when_the_second_put_of_several_fails_the_first_is_stored_and_the_call_raises(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "PutLogs", "status", nth=2, times=0, status=401, code="Unauthorized"))
    with pytest.raises(Refused, match="Unauthorized"):
        clients.audit().put([record(number) for number in range(PUT_RECORDS + 1)])
    assert len(stored(clients)) == PUT_RECORDS


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (AccessKey("LTAIunknown", "secret-of-none"), "Unauthorized"),
        (replace(TEST_KEY, secret="guessed-secret"), "SignatureNotMatch"),
        (AccessKey("STS.temporary", "secret-of-sts", "token-of-yesterday"), "Unauthorized"),
        (AccessKey("LTAIreader", "secret-of-reader"), "Unauthorized"),
    ],
    ids=["unknown", "wrong secret", "stale token", "not allowed"],
)
def test_who_may_not_write_is_refused_at_once_and_no_secret_shows(
    front: Front, clients: Clients, key: AccessKey, code: str
) -> None:
    front.cloud.keys.add(AccessKey("STS.temporary", "secret-of-sts", "token-of-today"))
    front.cloud.keys.add(AccessKey("LTAIreader", "secret-of-reader", allowed=frozenset({"log:GetLogStoreLogs"})))
    with pytest.raises(Refused, match=code) as caught:
        Clients(front, key).audit().put([record(1)])
    assert_shows_no_secret(caught.value, key)
    assert len(clients.calls("PutLogs")) == 1


@pytest.mark.parametrize("status", [401, 503])
def test_an_error_that_quotes_a_request_is_told_without_the_quotation(
    front: Front, clients: Clients, status: int
) -> None:
    key = AccessKey("STS.temporary", "secret-of-sts", "token-of-today")
    front.cloud.keys.add(key)
    quoting = f"string to sign: {key.id} {key.secret} x-acs-security-token:{key.security_token}"
    clients.cloud.faults.add(Fault("sls", "*", "status", times=0, status=status, code="Unauthorized", message=quoting))
    with pytest.raises(CloudError) as caught:
        Clients(front, key).audit().find({"run": "r1"}, 0)
    assert "string to sign" not in str(caught.value)
    assert_shows_no_secret(caught.value, key)


def test_a_permission_that_lacks_is_named(front: Front, clients: Clients) -> None:
    front.cloud.keys.add(key := AccessKey("LTAIwriter", "secret", allowed=frozenset({"log:PostLogStoreLogs"})))
    writer = Clients(front, key)
    writer.audit().put([record(1)])
    with pytest.raises(Refused, match="log:GetLogStoreLogs"):
        writer.audit().find({"run": "r1"}, clients.clock.now() - 60)


def test_a_logstore_that_is_not_there_is_not_found(clients: Clients) -> None:
    audit = clients.audit(logstore="other")
    for call in (lambda: audit.put([record(1)]), lambda: audit.find({}, 1), audit.has_index):
        with pytest.raises(NotFound, match="LogStoreNotExist"):
            call()


def test_a_project_that_is_not_there_is_not_found(clients: Clients) -> None:
    clients.cloud.sls.delete_project(PROJECT)
    with pytest.raises(NotFound, match="ProjectNotExist"):
        clients.audit().put([record(1)])


def test_records_are_found_only_when_the_index_has_caught_up(clients: Clients) -> None:
    clients.audit().put([record(1)])
    assert found(clients, run="r1") == []
    settle(clients)
    assert found(clients, run="r1") == ["e1"]


def test_everything_is_found_over_many_pages_oldest_first(clients: Clients) -> None:
    for start in range(0, 250, 50):
        clients.audit().put([record(number) for number in range(start, start + 50)])
        clients.clock.sleep(1)
    settle(clients)
    assert found(clients, run="r1") == [f"e{number}" for number in range(250)]
    assert len(clients.calls("GetLogs")) == 3


@pytest.mark.parametrize("count", [100, 200])
def test_full_pages_are_followed_by_one_more_look(clients: Clients, count: int) -> None:
    clients.audit().put([record(number) for number in range(count)])
    settle(clients)
    assert len(found(clients, run="r1")) == count


def test_more_than_the_limit_is_an_error_and_never_a_part(clients: Clients) -> None:
    clients.audit().put([record(number) for number in range(6)])
    settle(clients)
    assert len(found(clients, limit=6, run="r1")) == 6
    with pytest.raises(CloudError, match="more than 5 records"):
        found(clients, limit=5, run="r1")


def test_copies_do_not_count_against_the_limit(clients: Clients) -> None:
    for _ in range(3):
        clients.audit().put([record(number) for number in range(40)])
    settle(clients)
    assert len(found(clients, limit=40, run="r1")) == 40


@pytest.mark.parametrize(
    "value",
    ['say "no"', "back\\slash", "a: b", "star*", "what?", "and", "(x)", "rb-1,ed-r-2", "/a/b c", "üñï 回收站"],
)
def test_a_term_finds_exactly_its_value_whatever_characters_it_has(clients: Clients, value: str) -> None:
    clients.audit().put([record(1, path=value), record(2, path=value + " more"), record(3, path="other")])
    settle(clients)
    assert found(clients, path=value) == ["e1"]


def test_all_terms_must_hold(clients: Clients) -> None:
    clients.audit().put(
        [record(1, slice_number="1"), record(2, slice_number="2"), record(3, run="r2", slice_number="1")]
    )
    settle(clients)
    assert found(clients, run="r1", slice_number="1") == ["e1"]


def test_one_search_finds_several_values_of_a_field_beside_terms_that_must_hold(clients: Clients) -> None:
    events = ["started", 'say "or" (x)', "ended"]
    clients.audit().put([record(number, event=event) for number, event in enumerate(events)])
    clients.audit().put([record(3, run="r2", event="ended"), record(4, event="x")])
    settle(clients)
    before = len(clients.calls("GetLogs"))
    assert found(clients, event=events, run="r1") == ["e0", "e1", "e2"]
    assert found(clients, run=("r2", "r3"), event=("started", "ended")) == ["e3"]
    assert len(clients.calls("GetLogs")) == before + 2


def test_a_field_without_values_matches_nothing_and_asks_nothing(clients: Clients) -> None:
    clients.audit().put([record(1)])
    settle(clients)
    before = len(clients.calls("GetLogs"))
    assert found(clients, run="r1", client_token=()) == []
    assert len(clients.calls("GetLogs")) == before


def test_only_records_since_the_moment_are_found_and_those_of_faster_clocks_too(clients: Clients) -> None:
    clients.audit().put([record(1)])
    clients.clock.sleep(100)
    since = clients.clock.now()
    clients.audit().put([record(2)])
    settle(clients)
    assert [each["event_id"] for each in clients.audit().find({"run": "r1"}, since)] == ["e2"]


def test_a_logstore_without_an_index_cannot_be_searched_and_says_so(clients: Clients) -> None:
    clients.cloud.sls.create_logstore(PROJECT, "bare")
    bare = clients.audit(logstore="bare")
    with pytest.raises(NotFound, match="IndexConfigNotExist"):
        bare.find({"run": "r1"}, 1)
    assert bare.has_index() is False
    assert clients.audit().has_index() is True


def test_whether_there_is_an_index_is_not_guessed_when_the_log_cannot_say(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "GetIndex", "status", times=0))
    with pytest.raises(NoAnswer):
        clients.audit().has_index()


def test_an_incomplete_search_is_no_answer_and_asked_for_by_the_retry_layer_only(clients: Clients) -> None:
    clients.audit().put([record(1), record(2)])
    settle(clients)
    clients.cloud.sls.settings = replace(clients.cloud.sls.settings, incomplete=True)
    with pytest.raises(NoAnswer, match="Incomplete"):
        found(clients, run="r1")
    assert len(clients.calls("GetLogs")) == MAX_ATTEMPTS


def test_a_read_that_is_refused_for_now_is_made_again(clients: Clients) -> None:
    clients.audit().put([record(1)])
    settle(clients)
    clients.cloud.faults.add(Fault("sls", "GetLogs", "throttle", times=2))
    assert found(clients, run="r1") == ["e1"]


def test_a_page_that_fails_fails_the_search(clients: Clients) -> None:
    clients.audit().put([record(number) for number in range(150)])
    settle(clients)
    clients.cloud.faults.add(Fault("sls", "GetLogs", "throttle", nth=2, times=0))
    with pytest.raises(Throttled, match="ReadQuotaExceed"):
        found(clients, run="r1")


def test_reads_that_fail_do_not_stop_writes(clients: Clients) -> None:
    clients.cloud.faults.add(Fault("sls", "GetLogs", "status", times=0))
    with pytest.raises(NoAnswer):
        found(clients, run="r1")
    clients.audit().put([record(1)])
    assert stored(clients) == ["e1"]
