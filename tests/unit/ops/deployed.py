"""A deployment for the doctor to look at."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.nas.file_system import FileSystem
from ops.names import ROOT
from tests.seal_key import SEAL_KEY
from tests.unit.ops.operator import Operator

POLICIES = """
version: 1
guardrails:
  file_systems: [1ca404a5e2]
  min_age: 1d
policies:
  - name: aged
    file_systems: [1ca404a5e2]
    older_than: {age}
    match: {{name: ["*.log"]}}
"""


class Deployed:
    """A deployment in order: set up, deployed, its bin on, its timer fired once.

    Attributes:
        cloud: the fakes.
        operator: who asks the doctor.
        s_yaml: a copy of the repository's, by which the doctor judges.
        policies: the policy file, likewise.
        package: the code that counts as uploaded, and as lying here.
        file_system: the one there is.
    """

    def __init__(self, cloud: FakeCloud, operator: Operator, folder: Path) -> None:
        self.cloud, self.operator = cloud, operator
        self.policies = folder / "policies.yaml"
        self.policies.write_text(POLICIES.format(age="2d"))
        self.s_yaml = Path(shutil.copy(ROOT / "s.yaml", folder))
        self.package = folder / "build" / "nas-retention.zip"
        self.package.parent.mkdir()
        self.package.write_bytes(b"the package")
        assert operator.run("setup", "--apply").code == 0
        self.file_system: FileSystem = cloud.nas.create_file_system("1ca404a5e2")
        variables = {"POLICIES_FILE": str(self.policies), "SEAL_KEY": SEAL_KEY}
        host = cloud.deploy(ROOT / "s.yaml", variables=variables, package=self.package)
        host.fire("sweep-timer")
        assert host.run_until_idle(limit=3600)
        cloud.clock.sleep(120)

    def redeploy(self, *changes: tuple[str, str]) -> None:
        """Deploy something else than the doctor's s.yaml says: that file with texts replaced."""
        text = self.s_yaml.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        other = self.s_yaml.with_name("other.yaml")
        other.write_text(text, encoding="utf-8")
        self.cloud.deploy(other, package=self.package)

    def findings(self, *arguments: str) -> Sequence[dict[str, Any]]:
        """What the doctor finds, versions of what is installed here apart."""
        found: Sequence[dict[str, Any]] = self.doctor(*arguments).json["findings"]
        return [finding for finding in found if finding["check"] != "versions"]

    def doctor(self, *arguments: str) -> Any:  # noqa: ANN401 - Answer
        where = ("--s-yaml", str(self.s_yaml), "--policies", str(self.policies))
        return self.operator.run("doctor", "--json", *where, *arguments)
