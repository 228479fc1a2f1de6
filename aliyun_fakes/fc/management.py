"""The management API of 2023-03-30, as far as it is played: reading what is deployed.

Field names and types as in the API's Function and Trigger structs (documented, 2026-01). A parameter that the
operation's page does not name is refused (assumed: the service may well ignore it).
"""

from collections.abc import Callable, Collection, Mapping

from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.events import service_time
from aliyun_fakes.fc.host import FunctionHost
from aliyun_fakes.fc.urls import GET_FUNCTION, LIST_TRIGGERS
from deployment.s_yaml import FunctionProps
from deployment.triggers import Trigger

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100

Query = Mapping[str, str]
Read = Callable[[FunctionHost, str, Query], Mapping[str, object]]


def get_function(host: FunctionHost, name: str, query: Query) -> Mapping[str, object]:
    """GetFunction: a function as it is deployed.

    Raises:
        FcError: FunctionNotFound, InvalidArgument.
    """
    _check_names(query, {"qualifier"})
    function = _function(host, name)
    size, checksum = host.package.look()
    since = service_time(host.deployed_at)
    props = function.model_dump(by_alias=True, exclude_none=True, exclude={"code", "triggers", *_ELSEWHERE})
    return {
        **{field: value for field, value in props.items() if field != "region"},
        "codeChecksum": checksum,
        "codeSize": size,
        "createdTime": since,
        "functionArn": host.arn(name),
        "instanceConcurrency": 1,
        "lastModifiedTime": since,
        "lastUpdateStatus": "Successful",
        "state": "Active",
    }


def list_triggers(host: FunctionHost, name: str, query: Query) -> Mapping[str, object]:
    """ListTriggers: a page of a function's triggers, by name.

    Raises:
        FcError: FunctionNotFound, InvalidArgument.
    """
    _check_names(query, {"limit", "nextToken", "prefix"})
    limit, start = _limit(query), query.get("nextToken", "")
    triggers = sorted(_function(host, name).triggers, key=lambda trigger: trigger.trigger_name)
    found = [
        trigger
        for trigger in triggers
        if trigger.trigger_name.startswith(query.get("prefix", "")) and trigger.trigger_name >= start
    ]
    page = {"triggers": [_trigger(host, name, trigger) for trigger in found[:limit]]}
    return page | ({"nextToken": found[limit].trigger_name} if len(found) > limit else {})


READS: Mapping[str, Read] = {GET_FUNCTION: get_function, LIST_TRIGGERS: list_triggers}
"""By operation."""

_ELSEWHERE = ("async_invoke_config", "concurrency_config")
"""What the deployment tool takes with a function and the API has operations of their own for."""


def _trigger(host: FunctionHost, function: str, trigger: Trigger) -> Mapping[str, object]:
    since = service_time(host.deployed_at)
    return {
        "createdTime": since,
        "description": trigger.description,
        "lastModifiedTime": since,
        "qualifier": trigger.qualifier,
        "targetArn": host.arn(function),
        "triggerConfig": trigger.trigger_config.model_dump_json(by_alias=True, exclude_none=True),
        "triggerName": trigger.trigger_name,
        "triggerType": trigger.trigger_type,
    }


def _function(host: FunctionHost, name: str) -> FunctionProps:
    if name not in host.functions:
        raise FcError("FunctionNotFound", name)
    return host.functions[name]


def _check_names(query: Query, allowed: Collection[str]) -> None:
    unknown = sorted(set(query) - set(allowed))
    if unknown:
        raise FcError("InvalidArgument", f"{', '.join(unknown)}: parameters here are {', '.join(sorted(allowed))}")


def _limit(query: Query) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_LIMIT):
        raise FcError("InvalidArgument", f"limit {text!r} is not between 1 and {LARGEST_LIMIT}")
    return int(text)
