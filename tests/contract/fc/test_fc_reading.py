"""What is deployed, read through alibabacloud-fc20230330 and aliyun-fc2, over both fronts."""

import inspect
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330.client import Client
from alibabacloud_fc20230330.models import (
    AsyncConfig,
    ConcurrencyConfig,
    Function,
    GetAsyncInvokeConfigRequest,
    GetFunctionRequest,
    ListFunctionsRequest,
    ListTriggersRequest,
    Trigger,
)
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.exceptions import DaraException
from fc2 import Client as Client2
from fc2 import FcError

from aliyun_fakes.cloud import ACCOUNT_ID, REGION
from aliyun_fakes.core.credentials import TEST_KEY, AccessKey
from aliyun_fakes.core.faults import Fault
from aliyun_fakes.fc import FunctionHost
from aliyun_fakes.fc.management import READS
from aliyun_fakes.fc.urls import Target
from tests.contract.fc.sdks import deploy_toys
from tests.contract.fronts import Front
from tests.unit.aliyun_fakes.fc.stage import TOYS


def client(front: Front, key: AccessKey = TEST_KEY) -> Client:
    where = (
        {"endpoint": front.server.address, "protocol": "HTTP"}
        if front.server
        else {"endpoint": f"{ACCOUNT_ID}.{REGION}.fc.aliyuncs.com"}
    )
    return Client(Config(access_key_id=key.id, access_key_secret=key.secret, **where))


def function(front: Front, name: str, qualifier: str | None = None) -> Any:  # noqa: ANN401 - an SDK without types
    return client(front).get_function(name, GetFunctionRequest(qualifier=qualifier)).body


def triggers(front: Front, name: str, **query: Any) -> Any:  # noqa: ANN401 - as above
    return client(front).list_triggers(name, ListTriggersRequest(**query)).body


def test_a_function_is_told_as_it_was_deployed(front: Front, host: FunctionHost) -> None:
    told = function(front, "echo")
    assert (told.runtime, told.handler, told.timeout, told.memory_size) == ("python3.10", "handlers.echo", 10, 1024)
    assert (told.cpu, told.disk_size, told.internet_access) == (0.5, 512, True)
    assert told.environment_variables == {"GREETING": "hello"}
    assert told.function_arn == f"acs:fc:{REGION}:{ACCOUNT_ID}:functions/echo"
    assert (told.state, told.last_update_status) == ("Active", "Successful")
    assert told.last_modified_time == told.created_time
    assert told.created_time.endswith("Z")
    assert function(front, "plain").log_config.logstore == "functions"
    assert host.invocations == []


def wire_names(model: type) -> set[str]:
    """The names an SDK's model reads from the wire."""
    return {re.sub("_(.)", lambda found: found[1].upper(), name) for name in inspect.signature(model).parameters}


def test_only_names_that_the_sdks_own_models_read_are_sent(host: FunctionHost) -> None:
    def read(operation: str, function: str, trigger: str = "") -> Mapping[str, object]:
        return READS[operation](host, Target("2023-03-30", operation, "", function, trigger, "LATEST"), {})

    assert read("GetFunction", "plain").keys() <= wire_names(Function)
    assert read("GetTrigger", "work", "feed").keys() <= wire_names(Trigger)
    assert read("GetAsyncInvokeConfig", "work").keys() <= wire_names(AsyncConfig)
    assert read("GetConcurrencyConfig", "task").keys() <= wire_names(ConcurrencyConfig)


def test_the_checksum_is_that_of_the_package_as_it_lies_there(front: Front, tmp_path: Path) -> None:
    deploy_toys(front.cloud)
    assert (function(front, "plain").code_checksum, function(front, "plain").code_size) == ("0", 0)
    package = tmp_path / "code.zip"
    front.cloud.deploy(TOYS / "s.yaml", package=package)
    for content, checksum in ((b"123456789", "11051210869376104954"), (b"", "0"), (b"1", "3039664240384658157")):
        package.write_bytes(content)
        told = function(front, "plain")
        assert (told.code_checksum, told.code_size) == (checksum, len(content))


@pytest.mark.usefixtures("host")
def test_triggers_come_with_their_configuration_as_text(front: Front) -> None:
    by_hand, hourly = triggers(front, "tick").triggers
    assert (hourly.trigger_name, hourly.trigger_type, hourly.qualifier) == ("hourly", "timer", "LATEST")
    assert json.loads(hourly.trigger_config) == {
        "cronExpression": "0 0 * * * *",
        "enable": True,
        "payload": '{"job":"tick"}',
    }
    assert json.loads(by_hand.trigger_config)["enable"] is False
    (stream,) = triggers(front, "work").triggers
    source = json.loads(stream.trigger_config)["eventSourceConfig"]
    assert source["eventSourceParameters"]["sourceMNSParameters"]["QueueName"] == "toys-work"
    assert triggers(front, "plain").triggers == []


@pytest.mark.usefixtures("host")
def test_triggers_are_listed_by_pages_and_by_prefix(front: Front) -> None:
    first = triggers(front, "tick", limit=1)
    second = triggers(front, "tick", limit=1, next_token=first.next_token)
    assert [page.triggers[0].trigger_name for page in (first, second)] == ["by-hand", "hourly"]
    assert second.next_token is None
    assert [trigger.trigger_name for trigger in triggers(front, "tick", prefix="h").triggers] == ["hourly"]


def test_what_is_not_deployed_is_not_found(front: Front) -> None:
    def refusals() -> list[tuple[int, str]]:
        found = []
        for read in (function, triggers):
            with pytest.raises(DaraException) as refused:
                read(front, "nobody")
            found.append((refused.value.statusCode, refused.value.code))
        return found

    empty = refusals()
    deploy_toys(front.cloud)
    assert empty == refusals() == [(404, "FunctionNotFound")] * 2


@pytest.mark.usefixtures("host")
def test_another_version_is_not_found(front: Front) -> None:
    assert function(front, "plain", "LATEST").function_name == "plain"
    with pytest.raises(DaraException) as refused:
        function(front, "plain", "7")
    assert refused.value.code == "AliasNotFound"


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_limit_out_of_range_is_refused(front: Front, limit: int) -> None:
    with pytest.raises(DaraException) as refused:
        triggers(front, "tick", limit=limit)
    assert (refused.value.statusCode, refused.value.code) == (400, "InvalidArgument")


@pytest.mark.usefixtures("host")
def test_reading_needs_its_own_permissions(front: Front) -> None:
    key = AccessKey("LTAIreader", "right", allowed=frozenset({"fc:GetFunction"}))
    front.cloud.keys.add(key)
    assert client(front, key).get_function("plain", GetFunctionRequest()).body.function_name == "plain"
    with pytest.raises(DaraException) as refused:
        client(front, key).list_triggers("plain", ListTriggersRequest())
    assert refused.value.code == "AccessDenied"
    assert "fc:ListTriggers" in refused.value.message


@pytest.mark.usefixtures("host")
def test_reads_are_logged_and_fail_by_name(front: Front) -> None:
    front.cloud.faults.add(Fault("fc", "ListTriggers", "status", status=503, code="ServiceUnavailable"))
    assert function(front, "plain").function_name == "plain"
    with pytest.raises(DaraException) as failed:
        triggers(front, "plain")
    assert failed.value.statusCode == 503
    assert front.cloud.dispatcher.counts["fc", "GetFunction"] == 1


def test_a_later_deployment_takes_the_place_of_an_earlier_one(front: Front, host: FunctionHost) -> None:
    later = front.cloud.deploy(TOYS / "s.yaml", environ={"GREETING": "bye"})
    assert function(front, "echo").environment_variables == {"GREETING": "bye"}
    assert later is not host


@pytest.mark.usefixtures("host")
def test_functions_are_listed_by_pages(front: Front) -> None:
    first = client(front).list_functions(ListFunctionsRequest(limit=6)).body
    second = client(front).list_functions(ListFunctionsRequest(limit=6, next_token=first.next_token)).body
    names = [one.function_name for page in (first, second) for one in page.functions]
    assert names == sorted(names)
    assert {"echo", "plain", "tick", "work"} <= set(names)
    one = client(front).list_functions(ListFunctionsRequest(prefix="pl")).body.functions
    assert [each.function_name for each in one] == ["plain"]


@pytest.mark.usefixtures("host")
def test_one_trigger_and_the_asynchronous_settings_are_told(front: Front) -> None:
    hourly = client(front).get_trigger("tick", "hourly").body
    assert (hourly.trigger_name, json.loads(hourly.trigger_config)["cronExpression"]) == ("hourly", "0 0 * * * *")
    told = client(front).get_async_invoke_config("work", GetAsyncInvokeConfigRequest()).body
    assert told.max_async_retry_attempts == 1
    assert told.destination_config.on_failure.destination.endswith("/queues/toys-dead/messages")
    assert client(front).get_concurrency_config("task").body.reserved_concurrency == 2


@pytest.mark.usefixtures("host")
def test_what_was_not_deployed_is_not_found_by_its_name(front: Front) -> None:
    reads: tuple[tuple[str, Callable[[], object]], ...] = (
        ("TriggerNotFound", lambda: client(front).get_trigger("tick", "nobody")),
        ("AsyncConfigNotExists", lambda: client(front).get_async_invoke_config("plain", GetAsyncInvokeConfigRequest())),
        ("ConcurrencyConfigNotExists", lambda: client(front).get_concurrency_config("plain")),
    )
    for code, read in reads:
        with pytest.raises(DaraException) as refused:
            read()
        assert (refused.value.statusCode, refused.value.code) == (404, code)


@pytest.mark.usefixtures("host")
def test_the_older_api_tells_service_functions_and_triggers(front: Front) -> None:
    url = front.server.endpoint if front.server else f"https://{ACCOUNT_ID}.{REGION}.fc.aliyuncs.com"
    old = Client2(endpoint=url, accessKeyID=TEST_KEY.id, accessKeySecret=TEST_KEY.secret)
    assert [one["serviceName"] for one in old.list_services().data["services"]] == ["toys"]
    assert old.get_service("toys", qualifier="LATEST").data["serviceId"]
    names = [one["functionName"] for one in old.list_functions("toys", startKey="p").data["functions"]]
    assert names[:2] == ["plain", "process"]
    assert old.get_function("toys", "plain").data["handler"] == "handlers.plain"
    assert "role" not in old.get_function("toys", "plain").data
    assert len(old.list_triggers("toys", "tick").data["triggers"]) == 2
    assert old.get_trigger("toys", "tick", "hourly").data["triggerConfig"]["enable"] is True
    told = old.get_function_async_invoke_config("toys", "LATEST", "work").data
    assert (told["service"], told["function"], told["maxAsyncRetryAttempts"]) == ("toys", "work", 1)
    with pytest.raises(FcError) as refused:
        old.get_service("another", qualifier="LATEST")
    assert refused.value.err_code == "ServiceNotFound"
