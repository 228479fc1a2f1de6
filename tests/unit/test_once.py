"""A folder that several test processes need is made once."""

from pathlib import Path

import pytest

from tests.once import once


def test_a_folder_is_made_once_for_all_that_need_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        folder.mkdir()
        made.append(folder)

    assert once(tmp_path_factory, "shared-once", make) == once(tmp_path_factory, "shared-once", make) == made[0]
    assert len(made) == 1


def test_a_folder_that_could_not_be_made_is_begun_anew(tmp_path_factory: pytest.TempPathFactory) -> None:
    def fail(folder: Path) -> None:
        folder.mkdir()
        (folder / "half").touch()
        raise OSError

    with pytest.raises(OSError, match=r"^$"):
        once(tmp_path_factory, "shared-anew", fail)
    assert list(once(tmp_path_factory, "shared-anew", Path.mkdir).iterdir()) == []
