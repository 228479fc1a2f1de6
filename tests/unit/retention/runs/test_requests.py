"""What programs outside may ask for: ordinary runs that narrow the policies, each request once."""

import json
from dataclasses import replace

import pytest

from functions.retention.runs.event import Delivery, unwrap
from functions.retention.runs.requests import run_id
from ops.names import ROOT
from ops.request_schema import request_schema
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, QueuedMessage, deployed, opened
from tests.unit.retention.job_bin import FILE_SYSTEM

PURGE = {"request": "purge", "id": "job-17", "file_system": FILE_SYSTEM, "path": "/scratch/**", "older_than": "8d"}


@pytest.fixture
def cloud() -> MemoryCloud:
    """A bin with two aged files, one of them in the path that is asked for."""
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.tree.drop("/scratch/a", OLD)
    cloud.bin.tree.drop("/home/b", OLD)
    return cloud


def ask(cloud: MemoryCloud, request: object) -> tuple[str, str]:
    """Deliver a request; state and reason."""
    body = request if isinstance(request, str) else json.dumps(request)
    (report,) = cloud.invoke(QueuedMessage(cloud.clock.now(), body))
    return report.state, report.reason


def refusal(cloud: MemoryCloud, request: object) -> tuple[str, str]:
    """Deliver a request that has to be refused; code and detail of its record."""
    before = len(cloud.queues.queued_messages)
    assert ask(cloud, request) == ("dead-lettered", "refused")
    assert cloud.queues.dead[-1] == (request if isinstance(request, str) else json.dumps(request))
    assert len(cloud.queues.queued_messages) == before
    record = cloud.log.events("refused")[-1]
    return record["reason"], record["detail"]


def test_a_purge_deletes_what_the_policies_and_the_request_select(cloud: MemoryCloud) -> None:
    assert ask(cloud, PURGE) == ("started", "")
    cloud.play()
    assert len(cloud.bin.ours) == 1
    (asked,) = cloud.log.events("asked")
    (ended,) = cloud.log.events("ended")
    assert asked["run"] == ended["run"] == run_id(cloud.account_id, "job-17")
    assert (ended["reason"], ended["trigger"]) == ("completed", "request")


def test_the_same_request_again_is_answered_and_starts_nothing(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    cloud.play()
    cloud.bin.tree.drop("/scratch/c", OLD)
    assert ask(cloud, dict(reversed(PURGE.items()))) == ("ended", "completed")
    assert cloud.queues.queued_messages == []
    assert len(cloud.bin.ours) == 1


def test_the_same_id_with_another_body_is_refused(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    code, detail = refusal(cloud, PURGE | {"path": "/home/**"})
    assert code == "id-taken"
    assert "job-17" in detail
    cloud.play()
    assert len(cloud.bin.ours) == 1


@pytest.mark.parametrize("lag", [0.0, 60.0])
def test_two_at_once_are_duplicates_of_one_run(lag: float) -> None:
    cloud = MemoryCloud(deployed(), NOW)
    for number in range(8):
        cloud.bin.tree.drop(f"/scratch/f{number}", OLD)
    cloud.log.lag = lag
    body = QueuedMessage(NOW, json.dumps(PURGE))
    cloud.clock.gather([lambda: cloud.invoke(body), lambda: cloud.invoke(body)])
    assert len({opened(each.body).run for each in cloud.queues.queued_messages}) == 1
    cloud.play(100.0)
    assert len(cloud.bin.ours) == 8


@pytest.mark.parametrize("lag", [0.0, 60.0])
def test_two_at_once_with_one_id_and_different_bodies_start_one_run(cloud: MemoryCloud, lag: float) -> None:
    cloud.log.lag = lag
    bodies = [QueuedMessage(NOW, json.dumps(each)) for each in (PURGE, PURGE | {"path": "/home/**"})]
    cloud.clock.gather([lambda: cloud.invoke(bodies[0]), lambda: cloud.invoke(bodies[1])])
    assert len(cloud.queues.queued_messages) <= 1
    cloud.play()
    assert len(cloud.bin.ours) <= 1
    assert len(cloud.log.events("refused")) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"cursor": {}}, "cursor"),
        ({"phase": "purge"}, "phase"),
        ({"selection": {"walks": [9]}}, "selection"),
        ({"policies": ["aged"]}, "policies"),
        ({"narrow": {}}, "narrow"),
        ({"path": ""}, "path"),
        ({"older_than": None}, "older_than"),
        ({"id": ""}, "id"),
        ({"id": 17}, "id"),
        ({"file_system": ["a"]}, "file_system"),
        ({"request": "delete"}, "purge"),
    ],
)
def test_every_field_that_is_unknown_empty_or_wrong_is_refused_by_name(
    cloud: MemoryCloud, change: dict[str, object], named: str
) -> None:
    code, detail = refusal(cloud, PURGE | change)
    assert code == "bad-request"
    assert named in detail


def test_a_repeated_key_is_never_read(cloud: MemoryCloud) -> None:
    body = json.dumps(PURGE)[:-1] + ', "path": "/**"}'
    (report,) = cloud.worker().work(unwrap(body.encode()))
    assert (report.state, report.reason) == ("dead-lettered", "poison")
    assert "'path' is given twice" in report.detail
    assert Delivery(body).body == cloud.queues.dead[0]


@pytest.mark.parametrize(
    ("change", "code", "guardrail"),
    [
        ({"older_than": "1m"}, "widens", "guardrails.min_age"),
        ({"older_than": "6d"}, "widens", "policies.aged.older_than"),
        ({"file_system": "another"}, "not-allowed", "guardrails.file_systems"),
    ],
)
def test_what_would_widen_is_refused_with_the_guardrail_named(
    cloud: MemoryCloud, change: dict[str, object], code: str, guardrail: str
) -> None:
    refused, detail = refusal(cloud, PURGE | change)
    assert refused == code
    assert guardrail in detail


def test_without_an_enforcing_policy_it_is_refused(cloud: MemoryCloud) -> None:
    idle = tuple(policy.model_copy(update={"mode": "dry-run"}) for policy in cloud.file.policies)
    cloud.file = cloud.file.model_copy(update={"policies": idle})
    code, detail = refusal(cloud, PURGE)
    assert code == "not-enforcing"
    assert "aged" in detail


def test_without_a_key_a_request_is_refused(cloud: MemoryCloud) -> None:
    cloud.sealing = None
    assert refusal(cloud, PURGE)[0] == "no-key"


def test_a_request_whose_message_was_lost_after_its_record_is_sent_again(cloud: MemoryCloud) -> None:
    ask(cloud, PURGE)
    (lost,) = cloud.queues.queued_messages
    cloud.queues.queued_messages.clear()
    assert ask(cloud, PURGE) == ("started", "")
    (again,) = cloud.queues.queued_messages
    first, second = opened(lost.body), opened(again.body)
    assert (first.run, first.send_id) == (second.run, second.send_id)
    assert replace(first, sent_at=0) == replace(second, sent_at=0)


def test_a_sweep_starts_the_runs_of_its_file_systems_once(cloud: MemoryCloud) -> None:
    order = {"request": "sweep", "id": "s1", "file_systems": [FILE_SYSTEM]}
    assert ask(cloud, order) == ("swept", "")
    assert ask(cloud, order) == ("swept", "")
    assert [record["reason"] for record in cloud.log.events("swept")] == ["started", "carried-out"]
    assert refusal(cloud, order | {"id": "s2", "file_systems": []})[0] == "bad-request"
    assert refusal(cloud, order | {"id": "s3", "file_systems": ["another"]})[0] == "not-allowed"


def test_the_schema_file_is_made_from_the_code() -> None:
    assert (ROOT / "functions" / "requests.schema.json").read_text(encoding="utf-8") == request_schema()
