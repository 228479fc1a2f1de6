"""What follows from a file system's tags: the policies that apply, and the paths that are protected.

Whoever may tag a file system decides by that. So a run carries what followed when it began, and what followed at the
looks before is compared with what follows now. Other tags make no difference: backup programs write timestamps.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import NamedTuple

from functions.retention.policy.fields import PROTECT_TAG
from functions.retention.policy.model import PolicyFile, enforcing
from functions.retention.policy.protection import ProtectRule, protect_values, protected_on


class TagEffect(NamedTuple):
    """What follows on one file system from a policy file and tags.

    Attributes:
        policies: names of the policies that apply, in the order of the file.
        armed: names of those that enforce.
        protected: what is protected.
    """

    policies: tuple[str, ...]
    armed: frozenset[str]
    protected: frozenset[ProtectRule]

    @property
    def digest(self) -> str:
        """32 hex digits that differ when anything of it does."""
        content = json.dumps([self.policies, sorted(self.protected)])
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def looser_than(self, before: "TagEffect") -> str:
        """What may be deleted now and might not before, for a person; "" when nothing."""
        more = [f"policy {name} applies" for name in sorted(self.armed - before.armed)]
        fewer = [f"{rule.text} protects no more" for rule in sorted(before.protected - self.protected)]
        return "; ".join([*more, *fewer])


def effect_of(file: PolicyFile, file_system: str, tags: Mapping[str, str] | None) -> TagEffect:
    """What follows from tags; from None, unknown tags, no policy that selects by tags, and everything is protected."""
    policies = file.for_file_system(file_system, tags)
    return TagEffect(
        tuple(policy.name for policy in policies),
        frozenset(policy.name for policy in enforcing(policies)),
        frozenset(protected_on(file.guardrails.protect, file_system, tags)),
    )


def relevant_tags(file: PolicyFile, tags: Mapping[str, str]) -> dict[str, str | None]:
    """The tags that matter under a policy file, by key; None for one that the file system does not carry."""
    keys = sorted({key for policy in file.policies for key in policy.file_systems.tags})
    return {**{key: tags.get(key) for key in keys}, PROTECT_TAG: protect_values(tags)}
