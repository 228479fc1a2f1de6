"""The recipes of docs/requests.md, each with the request that the page shows."""

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import pytest

from tests.end_to_end.stage import DAY, FILE_SYSTEM, ROOT, WORK, Stage, stage

ALARM = json.loads((ROOT / "events" / "request-alarm.json").read_text(encoding="utf-8"))


def recipe(title: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """The request that an event rule's transformer makes by the template below a heading of the page."""
    page = (ROOT / "docs" / "requests.md").read_text(encoding="utf-8")
    section = page.split(f"## Recipe: {title}", 1)[1].split("\n## ", 1)[0]
    (template,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    request: dict[str, Any] = json.loads(Template(template).substitute(variables))
    return request


def send(play: Stage, request: Mapping[str, object]) -> None:
    """What a rule with the work queue as its target does."""
    play.cloud.smq.queue(WORK).send(base64.b64encode(json.dumps(request).encode()).decode())
    assert play.host.run_until_idle(limit=10 * DAY)


def drop(play: Stage, *paths: str, days: float = 20.0) -> None:
    for path in paths:
        play.file_system.recycle(path, size=10, deleted_at=play.now - days * DAY)


def left(play: Stage, *paths: str) -> list[str]:
    return [path for path in paths if play.file_system.find(path) is not None]


@pytest.mark.parametrize("copies", [1, 3])
def test_an_alarm_on_a_large_bin_purges_what_the_policies_select_once(tmp_path: Path, copies: int) -> None:
    with stage(tmp_path) as play:
        drop(play, "/a", "/keep/b")
        drop(play, "/young", days=2)
        request = recipe("an alarm of CloudMonitor on a large bin", {"id": ALARM["id"]})
        for _ in range(copies):
            send(play, request)
        assert left(play, "/a", "/keep/b", "/young") == ["/keep/b", "/young"]
        assert play.ends() == ["completed"]
        assert play.dead_letters() == []


def test_a_finished_job_purges_its_scratch_path_and_no_other(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        drop(play, "/scratch/job-17/a", "/scratch/job-18/a", "/a")
        drop(play, "/scratch/job-17/young", days=2)
        send(play, recipe("a job has finished, purge its scratch path", {"job": "job-17"}))
        left_over = left(play, "/scratch/job-17/a", "/scratch/job-18/a", "/a", "/scratch/job-17/young")
        assert left_over == ["/scratch/job-18/a", "/a", "/scratch/job-17/young"]


TICKET = "a ticket system approves a plan"


def plan(play: Stage) -> str:
    """Make a plan as the ticket system does; its id."""
    started = play.invoke("console", {"action": "plan", "file_system": FILE_SYSTEM})
    name: str = started["plan_id"]
    return name


def test_an_approved_plan_is_carried_out_and_nothing_that_came_later(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        drop(play, "/a", "/b")
        name = plan(play)
        drop(play, "/later")
        send(play, recipe(TICKET, {"ticket": "OPS-12", "plan_id": name}))
        assert left(play, "/a", "/b", "/later") == ["/later"]
        (asked,) = play.records("asked", trigger="request")
        assert asked["plan_id"] == name
        assert play.dead_letters() == []


def test_a_plan_that_was_never_made_is_refused(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        drop(play, "/a")
        send(play, recipe(TICKET, {"ticket": "OPS-12", "plan_id": "0" * 32}))
        assert left(play, "/a") == ["/a"]
        assert [record["reason"] for record in play.records("refused")] == ["no-such-plan"]
        assert len(play.dead_letters()) == 1


def test_a_plan_is_refused_after_the_policies_changed(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        drop(play, "/a")
        name = plan(play)
        play.policies.write_text(play.policies.read_text().replace("7d", "8d"))
        send(play, recipe(TICKET, {"ticket": "OPS-12", "plan_id": name}))
        assert left(play, "/a") == ["/a"]
        assert [record["reason"] for record in play.records("refused")] == ["policy-changed"]


@pytest.mark.parametrize("narrowing", [{"path": "/**"}, {"older_than": "30d"}])
def test_a_plan_takes_no_narrowing(tmp_path: Path, narrowing: dict[str, str]) -> None:
    with stage(tmp_path) as play:
        drop(play, "/a")
        send(play, recipe(TICKET, {"ticket": "OPS-12", "plan_id": plan(play)}) | narrowing)
        assert left(play, "/a") == ["/a"]
        (refused,) = play.records("refused")
        assert refused["reason"] == "bad-request"
        assert next(iter(narrowing)) in refused["detail"]
