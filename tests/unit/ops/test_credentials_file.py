"""What is wrong with a credentials file is said: which file, which profile, which field, and never a value."""

import json
from pathlib import Path

import pytest

from ops.credentials_file import file_problems

SECRET = "do-not-show-this"
GOOD = {"name": "work", "mode": "AK", "access_key_id": "LTAI5t", "access_key_secret": SECRET}


def problems(home: Path, config: object = None, ini: str | None = None, **environ: str) -> list[str]:
    if config is not None:
        path = home / ".aliyun" / "config.json"
        path.parent.mkdir(parents=True)
        path.write_text(config if isinstance(config, str) else json.dumps(config))
    if ini is not None:
        path = home / ".alibabacloud" / "credentials.ini"
        path.parent.mkdir(parents=True)
        path.write_text(ini)
    return list(file_problems(home, environ))


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ("{", "is not JSON: line 1 column 2 cannot be read"),
        ({}, "the field current names no profile"),
        ([], "the field current names no profile"),
        ({"current": "work", "profiles": []}, "there is no profile 'work'; it has none"),
        ({"current": "home", "profiles": [GOOD]}, "there is no profile 'home'; it has work"),
        ({"current": "work", "profiles": [{**GOOD, "mode": ""}]}, "profile 'work' lacks the field mode"),
        (
            {"current": "work", "profiles": [{**GOOD, "access_key_id": ""}]},
            "profile 'work' lacks the field access_key_id, which mode 'AK' needs",
        ),
        (
            {"current": "work", "profiles": [{**GOOD, "mode": "StsToken"}]},
            "profile 'work' lacks the field sts_token, which mode 'StsToken' needs",
        ),
    ],
)
def test_a_fault_of_config_json_is_named(tmp_path: Path, config: object, what: str) -> None:
    (found,) = problems(tmp_path, config)
    assert found == f"{tmp_path}/.aliyun/config.json: {what}"
    assert SECRET not in found


@pytest.mark.parametrize(
    ("ini", "what"),
    [
        ("nonsense", "cannot be read at line 1"),
        ("[other]\ntype = access_key", "there is no profile 'default'; it has other"),
        (f"[default]\naccess_key_secret = {SECRET}", "profile 'default' lacks the field type"),
        (
            f"[default]\ntype = access_key\naccess_key_secret = {SECRET}",
            "profile 'default' lacks the field access_key_id, which type 'access_key' needs",
        ),
    ],
)
def test_a_fault_of_credentials_ini_is_named(tmp_path: Path, ini: str, what: str) -> None:
    (found,) = problems(tmp_path, ini=ini)
    assert found == f"{tmp_path}/.alibabacloud/credentials.ini: {what}"
    assert SECRET not in found


def test_files_in_order_or_absent_are_not_spoken_of(tmp_path: Path) -> None:
    assert problems(tmp_path) == []
    assert problems(tmp_path, {"current": "x", "profiles": [GOOD]}, ALIBABA_CLOUD_PROFILE="work") == []
