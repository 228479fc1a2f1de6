"""Whoever may send to the work queue cannot make the functions delete anything."""

import base64
import json
from dataclasses import replace
from pathlib import Path

from functions.retention.core.seal import OVERHEAD, Seal, SealKey
from functions.retention.policy.model import MESSAGE_VERSION
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import Selection, parse_message
from functions.retention.walk.cursor import Cursor, Step
from tests.end_to_end.stage import DAY, FILE_SYSTEM, POLICIES, WORK, Stage, stage
from tests.seal_key import SEAL_KEY

KEPT_INSIDE = POLICIES.replace("/keep/**", "/t/a/x/secret/**, /**/*.key")


def _genuine(play: Stage) -> str:
    """The sealed body of a run's first message, which the run is not given."""
    play.host.invoke("nas-retention-sweep", b"{}")
    (message,) = play.cloud.smq.queue(WORK).messages()
    return base64.b64decode(message.body).decode()


def _fill(play: Stage) -> None:
    """A directory that holds protected entries and a young one."""
    tree = {"x/secret/ledger": 10, "x/master.key": 5, "y/old": 1}
    play.file_system.recycle_tree("/t/a", tree, deleted_at=play.now - 20 * DAY)
    play.file_system.recycle("/t/a/x/young", size=3, deleted_at=play.now - 3600)
    play.remember()


def _forged(genuine: str, now: float) -> str:
    """A made-up position: the survey is done, and the walk is past everything that is kept."""
    message = parse_message(Delivery(genuine[OVERHEAD:]).wire())
    made_up = replace(
        message,
        run="0" * 32,
        phase="purge",
        selection=Selection("", "0" * 32, now, (1_000,)),
        sees_inside=True,
        as_of=now,
        sent_at=now,
        not_after=now + DAY,
        cursor=Cursor((Step(""),), listed=True, done="~" * 8),
    )
    return made_up.to_body()


def _send(play: Stage, body: str) -> None:
    play.cloud.smq.queue(WORK).send(base64.b64encode(body.encode()).decode())


def test_a_made_up_position_deletes_nothing_and_lies_in_the_dead_letters(tmp_path: Path) -> None:
    with stage(tmp_path, policies=KEPT_INSIDE) as play:
        genuine = _genuine(play)
        assert play.host.run_until_idle(limit=DAY)
        _fill(play)
        forged = _forged(genuine, play.now)
        other = Seal(SealKey(bytes(32 - n for n in range(32))), region="cn-hangzhou", account_id="1", queue=WORK)
        bodies = [forged, genuine[:OVERHEAD] + forged, other.seal(forged)]
        for body in bodies:
            _send(play, body)
        assert play.host.run_until_idle(limit=DAY)
        assert play.file_system.jobs_created == 0
        assert [record["reason"] for record in play.records("unsealed")].count("mismatch") == 2
        letters = sorted(base64.b64decode(body).decode() for body in play.dead_letters())
        assert letters == sorted(bodies)
        assert play.ends() == ["completed"]


def test_the_same_position_under_the_key_would_have_been_worked_on(tmp_path: Path) -> None:
    with stage(tmp_path, policies=KEPT_INSIDE) as play:
        genuine = _genuine(play)
        assert play.host.run_until_idle(limit=DAY)
        _fill(play)
        seal = Seal(SealKey(bytes.fromhex(SEAL_KEY)), region="cn-hangzhou", account_id="1234567890123456", queue=WORK)
        _send(play, seal.seal(_forged(genuine, play.now)))
        assert play.host.run_until_idle(limit=DAY)
        assert play.records("unsealed") == []
        assert len(play.ends()) == 2


def test_after_a_run_the_sweep_deletes_what_the_policies_allow(tmp_path: Path) -> None:
    with stage(tmp_path, policies=KEPT_INSIDE) as play:
        _fill(play)
        _send(play, json.dumps({"version": MESSAGE_VERSION, "phase": "purge", "listed": 7}))
        play.sweep()
        assert play.file_system.find("/t/a/x/secret/ledger")
        assert play.file_system.find("/t/a/x/master.key")
        assert play.file_system.find("/t/a/x/young")
        assert play.file_system.find("/t/a/y/old") is None


def test_without_a_key_no_run_starts_and_each_function_says_so(tmp_path: Path) -> None:
    with stage(tmp_path, seal_key="") as play:
        play.fill()
        swept = play.host.invoke("nas-retention-sweep", b"{}")
        assert b"ConfigurationError" in swept.payload
        assert b"SEAL_KEY: not set" in swept.payload
        answer = play.invoke("console", {"action": "purge", "file_system": FILE_SYSTEM, "confirm": FILE_SYSTEM})
        assert answer["error"]["code"] == "bad-configuration"
        _send(play, "sealed1." + "A" * 43 + ".{}")
        assert play.host.run_until_idle(limit=DAY)
        assert [record["reason"] for record in play.records("unsealed")] == ["no-key"]
        assert play.file_system.jobs_created == 0
