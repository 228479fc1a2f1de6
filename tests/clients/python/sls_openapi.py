"""alibabacloud-sls20201230, the SLS SDK of the OpenAPI family.

Its signature is what FAKE_SIGNATURE names, v1 or v4.
"""

import os
import time

from alibabacloud_sls20201230 import models as m
from alibabacloud_sls20201230.client import Client
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions

from tests.clients.python import harness
from tests.clients.python.harness import case, refused, same

AT = harness.where()
SIGNATURE = os.environ.get("FAKE_SIGNATURE", "v1")
PROJECT = f"openapi-{SIGNATURE}"
STORE = "audit"


def client(secret: str = AT.secret) -> Client:
    """A client that reaches the fake as a proxy."""
    config = Config(
        access_key_id=AT.key_id,
        access_key_secret=secret,
        region_id=AT.region,
        endpoint=f"{AT.region}.log.aliyuncs.com",
        protocol="HTTP",
        http_proxy=AT.endpoint,
        signature_version=SIGNATURE,
    )
    return Client(config)


SLS = client()


@case
def create_a_project() -> None:
    SLS.create_project(m.CreateProjectRequest(project_name=PROJECT, description="of the clients suite"))
    same(SLS.get_project(PROJECT, m.GetProjectRequest()).body.project_name, PROJECT)


@case
def a_project_that_exists_is_refused() -> None:
    refused(
        lambda: SLS.create_project(m.CreateProjectRequest(project_name=PROJECT, description="")), "ProjectAlreadyExist"
    )


@case
def list_projects() -> None:
    body = SLS.list_project(m.ListProjectRequest(project_name=PROJECT, size=10, offset=0)).body
    same([each.project_name for each in body.projects], [PROJECT])


@case
def list_projects_without_any_parameter() -> None:
    assert PROJECT in [each.project_name for each in SLS.list_project(m.ListProjectRequest()).body.projects]


@case
def describe_a_project_anew() -> None:
    SLS.update_project(PROJECT, m.UpdateProjectRequest(description="changed"))
    same(SLS.get_project(PROJECT, m.GetProjectRequest()).body.description, "changed")


@case
def create_a_logstore() -> None:
    SLS.create_log_store(PROJECT, m.CreateLogStoreRequest(logstore_name=STORE, ttl=30, shard_count=1, auto_split=False))
    body = SLS.get_log_store(PROJECT, STORE).body
    same((body.ttl, body.shard_count, body.auto_split), (30, 1, False))


@case
def list_logstores_with_every_parameter() -> None:
    SLS.create_log_store(PROJECT, m.CreateLogStoreRequest(logstore_name="other", ttl=1, shard_count=1))
    body = SLS.list_log_stores(
        PROJECT, m.ListLogStoresRequest(logstore_name="aud", mode="standard", offset=0, size=10)
    ).body
    same((body.logstores, body.count, body.total), ([STORE], 1, 1))


@case
def list_logstores_of_one_kind_of_telemetry() -> None:
    same(SLS.list_log_stores(PROJECT, m.ListLogStoresRequest(telemetry_type="Metrics")).body.logstores, [])
    same(SLS.list_log_stores(PROJECT, m.ListLogStoresRequest(telemetry_type="None")).body.total, 2)


@case
def list_logstores_without_a_size() -> None:
    for number in range(120):
        SLS.create_log_store(PROJECT, m.CreateLogStoreRequest(logstore_name=f"many-{number}", ttl=1, shard_count=1))
    body = SLS.list_log_stores(PROJECT, m.ListLogStoresRequest(logstore_name="many")).body
    same((len(body.logstores), body.total), (120, 120))


@case
def change_a_logstore() -> None:
    SLS.update_log_store(PROJECT, STORE, m.UpdateLogStoreRequest(logstore_name=STORE, ttl=60, shard_count=1))
    same(SLS.get_log_store(PROJECT, STORE).body.ttl, 60)


def index(*names: str) -> m.Index:
    """An index of some fields, and of the full text."""
    keys = {name: m.IndexKey(type="text", token=[" "], case_sensitive=False) for name in names}
    return m.Index(keys=keys, line=m.IndexLine(token=[" ", ":"], case_sensitive=False, chn=False))


@case
def create_an_index() -> None:
    SLS.create_index(PROJECT, STORE, m.CreateIndexRequest(index("level")))
    assert "level" in SLS.get_index(PROJECT, STORE).body.keys


@case
def change_an_index() -> None:
    SLS.update_index(PROJECT, STORE, m.UpdateIndexRequest(index("level", "n")))
    same(sorted(SLS.get_index(PROJECT, STORE).body.keys), ["level", "n"])


def put(**headers: str) -> None:
    """Put two logs as the SDK does by default, or with certain headers."""
    now = int(time.time())
    logs = [
        m.LogItem(
            time=now, contents=[m.LogContent(key="level", value="warn"), m.LogContent(key="n", value=str(number))]
        )
        for number in range(2)
    ]
    group = m.LogGroup(topic="t", source="s", log_tags=[m.LogTag(key="host", value="h")], log_items=logs)
    request = m.PutLogsRequest(body=group)
    plain = {name.replace("_", "-"): value for name, value in headers.items()}
    SLS.put_logs_with_options(PROJECT, STORE, request, m.PutLogsHeaders(common_headers=plain), RuntimeOptions())


@case
def put_logs_with_the_default_compression() -> None:
    put()


@case
def put_logs_compressed_by_lz4() -> None:
    put(x_log_compresstype="lz4")


@case
def put_logs_compressed_by_deflate() -> None:
    put(x_log_compresstype="deflate")


@case
def put_logs_compressed_by_zstd() -> None:
    put(x_log_compresstype="zstd")


def hour() -> tuple[int, int]:
    """The hour around now."""
    now = int(time.time())
    return now - 1800, now + 1800


@case
def get_logs() -> None:
    since, until = hour()
    request = m.GetLogsRequest(from_=since, to=until, query="level: warn", line=10)
    harness.eventually(
        lambda: [each["level"] for each in SLS.get_logs(PROJECT, STORE, request).body.data],
        lambda levels: levels == ["warn"] * 8,
    )


@case
def get_logs_without_a_query() -> None:
    since, until = hour()
    assert len(SLS.get_logs(PROJECT, STORE, m.GetLogsRequest(from_=since, to=until)).body.data) >= 6


@case
def get_logs_by_every_parameter() -> None:
    since, until = hour()
    request = m.GetLogsRequest(
        from_=since, to=until, query="", line=2, offset=1, reverse=True, topic="t", power_sql=False
    )
    same(len(SLS.get_logs(PROJECT, STORE, request).body.data), 2)


@case
def count_logs_over_time() -> None:
    since, until = hour()
    body = SLS.get_histograms(PROJECT, STORE, m.GetHistogramsRequest(from_=since, to=until, query="level: warn")).body
    assert sum(each.count for each in body) >= 6
    assert all(each.from_ < each.to for each in body)


@case
def list_shards() -> None:
    (shard,) = SLS.list_shards(PROJECT, STORE).body
    same((shard.shard_id, shard.status), (0, "readwrite"))


@case
def find_a_place_in_a_shard() -> None:
    """PullLogs itself is no case: this SDK reads the protobuf of its answer as JSON (observed: 5.15.1)."""
    cursor = SLS.get_cursor(PROJECT, STORE, "0", m.GetCursorRequest(from_="begin")).body.cursor
    assert SLS.get_cursor_time(PROJECT, STORE, "0", m.GetCursorTimeRequest(cursor=cursor)).body.cursor_time > 0


@case
def keep_a_dashboard() -> None:
    chart = {"title": "c", "type": "line", "search": {"logstore": STORE, "query": "*"}, "display": {}}
    board = m.Dashboard(dashboard_name="board", display_name="D", charts=[m.Chart().from_map(chart)])
    SLS.create_dashboard(PROJECT, m.CreateDashboardRequest(board))
    same(SLS.get_dashboard(PROJECT, "board").body.dashboard_name, "board")


@case
def list_dashboards() -> None:
    for number in range(99):
        board = m.Dashboard(dashboard_name=f"d-{number}", display_name="E", charts=[])
        SLS.create_dashboard(PROJECT, m.CreateDashboardRequest(board))
    body = SLS.list_dashboard(PROJECT, m.ListDashboardRequest()).body
    same(len(body.dashboard_items), 100)
    few = SLS.list_dashboard(PROJECT, m.ListDashboardRequest(offset=95, size=10)).body
    same(len(few.dashboard_items), 5)


@case
def replace_a_dashboard() -> None:
    SLS.update_dashboard(PROJECT, "board", m.UpdateDashboardRequest(display_name="E", charts=[]))
    same(SLS.get_dashboard(PROJECT, "board").body.display_name, "E")
    SLS.delete_dashboard(PROJECT, "board")
    refused(lambda: SLS.get_dashboard(PROJECT, "board"), "DashboardNotExist")


@case
def keep_a_saved_search() -> None:
    SLS.create_saved_search(
        PROJECT,
        m.CreateSavedSearchRequest(savedsearch_name="q", display_name="Q", logstore=STORE, search_query="*", topic=""),
    )
    same(SLS.get_saved_search(PROJECT, "q").body.search_query, "*")
    body = SLS.list_saved_search(PROJECT, m.ListSavedSearchRequest(offset=0, size=10)).body
    same((body.count, body.total), (1, 1))
    SLS.update_saved_search(
        PROJECT,
        "q",
        m.UpdateSavedSearchRequest(savedsearch_name="q", display_name="Q", logstore=STORE, search_query="a", topic=""),
    )
    same(SLS.get_saved_search(PROJECT, "q").body.search_query, "a")
    SLS.delete_saved_search(PROJECT, "q")


@case
def keep_an_alert() -> None:
    schedule = m.Schedule(type="FixedRate", interval="15m")
    query = m.AlertQuery(chart_title="q", store=STORE, store_type="log", query="*", start="-15m", end="now")
    configuration = m.AlertConfiguration(version="2.0", type="default", dashboard="board", query_list=[query])
    SLS.create_alert(
        PROJECT,
        m.CreateAlertRequest(name="a", display_name="A", configuration=configuration, schedule=schedule),
    )
    same(SLS.get_alert(PROJECT, "a").body.name, "a")
    SLS.disable_alert(PROJECT, "a")
    same(SLS.get_alert(PROJECT, "a").body.status, "DISABLED")
    SLS.enable_alert(PROJECT, "a")
    same(SLS.get_alert(PROJECT, "a").body.status, "ENABLED")
    body = SLS.list_alerts(PROJECT, m.ListAlertsRequest(offset=0, size=10)).body
    same((body.total, [each.name for each in body.results]), (1, ["a"]))
    SLS.update_alert(
        PROJECT, "a", m.UpdateAlertRequest(display_name="B", configuration=configuration, schedule=schedule)
    )
    same(SLS.get_alert(PROJECT, "a").body.display_name, "B")
    SLS.delete_alert(PROJECT, "a")


@case
def a_wrong_secret_is_refused() -> None:
    refused(lambda: client("wrong").get_project(PROJECT, m.GetProjectRequest()), "SignatureNotMatch")


@case
def an_absent_logstore_is_refused() -> None:
    refused(lambda: SLS.get_log_store(PROJECT, "absent"), "LogStoreNotExist", "absent")


@case
def what_the_fake_lacks_is_refused_by_name() -> None:
    context = m.GetContextLogsRequest(pack_id="p", pack_meta="m", back_lines=1, forward_lines=1)
    calls = {
        "SplitShard": lambda: SLS.split_shard(PROJECT, STORE, "0", m.SplitShardRequest(key="8" * 32)),
        "MergeShards": lambda: SLS.merge_shard(PROJECT, STORE, "0"),
        "ListConsumerGroup": lambda: SLS.list_consumer_group(PROJECT, STORE),
        "CreateConsumerGroup": lambda: SLS.create_consumer_group(
            PROJECT, STORE, m.CreateConsumerGroupRequest(consumer_group="g", timeout=60, order=True)
        ),
        "DeleteConsumerGroup": lambda: SLS.delete_consumer_group(PROJECT, STORE, "g"),
        "ConsumerGroupHeartBeat": lambda: SLS.consumer_group_heart_beat(
            PROJECT, STORE, "g", m.ConsumerGroupHeartBeatRequest(consumer="c", body=[0])
        ),
        "GetCheckPoint": lambda: SLS.get_check_point(PROJECT, STORE, "g", m.GetCheckPointRequest()),
        "GetContextLogs": lambda: SLS.get_context_logs(PROJECT, STORE, context),
        "GetProjectLogs": lambda: SLS.get_project_logs(PROJECT, m.GetProjectLogsRequest(query="select 1")),
        "ListMachineGroup": lambda: SLS.list_machine_group(PROJECT, m.ListMachineGroupRequest(offset=0, size=1)),
        "GetLogStoreMeteringMode": lambda: SLS.get_log_store_metering_mode(PROJECT, STORE),
        "GetLogging": lambda: SLS.get_logging(PROJECT),
    }
    for name, call in calls.items():
        refused(call, "the fake does not have " + name)


@case
def delete_what_was_made() -> None:
    SLS.delete_index(PROJECT, STORE)
    SLS.delete_log_store(PROJECT, STORE)
    SLS.delete_project(PROJECT, m.DeleteProjectRequest())
    refused(lambda: SLS.get_project(PROJECT, m.GetProjectRequest()), "ProjectNotExist")


if __name__ == "__main__":
    harness.run()
