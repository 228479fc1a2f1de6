"""The instances of each function: made when needed, kept warm for a while, one request at a time each."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.core.ids import Ids
from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.loading import Handler
from aliyun_fakes.fc.settings import FcSettings
from deployment.s_yaml import FunctionProps

_MINUTE = 60.0


@dataclass
class Instance:
    """One process of a function.

    Attributes:
        id: as in ``FC_INSTANCE_ID``.
        function: what it runs.
        cold: until its first request is over.
        handler: None until its module was executed.
        idle_since: when its last request ended.
    """

    id: str
    function: FunctionProps
    cold: bool = True
    handler: Handler | None = field(default=None, repr=False)
    idle_since: float = 0.0


class Instances:
    """All instances of a host.

    Args:
        functions: by name; their reserved concurrency is taken from what the others may use (documented).
        clock: time.
        ids: instance ids.
        settings: limits.
    """

    def __init__(self, functions: Mapping[str, FunctionProps], clock: Clock, ids: Ids, settings: FcSettings) -> None:
        self._clock, self._ids, self._settings = clock, ids, settings
        self._idle: dict[str, list[Instance]] = {name: [] for name in functions}
        self._busy: Counter[str] = Counter()
        self._created: deque[float] = deque()
        self._reserved = {
            name: function.concurrency_config.reserved_concurrency
            for name, function in functions.items()
            if function.concurrency_config is not None
        }

    @property
    def busy(self) -> int:
        """How many are at work now."""
        return self._busy.total()

    def take(self, function: FunctionProps) -> Instance:
        """A free instance of a function, the one used last first, else a new one.

        Raises:
            FcError: ResourceExhausted: the function's or the account's concurrency is used up, or too many instances
                were made within a minute.
        """
        name = function.function_name
        self._check_concurrency(name)
        idle = self._idle[name]
        expired = self._clock.now() - self._settings.keep_warm
        idle[:] = [instance for instance in idle if instance.idle_since >= expired]
        instance = idle.pop() if idle else self._create(function)
        self._busy[name] += 1
        return instance

    def give_back(self, instance: Instance, *, alive: bool) -> None:
        """Its request is over; an instance that is not alive is never used again."""
        name = instance.function.function_name
        self._busy[name] -= 1
        if alive:
            instance.cold, instance.idle_since = False, self._clock.now()
            self._idle[name].append(instance)

    def _check_concurrency(self, name: str) -> None:
        if name in self._reserved:
            used, limit, whose = self._busy[name], self._reserved[name], f"function {name}"
        else:
            used = sum(count for other, count in self._busy.items() if other not in self._reserved)
            limit, whose = self._settings.account_instances - sum(self._reserved.values()), "the account"
        if used >= limit:
            raise FcError("ResourceExhausted", f"{whose} has {used} of {limit} instances at work")

    def _create(self, function: FunctionProps) -> Instance:
        now = self._clock.now()
        while self._created and self._created[0] <= now - _MINUTE:
            self._created.popleft()
        if len(self._created) >= self._settings.scale_out_per_minute:
            raise FcError("ResourceExhausted", f"{len(self._created)} instances were made within a minute")
        self._created.append(now)
        return Instance(f"c-{self._ids.hex(8)}-{self._ids.hex(12)}", function)
