"""Compare the timers of the fake with two cron libraries: ``python -m tests.bench.cron``.

Both libraries are in no lock, since nothing else needs them. Run it with
``uv run --with cronsim==2.8 --with croniter==7.0.0 python -m tests.bench.cron`` in the project's environment.
"""

import random
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from deployment.schedules import parse_schedule

EXPRESSIONS = 600
TIMES = 5
SEED = 1
ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York")
FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
"""Minute, hour, day, month and weekday: lowest and highest value. The second is always 0."""

Times = list[datetime]
Reader = Callable[[str, datetime], Iterator[datetime]]


def field(rng: random.Random, low: int, high: int) -> str:
    """One field of an expression: any value, a value, a range, a list or a step."""
    first, last = sorted(rng.choices(range(low, high + 1), k=2))
    step = rng.randint(2, 9)
    return rng.choice(("*", "*", "*", f"{first}", f"{first}-{last}", f"{first},{last}", f"*/{step}",
                       f"{first}-{last}/{step}"))  # fmt: skip


def ours(expression: str, start: datetime) -> Iterator[datetime]:
    """When the fake's timer fires."""
    schedule, moment = parse_schedule(f"CRON_TZ={start.tzinfo} 0 {expression}"), start.timestamp()
    while (found := schedule.next_after(moment)) is not None:
        moment = found
        yield datetime.fromtimestamp(moment, start.tzinfo)


def by_cronsim(expression: str, start: datetime) -> Iterator[datetime]:
    """The times that cronsim finds."""
    found: Iterator[datetime] = import_module("cronsim").CronSim(expression, start)
    return found


def by_croniter(expression: str, start: datetime) -> Iterator[datetime]:
    """The times that croniter finds."""
    reader: Any = import_module("croniter").croniter(expression, start, ret_type=datetime)
    return iter(reader.get_next, None)


def times(read: Reader, expression: str, start: datetime) -> Times | str:
    """The next times of an expression, or why there are none."""
    try:
        return [found.astimezone(ZoneInfo("UTC")) for found in islice(read(expression, start), TIMES)]
    except (ValueError, KeyError, StopIteration) as error:
        return type(error).__name__


def main() -> None:
    """Print how many expressions each library reads otherwise, and a few of them."""
    rng = random.Random(SEED)
    others: dict[str, Reader] = {"cronsim": by_cronsim, "croniter": by_croniter}
    different: dict[str, list[str]] = {name: [] for name in others}
    for number in range(EXPRESSIONS):
        expression = " ".join(field(rng, *limits) for limits in FIELDS)
        start = datetime(2026, 1, 1, tzinfo=ZoneInfo(ZONES[number % len(ZONES)])) + timedelta(days=rng.randint(0, 364))
        expected = times(ours, expression, start)
        for name, other in others.items():
            if times(other, expression, start) != expected:
                different[name].append(f"{expression!r} from {start}")
    for name, found in different.items():
        lines = [f"{name}: {len(found)} of {EXPRESSIONS} differ, for example:", *found[:5]]
        sys.stdout.write("\n  ".join(lines) + "\n")


if __name__ == "__main__":
    main()
