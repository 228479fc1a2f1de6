"""Short ways to policies, guardrails and entries for tests."""

from functions.retention.core.entry import Entry
from functions.retention.core.service_time import format_service_time
from functions.retention.policy.load import load_policies
from functions.retention.policy.model import Guardrails, Policy, PolicyFile

DAY = 86_400
NOW = 1_769_904_000.0
"""2026-02-01T00:00:00Z."""

ID = "1ca404a5e2"

MINIMAL = f"""\
version: 1
guardrails:
  file_systems: [{ID}]
policies:
  - name: old
    file_systems: [{ID}]
    older_than: 7d
"""


def policy(**keys: object) -> Policy:
    """A policy that is everyday but for the given keys."""
    return Policy.model_validate({"name": "old", "file_systems": [ID], "older_than": "7d"} | keys)


def guardrails(**keys: object) -> Guardrails:
    """The guardrails of one file system."""
    return Guardrails.model_validate({"file_systems": [ID]} | keys)


def policy_file(*policies: Policy, **guards: object) -> PolicyFile:
    """A file of these policies."""
    return PolicyFile(version=1, guardrails=guardrails(**guards), policies=policies or (policy(),))


def loaded(text: str) -> PolicyFile:
    """A file from YAML."""
    return load_policies(text, "policies.yaml")


def entry(days: float = 30, /, **fields: object) -> Entry:
    """A file deleted so many days before `NOW`."""
    deleted = format_service_time(NOW - days * DAY)
    values = {
        "file_id": "04", "type": "File", "name": "a.log", "delete_time": deleted, "atime": deleted, "mtime": deleted,
        "ctime": deleted, "size": 1024, "inode": "7",
    }  # fmt: skip
    return Entry(**{**values, **fields})  # type: ignore[arg-type]
