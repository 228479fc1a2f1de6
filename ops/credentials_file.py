"""Say what is wrong with the files in which the vendor's default chain looks for credentials. No value is ever shown.

The chain reads ``~/.aliyun/config.json``, then ``~/.alibabacloud/credentials.ini``, and tells only that no place had
credentials (observed: alibabacloud-credentials 1.0). The names of the fields are the chain's own.
"""

import configparser
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "AK": ("access_key_id", "access_key_secret"),
    "StsToken": ("access_key_id", "access_key_secret", "sts_token"),
    "RamRoleArn": ("access_key_id", "access_key_secret", "ram_role_arn"),
    "OIDC": ("ram_role_arn", "oidc_provider_arn", "oidc_token_file"),
    "ChainableRamRoleArn": ("source_profile", "ram_role_arn"),
}
"""Fields of a profile of config.json, by its mode. Other modes are not looked into."""

_SECTION_NEEDS: Mapping[str, tuple[str, ...]] = {
    "access_key": ("access_key_id", "access_key_secret"),
    "ram_role_arn": ("access_key_id", "access_key_secret", "role_arn"),
    "oidc_role_arn": ("role_arn", "oidc_provider_arn", "oidc_token_file_path"),
    "rsa_key_pair": ("public_key_id", "private_key_file"),
}
"""Fields of a section of credentials.ini, by its type."""


def file_problems(home: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each file that is there and holds no credentials that can be used: which profile, which field.

    Args:
        home: the user's folder.
        environ: environment variables.
    """
    config = home / ".aliyun" / "config.json"
    if config.is_file():
        yield from (f"{config}: {what}" for what in _config(config, environ.get("ALIBABA_CLOUD_PROFILE", "")))
    ini = Path(environ.get("ALIBABA_CLOUD_CREDENTIALS_FILE") or home / ".alibabacloud" / "credentials.ini")
    if ini.is_file():
        yield from (f"{ini}: {what}" for what in _ini(ini, environ.get("ALIBABA_CLOUD_PROFILE") or "default"))


def _config(path: Path, wanted: str) -> Iterator[str]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        yield f"{error.strerror}"
        return
    except ValueError as error:
        place = f"line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its text"
        yield f"is not JSON: {place} cannot be read"
        return
    current = wanted or (config.get("current") if isinstance(config, dict) else None)
    if not isinstance(current, str) or not current:
        yield "the field current names no profile"
        return
    listed = config.get("profiles") if isinstance(config, dict) else None
    profiles = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    named = [each for each in profiles if each.get("name") == current]
    if not named:
        names = ", ".join(str(each.get("name")) for each in profiles)
        yield f"there is no profile {current!r}; it has {names or 'none'}"
        return
    yield from _lacks(named[0], f"profile {current!r}", "mode", _NEEDS)


def _ini(path: Path, wanted: str) -> Iterator[str]:
    parser = configparser.ConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except OSError as error:
        yield f"{error.strerror}"
        return
    except (ValueError, configparser.Error) as error:
        line = getattr(error, "lineno", None)
        yield "cannot be read" + (f" at line {line}" if line else "")
        return
    if not parser.has_section(wanted):
        yield f"there is no profile {wanted!r}; it has {', '.join(parser.sections()) or 'none'}"
        return
    yield from _lacks(dict(parser.items(wanted, raw=True)), f"profile {wanted!r}", "type", _SECTION_NEEDS)


def _lacks(profile: Mapping[str, Any], where: str, kind: str, needs: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    if not profile.get(kind):
        yield f"{where} lacks the field {kind}"
        return
    for name in needs.get(str(profile[kind]), ()):
        if not isinstance(profile.get(name), str) or not profile[name].strip():
            yield f"{where} lacks the field {name}, which {kind} {str(profile[kind])[:40]!r} needs"
