"""The console asked in any wrong way: always an answer that says what is wrong, and nothing is deleted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliyun_fakes.core.faults import Fault
from functions.retention.console.requests import MODELS
from tests.end_to_end.stage import FILE_SYSTEM, POLICIES, Stage, stage


@pytest.mark.parametrize(
    ("request_", "where", "hint"),
    [
        ({}, "action", "there is no action"),
        ({"action": "purge!"}, "action", "did you mean purge?"),
        ({"action": "Status"}, "action", "did you mean status?"),
        ({"action": ["plan"]}, "action", "allowed: plan, purge"),
        ({"action": "plan"}, "file_system", "is missing"),
        ({"action": "plan", "file_sytem": FILE_SYSTEM}, "file_system", "did you mean file_system?"),
        ({"action": "plan", "file_system": 7}, "file_system", "takes text"),
        ({"action": "plan", "file_system": "1ca404a5e3"}, "file_system", "did you mean 1ca404a5e2?"),
        ({"action": "plan", "file_system": FILE_SYSTEM, "narrow": "x"}, "narrow", "takes keys"),
        ({"action": "plan", "file_system": FILE_SYSTEM, "narrow": {"pth": "/x"}}, "narrow", "did you mean path?"),
        ({"action": "plan", "file_system": FILE_SYSTEM, "narrow": {"policies": ["agd"]}}, "narrow", "you mean aged?"),
        ({"action": "purge", "file_system": FILE_SYSTEM}, "the request", "confirm"),
        ({"action": "purge", "file_system": FILE_SYSTEM, "plan_id": "x"}, "plan_id", "is not written like"),
        ({"action": "explain", "file_system": FILE_SYSTEM}, "the request", "path or by file_id"),
        ({"action": "explain", "file_system": FILE_SYSTEM, "path": "logs"}, "path", "from the file system's root"),
        ({"action": "explain", "file_system": FILE_SYSTEM, "path": "/a/../b"}, "path", "no path of an entry"),
        ({"action": "cancel"}, "the request", "one of them"),
        ({"action": "status", "run": "latest"}, "run", "is not written like"),
        ({"action": "pause", "file_system": FILE_SYSTEM}, "file_system", "unknown key"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong_and_what_is_allowed(
    tmp_path: Path, request_: dict[str, object], where: str, hint: str
) -> None:
    with stage(tmp_path) as play:
        error = play.invoke("console", request_)["error"]
        assert error["where"] == where
        assert hint in error["what"]
        assert error["allowed"]


@pytest.mark.parametrize("event", [b"", b"{", b"[]", b"[1, 2]", b"7", b"null", b'"plan"', b"\xff\xfe", b"[" * 10_000])
def test_an_event_that_is_no_request_is_answered(tmp_path: Path, event: bytes) -> None:
    with stage(tmp_path) as play:
        answer = json.loads(play.host.invoke("nas-retention-console", event).payload)
        assert answer["ok"] is False
        assert answer["error"]["allowed"]


def test_policies_that_cannot_be_used_are_answered_with_every_problem(tmp_path: Path) -> None:
    with stage(tmp_path, policies=POLICIES.replace("older_than: 7d", "older_then: 7").replace("1d", "0d")) as play:
        error = play.invoke("console", {"action": "status"})["error"]
        assert error["code"] == "bad-policies"
        assert len(error["problems"]) == 2
        assert any("did you mean older_than?" in problem for problem in error["problems"])


@pytest.mark.parametrize("operation", ["GetRecycleBinAttribute", "ListRecentlyRecycledDirectories"])
def test_a_service_that_refuses_is_answered_with_its_own_words(tmp_path: Path, operation: str) -> None:
    with stage(tmp_path, faults=[Fault("nas", operation, "status", times=0, status=403, code="Forbidden.RAM")]) as play:
        error = play.invoke("console", {"action": "plan", "file_system": FILE_SYSTEM})["error"]
        assert (error["code"], error["where"]) == ("service-failed", operation)
        assert "Forbidden.RAM" in error["what"]


OPTIONAL = ["narrow", "path", "run", "plan_id", "file_id"]
KEYS = ["action", "file_system", "confirm", "limits", "as_of", "policies", *OPTIONAL]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
LEAVES |= st.sampled_from([FILE_SYSTEM, "0" * 32, "/logs/app-1.log", "/\ud800", "7d", *MODELS])
NAMES = st.sampled_from(KEYS) | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
REQUESTS = VALUES | st.fixed_dictionaries(
    {"action": st.sampled_from(list(MODELS))},
    optional={"file_system": st.just(FILE_SYSTEM) | VALUES} | dict.fromkeys(OPTIONAL, VALUES),
)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("stage")) as play:
        play.fill()
        yield play


@given(REQUESTS)
@settings(max_examples=150, deadline=None)
def test_whatever_is_asked_the_answer_has_ok_and_nothing_is_deleted(played: Stage, request: object) -> None:
    answer = json.loads(played.host.invoke("nas-retention-console", json.dumps(request).encode()).payload)
    assert answer["ok"] in (True, False)
    assert answer["ok"] or answer["error"]["what"]
    assert played.file_system.jobs_created == 0
