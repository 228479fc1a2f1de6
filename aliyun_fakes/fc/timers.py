"""Timer triggers: their ticks, in order, as time passes."""

from collections.abc import Callable, Mapping

from deployment.s_yaml import FunctionProps
from deployment.schedules import Schedule, parse_schedule
from deployment.triggers import TimerTrigger

Tick = Callable[[FunctionProps, TimerTrigger, float], None]


class Timers:
    """All timer triggers of a host.

    Args:
        functions: whose triggers they are, by name.
        tick: called with function, trigger and the planned moment of every tick.
    """

    def __init__(self, functions: Mapping[str, FunctionProps], tick: Tick) -> None:
        self._tick = tick
        self._by_name: dict[str, tuple[FunctionProps, TimerTrigger, Schedule]] = {
            trigger.trigger_name: (function, trigger, parse_schedule(trigger.trigger_config.cron_expression))
            for function in functions.values()
            for trigger in function.timers
        }
        self._next: dict[str, float] = {}

    def skip_missed(self, now: float) -> None:
        """Start watching, at `now`. Ticks that came while nobody watched are not made up for."""
        for name, (_, trigger, schedule) in self._by_name.items():
            if trigger.trigger_config.enable and self._next.get(name, float("-inf")) < now:
                self._plan(name, schedule.next_after(now))

    def next_at(self) -> float | None:
        """The moment of the next tick, or None."""
        return min(self._next.values(), default=None)

    def fire_due(self, now: float) -> bool:
        """Tick all that is due, once each; whether there was any."""
        due = sorted((at, name) for name, at in self._next.items() if at <= now)
        for at, name in due:
            function, trigger, schedule = self._by_name[name]
            self._plan(name, schedule.next_after(at))
            self._tick(function, trigger, at)
        return bool(due)

    def fire(self, name: str, now: float) -> None:
        """Tick one by hand, enabled or not; its schedule stays as it is.

        Raises:
            KeyError: there is no timer of that name; says which there are.
        """
        if name not in self._by_name:
            raise KeyError(
                f"no timer trigger {name!r} in s.yaml: there is {', '.join(sorted(self._by_name)) or 'none'}"
            )
        function, trigger, _ = self._by_name[name]
        self._tick(function, trigger, now)

    def _plan(self, name: str, at: float | None) -> None:
        if at is None:
            self._next.pop(name, None)
        else:
            self._next[name] = at
