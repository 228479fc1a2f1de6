"""What a failed listing means: the root ends the run by name, a directory is left out and the others go on."""

import pytest

from functions.retention.core.errors import CloudError, NoAnswer, NotFound, Refused, StaleToken
from functions.retention.core.recycle_bin import Page
from functions.retention.core.run_end import RunOver
from functions.retention.walk.directory import Directory
from functions.retention.walk.failures import NotCounted
from functions.retention.walk.survey import Survey
from functions.retention.walk.unlisted import MOST_SILENT, Unlisted
from tests.unit.retention.bins import OLD, TreeBin, judge

GONE = NotFound("List", "InvalidFileId.NotFound", "gone")
STALE = StaleToken("List", "InvalidParameter.InvalidNextToken", "dead")
SILENT = NoAnswer("List", "Timeout", "nothing")


class Noted(NotCounted):
    """Failures that are only noted."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def cannot_list(self, file_id: str, path: str, error: CloudError) -> None:
        assert file_id
        assert error
        self.paths.append(path)


class Failing(TreeBin):
    """Some listings fail, by number of the listing and by directory."""

    def __init__(self, error: CloudError, *, root: bool, after: int = 0, page_size: int = 1) -> None:
        super().__init__(page_size=page_size)
        self.error, self.root, self.after = error, root, after

    def page(self, file_id: str, token: str = "") -> Page:
        page = super().page(file_id, token)
        if (file_id == "2") == self.root and len(self.calls) > self.after:
            raise self.error
        return page


def survey(tree: TreeBin, noted: Noted | None = None) -> Survey:
    return finish(Survey(tree, tree.recents(), judge(), failures=noted))


def finish(walk: Survey) -> Survey:
    while not walk.finished:
        walk.step()
    return walk


def fill(tree: Failing) -> Failing:
    for number in range(4):
        tree.write(f"/d/s{number}/f", 1)
        tree.write(f"/d/s{number}/g", 1)
    tree.remove("/d", OLD)
    tree.drop("/f", OLD)
    tree.drop("/g", OLD)
    return tree


@pytest.mark.parametrize(
    ("error", "after", "reason"),
    [(GONE, 0, "root-not-found"), (GONE, 1, "listing-lost"), (STALE, 0, "tokens-die"), (STALE, 1, "tokens-die")],
)
def test_a_root_that_cannot_be_listed_ends_the_run_by_name(error: CloudError, after: int, reason: str) -> None:
    with pytest.raises(RunOver, match=reason):
        survey(fill(Failing(error, root=True, after=after)), Noted())


def test_a_directory_that_answered_and_is_not_found_while_it_is_shown_ends_the_run() -> None:
    tree = fill(Failing(GONE, root=False))
    tree.after = 10**6
    walk = Survey(tree, tree.recents(), judge(), failures=Noted())
    while not any(token for file_id, token in tree.calls if file_id != "2"):
        walk.step()
    tree.after = 0
    with pytest.raises(RunOver, match="listing-lost"):
        finish(walk)


def test_directories_that_are_shown_and_not_found_are_told_and_none_of_their_entries_go() -> None:
    noted = Noted()
    walk = survey(fill(Failing(GONE, root=False, page_size=100)), noted)
    assert noted.paths == ["/d"]
    assert walk.tally.selected == 2


def test_one_silent_directory_after_another_is_told_while_the_root_answers() -> None:
    noted = Noted()
    unlisted = Unlisted(TreeBin(), noted)
    for number in range(2 * MOST_SILENT):
        unlisted.failed(f"id{number}", f"/{number}", SILENT)
    assert len(noted.paths) == 2 * MOST_SILENT


def test_a_root_that_is_silent_too_tells_a_service_that_answers_nobody() -> None:
    unlisted = Unlisted(fill(Failing(SILENT, root=True)), Noted())
    for number in range(MOST_SILENT - 1):
        unlisted.failed(f"id{number}", f"/{number}", SILENT)
    with pytest.raises(NoAnswer):
        unlisted.failed("last", "/last", SILENT)


def test_a_refusal_that_concerns_the_caller_is_no_fault_of_the_directory() -> None:
    noted = Noted()
    with pytest.raises(Refused):
        Unlisted(TreeBin(), noted).failed("id", "/d", Refused("List", "NoPermission", "no"))
    assert noted.paths == []


def test_a_directory_that_is_gone_from_its_parent_is_nothing_special() -> None:
    noted = Noted()
    Unlisted(TreeBin(), noted).not_found(Directory("7"), "/d", GONE)
    assert noted.paths == []
