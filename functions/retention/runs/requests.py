"""Requests: what programs outside may ask of the purge function. No seal, no rights but those of the policy file.

A request starts an ordinary run that narrows the enforcing policies and can never widen them. See docs/requests.md.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, model_validator

from functions.retention.audit import LIVE_EVENTS, MOST_RECORDS, CompleteLog, Journal, is_alive
from functions.retention.core import (
    MAX_SKEW,
    Clock,
    EventError,
    NarrowingRefused,
    NoAnswer,
    Record,
    RetentionError,
    Terms,
    format_service_time,
    parse_service_time,
    validated,
)
from functions.retention.policy import Model, enforcing, narrow
from functions.retention.runs.approved_plan import ApprovedPlan, PlanRefused, find_plan
from functions.retention.runs.context import Report
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import RunMessage, new_message
from functions.retention.runs.preflight import stop_if_not_allowed, stop_if_paused
from functions.retention.runs.services import Services
from functions.retention.runs.sweep import Sweep, SweepRequest

REMEMBERED = 30 * 86_400.0
"""Seconds for which the id of a request is looked for in the log."""

SWEEP_LASTS = 3_600.0
"""Seconds within which a sweep that failed is carried out again; as for the timer's (`sweep_event_age` in s.yaml)."""

_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$")]


class PurgeOrder(Model):
    """Delete what the enforcing policies of a file system select, or a part of it."""

    request: Literal["purge"]
    id: _Id
    file_system: _Text
    path: _Text | None = None
    older_than: _Text | None = None
    plan_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    requested_by: _Text | None = None
    reason: _Text | None = None

    @model_validator(mode="after")
    def _plan_alone(self) -> "PurgeOrder":
        if self.plan_id is not None and self.narrowing:
            raise ValueError(f"{', '.join(self.narrowing)}: a plan is carried out as it is; leave out with plan_id")
        return self

    @property
    def narrowing(self) -> Mapping[str, Any]:
        """How the request narrows the policies; see `functions.retention.policy.narrowing`."""
        return {name: value for name in ("path", "older_than") if (value := getattr(self, name)) is not None}


class SweepOrder(Model):
    """Start a run on every file system that the policies name, or on some of them."""

    request: Literal["sweep"]
    id: _Id
    file_systems: Annotated[tuple[_Text, ...], Field(min_length=1)] | None = None
    requested_by: _Text | None = None
    reason: _Text | None = None


Order = Annotated[PurgeOrder | SweepOrder, Field(discriminator="request")]

ORDERS: TypeAdapter[PurgeOrder | SweepOrder] = TypeAdapter(Order)
"""Reads requests."""


class OrderRefused(RetentionError):
    """A request that is not carried out.

    Args:
        code: a stable name of the reason.
        what: what was wrong, which guardrail or policy forbids it, and what to do.
    """

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


def is_request(delivery: Delivery) -> bool:
    """Whether a JSON object claims to be a request. Raises `EventError` when the body is no JSON object."""
    return "request" in delivery.wire()


def parse_order(delivery: Delivery) -> PurgeOrder | SweepOrder:
    """Read a request.

    Raises:
        EventError: names each field that is missing, empty, unknown, repeated or wrong.
    """
    wire = delivery.wire()
    empty = [name for name, value in wire.items() if value is None or value in ("", [])]
    if empty:
        raise EventError("\n".join(f"{name}: is empty; give a value or leave it out" for name in empty))
    return validated(ORDERS, wire)


def run_id(account_id: str, request_id: str) -> str:
    """The id of the run that a request starts: it follows from account and the request's `id`."""
    return hashlib.sha256(f"request\x00{account_id}\x00{request_id}".encode()).hexdigest()[:32]


def content_digest(order: PurgeOrder | SweepOrder) -> str:
    """A hash of everything that a request says, whatever the order of its keys."""
    content = order.model_dump(mode="json", exclude_none=True)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Requests:
    """Carries out requests, each once.

    A request is recorded (``asked``) before anything is sent, and read back: the first record in the log's order
    stands. What is sent follows from that record alone, so that a repeated delivery sends the same messages again.

    Args:
        services: makes the clients.
        clock: time.
        journal: takes the records.
    """

    def __init__(self, services: Services, clock: Clock, journal: Journal) -> None:
        self._services, self._clock, self._journal = services, clock, journal
        self._audit = CompleteLog(services.audit(), clock)

    def carry_out(self, order: PurgeOrder | SweepOrder) -> Report:
        """Start what a request asks for, or say how that stands when it was asked for before.

        Raises:
            OrderRefused: it may not be carried out.
            ConfigurationError: the deployment has no key to seal messages with.
            PolicyError: the policies cannot be used.
            CloudError: a service failed; delivered again, the request starts nothing twice.
            SweepFailed: as for a sweep.
        """
        self._services.seal()
        run = run_id(self._services.account_id, order.id)
        known = self._known(run)
        self._demand_same(known, order)
        if isinstance(order, SweepOrder):
            return _swept(known, run) or self._sweep(order, run, known)
        return _state_of_run(known, run, order.file_system, self._clock.now()) or self._purge(order, run, known)

    def _known(self, run: str) -> list[Record]:
        """What the log holds of a request since it was asked for first; nothing when it was not, or too long ago."""
        terms: Terms = {"run": run, "event": ("asked", "swept", *LIVE_EVENTS)}
        records = self._audit.find(terms, self._clock.now() - REMEMBERED, MOST_RECORDS)
        first = next((_moment(record) for record in records if record["event"] == "asked"), None)
        if first is None:  # an earlier request may have had this id, and its run may have ended less long ago
            return []
        return [record for record in records if _moment(record) >= first - 2 * MAX_SKEW]

    def _demand_same(self, known: list[Record], order: PurgeOrder | SweepOrder) -> None:
        """Of two requests with one id, the first in the log's order stands."""
        asked = next((record for record in known if record["event"] == "asked"), None)
        if asked is not None and asked.get("request_digest") != content_digest(order):
            raise OrderRefused("id-taken", f"id: {order.id!r} stands for another request; choose a new id")

    def _asked(self, order: PurgeOrder | SweepOrder, run: str, known: list[Record], **fields: object) -> float:
        """When a request was asked for first, epoch seconds; it is recorded unless it was before.

        Raises:
            OrderRefused: another request with its id came first.
            CloudError: the log did not take the record, or does not show it.
        """
        if not known:
            self._journal.put(
                "asked",
                run=run,
                trigger="request",
                reason=order.request,
                detail=order.reason,
                requested_by=order.requested_by,
                request_digest=content_digest(order),
                digest=self._services.policies.digest,
                **fields,
            )
            known = self._known(run)
            self._demand_same(known, order)  # another may have come at the same time
        if not known:
            raise NoAnswer("PullLogs", "Unknown", "the log does not show the request that it acknowledged")
        return min(_moment(known[0]), self._clock.now())

    def _purge(self, order: PurgeOrder, run: str, known: list[Record]) -> Report:
        plan = self._plan(order)
        self._demand_covered(order, plan)
        fields = {"file_system": order.file_system, "mode": "enforce", "plan_id": order.plan_id}
        at = self._asked(order, run, known, **fields)
        self._services.queue().send(self._message(order, plan, run, at).to_body())
        return Report(run, order.file_system, "started")

    def _plan(self, order: PurgeOrder) -> ApprovedPlan | None:
        if order.plan_id is None:
            return None
        try:
            return find_plan(
                self._audit,
                self._services.seal(),
                name=order.plan_id,
                file_system=order.file_system,
                digest=self._services.policies.digest,
                now=self._clock.now(),
            )
        except PlanRefused as error:
            raise OrderRefused(error.code, str(error)) from error

    def _message(self, order: PurgeOrder, plan: ApprovedPlan | None, run: str, at: float) -> RunMessage:
        """The first message. Of two that are sent for one request, the existing rule for duplicates lets one go on.

        The run counts as begun when it was asked for, so that a cancellation since then stops it.
        """
        message = new_message(
            order.file_system,
            digest=self._services.policies.digest,
            trigger="request",
            mode="enforce",
            at=at,
            now=at,
            narrowing=order.narrowing if plan is None else plan.narrowing,
            as_of=None if plan is None else plan.as_of,
            run=run,
        )
        message = replace(message, sent_at=self._clock.now())
        return message if plan is None else plan.carried_by(message)

    def _demand_covered(self, order: PurgeOrder, plan: ApprovedPlan | None) -> None:
        file = self._services.policies
        if stop := stop_if_not_allowed(file.guardrails, order.file_system):
            raise OrderRefused(stop.reason, f"file_system: {stop.detail}; name it there and deploy")
        self._demand_not_paused()
        try:
            narrowed = narrow(file, order.narrowing if plan is None else plan.narrowing, now=self._clock.now())
        except NarrowingRefused as error:
            raise OrderRefused("widens", str(error)) from error
        tags = self._tags(order.file_system)
        applying = narrowed.for_file_system(order.file_system, tags)
        armed = enforcing(applying)
        idling = [policy.name for policy in applying if policy not in armed]
        if not armed or (plan is not None and idling):
            idle = ", ".join(idling) or "none"
            what = f"no enforcing policy covers {order.file_system} (in dry run: {idle}); arm one with mode: enforce"
            raise OrderRefused("not-enforcing", what)

    def _demand_not_paused(self) -> None:
        if paused := stop_if_paused(self._services.policies.guardrails):
            raise OrderRefused(paused.reason, f"{paused.detail}; set it to false and deploy")

    def _tags(self, file_system: str) -> Mapping[str, str]:
        if not any(policy.file_systems.tags for policy in self._services.policies.policies):
            return {}
        return self._services.recycle_bin(file_system).tags()

    def _sweep(self, order: SweepOrder, run: str, known: list[Record]) -> Report:
        """Sweep. Its runs' ids follow from the moment of the request, so a repetition starts none of them twice."""
        guardrails = self._services.policies.guardrails
        for file_system in order.file_systems or ():
            if stop := stop_if_not_allowed(guardrails, file_system):
                raise OrderRefused(stop.reason, f"file_systems: {stop.detail}")
        self._demand_not_paused()
        at = self._asked(order, run, known)
        if self._clock.now() > at + SWEEP_LASTS:
            what = f"it was asked for at {format_service_time(at)} and did not finish within an hour; choose a new id"
            raise OrderRefused("overtaken", what)
        sweep = Sweep(self._services, self._clock, self._journal, at=at, pace=self._services.sweep_pace)
        results = sweep.run(SweepRequest(order.file_systems or ()))
        detail = ", ".join(f"{each.file_system} {each.state}" for each in results)
        self._journal.put("swept", run=run, trigger="request", reason="carried-out", detail=detail)
        return Report(run, "", "swept", detail=detail)


def _moment(record: Record) -> float:
    return parse_service_time(record.get("at", "")) or 0.0


def _swept(known: list[Record], run: str) -> Report | None:
    """The answer to a request for a sweep that was carried out; None when it was not."""
    done = next((record for record in known if record["event"] == "swept"), None)
    return None if done is None else Report(run, "", "swept", detail=done.get("detail", ""))


def _state_of_run(known: list[Record], run: str, file_system: str, now: float) -> Report | None:
    """How a run stands that has begun; None when it has not, so that its first message may have been lost."""
    ended = next((record for record in reversed(known) if record["event"] == "ended"), None)
    if ended is not None:
        return Report(run, file_system, "ended", ended.get("reason", ""), ended.get("detail", ""))
    slices = [record for record in known if record["event"] in {"started", "handed-over"}]
    if not slices:
        return None
    if is_alive(slices, now):
        return Report(run, file_system, "at-work")
    what = "its next slice did not come; the next sweep deletes what is left. To ask again, choose a new id"
    return Report(run, file_system, "lost", detail=what)
