"""The rim without the wire: real adapters of the functions over the fakes' models, without HTTP, signatures and SDKs.

A call through an SDK costs 3 to 10 ms of processor, which is too slow for a million of them. Each adapter here replaces
the one method in which its SDK is called; rate limit, retries, paging and all decisions are the deployed code. What a
call costs in time on the clock is what the fakes charge behind their fronts: half of it before the effect, half after.
"""

import base64
import math
import random
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from itertools import chain
from typing import Any, TypeVar

import msgspec
from alibabacloud_nas20170626.models import ListRecycleBinJobsRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from mns.queue import Message

from aliyun_fakes.cloud import FakeCloud
from aliyun_fakes.core.tables import ServiceError
from aliyun_fakes.nas.parameters import Parameters
from aliyun_fakes.nas.responses import HANDLERS
from aliyun_fakes.nas.urls import LISTINGS
from functions.retention.cloud.clients import Cloud
from functions.retention.cloud.nas import NasClient, NasRecycleBin
from functions.retention.cloud.nas_replies import Reply, read_job
from functions.retention.cloud.nas_sdk import RawClient, client_config
from functions.retention.cloud.rate_limit import TokenBucket
from functions.retention.cloud.retry import Retry
from functions.retention.cloud.settings import Settings
from functions.retention.cloud.sls import PAGE, SlsAuditLog, log_client
from functions.retention.cloud.sls_shards import GROUPS, Call, Page, ShardReader, Written
from functions.retention.cloud.smq import SmqWorkQueue
from functions.retention.core.clock import Clock
from functions.retention.core.invocation import Invocation
from functions.retention.core.job import Job
from functions.retention.core.recycle_bin import JobList
from functions.retention.core.services import Record, Terms, matches, values_of

T = TypeVar("T")

FILTERS = ("run", "event", "file_system", "file_id")
"""Fields that searches name; each has an index, so that a search costs what it finds."""

_TERM = re.compile(r'(\w+): "((?:[^"\\]|\\.)*)"')


class Wire:
    """Everything that goes between functions and services.

    Args:
        cloud: the models.

    Attributes:
        cloud: as given.
        calls: by operation.
        size_of: bytes that a deletion job takes, by job id.
        log: the audit log's records in the order of writing, with the moment of writing.
        puts: the same, as they were put.
        ended: jobs that were read as ended, by id.
    """

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud
        self.calls: Counter[str] = Counter()
        self.size_of: dict[str, int] = {}
        self.log: list[tuple[float, Record]] = []
        self.puts: list[tuple[float, Sequence[Record]]] = []
        self.ended: dict[str, Job] = {}
        self._places: dict[tuple[str, str], list[int]] = {}

    def nas(self, action: str, query: Mapping[str, str]) -> Mapping[str, object]:
        """One call of NAS.

        Raises:
            ServiceError: as the model answers.
        """
        settings = self.cloud.nas.settings
        seconds = settings.list_seconds if action in LISTINGS else settings.call_seconds
        return self._call(action, seconds, lambda: self._answer(action, query))

    def _answer(self, action: str, query: Mapping[str, str]) -> Mapping[str, object]:
        answer = HANDLERS[action](self.cloud.nas, Parameters(query))
        if action == "CreateRecycleBinDeleteJob":
            job = self.cloud.nas.file_systems[query["FileSystemId"]].jobs.log[-1]
            self.size_of.setdefault(job.id, sum(node.size for node in job.work))
        return answer

    def send(self, queue: str, body: str, delay: int) -> str:
        """Put a message on a queue, as the SDK does in base64; its id."""
        text = base64.b64encode(body.encode()).decode()
        smq = self.cloud.smq
        return self._call("SendMessage", smq.settings.latency, lambda: smq.queue(queue).send(text, delay))

    def put(self, records: Sequence[Record]) -> None:
        """Write to the log."""
        self._call("PutLogs", self.cloud.sls.settings.put_latency, lambda: self._write(records))

    def _write(self, records: Sequence[Record]) -> None:
        now = self.cloud.clock.now()
        self.puts.append((now, records))
        for record in records:
            for name in FILTERS:
                if name in record:
                    self._places.setdefault((name, record[name]), []).append(len(self.log))
            self.log.append((now, record))

    def find(self, terms: Terms, since: float, offset: int) -> list[Record]:
        """One page of the log's records that match all terms; at least one of them has an index."""
        return self._call("GetLogs", self.cloud.sls.settings.read_latency, lambda: self._found(terms, since, offset))

    def _found(self, terms: Terms, since: float, offset: int) -> list[Record]:
        places = min((self._indexed(name, values_of(terms[name])) for name in FILTERS if name in terms), key=len)
        first = bisect_left(places, True, key=lambda place: self.log[place][0] >= since)  # noqa: FBT003 - False < True
        visible = self.cloud.clock.now() - self.cloud.sls.settings.index_lag
        recent = (self.log[place] for place in places[first:])
        found = [record for at, record in recent if at <= visible and matches(record, terms)]
        return found[offset : offset + PAGE]

    def shards(self) -> list[int]:
        """The log's one shard."""
        return self._call("ListShards", self.cloud.sls.settings.meta_latency, lambda: [0])

    def cursor(self, where: int | str) -> int:
        """How many puts came before a moment, or before the end."""
        return self._call("GetCursor", self.cloud.sls.settings.meta_latency, lambda: self._position(where))

    def _position(self, where: int | str) -> int:
        if where == "end":
            return len(self.puts)
        return bisect_left(self.puts, float(where), key=lambda put: put[0])

    def pull(self, begin: int, end: int) -> list[tuple[float, Sequence[Record]]]:
        """Puts from a cursor to another, with the moments of writing."""
        return self._call("PullLogs", self.cloud.sls.settings.pull_latency, lambda: self.puts[begin:end])

    def _indexed(self, name: str, values: Sequence[str]) -> list[int]:
        """Places of the records with one of the values, in the order of writing."""
        places = [self._places.get((name, value), []) for value in values]
        return places[0] if len(places) == 1 else sorted(chain.from_iterable(places))

    def _call(self, operation: str, seconds: float, act: Callable[[], T]) -> T:
        self.calls[operation] += 1
        clock = self.cloud.clock
        clock.sleep(seconds / 2)
        try:
            return act()
        finally:
            clock.sleep(seconds / 2)


class DirectCloud(Cloud):
    """Clients over a `Wire`; the other arguments are those of `Cloud`."""

    def __init__(
        self, wire: Wire, settings: Settings, invocation: Invocation, *, clock: Clock, rng: random.Random
    ) -> None:
        super().__init__(settings, invocation, clock=clock, rng=rng)
        self._wire = wire

    def nas(self, file_system_id: str) -> NasClient:
        """See `Cloud`."""
        retry = Retry(self._clock, self._rng, self._invocation.deadline, self._pauses.of(file_system_id))
        return DirectNas(self._wire, self.settings, clock=self._clock, bucket=self._bucket, retry=retry)

    def audit(self) -> SlsAuditLog:
        """See `Cloud`."""
        return DirectLog(self._wire, self.settings, clock=self._clock, retry=self._plain_retry())

    def plain_queue(self) -> SmqWorkQueue:
        """See `Cloud`."""
        return DirectQueue(self._wire, self.settings, retry=self._plain_retry())


class DirectSdk(RawClient):
    """See `RawClient`. The vendor's methods and requests, answered by a `Wire`."""

    def __init__(self, wire: Wire, settings: Settings) -> None:
        super().__init__(client_config(settings))
        self._wire = wire

    def exchange(self, params: Params, request: OpenApiRequest, runtime: RuntimeOptions) -> Mapping[str, Any]:  # noqa: ARG002 - nothing times out here
        """See `RawClient`."""
        try:
            answer = self._wire.nas(params.action, request.query)
        except ServiceError as error:
            raise AlibabaCloudException(code=error.code, message=error.message, status_code=error.status) from error
        now = math.floor(self._wire.cloud.clock.now())
        return {"headers": {"date": formatdate(now, usegmt=True)}, "body": msgspec.json.encode(answer)}


class DirectNas(NasClient):
    """See `NasClient`."""

    def __init__(self, wire: Wire, settings: Settings, *, clock: Clock, bucket: TokenBucket, retry: Retry) -> None:
        sdk = DirectSdk(wire, settings)
        super().__init__(settings, clock=clock, bucket=bucket, retry=retry, sdk=sdk)
        self._wire = wire

    def recycle_bin(self, file_system_id: str) -> NasRecycleBin:
        """See `NasClient`."""
        return DirectBin(self, file_system_id, self._wire.ended)


class DirectBin(NasRecycleBin):
    """See `NasRecycleBin`; jobs that have ended, which change no more, are read once.

    Half of a benchmark's time went there, since fifty jobs are listed at every look.
    """

    def __init__(self, client: NasClient, file_system_id: str, ended: dict[str, Job]) -> None:
        super().__init__(client, file_system_id)
        self._ended = ended

    def jobs(self) -> JobList:
        """See `RecycleBin`."""
        request = ListRecycleBinJobsRequest(file_system_id=self.file_system_id, page_size=100, page_number=1)
        method = self._client.sdk.list_recycle_bin_jobs_with_options
        return self._client.call("ListRecycleBinJobs", method, request, self._read_jobs)

    def _read_jobs(self, reply: Reply) -> JobList:
        jobs = [self._ended.get(str(row["Id"])) or self._read_job(row) for row in reply.rows("Jobs")]
        return JobList(jobs, reply.known_date(), reply.sent_at)

    def _read_job(self, row: Mapping[str, object]) -> Job:
        job = read_job(Reply("ListRecycleBinJobs", row))
        if not job.is_active:
            self._ended[job.id] = job
        return job


class DirectLog(SlsAuditLog):
    """See `SlsAuditLog`."""

    def __init__(self, wire: Wire, settings: Settings, *, clock: Clock, retry: Retry) -> None:
        super().__init__(log_client(settings, "bench"), settings, clock=clock, retry=retry)
        self._wire = wire
        self._shards = DirectShards(wire, settings, self._call)

    def _put(self, batch: Sequence[Record]) -> None:
        self._wire.put(batch)

    def _page(self, query: str, since: int, until: int, offset: int) -> list[Record]:  # noqa: ARG002 - nothing is later
        terms: dict[str, list[str]] = {}
        for name, value in _TERM.findall(query):
            terms.setdefault(name, []).append(value)
        return self._wire.find(terms, since, offset)


class DirectShards(ShardReader):
    """See `ShardReader`."""

    def __init__(self, wire: Wire, settings: Settings, call: Call) -> None:
        super().__init__(log_client(settings, "bench"), settings.sls_project, settings.sls_logstore, call)
        self._wire = wire

    def _list_shards(self) -> list[int]:
        return self._wire.shards()

    def _get_cursor(self, shard: int, where: int | str) -> str:  # noqa: ARG002 - there is one shard
        return str(self._wire.cursor(where))

    def _pull(self, shard: int, cursor: str, end: str) -> Page:  # noqa: ARG002 - there is one shard
        position = min(int(cursor) + GROUPS, int(end))
        puts = self._wire.pull(int(cursor), position)
        written = [Written(int(at), record) for at, records in puts for record in records]
        return Page(written, str(position), sum(map(_size, written)))


def _size(written: Written) -> int:
    """About the bytes of a record."""
    return sum(len(name) + len(value) for name, value in written.record.items())


class DirectQueue(SmqWorkQueue):
    """See `SmqWorkQueue`."""

    def __init__(self, wire: Wire, settings: Settings, *, retry: Retry) -> None:
        super().__init__(settings, retry=retry)
        self._wire = wire

    def _send_once(self, queue: str, message: Message) -> str:
        return self._wire.send(queue, message.message_body, message.delay_seconds)
