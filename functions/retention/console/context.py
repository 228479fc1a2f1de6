"""What answers are made with: the deployment's services, its policies, time and a pen for the audit log."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.retention.audit import Journal
from functions.retention.console.refusal import Refusal
from functions.retention.core import Clock, CloudError, did_you_mean
from functions.retention.policy import PolicyFile
from functions.retention.runs import Services


@dataclass(frozen=True, slots=True)
class ConsoleContext:
    """What a request is answered with.

    Attributes:
        services: makes clients.
        file: the deployed policies.
        clock: time and threads.
        rng: ids of records.
        request_id: of the invocation.
        deadline: epoch seconds after which nothing new is begun.
    """

    services: Services
    file: PolicyFile
    clock: Clock
    rng: random.Random
    request_id: str
    deadline: float

    def now(self) -> float:
        """Epoch seconds."""
        return self.clock.now()

    def is_late(self) -> bool:
        """Whether nothing new may be begun."""
        return self.clock.now() >= self.deadline

    def journal(self, **common: object) -> Journal:
        """A pen whose records carry these fields besides who writes."""
        fields = {"request": self.request_id, "trigger": "console", "digest": self.file.digest, **common}
        return Journal(self.services.audit(), self.clock, self.rng, fields)

    def allowed(self, file_system: str) -> str:
        """The file system's id.

        Raises:
            Refusal: the guardrails do not name it.
        """
        ids = self.file.guardrails.file_systems
        if file_system not in ids:
            what = f"{file_system} is not in guardrails.file_systems; {did_you_mean(file_system, ids)}"
            raise Refusal(what, where="file_system", allowed=list(ids), code="not-allowed")
        return file_system

    def each(
        self, file_systems: Sequence[str], ask: Callable[[str], dict[str, object]]
    ) -> dict[str, dict[str, object]]:
        """An answer for every file system, side by side; one that fails says so and holds up no other."""
        answers = self.clock.gather([_careful(ask, file_system) for file_system in file_systems])
        return dict(zip(file_systems, answers, strict=True))


def _careful(ask: Callable[[str], dict[str, object]], file_system: str) -> Callable[[], dict[str, object]]:
    def answer() -> dict[str, object]:
        try:
            return ask(file_system)
        except CloudError as error:
            return {"error": str(error)}

    return answer
