"""The command line as a whole: its version, and that it is the same however it is called."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

from ops import __version__
from ops.app import main
from ops.names import ROOT
from tests.unit.ops.operator import Operator


def test_the_version_is_shown(operator: Operator) -> None:
    answer = operator.run("--version")
    assert (answer.code, answer.out) == (0, f"nas-retention {__version__}\n")


def test_the_changelog_begins_with_this_version_or_what_is_not_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\n## [{__version__}] - 2" in text


def test_the_module_runs_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops", "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"nas-retention {__version__}\n")


def test_the_installed_command_is_the_same_function() -> None:
    (line,) = (
        text for text in (ROOT / "pyproject.toml").read_text().splitlines() if text.startswith("nas-retention =")
    )
    value = line.partition("=")[2].strip().strip('"')
    assert EntryPoint("nas-retention", value, "console_scripts").load() is main


def test_without_an_s_yaml_here_it_says_how_to_name_one(operator: Operator, tmp_path: Path) -> None:
    answer = operator.run("ram", "--s-yaml", str(tmp_path / "s.yaml"))
    assert answer.code == 2
    assert f"{tmp_path}/s.yaml: No such file or directory; name the deployment's file with --s-yaml" in answer.err
