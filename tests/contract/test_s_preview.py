"""s.yaml as the vendor's own program renders it against what the host's reader makes of it.

Runs where the program ``s`` is installed (npm package @serverless-devs/s); ``s preview`` needs no network.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from aliyun_fakes.fc import Deployment, load_deployment
from deployment.variables import Resolver
from tests.patience import PATIENCE

S_YAML = Path(__file__).parents[2] / "s.yaml"
ACCOUNT = "1234567890123456"


class Program:
    """The vendor's program, with a home of its own in which an account is known.

    Args:
        home: where it keeps what it is told.
    """

    def __init__(self, home: Path) -> None:
        self._home, self._environ = home, {"PATH": os.environ["PATH"], "HOME": str(home)}

    def run(self, *arguments: str, **environ: str) -> str:
        """What it says, however it ends."""
        done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
            ["s", *arguments],  # noqa: S607 - the user's own
            env=self._environ | environ,
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout + done.stderr

    def preview(self, **environ: str) -> Any:  # noqa: ANN401 - JSON
        """The whole of s.yaml as it renders it; warnings of one line come before that."""
        said = self.run("preview", "--template", str(S_YAML), "--output-format", "json", **environ)
        _, brace, rest = f"\n{said}".partition("\n{")
        assert brace, said
        return json.JSONDecoder().raw_decode("{" + rest)[0]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Skips where it is not installed, or where ``s`` is something else."""
    if shutil.which("s") is None:
        pytest.skip("npm install --global @serverless-devs/s")
    found = Program(tmp_path_factory.mktemp("home"))
    if "@serverless-devs/s" not in found.run("--version"):
        pytest.skip("the program s here is not that of the npm package @serverless-devs/s")
    keys = ("--AccessKeyID", "LTAI5tNobody", "--AccessKeySecret", "of-nobody")
    found.run("config", "add", "--AccountID", ACCOUNT, *keys, "--access", "default")
    return found


@pytest.mark.parametrize("environ", [{}, {"NAS_RETENTION_REGION": "cn-beijing"}])
def test_the_vendor_renders_s_yaml_as_the_host_does(program: Program, environ: dict[str, str]) -> None:
    rendered = program.preview(**environ)
    document = yaml.safe_load(S_YAML.read_text(encoding="utf-8"))
    assert rendered == Resolver(document, environ, ACCOUNT).resolve(document, "s.yaml")
    read = load_deployment(S_YAML, environ=environ, account_id=ACCOUNT)
    assert Deployment.model_validate(rendered) == read
    assert {function.region for function in read.functions.values()} == set(environ.values() or ["cn-hangzhou"])
