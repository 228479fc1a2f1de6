"""Windows: when jobs may start, on ordinary days and on those on which clocks are changed."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.retention.core.errors import PolicyError
from functions.retention.core.service_time import parse_service_time
from functions.retention.policy.linter import lint
from functions.retention.policy.window import WEEK, Window, is_open, next_opening, when_open
from ops.policy_schema import policies_schema
from tests.examples import examples
from tests.unit.retention.policies import MINIMAL, loaded, policy, policy_file

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Window(hours="22:00-06:00", time_zone="Asia/Shanghai")
WEEKEND = Window(hours="22:00-06:00", days=("sat", "sun"), time_zone="Asia/Shanghai")


def at(zone: ZoneInfo, text: str, fold: int = 0) -> float:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone, fold=fold).timestamp()


def with_window(window: str) -> str:
    return MINIMAL.replace("policies:", f"  window: {window}\npolicies:")


@pytest.mark.parametrize(
    ("time", "is_open"), [("21:59", False), ("22:00", True), ("03:00", True), ("05:59", True), ("06:00", False)]
)
def test_a_window_may_cross_midnight(time: str, *, is_open: bool) -> None:
    assert NIGHT.open_at(at(SHANGHAI, f"02-01 {time}:00")) is is_open


@pytest.mark.parametrize(
    ("time", "is_open"),
    [
        ("02-06 23:00:00", False),  # Friday
        ("02-07 05:59:59", False),  # Saturday morning belongs to Friday's night
        ("02-07 21:59:59", False),
        ("02-07 22:00:00", True),
        ("02-08 05:59:59", True),
        ("02-08 06:00:00", False),
        ("02-08 22:00:00", True),
        ("02-09 05:59:59", True),  # Monday morning belongs to Sunday's night
        ("02-09 06:00:00", False),
        ("02-09 22:00:00", False),
    ],
)
def test_the_hours_after_midnight_belong_to_the_day_on_which_they_began(time: str, *, is_open: bool) -> None:
    assert WEEKEND.open_at(at(SHANGHAI, time)) is is_open


def test_days_without_hours_are_whole_days() -> None:
    window = Window(days=("sat",), time_zone="Asia/Shanghai")
    moments = ("02-06 23:59:59", "02-07 00:00:00", "02-07 23:59:59", "02-08 00:00:00")
    assert [window.open_at(at(SHANGHAI, moment)) for moment in moments] == [False, True, True, False]


def test_a_window_opens_next_at_its_start() -> None:
    assert next_opening([NIGHT], at(SHANGHAI, "02-01 12:00:30")) == at(SHANGHAI, "02-01 22:00:00")
    assert next_opening([NIGHT], at(SHANGHAI, "02-01 23:00:30")) == at(SHANGHAI, "02-01 23:00:30")
    assert next_opening([WEEKEND], at(SHANGHAI, "02-02 12:00:00")) == at(SHANGHAI, "02-07 22:00:00")


def test_the_first_of_several_windows_opens_next() -> None:
    windows = [WEEKEND, Window(hours="12:00-13:00", days=("wed",), time_zone="Europe/Berlin")]
    assert next_opening(windows, at(SHANGHAI, "02-02 12:00:00")) == at(BERLIN, "02-04 12:00:00")
    assert not is_open(windows, at(BERLIN, "02-04 11:59:59"))
    assert is_open(windows, at(BERLIN, "02-04 12:00:00"))


def test_hours_that_the_change_of_clocks_leaves_out_come_on_the_next_day_of_the_window() -> None:
    daily = Window(hours="02:15-02:45", time_zone="Europe/Berlin")
    assert next_opening([daily], at(BERLIN, "03-29 01:00:00")) == at(BERLIN, "03-30 02:15:00")
    sundays = Window(hours="02:15-02:45", days=("sun",), time_zone="Europe/Berlin")
    assert next_opening([sundays], at(BERLIN, "03-22 02:45:00")) == at(BERLIN, "04-05 02:15:00")


def test_a_night_of_23_or_25_hours_ends_by_the_clock_on_the_wall() -> None:
    night = Window(hours="22:00-06:00", days=("sat",), time_zone="Europe/Berlin")
    opens, closes = at(BERLIN, "03-28 22:00:00"), at(BERLIN, "03-29 06:00:00")
    assert closes - opens == 7 * 3600
    assert [night.open_at(each) for each in (opens, closes - 1, closes)] == [True, True, False]
    opens, closes = at(BERLIN, "10-24 22:00:00"), at(BERLIN, "10-25 06:00:00")
    assert closes - opens == 9 * 3600
    assert [night.open_at(each) for each in (opens, closes - 1, closes)] == [True, True, False]


def test_hours_that_come_twice_count_twice() -> None:
    window = Window(hours="02:15-02:45", time_zone="Europe/Berlin")
    assert window.open_at(at(BERLIN, "10-25 02:20:00"))
    assert not window.open_at(at(BERLIN, "10-25 02:50:00"))
    assert window.open_at(at(BERLIN, "10-25 02:20:00", fold=1))


HOURS = st.builds(
    "{:02}:{:02}-{:02}:{:02}".format, *[st.integers(0, 23), st.integers(0, 59)] * 2
).filter(lambda hours: hours[:5] != hours[6:])  # fmt: skip
WINDOWS = st.builds(
    Window,
    hours=HOURS,
    days=st.sets(st.sampled_from(WEEK), min_size=1).map(tuple),
    time_zone=st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
MOMENTS = st.floats(at(BERLIN, "01-01 00:00:00"), at(BERLIN, "12-31 00:00:00"))


@examples(60)
@given(windows=st.lists(WINDOWS, min_size=1, max_size=3), now=MOMENTS)
def test_every_window_opens_again_and_not_before_it_says(windows: list[Window], now: float) -> None:
    opens = next_opening(windows, now)
    assert opens >= now
    assert is_open(windows, opens)
    if opens > now:
        assert not is_open(windows, now)
        assert not is_open(windows, max(now, opens - 1))
        named = when_open(windows, now).partition(", ")[2].partition(" ")[0]
        assert parse_service_time(named) == opens


@examples(60)
@given(one=WINDOWS, other=WINDOWS, now=MOMENTS)
def test_a_window_that_covers_another_is_open_whenever_that_is(one: Window, other: Window, now: float) -> None:
    wide = other.model_copy(update={"time_zone": one.time_zone})
    if wide.covers(one) and one.open_at(now):
        assert wide.open_at(now)


def test_a_list_of_one_and_the_order_of_days_make_no_difference() -> None:
    one = loaded(with_window("{hours: 22:00-06:00, days: [sat, sun], time_zone: UTC}"))
    other = loaded(with_window("[{hours: 22:00-06:00, days: [sun, sat], time_zone: UTC}]"))
    assert one.digest == other.digest


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("[]", "guardrails.window: is empty"),
        ("{hours: 22:00-06:00, days: [], time_zone: UTC}", "days: is empty"),
        ("{days: [sat, sat], time_zone: UTC}", "sat is there already"),
        ("{days: [sat, sunday], time_zone: UTC}", "did you mean sun?"),
        ("{days: sat, hours: 08:00-08:00, time_zone: UTC}", "start and end together"),
        ("{time_zone: UTC}", "neither hours nor days"),
        ("[{days: sat, time_zone: UTC}, {days: sat}]", "guardrails.window[1].time_zone: is missing"),
    ],
)
def test_a_window_that_says_nothing_or_two_things_is_refused(window: str, words: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        loaded(with_window(window))
    assert any(words in line for line in refusal.value.problems)


@pytest.mark.parametrize(
    ("window", "fits"),
    [
        ("{days: sat, time_zone: UTC}", True),
        ("[{days: [sat, sun], time_zone: UTC}, {hours: '22:00-06:00', time_zone: UTC}]", True),
        ("{time_zone: UTC}", False),
        ("{days: [], time_zone: UTC}", False),
        ("{days: [sat, sat], time_zone: UTC}", False),
        ("[]", False),
    ],
)
def test_editors_take_the_windows_that_the_reader_takes(window: str, *, fits: bool) -> None:
    tree, schema = yaml.safe_load(with_window(window)), json.loads(policies_schema())
    if fits:
        jsonschema.validate(tree, schema)
        assert loaded(with_window(window))
    else:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tree, schema)


def test_lint_names_a_window_inside_another_once() -> None:
    inner = {"hours": "23:00-01:00", "days": ["sat"], "time_zone": "Asia/Shanghai"}
    outer = {"hours": "22:00-06:00", "days": ["fri", "sat"], "time_zone": "Asia/Shanghai"}
    apart = {"hours": "05:00-07:00", "days": ["sun"], "time_zone": "Asia/Shanghai"}
    for windows, index in (([inner, outer, apart], 0), ([inner, inner], 1)):
        found = lint(policy_file(policy(match={"name": "*.log"}), window=windows), {}, {})
        assert [finding.where for finding in found if finding.code == "window"] == [f"guardrails.window[{index}]"]


def test_a_window_of_a_wrong_day_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        Window.model_validate({"days": ["caturday"], "time_zone": "UTC"})
