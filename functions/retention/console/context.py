"""What an action works with: the services, the deployed policies and the clock."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.retention.audit import CompleteLog, Journal, RunLedger
from functions.retention.console.refusal import Refusal
from functions.retention.core import Clock, CloudError, NoAnswer, PolicyError
from functions.retention.policy import PolicyFile
from functions.retention.runs import Services, stop_if_not_allowed


@dataclass(frozen=True, slots=True)
class ConsoleContext:
    """What an action works with.

    Attributes:
        services: makes the clients.
        clock: time and threads.
        rng: ids of records.
        request_id: of the invocation.
        deadline: when to begin nothing new any more, epoch seconds.
    """

    services: Services
    clock: Clock
    rng: random.Random
    request_id: str
    deadline: float

    @property
    def file(self) -> PolicyFile:
        """The deployed policies. Raises `PolicyError`: then only what needs none can be done."""
        return self.services.policies

    def audit(self) -> CompleteLog:
        """The audit log, whose searches find every acknowledged record."""
        return CompleteLog(self.services.audit(), self.clock)

    def now(self) -> float:
        """Epoch seconds."""
        return self.clock.now()

    def is_late(self) -> bool:
        """Whether nothing new may be begun."""
        return self.clock.now() >= self.deadline

    def journal(self, **common: object) -> Journal:
        """A journal whose records carry these fields, the request id and the digest of policies that can be used."""
        try:
            digest = self.file.digest
        except PolicyError:
            digest = None
        fields = {"request": self.request_id, "trigger": "console", "digest": digest, **common}
        return Journal(self.services.audit(), self.clock, self.rng, fields)

    def allowed(self, file_system: str) -> str:
        """Return the file system id if the guardrails name it.

        Raises:
            Refusal: they do not.
        """
        guardrails = self.file.guardrails
        if stop := stop_if_not_allowed(guardrails, file_system):
            allowed = list(guardrails.file_systems)
            raise Refusal(stop.detail, where="file_system", allowed=allowed, code=stop.reason)
        return file_system

    def cancelled_entries(self, file_system: str) -> frozenset[str]:
        """Ids of the entries that stay because a person cancelled their deletion job; see `Guardrails.keep_cancelled`.

        Raises:
            NoAnswer: the log does not say.
        """
        now, keep = self.now(), self.file.guardrails.keep_cancelled
        cancels = RunLedger(self.audit(), "", file_system, now).cancels(now - keep)
        if cancels is None:
            raise NoAnswer("GetLogs", "Unknown", "the log does not say whose deletion job a person cancelled")
        return cancels.kept(now, keep)

    def each(
        self, file_systems: Sequence[str], ask: Callable[[str], dict[str, object]]
    ) -> dict[str, dict[str, object]]:
        """Ask for every file system at the same time; a file system that fails gets its error as the answer."""
        answers = self.clock.gather([_or_error(ask, file_system) for file_system in file_systems])
        return dict(zip(file_systems, answers, strict=True))


def _or_error(ask: Callable[[str], dict[str, object]], file_system: str) -> Callable[[], dict[str, object]]:
    def answer() -> dict[str, object]:
        try:
            return ask(file_system)
        except CloudError as error:
            return {"error": str(error)}

    return answer
