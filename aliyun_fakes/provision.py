"""Create what a deployment needs besides its functions: two queues, a log project, a logstore with an index."""

from pathlib import Path

from aliyun_fakes.cloud import ACCOUNT_ID, FakeCloud
from aliyun_fakes.fc import load_deployment

VISIBILITY_TIMEOUT = 1_200
MAX_RECEIVE_COUNT = 16


def provision(cloud: FakeCloud, s_yaml: Path) -> dict[str, str]:
    """Create what the functions' environment in an s.yaml names: ``WORK_QUEUE``, ``SLS_PROJECT`` and the like.

    Returns:
        That environment.

    Raises:
        SYamlError: s.yaml is not valid.
        KeyError: a function lacks one of the names.
    """
    variables: dict[str, str] = {}
    for function in load_deployment(s_yaml, environ={}, account_id=ACCOUNT_ID).functions.values():
        variables |= function.environment_variables
    dead_letters = cloud.smq.create_queue(variables["DEAD_LETTER_QUEUE"])
    cloud.smq.create_queue(
        variables["WORK_QUEUE"],
        visibility_timeout=VISIBILITY_TIMEOUT,
        dead_letter=(dead_letters, MAX_RECEIVE_COUNT),
    )
    cloud.sls.create_project(variables["SLS_PROJECT"])
    cloud.sls.create_logstore(variables["SLS_PROJECT"], variables["SLS_LOGSTORE"], index=True)
    return variables
