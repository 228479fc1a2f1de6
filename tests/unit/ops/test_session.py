"""Who a command calls as, and where."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aliyun_fakes.cloud import ACCOUNT_ID
from functions.retention.cloud.settings import Credentials
from ops.names import ROOT, read_deployment

NOBODY = Credentials("id", "secret")
CALL = ["-m", "ops", "setup", "--account-id", ACCOUNT_ID]


@pytest.mark.slow
def test_whoever_has_no_keys_is_told_so_in_one_line(tmp_path: Path) -> None:
    nobody = {"HOME": str(tmp_path), "PATH": os.defpath, "http_proxy": "http://127.0.0.1:9"}  # no machine's role either
    done = subprocess.run([sys.executable, *CALL], env=nobody, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "no credentials" in line
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in line


@pytest.mark.parametrize(("url", "endpoint"), [(None, "https://nas.example.com"), ("http://fake", "http://fake")])
def test_nas_is_called_where_the_functions_call_it(tmp_path: Path, url: str | None, endpoint: str) -> None:
    text = (ROOT / "s.yaml").read_text(encoding="utf-8")
    s_yaml = tmp_path / "s.yaml"
    s_yaml.write_text(text.replace("PYTHONPATH:", "NAS_ENDPOINT: https://nas.example.com\n        PYTHONPATH:"))
    settings = read_deployment(s_yaml, {}, ACCOUNT_ID).settings(NOBODY, url)
    assert settings.nas_endpoint == endpoint
