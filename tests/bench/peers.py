"""How people empty a recycle bin today, each as one process that never ends; by the calls the functions make.

All of them delete what was deleted before some moment, create one job after the other, sleep five seconds and read the
job list until it is over. Nothing here knows what answers the calls.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from functions.retention.core.recycle_bin import ROOT_ID

PAGE = "1000"
SLEEP = 5.0
Entry = Mapping[str, Any]


class Refusal(Exception):
    """NAS answers with an error.

    Attributes:
        code: the error's.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Service(Protocol):
    """What peers need."""

    def call(self, action: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """The reply of one call of NAS.

        Raises:
            Refusal: it is an error.
        """

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Client:
    """One file system.

    Args:
        service: answers.
        file_system: its id.
        aged: the latest DeleteTime of what goes.
    """

    def __init__(self, service: Service, file_system: str, aged: str) -> None:
        self._service, self._file_system, self._aged = service, file_system, aged

    def _call(self, action: str, **query: str) -> Mapping[str, Any]:
        return self._service.call(action, {"FileSystemId": self._file_system, **query})

    def _listed(self, action: str, **query: str) -> Iterator[list[Entry]]:
        """Pages, each read when it is needed."""
        token = ""
        while True:  # bounded: a bin has an end
            page = self._call(action, MaxResults=PAGE, NextToken=token, **query)
            yield page["Entries"]
            token = page["NextToken"]
            if not token:
                return

    def directories(self) -> list[str]:
        """Ids of the directories that something was deleted from."""
        return [ROOT_ID, *(each["FileId"] for page in self._listed("ListRecentlyRecycledDirectories") for each in page)]

    def entries(self, directory: str) -> Iterator[Entry]:
        """What was deleted from it, aged or not; nothing if it is gone by now."""
        try:
            for page in self._listed("ListRecycledDirectoriesAndFiles", FileId=directory):
                yield from page
        except Refusal:
            return

    def is_aged(self, entry: Entry) -> bool:
        """Whether it goes."""
        return str(entry["DeleteTime"]) <= self._aged

    def delete(self, entry: Entry) -> None:
        """A job for one entry; returns when it is over."""
        try:
            job = self._call("CreateRecycleBinDeleteJob", FileId=str(entry["FileId"]))["JobId"]
        except Refusal as error:
            if not error.code.startswith("OperationDenied"):
                return None  # gone by now
            self._service.sleep(SLEEP)
            return self.delete(entry)
        while True:  # bounded: every job ends
            self._service.sleep(SLEEP)
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
