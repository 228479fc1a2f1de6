"""Timer triggers: when cron and ``@every`` fire, and what they send."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from deployment.schedules import ScheduleError, parse_schedule
from tests.unit.aliyun_fakes.fc.stage import START, Stage, epoch

HOUR = 3600


def ticks(expression: str, after: str, count: int = 3) -> list[str]:
    """The next moments, as times of UTC."""
    schedule, moment, found = parse_schedule(expression), epoch(after), []
    for _ in range(count):
        following = schedule.next_after(moment)
        if following is None:
            break
        moment = following
        found.append(datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        (
            "0 30 2,8,14,20 * * *",
            "2026-01-01T08:30:00Z",
            ["2026-01-01T14:30:00", "2026-01-01T20:30:00", "2026-01-02T02:30:00"],
        ),
        (
            "CRON_TZ=Asia/Shanghai 0 30 2 * * *",
            "2026-01-01T00:00:00Z",
            ["2026-01-01T18:30:00", "2026-01-02T18:30:00", "2026-01-03T18:30:00"],
        ),
        (
            "*/20 * * * * *",
            "2026-01-01T00:00:59Z",
            ["2026-01-01T00:01:00", "2026-01-01T00:01:20", "2026-01-01T00:01:40"],
        ),
        (
            "5 0/15 * * * *",
            "2026-01-01T00:40:00Z",
            ["2026-01-01T00:45:05", "2026-01-01T01:00:05", "2026-01-01T01:15:05"],
        ),
        (
            "0 0 0 ? * MON-WED",
            "2026-09-21T00:00:00Z",
            ["2026-09-22T00:00:00", "2026-09-23T00:00:00", "2026-09-28T00:00:00"],
        ),
        (
            "0 0 0 29 FEB *",
            "2026-01-01T00:00:00Z",
            ["2028-02-29T00:00:00", "2032-02-29T00:00:00", "2036-02-29T00:00:00"],
        ),
        (
            "0 0 0 1 * SUN",
            "2026-09-26T00:00:00Z",
            ["2026-09-27T00:00:00", "2026-10-01T00:00:00", "2026-10-04T00:00:00"],
        ),
        ("0 0 0 31 4 *", "2026-01-01T00:00:00Z", []),
        ("@every 1h30m", "2026-01-01T00:00:00Z", ["2026-01-01T01:30:00", "2026-01-01T03:00:00", "2026-01-01T04:30:00"]),
    ],
    ids=["list", "zone", "step", "step from", "weekdays", "leap day", "either day field", "never", "every"],
)
def test_a_schedule_names_its_moments(expression: str, after: str, expected: list[str]) -> None:
    assert ticks(expression, after) == expected


def test_a_time_that_summer_time_skips_does_not_fire() -> None:
    expression = "CRON_TZ=Europe/Berlin 0 30 2 * * *"
    assert ticks(expression, "2026-03-28T12:00:00+0100", 1) == ["2026-03-30T00:30:00"]


def test_a_time_that_winter_time_repeats_fires_once() -> None:
    expression = "CRON_TZ=Europe/Berlin 0 30 2 * * *"
    first, second = ticks(expression, "2026-10-24T12:00:00+0200", 2)
    assert first == "2026-10-25T00:30:00"
    assert second == "2026-10-26T01:30:00"


def test_a_daily_tick_comes_every_day_for_years() -> None:
    schedule = parse_schedule("0 0 3 * * *")
    moment = epoch("2026-01-01T00:00:00Z")
    first = schedule.next_after(moment)
    assert first is not None
    for day in range(1, 800):
        moment = schedule.next_after(moment) or 0
        assert moment == first + timedelta(days=day - 1).total_seconds()


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("0 0 2 * *", "has 5 fields: it needs 6"),
        ("60 * * * * *", "second field '60'.*0-59"),
        ("0 0 24 * * *", "hour field '24'.*0-23"),
        ("0 0 0 0 * *", "day field '0'.*1-31"),
        ("0 0 0 * 13 *", "month field '13'.*1-12"),
        ("0 0 0 * * 7", "weekday field '7'.*0-6"),
        ("0 0 0 * * FUNDAY", "weekday field 'FUNDAY'"),
        ("0 5-1 * * * *", "minute field '5-1'"),
        ("0 */0 * * * *", r"minute field '\*/0'"),
        ("0 1.5 * * * *", "minute field '1.5'"),
        ("0 , * * * *", "minute field ''"),
        ("CRON_TZ=Mars/Olympus 0 0 0 * * *", "CRON_TZ=Mars/Olympus: not a zone"),
        ("CRON_TZ=../etc 0 0 0 * * *", "not a zone"),
        ("@every 0s", "shortest distance is 1s"),
        ("@every four minutes", "after @every comes a duration"),
        ("@daily", "after @every"),
        ("", "has 0 fields"),
    ],
)
def test_a_bad_expression_names_the_field_and_what_is_allowed(expression: str, problem: str) -> None:
    with pytest.raises(ScheduleError, match=problem):
        parse_schedule(expression)


def test_a_timer_invokes_asynchronously_with_its_name_its_moment_and_its_payload_as_text() -> None:
    stage = Stage()
    stage.host.run_until(START + HOUR)
    (record,) = stage.runs_of("tick")
    assert json.loads(json.loads(record.payload)["event"]) == {
        "triggerTime": "2026-09-21T15:00:00Z",
        "triggerName": "hourly",
        "payload": '{"job":"tick"}',
    }
    assert record.trigger == "timer:hourly"


def test_a_failing_tick_is_tried_again() -> None:
    stage = Stage(start=epoch("2026-09-21T00:00:00Z"))
    stage.host.fire("failing")
    stage.host.run_until_idle()
    assert [record.attempt for record in stage.runs_of("missing")] == [0, 1, 2, 3]


def test_ticks_come_hour_by_hour_without_drift() -> None:
    stage = Stage()
    stage.host.run_until(epoch("2026-09-23T00:00:00Z") + 60)
    times = [json.loads(json.loads(one.payload)["event"])["triggerTime"] for one in stage.runs_of("tick")]
    assert times[0] == "2026-09-21T15:00:00Z"
    assert times[-1] == "2026-09-23T00:00:00Z"
    assert len(times) == 34


def test_ticks_due_while_nobody_played_are_not_made_up_for() -> None:
    stage = Stage()
    stage.host.run_until(START + 10)
    stage.clock.sleep(10 * HOUR)
    stage.host.run_until(stage.clock.now() + 10)
    assert stage.runs_of("tick") == []


def test_a_disabled_timer_fires_by_hand_only() -> None:
    stage = Stage()
    stage.host.run_until(START + 1800)
    assert stage.host.invocations == []
    stage.host.fire("by-hand")
    stage.host.run_until_idle()
    assert [record.trigger for record in stage.host.invocations] == ["timer:by-hand"]


def test_an_unknown_timer_is_named_with_those_there_are() -> None:
    with pytest.raises(KeyError, match=r"no timer trigger 'weekly'.*by-hand, failing, hourly"):
        Stage().host.fire("weekly")


def test_a_condition_that_does_not_come_is_given_up_at_the_limit() -> None:
    stage = Stage()
    assert stage.host.run_until(lambda: False, limit=100) is False
    assert stage.clock.now() == START + 100


def test_a_host_that_was_closed_is_played_no_more() -> None:
    stage = Stage()

    def close_later() -> None:
        stage.clock.sleep(2 * HOUR)
        stage.host.close()

    stage.clock.spawn(close_later)
    assert not stage.host.run_until(START + 9 * HOUR)
    assert START + 2 * HOUR <= stage.clock.now() < START + 3 * HOUR
    ended = len(stage.runs_of("tick"))
    assert ended > 0
    assert not stage.host.run_until(stage.clock.now() + 9 * HOUR)
    assert len(stage.runs_of("tick")) == ended
