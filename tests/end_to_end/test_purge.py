"""One purge, end to end: timer, sweep, queue, purge, jobs, hand-overs, outcome."""

from pathlib import Path

from tests.end_to_end import oracle
from tests.end_to_end.stage import RULES, fill, stage


def test_a_sweep_deletes_what_is_aged_and_nothing_else(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        fill(play.file_system, play.now)
        before, at = oracle.present(play.file_system), play.now
        play.sweep()
        gone = before.keys() - oracle.present(play.file_system).keys()
        assert gone == oracle.must_go(before.values(), RULES, at)
        assert play.ends() == ["completed"]
        assert play.file_system.jobs_created == oracle.fewest_jobs(before.values(), RULES, at)
