"""Refusals, and how an answer describes a failure."""

from collections.abc import Mapping, Sequence

from functions.retention.core import (
    CloudError,
    ConfigurationError,
    EventError,
    NarrowingRefused,
    PolicyError,
    RetentionError,
)


class Refusal(RetentionError):
    """A request that is not carried out.

    Args:
        what: what was wrong.
        where: the key of the request, or what else it is about.
        allowed: what to do instead.
        code: stable code of the kind of refusal.
    """

    def __init__(self, what: str, *, where: str, allowed: str | Sequence[str], code: str = "bad-request") -> None:
        super().__init__(what)
        self.what, self.where, self.allowed, self.code = what, where, allowed, code


def failure(error: RetentionError) -> dict[str, object]:
    """Answer a request that failed: what was wrong, where, and what is allowed."""
    return {"ok": False, "error": dict(_describe(error))}


def _describe(error: RetentionError) -> Mapping[str, object]:
    if isinstance(error, Refusal):
        return _error(error.code, error.what, error.where, error.allowed)
    if isinstance(error, NarrowingRefused):
        return _error("bad-request", "; ".join(error.problems), "narrow", "what narrows the deployed policies")
    if isinstance(error, PolicyError):
        allowed = "see each problem; nothing is deleted until the file is mended and deployed"
        described = _error("bad-policies", "the deployed policies cannot be used", "policies", allowed)
        return {**described, "problems": list(error.problems)}
    if isinstance(error, ConfigurationError):
        allowed = "see each problem; set the function's environment variables"
        described = _error("bad-configuration", "the deployment's settings cannot be used", "environment", allowed)
        return {**described, "problems": str(error).splitlines()}
    if isinstance(error, EventError):
        return _error("bad-request", str(error), "event", 'a JSON object such as {"action": "status"}')
    where = error.operation if isinstance(error, CloudError) else type(error).__name__
    return _error("service-failed", str(error), where, "ask again; if it stays so, check the role's permissions")


def _error(code: str, what: str, where: str, allowed: str | Sequence[str]) -> dict[str, object]:
    return {"code": code, "what": what, "where": where, "allowed": allowed}
