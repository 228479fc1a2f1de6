"""A run that selects far more than usual, played whole: it stops, and a person lets it go by its plan."""

from pathlib import Path

from tests.end_to_end.stage import DAY, stage
from tests.end_to_end.test_console_purge import plan, purge


def test_a_plan_says_that_it_is_unusual_and_its_purge_goes_all_the_same(tmp_path: Path) -> None:
    with stage(tmp_path) as play:
        for day in range(3):
            play.file_system.recycle(f"/usual-{day}", size=5, deleted_at=play.now - 20 * DAY)
            play.sweep()
            play.cloud.clock.sleep(DAY)
        play.file_system.recycle("/flood", size=100 << 30, deleted_at=play.now - 20 * DAY)
        play.sweep()
        assert play.ends() == ["completed"] * 3 + ["unusual"]
        answer = plan(play)
        assert "the run selects 100.0 GiB, usual are 0.0 GiB" in answer["enforcing_policies"]["unusual"]
        assert purge(play, plan_id=answer["plan_id"])["ok"]
        assert play.file_system.jobs_created == 4
