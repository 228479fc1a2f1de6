"""Client tokens: which job a repeated request gets (documented in general: "How to ensure idempotence", ECS)."""

from collections.abc import Mapping
from dataclasses import dataclass

from aliyun_fakes.core.clock import Clock
from aliyun_fakes.nas.errors import NasError
from aliyun_fakes.nas.settings import NasSettings


@dataclass(frozen=True)
class _Use:
    parameters: Mapping[str, str]
    job_id: str
    at: float


class ClientTokens:
    """The tokens of jobs that were created. A refused request leaves none behind (assumed).

    Args:
        clock: tokens age by it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._uses: dict[tuple[str, str], _Use] = {}

    def job_of(self, operation: str, token: str, parameters: Mapping[str, str], settings: NasSettings) -> str | None:
        """The job that this request already created; None for a new request.

        Raises:
            NasError: 400 IdempotentParameterMismatch: the token came with other parameters.
        """
        self._forget(self._clock.now() - settings.client_token_seconds)
        use = self._uses.get((operation, token))
        if use is None or use.parameters == parameters:
            return use.job_id if use is not None else None
        if settings.client_token_mismatch == "refused":
            raise NasError("IdempotentParameterMismatch")
        return None

    def remember(self, operation: str, token: str, parameters: Mapping[str, str], job_id: str) -> None:
        """A request with this token has created a job."""
        self._uses.pop((operation, token), None)
        self._uses[operation, token] = _Use(dict(parameters), job_id, self._clock.now())

    def _forget(self, before: float) -> None:
        while self._uses:  # oldest first, as they were put in
            oldest = next(iter(self._uses))
            if self._uses[oldest].at >= before:
                return
            del self._uses[oldest]
