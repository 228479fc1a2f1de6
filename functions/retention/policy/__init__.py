"""What may be deleted: the policy file, its language, and the one gate that can say "delete".

May know `core`. Reads one file (`load`); touches nothing else outside the process.
Start reading at `judge`.
"""

from functions.retention.policy.fields import one_or_many, spelled
from functions.retention.policy.glob_watch import GlobWatch
from functions.retention.policy.globs import composed
from functions.retention.policy.judge import Judge
from functions.retention.policy.linter import lint
from functions.retention.policy.load import read_file_systems, read_policies
from functions.retention.policy.model import MESSAGE_VERSION, Guardrails, Limits, Model, Policy, PolicyFile, enforcing
from functions.retention.policy.narrowing import NarrowedFile, narrow
from functions.retention.policy.pause_tag import PAUSE_TAG, is_pause_key, pause_value, paused_by
from functions.retention.policy.protection import ProtectRule, odd_protect_tag, protected_on
from functions.retention.policy.tag_effects import TagEffect, effect_of, relevant_tags
from functions.retention.policy.units import format_size, parse_duration
from functions.retention.policy.unmet import unmet_globs
from functions.retention.policy.verdict import Verdict
from functions.retention.policy.window import is_open, next_opening, when_open

__all__ = [
    "MESSAGE_VERSION",
    "PAUSE_TAG",
    "GlobWatch",
    "Guardrails",
    "Judge",
    "Limits",
    "Model",
    "NarrowedFile",
    "Policy",
    "PolicyFile",
    "ProtectRule",
    "TagEffect",
    "Verdict",
    "composed",
    "effect_of",
    "enforcing",
    "format_size",
    "is_open",
    "is_pause_key",
    "lint",
    "narrow",
    "next_opening",
    "odd_protect_tag",
    "one_or_many",
    "parse_duration",
    "pause_value",
    "paused_by",
    "protected_on",
    "read_file_systems",
    "read_policies",
    "relevant_tags",
    "spelled",
    "unmet_globs",
    "when_open",
]
