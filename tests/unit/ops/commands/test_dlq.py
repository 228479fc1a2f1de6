"""``ops dlq``: shows what lies in the dead-letter queue and why; sends again or deletes what it is told to."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.smq import Queue
from functions.retention.core.seal import Seal, SealKey
from functions.retention.runs.message import new_message
from functions.retention.runs.worker import MAX_ATTEMPTS
from ops.names import ROOT
from tests.seal_key import SEAL_KEY
from tests.unit.ops.operator import Operator

pytestmark = pytest.mark.slow

DAY = 86_400.0
SEAL = Seal(SealKey(bytes.fromhex(SEAL_KEY)), region="cn-hangzhou", account_id=ACCOUNT_ID, queue="nas-retention-work")
PROJECT = f"nas-retention-{ACCOUNT_ID}"


class Queues:
    """An operator with letters of every form in the queue."""

    def __init__(self, cloud: FakeCloud, operator: Operator) -> None:
        assert operator.run("setup", "--apply").code == 0
        self.cloud, self.operator = cloud, operator
        self.dead: Queue = cloud.smq.queue("nas-retention-dead-letters")
        self.work: Queue = cloud.smq.queue("nas-retention-work")
        now = cloud.clock.now()
        first = new_message("1ca404a5e2", digest="0" * 64, trigger="sweep", mode="dry-run", at=now, now=now)
        self.message = replace(first, not_after=now + DAY, attempt=2)

    def put(self, body: str, *, as_base64: bool = True) -> str:
        return self.dead.send(base64.b64encode(body.encode()).decode() if as_base64 else body)

    def put_message(self, **changes: Any) -> str:  # noqa: ANN401 - fields of a message
        return self.put(self.sealed(**changes))

    def sealed(self, **changes: Any) -> str:  # noqa: ANN401 - fields of a message
        return SEAL.seal(replace(self.message, **changes).to_body())

    def put_wrapper(self) -> str:
        wrapper = {
            "requestContext": {"functionArn": "acs:fc:r:a:functions/nas-retention-purge", "approximateInvokeCount": 4},
            "requestPayload": json.dumps([{"specversion": "1.0", "data": {"messageBody": self.sealed()}}]),
            "responsePayload": json.dumps({"errorType": "ConfigurationError", "errorMessage": "WORK_QUEUE: not set"}),
        }
        return self.put(json.dumps(wrapper), as_base64=False)

    def letters(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.operator.run("dlq", "list", "--json").json["dead_letters"]
        self.cloud.clock.sleep(2)
        return found

    def sent(self) -> list[str]:
        return [base64.b64decode(message.body).decode() for message in self.work.messages()]


@pytest.fixture
def queues(cloud: FakeCloud, operator: Operator) -> Queues:
    return Queues(cloud, operator)


def test_an_empty_queue_says_so(queues: Queues) -> None:
    answer = queues.operator.run("dlq", "list")
    assert (answer.code, answer.out) == (0, "No dead letters.\n")


def test_all_three_forms_are_shown_with_their_reasons_and_stay(queues: Queues) -> None:
    ids = [queues.put("{not json"), queues.put_message(), queues.put_wrapper()]
    found = {letter["id"]: letter for letter in queues.letters()}
    assert [found[each]["form"] for each in ids] == ["poison", "message", "wrapper"]
    assert "not JSON" in found[ids[0]]["why"]
    assert "event stream" in found[ids[1]]["why"]
    assert "ConfigurationError: WORK_QUEUE: not set" in found[ids[2]]["why"]
    assert {letter["id"] for letter in queues.letters()} == set(ids)
    shown = queues.operator.run("dlq", "list").out
    assert all(form in shown for form in ("poison", "message", "wrapper"))


def test_more_letters_than_one_receive_takes_are_all_shown(queues: Queues) -> None:
    ids = {queues.put(f"{{{n}") for n in range(40)}
    assert {letter["id"] for letter in queues.letters()} == ids
    few = queues.operator.run("dlq", "list", "--most", "5", "--json").json["dead_letters"]
    assert len(few) == 5


def test_the_reason_the_functions_wrote_down_is_shown(cloud: FakeCloud, operator: Operator) -> None:
    queues = Queues(cloud, operator)
    host = cloud.deploy(ROOT / "s.yaml", variables={"SEAL_KEY": SEAL_KEY})
    queues.work.send(base64.b64encode(b'{"version": 1, "oops": true}').decode())
    assert host.run_until_idle(limit=DAY)
    cloud.clock.sleep(120)
    (letter,) = queues.letters()
    assert letter["form"] == "unsealed"
    (record,) = [line for line in cloud.sls.records(PROJECT, "audit") if line["event"] == "unsealed"]
    assert record["detail"] in letter["why"]


def test_without_apply_nothing_is_sent_and_nothing_deleted(queues: Queues) -> None:
    queues.put_message()
    for command in ("redrive", "drop"):
        answer = queues.operator.run("dlq", command, "--all")
        assert answer.code == 0
        assert "add --apply" in answer.out
        queues.cloud.clock.sleep(2)
    assert len(queues.dead.messages()) == 1
    assert queues.sent() == []


def test_redrive_sends_messages_again_and_keeps_what_it_cannot_send(queues: Queues) -> None:
    message, wrapper = queues.put_message(), queues.put_wrapper()
    stays = {
        queues.put("{poison"): "no message in it",
        queues.put(queues.message.to_body()): "no seal",
        queues.put_message(attempt=MAX_ATTEMPTS): "on record as failed",
        queues.put_message(not_after=queues.cloud.clock.now() - 1): "time is over",
    }
    answer = queues.operator.run("dlq", "redrive", "--all", "--apply", "--json")
    done = {line["id"]: line["done"] for line in answer.json["dead_letters"]}
    assert answer.code == 0
    assert done[message] == done[wrapper] == f"re-sent: {queues.message.run}"
    assert all(why in done[each] for each, why in stays.items())
    assert {letter.id for letter in queues.dead.messages()} == set(stays)
    assert queues.sent() == [queues.sealed()] * 2


def test_drop_deletes_the_named_letters_only(queues: Queues) -> None:
    gone, stays = queues.put("{one"), queues.put("{two")
    answer = queues.operator.run("dlq", "drop", gone, "--apply")
    assert answer.code == 0
    assert [letter.id for letter in queues.dead.messages()] == [stays]


def test_a_letter_that_is_not_there_makes_it_partial(queues: Queues) -> None:
    there = queues.put("{one")
    answer = queues.operator.run("dlq", "drop", there, "no-such-id", "--apply", "--json")
    assert answer.code == 3
    assert {line["id"]: line["done"] for line in answer.json["dead_letters"]} == {
        there: "deleted",
        "no-such-id": "not found",
    }


def test_nobody_named_is_a_usage_error(queues: Queues) -> None:
    queues.put("{one")
    assert queues.operator.run("dlq", "drop", "--apply").code == 2
    assert len(queues.dead.messages()) == 1


def test_a_letter_is_not_deleted_when_its_message_could_not_be_sent(queues: Queues) -> None:
    queues.put_message()
    queues.cloud.faults.add(Fault("smq", "SendMessage", "status", status=403, code="AccessDenied", message="no"))
    assert queues.operator.run("dlq", "redrive", "--all", "--apply").code == 4
    assert len(queues.dead.messages()) == 1


def test_a_failure_in_the_middle_is_partial(queues: Queues) -> None:
    for n in range(3):
        queues.put(f"{{{n}")
    fault = Fault("smq", "DeleteMessage", "status", nth=2, times=0, status=403, code="AccessDenied", message="no")
    queues.cloud.faults.add(fault)
    answer = queues.operator.run("dlq", "drop", "--all", "--apply")
    assert answer.code == 3
    assert "1 dead letters done" in answer.err
    assert len(queues.dead.messages()) == 2


def test_a_queue_that_does_not_exist_is_refused(cloud: FakeCloud, operator: Operator) -> None:
    assert operator.run("dlq", "list").code == 4
    assert replace(operator, environ={}).run("dlq", "list").code == 2
    assert cloud.smq.queues == ()


def test_what_a_command_before_looked_at_is_there_for_the_next(queues: Queues) -> None:
    letter = queues.put_message()
    queues.operator.run("dlq", "list")
    (told,) = queues.operator.run("dlq", "drop", "--all", "--apply", "--json").json["dead_letters"]
    assert told == {"id": letter, "done": "deleted"}
    assert queues.operator.run("dlq", "redrive", "--all").out == "No dead letters.\n"
