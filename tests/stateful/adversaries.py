"""The adversaries of a stateful history, one function each; docs/promises.md lists them with how often they were met.

Each does one thing, now or at a moment in the middle of what follows, and counts itself when it is met.
"""

import base64
import json
import random
from collections.abc import Callable, Mapping

from aliyun_fakes.core.clock import VirtualClock
from functions.retention.audit.journal import Journal
from functions.retention.core.seal import Seal, SealKey
from functions.retention.runs.message import new_message
from tests.stateful.environment import Environment
from tests.stateful.rules import changed
from tests.unit.retention.bins import OLD, YOUNG
from tests.unit.retention.doubles import SEAL, MemoryLog, QueuedMessage, sealed
from tests.unit.retention.job_bin import FILE_SYSTEM, Line, Mishap

Adversary = Callable[[Environment], None]

NAMES = ("a", "b", "c", "keep")
HOLD = {"nas-retention": "hold"}
VALUES: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 10**12, 0.5, "", "x", "fs", "other", "enforce", "dry-run", "purge", "survey", "sweep",
    "console", "request", [], ["/"], {}, {"aged": 4e9}, {"path": "/**"}, {"up_to": 10**6}, "2030-01-01T00:00:00Z",
)  # fmt: skip
"""What is put into the fields of forged messages."""


def path(rng: random.Random) -> str:
    """A path of up to three names."""
    return "/" + "/".join(rng.choice(NAMES) for _ in range(rng.randint(1, 3)))


def soon(rng: random.Random) -> float:
    """Seconds until something happens in the middle of what comes next."""
    return rng.uniform(0, rng.choice([5, 60, 400]))


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


def duplicate_a_delivery(environment: Environment) -> None:
    """Two or three copies of a message are delivered, up to 60 s apart."""
    if environment.queue.queued_messages:
        environment.met["duplicate_a_delivery"] += 1
        environment.deliver(
            environment.rng.randint(2, 3), environment.rng.choice([0.0, environment.rng.uniform(0, 60)])
        )


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


def lack_sizes(environment: Environment) -> None:
    """From now on a part of what is deleted is listed without a size."""
    environment.unsized = environment.rng.choice([0.0, 0.1, 1.0])
    environment.met["lack_sizes"] += 1


def hide_the_bin_size(environment: Environment) -> None:
    """The service does not tell the size of the bin, or tells it again."""
    environment.bin.hides_its_size = not environment.bin.hides_its_size
    environment.met["hide_the_bin_size"] += 1


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


# Whoever may send to the work queue.


def forge_a_message(environment: Environment) -> None:
    """Somebody sends a message with one field changed: unsealed, under its old seal, or under a seal of their own."""
    body = SEAL.open(environment.rng.choice(environment.sent)) if _sealed_so_far(environment) else _first(environment)
    wire = json.loads(body)
    wire[environment.rng.choice([*sorted(wire), "phase", "selection", "cursor", "listed", "progress"])] = _value(
        environment.rng
    )
    text = json.dumps(wire)
    tag = SEAL.seal(body)[:52]
    other = Seal(SealKey(bytes(range(32, 64))), region="cn-hangzhou", account_id="1234567890123456", queue="work")
    elsewhere = Seal(SealKey(bytes(range(32))), region="cn-beijing", account_id="1234567890123456", queue="work")
    _send_forged(environment, environment.rng.choice([text, tag + text, other.seal(text), elsewhere.seal(text)]))
    environment.met["forge_a_message"] += 1


def _value(rng: random.Random) -> object:
    return rng.choice(VALUES)


def _sealed_so_far(environment: Environment) -> bool:
    environment.sent = [
        each for each in environment.sent if each.startswith("sealed1.") and each not in environment.forged
    ]
    return bool(environment.sent)


def _first(environment: Environment) -> str:
    now = environment.clock.now()
    message = new_message(
        FILE_SYSTEM, digest=environment.cloud.file.digest, trigger="sweep", mode="enforce", at=now, now=now
    )
    return message.to_body()


def _send_forged(environment: Environment, body: str) -> None:
    if body not in environment.sent:
        environment.forged.add(body)
        environment.queue.queued_messages.append(QueuedMessage(environment.clock.now() + soon(environment.rng), body))


def send_garbage(environment: Environment) -> None:
    """Somebody sends what is no message at all."""
    text = base64.b64encode(environment.rng.randbytes(24)).decode()
    _send_forged(
        environment, environment.rng.choice([text, "[]", "{}", "sealed1.", f"sealed1.{text}", '{"request": "all"}'])
    )
    environment.met["send_garbage"] += 1


def replay_a_message(environment: Environment) -> None:
    """Somebody sends an earlier message of ours again, as it was."""
    if _sealed_so_far(environment):
        body = environment.rng.choice(environment.sent)
        environment.queue.queued_messages.append(QueuedMessage(environment.clock.now() + soon(environment.rng), body))
        environment.met["replay_a_message"] += 1


def ask_for_a_purge(environment: Environment) -> None:
    """Another program asks for a purge, with fields that it may and may not send."""
    order: dict[str, object] = {
        "request": "purge",
        "id": f"job-{environment.rng.randint(0, 9)}",
        "file_system": FILE_SYSTEM,
    }
    if environment.rng.random() < 0.5:
        order |= {"path": environment.rng.choice(["/a/**", "/**", "/keep/**"])}
    if environment.rng.random() < 0.3:
        order |= {"older_than": environment.rng.choice(["1m", "9d", "30d"])}
    if environment.rng.random() < 0.3:
        order |= {
            environment.rng.choice(["protect", "min_age", "limits", "policies", "as_of", "mode"]): _value(
                environment.rng
            )
        }
    environment.queue.queued_messages.append(
        QueuedMessage(environment.clock.now() + soon(environment.rng), json.dumps(order))
    )
    environment.met["ask_for_a_purge"] += 1


def narrow_by_the_console(environment: Environment) -> None:
    """A person starts a run by the console, narrowed."""
    now = environment.clock.now()
    up_to = environment.rng.choice([1, 3, 6])
    narrowing: Mapping[str, object] = environment.rng.choice([{"path": "/a/**"}, {"up_to": up_to}, {"up_to": up_to}])
    message = new_message(
        FILE_SYSTEM,
        digest=environment.cloud.file.digest,
        trigger="console",
        mode="enforce",
        at=now,
        now=now,
        narrowing=narrowing,
    )
    if "up_to" in narrowing:
        environment.up_to[message.run] = up_to
    environment.queue.queued_messages.append(QueuedMessage(now, sealed(message)))
    environment.met["narrow_by_the_console"] += 1
    if environment.rng.random() < 0.5:
        duplicate_a_delivery(environment)


def _some_entry(environment: Environment) -> str:
    everything = sorted(environment.bin.tree.all_entries())
    return environment.rng.choice(everything) if everything else ""


ADVERSARIES: Mapping[str, Adversary] = {
    each.__name__: each
    for each in (
        duplicate_a_delivery, crash, lose_a_reply, carry_out_late, throttle, refuse, answer_slowly, lose_a_chain,
        silence_the_log, delay_the_index, fail_a_job, cancel_a_job, cancel_a_run, restore, remove_for_good,
        fill_the_bin, lack_sizes, hide_the_bin_size, hold, tag,
        deploy_other_policies, forge_a_message, send_garbage, replay_a_message,
        ask_for_a_purge, narrow_by_the_console,
    )
}  # fmt: skip
"""Every adversary by name."""
