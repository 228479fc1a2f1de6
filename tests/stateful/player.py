"""Seeded histories: runs, with adversaries between any two steps and in the middle of them.

The same seed gives the same history, on every machine.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.audit.journal import Journal
from functions.retention.runs.selection import put_survey
from tests.stateful.adversaries import ADVERSARIES, fill_the_bin, lift_the_hold
from tests.stateful.environment import LONG_SLICE, Environment
from tests.stateful.promises import check
from tests.stateful.rules import DAY, HOUR, drawn
from tests.unit.retention.bins import OLD
from tests.unit.retention.doubles import SEAL, MemoryLog
from tests.unit.retention.job_bin import FILE_SYSTEM, Line

STEPS = 50
"""Steps of one history."""

CALM = 0.6
"""Part of the steps in which nobody disturbs."""

TO_DELIVER, TO_SWEEP, TO_WAIT = 0.6, 0.75, 0.9
"""Up to which random number a calm step delivers a message, lets the timer fire, or waits; then a hold is lifted."""

FULL, MANY = 0.15, 90
"""Part of the histories in which one directory holds many entries, and how many. Their jobs take some seconds and their
slices are long, so that only a second listing of the directory is young enough for the last entries."""

KNOWN = 0.5
"""Part of the histories whose file system has a usual."""

FILLS = 12
"""How often the bin is filled before the first step."""


@dataclass
class Findings:
    """What histories came to.

    Attributes:
        steps: so many were made.
        jobs: deletion jobs that were created.
        met: how often each adversary was met.
        broken: seed, promise and what happened, of every broken promise.
    """

    steps: int = 0
    jobs: int = 0
    met: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, other: "Findings") -> None:
        """Add what other histories came to."""
        self.steps += other.steps
        self.jobs += other.jobs
        self.met += other.met
        self.broken += other.broken


def play(seeds: Sequence[int], steps: int = STEPS) -> Findings:
    """Play one history for each seed."""
    findings = Findings()
    for seed in seeds:
        environment = history(seed, steps)
        findings.steps += steps
        findings.jobs += len(environment.creations)
        findings.met += environment.met
        findings.broken += [(seed, promise, what) for promise, what in environment.broken]
    return findings


def history(seed: int, steps: int = STEPS) -> Environment:
    """One history; the same for the same seed."""
    rng = random.Random(seed)
    environment = Environment(drawn(rng), rng, check)
    environment.bin.base = rng.choice([0.5, 0.5, 10.0, 200.0])
    if rng.random() < FULL:
        environment.bin.base, environment.slices = 10.0, (LONG_SLICE,)
        for number in range(MANY):
            environment.bin.tree.drop(f"/a/many/f{number}", OLD)
    if rng.random() < KNOWN:
        know_what_is_usual(environment)
    for _ in range(FILLS):
        fill_the_bin(environment)
    for _ in range(steps):
        _step(environment)
    return environment


def know_what_is_usual(environment: Environment) -> None:
    """Surveys of the three days before, which selected 200 bytes each."""
    for day in range(1, 4):
        at = environment.clock.now() - day * DAY
        notes, common = MemoryLog(Line(VirtualClock(at))), {"file_system": FILE_SYSTEM, "run": f"before-{day}"}
        journal = Journal(notes, notes.line.clock, random.Random(day), common)
        put_survey(journal, SEAL, {**common, "mode": "enforce", "selected": 20, "bytes": 200})
        environment.log.records += [(at, each) for _, each in notes.records]


def _step(environment: Environment) -> None:
    if environment.rng.random() < CALM:
        _go_on(environment)
    else:
        ADVERSARIES[environment.rng.choice(list(ADVERSARIES))](environment)


def _go_on(environment: Environment) -> None:
    """What happens by itself: messages arrive, the timer fires, time passes, and holds are lifted in the end."""
    chance = environment.rng.random()
    if chance < TO_DELIVER and environment.queue.queued_messages:
        environment.deliver()
    elif chance < TO_SWEEP:
        environment.sweep()
    elif chance < TO_WAIT:
        environment.pass_time(
            environment.rng.choice([100.0, 5_000.0, _until_an_edge(environment), _until_an_edge(environment)])
        )
    else:
        lift_the_hold(environment)


def _until_an_edge(environment: Environment) -> float:
    """Seconds until some minutes before the window opens or closes; an hour and more when there is none."""
    start = environment.rules.open_from
    if start is None:
        return 5_000.0
    edge = (start + environment.rng.choice([0, 0, environment.rules.open_for])) * HOUR
    return (edge - environment.clock.now() - environment.rng.choice([-60, 2, 20, 300])) % DAY
