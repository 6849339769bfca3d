import glob
import os

import pytest

from topicgen.corpus.reading.patterns import matches

NAMES = ["a.txt", "m/b.txt", "m/n/c.txt", "m/n/d.csv", ".h/e.txt", "m/.f.txt", "x[1]/g.txt"]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in NAMES:
        path = tmp_path / "t" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


PATTERNS = [
    "**",
    "t/**",
    "t/**/",
    "**/*.txt",
    "t/**/*.txt",
    "t/**/n/*",
    "t/**/n",
    "**/n/**",
    "t/*",
    "t/m/*.txt",
    "t/**/.f*",
    "t/.h/*",
    "t/[am]*",
    "t/**/[bc].txt",
    "**/m/**/*.csv",
    "./t/**/*.txt",
    "t/**/x[[]1]/*",
    "t/?.txt",
    "*/**/*.txt",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("is_absolute", [False, True])
def test_it_matches_what_glob_matches(tree, pattern, is_absolute):
    pattern = str(tree / pattern) if is_absolute else pattern
    expected = {os.path.normpath(path) for path in glob.glob(pattern, recursive=True)}
    if pattern.endswith("/"):
        expected = set(map(os.path.normpath, glob.glob(pattern[:-1], recursive=True)))
    assert {os.path.normpath(path) for path in matches(pattern)} - {"."} == expected - {"."}


def test_each_path_comes_once(tree):
    assert matches("t/**/**/*.txt") == matches("t/**/*.txt")
    assert len(matches("t/**/**")) == len(set(matches("t/**/**")))


def test_links_in_a_circle_end(tree):
    for name in ("t/m/up", "t/m/again", "t/m/n/up", "t/loop"):
        os.symlink("..", name)
    found = matches("t/**/*.txt")
    assert {os.path.basename(path) for path in found} == {"a.txt", "b.txt", "c.txt", "g.txt"}
    assert len(found) == 4
    assert "t/a.txt" in found


def test_links_to_folders_are_followed_once_under_their_own_name_if_possible(tree):
    os.symlink("m", "t/aaa")
    os.mkdir("other")
    open("other/z.txt", "w").close()
    os.symlink("../other", "t/zzz")
    found = matches("t/**/*.txt")
    assert "t/m/b.txt" in found
    assert "t/aaa/b.txt" not in found
    assert "t/zzz/z.txt" in found
