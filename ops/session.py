"""One command's connection to one deployment: names, identity, clients. SDKs are imported when first needed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from functions.retention.cloud import (
    CREDENTIAL_VARIABLES,
    Retry,
    Settings,
    ThrottlePause,
    TokenBucket,
    checked_credentials,
)
from functions.retention.core import ConfigurationError
from functions.retention.policy import PolicyFile, read_policies
from ops.environment import Environment
from ops.names import Deployment, read_deployment
from ops.provision.plan import ResourcesByKind
from ops.seal_key import key_file

if TYPE_CHECKING:
    from functions.retention.cloud import NasClient, SlsAuditLog, SmqWorkQueue
    from ops.dead_letters.queue import DeadLetterQueue
    from ops.doctor.deployed import DeployedFunctions
    from ops.provision.log_resources import LogService
    from ops.provision.queue_resources import Queues

PATIENCE = 60.0
"""Seconds after which a command stops trying a call again."""

ACCOUNT_VARIABLE = "NAS_RETENTION_ACCOUNT_ID"
ENDPOINT_VARIABLE = "NAS_RETENTION_ENDPOINT_URL"
_ACCOUNT_DIGITS = 16


@dataclass(frozen=True)
class Target:
    """Which deployment a command is about.

    Attributes:
        account_id: the account's number; "" takes it from the environment.
        s_yaml: None for ``s.yaml`` in the current folder.
        policies: the policy file; None for the one s.yaml names.
        endpoint_url: one URL in place of every service's own; None takes it from the environment, or leaves their own.
        seal_key_file: file of the seal key; None takes it from the environment, or the user's configuration folder.
    """

    account_id: str = ""
    s_yaml: Path | None = None
    policies: Path | None = None
    endpoint_url: str | None = None
    seal_key_file: Path | None = None


class Session:
    """Names and clients of one deployment.

    Args:
        environment: variables, clock, identity.
        target: which deployment.

    Attributes:
        patience: seconds after which a call is no longer tried again.
    """

    def __init__(self, environment: Environment, target: Target) -> None:
        self.environment, self.target = environment, target
        self.patience = PATIENCE

    @cached_property
    def deployment(self) -> Deployment:
        """The names s.yaml gives.

        Raises:
            ConfigurationError: no account number, or s.yaml cannot be used.
        """
        account_id = self.target.account_id or self.environment.environ.get(ACCOUNT_VARIABLE, "")
        if not (account_id.isascii() and account_id.isdigit() and len(account_id) == _ACCOUNT_DIGITS):
            raise ConfigurationError(
                f"account number {account_id!r}: takes {_ACCOUNT_DIGITS} digits; "
                f"give --account-id or set {ACCOUNT_VARIABLE}"
            )
        return read_deployment(
            self.target.s_yaml or self.environment.folder / "s.yaml", self.environment.environ, account_id
        )

    @cached_property
    def policies(self) -> PolicyFile:
        """The policies that are deployed from here.

        Raises:
            PolicyError: they cannot be used.
        """
        return read_policies(self.target.policies or self.deployment.policies_file)

    @cached_property
    def settings(self) -> Settings:
        """The functions' own settings, under the operator's identity.

        Raises:
            ConfigurationError: see `deployment`; or no credentials were found; or they hold blanks or control
                characters; or the SDKs would print what they send, tokens included (observed: ``DEBUG=sdk``).
        """
        if self.environment.environ.get("DEBUG", "").lower() == "sdk":
            raise ConfigurationError("DEBUG: 'sdk' makes the SDKs print signed requests and tokens; leave it unset")
        deployment, credentials = self.deployment, self.environment.credentials()
        problems = checked_credentials(
            credentials, [f"{name}, or its value in the profile file" for name in CREDENTIAL_VARIABLES]
        )
        if problems:
            raise ConfigurationError("\n".join(problems))
        return deployment.settings(credentials, self.endpoint_url)

    @property
    def endpoint_url(self) -> str | None:
        """One URL in place of every service's own; None for their own.

        Raises:
            ConfigurationError: it is no URL of a server.
        """
        url = self.target.endpoint_url or self.environment.environ.get(ENDPOINT_VARIABLE)
        if url and not _is_server(url):
            raise ConfigurationError(
                f"endpoint {url!r}: takes http:// or https://, a host and perhaps a port; "
                f"see --endpoint-url and {ENDPOINT_VARIABLE}"
            )
        return url or None

    @property
    def seal_key_file(self) -> Path:
        """Where the deployment's seal key is kept.

        Raises:
            ConfigurationError: see `deployment`; or nothing says where.
        """
        names = self.deployment
        return key_file(
            self.environment.environ, self.target.seal_key_file, f"{names.name}-{names.region}-{names.account_id}"
        )

    def retry(self) -> Retry:
        """A retry layer that gives up after `patience`."""
        return Retry(self.environment.clock, self.environment.rng, self.environment.clock.now() + self.patience)

    def log_service(self) -> "LogService":
        """The log service."""
        from functions.retention.cloud import log_client  # noqa: PLC0415 - see above
        from ops.provision.log_resources import LogService  # noqa: PLC0415 - see above

        return LogService(log_client(self.settings, "ops"), self.settings, self.retry())

    def audit(self) -> "SlsAuditLog":
        """The audit log, for reading."""
        from functions.retention.cloud import SlsAuditLog, log_client  # noqa: PLC0415 - see above

        client = log_client(self.settings, "ops")
        return SlsAuditLog(client, self.settings, clock=self.environment.clock, retry=self.retry())

    def queues(self) -> "Queues":
        """The queues' settings."""
        from ops.provision.queue_resources import Queues, queue_client  # noqa: PLC0415 - see above

        return Queues(queue_client(self.settings), self.settings, self.retry())

    def dead_letters(self) -> "DeadLetterQueue":
        """The dead-letter queue's messages."""
        from ops.dead_letters.queue import DeadLetterQueue  # noqa: PLC0415 - see above

        return DeadLetterQueue(self.settings, self.retry())

    def work_queue(self) -> "SmqWorkQueue":
        """The work queue, for sending."""
        from functions.retention.cloud import SmqWorkQueue  # noqa: PLC0415 - see above

        return SmqWorkQueue(self.settings, retry=self.retry())

    def functions(self) -> "DeployedFunctions":
        """What is deployed of the functions."""
        from ops.doctor.deployed import DeployedFunctions  # noqa: PLC0415 - see above

        return DeployedFunctions(self.settings, self.endpoint_url, self.retry())

    def nas(self) -> "NasClient":
        """NAS."""
        from functions.retention.cloud import NasClient  # noqa: PLC0415 - see above

        clock = self.environment.clock
        retry = Retry(clock, self.environment.rng, clock.now() + self.patience, ThrottlePause(clock))
        return NasClient(self.settings, clock=clock, bucket=TokenBucket(clock), retry=retry)

    def resources(self) -> ResourcesByKind:
        """Everything that `setup` makes, by kind."""
        from ops.provision.log_resources import log_resources  # noqa: PLC0415 - see above

        return {**log_resources(self.log_service()), "queue": self.queues()}


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port_fits
