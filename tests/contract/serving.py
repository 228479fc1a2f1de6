"""``python -m aliyun_fakes serve`` as a process, and clients that reach it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from alibabacloud_nas20170626.client import Client as NasClient
from alibabacloud_tea_openapi.models import Config
from aliyun.log import LogClient
from mns.account import Account

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
FILE_SYSTEM = "31a8e4cafe"


@dataclass
class Served:
    """A running process and what it said when it was ready."""

    process: "subprocess.Popen[str]"
    ready: dict[str, Any]
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def endpoint(self) -> str:
        return str(self.ready["endpoint"])

    @property
    def keys(self) -> tuple[str, str]:
        return str(self.ready["access_key_id"]), str(self.ready["access_key_secret"])

    def admin(self, path: str, method: str = "GET", body: object = None, status: int = 200) -> dict[str, Any]:
        """One admin request's answer, which must have the status."""
        self.session.trust_env = False
        reply = self.session.request(method, f"{self.ready['admin']}{path}", json=body, timeout=PATIENCE)
        assert reply.status_code == status, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def nas(self, **config: str) -> NasClient:
        key_id, secret = self.keys
        where = config or {"endpoint": self.endpoint.removeprefix("http://")}
        return NasClient(Config(access_key_id=key_id, access_key_secret=secret, protocol="HTTP", **where))

    def queue(self, name: str) -> Any:  # noqa: ANN401 - an SDK without types
        return Account(self.endpoint, *self.keys).get_queue(name)

    def log_client(self, endpoint: str) -> LogClient:
        return LogClient(endpoint, *self.keys, source="test", auth_version="v4", region=self.ready["region"])


@contextmanager
def serving(*options: str, folder: Path = ROOT) -> Iterator[Served]:
    """A process that serves, started in a folder, until the block ends."""
    command = [sys.executable, "-m", "aliyun_fakes", "serve", "--file-system", FILE_SYSTEM, *options]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            assert process.stdout is not None
            yield Served(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


def assert_refuses(options: tuple[str, ...], said: str) -> None:
    """Serving with these options ends at once, says what is wrong, and no more."""
    command = [sys.executable, "-m", "fakes", "serve", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 - our own program
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
