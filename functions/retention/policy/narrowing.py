"""How an event narrows the deployed policies for one run, and never widens them.

A narrowing is a small JSON object that travels with the run, so that every slice applies it anew to the file it finds
deployed. All of its keys are optional, and none may be empty::

    {"policies": ["logs"], "path": "/logs/app/**", "name": ["*.log"], "older_than": "30d",
     "limits": {"jobs": 100, "bytes": "1TiB", "share": 0.1}, "as_of": "2026-01-31T00:00:00Z", "up_to": 50}
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from functions.retention.core import (
    NarrowingRefused,
    Problem,
    did_you_mean,
    is_known_time,
    key_path,
    parse_service_time,
    read_model,
)
from functions.retention.policy.fields import one_or_many
from functions.retention.policy.model import (
    Guardrails,
    Limits,
    Match,
    Model,
    Policy,
    PolicyFile,
)
from functions.retention.policy.selection import NameGlobs, PathGlobs
from functions.retention.policy.units import (
    Duration,
    JobLimit,
    ShareLimit,
    SizeLimit,
    Unlimited,
    format_duration,
    format_size,
)

MAX_BYTES = 1_000
"""The longest narrowing, written as JSON without blanks: it has to fit the run's message."""


def _check_moment(text: str) -> str:
    if not is_known_time(text):
        raise ValueError(f"{text!r} is no time: write UTC like 2026-01-31T00:00:00Z")
    return text


class LowerLimits(Model):
    """Limits below those of the guardrails."""

    jobs: JobLimit | None = None
    bytes: SizeLimit | None = None
    share: ShareLimit | None = None


class Narrowing(Model):
    """What an event may say about the policies of its run."""

    policies: Annotated[tuple[str, ...], BeforeValidator(one_or_many), Field(min_length=1)] = ()
    """Names of the only policies that take part; all of them unless given."""
    path: PathGlobs = ()
    """The entry's path matches one of these too."""
    name: NameGlobs = ()
    """The entry's own name matches one of these too."""
    older_than: Duration | None = None
    """A higher age, for every policy that takes part."""
    limits: LowerLimits = LowerLimits()
    """Lower limits."""
    as_of: Annotated[str, AfterValidator(_check_moment)] | None = None
    """A past moment from which ages count back, UTC."""
    up_to: Annotated[int, Field(ge=1, strict=True)] | None = None
    """Only the first so many jobs, where the survey finds more: the oldest, unless a policy has another order."""


class NarrowedPolicy(Policy):
    """A policy with a further match that entries have to meet as well."""

    narrowing: Match = Match()

    @property
    def matches(self) -> tuple[Match, ...]:
        """The policy's own match and the narrowing's: both have to be met."""
        return (self.match, self.narrowing)


class NarrowedFile(PolicyFile):
    """The policies of one run.

    Attributes:
        deployed: the file before it was narrowed.
        as_of: seconds since 1970 from which the run's ages count back; None when the event leaves it to the run.
        up_to: how many jobs the run makes at most, the first ones in order; None when limits alone decide.
    """

    deployed: PolicyFile
    as_of: float | None = None
    up_to: int | None = None

    @property
    def digest(self) -> str:
        """The digest of the deployed file: a run is bound to that, and carries its narrowing along."""
        return self.deployed.digest


def narrow(file: PolicyFile, narrowing: Mapping[str, Any], *, now: float) -> NarrowedFile:
    """The file with all that a narrowing leaves out taken away; an empty one takes nothing.

    What the result selects, the file selects: conditions are only added, bounds only tightened.

    Args:
        file: the deployed file.
        narrowing: JSON of an event, see `Narrowing`.
        now: the present by the service's clock, seconds since 1970; no ``as_of`` may be later.

    Raises:
        NarrowingRefused: it is no narrowing, or would widen what the guardrails or a policy allow; each line names the
            key, and the guardrail or policy that forbids it.
    """
    wanted = _read(narrowing)
    chosen = tuple(policy for policy in file.policies if not wanted.policies or policy.name in wanted.policies)
    problems = [*_unknown_policies(file, wanted), *_too_young(file.guardrails, chosen, wanted)]
    problems += [*_over_limits(file.guardrails.limits, wanted), *_not_past(wanted, now)]
    if problems:
        raise _refusal(problems)
    return NarrowedFile(
        version=file.version,
        guardrails=_lowered(file.guardrails, wanted.limits),
        policies=tuple(_narrowed(policy, wanted) for policy in chosen),
        deployed=file,
        as_of=parse_service_time(wanted.as_of) if wanted.as_of else None,
        up_to=wanted.up_to,
    )


def _read(narrowing: Mapping[str, Any]) -> Narrowing:
    problems = [Problem((), what) for what in _not_sendable(narrowing)]
    if problems:
        raise _refusal(problems)
    wanted, problems = read_model(Narrowing, narrowing)
    if wanted is None:
        raise _refusal(problems)
    return wanted


def _not_sendable(narrowing: Mapping[str, Any]) -> Iterator[str]:
    try:
        length = len(json.dumps(narrowing, separators=(",", ":"), ensure_ascii=False).encode())
    except (TypeError, ValueError, RecursionError) as error:
        yield f"is not JSON: {error}"
    else:
        if length > MAX_BYTES:
            yield f"is {length} bytes of JSON, at most {MAX_BYTES} travel with a run: name fewer globs or policies"


def _unknown_policies(file: PolicyFile, wanted: Narrowing) -> Iterator[Problem]:
    names = [policy.name for policy in file.policies]
    for index, name in enumerate(wanted.policies):
        if name not in names:
            yield Problem(("policies", index), f"{name!r} is no policy of the file; {did_you_mean(name, names)}")


def _too_young(guardrails: Guardrails, policies: Iterable[Policy], wanted: Narrowing) -> Iterator[Problem]:
    if wanted.older_than is None:
        return
    age = format_duration(wanted.older_than)
    bounds = {"guardrails.min_age": guardrails.min_age}
    bounds |= {f"policies.{policy.name}.older_than": policy.older_than or 0 for policy in policies}
    for key, least in bounds.items():
        if wanted.older_than < least:
            what = f"{age} would widen {key}: write {format_duration(least)} or more"
            yield Problem(("older_than",), what + (", or leave it out of policies" if key.startswith("pol") else ""))


def _over_limits(limits: Limits, wanted: Narrowing) -> Iterator[Problem]:
    for key, asked in wanted.limits:
        limit = getattr(limits, key)
        if asked is not None and _is_above(asked, limit):
            text = format_size(limit) if key == "bytes" else limit
            yield Problem(("limits", key), f"would raise guardrails.limits.{key}: write {text} or less")
    if wanted.up_to is not None and _is_above(wanted.up_to, limits.jobs):
        yield Problem(("up_to",), f"{wanted.up_to} is above guardrails.limits.jobs: write {limits.jobs} or less")


def _is_above(asked: float | Unlimited, limit: float | Unlimited) -> bool:
    if limit == "unlimited" or asked == "unlimited":
        return limit != "unlimited"
    return asked > limit


def _not_past(wanted: Narrowing, now: float) -> Iterator[Problem]:
    moment = parse_service_time(wanted.as_of) if wanted.as_of else None
    if moment is not None and not moment <= now:
        yield Problem(("as_of",), f"{wanted.as_of} is in the future, which would widen every policy's older_than")


def _lowered(guardrails: Guardrails, lower: LowerLimits) -> Guardrails:
    limits = guardrails.limits.model_copy(update={key: limit for key, limit in lower if limit is not None})
    return guardrails.model_copy(update={"limits": limits})


def _narrowed(policy: Policy, wanted: Narrowing) -> NarrowedPolicy:
    added = Match.model_construct(path=wanted.path, name=wanted.name)
    age = policy.older_than if wanted.older_than is None else wanted.older_than
    return NarrowedPolicy.model_construct(**{**dict(policy), "older_than": age, "narrowing": added})


def _refusal(problems: Iterable[Problem]) -> NarrowingRefused:
    return NarrowingRefused([f"{key_path(('narrow', *where))}: {what}" for where, what in problems])
