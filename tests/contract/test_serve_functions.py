"""``python -m aliyun_fakes serve --functions``: the toys, hosted by a process of its own on scaled time, over HTTP."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mns.queue import Message, QueueMeta

from tests.contract.fc.sdks import Api, Refused, invoker_at
from tests.contract.serving import Served, assert_refuses, serving
from tests.patience import PATIENCE
from tests.unit.aliyun_fakes.fc.stage import LONGEST_VISIBILITY, Document, rewritten, unhurried

SPEED = 60.0
EVERY_MINUTE = "0 * * * * *"
ON_NEW_YEARS_DAY = "0 0 0 1 1 *"


@contextmanager
def toys(folder: Path, timer: str = ON_NEW_YEARS_DAY) -> Iterator[Served]:
    """The toys' cloud, without their queues yet; by default the timer does not fire meanwhile."""

    def change(document: Document) -> None:
        unhurried(document)
        document["resources"]["tick"]["props"]["triggers"][0]["triggerConfig"]["cronExpression"] = timer

    s_yaml = rewritten(folder / "toys", change)
    with serving("--functions", "s.yaml", "--clock", f"scaled:{SPEED:g}", folder=s_yaml.parent) as served:
        yield served


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with toys(tmp_path) as served:
        yield served


def make_queues(served: Served) -> None:
    for name in ("toys-dead", "toys-work"):
        served.queue(name).create(QueueMeta(vis_timeout=LONGEST_VISIBILITY))


def ended(served: Served, function: str, outcome: str = "success") -> int:
    found: dict[str, Any] = served.admin("state")["functions"]
    return int(found[function].get(outcome, 0))


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)


@pytest.mark.parametrize("api", ["fc2", "fc3"])
def test_functions_are_there_once_their_queues_are(served: Served, api: Api) -> None:
    invoke = invoker_at(api, served.endpoint)
    with pytest.raises(Refused) as refused:
        invoke("echo", b"too early")
    assert refused.value.code in ("FunctionNotFound", "ServiceNotFound")
    assert served.admin("state")["functions"] == {}
    make_queues(served)
    answer = json.loads(invoke("echo", b"hello").body)
    assert answer["event"] == "hello"
    assert {answer["environ"][f"{name}_ENDPOINT"] for name in ("NAS", "SLS", "SMQ")} == {served.endpoint}
    assert ended(served, "echo") == 1


def test_messages_are_delivered_and_deleted(served: Served) -> None:
    make_queues(served)
    served.queue("toys-work").send_message(Message("one"))
    wait_for(lambda: ended(served, "work") == 1)
    wait_for(lambda: served.admin("state")["queues"]["toys-work"] == {"active": 0, "inactive": 0, "delayed": 0})


def test_a_batch_that_fails_for_good_goes_to_the_dead_letters(served: Served) -> None:
    make_queues(served)
    served.queue("toys-work").send_message(Message("fail"))
    wait_for(lambda: served.admin("state")["queues"]["toys-dead"]["active"] == 1)
    assert ended(served, "work", "error") == 4


def test_timers_fire_as_time_passes(tmp_path: Path) -> None:
    with toys(tmp_path, EVERY_MINUTE) as served:
        make_queues(served)
        wait_for(lambda: ended(served, "tick") >= 2)


def test_a_reset_removes_the_functions_until_the_queues_are_made_again(served: Served) -> None:
    make_queues(served)
    invoke = invoker_at("fc3", served.endpoint)
    invoke("echo", b"before")
    assert ended(served, "echo") == 1
    assert served.admin("reset", "POST")["functions"] == {}
    make_queues(served)
    assert ended(served, "echo") == 0
    invoke("echo", b"after")
    assert ended(served, "echo") == 1


def test_a_reset_is_refused_while_functions_are_at_work(served: Served, tmp_path: Path) -> None:
    make_queues(served)
    order = json.dumps({"do": "await", "file": "end"}).encode()
    invoker_at("fc3", served.endpoint)("act", order, headers={"x-fc-invocation-type": "Async"})
    wait_for(lambda: served.admin("state")["functions_at_work"] == 1)
    assert "they cannot be interrupted" in served.admin("reset", "POST", status=409)["error"]
    (tmp_path / "toys" / "end").touch()
    wait_for(lambda: ended(served, "act") == 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--functions", "s.yaml", "--clock", "virtual"), "--clock real or scaled:SPEED"),
        (("--functions", "nowhere.yaml"), "nowhere.yaml"),
        (("--functions", "README.md"), "README.md"),
    ],
)
def test_functions_that_cannot_be_hosted_end_it_with_what_is_wrong(options: tuple[str, ...], said: str) -> None:
    assert_refuses(options, said)
