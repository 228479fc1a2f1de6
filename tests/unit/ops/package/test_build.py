"""Packaging: what goes in, what stays out, and that equal inputs give equal bytes."""

import marshal
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import CodeType

import pytest

from ops.package.archive import write_zip
from ops.package.build import SOURCE_ONLY, BuildError, compile_tree, copy_functions, install, run
from ops.package.interpreters import candidates, find
from ops.package.lock import LockError, check_covers, check_same, installed, read_pins
from ops.package.prune import DISTRIBUTIONS, PATHS, Pruned, kept
from ops.package.stand_ins import STAND_INS, StandIn, write_stand_ins

ROOT = Path(__file__).resolve().parents[4]
REQUIRED = read_pins((ROOT / "requirements.txt").read_text())
LOCK = read_pins((ROOT / "ops/package/lock.txt").read_text())
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
PYC_HEADER = 16
UNCHECKED_HASH = 1


def _write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _distribution(folder: Path, name: str, *files: str) -> None:
    for file in files:
        _write(folder / file, "x")
    info = f"{name}-1.0.dist-info"
    _write(folder / info / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    _write(folder / info / "RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/METADATA", f"{info}/RECORD"]))


def _wheel(folder: Path, name: str) -> None:
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


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


def test_pins_are_read_by_normalised_name() -> None:
    assert read_pins("# all\nPy_YAML==6.0.3  # why\n\nzope.interface==1\n") == {
        "py-yaml": "6.0.3",
        "zope-interface": "1",
    }


@pytest.mark.parametrize("line", ["pydantic>=2", "pydantic", "-r other.txt"])
def test_what_is_no_pin_is_refused(line: str) -> None:
    with pytest.raises(LockError, match=r"takes name==version"):
        read_pins(line)


def test_every_difference_from_the_lock_is_named() -> None:
    with pytest.raises(LockError) as raised:
        check_same({"a": "1", "b": "1", "same": "1"}, {"b": "2", "c": "1", "same": "1"})
    assert str(raised.value).splitlines() == [
        "a: locked 1, installed not at all",
        "b: locked 1, installed 2",
        "c: locked not at all, installed 1",
    ]


def test_the_lock_may_hold_more_than_is_required_but_not_less() -> None:
    check_covers({"a": "1", "b": "1"}, {"a": "1"})
    with pytest.raises(LockError, match="c: locked not at all, required 1"):
        check_covers({"a": "1"}, {"c": "1"})


def test_the_lock_of_this_project_covers_its_requirements() -> None:
    check_covers(LOCK, REQUIRED)


def test_only_indirect_dependencies_are_pruned_each_with_a_reason() -> None:
    names = {line.what for line in DISTRIBUTIONS}
    assert names <= LOCK.keys() - REQUIRED.keys()
    assert set(SOURCE_ONLY) <= LOCK.keys() - names
    assert all(line.reason for line in (*DISTRIBUTIONS, *PATHS))


def test_pruned_distributions_and_paths_stay_out(tmp_path: Path) -> None:
    _distribution(tmp_path, "Heavy_One", "heavy/__init__.py", "heavy/data.bin")
    _distribution(tmp_path, "light", "light/__init__.py", "light/types.pyi", "light/__pycache__/x.pyc")
    files = kept(
        tmp_path, [Pruned("heavy-one", "never imported")], [Pruned("*.pyi", "types"), Pruned("*/RECORD", "pip")]
    )
    assert [path.relative_to(tmp_path).as_posix() for path in files] == [
        "light-1.0.dist-info/METADATA",
        "light/__init__.py",
    ]


@pytest.mark.parametrize("stale", ["whole", "paths"])
def test_a_line_of_the_prune_list_that_matches_nothing_is_refused(tmp_path: Path, stale: str) -> None:
    _distribution(tmp_path, "light", "light/__init__.py")
    gone = [Pruned("gone", "was never imported")]
    with pytest.raises(LookupError, match="gone"):
        kept(tmp_path, gone if stale == "whole" else [], gone if stale == "paths" else [])


def test_what_has_a_stand_in_is_left_out_itself() -> None:
    assert {stand_in.distribution for stand_in in STAND_INS} <= {line.what for line in DISTRIBUTIONS}


USE_STAND_IN = """
import far.away, far.off.beyond
from far.off.beyond import Engine
for use in (Engine, lambda: Engine(1, warp=2), lambda: far.off.beyond.Brake):
    try:
        use()
    except (NotImplementedError, AttributeError) as error:
        print(error)
"""


def test_a_stand_in_can_be_imported_and_not_be_used(tmp_path: Path) -> None:
    write_stand_ins(tmp_path, [StandIn("far", {"far.away": (), "far.off.beyond": ("Engine",)}, "flies")])
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{USE_STAND_IN}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    left_out = "far.off.beyond.Engine is left out of this package: see ops/package/stand_ins.py"
    assert done.stdout.splitlines() == [left_out, left_out, "module 'far.off.beyond' has no attribute 'Brake'"]


def test_no_stand_in_takes_the_place_of_what_is_there(tmp_path: Path) -> None:
    _write(tmp_path / "far/__init__.py", "real = True\n")
    with pytest.raises(FileExistsError, match="far/__init__"):
        write_stand_ins(tmp_path, [StandIn("far", {"far.away": ()}, "flies")])
    assert (tmp_path / "far/__init__.py").read_text() == "real = True\n"


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


def test_functions_are_copied_without_caches_or_what_was_there_before(tmp_path: Path) -> None:
    _write(tmp_path / "root/functions/a.py", "new")
    _write(tmp_path / "root/functions/policies.yaml")
    _write(tmp_path / "root/functions/__pycache__/a.pyc")
    _write(tmp_path / "root/tests/test_a.py")
    _write(tmp_path / "to/functions/gone.py")
    copy_functions(tmp_path / "root", tmp_path / "to")
    names = sorted(
        path.relative_to(tmp_path / "to").as_posix() for path in (tmp_path / "to").rglob("*") if path.is_file()
    )
    assert names == ["functions/a.py", "functions/policies.yaml"]


def test_installing_takes_what_the_lock_says_and_is_done_once(tmp_path: Path) -> None:
    _wheel(tmp_path, "first")
    lock = _write(tmp_path / "lock.txt", "first==1.0\n")
    target = tmp_path / "plain/python"
    options = ("--no-index", "--find-links", str(tmp_path))
    install(lock, tmp_path / "wheels", target, *options)
    assert installed(target) == {"first": "1.0"}
    (tmp_path / "first-1.0-py3-none-any.whl").unlink()
    install(lock, tmp_path / "wheels", target, *options)
    _write(lock, "first==2.0\n")
    with pytest.raises(BuildError, match="first"):
        install(lock, tmp_path / "wheels", target, *options)


def test_a_command_that_fails_says_what_it_said() -> None:
    with pytest.raises(BuildError, match="no such luck"):
        run([sys.executable, "-c", "raise SystemExit('no such luck')"])
