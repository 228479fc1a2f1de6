"""What a deployment's parts are called: read from s.yaml, the one place that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deployment.s_yaml import FunctionProps, SYamlError, load_deployment
from functions.retention.cloud import Credentials, Settings
from functions.retention.core import ConfigurationError

ROOT = Path(__file__).resolve().parents[1]
"""The repository; s.yaml and the policy file are found from here."""

_VARS = ("work_queue", "dead_letter_queue", "log_project", "audit_logstore", "function_logstore")


@dataclass(frozen=True)
class Deployment:
    """Names of one deployment.

    Attributes:
        account_id: the account's number, as text.
        region: region id.
        name: what everything of it begins with.
        role: name of the functions' role.
        work_queue: queue that carries runs.
        dead_letter_queue: queue for what failed.
        log_project: log project of both logstores.
        audit_logstore: logstore of the audit log.
        function_logstore: logstore of what the functions print.
        functions: as s.yaml has them, by full name.
        policies_file: the policies that are deployed with it.
        package: the code that is deployed, as it lies here.
    """

    account_id: str
    region: str
    name: str
    role: str
    work_queue: str
    dead_letter_queue: str
    log_project: str
    audit_logstore: str
    function_logstore: str
    functions: Mapping[str, FunctionProps]
    policies_file: Path
    package: Path

    def function(self, short: str) -> FunctionProps:
        """The function ``<name>-<short>``, e.g. of ``purge``.

        Raises:
            ConfigurationError: s.yaml has no such function.
        """
        found = self.functions.get(f"{self.name}-{short}")
        if found is None:
            raise ConfigurationError(f"function {short!r}: s.yaml has {', '.join(sorted(self.functions))}")
        return found

    def queue_arn(self, queue: str) -> str:
        """The resource name of a queue (documented: GetQueueAttributes page, 2025-11)."""
        return f"acs:mns:{self.region}:{self.account_id}:/queues/{queue}"

    def project_arn(self) -> str:
        """The resource name of the log project (documented: Log Service resource list)."""
        return f"acs:log:{self.region}:{self.account_id}:project/{self.log_project}"

    def logstore_arn(self, logstore: str) -> str:
        """The resource name of a logstore (documented: GetLogStore page)."""
        return f"{self.project_arn()}/logstore/{logstore}"

    def file_system_arn(self, file_system: str) -> str:
        """The resource name of a file system (documented: RAM table of the NAS operations, 2026)."""
        return f"acs:nas:{self.region}:{self.account_id}:filesystem/{file_system}"

    def function_arn(self, function: str) -> str:
        """The resource name of a function (documented: destinations of asynchronous invocations)."""
        return f"acs:fc:{self.region}:{self.account_id}:functions/{function}"

    def settings(self, credentials: Credentials, endpoint_url: str | None = None) -> Settings:
        """The functions' own settings for a client of this deployment.

        Args:
            credentials: who calls.
            endpoint_url: one URL in place of every service's own; None for their own, of NAS the one s.yaml may name.
        """
        named = self.function("purge").environment_variables.get("NAS_ENDPOINT")
        return Settings(
            region=self.region,
            account_id=self.account_id,
            credentials=credentials,
            work_queue=self.work_queue,
            dead_letter_queue=self.dead_letter_queue,
            sls_project=self.log_project,
            sls_logstore=self.audit_logstore,
            sls_endpoint=endpoint_url or f"https://{self.region}.log.aliyuncs.com",
            smq_endpoint=endpoint_url or f"https://{self.account_id}.mns.{self.region}.aliyuncs.com",
            nas_endpoint=endpoint_url or named or None,
            policies_file=self.policies_file,
            concurrent_invocations=1,
        )


def read_deployment(s_yaml: Path, environ: Mapping[str, str], account_id: str) -> Deployment:
    """The names that an s.yaml gives.

    Args:
        s_yaml: the file.
        environ: for its ``${env(…)}``.
        account_id: the account's number, 16 digits.

    Raises:
        ConfigurationError: the file cannot be read or used, or leaves a name out.
    """
    try:
        found = load_deployment(s_yaml, environ=environ, account_id=account_id)
    except OSError as error:
        message = f"{s_yaml}: {error.strerror}; name the deployment's file with --s-yaml"
        raise ConfigurationError(message) from error
    except SYamlError as error:
        raise ConfigurationError(str(error)) from error
    missing = [name for name in _VARS if not isinstance(found.vars.get(name), str)]
    if missing:
        raise ConfigurationError(f"{s_yaml.name}: vars lacks {', '.join(missing)}")
    names = {name: str(found.vars[name]) for name in _VARS}
    functions = found.functions
    anyone = next(iter(functions.values()))
    return Deployment(
        account_id=account_id,
        region=anyone.region,
        name=found.name,
        role=anyone.role.rpartition("/")[2],
        functions=functions,
        package=s_yaml.parent / anyone.code,
        policies_file=s_yaml.parent / anyone.environment_variables.get("POLICIES_FILE", "functions/policies.yaml"),
        **names,
    )
