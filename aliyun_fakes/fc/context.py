"""The second argument of a handler, as the runtime of Python 3.10 makes it.

Documented: Python context page, 2025-09; the aliases, the types and ``logger`` being None are as seen in a public copy
of that runtime (observed). There is no way to ask for the time that remains.
"""

import json
import logging
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """The function role's temporary key."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(repr=False)

    @property
    def accessKeyId(self) -> str:  # noqa: N802 - the runtime's own alias
        """Alias of `access_key_id`."""
        return self.access_key_id

    @property
    def accessKeySecret(self) -> str:  # noqa: N802 - the runtime's own alias
        """Alias of `access_key_secret`."""
        return self.access_key_secret

    @property
    def securityToken(self) -> str:  # noqa: N802 - the runtime's own alias
        """Alias of `security_token`."""
        return self.security_token


@dataclass(frozen=True)
class FunctionMeta:
    """The function: memory in MB, timeout in seconds."""

    name: str
    handler: str
    memory: int
    timeout: int


@dataclass(frozen=True)
class ServiceMeta:
    """What Function Compute 2.0 called a service; kept by this runtime."""

    name: str
    log_project: str
    log_store: str
    qualifier: str = "LATEST"
    version_id: str = ""


@dataclass(frozen=True)
class Tracing:
    """Tracing, never on here."""

    span_context: str | None = None
    jaeger_endpoint: str | None = None
    span_baggages: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a handler learns about its invocation.

    Attributes:
        request_id: of the invocation; the same over its asynchronous retries (assumed).
        credentials: the function role's key.
        function: name, handler, memory, timeout.
        service: the 2.0 part.
        region: e.g. ``cn-hangzhou``.
        account_id: of 16 digits.
        retry_count: how many attempts came before, as text.
        tracing: off.
        logger: None with one request per instance; see `getLogger`.
    """

    request_id: str
    credentials: Credentials
    function: FunctionMeta
    service: ServiceMeta
    region: str
    account_id: str
    retry_count: str = "0"
    tracing: Tracing = field(default_factory=Tracing)
    logger: None = None

    @property
    def requestId(self) -> str:  # noqa: N802 - the runtime's own alias
        """Alias of `request_id`."""
        return self.request_id

    def getLogger(self) -> logging.Logger:  # noqa: N802 - the runtime's own name
        """The root logger."""
        return logging.getLogger()

    def to_json(self) -> str:
        """All but the secrets, as JSON text."""
        return json.dumps(
            {
                "requestId": self.request_id,
                "credentials": {"accessKeyId": self.credentials.access_key_id},
                "function": vars(self.function),
                "service": vars(self.service),
                "region": self.region,
                "accountId": self.account_id,
            }
        )
