"""A dry run looks at everything and touches nothing; jobs say what they are."""

import math
from dataclasses import replace

import pytest

from functions.retention.core.errors import MutationRefused
from functions.retention.core.job import Job
from functions.retention.core.recycle_bin import ROOT_ID, DryRunBin, JobList
from tests.unit.retention.bins import NOW, OLD
from tests.unit.retention.doubles import MemoryCloud, deployed
from tests.unit.retention.job_bin import FILE_SYSTEM

JOB = Job("j", "Delete", "7", "running", 1, NOW)


def test_a_dry_run_sees_what_there_is() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    cloud.bin.tree.drop("/a", OLD)
    dry = DryRunBin(cloud.bin)
    assert (dry.file_system_id, dry.attributes(), dry.tags()) == (FILE_SYSTEM, cloud.bin.attributes(), {})
    assert [entry.name for entry in dry.page(ROOT_ID).entries] == ["a"]
    assert dry.recent_directories() == cloud.bin.recent_directories()
    asked_at = cloud.bin.now
    assert dry.jobs() == JobList([], int(cloud.bin.now), asked_at)


def test_a_dry_run_changes_nothing() -> None:
    cloud = MemoryCloud(deployed(), NOW)
    file_id = cloud.bin.tree.drop("/a", OLD)
    dry = DryRunBin(cloud.bin)
    with pytest.raises(MutationRefused):
        dry.delete(file_id, "token", before=math.inf)
    with pytest.raises(MutationRefused):
        dry.cancel("j")
    assert (cloud.line.calls, cloud.bin.works) == (0, [])


@pytest.mark.parametrize(
    ("status", "active"),
    [
        ("running", True),
        ("defragmenting", True),
        ("success", False),
        ("fail", False),
        ("cancelled", False),
        ("", False),
    ],
)
def test_a_job_holds_the_slot_while_it_runs_or_tidies_up(status: str, *, active: bool) -> None:
    assert replace(JOB, status=status).is_active is active


@pytest.mark.parametrize(("kind", "deletes"), [("Delete", True), ("delete", True), ("Restore", False), ("", False)])
def test_only_a_job_that_says_so_deletes(kind: str, *, deletes: bool) -> None:
    assert replace(JOB, type=kind).is_delete is deletes
