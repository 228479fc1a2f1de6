"""When jobs may start: hours of the day on days of the week, by the clock on the wall."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from functions.retention.core import format_service_time
from functions.retention.policy.fields import Hours, Model, known_time_zone, one_or_many

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = 24 * 60

_LONGEST_CLOSED = 15 * _DAY
"""Minutes within which every window opens: a week, and one more when the change of clocks leaves its hours out."""


def _each_once(days: tuple[Day, ...]) -> tuple[Day, ...]:
    """The days in the order of the week, so that files that mean the same have one digest.

    Raises:
        ValueError: a day is named twice.
    """
    again = next((day for index, day in enumerate(days) if day in days[:index]), None)
    if again is not None:
        raise ValueError(f"{again} is there already")
    return tuple(sorted(days, key=WEEK.index))


_ONE_DAY: dict[str, object] = {"enum": list(WEEK), "type": "string"}

Days = Annotated[
    tuple[Day, ...],
    Field(min_length=1),
    AfterValidator(_each_once),
    BeforeValidator(one_or_many),
    WithJsonSchema({"anyOf": [_ONE_DAY, {"type": "array", "items": _ONE_DAY, "minItems": 1, "uniqueItems": True}]}),
]


class Window(Model):
    """Hours of days in which jobs may start; a running job is not stopped when they end.

    When clocks go forward, hours that do not exist are left out. When they go back, hours that come twice count twice.
    """

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["hours"]}, {"required": ["days"]}]})

    hours: Hours | None = None
    """From (included) to (excluded) by the clock on the wall, ``22:00-06:00``; all day unless set.

    Hours that cross midnight belong to the day on which they begin.
    """
    days: Days = WEEK
    """Days of the week, like ``[sat, sun]``; every day unless set."""
    time_zone: Annotated[str, AfterValidator(known_time_zone)]
    """IANA name, like ``Asia/Shanghai``."""

    @model_validator(mode="after")
    def _is_some_of_the_week(self) -> "Window":
        start, end = self._minutes()
        if start == end:
            raise ValueError(f"hours {self.hours} start and end together: leave hours out for whole days")
        if self.hours is None and self.days == WEEK:
            raise ValueError("neither hours nor days are named: leave window out for all of the time")
        return self

    def open_at(self, epoch: float) -> bool:
        """Whether jobs may start at this instant (seconds since 1970)."""
        start, end = self._minutes()
        wall = datetime.fromtimestamp(epoch, tz=ZoneInfo(self.time_zone))
        minute, day = wall.hour * 60 + wall.minute, wall.weekday()
        began_today = WEEK[day] in self.days and start <= minute
        if start < end:
            return began_today and minute < end
        return began_today or (WEEK[day - 1] in self.days and minute < end)

    def covers(self, other: "Window") -> bool:
        """Whether this is open whenever the other is; False for other time zones, where that is not plain."""
        return self.time_zone == other.time_zone and other._week() <= self._week()  # noqa: SLF001 - of the same class

    def __str__(self) -> str:
        """For people: ``22:00-06:00 on fri, sat Asia/Shanghai``."""
        days = "" if self.days == WEEK else f"on {', '.join(self.days)}"
        return " ".join(filter(None, (self.hours or "all day", days, self.time_zone)))

    def _minutes(self) -> tuple[int, int]:
        if self.hours is None:
            return 0, _DAY
        start, end = self.hours.split("-")
        return int(start[:2]) * 60 + int(start[3:]), int(end[:2]) * 60 + int(end[3:])

    def _week(self) -> frozenset[int]:
        """The minutes of a week, from Monday at midnight, in which this is open."""
        start, end = self._minutes()
        length = (end - start) % _DAY or _DAY
        begins = [WEEK.index(day) * _DAY + start for day in self.days]
        return frozenset((begin + minute) % (7 * _DAY) for begin in begins for minute in range(length))


def _one_or_more(value: object) -> object:
    """A list as it is, one window as a list of it."""
    return (value,) if isinstance(value, Mapping) and value else value


_Some = Annotated[tuple[Window, ...], Field(min_length=1)]

Windows = Annotated[_Some, BeforeValidator(_one_or_more, json_schema_input_type=Window | _Some)]


def is_open(windows: Sequence[Window], epoch: float) -> bool:
    """Whether jobs may start at this instant (seconds since 1970): always without windows."""
    return not windows or any(window.open_at(epoch) for window in windows)


def next_opening(windows: Sequence[Window], epoch: float) -> float:
    """The first instant from `epoch` on at which jobs may start: `epoch` itself when they may now.

    Looked for minute by minute, so it is right on the days on which clocks are changed as well.
    """
    if is_open(windows, epoch):
        return epoch
    following = (epoch // 60 + 1) * 60
    minutes = (following + 60 * minute for minute in range(_LONGEST_CLOSED))
    return next(minute for minute in minutes if is_open(windows, minute))


def when_open(windows: Sequence[Window], epoch: float) -> str:
    """When closed windows open next, for a person."""
    opens = next_opening(windows, epoch)
    zone = next(window.time_zone for window in windows if window.open_at(opens))
    hours, minutes = divmod(round((opens - epoch) / 60), 60)
    wall = datetime.fromtimestamp(opens, tz=ZoneInfo(zone))
    return f"opens in {hours} h {minutes} min, {format_service_time(opens)} ({wall:%a %H:%M} {zone})"
