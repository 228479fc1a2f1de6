"""Projects, logstores, indexes, shards and documents through the official SDK."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from aliyun.log import LogClient, LogException
from aliyun.log.index_config import IndexConfig, IndexKeyConfig, IndexLineConfig

from tests.contract.fronts import Front

PROJECT = "audit-project"


@pytest.fixture
def client(front: Front) -> LogClient:
    client: LogClient = front.log_client()
    client.create_project(PROJECT, "where deletions are recorded")
    return client


def refusal(call: Callable[..., object], *arguments: object, **named: object) -> tuple[int, str, str]:
    with pytest.raises(LogException) as caught:
        call(*arguments, **named)
    return caught.value.get_resp_status(), caught.value.get_error_code(), caught.value.get_error_message()


def test_a_project_is_described_changed_listed_and_deleted(front: Front, client: LogClient) -> None:
    project = client.get_project(PROJECT)
    assert project.get_description() == "where deletions are recorded"
    assert (project.get_region(), project.get_status()) == ("cn-hangzhou", "Normal")
    client.update_project(PROJECT, "changed")
    assert client.get_project(PROJECT).get_description() == "changed"
    front.cloud.sls.create_project("another-one")
    listed = client.list_project(offset=1, size=5)
    assert (listed.get_count(), listed.get_total()) == (1, 2)
    assert listed.get_projects()[0]["projectName"] == "another-one"
    client.delete_project(PROJECT)
    message = f"The Project does not exist : {PROJECT}"
    assert refusal(client.get_project, PROJECT) == (404, "ProjectNotExist", message)


def test_a_project_name_is_given_once(client: LogClient) -> None:
    message = f"Project {PROJECT} already exist."
    assert refusal(client.create_project, PROJECT, "") == (400, "ProjectAlreadyExist", message)


def test_a_logstore_is_created_described_changed_listed_and_deleted(client: LogClient) -> None:
    client.create_logstore(PROJECT, "audit", ttl=180, shard_count=3)
    store = client.get_logstore(PROJECT, "audit")
    assert (store.get_ttl(), store.get_shard_count(), vars(store)["mode"]) == (180, 3, "standard")
    client.update_logstore(PROJECT, "audit", ttl=365, shard_count=9)
    store = client.get_logstore(PROJECT, "audit")
    assert (store.get_ttl(), store.get_shard_count()) == (365, 3)
    client.create_logstore(PROJECT, "dead-letters")
    assert client.list_logstore(PROJECT, "audit").get_body() == {"count": 1, "total": 1, "logstores": ["audit"]}
    assert client.list_logstore(PROJECT, offset=1).get_body()["logstores"] == ["dead-letters"]
    client.delete_logstore(PROJECT, "audit")
    message = "logstore audit does not exist."
    assert refusal(client.get_logstore, PROJECT, "audit") == (404, "LogStoreNotExist", message)


@pytest.mark.parametrize(
    ("name", "settings", "code", "said"),
    [
        ("audit", {}, "LogStoreAlreadyExist", "logstore audit already exists"),
        ("A", {}, "LogStoreInfoInvalid", "logstore name A is invalid"),
        ("other", {"ttl": 0}, "LogStoreInfoInvalid", "ttl value is out of range"),
        ("other", {"max_split_shard": 1000}, "LogStoreInfoInvalid", "maxSplitShard must be within range [1, 256]"),
        ("other", {"shard_count": 0}, "LogStoreInfoInvalid", "logstore info is invalid"),
    ],
)
def test_a_logstore_that_cannot_be_is_refused(
    client: LogClient, name: str, settings: dict[str, int], code: str, said: str
) -> None:
    client.create_logstore(PROJECT, "audit")
    assert refusal(client.create_logstore, PROJECT, name, **settings) == (400, code, said)


def test_a_project_holds_only_so_many_logstores(front: Front, client: LogClient) -> None:
    front.cloud.sls.settings = replace(front.cloud.sls.settings, logstores_per_project=1)
    client.create_logstore(PROJECT, "first")
    assert refusal(client.create_logstore, PROJECT, "second") == (400, "ProjectQuotaExceed", "Project Quota Exceed")


def test_an_index_is_created_once_read_changed_and_deleted(client: LogClient) -> None:
    client.create_logstore(PROJECT, "audit")
    assert refusal(client.get_index_config, PROJECT, "audit")[:2] == (400, "IndexConfigNotExist")
    keys = {"run": IndexKeyConfig([",", " "], doc_value=True), "bytes": IndexKeyConfig(index_type="long")}
    config = IndexConfig(line_config=IndexLineConfig([",", " "]), key_config_list=keys)
    client.create_index(PROJECT, "audit", config)
    kept = client.get_index_config(PROJECT, "audit").get_index_config()
    assert kept.key_config_list["run"].doc_value is True
    assert kept.key_config_list["bytes"].index_type == "long"
    message = "log store index is already created"
    assert refusal(client.create_index, PROJECT, "audit", config) == (400, "IndexAlreadyExist", message)
    client.update_index(PROJECT, "audit", IndexConfig(key_config_list={"hop": IndexKeyConfig([" "])}))
    assert list(client.get_index_config(PROJECT, "audit").get_index_config().key_config_list) == ["hop"]
    client.delete_index(PROJECT, "audit")
    assert refusal(client.delete_index, PROJECT, "audit") == (400, "IndexConfigNotExist", "index config doesn't exist")
    assert refusal(client.update_index, PROJECT, "audit", config)[1] == "IndexConfigNotExist"


class BareIndex:
    """Stands in for the SDK's typed configuration, which cannot express a wrong one."""

    def __init__(self, body: dict[str, Any]) -> None:
        self._body = body

    def to_json(self) -> dict[str, Any]:
        return self._body


@pytest.mark.parametrize("body", [{}, {"keys": {"run": {"type": "text"}}}, {"keys": {"run": {"type": "date"}}}])
def test_an_index_that_cannot_be_is_refused(client: LogClient, body: dict[str, Any]) -> None:
    client.create_logstore(PROJECT, "audit")
    assert refusal(client.create_index, PROJECT, "audit", BareIndex(body))[:2] == (400, "IndexInfoInvalid")


def test_shards_divide_the_key_space(client: LogClient) -> None:
    client.create_logstore(PROJECT, "audit", shard_count=2)
    first, second = client.list_shards(PROJECT, "audit").get_shards_info()
    assert first["exclusiveEndKey"] == second["inclusiveBeginKey"] == "8" + "0" * 31
    assert second["exclusiveEndKey"] == "f" * 32


DASHBOARD = {"dashboardName": "deletions", "displayName": "Deletions", "charts": [{"title": "jobs"}]}
SEARCH = {"savedsearchName": "failed", "displayName": "Failed", "logstore": "audit", "searchQuery": "*", "topic": ""}
ALERT = {"name": "stalled", "type": "Alert", "state": "Enabled", "schedule": {}, "configuration": {"version": "2.0"}}


class Kind(NamedTuple):
    """One kind of document, as the SDK's methods name it."""

    word: str
    document: dict[str, Any]
    name: str
    listed: object
    missing: str


@pytest.mark.parametrize(
    "kind",
    [
        Kind("dashboard", DASHBOARD, "deletions", "deletions", "DashboardNotExist"),
        Kind("savedsearch", SEARCH, "failed", "failed", "SavedSearchNotExist"),
        Kind("alert", ALERT, "stalled", ALERT, "JobNotExist"),
    ],
    ids=lambda kind: kind.word,
)
def test_a_document_is_created_read_changed_listed_and_deleted(client: LogClient, kind: Kind) -> None:
    create, get, update, delete = (
        getattr(client, f"{verb}_{kind.word}") for verb in ("create", "get", "update", "delete")
    )
    create(PROJECT, kind.document)
    assert get(PROJECT, kind.name).get_entity() == kind.document
    page = getattr(client, f"list_{kind.word}")(PROJECT)
    assert (page.get_count(), page.get_total(), page.get_entities()) == (1, 1, [kind.listed])
    assert refusal(create, PROJECT, kind.document)[0] == 400
    changed = kind.document | {"displayName": "Changed"}
    update(PROJECT, changed)
    assert get(PROJECT, kind.name).get_entity() == changed
    delete(PROJECT, kind.name)
    for call, argument in ((get, kind.name), (delete, kind.name), (update, kind.document)):
        assert refusal(call, PROJECT, argument)[:2] == (404, kind.missing)


def test_an_alert_is_switched_off_and_on(client: LogClient) -> None:
    client.create_alert(PROJECT, ALERT)
    client.disable_alert(PROJECT, "stalled")
    assert client.get_alert(PROJECT, "stalled").get_entity()["state"] == "Disabled"
    client.enable_alert(PROJECT, "stalled")
    assert client.get_alert(PROJECT, "stalled").get_entity()["status"] == "ENABLED"


def test_documents_that_cannot_be_are_refused(client: LogClient) -> None:
    def dashboard(**changes: object) -> tuple[int, str, str]:
        return refusal(client.create_dashboard, PROJECT, DASHBOARD | changes)

    assert dashboard(dashboardName="x") == (400, "InvalidDashboardName", "The dashboard name is invalid: x")
    twice = [{"title": "jobs"}, {"title": "jobs"}]
    assert dashboard(charts=twice) == (400, "PostBodyInvalid", "Duplicate chart title: jobs")
    many = [{"title": str(number)} for number in range(201)]
    assert dashboard(charts=many) == (403, "ExceedQuota", "You have too many charts in your dashboard")
    assert dashboard(dashboardName=None)[1] == "ParameterInvalid"
    long = SEARCH | {"searchQuery": "x" * 65_535}
    message = "The savedsearch configuration is too long."
    assert refusal(client.create_savedsearch, PROJECT, long) == (400, "PostBodyInvalid", message)
    assert refusal(client.create_alert, PROJECT, {"name": "bare"})[1] == "ParameterInvalid"


def test_a_project_holds_only_so_many_documents(front: Front, client: LogClient) -> None:
    front.cloud.sls.settings = replace(
        front.cloud.sls.settings, searches_per_project=1, dashboards_per_project=1, alerts_per_project=1
    )
    for kind, document, field, message in (
        ("savedsearch", SEARCH, "savedsearchName", "savedsearch quota exceed"),
        ("dashboard", DASHBOARD, "dashboardName", "dashboard quota exceed"),
        ("alert", ALERT, "name", "job quota exceed"),
    ):
        create = getattr(client, f"create_{kind}")
        create(PROJECT, document)
        assert refusal(create, PROJECT, document | {field: "another"}) == (403, "ExceedQuota", message)


def test_a_page_out_of_range_is_refused(client: LogClient) -> None:
    assert refusal(client.list_dashboard, PROJECT, size=0)[:2] == (400, "ParameterInvalid")
    assert refusal(client.list_dashboard, PROJECT, offset="x")[:2] == (400, "ParameterInvalid")


def test_an_operation_the_fake_lacks_says_so(client: LogClient) -> None:
    client.create_logstore(PROJECT, "audit")
    status, code, message = refusal(client.split_shard, PROJECT, "audit", 0, "8" * 32)
    assert (status, code) == (400, "ParameterInvalid")
    assert message == "the fake does not have SplitShard"
