"""An operator at the command line, in front of a fake cloud."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any

from typer.testing import CliRunner

from aliyun_fakes.cloud import ACCOUNT_ID
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from functions.retention.cloud.settings import Credentials
from functions.retention.core.clock import Clock
from ops.app import build_app
from ops.environment import Environment
from ops.names import ROOT

_KEYS = TemporaryDirectory(prefix="operators-")
_NUMBERS = count()


def _environ() -> Mapping[str, str]:
    """A shell's environment; every operator has a seal key file of their own."""
    return {
        "NAS_RETENTION_ACCOUNT_ID": ACCOUNT_ID,
        "NAS_RETENTION_SEAL_KEY_FILE": f"{_KEYS.name}/{next(_NUMBERS)}/seal.key",
    }


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        return json.loads(self.out)


class Terminal(StringIO):
    """Keeps what is written to a terminal, control codes included."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Operator:
    """Runs commands.

    Attributes:
        clock: the fake cloud's.
        endpoint_url: of a served cloud; None for the in-process front.
        key: who calls.
        environ: environment variables.
        at_terminal: what is answered goes to a terminal.
        rng: of all its commands, so that no two records get the same id.
    """

    clock: Clock
    endpoint_url: str | None = None
    key: AccessKey = TEST_KEY
    environ: Mapping[str, str] = field(default_factory=_environ)
    at_terminal: bool = False
    rng: random.Random = field(default_factory=lambda: random.Random(0))

    def run(self, *arguments: str) -> Answer:
        out, err = Terminal() if self.at_terminal else StringIO(), StringIO()
        identity = Credentials(self.key.id, self.key.secret, self.key.security_token or "")
        environment = Environment(
            environ=self.environ,
            folder=ROOT,
            clock=self.clock,
            rng=self.rng,
            credentials=lambda: identity,
            out=out,
            err=err,
        )
        where = ["--endpoint-url", self.endpoint_url] if self.endpoint_url else []
        result = CliRunner().invoke(build_app(environment), [*arguments, *where])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, out.getvalue() + result.stdout, err.getvalue() + result.stderr)
