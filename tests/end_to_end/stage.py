"""A deployment to play with: the s.yaml of the repository on a fake cloud, one file system, virtual time."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from aliyun_fakes.cloud import FakeCloud, mock_alibaba_cloud
from aliyun_fakes.core.dispatch import LoggedRequest
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc import DeliveryFaults, FcSettings, FunctionHost
from aliyun_fakes.nas.entries import BinEntry
from aliyun_fakes.nas.file_system import FileSystem
from aliyun_fakes.nas.settings import NasSettings
from aliyun_fakes.provision import provision
from demo import brute_force
from tests.seal_key import SEAL_KEY

ROOT = Path(__file__).parents[2]
DAY = 86_400.0
FILE_SYSTEM = "1ca404a5e2"
PROJECT, LOGSTORE = "nas-retention-1234567890123456", "audit"
WORK, DEAD = "nas-retention-work", "nas-retention-dead-letters"
TIMER = "sweep-timer"

POLICIES = """
version: 1
guardrails:
  file_systems: [1ca404a5e2]
  min_age: 1d
  protect: [/keep/**]
  limits: {jobs: 100000, bytes: 100TiB, share: 1.0}
policies:
  - name: aged
    file_systems: [1ca404a5e2]
    older_than: 7d
    mode: enforce
"""

LOOKS = {"ListRecycleBinJobs": 5.0, "ListTagResources": 60.0}
"""Before every create: the operation that must have been asked for, and at most so many seconds earlier."""

Reading = Literal["serial", "concurrent"]
RULES = brute_force.Rules(older_than=7 * DAY, protected=("/keep",))


@dataclass(eq=False)
class Stage:
    """What a test holds in its hands.

    Attributes:
        cloud: the fakes.
        host: the deployed functions.
        file_system: the one file system.
        policies: the policy file that is deployed; write to it to deploy another.
    """

    cloud: FakeCloud
    host: FunctionHost
    file_system: FileSystem
    policies: Path

    def __post_init__(self) -> None:
        self.began_at = self.now
        self.before = dict[brute_force.Key, BinEntry]()
        self.unannounced: list[str] = []
        self.unwatched: list[str] = []
        self._looked = {"ListRecycleBinJobs": float("-inf"), "ListTagResources": float("-inf")}
        self._announced: set[tuple[str, str]] = set()
        self._read = 0
        self.cloud.dispatcher.on_request.append(self._watch)

    @property
    def now(self) -> float:
        return self.cloud.clock.now()

    def fill(self) -> None:
        """Fill the bin and remember what is in it."""
        fill(self.file_system, self.now)
        self.remember()

    def remember(self) -> None:
        """The bin as it is now is what a check compares with."""
        self.before, self.began_at = brute_force.present(self.file_system), self.now

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Have somebody do something while everything plays."""

        def wait_and_act() -> None:
            self.cloud.clock.sleep(seconds)
            act()

        self.cloud.clock.spawn(wait_and_act)

    def check(
        self,
        *,
        complete: bool = True,
        rules: brute_force.Rules = RULES,
        spared: Iterable[brute_force.Key] = (),
    ) -> None:
        """By brute force: what is gone may go; after a complete run, all of it is; each job was announced before."""
        gone = self.before.keys() - brute_force.present(self.file_system).keys() - set(spared)
        allowed = brute_force.must_go(self.before.values(), rules, self.began_at) - set(spared)
        assert gone == allowed if complete else gone <= allowed
        assert self.unannounced == []
        assert self.unwatched == []

    def _watch(self, request: LoggedRequest) -> None:
        if request.operation in self._looked and request.status == HTTPStatus.OK:
            self._looked[request.operation] = request.at
        if request.operation == "CreateRecycleBinDeleteJob":
            for operation, limit in LOOKS.items():
                if request.at - self._looked[operation] > limit:
                    age = request.at - self._looked[operation]
                    self.unwatched.append(f"{request.at:.1f}: {operation} was asked {age:.1f} s before the job")
        if request.operation == "CreateRecycleBinDeleteJob":
            self._read_announced()
            token = request.parameters.get("ClientToken", "")
            if (token, request.parameters["FileId"]) not in self._announced:
                self.unannounced.append(token)

    def _read_announced(self) -> None:
        """What the log acknowledged since the last look."""
        store = self.cloud.sls.logstore(PROJECT, LOGSTORE)
        for number in range(self._read, len(store)):
            line = store.record(number)
            if line["event"] == "intent":
                self._announced.add((line["client_token"], line["file_id"]))
        self._read = len(store)

    def sweep(self) -> None:
        """Fire the timer and play until nothing is left to do."""
        self.host.fire(TIMER)
        assert self.host.run_until_idle(limit=40 * DAY)

    def invoke(self, function: str, request: Mapping[str, object]) -> Any:  # noqa: ANN401 - whatever it answers
        """Invoke as a person would, and read the answer."""
        return json.loads(self.host.invoke(f"nas-retention-{function}", json.dumps(request).encode()).payload)

    def records(self, event: str = "", **terms: str) -> list[dict[str, str]]:
        """Audit records in the order they came, each once."""
        wanted = terms | ({"event": event} if event else {})
        unique = {line["event_id"]: line for line in self.cloud.sls.records(PROJECT, LOGSTORE)}
        return [line for line in unique.values() if wanted.items() <= line.items()]

    def ends(self) -> list[str]:
        """Why runs ended, in order."""
        return [line["reason"] for line in self.records("ended")]

    def dead_letters(self) -> list[str]:
        return [message.body for message in self.cloud.smq.queue(DEAD).messages()]

    def calls(self, operation: str) -> int:
        return sum(count for (_, name), count in self.cloud.dispatcher.counts.items() if name == operation)


@contextmanager
def stage(
    folder: Path,
    *,
    policies: str = POLICIES,
    faults: Iterable[Fault] = (),
    nas: NasSettings | None = None,
    delivery: DeliveryFaults | None = None,
    reading: Reading = "serial",
    index_lag: float = 5.0,
    skew: float = 0.0,
    seed: int = 0,
    batch: int | None = None,
    seal_key: str = SEAL_KEY,
) -> Iterator[Stage]:
    """A deployment with an empty bin; `fill` puts things into it. `batch`: messages of one invocation, for s.yaml's."""
    path, s_yaml = folder / "policies.yaml", ROOT / "s.yaml"
    path.write_text(policies)
    if batch is not None:
        text = s_yaml.read_text(encoding="utf-8").replace("purge_batch: 6", f"purge_batch: {batch}")
        text = text.replace("sweep_pace: '6'", f"sweep_pace: '{batch}'")
        s_yaml = folder / "s.yaml"
        s_yaml.write_text(text, encoding="utf-8")
        (folder / "functions").symlink_to(ROOT / "functions")
    with mock_alibaba_cloud(seed=seed, faults=faults, nas=nas) as cloud:
        cloud.sls.settings = replace(cloud.sls.settings, index_lag=index_lag)
        cloud.dispatcher.skew = skew
        file_system = cloud.nas.create_file_system(FILE_SYSTEM)
        provision(cloud, s_yaml)
        host = cloud.deploy(
            s_yaml,
            seed=seed,
            variables={"POLICIES_FILE": str(path), "SEAL_KEY": seal_key},
            async_invocation=reading,
            settings=FcSettings(delivery_faults=delivery or DeliveryFaults()),
        )
        yield Stage(cloud, host, file_system, path)


def fill(file_system: FileSystem, now: float) -> None:
    """A bin like a real one: trees removed whole, files of live directories, twins, protected and young things."""
    old, young = now - 20 * DAY, now - 2 * DAY
    parts = {f"part{n}/file{m}": 1000 * m for n in range(3) for m in range(4)}
    file_system.recycle_tree("/projects/old", parts, deleted_at=old)
    file_system.recycle_tree("/projects/mixed", {"a/one": 10, "a/two": 20, "b/three": 30}, deleted_at=old)
    for n in range(12):
        file_system.recycle(f"/logs/app-{n}.log", size=50_000 + n, deleted_at=old + n * 3600)
    for n in range(5):
        file_system.recycle(f"/logs/new-{n}.log", size=5_000, deleted_at=young)
    file_system.recycle_tree("/keep/ledger", {"2024/a": 1, "2025/b": 2}, deleted_at=old)
    file_system.recycle("/home/ünïcode/файл.txt", size=7, deleted_at=old)
    file_system.recycle("/home/again.txt", size=1, deleted_at=old)
    file_system.recycle("/home/again.txt", size=2, deleted_at=young)
