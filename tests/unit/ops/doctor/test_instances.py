"""Whether there are instances for all file systems."""

from aliyun_fakes.cloud import ACCOUNT_ID
from functions.retention.policy.load import load_policies
from ops.doctor.instances import instances
from ops.names import ROOT, read_deployment
from tests.unit.ops.deployed import POLICIES


def test_more_file_systems_than_instances_of_purge_are_told_with_how_many_are_enough() -> None:
    deployment = read_deployment(ROOT / "s.yaml", {}, ACCOUNT_ID)
    file = load_policies(POLICIES.format(age="2d"), "policies.yaml")
    told = []
    for count in (12, 13, 100):
        names = tuple(f"fs{number}" for number in range(count))
        guardrails = file.guardrails.model_copy(update={"file_systems": names})
        told += list(instances(deployment, file.model_copy(update={"guardrails": guardrails})))
    assert {finding.level for finding in told} == {"notice"}
    assert [finding.remedy.partition("raise ")[2] for finding in told] == [
        "purge_concurrency in s.yaml to 13; where jobs take up to a minute these are enough",
        "purge_concurrency in s.yaml to 100; where jobs take up to a minute 25 are enough",
    ]
