"""The README: its policies are played against its bin, and the timer fires when the deploy chapter says."""

import re
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from aliyun_fakes.fc import load_deployment
from deployment.schedules import Schedule, parse_schedule
from functions.retention.core.entry import Entry
from functions.retention.core.recycle_bin import BinAttributes
from functions.retention.core.service_time import format_service_time
from functions.retention.policy.judge import Judge
from functions.retention.policy.load import load_policies, read_policies
from functions.retention.policy.units import parse_duration, parse_size
from functions.retention.walk.bin_size import BinSize
from functions.retention.walk.capacity import capacity_rules, reclaim
from functions.retention.walk.order import rank
from functions.retention.walk.selection import Collector, TargetSet, row_of, rows_of

README = Path(__file__).parents[2] / "README.md"
NOW = 1_800_000_000.0
FILE_SYSTEM = "1ca404a5e2"


def chapter() -> str:
    return README.read_text(encoding="utf-8").split("\n## Policies\n")[1].split("\n## ")[0]


def examples() -> list[str]:
    return re.findall("```yaml\n(.*?)```", chapter(), re.DOTALL)


def table() -> dict[str, Entry]:
    """The bin of the chapter's table, by path."""
    entries = {}
    rows = [line.strip("|").split("|") for line in chapter().splitlines() if line.startswith("| /")]
    for number, row in enumerate(rows):
        path, kind, deleted, size, accessed, changed = (cell.strip() for cell in row)
        at, atime, mtime = (format_service_time(NOW - parse_duration(age)) for age in (deleted, accessed, changed))
        name = path.rpartition("/")[2]
        entries[path] = Entry(str(number), kind.title(), name, at, atime, mtime, mtime, parse_size(size), str(number))
    return entries


def comment(example: str, name: str) -> str:
    found = re.search(f"^# {name}: (.*)$", example, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("example", examples())
def test_an_example_takes_what_it_says_and_nothing_else(example: str) -> None:
    file = load_policies(example, "README.md")
    policies = file.for_file_system(FILE_SYSTEM, yaml.safe_load(comment(example, "tags")) or {})
    judge, rules, collector = (
        Judge(policies, file.guardrails, as_of=NOW, now=NOW),
        capacity_rules(policies),
        Collector(),
    )
    for path, entry in table().items():
        verdict = judge.verdict(entry, path.rpartition("/")[0] or "/")
        if verdict.delete:
            rule = rules.get(verdict.policy or "")
            number, order = (rule.number, rule.order) if rule else (0, "as-found")
            collector.add(row_of(entry, rank(order, entry.size, entry.delete_time), size=entry.size, rule=number))
    rows = rows_of(collector.payloads())
    size = sum(entry.size or 0 for entry in table().values())
    attributes = BinAttributes(enabled=True, reserved_days=30, size=size)
    freed = sum(row.size or 0 for row in rows if not row.rule)
    chosen = TargetSet(reclaim(rows, rules, BinSize(attributes, size), freed)[0])
    going = {path for path, entry in table().items() if entry in chosen}
    assert going == set(comment(example, "goes").split())


def test_the_chapter_shows_every_key_of_a_policy_file() -> None:
    schema = README.parent / "functions" / "policies.schema.json"
    names = re.findall('"([a-z_-]+)": {', schema.read_text(encoding="utf-8").split('"$defs"')[1])
    known = {name for name in names if name not in {"properties", "items", "additionalProperties", "patternProperties"}}
    assert {name for name in known if name not in chapter()} == set()


def fires(schedule: Schedule) -> list[datetime]:
    """When a timer fires on a day in Shanghai."""
    zone = ZoneInfo("Asia/Shanghai")
    midnight = datetime(2026, 11, 21, tzinfo=zone)
    found, moment = list[datetime](), schedule.next_after(midnight.timestamp() - 1)
    while moment is not None and moment < midnight.timestamp() + 86_400:
        found.append(datetime.fromtimestamp(moment, timezone.utc).astimezone(zone))
        moment = schedule.next_after(moment)
    return found


def test_the_timer_fires_when_the_deploy_chapter_says() -> None:
    text = " ".join(README.read_text(encoding="utf-8").split())
    functions = load_deployment(README.parent / "s.yaml", environ={}, account_id="1234567890123456").functions
    (timer,) = functions["nas-retention-sweep"].timers
    times = fires(parse_schedule(timer.trigger_config.cron_expression))
    (window,) = read_policies(README.parent / "functions" / "policies.yaml").guardrails.window
    *others, last = [f"{time:%H:%M}" for time in times]
    assert f"({', '.join(others)} and {last} in Shanghai: `sweep_schedule`" in text
    inside = [f"{time:%H:%M}" for time in times if window.open_at(time.timestamp())]
    assert f"with the hours and the timer as shipped those at {' and '.join(inside)}." in text


def test_examples_ship_disarmed() -> None:
    assert all("mode: enforce" not in example for example in examples())
