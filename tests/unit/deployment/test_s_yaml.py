"""What the host takes for an s.yaml, and what it refuses: with the place and what is allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aliyun_fakes.fc import Deployment, SYamlError, load_deployment
from tests.unit.aliyun_fakes.fc.stage import TOYS, Document, rewritten

ACCOUNT = "1234567890123456"


def load(path: Path, **environ: str) -> Deployment:
    return load_deployment(path, environ=environ, account_id=ACCOUNT)


def props(document: Document, name: str = "work") -> Any:  # noqa: ANN401 - YAML without a schema
    return document["resources"][name]["props"]


def stream(document: Document) -> Any:  # noqa: ANN401 - as above
    return props(document)["triggers"][0]["triggerConfig"]


def source(document: Document) -> Any:  # noqa: ANN401 - as above
    return stream(document)["eventSourceConfig"]["eventSourceParameters"]["sourceMNSParameters"]


def test_the_toys_are_understood_with_every_variable_in_place() -> None:
    work = load(TOYS / "s.yaml").functions["work"]
    assert work.role == f"acs:ram::{ACCOUNT}:role/toys"
    (arn, again) = work.letter_queues
    assert arn == again == ("cn-hangzhou", ACCOUNT, "toys-dead")
    assert (work.streams[0].queue_name, work.timers) == ("toys-work", ())
    assert (work.cpu, work.memory_size, work.disk_size, work.internet_access) == (0.35, 512, 512, True)


def test_environment_variables_and_their_defaults_are_read() -> None:
    assert load(TOYS / "s.yaml").functions["echo"].environment_variables == {"GREETING": "hello"}
    assert load(TOYS / "s.yaml", GREETING="moin").functions["echo"].environment_variables == {"GREETING": "moin"}


def test_a_variable_that_is_a_whole_text_keeps_its_type(tmp_path: Path) -> None:
    def refer(document: Document) -> None:
        document["vars"]["seconds"] = 77
        props(document)["timeout"] = "${vars.seconds}"
        props(document)["description"] = "at most ${vars.seconds} s"
        props(document, "echo")["timeout"] = "${resources.work.props.timeout}"

    deployment = load(rewritten(tmp_path, refer))
    assert deployment.functions["work"].timeout == deployment.functions["echo"].timeout == 77
    assert deployment.functions["work"].description == "at most 77 s"


def set_in(part: Callable[[Document], Any], **values: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        part(document).update(values)

    return change


def concerning(name: str, value: object) -> Callable[[Document], None]:
    return set_in(props, **{name: value})


REFUSED: dict[str, tuple[Callable[[Document], None], str]] = {
    "misspelt key": (concerning("memmorySize", 512), "memmorySize: Extra inputs"),
    "misspelt key of a timer": (
        lambda d: props(d, "tick")["triggers"][0]["triggerConfig"].update(cronExpresion="x"),
        "cronExpresion: Extra inputs",
    ),
    "misspelt key of a stream": (set_in(stream, triggerEnabled=True), "triggerEnabled: Extra inputs"),
    "misspelt run option": (lambda d: stream(d)["runOptions"].update(errorTolerance="ALL"), "errorTolerance: Extra"),
    "unknown trigger": (lambda d: props(d)["triggers"][0].update(triggerType="oss"), "triggerType|'oss'"),
    "missing time-out": (lambda d: props(d).pop("timeout"), "timeout: Field required"),
    "text for a number": (concerning("timeout", "60"), "timeout: Input should be a valid integer"),
    "number for a variable": (concerning("environmentVariables", {"N": 4}), "N: Input should be a valid string"),
    "odd memory": (concerning("memorySize", 500), "multiple of 64"),
    "too much memory for its cpu": (concerning("memorySize", 2048), "one vCPU goes with 1 to 4 GB"),
    "cpu between two steps": (concerning("cpu", 0.33), "steps of 0.05"),
    "other disk": (concerning("diskSize", 1024), "512 or 10240"),
    "other runtime": (concerning("runtime", "python3.11"), "'python3.10' or 'python3.12'"),
    "reserved prefix": (concerning("environmentVariables", {"FC_MINE": "x"}), "'FC_MINE': names"),
    "reserved name": (concerning("environmentVariables", {"accessKeyID": "x"}), "'accessKeyID': names"),
    "bad name": (concerning("environmentVariables", {"1ST": "x"}), "'1ST': names"),
    "huge environment": (concerning("environmentVariables", {"A": "x" * 4096}), "exceed 4096 bytes"),
    "bare role": (concerning("role", "toys"), "'toys' is not the ARN of a role"),
    "too many attempts": (concerning("asyncInvokeConfig", {"maxAsyncRetryAttempts": 9}), "less than or equal to 8"),
    "too old": (
        concerning("asyncInvokeConfig", {"maxAsyncEventAgeInSeconds": 604_801}),
        "less than or equal to 604800",
    ),
    "bad cron": (
        lambda d: props(d, "tick")["triggers"][0]["triggerConfig"].update(cronExpression="0 0 25 * * *"),
        "hour field '25'.*0-23",
    ),
    "filter that is no JSON": (set_in(stream, eventRuleFilterPattern="MNS"), "eventRuleFilterPattern"),
    "filter that is no object": (set_in(stream, eventRuleFilterPattern="[]"), "not a JSON object"),
    "filter for another stream": (
        set_in(stream, eventRuleFilterPattern='{"source":["MNS-work-other"]}'),
        "its source is 'MNS-work-feed'",
    ),
    "wide window": (
        lambda d: stream(d)["runOptions"]["batchWindow"].update(TimeBasedWindow=16),
        "less than or equal to 15",
    ),
    "empty batch": (
        lambda d: stream(d)["runOptions"]["batchWindow"].update(CountBasedWindow=0),
        "greater than or equal to 1",
    ),
    "dead letters with the path of a destination": (
        lambda d: stream(d)["runOptions"]["deadLetterQueue"].update(Arn="${vars.dead_letters}/messages"),
        "ends with the queue's name",
    ),
    "destination without its path": (
        lambda d: props(d)["asyncInvokeConfig"]["destinationConfig"]["onFailure"].update(
            destination="${vars.dead_letters}"
        ),
        "ends in /messages",
    ),
    "destination that is no queue": (
        lambda d: props(d)["asyncInvokeConfig"]["destinationConfig"]["onFailure"].update(
            destination="acs:oss:x/messages"
        ),
        "is not the ARN of a queue",
    ),
    "dead letters elsewhere": (
        lambda d: d["vars"].update(dead_letters="acs:mns:cn-beijing:${config('AccountID')}:/queues/toys-dead"),
        "queue toys-dead is in cn-beijing",
    ),
    "dead letters of somebody else": (
        lambda d: d["vars"].update(dead_letters="acs:mns:cn-hangzhou:6543210987654321:/queues/toys-dead"),
        "toys-dead is in cn-hangzhou of 6543210987654321",
    ),
    "dead letters into the work": (
        lambda d: d["vars"].update(dead_letters="acs:mns:cn-hangzhou::/queues/toys-work"),
        "queue toys-work: its dead letters would be taken for work",
    ),
    "queue elsewhere": (set_in(source, RegionId="cn-beijing"), "queue toys-work is in cn-beijing"),
    "function twice": (lambda d: props(d, "echo").update(functionName="work"), "functionName work: used twice"),
    "another component": (lambda d: d["resources"]["echo"].update(component="fc"), "'fc3'"),
    "another edition": (lambda d: d.update(edition="1.0.0"), "'3.0.0'"),
    "unknown variable": (concerning("region", "${vars.zone}"), "does not exist: there is no 'zone'"),
    "unset environment": (concerning("region", "${env('ZONE')}"), "environment variable ZONE is not set"),
    "unknown form": (concerning("region", "${file('x')}"), "not known here; known are"),
    "circle": (lambda d: d["vars"].update(region="${vars.region}"), "circle"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, case: str) -> None:
    change, problem = REFUSED[case]
    with pytest.raises(SYamlError, match=problem):
        load(rewritten(tmp_path, change))


def test_an_account_may_be_left_out_of_a_queues_arn(tmp_path: Path) -> None:
    def leave_out(document: Document) -> None:
        document["vars"]["dead_letters"] = "acs:mns:cn-hangzhou::/queues/toys-dead"

    assert load(rewritten(tmp_path, leave_out)).functions["work"].letter_queues[0].name == "toys-dead"


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    def spoil(document: Document) -> None:
        props(document).update(timeout=0, memorySize=100)

    with pytest.raises(SYamlError) as error:
        load(rewritten(tmp_path, spoil))
    assert "resources.work.props.timeout" in str(error.value)
    assert "resources.work.props.memorySize" in str(error.value)


@pytest.mark.parametrize(("text", "problem"), [("a: [", "not YAML"), ("- a", "holds a list")])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SYamlError, match=problem):
        load(path)
