"""A run's selection: what the first of its sealed `surveyed` records in the log's order says that it may take.

Messages arrive more than once, so several copies of a run can end its survey. Each writes down what it found; then all
of them read the log and go on with what the first one found. Parts of a set are named by a hash of their contents and
of the part before, so the name of the last part tells whether the log still shows the whole set unchanged.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from functions.retention.audit import Journal, RunLedger
from functions.retention.core import Clock, EndReason, NoAnswer, Record, RunOver, Seal
from functions.retention.policy import Limits
from functions.retention.runs.message import Selection
from functions.retention.walk import Order, Row, TargetSet, front, rows_of, share_of

READ_AGAIN_AFTER = 1.0
"""Seconds until the log is read again when it does not show a record that it acknowledged."""

MAX_READS = 15

_SEALED = ("event", "run", "file_system", "mode", "digest", "as_of", "narrowing", "plan_id", "set", "tag_effect")
_COUNTED = (
    "listed",
    "selected",
    "jobs",
    "bytes",
    "unknown_sizes",
    "bin_bytes",
    "kept",
    "by_policy",
    "capacity",
    "beyond_set",
    "detail",
)


def part_id(previous: str, payload: str) -> str:
    """The id of a part of a set: 32 hex digits that stand for all parts up to this one."""
    return hashlib.sha256(f"{previous}\0{payload}".encode()).hexdigest()[:32]


def write_parts(journal: Journal, payloads: Iterable[str], previous: str = "") -> str:
    """Write parts down behind an earlier one; the id of the last.

    Raises:
        CloudError: the log did not acknowledge one.
    """
    for payload in payloads:
        part = part_id(previous, payload)
        journal.put("targets", part=part, previous=previous, targets=payload)
        previous = part
    return previous


def read_parts(ledger: RunLedger, head: str, *, run: str, since: float) -> list[str]:
    """All parts up to one, as `walk.rows_of` takes them.

    Raises:
        NoAnswer: the log does not answer.
        RunOver: it does not show the parts unchanged.
    """
    parts = ledger.parts(run, since) if head else {}
    if parts is None:
        raise NoAnswer("GetLogs", "Unknown", f"the set of run {run} cannot be read")
    payloads = []
    while head:  # bounded: every part is taken out once
        record = parts.pop(head, {})
        payload, previous = record.get("targets", ""), record.get("previous", "")
        if part_id(previous, payload) != head:
            raise RunOver(EndReason.SELECTION_LOST, f"the log does not show part {head} of the set of run {run}")
        payloads.append(payload)
        head = previous
    return payloads


def load(ledger: RunLedger, selection: Selection, walk: int) -> TargetSet:
    """The targets that a walk of the purge, counted from 0, may take; see `read_parts` for what it raises."""
    payloads = read_parts(ledger, selection.head, run=selection.run, since=selection.since)
    number = min(walk, len(selection.walks) - 1)
    return TargetSet(rows_of(payloads)[: selection.walks[number]])


def within(rows: Sequence[Row], limits: Limits, *, up_to: int | None, bin_size: int) -> list[Row]:
    """The first rows in order that no limit is broken by; the first that would break one ends them.

    Args:
        rows: in order.
        limits: of the run.
        up_to: so many at most; None: all that the limits allow.
        bin_size: bytes in the bin; see `walk.BinSize`.
    """
    size = unknown = 0
    for number, row in enumerate(rows[:up_to]):
        if row.size is None:
            unknown += 1
        else:
            size += row.size
        share = share_of(bin_size, size, unknown)
        if limits.broken_by(jobs=number + 1, size=size, unknown=unknown, share=share):
            return list(rows[:number])
    return list(rows[:up_to])


def walks_of(rows: Sequence[Row], order: Order, canary: int) -> tuple[int, ...]:
    """How many targets each walk may take: those of the canary, those in front, all but capacity rules', all."""
    first = [row.size for row in rows if not row.rule]
    ends = {canary, front(order, first), len(first)}
    return (*sorted(end for end in ends if 0 < end < len(rows)), len(rows))


def put_survey(journal: Journal, seal: Seal, fields: Mapping[str, object]) -> None:
    """Write down a survey with the seal that makes it count.

    Raises:
        CloudError: the log did not acknowledge it.
    """
    texts = {name: str(value) for name, value in fields.items() if value is not None}
    journal.put("surveyed", seal=seal.sign(_sealed_text({"event": "surveyed", **texts})), **fields)


def is_sealed_record(seal: Seal, record: Mapping[str, str]) -> bool:
    """Whether the functions wrote a `surveyed` record, and wrote it so."""
    return seal.is_signed(_sealed_text(record), record.get("seal", ""))


def _sealed_text(record: Mapping[str, str]) -> str:
    return json.dumps([record.get(name, "") for name in (*_SEALED, *_COUNTED)])


def first_survey(ledger: RunLedger, seal: Seal, clock: Clock, plan_id: str) -> Record:
    """The survey that counts for every copy of the run, once the log shows the one just written.

    Raises:
        NoAnswer: the log does not answer, or does not show the record that it acknowledged.
    """
    for _ in range(MAX_READS):
        records = [each for each in ledger.surveys() or () if is_sealed_record(seal, each)]
        if any(record.get("plan_id") == plan_id for record in records):
            return records[0]
        clock.sleep(READ_AGAIN_AFTER)
    raise NoAnswer("PullLogs", "Unknown", "the log does not show the survey that it acknowledged")


def selection_in(record: Record) -> Selection | None:
    """Where the set of a sealed `surveyed` record is; None when it has none."""
    text = record.get("set", "")
    if not text:
        return None
    wire = json.loads(text)
    return Selection(wire["head"], wire["run"], float(wire["since"]), tuple(wire["walks"]))
