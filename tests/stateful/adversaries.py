"""The adversaries of a stateful history, one function each; docs/promises.md lists them with how often they were met.

Each does one thing, now or at a moment in the middle of what follows, and counts itself when it is met.
"""

import random
from collections.abc import Callable, Mapping

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.audit.journal import Journal
from tests.stateful.environment import Environment
from tests.stateful.rules import changed
from tests.stateful.senders import (
    ask_for_a_purge,
    duplicate_a_delivery,
    forge_a_message,
    narrow_by_the_console,
    purge_a_plan,
    replay_a_message,
    send_garbage,
    soon,
)
from tests.unit.retention.bins import OLD, YOUNG
from tests.unit.retention.doubles import MemoryLog
from tests.unit.retention.job_bin import FILE_SYSTEM, Line, Mishap

Adversary = Callable[[Environment], None]

NAMES = ("a", "b", "c", "keep")
HOLD = {"nas-retention": "hold"}
PROTECT = "nas-retention-protect"


def path(rng: random.Random) -> str:
    """A path of up to three names."""
    return "/" + "/".join(rng.choice(NAMES) for _ in range(rng.randint(1, 3)))


def _insist(environment: Environment, act: Callable[[], bool], tries: int = 40) -> None:
    """Somebody tries a few times, until it works: people do when the slot is taken, or no job runs."""

    def attempt(left: int) -> None:
        if not act() and left:
            environment.bin.later(environment.rng.uniform(0.1, 9), lambda: attempt(left - 1))

    environment.bin.later(soon(environment.rng), lambda: attempt(tries))


def _break_a_call(environment: Environment, *mishaps: Mishap) -> None:
    environment.bin.line.slowness = environment.rng.uniform(1, 40)
    environment.bin.line.after(environment.rng.randint(0, 60), environment.rng.choice(mishaps))


# Deliveries, calls and the log.


def crash(environment: Environment) -> None:
    """The instance dies before or after a call."""
    _break_a_call(environment, "crash-before", "crash-after")
    environment.met["crash"] += 1


def lose_a_reply(environment: Environment) -> None:
    """A call gets no answer, whether it had its effect or not."""
    _break_a_call(environment, "silence-before", "silence-after")
    environment.met["lose_a_reply"] += 1


def carry_out_late(environment: Environment) -> None:
    """A create gets no answer, and the service carries it out up to 15 s later."""
    environment.bin.late = [environment.rng.uniform(0, 15)]
    environment.met["carry_out_late"] += 1


def throttle(environment: Environment) -> None:
    """One to five calls in a row are throttled."""
    first = environment.rng.randint(0, 60)
    for number in range(environment.rng.randint(1, 5)):
        environment.bin.line.after(first + number, "throttle")
    environment.met["throttle"] += 1


def refuse(environment: Environment) -> None:
    """A call is refused."""
    _break_a_call(environment, "refuse")
    environment.met["refuse"] += 1


def answer_slowly(environment: Environment) -> None:
    """A call takes up to 40 s longer, before or after its effect."""
    _break_a_call(environment, "slow-before", "slow-after")
    environment.met["answer_slowly"] += 1


def lose_a_chain(environment: Environment) -> None:
    """A message is lost."""
    if environment.queue.queued_messages:
        environment.queue.queued_messages.pop(environment.rng.randrange(len(environment.queue.queued_messages)))
        environment.met["lose_a_chain"] += 1


def silence_the_log(environment: Environment) -> None:
    """The log takes no records, or answers no reads, until it is mended."""
    environment.log.writes, environment.log.reads = environment.rng.choice(
        [(True, False), (False, True), (False, False)]
    )
    environment.bin.later(environment.rng.uniform(1, 600), lambda: _mend(environment))
    environment.met["silence_the_log"] += 1


def _mend(environment: Environment) -> None:
    environment.log.writes = environment.log.reads = True


def delay_the_index(environment: Environment) -> None:
    """The log's index shows records up to 60 s late, or at once."""
    environment.log.lag = environment.rng.choice([0.0, environment.rng.uniform(0, 60), 60.0])
    environment.met["delay_the_index"] += 1


def fail_a_job(environment: Environment) -> None:
    """A job of ours ends without success."""
    environment.bin.ends.append(environment.rng.choice(["fail", "partialsuccess"]))
    environment.met["fail_a_job"] += 1


# People and their programs.


def cancel_a_job(environment: Environment) -> None:
    """A person cancels a deletion job, whoever's it is."""
    _insist(environment, lambda: _cancel(environment))


def _cancel(environment: Environment) -> bool:
    holder = environment.bin.holder()
    if holder is None or holder.job.type != "Delete":
        return False
    environment.cancels.append(environment.clock.now())
    environment.cancelled_entries[holder.job.file_id] = environment.clock.now()
    environment.met["cancel_a_job"] += 1
    environment.bin.stop()
    return True


def cancel_a_run(environment: Environment) -> None:
    """A person cancels a run by the console: the record that `ops cancel` writes."""
    _insist(environment, lambda: _cancel_run(environment))


def _cancel_run(environment: Environment) -> bool:
    """The record is in the log at once: what happens to the console's own calls is no matter of the run's."""
    log = environment.log
    over = {each["run"] for each in log.events("ended")} | environment.cancelled_runs.keys()
    alive = [each["run"] for each in log.events("started", mode="enforce") if each["run"] not in over]
    if not (log.writes and alive):
        return False
    run = alive[-1]
    environment.met["cancel_a_run"] += 1
    notes = MemoryLog(Line(VirtualClock()))
    Journal(notes, environment.clock, environment.rng, {"file_system": FILE_SYSTEM}).put(
        "cancel", run=run, mode="enforce"
    )
    environment.log.records += [(environment.clock.now(), each) for _, each in notes.records]
    environment.cancelled_runs[run] = environment.clock.now()
    return True


def restore(environment: Environment) -> None:
    """A person restores an entry, and may delete it again as soon as it is back."""
    entry, again = _some_entry(environment), environment.rng.random() < 0.5
    seconds = environment.rng.uniform(0.5, 300)
    _insist(environment, lambda: _restore(environment, entry, seconds, again=again))


def _restore(environment: Environment, entry: str, seconds: float, *, again: bool) -> bool:
    if environment.bin.holder() is not None or entry not in environment.bin.tree.all_entries():
        return False
    environment.restores.append(environment.clock.now())
    environment.met["restore_and_delete_again" if again else "restore"] += 1
    environment.bin.restore(entry, seconds, delete_again=again)
    return True


def remove_for_good(environment: Environment) -> None:
    """A person or another program deletes an entry for good."""
    entry, seconds = _some_entry(environment), environment.rng.uniform(0.5, 300)
    _insist(environment, lambda: _remove(environment, entry, seconds))


def _remove(environment: Environment, entry: str, seconds: float) -> bool:
    if environment.bin.holder() is not None or entry not in environment.bin.tree.all_entries():
        return False
    environment.met["remove_for_good"] += 1
    environment.bin.remove(entry, seconds)
    return True


def fill_the_bin(environment: Environment) -> None:
    """A person deletes files and directories, of old and of young age."""
    for number in range(environment.rng.randint(1, 6)):
        where, deleted = path(environment.rng), environment.rng.choice([OLD, OLD, YOUNG])
        if environment.rng.random() < 0.5:
            environment.bin.tree.drop(f"{where}/f{number}", deleted, _size(environment))
        else:
            environment.bin.tree.write(f"{where}/d{number}/f", environment.rng.randint(1, 9))
            environment.bin.tree.remove(f"{where}/d{number}", deleted)
    environment.met["fill_the_bin"] += 1


def _size(environment: Environment) -> int | None:
    """Bytes, or unknown where the listings of the history lack sizes."""
    return None if environment.rng.random() < environment.unsized else environment.rng.randint(1, 9)


def flood_the_bin(environment: Environment) -> None:
    """A file is deleted that is far larger than all that usually goes."""
    environment.bin.tree.drop(f"{path(environment.rng)}/flood", OLD, environment.rng.choice([9, 11, 400]) << 30)
    environment.met["flood_the_bin"] += 1


def lack_a_time(environment: Environment) -> None:
    """Something is listed whose deletion time is missing or cannot be read."""
    time = environment.rng.choice(["", "2020", "2020-01-01 00:00:00", "0000-00-00T00:00:00Z"])
    environment.bin.tree.drop(f"{path(environment.rng)}/without-a-time", time, 1)
    environment.met["lack_a_time"] += 1


def lack_sizes(environment: Environment) -> None:
    """From now on a part of what is deleted is listed without a size."""
    environment.unsized = environment.rng.choice([0.0, 0.1, 1.0])
    environment.met["lack_sizes"] += 1


def hide_the_bin_size(environment: Environment) -> None:
    """The service does not tell the size of the bin, or tells it again."""
    environment.bin.hides_its_size = not environment.bin.hides_its_size
    environment.met["hide_the_bin_size"] += 1


def delay_the_bin_size(environment: Environment) -> None:
    """The service tells the size that the bin has now until it is mended, or from now on the true one."""
    environment.bin.earlier_size = environment.bin.bytes() if environment.bin.earlier_size is None else None
    environment.met["delay_the_bin_size"] += 1


def hold(environment: Environment) -> None:
    """A person sets the hold tag, and removes it after a while."""
    begins = soon(environment.rng)
    environment.bin.later(begins, lambda: _hold(environment))
    environment.bin.later(begins + environment.rng.uniform(60, 900), lambda: lift_the_hold(environment))


def _hold(environment: Environment) -> None:
    if environment.held_since is None:
        environment.held_since = environment.clock.now()
        environment.met["hold"] += 1
    environment.bin.tags_now = {**environment.bin.tags_now, **HOLD}


def lift_the_hold(environment: Environment) -> None:
    """A person removes the hold tag."""
    environment.held_since = None
    environment.bin.tags_now = {key: value for key, value in environment.bin.tags_now.items() if key not in HOLD}


def protect_by_tag(environment: Environment) -> None:
    """A person adds a protected path by the tag, and takes it away after a while."""
    begins, where = soon(environment.rng), environment.rng.choice(["/a", "/b", "/c"])
    environment.bin.later(begins, lambda: _protect(environment, where))
    ends = begins + environment.rng.choice([30.0, 3_000.0, 90_000.0])
    environment.bin.later(ends, lambda: _protect(environment, ""))


def _protect(environment: Environment, where: str) -> None:
    tags = {key: value for key, value in environment.bin.tags_now.items() if key != PROTECT}
    environment.bin.tags_now = {**tags, **({PROTECT: f"{where}/**"} if where else {})}
    environment.tag_protects.append((environment.clock.now(), where))
    environment.met["protect_by_tag" if where else "protect_by_tag_no_more"] += 1


def tag(environment: Environment) -> None:
    """A person or a backup program changes another tag."""
    value = str(environment.rng.randint(0, 9))
    environment.bin.later(soon(environment.rng), lambda: _tag(environment, value))


def _tag(environment: Environment, value: str) -> None:
    environment.bin.tags_now = {**environment.bin.tags_now, "team": value}
    environment.met["tag"] += 1


def deploy_other_policies(environment: Environment) -> None:
    """Somebody deploys another policy file."""
    environment.rules = changed(environment.rules, environment.rng)
    environment.cloud.file = environment.rules.file()
    environment.met["deploy_other_policies"] += 1


def _some_entry(environment: Environment) -> str:
    everything = sorted(environment.bin.tree.all_entries())
    return environment.rng.choice(everything) if everything else ""


ADVERSARIES: Mapping[str, Adversary] = {
    each.__name__: each
    for each in (
        duplicate_a_delivery, crash, lose_a_reply, carry_out_late, throttle, refuse, answer_slowly, lose_a_chain,
        silence_the_log, delay_the_index, fail_a_job, cancel_a_job, cancel_a_run, restore, remove_for_good,
        fill_the_bin, flood_the_bin, lack_a_time, lack_sizes, hide_the_bin_size, delay_the_bin_size, hold, tag,
        protect_by_tag, deploy_other_policies, forge_a_message, send_garbage, replay_a_message,
        ask_for_a_purge, narrow_by_the_console, purge_a_plan,
    )
}  # fmt: skip
"""Every adversary by name."""
