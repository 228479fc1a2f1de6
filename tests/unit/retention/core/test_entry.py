"""Entries as listed, and service times."""

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from functions.retention.core.entry import Entry, entry_from_wire
from functions.retention.core.service_time import format_service_time, is_known_time, parse_service_time

LISTED: dict[str, object] = {
    "FileId": "04008",
    "Type": "File",
    "Name": "test001",
    "DeleteTime": "2021-05-30T10:08:08Z",
    "Inode": "04008",
    "ATime": "2019-10-30T10:08:08Z",
    "MTime": "2019-10-30T10:08:09Z",
    "CTime": "2019-10-30T10:08:10Z",
    "Size": 1_073_741_824,
}
NO_TIMES = [
    "",
    "2021-05-30",
    "2021-05-30T10:08:08",
    "2021-05-30T10:08:08+00:00",
    "2021-05-30T10:08:08.0Z",
    "2021-05-30 10:08:08Z",
    "2021-05-30T10:08:08z",
    "2021-05-30T10:08:08Z\n",
    " 2021-05-30T10:08:08Z",
    "2021-5-30T10:08:08Z",
    "2021-02-30T10:08:08Z",
    "2021-02-29T10:08:08Z",
    "2021-04-31T10:08:08Z",
    "2021-13-01T10:08:08Z",
    "2021-00-01T10:08:08Z",
    "2021-01-00T10:08:08Z",
    "2021-05-30T24:08:08Z",
    "2021-05-30T10:60:08Z",
    "2021-05-30T10:08:60Z",
    "0000-05-30T10:08:08Z",
    "\uff12021-05-30T10:08:08Z",
    "1622369288",
    "None",
]


def test_an_entry_holds_what_was_listed_letter_by_letter() -> None:
    assert entry_from_wire(LISTED) == Entry(
        file_id="04008",
        type="File",
        name="test001",
        delete_time="2021-05-30T10:08:08Z",
        atime="2019-10-30T10:08:08Z",
        mtime="2019-10-30T10:08:09Z",
        ctime="2019-10-30T10:08:10Z",
        size=1_073_741_824,
        inode="04008",
    )


def test_only_a_directory_is_a_directory() -> None:
    assert entry_from_wire({**LISTED, "Type": "Directory"}).is_directory
    assert not entry_from_wire(LISTED).is_directory
    assert not entry_from_wire({**LISTED, "Type": "directory"}).is_directory


def test_an_empty_listing_element_is_an_entry_of_unknowns() -> None:
    assert entry_from_wire({}) == Entry("", "", "", "", "", "", "", None, "")


@given(
    field=st.sampled_from(sorted(LISTED)),
    value=st.one_of(st.none(), st.booleans(), st.floats(), st.lists(st.text()), st.integers(max_value=-1)),
)
def test_a_field_of_another_type_is_unknown_and_spoils_no_other(field: str, value: object) -> None:
    spoilt = entry_from_wire({**LISTED, field: value})
    assert spoilt == entry_from_wire({key: listed for key, listed in LISTED.items() if key != field})
    listed = astuple(entry_from_wire(LISTED))
    assert sum(left != right for left, right in zip(astuple(spoilt), listed, strict=True)) == 1


def test_a_size_sent_as_text_is_unknown_and_an_id_sent_as_number_too() -> None:
    spoilt = entry_from_wire({**LISTED, "Size": "12", "FileId": 4008})
    assert (spoilt.size, spoilt.file_id) == (None, "")


def test_fields_nobody_asked_for_are_left_alone() -> None:
    assert entry_from_wire({**LISTED, "Owner": "root"}) == entry_from_wire(LISTED)


@given(second=st.integers(-62_135_596_800, 253_402_300_799))
def test_a_service_time_survives_being_written_and_read(second: int) -> None:
    written = format_service_time(second)
    assert parse_service_time(written) == second
    assert written == datetime.fromtimestamp(second, tz=timezone.utc).isoformat().replace("+00:00", "Z")


@given(earlier=st.integers(31_536_000, 253_402_300_799), later=st.integers(31_536_000, 253_402_300_799))
def test_known_times_compare_as_text(earlier: int, later: int) -> None:
    left, right = format_service_time(earlier), format_service_time(later)
    assert is_known_time(left)
    assert (left < right) == (earlier < later)


def test_part_of_a_second_is_cut_off_towards_the_past() -> None:
    assert format_service_time(0.9) == "1970-01-01T00:00:00Z"
    assert format_service_time(-0.1) == "1969-12-31T23:59:59Z"


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_not_written_as_documented_is_no_time(text: str) -> None:
    assert parse_service_time(text) is None
    assert not is_known_time(text)


@given(text=st.text(alphabet="0123456789-:TZ ", max_size=22))
def test_a_known_time_can_always_be_read(text: str) -> None:
    assert not is_known_time(text) or parse_service_time(text) is not None


@pytest.mark.parametrize("zero", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1601-01-01T00:00:00Z"])
def test_a_zero_value_is_a_time_but_not_a_known_one(zero: str) -> None:
    assert parse_service_time(zero) is not None
    assert not is_known_time(zero)


def test_a_leap_day_is_known() -> None:
    assert is_known_time("2024-02-29T00:00:00Z")


@pytest.mark.parametrize("epoch", [float("nan"), float("inf"), float("-inf"), 1e12, -1e12])
def test_what_lies_outside_the_calendar_is_not_written(epoch: float) -> None:
    with pytest.raises(ValueError, match="no time between"):
        format_service_time(epoch)
