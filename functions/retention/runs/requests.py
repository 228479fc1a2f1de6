"""Requests: what programs outside may ask of the purge function. No seal, no rights but those of the policy file.

A request starts an ordinary run that narrows the enforcing policies and can never widen them. See docs/requests.md.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from functions.retention.audit import MOST_RECORDS, Journal
from functions.retention.core import (
    Clock,
    EventError,
    NarrowingRefused,
    Record,
    RetentionError,
    format_service_time,
    validated,
)
from functions.retention.policy import Model, enforcing, narrow
from functions.retention.runs.context import Report
from functions.retention.runs.event import Delivery
from functions.retention.runs.message import RunMessage, new_message
from functions.retention.runs.preflight import stop_if_not_allowed, stop_if_paused
from functions.retention.runs.services import Services
from functions.retention.runs.sweep import Sweep, SweepRequest

REMEMBERED = 30 * 86_400.0
"""Seconds for which the id of a request is looked for in the log."""

NEWEST = 720.0
"""Seconds of the log that are read without its index: ten minutes, and the clock skew that preflight allows."""

_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$")]


class PurgeOrder(Model):
    """Delete what the enforcing policies of a file system select, or a part of it."""

    request: Literal["purge"]
    id: _Id
    file_system: _Text
    path: _Text | None = None
    older_than: _Text | None = None
    requested_by: _Text | None = None
    reason: _Text | None = None

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
    """Carries out requests.

    Args:
        services: makes the clients.
        clock: time.
        journal: takes the records.
    """

    def __init__(self, services: Services, clock: Clock, journal: Journal) -> None:
        self._services, self._clock, self._journal = services, clock, journal

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
            return self._sweep(order, run, known)
        return self._answer(order, run, known) or self._purge(order, run)

    def _known(self, run: str) -> list[Record]:
        """What the log holds of a run: older records by its index, which lags, and the newest ones without it."""
        audit, now = self._services.audit(), self._clock.now()
        older = audit.find({"run": run}, now - REMEMBERED, MOST_RECORDS)
        newest = [record for record in audit.written_since(now - NEWEST) if record.get("run") == run]
        return list({record["event_id"]: record for record in [*older, *newest]}.values())

    def _demand_same(self, known: list[Record], order: PurgeOrder | SweepOrder) -> None:
        """Of two requests with one id, the first in the log's order stands."""
        asked = [record["request_digest"] for record in known if record["event"] == "asked"]
        if asked and asked[0] != content_digest(order):
            raise OrderRefused("id-taken", f"id: {order.id!r} stands for another request; choose a new id")

    def _answer(self, order: PurgeOrder, run: str, known: list[Record]) -> Report | None:
        """How a run stands that has begun; None when it has not."""
        ends = [record for record in known if record["event"] == "ended"]
        if ends:
            return Report(run, order.file_system, "ended", ends[-1].get("reason", ""), ends[-1].get("detail", ""))
        begun = any(record["event"] in {"started", "handed-over"} for record in known)
        return Report(run, order.file_system, "at-work") if begun else None

    def _purge(self, order: PurgeOrder, run: str) -> Report:
        self._demand_covered(order)
        message = self._message(order, run)
        self._asked(order, run, file_system=order.file_system, mode="enforce", as_of=format_service_time(message.as_of))
        self._demand_same(self._known(run), order)  # another may have come at the same time
        self._services.queue().send(message.to_body())
        return Report(run, order.file_system, "started")

    def _message(self, order: PurgeOrder, run: str) -> RunMessage:
        """The first message. Of two that are sent for one request, the existing rule for duplicates lets one go on."""
        now = self._clock.now()
        return new_message(
            order.file_system,
            digest=self._services.policies.digest,
            trigger="request",
            mode="enforce",
            at=now,
            now=now,
            narrowing=order.narrowing,
            run=run,
        )

    def _demand_covered(self, order: PurgeOrder) -> None:
        file = self._services.policies
        if stop := stop_if_not_allowed(file.guardrails, order.file_system):
            raise OrderRefused(stop.reason, f"file_system: {stop.detail}; name it there and deploy")
        if paused := stop_if_paused(file.guardrails):
            raise OrderRefused(paused.reason, f"{paused.detail}; set it to false and deploy")
        try:
            narrowed = narrow(file, order.narrowing, now=self._clock.now())
        except NarrowingRefused as error:
            raise OrderRefused("widens", str(error)) from error
        tags = self._tags(order.file_system)
        applying = narrowed.for_file_system(order.file_system, tags)
        if not enforcing(applying):
            idle = ", ".join(policy.name for policy in applying) or "none"
            what = f"no enforcing policy covers {order.file_system} (in dry run: {idle}); arm one with mode: enforce"
            raise OrderRefused("not-enforcing", what)

    def _tags(self, file_system: str) -> Mapping[str, str]:
        if not any(policy.file_systems.tags for policy in self._services.policies.policies):
            return {}
        return self._services.recycle_bin(file_system).tags()

    def _sweep(self, order: SweepOrder, run: str, known: list[Record]) -> Report:
        if any(record["event"] == "asked" for record in known):
            return Report(run, "", "swept", detail="this request was carried out before")
        guardrails = self._services.policies.guardrails
        for file_system in order.file_systems or ():
            if stop := stop_if_not_allowed(guardrails, file_system):
                raise OrderRefused(stop.reason, f"file_systems: {stop.detail}")
        sweep = Sweep(self._services, self._clock, self._journal, at=self._clock.now(), pace=self._services.sweep_pace)
        results = sweep.run(SweepRequest(order.file_systems or ()))
        self._asked(order, run)
        return Report(run, "", "swept", detail=", ".join(f"{each.file_system} {each.state}" for each in results))

    def _asked(self, order: PurgeOrder | SweepOrder, run: str, **fields: object) -> None:
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
