"""What of the fake log service can be set, with its defaults."""

from dataclasses import dataclass

DAY = 86_400.0


@dataclass(frozen=True)
class SlsSettings:
    """Latencies, limits and the answers to questions the vendor leaves open. Replace the whole to change one.

    Attributes:
        region: the one region served.
        owner: the account's id.
        index_lag: seconds from a write to its being found; evaluated at each read. Documented: at most 3 s for
            fresh data (GetLogs page, 2019); minutes have been seen under load, hence settable.
        pull_lag: seconds from an acknowledged PutLogs to its being in a PullLogs of its shard, and before the cursor
            ``end``; 0 to 60. Assumed to be 0: the vendor documents first in, first out, and "within seconds".
        incomplete: reads answer ``Incomplete`` and give half of what they should (assumed: which part is missing).
        put_latency: seconds per PutLogs.
        read_latency: seconds per GetLogs.
        pull_latency: seconds per PullLogs.
        meta_latency: seconds per any other call.
        max_body_bytes: raw size of a PutLogs; 10 MiB by the error's own text ("Error codes" page), 3 MB by the
            PutLogs page of 2021.
        max_pull_bytes: raw size of a PullLogs, unless its first group alone is larger (assumed: as for PutLogs).
        max_logs_per_put: documented: PutLogs page, 2021; newer pages name no number. None: no limit.
        max_value_bytes: documented: PutLogs page, 2021.
        max_key_bytes: documented: "Data model" page, 2020.
        log_age_seconds: how old a log's time may be; documented: PutLogs page, 2021. None: any time passes.
        log_future_seconds: how far in the future it may lie; as above.
        unique_keys: refuse a log that names a key twice (documented as undefined: "Data encoding" page).
        logstores_per_project: documented: CreateLogStore page.
        searches_per_project: saved searches; observed: the vendor's Java SDK tests.
        dashboards_per_project: documented: "Basic resources" page.
        charts_per_dashboard: observed: the vendor's Java SDK tests.
        alerts_per_project: documented: "Basic resources" page.
    """

    region: str = "cn-hangzhou"
    owner: str = "1234567890123456"
    index_lag: float = 5.0
    pull_lag: float = 0.0
    incomplete: bool = False
    put_latency: float = 0.02
    read_latency: float = 0.05
    pull_latency: float = 0.02
    meta_latency: float = 0.03
    max_body_bytes: int = 10 * 1024 * 1024
    max_pull_bytes: int = 10 * 1024 * 1024
    max_logs_per_put: int | None = 4096
    max_value_bytes: int = 1024 * 1024
    max_key_bytes: int = 128
    log_age_seconds: float | None = 7 * DAY
    log_future_seconds: float = 900.0
    unique_keys: bool = True
    logstores_per_project: int = 200
    searches_per_project: int = 100
    dashboards_per_project: int = 100
    charts_per_dashboard: int = 200
    alerts_per_project: int = 100

    def __post_init__(self) -> None:
        for name in ("index_lag", "pull_lag"):
            lag = getattr(self, name)
            if not 0 <= lag <= 60:  # noqa: PLR2004 - the range the fake promises
                raise ValueError(f"{name} is {lag}: 0 to 60 seconds are allowed")
