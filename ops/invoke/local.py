"""Runs a function here, as the platform would: before the first deployment, or on a fake cloud."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from aliyun_fakes.fc.context import Context, FunctionMeta, ServiceMeta
from aliyun_fakes.fc.context import Credentials as ContextCredentials
from aliyun_fakes.fc.loading import LoadError, bind_seam, load_handler
from aliyun_fakes.fc.results import UNHANDLED, error_body, serialise
from deployment.s_yaml import FunctionProps
from functions.retention.cloud import Settings
from functions.retention.core import ConfigurationError
from ops.environment import Environment
from ops.invoke.invocation import Outcome
from ops.names import ROOT, Deployment


@dataclass(frozen=True)
class Local:
    """Runs the handlers s.yaml names in this process, with its environment and the operator's identity.

    Satisfies `ops.invoke.invocation.Invoker`; what it calls is the cloud, or what the settings' endpoints say.

    Attributes:
        deployment: names and functions.
        settings: identity and endpoints.
        environment: time and chance.
    """

    deployment: Deployment
    settings: Settings
    environment: Environment

    def invoke(self, function: str, event: bytes, *, queued: bool, tail: bool) -> Outcome:  # noqa: ARG002 - nothing is kept of a log here
        """See `ops.invoke.invocation.Invoker`.

        Raises:
            ConfigurationError: asynchronously, or a handler that cannot be loaded.
        """
        if queued:
            raise ConfigurationError("--local runs a function at once; leave --async out")
        props = self.deployment.functions[function]
        request_id = str(uuid.UUID(int=self.environment.rng.getrandbits(128), version=4)).upper()
        seam = {"clock": self.environment.clock, "environ": self._environ(props), "random": self.environment.rng}
        try:
            handler = bind_seam(load_handler(ROOT, props.handler), seam)
        except LoadError as error:
            raise ConfigurationError(f"{props.handler}: {error}") from error
        try:
            return Outcome(request_id, serialise(handler(event, self._context(props, request_id))))
        except Exception as error:  # noqa: BLE001 - whatever a function raises is its answer
            return Outcome(request_id, error_body(type(error).__name__, str(error), error), UNHANDLED)

    def _environ(self, props: FunctionProps) -> Mapping[str, str]:
        endpoints = {
            "SLS_ENDPOINT": self.settings.sls_endpoint,
            "SMQ_ENDPOINT": self.settings.smq_endpoint,
            "NAS_ENDPOINT": self.settings.nas_endpoint or "",
        }
        here = {"POLICIES_FILE": str(self.settings.policies_file)}
        return {**props.environment_variables, **endpoints, **here}

    def _context(self, props: FunctionProps, request_id: str) -> Context:
        who, names = self.settings.credentials, self.deployment
        return Context(
            request_id,
            ContextCredentials(who.access_key_id, who.access_key_secret, who.security_token),
            FunctionMeta(props.function_name, props.handler, props.memory_size, props.timeout),
            ServiceMeta(names.name, names.log_project, names.function_logstore),
            names.region,
            names.account_id,
        )
