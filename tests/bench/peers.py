"""How people empty a recycle bin today, each as one process that never ends; on the same fakes, by the same calls.

All of them delete what was deleted at least `AGE` ago, create one job after the other, sleep five seconds and read the
job list until it is over.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fakes.cloud import ACCOUNT_ID, FakeCloud
from fakes.core.gateway import ApiError
from fakes.fc import load_deployment
from fakes.fc.billing import compute_units
from fakes.nas.entries import service_time
from tests.bench.direct import Wire
from tests.bench.figures import PAGE, ROOT, Bounds, Figures, figures
from tests.bench.platform import PURGE, S_YAML, people_at_work
from tests.bench.workloads import AGE, Workload

SLEEP = 5.0
Entry = Mapping[str, Any]


class Client:
    """One file system over the wire.

    Args:
        wire: to the fakes.
        file_system: its id.
    """

    def __init__(self, wire: Wire, file_system: str) -> None:
        self._wire, self._file_system = wire, file_system
        self._aged = service_time(wire.cloud.clock.now() - AGE)

    def _call(self, action: str, **query: str) -> Mapping[str, Any]:
        return self._wire.nas(action, {"FileSystemId": self._file_system, **query})

    def _listed(self, action: str, **query: str) -> Iterator[list[Entry]]:
        """Pages, each read when it is needed."""
        token = ""
        while True:  # bounded: a bin has an end
            page = self._call(action, MaxResults=str(PAGE), NextToken=token, **query)
            yield page["Entries"]
            token = page["NextToken"]
            if not token:
                return

    def directories(self) -> list[str]:
        """Ids of the directories that something was deleted from."""
        return [ROOT, *(each["FileId"] for page in self._listed("ListRecentlyRecycledDirectories") for each in page)]

    def entries(self, directory: str) -> Iterator[Entry]:
        """What was deleted from it, aged or not; nothing if it is gone by now."""
        try:
            for page in self._listed("ListRecycledDirectoriesAndFiles", FileId=directory):
                yield from page
        except ApiError:
            return

    def is_aged(self, entry: Entry) -> bool:
        """Whether it goes."""
        return str(entry["DeleteTime"]) <= self._aged

    def delete(self, entry: Entry) -> None:
        """A job for one entry; returns when it is over."""
        try:
            job = self._call("CreateRecycleBinDeleteJob", FileId=str(entry["FileId"]))["JobId"]
        except ApiError as error:
            if not error.code.startswith("OperationDenied"):
                return None  # gone by now
            self._wire.cloud.clock.sleep(SLEEP)
            return self.delete(entry)
        while True:  # bounded: every job ends
            self._wire.cloud.clock.sleep(SLEEP)
            jobs = self._call("ListRecycleBinJobs", PageSize="50")["Jobs"]
            if not any(each["Id"] == job and each["Status"] == "Running" for each in jobs):
                return None


def loop(client: Client) -> None:
    """A job for each entry, what is in a directory before the directory itself, as it is listed."""
    done: set[str] = set()
    for directory in client.directories():
        _clear(client, directory, done)


def _clear(client: Client, directory: str, done: set[str]) -> None:
    if directory in done:
        return
    done.add(directory)
    for entry in client.entries(directory):
        if entry["Type"] == "Directory":
            _clear(client, str(entry["FileId"]), done)
        if client.is_aged(entry):
            client.delete(entry)


def loop_top(client: Client) -> None:
    """A job for each entry as it is listed; a directory goes with all that is in it, whatever the age of that."""
    for directory in client.directories():
        for entry in client.entries(directory):
            if client.is_aged(entry):
                client.delete(entry)


def list_all(client: Client) -> None:
    """The whole bin in memory first; then a job for each entry that goes with all that is in it."""
    inside = {directory: list(client.entries(directory)) for directory in client.directories()}
    goes: dict[str, bool] = {}

    def whole(entry: Entry) -> bool:
        file_id = str(entry["FileId"])
        if file_id not in goes:
            goes[file_id] = client.is_aged(entry) and all(map(whole, inside.get(file_id, ())))
        return goes[file_id]

    for directory, entries in inside.items():
        for entry in entries:
            if whole(entry) and not goes.get(directory, False):
                client.delete(entry)


PEERS: Mapping[str, Callable[[Client], None]] = {"loop": loop, "loop-top": loop_top, "list-all": list_all}


def run_peer(name: str, workload: Workload, cloud: FakeCloud, limit: Bounds, seed: int = 0) -> Figures:
    """Let a peer work through all file systems, one after the other; billed as an instance of the purge function."""
    wire, began_at = Wire(cloud), cloud.clock.now()
    with people_at_work(workload, cloud, seed):
        for file_system in cloud.nas.file_systems:
            PEERS[name](Client(wire, file_system))
    seconds = cloud.clock.now() - began_at
    return figures(workload.name, name, wire, limit, began_at=began_at, walks=1, cu=_price(seconds), invocations=1)


def _price(seconds: float) -> float:
    size = load_deployment(S_YAML, environ={}, account_id=ACCOUNT_ID).functions[PURGE]
    return compute_units(seconds, cpu=size.cpu, memory_mb=size.memory_size, disk_mb=size.disk_size)
