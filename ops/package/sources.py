"""Which files of the source tree are deployed: an explicit list; anything else below ``functions/`` is refused.

A folder that is copied as it is takes along what lies in it: an ``.env``, an editor's backup, the target of a link.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from deployment.s_yaml import SYamlError, load_deployment

FOLDER = "functions"
_DEFAULT_POLICIES = "functions/policies.yaml"
"""What `functions.retention.cloud.settings` reads where ``POLICIES_FILE`` is not set."""

_ANY_ACCOUNT = "1" * 16
_CACHES = "__pycache__"
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.py")
_SCHEMA = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\.schema\.json")
_SUBFOLDER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SourcesError(Exception):
    """Files that may not be deployed, or that are missing: each by name, with what to do."""


def policy_files(s_yaml: Path, environ: Mapping[str, str]) -> list[Path]:
    """Return the policy files that an s.yaml names in ``POLICIES_FILE``, relative to its folder, each once.

    An absolute path is of a file that is not in the package, so it is left out.

    Raises:
        SourcesError: s.yaml cannot be read or used, or a path leads out of its folder.
    """
    try:
        functions = load_deployment(s_yaml, environ=environ, account_id=_ANY_ACCOUNT).functions.values()
    except (OSError, SYamlError) as error:
        raise SourcesError(str(error)) from error
    named = {function.environment_variables.get("POLICIES_FILE") or _DEFAULT_POLICIES for function in functions}
    found = [Path(name) for name in sorted(named) if not Path(name).is_absolute()]
    for path in found:
        if ".." in path.parts:
            raise SourcesError(f"{s_yaml.name}: POLICIES_FILE {path} leads out of the folder. Name a file inside it.")
    return found


def sources(root: Path, policies: list[Path]) -> list[Path]:
    """Return what is deployed of a source tree, relative to it, sorted.

    These are the modules and JSON schemas (``*.schema.json``) below ``functions/``, and the policy files. Byte code in
    ``__pycache__`` is passed over.

    Args:
        root: the source tree.
        policies: from `policy_files`.

    Raises:
        SourcesError: something else lies below ``functions/``, a file is a link, or a policy file is missing.
    """
    problems: list[str] = []
    found = set(policies)
    for path, reason in _below(root, root / FOLDER):
        if path in found and "link" not in reason:
            continue
        if reason:
            problems.append(f"{path.as_posix()}: {reason}")
        else:
            found.add(path)
    for path in policies:
        problems += _missing(root, path)
    if problems:
        raise SourcesError(
            f"Not for the package; move it out of {FOLDER}/ or remove it:\n  " + "\n  ".join(sorted(set(problems)))
        )
    return sorted(found)


def _below(root: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder, relative to the root, with why it may not be deployed; "" when it may."""
    if folder.is_symlink():
        yield folder.relative_to(root), "is a link"
        return
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            path = Path(entry.path)
            if entry.is_symlink():
                yield path.relative_to(root), "is a link"
            elif not entry.is_dir():
                yield path.relative_to(root), _reason(entry)
            elif _SUBFOLDER.fullmatch(entry.name) is None:
                yield path.relative_to(root), "is a folder that cannot be a package"
            elif entry.name != _CACHES:
                yield from _below(root, path)


def _reason(entry: "os.DirEntry[str]") -> str:
    if not entry.is_file():
        return "is no regular file"
    if _MODULE.fullmatch(entry.name) or _SCHEMA.fullmatch(entry.name):
        return ""
    return "is no module, no JSON schema and not the policy file that s.yaml names"


def _missing(root: Path, path: Path) -> list[str]:
    """Why a policy file cannot be deployed; no link may lead to it either."""
    steps = [root.joinpath(*path.parts[: count + 1]) for count in range(len(path.parts))]
    if any(step.is_symlink() for step in steps):
        return [f"{path.as_posix()}: is a link"]
    if not steps[-1].is_file():
        return [f"{path.as_posix()}: is the policy file that s.yaml names, and is missing"]
    return []
