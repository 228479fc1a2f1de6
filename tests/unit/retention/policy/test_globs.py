"""The glob engine against wcmatch, which decides alike and takes minutes for some globs (see docs/dependencies.md)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcmatch import fnmatch
from wcmatch import glob as globmatching

from functions.retention.policy.globs import (
    GlobList,
    check_name_glob,
    check_path_glob,
    composed,
    covers,
    leave_nothing_out,
    matches_everything,
)
from tests.examples import examples

NAMES = st.text(alphabet="ab.", min_size=1, max_size=4).filter(lambda name: name not in {".", ".."})
PATHS = st.lists(NAMES, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts))
PIECES = st.sampled_from(["a", "b", ".", "?", "*", "[ab]", "[!a]", "[a-b]"])
COMPONENTS = (
    st.lists(PIECES, min_size=1, max_size=5)
    .map("".join)
    .filter(lambda text: "**" not in text and text not in {".", ".."})
)
NAME_GLOBS = COMPONENTS
PATH_GLOBS = st.lists(st.one_of(COMPONENTS, st.just("**")), min_size=1, max_size=5).map(lambda c: "/" + "/".join(c))


def name_matches(glob: str, name: str) -> bool:
    """What wcmatch decides, which tries every place."""
    return bool(fnmatch.fnmatch(name, glob, flags=fnmatch.CASE | fnmatch.DOTMATCH | fnmatch.FORCEUNIX))


def path_matches(glob: str, path: str) -> bool:
    """What wcmatch decides, which tries every place."""
    flags = globmatching.GLOBSTAR | globmatching.DOTGLOB | globmatching.CASE | globmatching.FORCEUNIX
    return bool(globmatching.globmatch(path, glob, flags=flags))


def upwards(path: str) -> list[str]:
    parts = path[1:].split("/")
    return ["/" + "/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


@given(glob=NAME_GLOBS, name=NAMES)
def test_a_name_glob_matches_what_wcmatch_matches(glob: str, name: str) -> None:
    assert (GlobList([check_name_glob(glob)]).find(name) is not None) == name_matches(glob, name)


@examples(250)
@given(glob=PATH_GLOBS, path=PATHS)
def test_a_path_glob_matches_what_wcmatch_matches(glob: str, path: str) -> None:
    assert (GlobList([check_path_glob(glob)]).find(path) is not None) == path_matches(glob, path)


@examples(250)
@given(globs=st.lists(PATH_GLOBS, max_size=4), path=PATHS)
def test_a_list_names_its_first_glob_that_matches(globs: list[str], path: str) -> None:
    expected = next((glob for glob in globs if path_matches(glob, path)), None)
    assert GlobList(globs).which(path) == expected


@examples(250)
@given(glob=PATH_GLOBS, path=PATHS)
def test_a_tree_glob_matches_its_directory_and_all_below(glob: str, path: str) -> None:
    itself = glob
    while itself.endswith("/**"):
        itself = itself.removesuffix("/**")
    expected = not itself or any(path_matches(itself, above) for above in upwards(path))
    assert (GlobList([glob], trees=True).find(path) is not None) == expected


@examples(250)
@given(glob=PATH_GLOBS, path=PATHS, trees=st.booleans())
def test_a_directory_above_a_match_is_reached(glob: str, path: str, *, trees: bool) -> None:
    globs = GlobList([glob], trees=trees)
    if globs.find(path):
        assert all(globs.may_match_below(above) for above in ["/", *upwards(path)])


@examples(250)
@given(glob=PATH_GLOBS, path=PATHS, below=PATHS, trees=st.booleans())
def test_what_is_swept_matches_to_the_last_path(glob: str, path: str, below: str, *, trees: bool) -> None:
    globs = GlobList([glob], trees=trees)
    if globs.matches_all_below(path):
        assert globs.find(path + below)
    if globs.matches_all_below("/"):
        assert globs.find(below)


@given(glob=st.one_of(PATH_GLOBS, NAME_GLOBS))
def test_a_glob_that_matches_everything_leaves_nothing_out(glob: str) -> None:
    assert leave_nothing_out([glob]) >= matches_everything(glob)


@given(glob=st.one_of(PATH_GLOBS, NAME_GLOBS), path=PATHS)
def test_a_glob_that_is_said_to_match_everything_does(glob: str, path: str) -> None:
    if matches_everything(glob):
        assert GlobList([glob]).find(path if glob.startswith("/") else path.rpartition("/")[2])


@examples(250)
@given(
    wide=st.one_of(PATH_GLOBS, st.sampled_from(["/a/**", "/**", "/a/*/**"])),
    narrow=st.one_of(PATH_GLOBS, PATHS, COMPONENTS.map(lambda last: f"/a/b/{last}")),
    path=PATHS,
)
def test_a_glob_that_is_said_to_cover_another_does(wide: str, narrow: str, path: str) -> None:
    if covers(wide, narrow) and path_matches(narrow, path):
        assert path_matches(wide, path)


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ("/a/**", "/a/**", True),
        ("/a/**", "/a/b/*.log", True),
        ("/a/**", "/a/b", True),
        ("/a/**", "/a", False),
        ("/a/**", "/ab/**", False),
        ("/a/*", "/a/b/**", False),
        ("/**", "/a", True),
        ("/*/x/**", "/a/x/?", True),
        ("*", "a*", True),
        ("*.log", "a.log", True),
        ("*.log", "*.log", True),
        ("*.log", "a*.log", False),
    ],
)
def test_what_a_glob_plainly_covers_is_known(wide: str, narrow: str, *, covered: bool) -> None:
    assert covers(wide, narrow) is covered


@pytest.mark.parametrize("glob", ["/**", "/**/*", "/**/**", "*", "?*", "*?"])
def test_globs_that_leave_nothing_out_are_known_as_such(glob: str) -> None:
    assert matches_everything(glob)


@pytest.mark.parametrize("glob", ["/*", "/*/**", "/a/**", "/**/a", "a*", "?", "??*", "[ab]*"])
def test_globs_that_leave_something_out_are_not_everything(glob: str) -> None:
    assert not matches_everything(glob)


@pytest.mark.parametrize(
    ("glob", "directory", "reached"),
    [
        ("/logs/app/**", "/logs", True),
        ("/logs/app/**", "/logs/app/x/y", True),
        ("/logs/app/**", "/logs/other", False),
        ("/logs/*.old", "/logs", True),
        ("/logs/*.old", "/logs/a.old/deeper", False),
        ("/**/core", "/anywhere/at/all", True),
    ],
)
def test_directories_out_of_reach_need_no_listing(glob: str, directory: str, *, reached: bool) -> None:
    assert GlobList([glob]).may_match_below(directory) is reached


def test_an_empty_list_matches_reaches_and_sweeps_nothing() -> None:
    nothing = GlobList([])
    assert not nothing.find("/a")
    assert nothing.which("/a") is None
    assert not nothing.may_match_below("/")
    assert not nothing.matches_all_below("/")


@pytest.mark.parametrize(
    ("glob", "name"), [("[*]", "*"), ("[[]x]", "[x]"), ("[]]", "]"), ("[!]]", "a"), ("[-a]", "-"), ("a.c", "a.c")]
)
def test_a_set_takes_the_sign_out_of_a_sign(glob: str, name: str) -> None:
    assert GlobList([check_name_glob(glob)]).find(name)


@pytest.mark.parametrize(("glob", "name"), [("a.c", "abc"), ("[!]]", "]"), ("A", "a"), ("[a-c]", "B"), ("a+", "aa")])
def test_letters_stand_for_themselves_and_case_counts(glob: str, name: str) -> None:
    assert not GlobList([check_name_glob(glob)]).find(name)


@pytest.mark.parametrize("glob", ["/a[!b]c", "/a[+-9]c", "/a?c", "/a*c"])
def test_nothing_but_two_stars_crosses_a_slash(glob: str) -> None:
    assert not GlobList([check_path_glob(glob)]).find("/a/c")


def test_a_line_break_in_a_name_is_a_character_like_any_other() -> None:
    assert GlobList(["/a/**"]).find("/a/b\nc")
    assert not GlobList(["a"]).find("a\n")


def test_a_glob_finds_the_name_a_mac_wrote() -> None:
    decomposed = "/cafe\u0301/menu"
    assert GlobList([check_path_glob("/caf\u00e9/**")]).find(composed(decomposed))
    assert check_path_glob("/cafe\u0301") == "/caf\u00e9"


@pytest.mark.parametrize(
    ("glob", "advice"),
    [
        ("logs/*", "start with /"),
        ("*.log", "/**/"),
        ("/logs/", "'/logs/**'"),
        ("/", "the root itself"),
        ("/a//b", "component ''"),
        ("/a/../b", "component '..'"),
        ("/a/**.log", "stands alone"),
        ("/a/***", "stands alone"),
        ("/a/{b,c}", "one glob for each"),
        ("\\a\\b", "absolute"),
        ("/a\\b", "backslash"),
        ("/a/[b", "without its ]"),
        ("/a/[z-a]", "a-z"),
        ("/a/[^b]", "[!...]"),
        ("", "not a glob"),
        (7, "not a glob"),
    ],
)
def test_a_path_glob_that_cannot_mean_what_it_says_is_refused(glob: object, advice: str) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        check_path_glob(glob)
    assert advice in str(refusal.value)


@pytest.mark.parametrize(("glob", "advice"), [("a/b", "path glob"), ("**", "write '*'"), ("..", "component"), ("", "")])
def test_a_name_glob_is_one_component(glob: str, advice: str) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        check_name_glob(glob)
    assert advice in str(refusal.value)


def test_a_leading_double_star_means_from_the_root() -> None:
    assert check_path_glob("**") == "/**"
    assert check_path_glob("**/core") == "/**/core"


def test_many_stars_do_not_explode() -> None:
    """Tried in all places, these would not end within a lifetime."""
    worst = GlobList([check_path_glob("/" + "*a" * 12 + "b"), check_path_glob("/" + "**/a*a/" * 12 + "b")])
    assert not worst.find("/" + "a" * 255)
    assert not worst.find("/aa" * 300)
