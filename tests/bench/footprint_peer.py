"""``python -m tests.bench.footprint_peer PEER WHAT_THE_SERVER_PRINTED``: a peer in a process of its own, and its cost.

It makes its calls by the functions' own NAS client, without a limit on their rate.
"""

import json
import random
import sys
from collections.abc import Callable, Mapping
from typing import Any

from alibabacloud_nas20170626.models import (
    CreateRecycleBinDeleteJobRequest,
    ListRecentlyRecycledDirectoriesRequest,
    ListRecycleBinJobsRequest,
    ListRecycledDirectoriesAndFilesRequest,
)

from functions.retention.cloud.nas import Method, NasClient
from functions.retention.cloud.nas_replies import Reply
from functions.retention.cloud.rate_limit import TokenBucket
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import read_settings
from functions.retention.core.errors import CloudError
from tests.bench.peers import PEERS, Client, Refusal
from tests.bench.served import Meter, ServedClock, environment


def _page(reply: Reply) -> Mapping[str, Any]:
    return {"Entries": reply.rows("Entries"), "NextToken": reply.text_or_empty("NextToken")}


_REQUEST: Mapping[str, Callable[[], Any]] = {
    "ListRecentlyRecycledDirectories": ListRecentlyRecycledDirectoriesRequest,
    "ListRecycledDirectoriesAndFiles": ListRecycledDirectoriesAndFilesRequest,
    "ListRecycleBinJobs": ListRecycleBinJobsRequest,
    "CreateRecycleBinDeleteJob": CreateRecycleBinDeleteJobRequest,
}

_READ: Mapping[str, Callable[[Reply], Mapping[str, Any]]] = {
    "ListRecentlyRecycledDirectories": _page,
    "ListRecycledDirectoriesAndFiles": _page,
    "ListRecycleBinJobs": lambda reply: {"Jobs": reply.rows("Jobs")},
    "CreateRecycleBinDeleteJob": lambda reply: {"JobId": reply.text("JobId")},
}


class _Service:
    """NAS for peers, over its SDK."""

    def __init__(self, nas: NasClient, clock: ServedClock) -> None:
        self._nas, self._clock = nas, clock
        self._methods: Mapping[str, Method] = {
            "ListRecentlyRecycledDirectories": nas.sdk.list_recently_recycled_directories_with_options,
            "ListRecycledDirectoriesAndFiles": nas.sdk.list_recycled_directories_and_files_with_options,
            "ListRecycleBinJobs": nas.sdk.list_recycle_bin_jobs_with_options,
            "CreateRecycleBinDeleteJob": nas.sdk.create_recycle_bin_delete_job_with_options,
        }

    def call(self, action: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """See `tests.bench.peers.Service`."""
        request = _REQUEST[action]().from_map({name: value for name, value in query.items() if value})
        try:
            return self._nas.call(action, self._methods[action], request, _READ[action])
        except CloudError as error:
            raise Refusal(error.code) from error

    def sleep(self, seconds: float) -> None:
        """See `tests.bench.peers.Service`."""
        self._clock.sleep(seconds)


def main() -> None:
    """Measure and say."""
    peer, served = sys.argv[1], json.loads(sys.argv[2])
    clock = ServedClock(served["endpoint"])
    retry = Retry(clock, random.Random(1), float("inf"))
    settings = read_settings(environment(served), None)
    nas = NasClient(settings, clock=clock, bucket=TokenBucket(clock, rate=1e6), retry=retry)
    nas.recycle_bin(served["file_systems"][0]).attributes()
    meter = Meter(clock)
    for file_system in served["file_systems"]:
        PEERS[peer](Client(_Service(nas, clock), file_system, served["aged"]))
    meter.say()


if __name__ == "__main__":
    main()
