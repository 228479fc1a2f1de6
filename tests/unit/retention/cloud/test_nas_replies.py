"""Replies: what is missing or of another type makes the whole reply no answer; nothing is guessed."""

import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.retention.cloud.nas_replies import (
    Reply,
    read_attributes,
    read_directories,
    read_job_id,
    read_jobs,
    read_nothing,
    read_page,
    read_tags,
)
from functions.retention.core.entry import Entry, entry_from_wire
from functions.retention.core.errors import NoAnswer
from functions.retention.core.recycle_bin import BinAttributes, JobList, RecentDirectory

Reader = Callable[[Reply], object]
Wire = dict[str, object]

JOB: Wire = {
    "Id": "rb-1",
    "Type": "Delete",
    "FileId": "04",
    "Status": "Running",
    "Progress": "40",
    "CreateTime": "2026-01-02T03:04:05Z",
    "ErrorCode": "",
    "ErrorMessage": "",
}


DATE = 1767323050.0


def reply(body: object) -> Reply:
    return Reply("Op", body, DATE)


def jobs(*changes: Wire) -> Reply:
    return reply(
        {"Jobs": [{name: value for name, value in (JOB | change).items() if value != "gone"} for change in changes]}
    )


@pytest.mark.parametrize("body", [None, "", "<html/>", [], 7])
def test_a_body_that_is_no_object_is_no_answer(body: object) -> None:
    with pytest.raises(NoAnswer, match="IncompleteReply"):
        reply(body)


@pytest.mark.parametrize("entries", ["gone", None, {}, "", [None], ["x"], [{}, 3]])
@pytest.mark.parametrize("name", ["Entries", "Jobs"])
def test_a_list_that_is_missing_or_holds_something_else_is_not_an_empty_one(name: str, entries: object) -> None:
    body = {} if entries == "gone" else {name: entries}
    with pytest.raises(NoAnswer, match=name):
        reply(body).rows(name)


def test_an_empty_list_is_one() -> None:
    assert reply({"Entries": []}).rows("Entries") == []


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (read_job_id, {}),
        (read_job_id, {"JobId": ""}),
        (read_job_id, {"JobId": 7}),
        (read_attributes, {}),
        (read_attributes, {"RecycleBinAttribute": {}}),
        (read_attributes, {"RecycleBinAttribute": {"Status": "Enable", "Size": 1}}),
        (read_attributes, {"RecycleBinAttribute": {"Status": "Enable", "ReservedDays": "3", "Size": 1}}),
        (read_directories, {"Entries": [{"FileId": "1"}]}),
        (read_directories, {"Entries": [{"FileId": "", "Path": "/a"}]}),
        (read_directories, {"Entries": [], "NextToken": 5}),
        (read_jobs, {"TotalCount": 0}),
        (read_tags, {"NextToken": ""}),
        (read_tags, {"TagResources": {"TagResource": [{"TagValue": "v"}]}}),
    ],
)
def test_what_a_reply_lacks_makes_it_no_answer(read: Reader, body: Wire) -> None:
    with pytest.raises(NoAnswer, match="IncompleteReply") as caught:
        read(reply(body))
    assert caught.value.operation == "Op"


@pytest.mark.parametrize("name", ["Id", "Type", "FileId", "Status"])
def test_a_job_without_what_tells_whose_it_is_makes_the_reply_no_answer(name: str) -> None:
    with pytest.raises(NoAnswer, match=name):
        read_jobs(jobs({}, {name: "gone"}))


def test_a_reply_that_is_expected_to_say_nothing_may_say_anything() -> None:
    read_nothing(reply({"RequestId": "x"}))


def test_attributes_of_a_bin_that_is_on() -> None:
    attribute = {"Status": "Enable", "ReservedDays": 30, "Size": 2**50, "SecondarySize": 5}
    assert read_attributes(reply({"RecycleBinAttribute": attribute})) == BinAttributes(
        enabled=True, reserved_days=30, size=2**50, colder=5, service_time=DATE
    )


@pytest.mark.parametrize("status", ["Disable", "Stop", "Enabled?"])
def test_any_other_status_than_enable_is_off(status: str) -> None:
    assert read_attributes(reply({"RecycleBinAttribute": {"Status": status}})).enabled is False


@pytest.mark.parametrize(("token", "expected"), [("abc", "abc"), ("", ""), (None, ""), ("gone", "")])
def test_the_token_of_the_last_page_may_be_empty_null_or_missing(token: object, expected: str) -> None:
    body: Wire = {"Entries": [{"FileId": "04", "Path": "/a/b"}]} | ({} if token == "gone" else {"NextToken": token})
    assert read_directories(reply(body)) == ([RecentDirectory("04", "/a/b")], expected)


def test_a_job_is_read_with_its_leading_zero_and_time() -> None:
    (job,) = read_jobs(jobs({})).newest
    assert (job.id, job.file_id, job.status, job.progress, job.created_at) == (
        "rb-1",
        "04",
        "running",
        40,
        1767323045.0,
    )
    assert (job.is_active, job.is_delete, job.error) == (True, True, "")


@pytest.mark.parametrize(
    ("sent", "status"), [("Failed", "fail"), ("Fail", "fail"), ("PARTIALSUCCESS", "partialsuccess")]
)
def test_statuses_are_compared_without_case_and_in_both_spellings(sent: str, status: str) -> None:
    (job,) = read_jobs(jobs({"Status": sent})).newest
    assert (job.status, job.is_active) == (status, False)


@pytest.mark.parametrize(("sent", "progress"), [("gone", 0), ("", 0), (None, 0), ("soon", 0), ("-5", 0), ("100", 100)])
def test_a_progress_that_is_no_number_is_none_made(sent: object, progress: int) -> None:
    assert read_jobs(jobs({"Progress": sent})).newest[0].progress == progress


@pytest.mark.parametrize(
    ("code", "message", "error"), [("E", "broken", "E: broken"), ("E", None, "E"), (None, "broken", "broken")]
)
def test_an_error_is_code_and_message_as_far_as_there_are_any(code: object, message: object, error: str) -> None:
    assert read_jobs(jobs({"ErrorCode": code, "ErrorMessage": message})).newest[0].error == error


def test_jobs_are_newest_first_and_those_without_a_readable_time_before_all() -> None:
    read = read_jobs(
        jobs(
            {"Id": "old", "CreateTime": "2026-01-01T00:00:00Z"},
            {"Id": "odd", "CreateTime": "yesterday"},
            {"Id": "new", "CreateTime": "2026-01-03T00:00:00Z"},
        )
    )
    assert [job.id for job in read.newest] == ["odd", "new", "old"]


def test_a_job_list_carries_the_date_of_its_reply_and_is_no_answer_without_one() -> None:
    assert read_jobs(Reply("Op", {"Jobs": []}, DATE, DATE - 1)) == JobList([], DATE, DATE - 1)
    with pytest.raises(NoAnswer, match="Date"):
        read_jobs(Reply("Op", {"Jobs": []}))


@pytest.mark.parametrize("date", [DATE, None])
@pytest.mark.parametrize("status", ["Enable", "Disable"])
def test_attributes_carry_the_date_of_their_reply_or_that_it_is_unknown(status: str, date: float | None) -> None:
    attribute = {"Status": status, "ReservedDays": 3, "Size": 4}
    assert read_attributes(Reply("Op", {"RecycleBinAttribute": attribute}, date)).service_time == date


def test_tags_are_read_and_a_tag_may_have_no_value() -> None:
    rows = [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b"}]
    assert read_tags(reply({"TagResources": {"TagResource": rows}, "NextToken": "n"})) == ({"a": "1", "b": ""}, "n")


FIELDS = ("FileId", "Type", "Name", "DeleteTime", "ATime", "MTime", "CTime", "Size", "Inode")
ODD = st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.lists(st.text(), max_size=1)
ENTRIES = st.lists(st.dictionaries(st.sampled_from((*FIELDS, "Owner")), ODD) | ODD, max_size=3)


def field_by_field(body: bytes) -> tuple[list[Entry], str]:
    of = Reply.parse("Op", body)
    return [entry_from_wire(row) for row in of.rows("Entries")], of.text_or_empty("NextToken")


@given(page=st.fixed_dictionaries({}, optional={"Entries": ENTRIES | ODD, "NextToken": ODD, "RequestId": ODD}) | ODD)
@example({"Entries": [{"FileId": "04", "Size": 12.0}]})
@example({"Entries": [{"FileId": "04", "Size": -1}, {"Size": 2**70}, {"Size": True}]})
@example({"Entries": [{"Name": "\ud800"}]})
def test_a_page_decoded_in_one_go_is_what_it_is_field_by_field(page: object) -> None:
    body = json.dumps(page).encode()
    try:
        expected = field_by_field(body)
    except NoAnswer as error:
        with pytest.raises(NoAnswer, match=error.code):
            read_page("Op", body)
    else:
        assert read_page("Op", body) == expected


NO_JSON = [
    b"",
    b"<html>sorry</html>",
    b'{"Entries": [',
    b'{"Entries": ["\xff"]}',
    b'{"Entries": [{"Name": "\xff"}]}',
    b"[" * 100_000,
    b'{"Entries": [], "Other": ' + b"[" * 100_000,
]


@pytest.mark.parametrize("body", NO_JSON)
def test_a_page_that_is_no_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(NoAnswer, match="UnreadableReply"):
        read_page("Op", body)
