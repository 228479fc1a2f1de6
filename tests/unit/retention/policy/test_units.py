"""Durations and sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retention.policy.units import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"), [("1m", 60), ("90m", 5400), ("36h", 129_600), ("7d", 604_800), ("2w", 1_209_600)]
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["0d", "-1d", "7", 7, 7.0, True, None, "", "d", "1.5d", "07d", "7 d", "7D", "1d12h", "7days", "\u0667d", "7d\n"],
)
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match="like 7d"):
        parse_duration(text)


@given(number=st.integers(1, 99_999), unit=st.sampled_from("mhdw"))
def test_a_duration_survives_being_written_and_read(number: int, unit: str) -> None:
    seconds = parse_duration(f"{number}{unit}")
    written = format_duration(seconds)
    assert parse_duration(written) == seconds
    assert len(written) <= len(f"{number}{unit}")


@pytest.mark.parametrize("seconds", [0, -60, 59, 61])
def test_seconds_that_no_duration_says_are_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="minutes above 0"):
        format_duration(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [("0B", 0), ("5B", 5), ("1KiB", 1024), ("1 KB", 1000), ("10GiB", 10 << 30), ("2TB", 2 * 10**12), ("1PiB", 1 << 50)],
)
def test_a_size_is_a_number_and_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["10", 10, 0, None, True, "", "-1B", "1.5GiB", "10G", "10gib", "10  GiB", "GiB", "1B\n"]
)
def test_anything_else_is_no_size(text: object) -> None:
    with pytest.raises(ValueError, match="like 10GiB"):
        parse_size(text)


@given(size=st.integers(0, 10**15 - 1))
def test_a_size_survives_being_written_and_read(size: int) -> None:
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize(("size", "text"), [(0, "0B"), (1023, "1023B"), (1 << 40, "1TiB"), (3 << 19, "1536KiB")])
def test_a_size_is_written_in_the_largest_exact_unit(size: int, text: str) -> None:
    assert format_size(size) == text
