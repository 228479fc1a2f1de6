"""The management API of 2016-08-15, Function Compute 2.0: reading what is deployed.

Field names are those that the docstrings of aliyun-fc2 2.5.2 list (observed). The one service is the s.yaml's name.
"""

from collections.abc import Mapping

from aliyun_fakes.fc.host import FunctionHost
from aliyun_fakes.fc.management import (
    PAGING,
    Fields,
    Query,
    Read,
    async_config,
    check_names,
    deployed,
    describe_function,
    describe_trigger,
    page,
    times,
    trigger_named,
    triggers_of,
)
from aliyun_fakes.fc.urls import Target
from deployment.s_yaml import FunctionProps, LogConfig

_PAGING = {*PAGING, "startKey"}
_OF_THE_SERVICE = ("functionArn", "internetAccess", "lastUpdateStatus", "logConfig", "role", "state")
"""What 3.0 tells of a function, and 2.0 tells of its service or not at all."""


def list_services(host: FunctionHost, target: Target, query: Query) -> Fields:  # noqa: ARG001 - the shape of a `Read`
    """ListServices: the one service there is.

    Raises:
        FcError: InvalidArgument.
    """
    check_names(query, _PAGING)
    return page("services", [host.service], _paging(query), lambda _: _service(host))


def get_service(host: FunctionHost, target: Target, query: Query) -> Fields:  # noqa: ARG001 - the shape of a `Read`
    """GetService: role and log of all functions, as far as they agree.

    Raises:
        FcError: InvalidArgument.
    """
    check_names(query, ())
    return _service(host)


def list_functions(host: FunctionHost, target: Target, query: Query) -> Fields:  # noqa: ARG001 - the shape of a `Read`
    """ListFunctions: a page of the service's functions.

    Raises:
        FcError: InvalidArgument.
    """
    check_names(query, _PAGING)
    return page("functions", host.functions, _paging(query), lambda name: _function(host, host.functions[name]))


def get_function(host: FunctionHost, target: Target, query: Query) -> Fields:
    """GetFunction: a function as it is deployed.

    Raises:
        FcError: FunctionNotFound, InvalidArgument.
    """
    check_names(query, ())
    return _function(host, deployed(host, target.function))


def list_triggers(host: FunctionHost, target: Target, query: Query) -> Fields:
    """ListTriggers: a page of a function's triggers. The configuration is a mapping.

    Raises:
        FcError: FunctionNotFound, InvalidArgument.
    """
    check_names(query, _PAGING)
    triggers = triggers_of(host, target.function)
    return page("triggers", triggers, _paging(query), lambda name: describe_trigger(host, triggers[name]))


def get_trigger(host: FunctionHost, target: Target, query: Query) -> Fields:
    """GetTrigger: one trigger.

    Raises:
        FcError: FunctionNotFound, TriggerNotFound, InvalidArgument.
    """
    check_names(query, ())
    return describe_trigger(host, trigger_named(host, target))


def get_async_invoke_config(host: FunctionHost, target: Target, query: Query) -> Fields:
    """GetAsyncInvokeConfig: how asynchronous invocations are retried, and who hears of the outcome.

    Raises:
        FcError: FunctionNotFound, AsyncConfigNotExists, InvalidArgument.
    """
    check_names(query, ())
    names = {"service": host.service, "function": target.function, "qualifier": target.qualifier}
    return {**names, **times(host), **async_config(host, target)}


READS: Mapping[str, Read] = {
    "ListServices": list_services,
    "GetService": get_service,
    "ListFunctions": list_functions,
    "GetFunction": get_function,
    "ListTriggers": list_triggers,
    "GetTrigger": get_trigger,
    "GetAsyncInvokeConfig": get_async_invoke_config,
}
"""By operation."""


def _paging(query: Query) -> Query:
    """``startKey`` says where to begin, as ``nextToken`` does here."""
    return {**query, "nextToken": query.get("nextToken", query.get("startKey", ""))}


def _service(host: FunctionHost) -> Fields:
    functions = list(host.functions.values())
    roles = {function.role for function in functions}
    logs = [function.log_config for function in functions if isinstance(function.log_config, LogConfig)]
    shared = logs[0].model_dump(by_alias=True) if len(set(logs)) == 1 and len(logs) == len(functions) else {}
    return {
        **times(host),
        "description": "",
        "internetAccess": all(function.internet_access for function in functions),
        "logConfig": shared,
        "role": roles.pop() if len(roles) == 1 else "",
        "serviceId": f"service-{host.service}",
        "serviceName": host.service,
    }


def _function(host: FunctionHost, function: FunctionProps) -> Fields:
    described = describe_function(host, function)
    kept = {name: value for name, value in described.items() if name not in _OF_THE_SERVICE}
    return {**kept, "functionId": f"function-{function.function_name}"}
