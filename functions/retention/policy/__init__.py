"""What may be deleted: the policy file, its language, and the one gate that can say "delete".

May know `core`. Reads one file (`load`); touches nothing else outside the process.
Start reading at `judge`.
"""

from functions.retention.policy.fields import spelled
from functions.retention.policy.globs import composed
from functions.retention.policy.judge import Judge
from functions.retention.policy.lint import lint
from functions.retention.policy.load import read_policies
from functions.retention.policy.model import MESSAGE_VERSION, Guardrails, Limits, Model, Policy, PolicyFile, enforcing
from functions.retention.policy.narrowing import NarrowedFile, narrow
from functions.retention.policy.protection import ProtectRule, odd_protect_tag, protected_on
from functions.retention.policy.units import format_size
from functions.retention.policy.verdict import Verdict

__all__ = [
    "MESSAGE_VERSION",
    "Guardrails",
    "Judge",
    "Limits",
    "Model",
    "NarrowedFile",
    "Policy",
    "PolicyFile",
    "ProtectRule",
    "Verdict",
    "composed",
    "enforcing",
    "format_size",
    "lint",
    "narrow",
    "odd_protect_tag",
    "protected_on",
    "read_policies",
    "spelled",
]
