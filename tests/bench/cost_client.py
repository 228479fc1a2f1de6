"""``python -m tests.bench.cost_client WHAT_THE_SERVER_PRINTED``: one survey, and what it cost.

Nothing of the fakes is in this process. It lists and judges the whole bin as a slice does, but for the rate limit,
and reads the same pages with `json.loads` alone. A line of JSON says what each took of the processor, and the peak
memory.
"""

import json
import random
import sys
from pathlib import Path
from time import process_time

from alibabacloud_nas20170626.models import ListRecycledDirectoriesAndFilesRequest

from functions.retention.cloud.nas import NasClient
from functions.retention.cloud.nas_replies import Reply
from functions.retention.cloud.rate_limit import TokenBucket
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import Credentials, Settings
from functions.retention.cloud.system_clock import SYSTEM_CLOCK
from functions.retention.core.recycle_bin import RecycleBin
from functions.retention.core.services import SIDE_BY_SIDE
from functions.retention.policy.judge import Judge
from functions.retention.policy.model import Guardrails, Policy
from functions.retention.walk.prefetch import Prefetch
from functions.retention.walk.recent_directories import Recents, fetch
from functions.retention.walk.survey import Survey
from tests.bench.served import peak_bytes, without_fakes

LISTING = "ListRecycledDirectoriesAndFiles"

STEPS = 10
"""Listings of the survey between two measurements of what else they cost."""


def client(endpoint: str, key: Credentials) -> NasClient:
    """One that asks as fast as it can."""
    settings = Settings(
        region="cn-hangzhou",
        account_id="1",
        credentials=key,
        work_queue="w",
        dead_letter_queue="d",
        sls_project="p",
        sls_logstore="l",
        sls_endpoint=endpoint,
        smq_endpoint=endpoint,
        nas_endpoint=endpoint,
        policies_file=Path("policies.yaml"),
        concurrent_invocations=1,
    )
    retry = Retry(SYSTEM_CLOCK, random.Random(1), float("inf"))
    return NasClient(settings, clock=SYSTEM_CLOCK, bucket=TokenBucket(SYSTEM_CLOCK, rate=1e6), retry=retry)


class Aside:
    """What else the same pages cost, measured now and then between the steps of a survey: noise strikes all alike.

    Args:
        asked: a client.
        file_system: whose bin.

    Attributes:
        json_seconds: of the processor, for an entry and `json.loads`.
        call_seconds: of the processor, for a listing and the SDK's call with nothing read of the reply.
    """

    def __init__(self, asked: NasClient, file_system: str) -> None:
        found, _ = asked.recycle_bin(file_system).recent_directories()
        self._asked, self._method = asked, asked.sdk.list_recycled_directories_and_files_with_options
        self._request = ListRecycledDirectoriesAndFilesRequest(
            file_system_id=file_system, file_id=found[-1].file_id, max_results=1000
        )
        self._page = asked.call(LISTING, self._method, self._request, _text)
        self._entries = len(json.loads(self._page)["Entries"])
        self._times = self._json = self._calls = 0.0

    def measure(self) -> None:
        """Once more."""
        begin = process_time()
        json.loads(self._page)
        between = process_time()
        self._asked._send(LISTING, self._method, self._request)  # noqa: SLF001 - the one place that calls the SDK
        self._times += 1
        self._json += between - begin
        self._calls += process_time() - between

    @property
    def json_seconds(self) -> float:
        return self._json / self._times / self._entries

    @property
    def call_seconds(self) -> float:
        return self._calls / self._times


def _text(reply: Reply) -> str:
    page = {"RequestId": "x" * 36, "NextToken": reply.text_or_empty("NextToken"), "Entries": reply.rows("Entries")}
    return json.dumps(page)


def survey(bins: list[RecycleBin], now: float, aside: Aside) -> tuple[Survey, float]:
    """The whole walk, and what it took of the processor."""
    file_system = bins[0].file_system_id
    policy = Policy.model_validate({"name": "aged", "file_systems": [file_system], "older_than": "7d"})
    judge = Judge([policy], Guardrails(file_systems=(file_system,)), as_of=now, now=now)
    prefetch = Prefetch(bins, SYSTEM_CLOCK)
    begin = process_time()
    walk = Survey(prefetch, Recents(fetch(bins[0].recent_directories)), judge)
    prefetch.upcoming = walk.upcoming
    took = process_time() - begin
    while not walk.finished:
        aside.measure()
        begin = process_time()
        while not walk.finished and walk.list_calls % STEPS:
            walk.step()
        if not walk.finished:
            walk.step()
        took += process_time() - begin
    return walk, took


def main() -> None:
    """Measure and say."""
    served = json.loads(sys.argv[1])
    key = Credentials(served["access_key_id"], served["access_key_secret"])
    clients = [client(served["endpoint"], key) for _ in range(SIDE_BY_SIDE)]
    bins: list[RecycleBin] = [each.recycle_bin(served["file_system"]) for each in clients]
    aside = Aside(clients[0], served["file_system"])
    walked, took = survey(bins, served["now"], aside)
    cost = {
        "entries": walked.listed,
        "listings": walked.list_calls,
        "seconds": took,
        "json_seconds": aside.json_seconds * walked.listed,
        "call_seconds": aside.call_seconds * walked.list_calls,
        "peak_bytes": peak_bytes(),
        "without_fakes": without_fakes(),
    }
    sys.stdout.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    main()
