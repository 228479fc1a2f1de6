"""When a timer trigger fires: cron of six fields, or ``@every``.

``CRON_TZ=Asia/Shanghai 0 0 2 * * *`` is second, minute, hour, day of the month, month, day of the week in the zone
named (documented: timer trigger page and FC3 prose docs; UTC without ``CRON_TZ``). What the page leaves open -
several restricted day fields, times that a change to summer time skips - follows the Go library whose ``CRON_TZ`` and
``@every`` these are (assumed): either day field is enough, a skipped time does not fire.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_WEEKDAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}
_SEARCHED_DAYS = 366 * 8  # the 29th of February comes back within eight years, whatever the century
_UNITS = {"h": 3600, "m": 60, "s": 1}


class ScheduleError(ValueError):
    """A cron expression that Function Compute would not take, with the field and what it allows."""


class Schedule(Protocol):
    """Moments, without end or not."""

    def next_after(self, moment: float) -> float | None:
        """The first moment later than this one, in seconds since the epoch; None when there is none."""


@dataclass(frozen=True)
class Every:
    """``@every 4m``: a fixed distance from the tick before."""

    seconds: int

    def next_after(self, moment: float) -> float | None:
        """See `Schedule`."""
        return moment + self.seconds


@dataclass(frozen=True)
class Cron:
    """Six fields in a zone.

    Attributes:
        seconds, minutes, hours: sorted numbers that match.
        days, months, weekdays: numbers that match; Sunday is 0.
        any_day, any_weekday: whether that field was ``*`` or ``?``.
        zone: what the fields are read in.
    """

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool
    zone: ZoneInfo

    def next_after(self, moment: float) -> float | None:
        """See `Schedule`."""
        first = datetime.fromtimestamp(moment, self.zone).replace(
            tzinfo=None, hour=0, minute=0, second=0, microsecond=0
        )
        for ahead in range(_SEARCHED_DAYS):
            day = first + timedelta(days=ahead)
            if self._on(day):
                found = self._first_on(day, moment)
                if found is not None:
                    return found
        return None

    def _on(self, day: datetime) -> bool:
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, (day.weekday() + 1) % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_day and by_weekday
        return by_day or by_weekday

    def _first_on(self, day: datetime, moment: float) -> float | None:
        for hour in self.hours:
            if self._moment(day.replace(hour=hour, minute=59, second=59)) <= moment:
                continue
            for minute in self.minutes:
                for second in self.seconds:
                    local = day.replace(hour=hour, minute=minute, second=second)
                    at = self._moment(local)
                    if at > moment and datetime.fromtimestamp(at, self.zone).replace(tzinfo=None) == local:
                        return at
        return None

    def _moment(self, local: datetime) -> float:
        return local.replace(tzinfo=self.zone).astimezone(timezone.utc).timestamp()


def parse_schedule(expression: str) -> Schedule:
    """Read a timer's ``cronExpression``.

    Raises:
        ScheduleError: names the field and what it allows.
    """
    if expression.startswith("@"):
        return _parse_every(expression)
    zone = ZoneInfo("UTC")
    if expression.startswith("CRON_TZ="):
        name, _, expression = expression.removeprefix("CRON_TZ=").partition(" ")
        zone = _zone(name)
    fields = expression.split()
    if len(fields) != 6:  # noqa: PLR2004 - the module's first line
        raise ScheduleError(
            f"cron expression {expression!r} has {len(fields)} fields: it needs 6, second minute hour day month weekday"
        )
    second, minute, hour, day, month, weekday = fields
    return Cron(
        seconds=tuple(sorted(_field("second", second, 0, 59))),
        minutes=tuple(sorted(_field("minute", minute, 0, 59))),
        hours=tuple(sorted(_field("hour", hour, 0, 23))),
        days=_field("day", day, 1, 31),
        months=_field("month", month, 1, 12, _MONTHS),
        weekdays=_field("weekday", weekday, 0, 6, _WEEKDAYS),
        any_day=day in "*?",
        any_weekday=weekday in "*?",
        zone=zone,
    )


def _parse_every(expression: str) -> Every:
    found = re.fullmatch(r"@every ((?:\d+[hms])+)", expression)
    if not found:
        raise ScheduleError(f"cron expression {expression!r}: after @every comes a duration like 4m, 1h30m or 20s")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([hms])", found[1]))
    if seconds < 1:
        raise ScheduleError(f"cron expression {expression!r}: the shortest distance is 1s")
    return Every(seconds)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ScheduleError(f"CRON_TZ={name}: not a zone of the IANA database, as Asia/Shanghai is") from error


def _field(name: str, text: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        numbers.update(_range(name, part, low, high, names or {}))
    return frozenset(numbers)


def _range(name: str, part: str, low: int, high: int, names: dict[str, int]) -> range:
    wanted = f"{name} field {part!r} of a cron expression: allowed are {low}-{high}, ranges a-b, steps /n, lists and *"
    span, slash, step = part.partition("/")
    first, dash, last = span.partition("-")
    try:
        start = low if span in ("*", "?") else names.get(first.upper(), -1) if first.isalpha() else int(first)
        if dash:
            end = names.get(last.upper(), -1) if last.isalpha() else int(last)
        else:
            end = high if slash or span in ("*", "?") else start
        stride = int(step) if slash else 1
    except ValueError as error:
        raise ScheduleError(wanted) from error
    if not low <= start <= end <= high or stride < 1:
        raise ScheduleError(wanted)
    return range(start, end + 1, stride)
