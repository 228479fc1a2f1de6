"""The play: the repository's own s.yaml on the fake cloud, its bin filled from this machine's Python."""

import hashlib
import json
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aliyun_fakes.cloud import FakeCloud, mock_alibaba_cloud
from aliyun_fakes.core.clock import VirtualClock
from aliyun_fakes.fc import FunctionHost
from aliyun_fakes.nas import DurationModel
from aliyun_fakes.nas.file_system import FileSystem
from aliyun_fakes.nas.from_directory import Filled, TreeLoader
from aliyun_fakes.provision import provision
from demo import brute_force
from functions.retention.core.service_time import format_service_time, parse_service_time

ROOT = Path(__file__).parents[1]
TIMER_EVENT = ROOT / "events" / "timer.json"
DAY = 86_400.0
FILE_SYSTEM = "1ca404a5e2"
SEED = 7
SEAL_KEY = hashlib.sha256(b"the key of a play that nobody attacks").hexdigest()

OLDER_THAN_DAYS = 14
PROTECTED = "/email"
RULES = brute_force.Rules(older_than=OLDER_THAN_DAYS * DAY, protected=(PROTECTED,))

POLICIES = f"""
version: 1
guardrails:
  file_systems: [{FILE_SYSTEM}]
  min_age: 7d
  protect: ["{PROTECTED}/**"]
  limits: {{jobs: 5000, bytes: 1TiB, share: 0.9}}
policies:
  - name: aged
    file_systems: [{FILE_SYSTEM}]
    older_than: {OLDER_THAN_DAYS}d
    mode: dry-run
"""

LEFT_OUT = frozenset({"site-packages", "test", "tests", "idlelib", "__pycache__"})
"""Of the Python installation; with them there would be jobs for hours of virtual time."""


@dataclass(frozen=True)
class Figures:
    """What a run did, by the fakes' own books.

    Attributes:
        jobs: deletion jobs created.
        reclaimed: bytes of entries that are gone.
        hand_overs: continuations sent.
        busy: share of the time between the first job's start and the last job's end in which a job ran.
        compute_units: billed.
        calls: requests to NAS.
        seconds: virtual time.
    """

    jobs: int
    reclaimed: int
    hand_overs: int
    busy: float
    compute_units: float
    calls: int
    seconds: float


class Stage:
    """The deployment.

    Args:
        cloud: the fakes.
        host: the functions.
        file_system: with the filled bin.
        filled: what came into it.
        policies: the deployed policy file.
        variables: the functions' environment.
    """

    def __init__(
        self,
        cloud: FakeCloud,
        host: FunctionHost,
        file_system: FileSystem,
        filled: Filled,
        *,
        policies: Path,
        variables: dict[str, str],
    ) -> None:
        self.cloud, self.host, self.file_system, self.filled = cloud, host, file_system, filled
        self._policies, self._variables = policies, variables
        self.before = brute_force.present(file_system)
        self.began_at = cloud.clock.now()

    def arm(self) -> None:
        """Deploy the same policy as enforcing."""
        self._policies.write_text(POLICIES.replace("dry-run", "enforce"), encoding="utf-8")

    def fire(self) -> None:
        """What `TIMER_EVENT` says happens, now."""
        event = json.loads(TIMER_EVENT.read_text(encoding="utf-8"))
        event["triggerTime"] = format_service_time(self.cloud.clock.now())
        self.began_at = self.cloud.clock.now()
        self.host.invoke_async("nas-retention-sweep", json.dumps(event).encode())

    def play(self, watch: Callable[[], None]) -> None:
        """Let the cloud run until nothing is left to do; `watch` is called after everything that happens."""

        def idle() -> bool:
            watch()
            return self.host.idle

        self.host.run_until(idle, limit=2 * DAY)

    def records(self, event: str) -> list[dict[str, str]]:
        """Audit records of one kind, each once, in the order they came."""
        return [line for line in self._log().values() if line["event"] == event]

    def write_log(self, path: Path) -> int:
        """Write all audit records as lines of JSON; how many."""
        lines = self._log().values()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        return len(lines)

    def figures(self) -> Figures:
        """What was done so far."""
        jobs = self.file_system.job_log
        now = self.cloud.clock.now()
        ran = sum((job.end or now) - job.start for job in jobs)
        span = (jobs[-1].end or now) - jobs[0].start if jobs else 0.0
        gone = self.before.keys() - brute_force.present(self.file_system).keys()
        return Figures(
            jobs=len(jobs),
            reclaimed=sum(self.before[each].size for each in gone),
            hand_overs=len(self.records("handed-over")),
            busy=ran / span if span else 0.0,
            compute_units=sum(record.cu for record in self.host.invocations),
            calls=sum(count for (service, _), count in self.cloud.dispatcher.counts.items() if service == "nas"),
            seconds=now - self.began_at,
        )

    def faults(self) -> list[str]:
        """What is wrong with the bin by brute force; nothing when all is well."""
        gone = self.before.keys() - brute_force.present(self.file_system).keys()
        wanted = brute_force.must_go(self.before.values(), RULES, self.began_at)
        wrong = [f"gone, and should have stayed: {self.before[each].path}" for each in sorted(gone - wanted)]
        wrong += [f"still there, and should be gone: {self.before[each].path}" for each in sorted(wanted - gone)]
        fewest = brute_force.fewest_jobs(self.before.values(), RULES, self.began_at)
        if len(self.file_system.job_log) != fewest:
            wrong.append(f"{len(self.file_system.job_log)} jobs, {fewest} would have done")
        announced = {line["client_token"] for line in self.records("intent")}
        settled = {line["client_token"] for line in self.records("outcome")}
        if announced != settled:
            wrong.append(f"{len(announced - settled)} intents have no outcome")
        return wrong

    def _log(self) -> dict[str, dict[str, str]]:
        records = self.cloud.sls.records(self._variables["SLS_PROJECT"], self._variables["SLS_LOGSTORE"])
        return {line["event_id"]: line for line in records}


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """The deployment, its policy file in a folder, its bin filled."""
    event = json.loads(TIMER_EVENT.read_text(encoding="utf-8"))
    start = parse_service_time(event["triggerTime"]) or 0.0
    policies = folder / "policies.yaml"
    policies.write_text(POLICIES, encoding="utf-8")
    with mock_alibaba_cloud(clock=VirtualClock(start), seed=SEED) as cloud:
        file_system = cloud.nas.create_file_system(FILE_SYSTEM)
        file_system.durations = DurationModel(base=1.0, per_entry=0.02)
        filled = TreeLoader(file_system, now=start, seed=SEED, leave_out=LEFT_OUT).load(python_installation())
        variables = provision(cloud, ROOT / "s.yaml")
        host = cloud.deploy(
            ROOT / "s.yaml", seed=SEED, variables={"POLICIES_FILE": str(policies), "SEAL_KEY": SEAL_KEY}
        )
        yield Stage(cloud, host, file_system, filled, policies=policies, variables=variables)


def python_installation() -> Path:
    """The tree the bin is filled from."""
    return Path(sysconfig.get_paths()["stdlib"])
