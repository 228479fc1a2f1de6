"""The management API, as far as it is played: reading what is deployed.

Of 2023-03-30, field names and types are as in the API's structs (documented, 2026-01). `management_2016` has the older
version. A parameter that the operation's page does not name is refused (assumed: the service may well ignore it).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from aliyun_fakes.fc.errors import FcError
from aliyun_fakes.fc.events import service_time
from aliyun_fakes.fc.host import FunctionHost
from aliyun_fakes.fc.urls import Target
from deployment.s_yaml import FunctionProps
from deployment.triggers import Trigger

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100
PAGING = frozenset({"limit", "nextToken", "prefix"})

Query = Mapping[str, str]
Fields = Mapping[str, object]
Read = Callable[[FunctionHost, Target, Query], Fields]


def get_function(host: FunctionHost, target: Target, query: Query) -> Fields:
    """GetFunction: a function as it is deployed.

    Raises:
        FcError: FunctionNotFound, InvalidArgument.
    """
    check_names(query, {"qualifier"})
    return describe_function(host, deployed(host, target.function))


def list_functions(host: FunctionHost, target: Target, query: Query) -> Fields:  # noqa: ARG001 - the shape of a `Read`
    """ListFunctions: a page of the functions, by name.

    Raises:
        FcError: InvalidArgument.
    """
    check_names(query, {*PAGING, "fcVersion"})
    return page("functions", host.functions, query, lambda name: describe_function(host, host.functions[name]))


def list_triggers(host: FunctionHost, target: Target, query: Query) -> Fields:
    """ListTriggers: a page of a function's triggers, by name.

    Raises:
        FcError: FunctionNotFound, InvalidArgument.
    """
    check_names(query, PAGING)
    triggers = triggers_of(host, target.function)
    return page("triggers", triggers, query, lambda name: _trigger(host, target.function, triggers[name]))


def get_trigger(host: FunctionHost, target: Target, query: Query) -> Fields:
    """GetTrigger: one trigger.

    Raises:
        FcError: FunctionNotFound, TriggerNotFound, InvalidArgument.
    """
    check_names(query, ())
    return _trigger(host, target.function, trigger_named(host, target))


def get_async_invoke_config(host: FunctionHost, target: Target, query: Query) -> Fields:
    """GetAsyncInvokeConfig: how asynchronous invocations are retried, and who hears of the outcome.

    Raises:
        FcError: FunctionNotFound, AsyncConfigNotExists, InvalidArgument.
    """
    check_names(query, {"qualifier"})
    return {"functionArn": host.arn(target.function), **times(host), **async_config(host, target)}


def get_concurrency_config(host: FunctionHost, target: Target, query: Query) -> Fields:
    """GetConcurrencyConfig: the reserved concurrency of a function.

    Raises:
        FcError: FunctionNotFound, ConcurrencyConfigNotExists, InvalidArgument.
    """
    check_names(query, ())
    config = deployed(host, target.function).concurrency_config
    if config is None:
        raise FcError("ConcurrencyConfigNotExists", target.function)
    return {"functionArn": host.arn(target.function), "reservedConcurrency": config.reserved_concurrency}


READS: Mapping[str, Read] = {
    "GetFunction": get_function,
    "ListFunctions": list_functions,
    "ListTriggers": list_triggers,
    "GetTrigger": get_trigger,
    "GetAsyncInvokeConfig": get_async_invoke_config,
    "GetConcurrencyConfig": get_concurrency_config,
}
"""By operation."""

_ELSEWHERE = ("async_invoke_config", "concurrency_config")
"""What the deployment tool takes with a function and the API has operations of their own for."""


def describe_function(host: FunctionHost, function: FunctionProps) -> dict[str, object]:
    """A function as the Function struct has it."""
    size, checksum = host.package.look()
    props = function.model_dump(by_alias=True, exclude_none=True, exclude={"code", "triggers", *_ELSEWHERE})
    return {
        **{field: value for field, value in props.items() if field != "region"},
        **times(host),
        "codeChecksum": checksum,
        "codeSize": size,
        "functionArn": host.arn(function.function_name),
        "instanceConcurrency": 1,
        "lastUpdateStatus": "Successful",
        "state": "Active",
    }


def async_config(host: FunctionHost, target: Target) -> dict[str, object]:
    """The settings of asynchronous invocations, without names and times.

    Raises:
        FcError: FunctionNotFound; AsyncConfigNotExists when none was deployed.
    """
    function = deployed(host, target.function)
    if "async_invoke_config" not in function.model_fields_set:
        raise FcError("AsyncConfigNotExists", target.function)
    return function.async_invoke_config.model_dump(by_alias=True, exclude_none=True)


def times(host: FunctionHost) -> dict[str, object]:
    """When something was created and changed: both at the deployment."""
    since = service_time(host.deployed_at)
    return {"createdTime": since, "lastModifiedTime": since}


def page(of: str, names: Collection[str], query: Query, describe: Callable[[str], Fields]) -> Fields:
    """One page of a listing, by name.

    Args:
        of: the field that holds the page.
        names: of everything there is.
        query: limit, prefix, and nextToken, which names the next.
        describe: one of them.

    Raises:
        FcError: InvalidArgument.
    """
    limit, start, prefix = _limit(query), query.get("nextToken", ""), query.get("prefix", "")
    found: Sequence[str] = sorted(name for name in names if name.startswith(prefix) and name >= start)
    following = {"nextToken": found[limit]} if len(found) > limit else {}
    return {of: [describe(name) for name in found[:limit]], **following}


def describe_trigger(host: FunctionHost, trigger: Trigger) -> dict[str, Any]:
    """The fields of a trigger that both versions have; the configuration is a mapping."""
    return {
        **times(host),
        "description": trigger.description,
        "qualifier": trigger.qualifier,
        "triggerConfig": trigger.trigger_config.model_dump(mode="json", by_alias=True, exclude_none=True),
        "triggerName": trigger.trigger_name,
        "triggerType": trigger.trigger_type,
    }


def triggers_of(host: FunctionHost, function: str) -> Mapping[str, Trigger]:
    """A function's triggers by name. Raises `FcError`: FunctionNotFound."""
    return {trigger.trigger_name: trigger for trigger in deployed(host, function).triggers}


def trigger_named(host: FunctionHost, target: Target) -> Trigger:
    """The trigger that is meant. Raises `FcError`: FunctionNotFound, TriggerNotFound."""
    trigger = triggers_of(host, target.function).get(target.trigger)
    if trigger is None:
        raise FcError("TriggerNotFound", target.trigger)
    return trigger


def deployed(host: FunctionHost, name: str) -> FunctionProps:
    """A function by its name. Raises `FcError`: FunctionNotFound."""
    if name not in host.functions:
        raise FcError("FunctionNotFound", name)
    return host.functions[name]


def check_names(query: Query, allowed: Collection[str]) -> None:
    """Refuse parameters that the operation does not have. Raises `FcError`: InvalidArgument."""
    unknown = sorted(set(query) - set(allowed))
    if unknown:
        raise FcError("InvalidArgument", f"{', '.join(unknown)}: parameters here are {', '.join(sorted(allowed))}")


def _trigger(host: FunctionHost, function: str, trigger: Trigger) -> Fields:
    """2023-03-30 has the configuration as JSON in a text (documented)."""
    text = trigger.trigger_config.model_dump_json(by_alias=True, exclude_none=True)
    return {**describe_trigger(host, trigger), "triggerConfig": text, "targetArn": host.arn(function)}


def _limit(query: Query) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_LIMIT):
        raise FcError("InvalidArgument", f"limit {text!r} is not between 1 and {LARGEST_LIMIT}")
    return int(text)
