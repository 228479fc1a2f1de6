"""The official SDKs behind the protocols of `core`, with retries, rate limits and settings.

May know `core` and `policy`, and is the only package that imports an SDK; only handlers and `ops` import it.
Each name is imported when it is first used, so a function pays only for the SDKs it calls.
Start reading at `clients`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.retention.cloud.clients import Cloud
    from functions.retention.cloud.foreign_errors import refusal, silence
    from functions.retention.cloud.nas import NasClient, client_config, nas_error
    from functions.retention.cloud.rate_limit import TokenBucket
    from functions.retention.cloud.retry import Retry, ThrottlePause
    from functions.retention.cloud.settings import (
        CREDENTIAL_VARIABLES,
        Credentials,
        Settings,
        checked_credentials,
        read_settings,
    )
    from functions.retention.cloud.sls import SlsAuditLog, ask, log_client
    from functions.retention.cloud.smq import SmqWorkQueue, queue_account, queue_error
    from functions.retention.cloud.system_clock import SYSTEM_CLOCK

__all__ = [
    "CREDENTIAL_VARIABLES",
    "SYSTEM_CLOCK",
    "Cloud",
    "Credentials",
    "NasClient",
    "Retry",
    "Settings",
    "SlsAuditLog",
    "SmqWorkQueue",
    "ThrottlePause",
    "TokenBucket",
    "ask",
    "checked_credentials",
    "client_config",
    "log_client",
    "nas_error",
    "queue_account",
    "queue_error",
    "read_settings",
    "refusal",
    "silence",
]

_WHERE = {
    "CREDENTIAL_VARIABLES": "settings",
    "checked_credentials": "settings",
    "refusal": "foreign_errors",
    "silence": "foreign_errors",
    "Cloud": "clients",
    "Credentials": "settings",
    "NasClient": "nas",
    "Retry": "retry",
    "SYSTEM_CLOCK": "system_clock",
    "Settings": "settings",
    "SlsAuditLog": "sls",
    "SmqWorkQueue": "smq",
    "ThrottlePause": "retry",
    "TokenBucket": "rate_limit",
    "ask": "sls",
    "client_config": "nas",
    "log_client": "sls",
    "nas_error": "nas",
    "queue_account": "smq",
    "queue_error": "smq",
    "read_settings": "settings",
}


def __getattr__(name: str) -> object:
    """Import the module of a public name. Raises `AttributeError` for any other name."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
