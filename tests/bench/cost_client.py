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
from typing import Any

from functions.retention.clock import SYSTEM_CLOCK
from functions.retention.judge import Judge
from functions.retention.nas import NasClient
from functions.retention.nas_replies import Reply
from functions.retention.policy import Guardrails, Policy
from functions.retention.prefetch import SIDE_BY_SIDE, Prefetch
from functions.retention.rate import TokenBucket
from functions.retention.recents import Recents, fetch
from functions.retention.recycle_bin import RecycleBin
from functions.retention.retry import Retry
from functions.retention.settings import Credentials, Settings
from functions.retention.survey import Survey
from tests.bench.served import peak_bytes, without_fakes

SOME = 50
"""Pages that are read with `json.loads` alone."""


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


def survey(bins: list[RecycleBin], now: float) -> Survey:
    """The whole walk."""
    file_system = bins[0].file_system_id
    policy = Policy.model_validate({"name": "aged", "file_systems": [file_system], "older_than": "7d"})
    judge = Judge([policy], Guardrails(file_systems=(file_system,)), as_of=now, now=now)
    prefetch = Prefetch(bins, SYSTEM_CLOCK)
    walk = Survey(prefetch, Recents(fetch(bins[0].recent_directories)), judge)
    prefetch.upcoming = walk.upcoming
    while not walk.finished:
        walk.step()
    return walk


def seconds_of_json(asked: NasClient, file_system: str) -> float:
    """What `json.loads` takes for each entry of the same pages, `SOME` of them."""
    found, _ = asked.recycle_bin(file_system).recent_directories()
    texts: list[str] = []
    entries = 0
    for directory in found[-SOME:]:
        token = ""
        while len(texts) < SOME:
            query = {"FileSystemId": file_system, "FileId": directory.file_id, "MaxResults": "1000"}
            query |= {"NextToken": token} if token else {}
            rows, token = asked.call("ListRecycledDirectoriesAndFiles", query, _rows)
            texts.append(json.dumps({"RequestId": "x" * 36, "NextToken": token, "Entries": rows}))
            entries += len(rows)
            if not token:
                break
    begin = process_time()
    for text in texts:
        json.loads(text)
    return (process_time() - begin) / entries


def _rows(reply: Reply) -> tuple[list[dict[str, Any]], str]:
    return reply.rows("Entries"), reply.text_or_empty("NextToken")


def main() -> None:
    """Measure and say."""
    served = json.loads(sys.argv[1])
    key = Credentials(served["access_key_id"], served["access_key_secret"])
    clients = [client(served["endpoint"], key) for _ in range(SIDE_BY_SIDE)]
    bins: list[RecycleBin] = [each.recycle_bin(served["file_system"]) for each in clients]
    bins[0].attributes()
    begin = process_time()
    walked = survey(bins, served["now"])
    took = process_time() - begin
    peak = peak_bytes()
    alone = seconds_of_json(clients[0], served["file_system"])
    cost = {
        "entries": walked.listed,
        "listings": walked.list_calls,
        "seconds": took,
        "json_seconds": alone * walked.listed,
        "peak_bytes": peak,
        "without_fakes": without_fakes(),
    }
    sys.stdout.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    main()
