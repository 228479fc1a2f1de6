"""Every question that dashboard, searches and alerts ask, answered over records like those the functions write."""

import pytest
from aliyun.log import LogClient, PutLogsRequest

from aliyun_fakes.cloud import REGION, FakeCloud
from aliyun_fakes.core.credentials import TEST_KEY
from functions.retention.audit.schema import record
from functions.retention.core.run_end import EndReason
from ops.provision import queries
from ops.provision.alerts import LONGEST_SPAN, alerts
from ops.provision.dashboard import CHARTS
from ops.provision.index import audit_index, function_index
from ops.provision.queries import Query
from ops.provision.searches import SEARCHES
from tests.contract.log_item import log_item
from tests.unit.ops.provision.log_sql import Value, answer

GIB = 1 << 30


class AuditLog:
    """Both logstores with their indexes, and records put into them."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._sls, self._count = cloud.sls, 0
        self._client = LogClient(
            f"https://{REGION}.log.aliyuncs.com",
            TEST_KEY.id,
            TEST_KEY.secret,
            source="test",
            auth_version="v4",
            region=REGION,
        )
        self._sls.create_project("project")
        self._sls.create_logstore("project", "audit", index=audit_index())
        self._sls.create_logstore("project", "functions", index=function_index())
        self._clock = cloud.clock

    def put(self, event: str, at: str = "2026-11-20T10:00:00Z", copies: int = 1, **fields: object) -> None:
        """One record, as many times as the log may hold it."""
        self._count += 1
        line = record(event, {"event_id": f"id-{self._count}", "at": at, "file_system": "fs", **fields})
        for _ in range(copies):
            self._write("audit", line)

    def say(self, text: str) -> None:
        """A line that a function printed."""
        self._write("functions", {"message": text})

    def ask(self, query: Query, logstore: str = "audit") -> list[dict[str, Value]]:
        self._clock.sleep(120)
        return answer(self._sls, "project", logstore, query)

    def _write(self, logstore: str, line: dict[str, str]) -> None:
        item = log_item(self._clock.now(), list(line.items()))
        self._client.put_logs(PutLogsRequest("project", logstore, "topic", None, [item]))


@pytest.fixture
def log(cloud: FakeCloud) -> AuditLog:
    return AuditLog(cloud)


def outcome(log: AuditLog, token: str, size: int, status: str = "success", **fields: object) -> None:
    log.put("outcome", client_token=token, size=size, status=status, mode="enforce", **fields)  # type: ignore[arg-type]


def test_reclaimed_bytes_count_each_deletion_once(log: AuditLog) -> None:
    outcome(log, "a", 100, copies=3)
    outcome(log, "a", 100)
    outcome(log, "b", 50)
    outcome(log, "c", 7, at="2026-11-21T00:00:00Z")
    outcome(log, "d", 1000, status="fail")
    assert log.ask(queries.RECLAIMED) == [
        {"day": "2026-11-20", "file_system": "fs", "bytes": 150},
        {"day": "2026-11-21", "file_system": "fs", "bytes": 7},
    ]


def test_outcomes_count_jobs(log: AuditLog) -> None:
    for token, status in (("a", "success"), ("a", "success"), ("b", "success"), ("c", "fail")):
        outcome(log, token, 1, status=status)
    assert log.ask(queries.OUTCOMES) == [{"status": "success", "jobs": 2}, {"status": "fail", "jobs": 1}]


def test_busy_share_is_of_a_day_and_leaves_out_what_runs_still(log: AuditLog) -> None:
    log.put("intent", client_token="a", at="2026-11-20T10:00:00Z")
    outcome(log, "a", 1, at="2026-11-20T16:00:00Z")
    log.put("intent", client_token="b", at="2026-11-20T16:00:00Z")
    assert log.ask(queries.SLOT_BUSY) == [{"day": "2026-11-20", "file_system": "fs", "percent": 25.0}]


def test_hand_overs_are_counted_by_day(log: AuditLog) -> None:
    log.put("handed-over", copies=2)
    log.put("handed-over")
    log.put("started")
    assert log.ask(queries.HAND_OVERS) == [{"day": "2026-11-20", "hand_overs": 2}]


def test_refusals_show_bad_ends_and_no_good_ones(log: AuditLog) -> None:
    log.put("ended", reason="completed")
    log.put("ended", reason="superseded")
    log.put("ended", reason="clock-skew", detail="first")
    log.put("ended", reason="clock-skew", detail="last", at="2026-11-20T11:00:00Z")
    log.put("refused", reason="refused", detail="no index")
    found = log.ask(queries.REFUSALS)
    assert [(row["event"], row["reason"], row["times"], row["detail"]) for row in found] == [
        ("ended", "clock-skew", 2, "last"),
        ("refused", "refused", 1, "no index"),
    ]


def test_every_reason_is_either_wanted_or_alerts() -> None:
    wanted = {
        "completed",
        "policy-changed",
        "stopped-by-person",
        "resting",
        "cancelled",
        "held",
        "paused",
        "window-closed",
        "bin-changed",
        "superseded",
    }
    alerting_alone = {"policies-differ"}
    assert set(queries.UNWANTED_ENDS) == set(EndReason) - wanted - alerting_alone
    assert all(f'"{reason}"' in queries.POLICIES_DIFFER.search for reason in alerting_alone)


def test_backlog_is_runs_without_an_end_oldest_first(log: AuditLog) -> None:
    log.put("started", run="done", as_of="2026-11-18T00:00:00Z")
    log.put("ended", run="done", reason="completed")
    log.put("started", run="young", as_of="2026-11-20T00:00:00Z")
    log.put("started", run="old", as_of="2026-11-19T00:00:00Z")
    log.put("handed-over", run="old", as_of="2026-11-19T00:00:00Z", selected=9, jobs_done=2)
    log.put("handed-over", run="old", as_of="2026-11-19T00:00:00Z", selected=10, jobs_done=10)
    found = log.ask(queries.BACKLOG)
    assert [(row["run"], row["selected"], row["jobs_done"]) for row in found] == [
        ("old", 10, 10),
        ("young", None, None),
    ]


def test_plans_are_the_newest_surveys(log: AuditLog) -> None:
    log.put("surveyed", mode="dry-run", selected=5, jobs=2, bytes=70)
    log.put("surveyed", mode="dry-run", selected=6, jobs=3, bytes=80, at="2026-11-20T12:00:00Z")
    assert [(row["selected"], row["jobs"], row["bytes"]) for row in log.ask(queries.PLANS)] == [(6, 3, 80)]


def test_nothing_deleted_is_seen_by_file_system(log: AuditLog) -> None:
    for file_system in ("stuck", "works"):
        log.put("surveyed", mode="enforce", selected=5, file_system=file_system)
    log.put("surveyed", mode="enforce", selected=0, file_system="empty")
    log.put("surveyed", mode="dry-run", selected=5, file_system="dry")
    outcome(log, "a", 1, file_system="works")
    outcome(log, "b", 1, status="fail", file_system="stuck")
    assert log.ask(queries.NOTHING_DELETED) == [{"file_system": "stuck", "selected": 5}]


def test_no_sweep_is_a_row_only_when_there_was_none(log: AuditLog) -> None:
    log.put("started", trigger="sweep")
    assert log.ask(queries.NO_SWEEP) == [{"sweeps": 0}]
    log.put("refused", trigger="sweep")
    assert log.ask(queries.NO_SWEEP) == []


def test_quarantined_targets_are_named_once(log: AuditLog) -> None:
    log.put("skipped", reason="quarantined", file_id="1", path="/a b/c")
    log.put("skipped", reason="quarantined", file_id="1", path="/a b/c")
    log.put("skipped", reason="expires-itself", file_id="2", path="/d")
    assert [(row["file_id"], row["path"]) for row in log.ask(queries.QUARANTINED)] == [("1", "/a b/c")]


@pytest.mark.parametrize(("newest", "rings"), [(31 * GIB, True), (29 * GIB, False)])
def test_far_above_the_usual_is_three_times_the_median(log: AuditLog, newest: int, rings: bool) -> None:  # noqa: FBT001 - a table
    for hour in range(3):
        log.put("surveyed", mode="enforce", bytes=10 * GIB, at=f"2026-11-20T0{hour}:00:00Z")
    log.put("surveyed", mode="enforce", bytes=newest, at="2026-11-20T09:00:00Z")
    assert bool(log.ask(queries.FAR_ABOVE_USUAL)) is rings


def test_far_above_the_usual_needs_a_usual_and_a_size_that_matters(log: AuditLog) -> None:
    log.put("surveyed", mode="enforce", bytes=100 * GIB)
    for hour in range(4):
        log.put("surveyed", mode="dry-run", bytes=10**hour, at=f"2026-11-20T0{hour}:00:00Z")
    assert log.ask(queries.FAR_ABOVE_USUAL) == []


def test_dead_letters_of_the_functions_are_told(log: AuditLog) -> None:
    log.put("poison", detail="not JSON", message="{")
    log.put("ended", run="r", reason="failed", detail="KeyError")
    log.put("ended", run="s", reason="refused")
    assert {(row["event"], row["detail"]) for row in log.ask(queries.DEAD_LETTERS)} == {
        ("poison", "not JSON"),
        ("ended", "KeyError"),
    }


def test_function_errors_are_found_in_the_functions_own_log(log: AuditLog) -> None:
    log.say("FC Invoke End RequestId: 1-2-3, Error: Unhandled function error")
    log.say("FC Invoke End RequestId: 4-5-6")
    assert log.ask(queries.FUNCTION_ERRORS, "functions") == [{"topic": "topic", "lines": 1}]


def test_every_chart_draws_columns_its_query_has(log: AuditLog) -> None:
    for event in ("intent", "outcome", "surveyed", "started", "handed-over", "refused", "skipped"):
        log.put(event, client_token="a", status="success", run="r", reason="quarantined", selected=1, bytes=1)
    for chart in CHARTS:
        rows = log.ask(chart.query)
        assert rows, chart.title
        assert set(chart.x) | set(chart.y) <= set(rows[0]), chart.title


def test_every_search_is_understood(log: AuditLog) -> None:
    for _, query in SEARCHES.values():
        log.ask(Query(query.search, query.sql or "SELECT 1 FROM log"))


@pytest.mark.parametrize("period", [6 * 3600.0, 24 * 3600.0, float("inf")])
def test_no_alert_looks_back_further_than_it_may_and_none_leaves_a_gap(period: float) -> None:
    for alert in alerts(period):
        assert alert.every <= alert.span <= LONGEST_SPAN


def test_silence_is_told_after_two_periods_and_not_before() -> None:
    spans = {alert.name: alert.span for alert in alerts(6 * 3600.0)}
    assert 2 * 6 * 3600 < spans["no-sweep"] <= 2 * 6 * 3600 + 3600
