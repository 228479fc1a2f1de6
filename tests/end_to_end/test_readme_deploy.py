"""The deploy chapter of the README, tried as a new user would: its commands, word by word, against the fakes.

Commands that need npm, the network or the cloud are marked so in the README; `NOT_TRIED` lists them, so that none is
left out unseen. All others are run against one process, whose functions delete in the end, and are watched doing it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY
from aliyun_fakes.fc.billing import YUAN_PER_CU, compute_units
from deployment.s_yaml import load_deployment
from tests.bench.figures import Figures, bounds
from tests.bench.platform import run
from tests.bench.workloads import DAY, WORKLOADS, filled
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
CHAPTERS = ("Deploy", "Operate")
PORT = "8642"
HEX = "[0-9a-f]{32}"
LOGS = len([path for path in (ROOT / "aliyun_fakes" / "smq_control").iterdir() if path.is_file()])
"""Entries of the rehearsal's bin that the policies as shipped take."""

NOT_HERE = ("from npm", "from the network", "in the cloud")
BY_HAND = "by hand"

NOT_TRIED = [
    "git clone ADDRESS nas-retention && cd nas-retention",
    "make package && . .venv/bin/activate",  # the package has a test of its own
    "npm install --global @serverless-devs/s",
    "s config add",
    "s preview",
    "s deploy",
    "make package",
    "s deploy",
    "git pull",
    "make package",
    "s deploy",
    "s remove",
]


@dataclass(frozen=True)
class Step:
    """A command that is tried, and what must come of it.

    Attributes:
        command: as the README has it.
        says: what its output must hold.
        code: its exit code.
        learns: placeholders of later commands, each with a pattern whose group is the value.
        not_yet: said while it is too early, so that the command has to be repeated; "" when it never is.
    """

    command: str
    says: tuple[str, ...] = ()
    code: int = 0
    learns: dict[str, str] = field(default_factory=dict)
    not_yet: str = ""


SET_UP = Step("python -m ops setup --apply", ("nas-retention-no-sweep", "Done."))
PLAN = Step(
    "python -m ops plan 1ca404a5e2", ("rotated-logs", "/logs", "plan_id"), learns={"PLAN_ID": rf"plan_id\W+({HEX})"}
)
EDIT = Step("${EDITOR:-vi} functions/policies.yaml")
EDITS = (
    {"  window:\n    hours: 22:00-06:00\n    time_zone: Asia/Shanghai\n": ""},  # whatever the time is now
    {"mode: dry-run\n": "mode: enforce\n", "share: 0.5": "share: 0.95"},
)
"""What a user writes by hand, each time."""
DOCTOR = Step("python -m ops doctor", ("0 wrong",))

STEPS = [
    EDIT,
    Step("mkdir -p build/rehearsal/logs build/rehearsal/users"),
    Step("cp -r aliyun_fakes/smq_control/. build/rehearsal/logs"),
    Step("cp -r aliyun_fakes/sls/. build/rehearsal/users"),
    Step("export NAS_RETENTION_SEAL_KEY_FILE=build/rehearsal/seal.key"),
    Step("(umask 077; python -c 'import secrets; print(secrets.token_hex(32))' > $NAS_RETENTION_SEAL_KEY_FILE)"),
    Step('export NAS_RETENTION_SEAL_KEY="$(cat $NAS_RETENTION_SEAL_KEY_FILE)"'),
    Step(
        f"python -m aliyun_fakes serve --port {PORT} --file-system 1ca404a5e2"
        " --tree build/rehearsal --functions s.yaml &",
        (TEST_KEY.id, TEST_KEY.secret, "1234567890123456", "cn-hangzhou", "1ca404a5e2"),
    ),
    Step(f"export NAS_RETENTION_ENDPOINT_URL=http://127.0.0.1:{PORT}"),
    Step(f"export ALIBABA_CLOUD_ACCESS_KEY_ID={TEST_KEY.id}"),
    Step(f"export ALIBABA_CLOUD_ACCESS_KEY_SECRET={TEST_KEY.secret}"),
    Step("export NAS_RETENTION_ACCOUNT_ID=1234567890123456"),
    Step("export NAS_RETENTION_REGION=cn-hangzhou"),
    Step("python -m ops setup", ("queue", "create", "nas-retention-work", "Nothing was changed")),
    SET_UP,
    Step("python -m ops ram", ("RAM policy of the functions' role", "RAM policy of the deployer", "1ca404a5e2")),
    Step("python -m ops plan 1ca404a5e2 --local", ("none enforces: a purge would take nothing", "rotated-logs")),
    Step("python -m ops invoke sweep", ("started",), learns={"RUN_ID": rf"dry-run\W+({HEX})"}),
    Step("python -m ops follow RUN_ID", (f"surveyed phase=survey selected={LOGS} ", "reason=completed")),
    Step("python -m ops plan 1ca404a5e2", ("none enforces: a purge would take nothing", "rotated-logs")),
    Step("python -m ops status", ("1ca404a5e2", "paused")),
    DOCTOR,
    Step("python -m ops lint", ("rotated-logs",), code=3),
    EDIT,
    PLAN,
    Step(
        "python -m ops purge 1ca404a5e2 --plan-id PLAN_ID",
        ("takes nothing but the plan",),
        learns={"RUN_ID": rf"run\W+({HEX})"},
        not_yet="no-such-plan",
    ),
    Step("python -m ops follow RUN_ID", ("intent", "/logs/urls.py status=success", "reason=completed")),
    Step("python -m ops pause", ("paused",)),
    Step("python -m ops resume", ("paused",)),
    DOCTOR,
    Step("python -m ops dlq list", ("No dead letters.",)),
    SET_UP,
    Step("python -m ops pause", ("paused",)),
    Step("kill %1"),
]


@dataclass(frozen=True)
class Command:
    """A line of a shell block: the command, and the remark after it."""

    text: str
    mark: str


def chapter(name: str) -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return readme.split(f"\n## {name}\n")[1].split("\n## ")[0]


def commands() -> list[Command]:
    blocks = [block for name in CHAPTERS for block in re.findall("```sh\n(.*?)```", chapter(name), re.DOTALL)]
    lines = [line.partition("  # ") for block in blocks for line in block.splitlines()]
    return [Command(text, mark) for text, _, mark in lines]


class Shell:
    """One shell from the first command to the last, as a user has it."""

    def __init__(self, stdin: IO[str], stdout: IO[str]) -> None:
        self._in, self._out = stdin, stdout

    def run(self, command: str) -> tuple[int, str]:
        """The exit code and everything that was said meanwhile."""
        self._in.write(f"{command}\nprintf '\\nended %d\\n' $?\n")
        self._in.flush()
        said = ""
        for line in self._out:
            if ended := re.fullmatch(r"ended (\d+)\n", line):
                return int(ended[1]), said
            said += line
        raise AssertionError(f"the shell ended at {command}: {said}")

    def start(self, command: str) -> tuple[int, str]:
        """The same for a command that goes on in the background, up to its first line."""
        code, said = self.run(command)
        return code, said if said.strip() else said + self._out.readline()


@contextmanager
def shell(folder: Path) -> Iterator[Shell]:
    """A shell in a folder, with the commands of this interpreter's environment; all that it started ends with it."""
    environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environ |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        ["bash"],  # noqa: S607 - the user's own
        cwd=folder,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as bash:
        try:
            assert bash.stdin is not None
            assert bash.stdout is not None
            yield Shell(bash.stdin, bash.stdout)
        finally:
            os.killpg(bash.pid, signal.SIGKILL)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a clone would have, without what was made here.

    Something is in the place of `make package`'s zip, and the timer is set so that it does not fire meanwhile.
    """
    made = shutil.ignore_patterns(".*", "__pycache__", "build")
    folder = Path(shutil.copytree(ROOT, tmp_path / "nas-retention", ignore=made))
    (folder / "build").mkdir()
    (folder / "build" / "nas-retention.zip").write_bytes(b"a package")
    s_yaml, far = folder / "s.yaml", (datetime.now(timezone.utc).minute + 30) % 60
    text, times = re.subn(r"(sweep_schedule: CRON_TZ=\S+ 0) \d+ ", rf"\1 {far} ", s_yaml.read_text(encoding="utf-8"))
    assert times == 1
    s_yaml.write_text(text, encoding="utf-8")
    return folder


def edit(policies: Path, changes: Mapping[str, str]) -> None:
    for text, by in changes.items():
        before = policies.read_text(encoding="utf-8")
        assert text in before
        policies.write_text(before.replace(text, by, 1), encoding="utf-8")


def free_port() -> str:
    """A port below those that systems give to whoever asks for any, so nobody takes it until it is used."""
    for port in range(20_000 + os.getpid() % 10_000, 31_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return str(port)
    raise AssertionError("no port below 31,000 is free")


def test_every_command_is_tried_or_listed_as_not_tried() -> None:
    marks = {command.mark for command in commands()}
    assert marks == {"", *NOT_HERE, BY_HAND}
    assert [command.text for command in commands() if command.mark in NOT_HERE] == NOT_TRIED
    tried = [command.text for command in commands() if command.mark not in NOT_HERE]
    assert tried == [step.command for step in STEPS]


def filled_in(command: Command, known: Mapping[str, str]) -> str:
    """The command as one types it: with what was learnt in place of placeholders."""
    return re.sub("|".join(known), lambda found: known[found[0]], command.text)


def attempt(terminal: Shell, command: str, step: Step) -> str:
    """What a command says that must end as the step wants; tried again while it is too early."""
    until = time.monotonic() + PATIENCE
    code, said = terminal.start(command) if command.endswith("&") else terminal.run(command)
    while step.not_yet and step.not_yet in said and time.monotonic() < until:
        code, said = terminal.run(command)
    assert code == step.code, f"{command}:\n{said}"
    assert [words for words in step.says if words not in said] == [], f"{command}:\n{said}"
    return said


def test_a_new_user_comes_to_the_end_of_the_chapter(clone: Path) -> None:
    edits, known = iter(EDITS), {PORT: free_port()}
    tried = [command for command in commands() if command.mark not in NOT_HERE]
    with shell(clone) as terminal:
        for command, step in zip(tried, STEPS, strict=True):
            if command.mark == BY_HAND:
                edit(clone / "functions" / "policies.yaml", next(edits))
                continue
            said = attempt(terminal, filled_in(command, known), step)
            known |= {name: re.findall(pattern, said)[0] for name, pattern in step.learns.items()}
        terminal.run("wait")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(known[PORT])), timeout=PATIENCE)


def rows(title: str) -> list[list[str]]:
    """The rows of the cost chapter's table with that first heading."""
    table = chapter("Deploy").split(f"\n| {title} |")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def costs() -> tuple[float, float, float]:
    """CU of a sweep with its run, of a listing, of a job."""
    sweep, listing, job = (float(row[1]) for row in rows("what"))
    return sweep, listing, job


def number(cell: str) -> float:
    return float(cell.replace(" ", ""))


def test_a_second_costs_what_the_chapter_says() -> None:
    deployment = load_deployment(ROOT / "s.yaml", environ={}, account_id="1234567890123456")
    for function in deployment.functions.values():
        billed = partial(compute_units, cpu=function.cpu, memory_mb=function.memory_size, disk_mb=function.disk_size)
        second = billed(1) - billed(0)
        assert f"= {second:.3f} CU" in chapter("Deploy")
    assert f"¥{YUAN_PER_CU:.5f}" in chapter("Deploy")


@pytest.mark.parametrize("row", rows("size"), ids=lambda row: row[0])
def test_the_sizes_are_computed_by_the_formula(row: list[str]) -> None:
    sweep, listing, job = costs()
    file_systems, _, listings, jobs, units, yuan = map(number, row[1:])
    a_day = 4 * (sweep * file_systems + 2 * listing * listings) + job * jobs
    assert 30 * a_day == pytest.approx(units, abs=1)
    assert 30 * a_day * YUAN_PER_CU == pytest.approx(yuan, abs=0.01)


def young(directories: int) -> FakeCloud:
    """A bin with a hundred entries in each directory, none of which is old enough to go."""
    cloud = FakeCloud()
    file_system = cloud.nas.create_file_system()
    for n in range(directories):
        entries = [(str(m), 1_000, cloud.clock.now() - DAY) for m in range(100)]
        file_system.recycle_many(f"/home/{n}", entries)
    return cloud


def benchmark(cloud: FakeCloud) -> Figures:
    """What came of one enforcing run on a cloud, by the benchmark."""
    return run(WORKLOADS["noise"], cloud, bounds(cloud.nas.file_systems.values()))


def test_the_costs_are_what_the_deployed_functions_are_billed_on_the_fakes() -> None:
    sweep, listing, job = costs()
    idle, looked, deleted = (
        benchmark(young(1)),
        benchmark(young(100)),
        benchmark(filled(WORKLOADS["noise"], 0.005, seed=0)),
    )
    assert (idle.jobs, looked.jobs, deleted.jobs) == (0, 0, 1_000)
    assert idle.cu == pytest.approx(sweep, rel=0.1)
    assert (looked.cu - idle.cu) / (looked.listings - idle.listings) == pytest.approx(listing, rel=0.1)
    assert (deleted.cu - sweep - 2 * listing * deleted.pages) / deleted.jobs == pytest.approx(job, rel=0.1)
