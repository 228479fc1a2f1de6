"""Packaging: what goes in, what stays out, and that equal inputs give equal bytes."""

import hashlib
import marshal
import os
import re
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from types import CodeType

import pytest
from packaging.utils import canonicalize_name

from functions.retention.core.errors import PolicyError
from ops.package.__main__ import build
from ops.package.archive import write_zip
from ops.package.build import (
    RUNTIMES,
    BuildError,
    compile_tree,
    copy_sources,
    install,
    refuse_compiled_here,
    run,
    runtime,
)
from ops.package.interpreters import candidates, find
from ops.package.prune import PATHS, Pruned, kept
from ops.package.sources import SourcesError, policy_files, sources

ROOT = Path(__file__).resolve().parents[4]
LOCKS = {
    "requirements.txt": "ops/package/lock.txt",
    "ops/requirements.txt": "ops/lock.txt",
    "tests/requirements.txt": "tests/lock.txt",
    "ops/package/tools.txt": "ops/package/tools-lock.txt",
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
PYC_HEADER = 16
UNCHECKED_HASH = 1


def _write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _pins(path: str) -> set[tuple[str, str]]:
    """Name and version of each line of a file of requirements or of a lock; a lock may have several of one name."""
    return {(canonicalize_name(name), version) for name, version in PIN.findall((ROOT / path).read_text())}


def _wheel(folder: Path, name: str) -> str:
    """A wheel of no content; its pin with its hash."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256((folder / f"{name}-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    return f"{name}==1.0 --hash=sha256:{digest}\n"


def test_a_shim_that_exists_but_fails_is_no_interpreter(tmp_path: Path) -> None:
    shim = _write(tmp_path / "python", "#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert find([str(shim)], HERE) is None
    assert find([str(shim), "", str(tmp_path / "absent"), sys.executable], HERE) == sys.executable


def test_an_interpreter_of_another_version_is_none() -> None:
    assert find([sys.executable], "2.7") is None


def test_interpreters_are_sought_on_the_path_and_among_those_of_pyenv(tmp_path: Path) -> None:
    on_path = _write(tmp_path / "bin/python9.9")
    on_path.chmod(0o755)
    of_pyenv = _write(tmp_path / ".pyenv/versions/9.9.1/bin/python9.9")
    found = list(candidates({"PATH": str(on_path.parent), "HOME": str(tmp_path)}, "9.9"))
    assert found == [sys.executable, str(on_path), str(of_pyenv)]


@pytest.mark.parametrize(("requirements", "lock"), LOCKS.items())
def test_a_lock_holds_every_requirement_in_its_version(requirements: str, lock: str) -> None:
    assert _pins(requirements)
    assert _pins(requirements) <= _pins(lock)


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_line_of_a_lock_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert len(PIN.findall(text)) == len(re.findall(r"^\S+==.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE))


@pytest.mark.parametrize("lock", ["ops/package/lock.txt", "ops/lock.txt"])
def test_what_is_deployed_or_operates_has_the_versions_that_are_tested(lock: str) -> None:
    assert _pins(lock) <= _pins("tests/lock.txt")


def test_what_is_excluded_is_in_no_lock_and_no_requirement_each_with_a_reason() -> None:
    lines = (ROOT / "ops/package/excludes.txt").read_text().splitlines()
    excluded = [line.partition("  # ") for line in lines if not line.startswith("#")]
    assert all(reason for _, _, reason in excluded)
    found = {name for path in (*LOCKS, *LOCKS.values()) for name, _ in _pins(path)}
    assert found.isdisjoint(name for name, _, _ in excluded)


def test_pruned_paths_stay_out(tmp_path: Path) -> None:
    for name in ("light/__init__.py", "light/types.pyi", "light/__pycache__/x.pyc", "light-1.dist-info/RECORD"):
        _write(tmp_path / name)
    files = kept(tmp_path, [Pruned("*.pyi", "types"), Pruned("*/RECORD", "pip")])
    assert [path.relative_to(tmp_path).as_posix() for path in files] == ["light/__init__.py"]


def test_a_line_of_the_prune_list_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "light/__init__.py")
    with pytest.raises(LookupError, match=r"gone/\*"):
        kept(tmp_path, [Pruned("light/x*", ""), Pruned("gone/*", "was never imported")])


def test_every_line_of_the_prune_list_has_a_reason() -> None:
    assert all(line.reason for line in PATHS)


def test_the_same_files_give_the_same_zip_whenever_and_wherever_they_were_written(tmp_path: Path) -> None:
    for folder, names in (("one", ["a", "b/c"]), ("two", ["b/c", "a"])):
        for name in names:
            _write(tmp_path / folder / name, name)
    os.utime(tmp_path / "two/a", (0, 0))
    (tmp_path / "two/a").chmod(0o600)
    sizes = [write_zip(tmp_path / folder, tmp_path / f"{folder}.zip") for folder in ("one", "two")]
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert sizes[0] == (tmp_path / "one.zip").stat().st_size
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["a", "b/c"]
        assert archive.read("b/c") == b"b/c"


def _byte_code(folder: Path) -> bytes:
    [path] = folder.rglob("*.pyc")
    return path.read_bytes()


def test_byte_code_is_never_checked_and_names_the_deployed_path(tmp_path: Path) -> None:
    _write(tmp_path / "functions/m.py", "VALUES = {'a', 'b', 'c'}\n")
    compile_tree(sys.executable, tmp_path)
    content = _byte_code(tmp_path)
    code = marshal.loads(content[PYC_HEADER:])  # noqa: S302 - made two lines above
    assert int.from_bytes(content[4:8], "little") == UNCHECKED_HASH
    assert isinstance(code, CodeType)
    assert code.co_filename == "/code/functions/m.py"


def test_the_same_sources_give_the_same_byte_code_in_any_folder(tmp_path: Path) -> None:
    for folder in ("one", "two/deeper"):
        _write(tmp_path / folder / "m.py", "def f(x):\n    return x in {'a', 'b', 'c', 'd', 'e'}\n")
        compile_tree(sys.executable, tmp_path / folder)
    assert _byte_code(tmp_path / "one") == _byte_code(tmp_path / "two")


def test_a_module_that_does_not_compile_stops_the_build(tmp_path: Path) -> None:
    _write(tmp_path / "m.py", "print 'no'\n")
    with pytest.raises(BuildError, match=r"m\.py"):
        compile_tree(sys.executable, tmp_path)


POLICIES = Path("functions/policies.yaml")


def _tree(root: Path) -> Path:
    for name in ("__init__.py", "retention/core/seal.py", "policies.yaml", "policies.schema.json"):
        _write(root / "functions" / name, name)
    _write(root / "functions/retention/__pycache__/seal.cpython-310.pyc")
    _write(root / "tests/test_a.py")
    return root


def test_modules_schemas_and_the_named_policy_file_are_deployed_and_nothing_else(tmp_path: Path) -> None:
    files = sources(_tree(tmp_path), [POLICIES])
    _write(tmp_path / "to/functions/gone.py")
    copy_sources(tmp_path, files, tmp_path / "to")
    copied = [path.relative_to(tmp_path / "to").as_posix() for path in (tmp_path / "to").rglob("*") if path.is_file()]
    assert sorted(copied) == [
        "functions/__init__.py",
        "functions/policies.schema.json",
        "functions/policies.yaml",
        "functions/retention/core/seal.py",
    ]


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        "policies.yaml~",
        "policies.yaml.bak",
        "other.yaml",
        "retention/.seal.py.swp",
        "retention/seal.py~",
        "retention/.#seal.py",
        "retention/#seal.py#",
        "retention/key.pem",
        ".git/config.py",
        "my notes/a.py",
        "id_rsa",
    ],
)
def test_anything_else_below_functions_is_refused_by_name(tmp_path: Path, name: str) -> None:
    _write(_tree(tmp_path) / "functions" / name, "SECRET=1")
    with pytest.raises(
        SourcesError, match=re.escape(f"functions/{name.partition('/a.py')[0].partition('/config')[0]}: ")
    ):
        sources(tmp_path, [POLICIES])


@pytest.mark.parametrize("name", ["linked.py", "linked", "retention/linked.schema.json", "policies.yaml"])
def test_a_link_is_refused_by_name_whatever_it_leads_to(tmp_path: Path, name: str) -> None:
    link = _tree(tmp_path) / "functions" / name
    link.unlink(missing_ok=True)
    link.symlink_to(
        _write(tmp_path / "outside/secret.py").parent if name == "linked" else tmp_path / "outside/secret.py"
    )
    _write(tmp_path / "outside/secret.py")
    with pytest.raises(SourcesError, match=re.escape(f"functions/{name}: is a link")):
        sources(tmp_path, [POLICIES])


def test_functions_that_are_a_link_are_refused(tmp_path: Path) -> None:
    _tree(tmp_path / "elsewhere")
    (tmp_path / "functions").symlink_to(tmp_path / "elsewhere/functions")
    with pytest.raises(SourcesError, match="functions: is a link"):
        sources(tmp_path, [POLICIES])


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(_tree(tmp_path) / "functions/pipe.py")
    with pytest.raises(SourcesError, match=r"functions/pipe\.py: is no regular file"):
        sources(tmp_path, [POLICIES])


def test_a_policy_file_that_is_named_and_missing_is_refused(tmp_path: Path) -> None:
    (_tree(tmp_path) / POLICIES).unlink()
    with pytest.raises(SourcesError, match=r"functions/policies\.yaml: .* missing"):
        sources(tmp_path, [POLICIES])


def test_a_policy_file_outside_functions_is_deployed_when_s_yaml_names_it(tmp_path: Path) -> None:
    _write(_tree(tmp_path) / "policies/production.yaml")
    (tmp_path / POLICIES).unlink()
    assert Path("policies/production.yaml") in sources(tmp_path, [Path("policies/production.yaml")])


@pytest.mark.parametrize(
    ("named", "files"),
    [("functions/policies.yaml", [POLICIES]), ("a/b.yaml", [Path("a/b.yaml")]), ("/mnt/policies.yaml", [])],
)
def test_the_policy_files_are_those_that_s_yaml_names(tmp_path: Path, named: str, files: list[Path]) -> None:
    text = (ROOT / "s.yaml").read_text().replace("POLICIES_FILE: functions/policies.yaml", f"POLICIES_FILE: {named}")
    assert policy_files(_write(tmp_path / "s.yaml", text), {}) == files


def test_a_policy_file_outside_of_the_repository_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "s.yaml").read_text().replace("POLICIES_FILE: functions/policies.yaml", "POLICIES_FILE: ../p.yaml")
    with pytest.raises(SourcesError, match="leads out"):
        policy_files(_write(tmp_path / "s.yaml", text), {})


def test_the_repository_itself_can_be_packaged() -> None:
    assert POLICIES in sources(ROOT, policy_files(ROOT / "s.yaml", {}))


@pytest.mark.slow
def test_installing_takes_what_the_lock_says_and_is_done_once_a_version(tmp_path: Path) -> None:
    lock = _write(tmp_path / "lock.txt", _wheel(tmp_path, "first"))
    tools, target = _write(tmp_path / "tools.txt"), tmp_path / "plain/python"
    options = ("--no-index", "--find-links", str(tmp_path), "--no-cache")
    install(lock, tools, target, "3.10", *options)
    assert {each.metadata["Name"]: each.version for each in distributions(path=[str(target)])} == {"first": "1.0"}
    (tmp_path / "first-1.0-py3-none-any.whl").unlink()
    install(lock, tools, target, "3.10", *options)
    with pytest.raises(BuildError, match="first"):
        install(lock, tools, target, "3.12", *options)


@pytest.mark.slow
def test_a_download_with_another_hash_is_refused(tmp_path: Path) -> None:
    pin = _wheel(tmp_path, "first")
    lock = _write(tmp_path / "lock.txt", f"first==1.0 --hash=sha256:{'0' * 64}\n")
    options = ("--no-index", "--find-links", str(tmp_path), "--no-cache")
    with pytest.raises(BuildError, match=r"[Hh]ash"):
        install(lock, _write(tmp_path / "tools.txt"), tmp_path / "python", "3.10", *options)
    _write(lock, pin)
    install(lock, tmp_path / "tools.txt", tmp_path / "python", "3.10", *options)


def test_what_this_machine_compiled_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "pure-1.dist-info/WHEEL", "Tag: py3-none-any\n")
    _write(tmp_path / "built-1.dist-info/WHEEL", "Tag: cp310-cp310-manylinux_2_17_x86_64\n")
    refuse_compiled_here(tmp_path)
    _write(tmp_path / "here-1.dist-info/WHEEL", "Tag: cp310-cp310-linux_x86_64\n")
    with pytest.raises(BuildError, match=r"unfit for another: here-1\."):
        refuse_compiled_here(tmp_path)


def test_the_runtime_of_s_yaml_is_one_that_the_functions_are_tested_on() -> None:
    assert runtime(ROOT / "s.yaml") in RUNTIMES


@pytest.mark.parametrize("text", ["{}", "vars: {runtime: python3.11}", "vars: {runtime: '3.10'}", "vars:"])
def test_another_runtime_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BuildError, match=r"vars\.runtime is .*Set it to python3\.10 or python3\.12\."):
        runtime(_write(tmp_path / "s.yaml", text))


def test_a_command_that_fails_says_what_it_said() -> None:
    with pytest.raises(BuildError, match="no such luck"):
        run([sys.executable, "-c", "raise SystemExit('no such luck')"])


def test_a_policy_file_that_cannot_be_used_is_not_packed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    text = (ROOT / "s.yaml").read_text(encoding="utf-8")
    _write(root / "s.yaml", text)
    _write(root / "functions" / "policies.yaml", "version: 1\npolicies: []\n")
    with pytest.raises(PolicyError, match="guardrails"):
        build(root, tmp_path / "build", "3.12", None)
    assert not (tmp_path / "build").exists()
