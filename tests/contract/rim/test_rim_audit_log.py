"""`SlsAuditLog`: stored means acknowledged, found means all of it, and the clock is ours."""

from dataclasses import replace

import pytest

from fakes.core.credentials import TEST_KEY, AccessKey
from fakes.core.faults import Fault
from functions.retention.audit import Record
from functions.retention.errors import CloudError, NoAnswer, NotFound, Refused, Throttled
from functions.retention.retry import MAX_ATTEMPTS
from functions.retention.sls import CALL_TAKES, PUT_RECORDS, TOPIC
from tests.contract.fronts import Front
from tests.contract.rim.rim import PROJECT, SOURCE, STORE, Rim, assert_shows_no_secret
from tests.contract.rim.silence import Silence

IN_PROCESS = pytest.mark.parametrize("front", ["in-process"], indirect=True)
"""For faults that would cost real waiting over a socket."""

SERVER = pytest.mark.parametrize("front", ["server"], indirect=True)


def record(number: int, **fields: str) -> Record:
    return {"event_id": f"e{number}", "event": "intent", "run": "r1"} | fields


def stored(rim: Rim) -> list[str]:
    return [log["event_id"] for log in rim.cloud.sls.records(PROJECT, STORE)]


def settle(rim: Rim) -> None:
    """Let the index catch up."""
    rim.clock.sleep(rim.cloud.sls.settings.index_lag)


def found(rim: Rim, limit: int = 1000, **terms: str) -> list[str]:
    return [each["event_id"] for each in rim.audit().find(terms, rim.clock.now() - 3600, limit)]


def test_a_record_is_stored_as_it_is_with_topic_source_and_the_clocks_time(rim: Rim) -> None:
    rim.clock.sleep(0.25)
    rim.audit().put([record(1, path="/häuser/回收站 a")])
    (log,) = rim.cloud.sls.records(PROJECT, STORE)
    moment = rim.calls("PutLogs")[0].at
    assert (log["__topic__"], log["__source__"]) == (TOPIC, SOURCE)
    assert float(log["__time__"]) + int(log["__time_ns_part__"]) / 1e9 == pytest.approx(moment, abs=1e-6)
    assert {name: value for name, value in log.items() if not name.startswith("__")} == record(
        1, path="/häuser/回收站 a"
    )


def test_what_was_put_is_found_as_it_was_put(rim: Rim) -> None:
    records = [record(1, path="/a b"), record(2, path="")]
    rim.audit().put(records)
    settle(rim)
    assert rim.audit().find({"run": "r1"}, rim.clock.now() - 60) == records


def test_nothing_is_sent_for_no_records(rim: Rim) -> None:
    rim.audit().put([])
    assert rim.calls("PutLogs") == []


def test_a_record_without_an_event_id_stops_the_whole_put_before_it_leaves(rim: Rim) -> None:
    with pytest.raises(ValueError, match="event_id"):
        rim.audit().put([record(1), {"event": "intent"}])
    assert rim.calls("PutLogs") == []


def test_many_records_go_in_several_puts_in_their_order(rim: Rim) -> None:
    rim.audit().put([record(number) for number in range(PUT_RECORDS + 1)])
    assert len(rim.calls("PutLogs")) == 2
    assert stored(rim) == [f"e{number}" for number in range(PUT_RECORDS + 1)]


def test_large_records_go_in_several_puts(rim: Rim) -> None:
    rim.audit().put([record(number, detail="x" * 800_000) for number in range(3)])
    assert len(rim.calls("PutLogs")) == 2
    assert stored(rim) == ["e0", "e1", "e2"]


def test_a_file_name_that_no_encoding_takes_is_stored_escaped(rim: Rim) -> None:
    rim.audit().put([record(1, path="/bad\udcff")])
    (log,) = rim.cloud.sls.records(PROJECT, STORE)
    assert log["path"] == r"/bad\udcff"


def test_a_put_that_was_refused_for_now_is_put_again_after_a_wait_on_the_clock(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "throttle", times=2))
    rim.audit().put([record(1)])
    assert stored(rim) == ["e1"]
    first, _, third = (line.at for line in rim.calls("PutLogs"))
    assert third - first > 0.05


def test_a_put_that_is_refused_for_ever_is_told_as_throttled(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "throttle", times=0))
    with pytest.raises(Throttled, match="WriteQuotaExceed"):
        rim.audit().put([record(1)])
    assert stored(rim) == []
    assert len(rim.calls("PutLogs")) == MAX_ATTEMPTS


@pytest.mark.parametrize("code", ["InternalServerError", "RequestTimeout", "ServerBusy"])
def test_only_the_retry_layer_repeats_what_answers_5xx(rim: Rim, code: str) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "status", times=0, status=503, code=code))
    with pytest.raises(NoAnswer, match=code) as caught:
        rim.audit().put([record(1)])
    assert caught.value.request_id
    assert len(rim.calls("PutLogs")) == MAX_ATTEMPTS
    assert stored(rim) == []


def test_a_server_error_that_passes_is_not_noticed(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "status", times=3))
    rim.audit().put([record(1)])
    assert stored(rim) == ["e1"]


def test_a_page_of_html_is_no_answer(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "garbage", times=0))
    with pytest.raises(NoAnswer, match="BadResponse"):
        rim.audit().put([record(1)])
    assert len(rim.calls("PutLogs")) == MAX_ATTEMPTS


def test_a_put_whose_reply_was_lost_is_stored_twice_and_found_once(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "drop", when="after"))
    rim.audit().put([record(1), record(2)])
    assert stored(rim) == ["e1", "e2", "e1", "e2"]
    settle(rim)
    assert found(rim, run="r1") == ["e1", "e2"]


def test_a_connection_that_always_drops_is_no_answer(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "drop", times=0))
    with pytest.raises(NoAnswer, match="LogRequestError"):
        rim.audit().put([record(1)])
    assert len(rim.calls("PutLogs")) == MAX_ATTEMPTS


@IN_PROCESS
def test_replies_that_never_come_end_with_the_slice(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "timeout", times=0, seconds=5))
    begun = rim.clock.now()
    with pytest.raises(NoAnswer, match="LogRequestError"):
        rim.audit(left=28).put([record(1)])
    assert 5 < rim.clock.now() - begun <= 28
    assert len(rim.calls("PutLogs")) > 1


@SERVER
def test_a_client_over_http_does_not_repeat_a_silent_put_by_itself(rim: Rim, silent: Silence) -> None:
    rim.settings = replace(rim.settings, sls_endpoint=f"http://{silent.address}")
    with pytest.raises(NoAnswer, match="timed out"):
        rim.audit(timeout=0.05).put([record(1)])
    assert silent.connections() == MAX_ATTEMPTS


@SERVER
def test_nobody_listening_is_no_answer(rim: Rim, nobody_at: str) -> None:
    rim.settings = replace(rim.settings, sls_endpoint=f"http://{nobody_at}")
    with pytest.raises(NoAnswer, match="LogRequestError"):
        rim.audit().put([record(1)])


def test_no_call_begins_that_may_outlast_the_slice(rim: Rim) -> None:
    with pytest.raises(CloudError, match="TooLate"):
        rim.audit(left=CALL_TAKES - 1).put([record(1)])
    assert rim.calls("PutLogs") == []


def test_when_the_second_put_of_several_fails_the_first_is_stored_and_the_call_raises(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "PutLogs", "status", nth=2, times=0, status=401, code="Unauthorized"))
    with pytest.raises(Refused, match="Unauthorized"):
        rim.audit().put([record(number) for number in range(PUT_RECORDS + 1)])
    assert len(stored(rim)) == PUT_RECORDS


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
    front: Front, rim: Rim, key: AccessKey, code: str
) -> None:
    front.cloud.keys.add(AccessKey("STS.temporary", "secret-of-sts", "token-of-today"))
    front.cloud.keys.add(AccessKey("LTAIreader", "secret-of-reader", allowed=frozenset({"log:GetLogStoreLogs"})))
    with pytest.raises(Refused, match=code) as caught:
        Rim(front, key).audit().put([record(1)])
    assert_shows_no_secret(caught.value, key)
    assert len(rim.calls("PutLogs")) == 1


@pytest.mark.parametrize("status", [401, 503])
def test_an_error_that_quotes_a_secret_is_told_without_it(front: Front, rim: Rim, status: int) -> None:
    key = AccessKey("STS.temporary", "secret-of-sts", "token-of-today")
    front.cloud.keys.add(key)
    quoting = f"string to sign: {key.id} {key.secret} x-acs-security-token:{key.security_token}"
    rim.cloud.faults.add(Fault("sls", "*", "status", times=0, status=status, code="Unauthorized", message=quoting))
    with pytest.raises(CloudError, match="string to sign") as caught:
        Rim(front, key).audit().find({"run": "r1"}, 0)
    assert_shows_no_secret(caught.value, key)


def test_a_permission_that_lacks_is_named(front: Front, rim: Rim) -> None:
    front.cloud.keys.add(key := AccessKey("LTAIwriter", "secret", allowed=frozenset({"log:PostLogStoreLogs"})))
    writer = Rim(front, key)
    writer.audit().put([record(1)])
    with pytest.raises(Refused, match="log:GetLogStoreLogs"):
        writer.audit().find({"run": "r1"}, rim.clock.now() - 60)


def test_a_logstore_that_is_not_there_is_not_found(rim: Rim) -> None:
    audit = rim.audit(logstore="other")
    for call in (lambda: audit.put([record(1)]), lambda: audit.find({}, 1), audit.has_index):
        with pytest.raises(NotFound, match="LogStoreNotExist"):
            call()


def test_a_project_that_is_not_there_is_not_found(rim: Rim) -> None:
    rim.cloud.sls.delete_project(PROJECT)
    with pytest.raises(NotFound, match="ProjectNotExist"):
        rim.audit().put([record(1)])


def test_records_are_found_only_when_the_index_has_caught_up(rim: Rim) -> None:
    rim.audit().put([record(1)])
    assert found(rim, run="r1") == []
    settle(rim)
    assert found(rim, run="r1") == ["e1"]


def test_everything_is_found_over_many_pages_oldest_first(rim: Rim) -> None:
    for start in range(0, 250, 50):
        rim.audit().put([record(number) for number in range(start, start + 50)])
        rim.clock.sleep(1)
    settle(rim)
    assert found(rim, run="r1") == [f"e{number}" for number in range(250)]
    assert len(rim.calls("GetLogs")) == 3


@pytest.mark.parametrize("count", [100, 200])
def test_full_pages_are_followed_by_one_more_look(rim: Rim, count: int) -> None:
    rim.audit().put([record(number) for number in range(count)])
    settle(rim)
    assert len(found(rim, run="r1")) == count


def test_more_than_the_limit_is_an_error_and_never_a_part(rim: Rim) -> None:
    rim.audit().put([record(number) for number in range(6)])
    settle(rim)
    assert len(found(rim, limit=6, run="r1")) == 6
    with pytest.raises(CloudError, match="more than 5 records"):
        found(rim, limit=5, run="r1")


def test_copies_do_not_count_against_the_limit(rim: Rim) -> None:
    for _ in range(3):
        rim.audit().put([record(number) for number in range(40)])
    settle(rim)
    assert len(found(rim, limit=40, run="r1")) == 40


@pytest.mark.parametrize(
    "value",
    ['say "no"', "back\\slash", "a: b", "star*", "what?", "and", "(x)", "rb-1,ed-r-2", "/a/b c", "üñï 回收站"],
)
def test_a_term_finds_exactly_its_value_whatever_characters_it_has(rim: Rim, value: str) -> None:
    rim.audit().put([record(1, path=value), record(2, path=value + " more"), record(3, path="other")])
    settle(rim)
    assert found(rim, path=value) == ["e1"]


def test_all_terms_must_hold(rim: Rim) -> None:
    rim.audit().put([record(1, hop="1"), record(2, hop="2"), record(3, run="r2", hop="1")])
    settle(rim)
    assert found(rim, run="r1", hop="1") == ["e1"]


def test_only_records_since_the_moment_are_found_and_those_of_faster_clocks_too(rim: Rim) -> None:
    rim.audit().put([record(1)])
    rim.clock.sleep(100)
    since = rim.clock.now()
    rim.audit().put([record(2)])
    settle(rim)
    assert [each["event_id"] for each in rim.audit().find({"run": "r1"}, since)] == ["e2"]


def test_a_logstore_without_an_index_cannot_be_searched_and_says_so(rim: Rim) -> None:
    rim.cloud.sls.create_logstore(PROJECT, "bare")
    bare = rim.audit(logstore="bare")
    with pytest.raises(NotFound, match="IndexConfigNotExist"):
        bare.find({"run": "r1"}, 1)
    assert bare.has_index() is False
    assert rim.audit().has_index() is True


def test_whether_there_is_an_index_is_not_guessed_when_the_log_cannot_say(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "GetIndex", "status", times=0))
    with pytest.raises(NoAnswer):
        rim.audit().has_index()


def test_an_incomplete_search_is_no_answer_and_asked_for_by_the_retry_layer_only(rim: Rim) -> None:
    rim.audit().put([record(1), record(2)])
    settle(rim)
    rim.cloud.sls.settings = replace(rim.cloud.sls.settings, incomplete=True)
    with pytest.raises(NoAnswer, match="Incomplete"):
        found(rim, run="r1")
    assert len(rim.calls("GetLogs")) == MAX_ATTEMPTS


def test_a_read_that_is_refused_for_now_is_made_again(rim: Rim) -> None:
    rim.audit().put([record(1)])
    settle(rim)
    rim.cloud.faults.add(Fault("sls", "GetLogs", "throttle", times=2))
    assert found(rim, run="r1") == ["e1"]


def test_a_page_that_fails_fails_the_search(rim: Rim) -> None:
    rim.audit().put([record(number) for number in range(150)])
    settle(rim)
    rim.cloud.faults.add(Fault("sls", "GetLogs", "throttle", nth=2, times=0))
    with pytest.raises(Throttled, match="ReadQuotaExceed"):
        found(rim, run="r1")


def test_reads_that_fail_do_not_stop_writes(rim: Rim) -> None:
    rim.cloud.faults.add(Fault("sls", "GetLogs", "status", times=0))
    with pytest.raises(NoAnswer):
        found(rim, run="r1")
    rim.audit().put([record(1)])
    assert stored(rim) == ["e1"]
